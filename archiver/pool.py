"""Worker processes for extraction: a page that kills or hangs a worker costs that page only.

Belongs here: starting, watching and bounding the processes. What they do is `archiver.work`. (Only importer of pebble.)
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from types import TracebackType

from pebble import ProcessExpired, ProcessPool

from archiver.models import Capture
from archiver.models.hints import ExtractHints
from archiver.reasons import Reason
from archiver.work import Outcome, Task, extract_capture, run_task

TASKS_PER_WORKER = 20_000
"""A worker is replaced after so many pages, so that no leak of a parser grows without end."""


class ExtractPool:
    """`workers` processes; each page gets `page_time` seconds and each process `page_memory` bytes of address space.

    Callers bound what they submit: a queued task is a pointer of a few hundred bytes, never a page.
    """

    def __init__(self, workers: int, page_time: float = 30.0, page_memory: int = 2 * 2**30) -> None:
        self.workers, self.page_time = workers, page_time
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=TASKS_PER_WORKER,
            context=multiprocessing.get_context("spawn"),
            initializer=_prepare,
            initargs=[page_memory],
        )

    def submit(self, task: Task) -> Future[Outcome]:
        """The outcome to come. The future never fails: a dead or late worker is an Outcome with its Reason."""
        return self._watched(self._pool.schedule(run_task, args=[task], timeout=self.page_time))

    def submit_capture(self, capture: Capture, hints: ExtractHints) -> Future[Outcome]:
        """The same for a capture that is already in memory (re-extraction of foreign WARCs)."""
        return self._watched(self._pool.schedule(extract_capture, args=[capture, hints], timeout=self.page_time))

    def _watched(self, inner: Future[Outcome]) -> Future[Outcome]:
        answer: Future[Outcome] = Future()
        answer.set_running_or_notify_cancel()
        inner.add_done_callback(lambda done: answer.set_result(_outcome(done, self.page_time)))
        return answer

    def close(self) -> None:
        """Ends the processes; what is still queued is dropped (callers wait for their futures first)."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def __enter__(self) -> ExtractPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_shared: dict[tuple[int, float, int], tuple[ExtractPool, int]] = {}


def acquire_pool(workers: int, page_time: float, page_memory: int) -> ExtractPool:
    """The pool that all spiders of this process share. Each `acquire_pool` needs one `release_pool`."""
    key = (workers, page_time, page_memory)
    pool, users = _shared.get(key) or (ExtractPool(*key), 0)
    _shared[key] = (pool, users + 1)
    return pool


def release_pool(pool: ExtractPool) -> None:
    """Gives the pool back; the last one ends its processes."""
    key = next(key for key, (known, _) in _shared.items() if known is pool)
    _, users = _shared[key]
    if users > 1:
        _shared[key] = (pool, users - 1)
        return
    del _shared[key]
    pool.close()


def _outcome(done: Future[Outcome], page_time: float) -> Outcome:
    if done.cancelled():
        return Outcome(reason=Reason.EXTRACTOR_CRASHED, detail="the pool was stopped before the page's turn")
    error = done.exception()
    if error is None:
        return done.result()
    if isinstance(error, FutureTimeout | TimeoutError):
        return Outcome(reason=Reason.EXTRACTOR_TIMEOUT, detail=f"took longer than {page_time:g} s")
    if isinstance(error, ProcessExpired):
        return Outcome(reason=Reason.EXTRACTOR_CRASHED, detail=f"worker exit code {error.exitcode}")
    return Outcome(reason=Reason.EXTRACTOR_CRASHED, detail=f"{type(error).__name__}: {error}")


def _prepare(page_memory: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it stops the pool
    resource.setrlimit(resource.RLIMIT_AS, (page_memory, page_memory))
