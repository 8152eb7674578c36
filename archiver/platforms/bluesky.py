"""Bluesky: which URL is a post, and what its record key says about its time."""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms.base import PostRef, address, moment

NAME = "bluesky"
LABEL = "Bluesky"
HOSTS = ("bsky.app", "embed.bsky.app")
REDIRECTS: tuple[str, ...] = ()

_RKEY = r"(?P<rkey>[\w.~:-]{1,64})"
_WHO = r"(?P<who>did:[a-z]+:[\w.:%-]+|[\w.-]+\.[a-z][\w-]*)"
_WEB = re.compile(rf"/profile/{_WHO}/post/{_RKEY}")
_EMBED = re.compile(rf"/embed/{_WHO}/app\.bsky\.feed\.post/{_RKEY}")
_URI = re.compile(rf"at://{_WHO}/app\.bsky\.feed\.post/{_RKEY}")
_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"


def match(url: str) -> PostRef | None:
    """The post that a bsky.app page, its embed frame or an at:// URI names.

    The key is `DID/RKEY`. While only the user name is known it stands in the DID's place and `extra["needs"]` is `did`.
    """
    if url.startswith("at://"):
        found = _URI.match(url)
    else:
        at = address(url)
        if at is None or not at.on(*HOSTS):
            return None
        found = _EMBED.match(at.path) if at.host.startswith("embed.") else _WEB.match(at.path)
    if not found:
        return None
    who, rkey = found["who"], found["rkey"]
    canonical = f"https://bsky.app/profile/{who}/post/{rkey}"
    if who.startswith("did:"):
        return PostRef(NAME, f"{who}/{rkey}", canonical)
    return PostRef(NAME, f"{who.lower()}/{rkey}", canonical, who, {"needs": "did"})


def id_time(native_id: str) -> datetime | None:
    """What the author's software wrote into the record key; None for keys that are no TID (posts.md 4.3)."""
    rkey = native_id.rpartition("/")[2]
    if len(rkey) != 13 or any(letter not in _DIGITS for letter in rkey):
        return None
    number = 0
    for letter in rkey:
        number = number * 32 + _DIGITS.index(letter)
    return moment((number >> 10) // 1000)
