"""Truth Social: which URL is a post, what its id says about its time, and how its Mastodon-like API is asked."""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms import fediverse
from archiver.platforms.base import PostRef, address, moment
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Reading, Step

NAME = "truthsocial"
LABEL = "Truth Social"
HOSTS = ("truthsocial.com",)
REDIRECTS: tuple[str, ...] = ()

_FORMS = re.compile(
    r"/(?:@(?P<user>\w+)/(?:posts/)?|users/(?P<user2>\w+)/statuses/)(?P<id>\d{10,20})(?:/embed)?/?", re.IGNORECASE
)


def match(url: str) -> PostRef | None:
    """`/@user/ID`, `/@user/posts/ID`, `/users/user/statuses/ID`, each also with `/embed`."""
    at = address(url)
    if at is None or not at.on(*HOSTS) or not (found := _FORMS.fullmatch(at.path)):
        return None
    user = found["user"] or found["user2"]
    return PostRef(NAME, found["id"], f"https://truthsocial.com/@{user}/{found['id']}", user)


def id_time(native_id: str) -> datetime | None:
    """When the id was given: Mastodon's rule."""
    return moment(int(native_id) >> 16) if native_id.isdecimal() else None


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """The API, then the page. Bot walls are common on both."""
    pace = options.pace("truthsocial")
    return [
        Step(
            "api",
            options.url("truthsocial", f"/api/v1/statuses/{ref.native_id}"),
            host_pace=pace,
            endpoint="truthsocial",
        ),
        Step(
            "page",
            options.url("truthsocial", f"/@{ref.username or 'i'}/{ref.native_id}"),
            host_pace=pace,
            endpoint="truthsocial",
        ),
    ]


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """A status, or the page's metadata."""
    return fediverse.read_page(answer, ref) if step.method == "page" else fediverse.read_status(answer, ref)
