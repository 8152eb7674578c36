"""Health: how the sources, and the networks that were asked for posts, fared in the last runs, from what the manifests say.

Belongs here: reading, for people who ask. What is an alarm is decided by `archiver.expect`.
"""

from __future__ import annotations

from collections import Counter, deque
from datetime import datetime

from archiver.archive import Archive
from archiver.models import RunManifest
from archiver.models.base import Instant, Record
from archiver.models.run import AttemptCount

RUNS_MAX = 200
"""Manifests that are read, the newest."""

SHOWN = 5
"""Runs of a source, or of a network's method, that its health is made of."""


class Health(Record):
    """One source's last runs: their number, when the last began, articles of that run and of all, refusals by Reason."""

    runs: int
    last_run: Instant
    articles: int
    articles_in_last_runs: int
    reasons: dict[str, int]

    @property
    def main_reason(self) -> str | None:
        """The most frequent Reason of the last run, None when nothing was refused."""
        return max(self.reasons, key=lambda name: self.reasons[name], default=None)


def health_of(archive: Archive) -> tuple[dict[str, Health], list[AttemptCount]]:
    """(source id -> its health over the last `SHOWN` runs, sources that never ran have none; how asking for posts went, each method of
    a network over its own last `SHOWN` runs). Raises `StoreError`."""
    keys = deque(archive.manifests(), maxlen=RUNS_MAX)
    past: dict[str, list[RunManifest]] = {}
    asked = _Asked()
    for key in reversed(keys):
        manifest = archive.manifest(key)
        asked.take(manifest)
        for source in manifest.sources:
            if len(runs := past.setdefault(source, [])) < SHOWN:
                runs.append(manifest)
    return {source: _health(source, runs) for source, runs in past.items()}, asked.counts()


class _Asked:
    """How asking for posts went, method by method, newest run first."""

    def __init__(self) -> None:
        self._runs: Counter[tuple[str, str]] = Counter()
        self._counts: Counter[tuple[str, str, str, str | None]] = Counter()

    def take(self, run: RunManifest) -> None:
        wanted = {key for one in run.attempts if self._runs[key := (one.platform, one.method)] < SHOWN}
        self._runs.update(wanted)
        for one in run.attempts:
            if (one.platform, one.method) in wanted:
                self._counts[one.platform, one.method, one.outcome, one.reason] += one.count

    def counts(self) -> list[AttemptCount]:
        return [
            AttemptCount(platform=platform, method=method, outcome=outcome, reason=reason, count=count)
            for (platform, method, outcome, reason), count in sorted(
                self._counts.items(), key=lambda pair: [part or "" for part in pair[0]]
            )
        ]


def _health(source: str, runs: list[RunManifest]) -> Health:
    counts = [_articles(source, run) for run in runs]
    started: datetime = runs[0].started
    return Health(
        runs=len(runs),
        last_run=started,
        articles=counts[0],
        articles_in_last_runs=sum(counts),
        reasons={row.reason: row.count for row in runs[0].reasons if row.source == source},
    )


def _articles(source: str, run: RunManifest) -> int:
    mine = (file for file in run.files if file.key.startswith("articles/") and f"/source={source}/" in file.key)
    return sum(file.records for file in mine)
