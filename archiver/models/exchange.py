"""What crossed the wire, before and after it has an address in a WARC.

Plain dataclasses: they carry bytes and are made once a request. `Exchange` is what the download handler saw, `CrawlContext`
is why it was asked for, `Capture` is an Exchange that is recorded and can be read again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from archiver.models.pointer import CapturePointer, RefersTo


class Truncated(StrEnum):
    """Values of WARC-Truncated (WARC 1.1 §5.13)."""

    LENGTH = "length"
    TIME = "time"
    DISCONNECT = "disconnect"
    UNSPECIFIED = "unspecified"


class Role(StrEnum):
    """What a capture was asked for. Only `ARTICLE` captures give documents; foreign WARCs have no role."""

    ARTICLE = "article"
    LISTING = "listing"
    FEED = "feed"
    SITEMAP = "sitemap"
    ROBOTS = "robots"
    REQUISITE = "requisite"
    POST = "post"


@dataclass(frozen=True, slots=True)
class CrawlContext:
    """Why a URL was asked for. Written whole into the capture's metadata record, so that a document can be made again.

    `hops_from_seed` uses Heritrix's letters (L link, E embed, R redirect, X speculative, P prerequisite, M manifest,
    I inferred), newest last; "" is a seed. `discovered` holds JSON-ready dicts as in an article document. `redirects` are
    (url, status) pairs from `requested_url` up to, and without, this URL. `robots` is (decision, reason, record id).
    `previous` is what an article's document has to know of the version before it (`archiver.versions`); {} is a first one.
    `original` is a published record of the same URL with the SHA-256 of its stored body: an answer with the same body is recorded as
    its revisit. It is no reason to ask, so it is not written.
    `post` says which step of which post's chain this is: a JSON-ready dict, made and read by `archiver.platforms`.
    `declared` is what the site as a whole says about the use of the page: `tdm_reservation`, `tdm_policy` and `tdm_record_id` by its
    tdmrep.json, `content_usage` by its robots.txt, each where it says something.
    """

    role: Role | None = None
    source: str | None = None
    seed: bool = False
    via: str | None = None
    hops_from_seed: str = ""
    requested_url: str | None = None
    redirects: tuple[tuple[str, int], ...] = ()
    discovered: tuple[dict[str, Any], ...] = ()
    robots: tuple[str, str, str | None] | None = None
    post: dict[str, Any] | None = None
    previous: dict[str, Any] | None = None
    declared: dict[str, str] | None = None
    original: tuple[RefersTo, str] | None = None
    run_id: str | None = None
    user_agent: str | None = None


@dataclass(slots=True)
class Exchange:
    """One request and its answer as bytes on the wire.

    `request` is head and body as sent. The answer is either `response` (bytes as received: interim heads, head, framing
    and body) or, beyond the memory threshold, the file `response_file` with the same bytes; the writer removes that file.
    `url` is scheme + host + request target exactly as sent. `started` is aware UTC with microseconds.
    `closed_by_peer` says that the connection ended, which is what delimits a body without length.
    """

    url: str
    method: str
    request: bytes
    started: datetime
    response: bytes = b""
    response_file: Path | None = None
    duration_ms: int = 0
    ip_address: str | None = None
    tls_version: str | None = None
    tls_cipher: str | None = None
    truncated: Truncated | None = None
    closed_by_peer: bool = False
    reused_connection: bool = False
    notes: tuple[str, ...] = ()
    context: CrawlContext = field(default_factory=CrawlContext)


@dataclass(frozen=True, slots=True)
class Capture:
    """A recorded Exchange as a reader gives it back: the input of `screen`, `extract` and `find_citations`.

    `head` is the stored HTTP head (status line to empty line), `headers` its fields in order as (name, value) with
    latin-1 decoding, `body` the stored body (transfer-decoded, content-coded; `archiver.payload.decode` undoes the
    coding). For a revisit `body` is the original's, or empty when `pointer.refers_to` could not be followed.
    `context` is empty for foreign WARCs.
    """

    url: str
    method: str
    head: bytes
    headers: tuple[tuple[str, str], ...]
    body: bytes
    pointer: CapturePointer
    context: CrawlContext = CrawlContext()

    @property
    def status(self) -> int | None:
        return self.pointer.fetch_status

    def header(self, name: str) -> str | None:
        """The first value of a header, by name without case; None when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def header_values(self, name: str) -> list[str]:
        """Every value of a header in order."""
        wanted = name.lower()
        return [value for key, value in self.headers if key.lower() == wanted]
