"""From a run's spool to what the frontier learns of it.

Belongs here: reading documents and refusals as marks. They are derived from what is durable, never kept beside it, so that a killed
run teaches exactly what its WARCs hold; and all speak of the moment at which the run began, so that doing it twice is doing it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from archiver.frontier.rows import Mark, Version, key_of
from archiver.frontier.schedule import UNTRIED
from archiver.models import Article, Refusal
from archiver.reasons import Reason
from archiver.versions import fields_of

_UNTRIED = frozenset(reason.value for reason in UNTRIED)


def marks_of(lines: Iterable[bytes], refusals: Iterable[Refusal], started: datetime) -> Iterator[Mark]:
    """One mark a URL that the run tried. A document says more than a refusal of the same URL."""
    told: set[int] = set()
    for line in lines:
        article = Article.model_validate_json(line)
        if article.version_number is None:
            continue  # a page that somebody asked for; it belongs to no source's schedule
        for mark in _of_article(article, started):
            told.add(key_of(mark.url))
            yield mark
    for refusal in refusals:
        url = refusal.requested_url or refusal.url
        if refusal.reason in _UNTRIED or not refusal.source or key_of(url) in told:
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
