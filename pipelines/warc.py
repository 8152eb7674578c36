"""Recorder and WarcPipeline: every exchange reaches the WARC before anyone looks at it, and a failed write stops the run.

Belongs here: the recorder that a crawl has, what its failure does, and the check that a document's capture is one of this run.
Where the writer works is in `pipelines.writer`, what a record contains in `archiver.warc`.

`crawler.recorder` is the recorder of a crawl; `Recorder.from_crawler` makes it on first use. It reads the settings ARCHIVER_SPOOL
(folder of the run), ARCHIVER_SERIES, ARCHIVER_WARC_INFO (a `WarcInfo`), ARCHIVER_WARC_MAX_BYTES, ARCHIVER_WARC_MAX_AGE and
ARCHIVER_WRITER_PROCESS (True: the writer works in a process of its own where that is possible, see `pipelines.writer`).
Statistics: `archiver/captures`, `archiver/recording_failed` (a sentence), `archiver/items_without_capture`.
"""

from __future__ import annotations

import logging
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.utils.defer import deferred_from_coro, maybe_deferred_to_future
from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure

from archiver.errors import ConfigError, RecordingError
from archiver.models import Capture, CapturePointer, Exchange, PageRequisites, Refusal
from archiver.warc.series import SeriesWriter
from archiver.warc.writer import SealedWarc, WarcInfo
from pipelines.reactor import reactor
from pipelines.writer import WriterProcess, WriterThread, can_fork

logger = logging.getLogger(__name__)

WAITING_MAX = 64 * 2**20
"""Bytes waiting for the writer beyond which no new fetch begins."""

LAST_FETCHES = 30.0
"""Seconds that sealing waits for fetches still in flight; those of a closed spider are long done."""


class Recorder:
    """Owns the writer of a run. Every public method is called on the reactor's thread.

    `failed`: why recording stopped, None while it works. `waiting`: bytes in the queue.
    """

    def __init__(self, crawler: Crawler, writer: SeriesWriter, apart: bool = False) -> None:
        self.crawler, self.folder, self.info = crawler, writer.folder, writer.info
        self.failed: RecordingError | None = None
        self.waiting = 0
        self._writer = WriterProcess(writer, self.fail) if apart else WriterThread(writer, self.fail)
        self._asked = False
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
        writer = SeriesWriter(folder, settings["ARCHIVER_SERIES"], info, **limits)
        apart = settings.getbool("ARCHIVER_WRITER_PROCESS", True) and can_fork()
        recorder = cls(crawler, writer, apart)
        crawler.recorder = recorder  # type: ignore[attr-defined]
        return recorder

    async def record(self, exchange: Exchange, page_id: str | None = None) -> CapturePointer | None:
        """Write one exchange; its pointer once the records are with the operating system. None: nothing had been answered.
        `page_id`: see `WarcWriter.write`.

        Raises `RecordingError`, now and for every exchange after, when it could not be written.
        """
        pointer: CapturePointer | None = await maybe_deferred_to_future(self.submit(exchange, page_id))
        return pointer

    def submit(self, exchange: Exchange, page_id: str | None = None) -> Deferred[CapturePointer | None]:
        """Like `record`, for a caller that cannot wait."""
        size = len(exchange.response) + len(exchange.request)
        return self._ask("write", exchange, page_id, size=size)

    async def record_dom(self, page: Capture, dom: bytes, documented: bool) -> CapturePointer:
        """Write the DOM of a rendered page; see `WarcWriter.write_dom`. Raises `RecordingError`."""
        asked = self._ask("write_dom", replace(page, body=b""), dom, documented, size=len(dom))
        pointer: CapturePointer = await maybe_deferred_to_future(asked)
        return pointer

    def note(
        self,
        target: str,
        content_type: str,
        block: bytes,
        moment: datetime,
        page_id: str | None = None,
        refers_to: str | None = None,
        terms: str | None = None,
    ) -> None:
        """Record something made, not fetched, under a `urn:`; a failure stops the run like every other. `page_id`: its WARC-Page-ID.
        With `refers_to` (a record id) it is a `conversion` of that record, kept under the record's `terms`."""
        more = page_id, refers_to, terms
        asked = self._ask("write_note", target, content_type, block, moment, *more, size=len(block))
        asked.addErrback(lambda failure: None)  # `_refused` has told `fail` by now

    async def sync(self) -> None:
        """fsync what is acknowledged: called before a row or a document that names a capture is written durably."""
        if self._asked and self._sealed is None:
            await maybe_deferred_to_future(self._ask("sync"))

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
        return list(self._writer.sealed)

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
            if self._asked:
                with suppress(RecordingError):  # `fail` has said so; what is not sealed is left for recovery
                    await maybe_deferred_to_future(self._ask("close"))
            await maybe_deferred_to_future(self._writer.end())
            self._sealed = self._writer.sealed
            self._closing.callback(None)
        elif not self._closing.called:
            waiter: Deferred[None] = Deferred()
            self._closing.addBoth(lambda result: waiter.callback(None))
            await maybe_deferred_to_future(waiter)

    async def _last_fetches(self) -> None:
        ends = monotonic() + LAST_FETCHES
        alarm = reactor().callLater(LAST_FETCHES, self._changed)
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

    def _ask(self, method: str, *arguments: Any, size: int = 0) -> Deferred[Any]:
        if self.failed is not None or self._sealed is not None:
            return _failed(self.failed or RecordingError("the run's WARC is sealed; nothing more is recorded"))
        self._asked = True
        self.waiting += size
        return self._writer.ask(method, *arguments).addCallbacks(
            self._answered, self._refused, callbackArgs=(size,), errbackArgs=(size,)
        )

    def _answered(self, answer: Any, size: int) -> Any:
        self.waiting -= size
        if isinstance(answer, CapturePointer):
            self._remember(answer)
            if self.crawler.stats and answer.warc_type != "resource":
                self.crawler.stats.inc_value("archiver/captures")
        if self._waiters:
            self._changed()
        return answer

    def _refused(self, failure: Failure, size: int) -> Failure:
        self.waiting -= size
        if isinstance(failure.value, RecordingError):
            self.fail(failure.value)
        return failure

    def _remember(self, pointer: CapturePointer) -> None:
        # Two integers a capture: a long run has millions.
        places = self._recorded.get(pointer.warc_filename)
        if places is None:
            places = self._recorded[pointer.warc_filename] = (array("q"), array("q"))
        places[0].append(pointer.warc_record_offset)
        places[1].append(hash(pointer.warc_record_id))


def _failed(error: RecordingError) -> Deferred[Any]:
    return fail(Failure(error))  # type: ignore[no-untyped-call]


class WarcPipeline:
    """First of the item pipelines: an item whose capture this run did not record is an error, never a document."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> WarcPipeline:
        return cls(Recorder.from_crawler(crawler))

    def process_item(self, item: Any) -> Any:
        """`item` as it is. Raises `RecordingError` when its `capture` is missing or none of this run's.

        A Refusal passes: a URL that was never answered has no capture. So does the account of a page, which is of several.
        """
        if isinstance(item, Refusal | PageRequisites):
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
