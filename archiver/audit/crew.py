"""Several files read at once: one process a core, results in the order that was asked for.

Belongs here: when several processes pay. What reading a file means is `files`'s business.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence

from archiver.audit.files import FileCheck, Read
from archiver.audit.ledger import Ledger
from archiver.crew import Crew
from archiver.store import Store

WORTH = 100 * 2**20
"""Bytes from which several processes are worth while: a process takes a while to start."""

_check: FileCheck | None = None


def read_all(check: FileCheck, keys: Sequence[str], workers: int) -> Iterator[tuple[str, Read]]:
    """(key, what reading it gave) in the order of `keys`, which the ledger knows. At most `workers` processes, where they pay."""
    sizes = [check.ledger.files[key].size for key in keys]
    workers = min(workers, sum(size > WORTH // 100 for size in sizes))
    if workers < 2 or sum(sizes) < WORTH:
        yield from ((key, check.read(check.ledger.files[key])) for key in keys)
        return
    crew = Crew(
        workers,
        _read,
        lambda key: check.read(check.ledger.files[key]),
        _prepare,
        check.store,
        check.ledger,
        check.replicas,
    )
    try:
        yield from crew.in_order(keys)
    finally:
        crew.close()


def _prepare(store: Store, ledger: Ledger, replicas: tuple[str, ...]) -> None:
    global _check
    gc.freeze()  # records make no cycles: looking for some among a million of them took a tenth of the time
    gc.set_threshold(100_000, 50, 100)
    _check = FileCheck(store, ledger, replicas)


def _read(key: str) -> Read:
    assert _check is not None
    return _check.read(_check.ledger.files[key])
