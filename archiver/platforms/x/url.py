"""X, formerly Twitter: which URL is a post, and what its id says about its time.

Front ends that show X posts under their own host name (embed fixers, Nitter) are the same posts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from archiver.platforms.base import PostRef, address, moment

NAME = "x"
LABEL = "X"
HOSTS = (
    "twitter.com", "x.com", "fxtwitter.com", "vxtwitter.com", "fixvx.com", "fixupx.com", "twittpr.com", "xcancel.com",
)  # fmt: skip
REDIRECTS = ("t.co", "pic.twitter.com", "pic.x.com")

EPOCH_MS = 1288834974657
FIRST_TIMED_ID = 29_700_859_247
"""Ids below it were given before November 2010 and hold no time."""

ID_END = 2_400_000_000_000_000_000
"""No post has a larger id before the year 2028; numbers of other things do."""

_STATUS = re.compile(
    r"(?:/\#!)?/(?:(?P<user>(?!i/)\w{1,20})/|i/(?:web/)?)?status(?:es)?/(?P<id>\d{1,19})(?!\d)", re.IGNORECASE
)
_EMBED = re.compile(r"/embed/(?:Tweet|index)\.html", re.IGNORECASE)
_ID = re.compile(r"\d{1,19}")


def match(url: str) -> PostRef | None:
    """The post that `url` shows: `/USER/status/N` in all its forms, and the widget's frame."""
    at = address(url)
    if at is None or not (at.on(*HOSTS) or re.match(r"nitter\.[\w.-]+$", at.host)):
        return None
    if at.on("platform.twitter.com", "platform.x.com"):
        post_id = at.query.get("id") or at.query.get("tweetId") or ""
        return post(post_id) if _EMBED.match(at.path) and _ID.fullmatch(post_id) else None
    path = "/#" + at.fragment if at.path in ("", "/") and at.fragment.startswith("!") else at.path
    found = _STATUS.match(path)
    return post(found["id"], found["user"]) if found else None


def post(native_id: str, username: str | None = None) -> PostRef:
    """The reference to a post whose id is known."""
    return PostRef(NAME, native_id, f"https://x.com/{username or 'i'}/status/{native_id}", username)


def id_time(native_id: str) -> datetime | None:
    """When the id was given; None for ids from before November 2010."""
    number = int(native_id) if native_id.isdecimal() else 0
    return moment((number >> 22) + EPOCH_MS) if number >= FIRST_TIMED_ID else None


def edited(native_id: str, versions: Sequence[str]) -> datetime | None:
    """When a version of a post was made that is not its first: each edit has an id of its own, which holds the time."""
    return id_time(native_id) if native_id in versions[1:] else None
