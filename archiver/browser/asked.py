"""A request of a page and its answer as they are kept while they are under way, and what an event of the protocol says of them.

Belongs here: shapes and pure functions that `traffic` works with.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from archiver.browser.cdp import Event
from archiver.browser.limits import Robots
from archiver.models import CapturePointer, CrawlContext


@dataclass(frozen=True, slots=True)
class Answered:
    """The document of a page: where it was found, its recorded capture, and what the crawler may look at."""

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    pointer: CapturePointer | None


@dataclass(slots=True)
class Asked:
    """A request that was let through."""

    url: str
    method: str
    body: bytes
    started: datetime
    began: float
    robots: Robots | None
    main: bool
    context: CrawlContext


def fields_of(event: Event) -> tuple[tuple[str, str], ...]:
    return tuple((field["name"], field["value"]) for field in event.get("responseHeaders", ()))


def posted(request: dict[str, Any]) -> bytes:
    entries = request.get("postDataEntries") or ()
    if entries:
        return b"".join(base64.b64decode(entry.get("bytes", "")) for entry in entries)
    return str(request.get("postData", "")).encode()


def origin_of(url: str) -> str:
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    return f"{host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
