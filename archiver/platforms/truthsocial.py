"""Truth Social: which URL is a post, and what its id says about its time."""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms.base import PostRef, address, moment

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
    """When the id was given: Mastodon's rule (posts.md 4.3)."""
    return moment(int(native_id) >> 16) if native_id.isdecimal() else None
