"""Threads: which URL is a post, and the request to its oEmbed, whose terms forbid keeping the text."""

from __future__ import annotations

import re
from datetime import datetime

from archiver.platforms import instagram, metagraph
from archiver.platforms.base import PostRef, address
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Reading, Step

NAME = "threads"
LABEL = "Threads"
HOSTS = ("threads.net", "threads.com")
REDIRECTS: tuple[str, ...] = ()

_PATH = re.compile(r"/(?:@(?P<user>[\w.]+)/post|t)/(?P<code>[\w-]{5,40})(?:/.*)?")


def match(url: str) -> PostRef | None:
    """`/@user/post/CODE` and `/t/CODE` on both host names."""
    at = address(url)
    found = _PATH.fullmatch(at.path) if at is not None and at.on(*HOSTS) else None
    if not found:
        return None
    user, code = found["user"], found["code"]
    return PostRef(
        NAME,
        code,
        f"https://www.threads.com/@{user}/post/{code}" if user else f"https://www.threads.com/t/{code}",
        user,
    )


def id_time(native_id: str) -> datetime | None:
    """As Instagram's, whose number space it shares; a cross-check only."""
    return instagram.id_time(native_id)


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """Threads' oEmbed, off by default."""
    return [metagraph.step(ref, options, "/v1.0/oembed", "threads.graph")]


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """That the post exists, and nothing of its text."""
    return metagraph.read(answer, ref, keep_text=False)
