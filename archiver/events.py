"""The event log: append-only files under `events/v1/`, one or more a run, each of them written once.

Belongs here: writing and reading `archiver.models.event`s. What happened is told by whoever did it: publishing, checking, takedown.
"""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from archiver import clock
from archiver.config import software_version
from archiver.errors import StoreError
from archiver.models import RunManifest
from archiver.models.base import rfc3339
from archiver.models.event import Event, EventOutcome, EventType
from archiver.parts import pack
from archiver.store import Store

PART = 50_000
"""Events in one file; a check of a large archive writes several."""


def events_key(run_id: str, day: str, serial: int = 0) -> str:
    """The key of one file of events."""
    return f"events/v1/dt={day}/part-{run_id}-{serial:05d}.jsonl.gz"


def event(
    kind: EventType,
    key: str,
    run_id: str,
    *,
    outcome: EventOutcome = "success",
    detail: str | None = None,
    size: int | None = None,
    sha256: str | None = None,
    at: datetime | None = None,
) -> Event:
    """An event of now, by this software."""
    return Event(
        type=kind,
        at=at or clock.now(),
        key=key,
        outcome=outcome,
        detail=detail,
        bytes=size,
        sha256=sha256,
        run_id=run_id,
        agent=f"news-archiver/{software_version()}",
    )


class EventLog:
    """Collects a run's events and writes them in parts; nothing is ever written over."""

    def __init__(self, store: Store, run_id: str, started: datetime) -> None:
        self.store, self.run_id, self.started = store, run_id, started
        self._waiting: list[Event] = []
        self._serial = 0
        self.keys: list[str] = []

    def add(self, one: Event) -> None:
        self._waiting.append(one)
        if len(self._waiting) >= PART:
            self.flush()

    def flush(self) -> None:
        """Writes what was collected. Raises `StoreError`; the events are kept for another try."""
        if not self._waiting:
            return
        day = f"{self.started.astimezone(UTC):%Y-%m-%d}"
        while True:
            key = events_key(self.run_id, day, self._serial)
            self._serial += 1
            if self.store.create(key, pack(key, map(_line, self._waiting)).content):
                break
        self.keys.append(key)
        self._waiting = []


def record_ingestion(store: Store, manifest: RunManifest) -> None:
    """Notes when a run's WARCs were captured, and the digests and the arrival of its files. Done again it changes nothing: the first
    account stands."""
    day = f"{manifest.started.astimezone(UTC):%Y-%m-%d}"
    key = events_key(manifest.run_id, day)
    made: list[Event] = []
    for file in manifest.files:
        about = {"size": file.bytes, "sha256": file.sha256}
        if file.key.startswith("warc/") and file.last_time and file.records:
            since = f"{file.records} captures since {rfc3339(file.first_time or file.last_time)}"
            made.append(event("capture", file.key, manifest.run_id, **about, detail=since, at=file.last_time))  # type: ignore[arg-type]
        made.append(event("message digest calculation", file.key, manifest.run_id, **about, at=manifest.finished))  # type: ignore[arg-type]
        made.append(event("ingestion", file.key, manifest.run_id, **about, at=manifest.finished))  # type: ignore[arg-type]
    if made:
        store.create(key, pack(key, map(_line, made)).content)


def read_events(store: Store, key: str) -> Iterator[Event]:
    """The events of one file. Raises `StoreError` when it is damaged."""
    try:
        for line in gzip.GzipFile(fileobj=io.BytesIO(store.read(key))):
            yield Event.model_validate_json(line)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise StoreError(f"{key}: damaged: {str(error)[:200]}") from error


def all_events(store: Store, keys: Iterable[str] | None = None) -> Iterator[Event]:
    """Every event of the archive, by day."""
    return (one for key in (keys or store.list("events/v1/")) for one in read_events(store, key))


def _line(one: Event) -> bytes:
    return one.model_dump_json().encode("utf-8", "replace") + b"\n"
