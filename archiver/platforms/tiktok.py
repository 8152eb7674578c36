"""TikTok: which URL is a video or a photo post, and what its id says about its time."""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms.base import PostRef, address, moment

NAME = "tiktok"
LABEL = "TikTok"
HOSTS = ("tiktok.com",)
REDIRECTS = ("vm.tiktok.com", "vt.tiktok.com")

_OWN = re.compile(r"/@(?P<user>[\w.]+)/(?P<kind>video|photo)/(?P<id>\d{10,20})(?!\d)")
_EMBED = re.compile(r"/(?:embed(?:/v\d)?|player/v\d)/(?P<id>\d{10,20})(?!\d)|/v/(?P<id2>\d{10,20})\.html")
_SHORT = re.compile(r"/(?:t/)?(?P<code>\w{6,16})/?")


def match(url: str) -> PostRef | None:
    """`/@user/video/ID`, `/photo/ID`, the players, and the short forms that need one redirect."""
    at = address(url)
    if at is None or not at.on(*HOSTS):
        return None
    if found := _OWN.match(at.path):
        user = found["user"]
        return PostRef(NAME, found["id"], f"https://www.tiktok.com/@{user}/{found['kind']}/{found['id']}", user)
    if found := _EMBED.match(at.path):
        number = found["id"] or found["id2"]
        return post(number)
    if at.host in REDIRECTS or at.path.startswith("/t/"):
        found = _SHORT.fullmatch(at.path)
        if found:
            host = at.host if at.host in REDIRECTS else "www.tiktok.com/t"
            return PostRef(NAME, None, f"https://{host}/{found['code']}/", extra={"needs": "redirect"})
    return None


def post(native_id: str) -> PostRef:
    """The reference to a video whose id is known and whose user is not: `@` alone leads to the right page."""
    return PostRef(NAME, native_id, f"https://www.tiktok.com/@/video/{native_id}")


def id_time(native_id: str) -> datetime | None:
    """Seconds in the upper half of the id; a cross-check only (posts.md 4.3)."""
    return moment((int(native_id) >> 32) * 1000) if native_id.isdecimal() else None
