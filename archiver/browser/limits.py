"""What one page may cost, what it left out, and the two questions that are put to the caller.

Belongs here: shapes that `page` and `traffic` share.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from archiver.models import CapturePointer, Exchange
from archiver.reasons import Reason

Robots = tuple[str, str, str | None]
"""(decision, reason, record id), as in `CrawlContext.robots`."""

Permit = Callable[[str, bool], Awaitable[Robots | None]]
"""Whether a URL may be asked for (True: it is the page itself); raises `Refused`."""

Record = Callable[[Exchange, str | None], Awaitable[CapturePointer | None]]
"""Records an exchange with the id of its page (as `WarcWriter.write` takes it); its pointer."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`time`: seconds for a page. `size`: bytes of all its bodies, and of any single one. `requests`: how many it may make.

    `per_host`: requests to one host at a time. `height`: pixels that are scrolled through and pictured at most. `scroll`: whether.
    """

    time: float = 60.0
    size: int = 50 * 2**20
    requests: int = 500
    per_host: int = 4
    height: int = 12_000
    scroll: bool = True


@dataclass(frozen=True, slots=True)
class Left:
    """Something that a page wanted and did not get."""

    url: str
    reason: Reason
    detail: str
