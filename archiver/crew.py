"""Work shared among processes, its results in the order that was asked for.

Belongs here: processes, their number and their end. What they do is their caller's matter.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

AHEAD = 2
"""Pieces of work that a process has waiting: enough that none is idle while results are told in their order."""


def can_fork() -> bool:
    """Whether forked processes are possible here, and of use: they need a second core."""
    return sys.platform == "linux" and (os.cpu_count() or 1) > 1


def spawned(count: int, prepare: Callable[..., None], *arguments: Any) -> ProcessPoolExecutor:
    """Processes that begin from nothing. `prepare` is called in each, with copies of the arguments."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin_spawned, initargs=(prepare, arguments))


def in_order(
    pool: ProcessPoolExecutor,
    there: Callable[[Given], Made],
    here: Callable[[Given], Made],
    pieces: Iterable[Given],
    ahead: int,
) -> Iterator[tuple[Given, Made]]:
    """Each piece and what `there` makes of it in one of the processes; at most `ahead` are under way.

    Should a process be killed, `here` makes the rest in this one. What is made has to fit a pipe (64 KiB): a process that is killed
    while it waits for room in one would never be missed.
    """
    waiting: deque[tuple[Given, Future[Made] | None]] = deque()
    for piece in pieces:
        waiting.append((piece, _submit(pool, there, piece)))
        if len(waiting) >= ahead:
            yield _first(waiting, here)
    while waiting:
        yield _first(waiting, here)


def _submit(pool: ProcessPoolExecutor, there: Callable[[Given], Made], piece: Given) -> Future[Made] | None:
    try:
        return pool.submit(there, piece)
    except BrokenProcessPool:
        return None


def _first(waiting: deque[tuple[Given, Future[Made] | None]], here: Callable[[Given], Made]) -> tuple[Given, Made]:
    piece, future = waiting.popleft()
    if future is not None:
        try:
            return piece, future.result()
        except BrokenProcessPool:
            pass
    return piece, here(piece)


def _begin_spawned(prepare: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_end_with_parent, daemon=True).start()
    prepare(*arguments)


def _end_with_parent() -> None:
    """A parent that was killed sends no word, and its processes would wait for work for ever."""
    parent = multiprocessing.parent_process()
    if parent:
        parent.join()
        os._exit(1)
