"""What goes into the frontier and what comes out of it, as values.

Belongs here: frozen shapes and the key of a URL. `witnesses` of a URL's row is a JSON list of [feed id, seen at, hops, title, date].
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from archiver.frontier.schedule import SLACK
from archiver.models.pointer import RefersTo
from archiver.urls import canonical, surt_key


def key_of(url: str) -> int:
    """64 bits of a digest of the URL's SURT without tracking parameters, signed: http, https and www count as one.

    Among ten million URLs the chance that any two share a key is three in a million.
    """
    return digest64(surt_key(canonical(url)))


def digest64(text: str) -> int:
    """64 bits of a digest of `text` as a signed integer."""
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@dataclass(frozen=True, slots=True)
class Seen:
    """A URL that a feed, sitemap or page (`witness`) showed. `hops` as in `CrawlContext.hops_from_seed`."""

    url: str
    kind: str
    witness: str
    hops: str = ""
    title: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """The newest version of an article that is known. `fields`: name -> digest (see `archiver.versions`)."""

    number: int
    version_id: str
    fields: dict[str, Any]
    payload_sha256: str | None = None

    def as_previous(self) -> dict[str, Any]:
        """The JSON-ready dict that a request's context carries, so that a document can be made again from the WARC alone."""
        return {
            "version_id": self.version_id,
            "version_number": self.number,
            "payload_sha256": self.payload_sha256,
            "fields": self.fields,
        }


@dataclass(frozen=True, slots=True)
class Known:
    """A URL's row. `discovered` holds JSON-ready dicts as in an article document, the first witness first."""

    url: str
    source: str
    first_seen: datetime
    due: datetime | None
    first_fetch: datetime | None
    last_fetch: datetime | None
    tries: int
    reason: str | None
    hops: str = ""
    discovered: tuple[dict[str, Any], ...] = ()
    version: Version | None = None

    def is_due(self, now: datetime) -> bool:
        return self.due is not None and self.due <= now


@dataclass(frozen=True, slots=True)
class Mark:
    """What a try at a URL gave. `reason` is None for a document or an unchanged page; `version` where there is a new one.

    `moved`: the URL leads elsewhere, and its target has a row of its own.
    """

    url: str
    source: str
    at: datetime
    reason: str | None = None
    status: int | None = None
    version: Version | None = None
    moved: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """A discovery document's row."""

    url: str
    etag: str | None
    last_modified: str | None
    next_poll: datetime | None
    pause: float | None
    polls: int
    fresh: int
    failures: int
    entries: int
    sha256: str | None = None
    answered: str | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for the next poll, give or take a twentieth of the pause."""
        early = timedelta(seconds=(self.pause or 0) * SLACK)
        return self.next_poll is None or self.next_poll - early <= now


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll of a discovery document gave. `entries` is None for a 304 and for a failure; `sha256` is of the stored body,
    `answered` the URL that gave it, where that is another."""

    url: str
    kind: str
    at: datetime
    entries: int | None = None
    failed: bool = False
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    answered: str | None = None


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """An origin's robots.txt as it was captured. `content` is decoded, None where the origin had no file (4xx)."""

    origin: str
    fetched: datetime
    record_id: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Original:
    """A published record that a revisit may refer to."""

    url: str
    sha256: str
    fetched: datetime
    warc_filename: str
    offset: int
    length: int
    record_id: str

    def as_context(self) -> tuple[RefersTo, str]:
        """What `CrawlContext.original` wants."""
        refers = RefersTo(
            target_uri=self.url,
            date=self.fetched,
            warc_filename=self.warc_filename,
            warc_record_offset=self.offset,
            warc_record_length=self.length,
            warc_record_id=self.record_id,
        )
        return refers, self.sha256


@dataclass(frozen=True, slots=True)
class SourceRun:
    """What one run of a source gave, by name (see `archiver.expect`)."""

    run: str
    started: datetime
    measures: dict[str, float] = field(default_factory=dict)
