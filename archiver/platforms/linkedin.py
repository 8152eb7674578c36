"""LinkedIn: which URL is a post, and what its page says (JSON-LD, or a wall with status 999). Activity, share and ugcPost are three number spaces: the kind stays part of the key."""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms import pages
from archiver.platforms.base import PostRef, address, moment
from archiver.platforms.failures import drift
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Reading, Step
from archiver.reasons import PostOutcome

NAME = "linkedin"
LABEL = "LinkedIn"
HOSTS = ("linkedin.com",)
REDIRECTS = ("lnkd.in",)

_KIND = {"activity": "activity", "share": "share", "ugcpost": "ugcPost"}
_URN = re.compile(
    r"/(?:embed/)?feed/update/urn:li:(?P<kind>activity|share|ugcPost):(?P<id>\d{15,20})(?!\d)", re.IGNORECASE
)
_NAMED = re.compile(
    r"/posts/(?P<user>[^/_]+)_?[^/]*?-(?P<kind>activity|share|ugcPost)-(?P<id>\d{15,20})(?:-[\w-]*)?/?", re.IGNORECASE
)


def match(url: str) -> PostRef | None:
    """`/feed/update/URN`, `/posts/…-KIND-N-xxxx` and the embed frame."""
    at = address(url)
    if at is None or not at.on(*HOSTS):
        return None
    if found := _URN.match(at.path):
        return post(found["kind"], found["id"])
    if found := _NAMED.fullmatch(at.path):
        return post(found["kind"], found["id"], found["user"])
    return None


def post(kind: str, number: str, username: str | None = None) -> PostRef:
    """The reference to a post by the kind of its number and the number."""
    urn = f"urn:li:{_KIND[kind.lower()]}:{number}"
    return PostRef(NAME, urn, f"https://www.linkedin.com/feed/update/{urn}", username)


def id_time(native_id: str) -> datetime | None:
    """Milliseconds in the upper bits of the number; a cross-check only."""
    number = native_id.rpartition(":")[2]
    return moment(int(number) >> 22) if number.isdecimal() else None


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """The post's page, once."""
    path = f"/feed/update/{ref.native_id}"
    return [Step("page", options.url("linkedin", path), host_pace=options.pace("linkedin"), endpoint="linkedin")]


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """The posting in the page's JSON-LD; 999 and the login page are walls."""
    tree = pages.page_of(answer)
    if isinstance(tree, Reading):
        return tree
    if node := pages.posting(tree):
        draft = pages.draft_of_posting(node, ref)
        return Reading(PostOutcome.OK if draft.text_complete else PostOutcome.PARTIAL, None, draft)
    found = pages.draft_of_metadata(tree, ref)
    return Reading(PostOutcome.PARTIAL, "only the page's metadata", found) if found else drift(answer, "no posting")
