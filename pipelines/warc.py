"""Recorder and WarcPipeline: every exchange reaches the WARC before anyone looks at it, and a failed write stops the run.

Belongs here: the one thread that owns the `WarcWriter`, the queue in front of it, and the check that a document's capture is one
of this run. What a record contains is for `archiver.warc`.

`crawler.recorder` is the recorder of a crawl; `Recorder.from_crawler` makes it on first use. It reads the settings ARCHIVER_SPOOL
(folder of the run), ARCHIVER_SERIES, ARCHIVER_WARC_INFO (a `WarcInfo`), ARCHIVER_WARC_MAX_BYTES, ARCHIVER_WARC_MAX_AGE and
ARCHIVER_WRITER_PROCESS (True: the writer works in a process of its own where that is possible, see `pipelines.writer`).
Statistics: `archiver/captures`, `archiver/recording_failed` (a sentence), `archiver/items_without_capture`.
"""

from __future__ import annotations

import logging
import queue
import threading
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.defer import deferred_from_coro, maybe_deferred_to_future
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from archiver.errors import ConfigError, RecordingError
from archiver.models import CapturePointer, Exchange, Refusal
from archiver.warc.writer import SealedWarc, WarcInfo, WarcWriter
from pipelines.writer import WriterProcess, can_fork

logger = logging.getLogger(__name__)

WAITING_MAX = 64 * 2**20
"""Bytes waiting for the writer beyond which no new fetch begins."""

BATCH_MAX = 16
"""Exchanges written before their acknowledgements go back to the reactor."""

SYNC_AFTER = 1.0
"""Seconds after which what was acknowledged is on the disk as well (capture.md 9)."""

ROLL_CHECK = 60.0
"""Seconds after which an idle writer looks whether its file is due to be sealed."""

LAST_FETCHES = 30.0
"""Seconds that sealing waits for fetches still in flight; those of a closed spider are long done."""

Job = Callable[[WarcWriter | WriterProcess], Any]
Answer = tuple["Deferred[Any]", int, Any]


class Recorder:
    """Owns the writer of a run. Every public method is called on the reactor's thread.

    `failed`: why recording stopped, None while it works. `waiting`: bytes in the queue.
    """

    def __init__(self, crawler: Crawler, writer: WarcWriter | WriterProcess) -> None:
        self.crawler, self.folder, self.info = crawler, writer.folder, writer.info
        self.failed: RecordingError | None = None
        self.waiting = 0
        self._writer = writer
        self._jobs: queue.SimpleQueue[tuple[Job | None, Deferred[Any], int]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._recorded: dict[str, tuple[array[int], array[int]]] = {}
        self._sealed: list[SealedWarc] | None = None
        self._closing: Deferred[None] | None = None
        self._fetches = 0
        self._waiters: list[Deferred[None]] = []
        crawler.signals.connect(self.close, signals.spider_closed)
        crawler.signals.connect(self.close, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Recorder:
        """The crawl's recorder, made on first use. `ConfigError` when a setting is missing."""
        existing: Recorder | None = getattr(crawler, "recorder", None)
        if existing is not None:
            return existing
        settings = crawler.settings
        for name in ("ARCHIVER_SPOOL", "ARCHIVER_SERIES", "ARCHIVER_WARC_INFO"):
            if not settings.get(name):
                raise ConfigError(f"{name} is not set; take the settings of a run from archiver.settings.settings_of")
        info: WarcInfo = settings["ARCHIVER_WARC_INFO"]
        folder = Path(settings["ARCHIVER_SPOOL"])
        folder.mkdir(parents=True, exist_ok=True)
        limits: dict[str, Any] = {}
        if settings.get("ARCHIVER_WARC_MAX_BYTES"):
            limits["max_bytes"] = settings.getint("ARCHIVER_WARC_MAX_BYTES")
        if settings.get("ARCHIVER_WARC_MAX_AGE"):
            limits["max_age"] = settings.getfloat("ARCHIVER_WARC_MAX_AGE")
        writer = WarcWriter(folder, settings["ARCHIVER_SERIES"], info, **limits)
        apart = settings.getbool("ARCHIVER_WRITER_PROCESS", True) and can_fork()
        recorder = cls(crawler, WriterProcess(writer) if apart else writer)
        crawler.recorder = recorder  # type: ignore[attr-defined]
        return recorder

    async def record(self, exchange: Exchange) -> CapturePointer | None:
        """Write one exchange; its pointer once the records are with the operating system. None: nothing had been answered.

        Raises `RecordingError`, now and for every exchange after, when it could not be written.
        """
        pointer: CapturePointer | None = await maybe_deferred_to_future(self.submit(exchange))
        return pointer

    def submit(self, exchange: Exchange) -> Deferred[CapturePointer | None]:
        """Like `record`, for a caller that cannot wait."""
        size = len(exchange.response) + len(exchange.request)
        return self._put(lambda writer: writer.write(exchange), size)

    def note(self, target: str, content_type: str, block: bytes, moment: datetime) -> None:
        """Record something made, not fetched, under a `urn:`; a failure stops the run like every other."""
        self._put(lambda writer: writer.write_side(target, content_type, block, moment), len(block)).addErrback(
            lambda failure: None  # `_deliver` has told `fail` by now
        )

    async def sync(self) -> None:
        """fsync what is acknowledged: called before a row or a document that names a capture is written durably."""
        if self._thread is not None and self._sealed is None:
            await maybe_deferred_to_future(self._put(lambda writer: writer.sync()))

    async def room(self) -> None:
        """Wait until the queue has room. Raises `RecordingError` when recording has stopped."""
        while self.waiting > WAITING_MAX and self.failed is None:
            await self._next_change()
        if self.failed is not None:
            raise self.failed

    @contextmanager
    def fetch(self) -> Iterator[None]:
        """Around a fetch: sealing waits until none is left."""
        self._fetches += 1
        try:
            yield
        finally:
            self._fetches -= 1
            if not self._fetches:
                self._changed()

    def holds(self, pointer: CapturePointer) -> bool:
        """Whether this run recorded the capture that `pointer` names."""
        offsets, ids = self._recorded.get(pointer.warc_filename, ((), ()))
        index = bisect_left(offsets, pointer.warc_record_offset)
        found = index < len(offsets) and offsets[index] == pointer.warc_record_offset
        return found and ids[index] == hash(pointer.warc_record_id)

    @property
    def sealed(self) -> list[SealedWarc]:
        """The files sealed so far, in order."""
        return list(self._sealed) if self._sealed is not None else self._writer.sealed

    def fail(self, error: RecordingError) -> None:
        """Recording is over: the run stops, and says why."""
        if self.failed is not None:
            return
        self.failed = error
        logger.critical("Recording failed, the crawl stops: %s", error)
        if self.crawler.stats:
            self.crawler.stats.set_value("archiver/recording_failed", str(error))
        self._changed()
        engine = self.crawler.engine
        if engine is not None and engine.spider is not None:
            deferred_from_coro(engine.close_spider_async(reason="recording-failed"))

    async def close(self) -> None:
        """Seal after the last exchange. Called by the pipeline, and by signals where there is none; later calls wait for it."""
        if self._closing is None:
            self._closing = Deferred()
            await self._last_fetches()
            if self._thread is None:
                self._sealed = []
                self._end_writer()
            else:
                await self._seal()
            self._closing.callback(None)
        elif not self._closing.called:
            waiter: Deferred[None] = Deferred()
            self._closing.addBoth(lambda result: waiter.callback(None))
            await maybe_deferred_to_future(waiter)

    async def _seal(self) -> None:
        sealed: Deferred[Any] = self._put(lambda writer: writer.close())
        ended: Deferred[Any] = Deferred()
        self._jobs.put((None, ended, 0))
        with suppress(RecordingError):  # `fail` has said so; what is not sealed is left for recovery
            await maybe_deferred_to_future(sealed)
        await maybe_deferred_to_future(ended)
        self._sealed = self._writer.sealed

    async def _last_fetches(self) -> None:
        ends = monotonic() + LAST_FETCHES
        alarm = _reactor().callLater(LAST_FETCHES, self._changed)
        while self._fetches and monotonic() < ends:
            await self._next_change()
        if alarm.active():
            alarm.cancel()

    def _next_change(self) -> Any:
        waiter: Deferred[None] = Deferred()
        self._waiters.append(waiter)
        return maybe_deferred_to_future(waiter)

    def _changed(self) -> None:
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter.callback(None)

    def _put(self, job: Job, size: int = 0) -> Deferred[Any]:
        answer: Deferred[Any] = Deferred()
        if self.failed is not None or self._sealed is not None:
            answer.errback(
                _failure(self.failed or RecordingError("the run's WARC is sealed; nothing more is recorded"))
            )
            return answer
        if self._thread is None:
            # A daemon: an interpreter that must go may; what is acknowledged is with the operating system.
            self._thread = threading.Thread(target=self._run, name="warc-writer", daemon=True)
            self._thread.start()
        self.waiting += size
        self._jobs.put((job, answer, size))
        return answer

    # The writer's thread

    def _run(self) -> None:
        to_reactor = _reactor().callFromThread
        unsynced: float | None = None
        failure: RecordingError | None = None
        while True:
            batch, ended = self._batch(unsynced)
            answers: list[Answer] = []
            for job, answer, size in batch:
                outcome = failure or self._do(job)
                answers.append((answer, size, outcome))
                failure = failure or (outcome if isinstance(outcome, RecordingError) else None)
            if batch and unsynced is None:
                unsynced = monotonic()
            if answers:
                to_reactor(self._deliver, answers)
            if ended is not None:
                self._end_writer()
                to_reactor(ended.callback, None)
                return
            if failure is None and (failure := self._in_between(unsynced, idle=not batch)) is not None:
                to_reactor(self.fail, failure)
            if unsynced is not None and monotonic() - unsynced >= SYNC_AFTER:
                unsynced = None

    def _in_between(self, unsynced: float | None, idle: bool) -> RecordingError | None:
        """What is due besides the jobs: fsync, or a look at the age of the file when there is nothing else to do."""
        outcome = None
        if unsynced is not None and monotonic() - unsynced >= SYNC_AFTER:
            outcome = self._do(lambda writer: writer.sync())
        elif idle:
            outcome = self._do(lambda writer: writer.roll_if_due())
        return outcome if isinstance(outcome, RecordingError) else None

    def _batch(self, unsynced: float | None) -> tuple[list[tuple[Job, Deferred[Any], int]], Deferred[Any] | None]:
        """(jobs, what to tell when this was the end). Waits for the first job; none when a sync or a look at the age is due."""
        batch: list[tuple[Job, Deferred[Any], int]] = []
        timeout = ROLL_CHECK if unsynced is None else max(0.0, unsynced + SYNC_AFTER - monotonic())
        try:
            while len(batch) < BATCH_MAX:
                job, answer, size = self._jobs.get(timeout=timeout) if not batch else self._jobs.get_nowait()
                if job is None:
                    return batch, answer
                batch.append((job, answer, size))
        except queue.Empty:
            pass
        return batch, None

    def _end_writer(self) -> None:
        if isinstance(self._writer, WriterProcess):
            self._writer.end()

    def _do(self, job: Job) -> Any:
        """What the job gives, or the RecordingError that ends recording."""
        try:
            return job(self._writer)
        except RecordingError as error:
            return error
        except Exception as error:
            logger.exception("The WARC writer crashed")
            return RecordingError(f"the WARC writer crashed: {type(error).__name__}: {error}")

    # Back on the reactor's thread

    def _deliver(self, answers: list[Answer]) -> None:
        count = 0
        for answer, size, outcome in answers:
            self.waiting -= size
            if isinstance(outcome, RecordingError):
                self.fail(outcome)
                answer.errback(_failure(outcome))
                continue
            if isinstance(outcome, CapturePointer):
                count += 1
                self._remember(outcome)
            answer.callback(outcome)
        if count and self.crawler.stats:
            self.crawler.stats.inc_value("archiver/captures", count)
        if self._waiters:
            self._changed()

    def _remember(self, pointer: CapturePointer) -> None:
        # Two integers a capture: a long run has millions.
        places = self._recorded.get(pointer.warc_filename)
        if places is None:
            places = self._recorded[pointer.warc_filename] = (array("q"), array("q"))
        places[0].append(pointer.warc_record_offset)
        places[1].append(hash(pointer.warc_record_id))


def _reactor() -> Any:
    # Imported late: importing it installs one, and Scrapy chooses which.
    from twisted.internet import reactor

    return reactor


def _failure(error: Exception) -> Any:
    return Failure(error)  # type: ignore[no-untyped-call]


class WarcPipeline:
    """First of the item pipelines: an item whose capture this run did not record is an error, never a document."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> WarcPipeline:
        return cls(Recorder.from_crawler(crawler))

    def process_item(self, item: Any) -> Any:
        """`item` as it is. Raises `RecordingError` when its `capture` is missing or none of this run's.

        A Refusal passes: a URL that was never answered has no capture.
        """
        if isinstance(item, Refusal):
            return item
        pointer = item.get("capture") if isinstance(item, dict) else getattr(item, "capture", None)
        if isinstance(pointer, CapturePointer) and self.recorder.holds(pointer):
            return item
        if self.recorder.crawler.stats:
            self.recorder.crawler.stats.inc_value("archiver/items_without_capture")
        what = pointer.warc_record_id if isinstance(pointer, CapturePointer) else "no capture at all"
        raise RecordingError(f"{type(item).__name__} names {what}, which this run did not record; it is not written")

    async def close_spider(self) -> None:
        """Seal the WARC: pipelines close in reverse order, so every document is written by now, and reports come later."""
        await self.recorder.close()
