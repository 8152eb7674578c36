"""The writer in a thread: for systems that are not Linux, and for a single core."""

from __future__ import annotations

import queue
import threading
from contextlib import suppress
from typing import Any

from twisted.internet.defer import Deferred

from archiver.warc.series import SeriesWriter
from archiver.warc.writer import SealedWarc
from pipelines.reactor import reactor
from pipelines.writer.desk import Alarm, Answer, Desk, fire

BATCH_MAX = 16
"""Questions that the thread answers before it goes back to the reactor."""


class WriterThread:
    """A writer in a thread. `ask` and `end` are called on the reactor's thread, where answers and alarms arrive too."""

    def __init__(self, writer: SeriesWriter, alarm: Alarm) -> None:
        self.sealed: list[SealedWarc] = []
        self._desk, self._alarm = Desk(writer), alarm
        self._questions: queue.SimpleQueue[tuple[str | None, tuple[Any, ...], Deferred[Any]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def ask(self, method: str, *arguments: Any) -> Deferred[Any]:
        """Call a method of the writer; fails with `RecordingError`."""
        if self._thread is None:
            # A daemon: an interpreter that must go may; what is acknowledged is with the operating system.
            self._thread = threading.Thread(target=self._run, name="warc-writer", daemon=True)
            self._thread.start()
        answered: Deferred[Any] = Deferred()
        self._questions.put((method, arguments, answered))
        return answered

    def end(self) -> Deferred[None]:
        """Let the thread go; fires when it is gone."""
        ended: Deferred[None] = Deferred()
        if self._thread is None:
            ended.callback(None)
        else:
            self._questions.put((None, (), ended))
        return ended

    def _run(self) -> None:
        to_reactor = reactor().callFromThread
        while True:
            batch = self._batch()
            answers = [(one[2], self._desk.answer(one[0], one[1])) for one in batch if one[0] is not None]
            if answers:
                to_reactor(self._deliver, answers)
            if batch and batch[-1][0] is None:
                to_reactor(batch[-1][2].callback, None)
                return
            if (failure := self._desk.chores(idle=not batch)) is not None:
                to_reactor(self._alarm, failure)

    def _batch(self) -> list[tuple[str | None, tuple[Any, ...], Deferred[Any]]]:
        batch: list[tuple[str | None, tuple[Any, ...], Deferred[Any]]] = []
        patience = self._desk.patience
        with suppress(queue.Empty):
            while len(batch) < BATCH_MAX and not (batch and batch[-1][0] is None):
                batch.append(self._questions.get(timeout=patience) if not batch else self._questions.get_nowait())
        return batch

    def _deliver(self, answers: list[tuple[Deferred[Any], Answer]]) -> None:
        for answered, (good, answer, sealed) in answers:
            self.sealed += sealed
            fire(answered, good, answer)
