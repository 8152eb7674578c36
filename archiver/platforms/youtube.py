"""YouTube: which URL is a video."""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms.base import PostRef, address

NAME = "youtube"
LABEL = "YouTube"
HOSTS = ("youtube.com", "youtu.be", "youtube-nocookie.com")
REDIRECTS: tuple[str, ...] = ()

_ID = re.compile(r"[\w-]{11}")
_PATH = re.compile(r"/(?:embed|shorts|live|v|e|vi)/(?P<id>[\w-]{11})(?![\w-])")
_RESERVED = frozenset({"videoseries", "live_stream"})
_START = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


def match(url: str) -> PostRef | None:
    """A video's page, short link or player. `extra["start"]` is the second at which the page lets it begin."""
    at = address(url)
    if at is None or not at.on(*HOSTS):
        return None
    if at.on("youtu.be"):
        video = at.path.strip("/").partition("/")[0]
    elif at.path.rstrip("/") in ("/watch", "/embed", "/v"):
        video = at.query.get("v", "")
    else:
        found = _PATH.match(at.path)
        video = found["id"] if found else ""
    if not _ID.fullmatch(video) or video in _RESERVED:
        return None
    return post(video, at.query.get("start") or at.query.get("t"))


def post(video: str, start: str | None = None) -> PostRef:
    """The reference to a video whose id is known."""
    seconds = _seconds(start)
    return PostRef(
        NAME, video, f"https://www.youtube.com/watch?v={video}", extra={"start": str(seconds)} if seconds else {}
    )


def _seconds(start: str | None) -> int:
    found = _START.fullmatch(start) if start and len(start) < 12 else None
    if not found:
        return 0
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def id_time(native_id: str) -> datetime | None:
    """Always None: the id is random."""
    return None
