"""Instagram: which URL is a post or a reel, what its code says about its time, and the request to Meta's oEmbed.

Stories vanish and have no post.
"""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms import metagraph
from archiver.platforms.base import PostRef, address, moment
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Reading, Step

NAME = "instagram"
LABEL = "Instagram"
HOSTS = ("instagram.com", "instagr.am")
REDIRECTS: tuple[str, ...] = ()

EPOCH_MS = 1314220021721
_PATH = re.compile(r"(?:/(?P<user>[\w.]+))?/(?P<kind>p|reel|reels|tv)/(?P<code>[\w-]{5,40})(?:/.*)?")
_WORDS = frozenset({"audio", "videos"})
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def match(url: str) -> PostRef | None:
    """`/p/CODE`, `/reel/CODE`, `/tv/CODE`, each also below a user name; codes are case-sensitive."""
    at = address(url)
    found = _PATH.fullmatch(at.path) if at is not None and at.on(*HOSTS) else None
    return post(found["code"], found["user"]) if found and found["code"] not in _WORDS else None


def post(code: str, username: str | None = None) -> PostRef:
    """The reference to a post whose code is known."""
    return PostRef(NAME, code, f"https://www.instagram.com/p/{code}/", username)


def id_time(native_id: str) -> datetime | None:
    """Milliseconds in the upper bits of the number that the code spells; a cross-check only."""
    code = native_id[:11]
    if len(code) != 11 or any(letter not in _DIGITS for letter in code):
        return None
    number = 0
    for letter in code:
        number = number * 64 + _DIGITS.index(letter)
    return moment((number >> 23) + EPOCH_MS)


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """Meta's oEmbed, off by default."""
    return [metagraph.step(ref, options, f"/{metagraph.VERSION}/instagram_oembed")]


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """Partial at most."""
    return metagraph.read(answer, ref)
