"""Work shared among processes, its results in the order that was asked for.

Belongs here: processes, their number and their end. What they do is their caller's matter.

Each process has a pipe of its own, whose other end nobody else holds: one that was killed is noticed at once, also in the middle of a
result. The pools of the standard library share one pipe, and would wait for the rest of that result for ever.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Generic, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

AHEAD = 2
"""Pieces of work for each process that are given out or done before their turn: enough that none is idle meanwhile."""


class Crew(Generic[Given, Made]):
    """`count` processes that do `work` on what they are given; `prepare(*arguments)` is called once in each. `here` does the same work in
    this process, should others be killed.
    """

    def __init__(
        self,
        count: int,
        work: Callable[[Given], Made],
        here: Callable[[Given], Made],
        prepare: Callable[..., None],
        *arguments: Any,
    ) -> None:
        self._here, self._ahead = here, count * AHEAD
        self._processes = dict(_hired(work, prepare, arguments) for _ in range(count))
        self._free = deque(self._processes)
        self._working: dict[Connection, _Task[Given]] = {}

    def close(self) -> None:
        """Ends the processes, also those that are at work."""
        for pipe in list(self._processes):
            self._dismiss(pipe)

    def in_order(self, pieces: Iterable[Given]) -> Iterator[tuple[Given, Made]]:
        """Each piece and what was made of it. An exception of the work is raised here, in its turn."""
        tasks, order = map(_Task, pieces), deque[_Task[Given]]()
        while True:
            while self._free and len(order) < self._ahead and (task := next(tasks, None)):
                order.append(task)
                self._give(task)
            if not order:
                break
            if (outcome := order[0].outcome) is None:
                self._take()
                continue
            good, made = outcome
            if not good:
                raise made
            yield order.popleft().piece, made
        for task in tasks:  # every process was killed
            yield task.piece, self._here(task.piece)

    def _give(self, task: _Task[Given]) -> None:
        pipe = self._free.popleft()
        try:
            pipe.send(task.piece)
            self._working[pipe] = task
        except OSError:
            self._make_up_for(pipe, task)

    def _take(self) -> None:
        """Waits until there is an outcome."""
        for pipe in wait(list(self._working)):
            assert isinstance(pipe, Connection)
            task = self._working.pop(pipe)
            try:
                task.outcome = pipe.recv()
                self._free.append(pipe)
            except (EOFError, OSError):
                self._make_up_for(pipe, task)

    def _make_up_for(self, pipe: Connection, task: _Task[Given]) -> None:
        """The process is gone, and with it what it was to do."""
        self._dismiss(pipe)
        task.outcome = _done(self._here, task.piece)

    def _dismiss(self, pipe: Connection) -> None:
        process = self._processes.pop(pipe)
        pipe.close()
        process.kill()
        process.join()


@dataclass(slots=True)
class _Task(Generic[Given]):
    """`outcome` is (whether it went well, what was made or the exception)."""

    piece: Given
    outcome: tuple[bool, Any] | None = None


def _hired(
    work: Callable[..., Any], prepare: Callable[..., None], arguments: tuple[Any, ...]
) -> tuple[Connection, BaseProcess]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work, prepare, arguments), daemon=True)
    process.start()
    theirs.close()
    return ours, process


def _serve(
    pipe: Connection, work: Callable[..., Any], prepare: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    """Until the other end is closed, as it also is when the process that had it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the other's to handle
    prepare(*arguments)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_done(work, pipe.recv()))


def _done(work: Callable[[Given], Any], piece: Given) -> tuple[bool, Any]:
    try:
        return True, work(piece)
    except Exception as error:  # noqa: BLE001  it is raised where the piece came from
        return False, error
