"""Answering questions with a writer, and what is due unasked; in whichever thread or process that is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from time import monotonic
from typing import Any

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from archiver.errors import RecordingError
from archiver.warc.series import SeriesWriter
from archiver.warc.writer import SealedWarc

SYNC_AFTER = 1.0
"""Seconds after which what was acknowledged is on the disk as well."""

ROLL_CHECK = 60.0
"""Seconds after which an idle writer looks whether its file is due to be sealed."""

Alarm = Callable[[RecordingError], None]
Answer = tuple[bool, Any, list[SealedWarc]]


class Desk:
    """Answers questions with a writer, in whichever thread or process that is: (good, answer, files sealed since)."""

    def __init__(self, writer: SeriesWriter) -> None:
        self._writer = writer
        self._unsynced: float | None = None
        self._syncs = ThreadPoolExecutor(1, "warc-sync")
        self._syncing: Future[None] | None = None
        self._seen = 0
        self.failure: RecordingError | None = None

    def answer(self, method: str, arguments: tuple[Any, ...]) -> Answer:
        if method in ("sync", "close"):
            self._synced()  # an error of the disk is told once, to whoever asked first: it must not be lost between two
        if self.failure is None:
            outcome = self._do(method, arguments)
            if self._unsynced is None:
                self._unsynced = monotonic()
        files = self._writer.sealed
        new, self._seen = files[self._seen :], len(files)
        return (True, outcome, new) if self.failure is None else (False, self.failure, new)

    @property
    def patience(self) -> float:
        """Seconds to wait for a question before `chores` are due."""
        if self._syncing is not None:
            return SYNC_AFTER
        return ROLL_CHECK if self._unsynced is None else max(0.0, self._unsynced + SYNC_AFTER - monotonic())

    def chores(self, idle: bool) -> RecordingError | None:
        """What is due unasked. The error, when it just failed.

        A busy disk takes its time for an fsync; questions are answered meanwhile.
        """
        if self.failure is not None:
            return None
        if self._syncing is not None:
            if self._syncing.done():
                self._synced()
        elif self._unsynced is not None and monotonic() - self._unsynced >= SYNC_AFTER:
            self._unsynced = None
            self._guarded(self._sync_beside)
        elif idle and self._unsynced is None:
            self._do("roll_if_due", ())
        return self.failure

    def _sync_beside(self) -> None:
        self._syncing = self._syncs.submit(self._writer.later_sync())

    def _synced(self) -> None:
        """Waits for the fsync that is under way, if there is one, and takes what it said."""
        begun, self._syncing = self._syncing, None
        if begun is not None:
            self._guarded(begun.result)

    def _do(self, method: str, arguments: tuple[Any, ...]) -> Any:
        return self._guarded(getattr(self._writer, method), *arguments)

    def _guarded(self, act: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return act(*arguments)
        except RecordingError as error:
            self.failure = error
        except Exception as error:  # noqa: BLE001 - a bug of the writer must not lose exchanges in silence: it ends the run
            self.failure = RecordingError(f"the WARC writer crashed: {type(error).__name__}: {error}")
        return None


def fire(answered: Deferred[Any], good: bool, answer: Any) -> None:
    if good:
        answered.callback(answer)
    else:
        answered.errback(Failure(answer))  # type: ignore[no-untyped-call]
