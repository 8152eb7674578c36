"""From a run's spool to what the frontier learns of it.

Belongs here: reading documents and refusals as marks. They are derived from what is durable, never kept beside it, so that a killed
run teaches exactly what its WARCs hold; and all speak of the moment at which the run began, so that doing it twice is doing it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from archiver.errors import Refused, WarcError
from archiver.frontier.rows import Mark, RobotsCopy, Version, key_of
from archiver.frontier.schedule import UNTRIED
from archiver.models import Article, Refusal
from archiver.payload import decode
from archiver.reasons import Reason
from archiver.versions import fields_of
from archiver.warc import read_capture_at

ROBOTS_MAX = 2**20
"""Bytes of a robots.txt that are kept: more than its reader looks at."""

UNSCHEDULED = b'"version_number":null'
"""Found in no document for another reason: within a string its quotation marks are written with backslashes."""

UNTRIED_REASONS = frozenset(reason.value for reason in UNTRIED)
"""Reasons of a run's refusals that say nothing about the URL: it was never asked for."""


def marks_of(lines: Iterable[bytes], refusals: Iterable[Refusal], started: datetime) -> Iterator[Mark]:
    """One mark a URL that the run tried. A document says more than a refusal of the same URL."""
    told: set[int] = set()
    for line in lines:
        if UNSCHEDULED in line:
            continue  # a page that somebody asked for; it belongs to no source's schedule
        article = Article.model_validate_json(line)
        for mark in _of_article(article, started):
            told.add(key_of(mark.url))
            yield mark
    for refusal in refusals:
        url = refusal.requested_url or refusal.url
        if refusal.reason in UNTRIED_REASONS or not refusal.source or key_of(url) in told:
            continue
        told.add(key_of(url))
        unchanged = refusal.reason == Reason.UNCHANGED.value
        yield Mark(url, refusal.source, started, reason=None if unchanged else refusal.reason)


def _of_article(article: Article, started: datetime) -> Iterator[Mark]:
    """The article's own URL with its version; the URL that led to it is done with."""
    source = article.source or ""
    status, digest = article.capture.fetch_status, article.capture.payload_sha256
    version = Version(article.version_number or 1, article.version_id, fields_of(article), digest)
    yield Mark(article.url, source, started, status=status, version=version)
    if key_of(article.requested_url) != key_of(article.url):
        yield Mark(article.requested_url, source, started, status=status, moved=True)


def robots_of(folder: Path, places: Iterable[tuple[str, str, int]]) -> Iterator[RobotsCopy]:
    """The robots.txt copies among a run's captures, by (origin, WARC key, offset). `folder` holds the run's WARCs.

    A capture beyond the cut of a killed run is not there; one that cannot be decoded, or says nothing about rules (5xx), is no copy.
    """
    for origin, key, offset in places:
        try:
            capture = read_capture_at(folder / key.rpartition("/")[2], offset, warc_filename=key)
            content = decode(capture.body, capture.header_values("Content-Encoding"))
        except (WarcError, Refused):
            continue
        status = capture.status or 0
        if 200 <= status < 300 or (400 <= status < 500 and status != 429):
            kept = content[:ROBOTS_MAX] if status < 300 else None
            yield RobotsCopy(origin, capture.pointer.fetch_time, capture.pointer.warc_record_id, kept)
