"""How asking for posts went in a run, counted by network, method and outcome.

Belongs here: counting what the documents' attempts say, and what of it is an alarm. Pure: the counts of a killed run are those of its
records. What one answer says is in `archiver.platforms`; the figures are shown by `archiver.cli`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from archiver.models import Article
from archiver.models.post import Attempt, Post
from archiver.models.resolution import Resolution
from archiver.models.run import AttemptCount
from archiver.platforms.build import came_along
from archiver.platforms.steps import OWN_ARCHIVE
from archiver.reasons import PostOutcome

RESTS = "endpoint_rests"
"""The reason under which attempts are counted that nobody answered, since the endpoint had refused others before."""

_REFUSALS = frozenset({PostOutcome.THROTTLED, PostOutcome.BLOCKED})


def counted_as(attempt: Attempt) -> tuple[str, str]:
    """(outcome, reason) under which an attempt is counted; a reason only where nobody was asked."""
    if attempt.outcome == PostOutcome.NOT_ATTEMPTED:
        return attempt.outcome, attempt.reason_text or ""
    if attempt.outcome in _REFUSALS and attempt.http_status is None:
        return PostOutcome.NOT_ATTEMPTED.value, RESTS
    return attempt.outcome, ""


class Tally:
    """Counts each attempt once, though a post's document and the resolutions of its citations all tell it. `started` is when the run
    began (aware): attempts from before are those of earlier runs, and theirs to count."""

    def __init__(self, started: datetime) -> None:
        self._started = started
        self._seen: set[tuple[str, str | None, datetime, str | None]] = set()
        self._counts: Counter[tuple[str, str, str, str]] = Counter()

    def take(self, posts: Iterable[Post], resolutions: Iterable[Resolution], articles: Iterable[Article]) -> None:
        """Counts what the documents of a run say. `articles` are those that the resolutions are about."""
        for post in posts:
            if not came_along(post):
                self._count(post.platform, post.attempts)
        citing = {article.capture.warc_record_id: article for article in articles}
        for resolution in resolutions:
            citation = citing[resolution.capture.warc_record_id].citations[resolution.citation_index]
            self._count(citation.platform, resolution.attempts)

    def _count(self, platform: str, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            key = attempt.method, attempt.url, attempt.at, attempt.warc_record_id
            if attempt.method == OWN_ARCHIVE or attempt.at < self._started or key in self._seen:
                continue  # of the archive itself nobody is asked
            self._seen.add(key)
            self._counts[platform, attempt.method, *counted_as(attempt)] += 1

    def counts(self) -> list[AttemptCount]:
        """The counts in the order of their names."""
        return [
            AttemptCount(platform=platform, method=method, outcome=outcome, reason=reason or None, count=count)
            for (platform, method, outcome, reason), count in sorted(self._counts.items())
        ]


def drifts(counts: Sequence[AttemptCount]) -> list[str]:
    """A sentence for each method whose answers were not all understood: an alarm about our reader, not a statement about posts."""
    asked: Counter[tuple[str, str]] = Counter()
    for one in counts:
        asked[one.platform, one.method] += one.count if one.outcome != PostOutcome.NOT_ATTEMPTED else 0
    return [
        f"{one.platform}: {one.count} of {asked[one.platform, one.method]} answers to {one.method} were not understood "
        "(schema_drift): they are recorded, and the reader has to be looked at"
        for one in counts
        if one.outcome == PostOutcome.SCHEMA_DRIFT
    ]
