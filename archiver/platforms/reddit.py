"""Reddit: which URL is a post or a comment. Media hosts (`i.redd.it`, `v.redd.it`) are not posts."""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms.base import PostRef, address

NAME = "reddit"
LABEL = "Reddit"
HOSTS = ("reddit.com", "redd.it", "redditmedia.com")
REDIRECTS: tuple[str, ...] = ()

_COMMENTS = re.compile(
    r"(?:/(?:r|user|u)/(?P<sub>[\w.-]+))?/comments/(?P<id>[a-z0-9]{3,13})"
    r"(?:/comment/(?P<comment2>[a-z0-9]{3,13})|/[^/]*/(?P<comment>[a-z0-9]{3,13}))?(?:/.*)?",
    re.IGNORECASE,
)
_SHORT = re.compile(r"/(?P<id>[a-z0-9]{4,13})/?", re.IGNORECASE)
_SHARE = re.compile(r"/(?:r|u|user)/(?P<sub>[\w.-]+)/s/(?P<code>\w{6,16})/?", re.IGNORECASE)


def match(url: str) -> PostRef | None:
    """`/r/SUB/comments/ID`, a comment below it, `redd.it/ID`, and `/r/SUB/s/CODE`, which needs one redirect."""
    at = address(url)
    if at is None or not at.on(*HOSTS):
        return None
    if at.on("redd.it"):
        found = _SHORT.fullmatch(at.path) if at.host in ("redd.it", "www.redd.it") else None
        return post(found["id"]) if found else None
    if found := _SHARE.fullmatch(at.path):
        url = f"https://www.reddit.com/r/{found['sub']}/s/{found['code']}"
        return PostRef(NAME, None, url, extra={"needs": "redirect", "subreddit": found["sub"]})
    found = _COMMENTS.fullmatch(at.path)
    return post(found["id"], found["comment"] or found["comment2"], found["sub"]) if found else None


def post(number: str, comment: str | None = None, subreddit: str | None = None) -> PostRef:
    """The reference to a post, or to a comment of it, by their base 36 ids."""
    number = number.lower()
    url = f"https://www.reddit.com/comments/{number}/"
    extra = {"subreddit": subreddit} if subreddit else {}
    if comment:
        comment = comment.lower()
        return PostRef(NAME, f"t1_{comment}", f"{url}comment/{comment}/", extra={**extra, "post": f"t3_{number}"})
    return PostRef(NAME, f"t3_{number}", url, extra=extra)


def id_time(native_id: str) -> datetime | None:
    """Always None: ids are counted."""
    return None
