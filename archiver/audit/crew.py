"""Several files read at once: one process a core, results in the order that was asked for.

Belongs here: processes, their number and their end. What reading a file means is `files`'s business.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool

from archiver.audit.files import FileCheck, Read
from archiver.audit.ledger import Ledger
from archiver.store import Store

WORTH = 100 * 2**20
"""Bytes from which several processes are worth while: a process takes a while to start."""

_AHEAD = 2
"""Files a process has waiting: enough that none is idle while the results are told in their order."""

_check: FileCheck | None = None


def read_all(check: FileCheck, keys: Sequence[str], workers: int) -> Iterator[tuple[str, Read]]:
    """(key, what reading it gave) in the order of `keys`, which the ledger knows. At most `workers` processes, where they pay."""
    sizes = [check.ledger.files[key].size for key in keys]
    workers = min(workers, sum(size > WORTH // 100 for size in sizes))
    if workers < 2 or sum(sizes) < WORTH:
        yield from ((key, check.read(check.ledger.files[key])) for key in keys)
        return
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(check.store, check.ledger, check.replicas),
    )
    try:
        yield from _in_order(pool, check, keys, workers * _AHEAD)
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor, check: FileCheck, keys: Sequence[str], ahead: int
) -> Iterator[tuple[str, Read]]:
    waiting: deque[Future[Read]] = deque()
    for number, key in enumerate(keys):
        for later in keys[number + len(waiting) : number + ahead]:
            try:
                waiting.append(pool.submit(_read, later))
            except BrokenProcessPool:
                break
        try:
            if waiting:
                yield key, waiting.popleft().result()
                continue
        except BrokenProcessPool:  # a process was killed: no file is left out for that
            waiting.clear()
        yield key, check.read(check.ledger.files[key])


def _prepare(store: Store, ledger: Ledger, replicas: tuple[str, ...]) -> None:
    global _check
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    gc.freeze()  # records make no cycles: looking for some among a million of them took a tenth of the time
    gc.set_threshold(100_000, 50, 100)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _check = FileCheck(store, ledger, replicas)


def _end_with_parent() -> None:
    """A parent that was killed sends no word, and its processes would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)


def _read(key: str) -> Read:
    assert _check is not None
    return _check.read(_check.ledger.files[key])
