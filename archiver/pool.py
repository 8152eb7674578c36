"""Worker processes for extraction: a page that kills or hangs a worker costs that page only.

Belongs here: starting, watching and bounding the processes. What they do is `archiver.work`. (Only importer of pebble.)
"""

from __future__ import annotations

import multiprocessing
import resource
import signal
from collections.abc import Callable
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

PATIENCE = 10
"""A page's time is CPU time, so that a busy machine refuses no page that an idle one reads. A worker that neither works nor
answers is ended after so many times as long by the clock."""


STOPPED = "the pool was stopped before the page's turn"


class ExtractPool:
    """`workers` processes; each page gets `page_time` CPU seconds and each process `page_memory` bytes of address space.

    Callers bound what they submit: a queued task is a pointer of a few hundred bytes, never a page.
    """

    def __init__(self, workers: int, page_time: float = 30.0, page_memory: int = 2 * 2**30) -> None:
        self.workers, self.page_time = workers, page_time
        self._waiting: set[Future[Outcome]] = set()
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=TASKS_PER_WORKER,
            context=multiprocessing.get_context("spawn"),
            initializer=_prepare,
            initargs=[page_memory],
        )

    def submit(self, task: Task) -> Future[Outcome]:
        """The outcome to come. The future never fails: a dead or late worker is an Outcome with its Reason."""
        return self._schedule(run_task, task)

    def submit_capture(self, capture: Capture, hints: ExtractHints) -> Future[Outcome]:
        """The same for a capture that is already in memory (re-extraction of foreign WARCs)."""
        return self._schedule(extract_capture, capture, hints)

    def _schedule(self, work: Callable[..., Outcome], *arguments: object) -> Future[Outcome]:
        timeout = PATIENCE * self.page_time
        inner = self._pool.schedule(_timed, args=[self.page_time, work, *arguments], timeout=timeout)
        answer: Future[Outcome] = Future()
        answer.set_running_or_notify_cancel()
        self._waiting.add(answer)
        inner.add_done_callback(lambda done: self._answer(answer, _outcome(done, self.page_time)))
        return answer

    def _answer(self, answer: Future[Outcome], outcome: Outcome) -> None:
        self._waiting.discard(answer)
        answer.set_result(outcome)

    def close(self) -> None:
        """Ends the processes; what is still queued is dropped (callers wait for their futures first)."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()
        # Pebble forgets a task whose worker was only starting; no thread of its is left that could still answer.
        for answer in list(self._waiting):
            self._answer(answer, Outcome(reason=Reason.EXTRACTOR_CRASHED, detail=STOPPED))

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
        return Outcome(reason=Reason.EXTRACTOR_CRASHED, detail=STOPPED)
    error = done.exception()
    if error is None:
        return done.result()
    if isinstance(error, FutureTimeout | TimeoutError):
        return Outcome(reason=Reason.EXTRACTOR_TIMEOUT, detail=f"no answer in {PATIENCE * page_time:g} s")
    if isinstance(error, MemoryError):
        return Outcome(reason=Reason.EXTRACTOR_MEMORY, detail="a worker's memory limit was reached")
    if isinstance(error, ProcessExpired) and error.exitcode == -signal.SIGPROF:
        return Outcome(reason=Reason.EXTRACTOR_TIMEOUT, detail=f"took longer than {page_time:g} s of CPU time")
    if isinstance(error, ProcessExpired):
        return Outcome(reason=Reason.EXTRACTOR_CRASHED, detail=f"worker exit code {error.exitcode}")
    return Outcome(reason=Reason.EXTRACTOR_CRASHED, detail=f"{type(error).__name__}: {error}")


def _timed(page_time: float, work: Callable[..., Outcome], *arguments: object) -> Outcome:
    """In a worker: the work, or the worker's death by SIGPROF. No handler in Python could end a loop inside a parser."""
    signal.setitimer(signal.ITIMER_PROF, page_time)
    try:
        return work(*arguments)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _prepare(page_memory: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle; it stops the pool
    resource.setrlimit(resource.RLIMIT_AS, (page_memory, page_memory))
