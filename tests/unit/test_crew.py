"""Work shared among processes: told in its order, and none is lost with a process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from archiver.crew import AHEAD, Crew

LARGE = 2**20
"""Bytes of a result, many times what a pipe holds."""


def nothing() -> None:
    """What a process of these tests has to prepare."""


def repeated(number: int) -> bytes:
    if number < 0:
        raise ValueError(f"{number} is below zero")
    return bytes([number]) * LARGE


def slow_at_first(number: int) -> int:
    time.sleep(1.0 if number == 0 else 0.0)
    return number


def pid(_: int) -> int:
    return os.getpid()


@pytest.fixture
def crew() -> Iterator[Crew[int, bytes]]:
    made: Crew[int, bytes] = Crew(2, repeated, repeated, nothing)
    yield made
    made.close()


def test_results_come_in_the_order_of_the_pieces(crew: Crew[int, bytes]) -> None:
    assert list(crew.in_order(range(20))) == [(number, repeated(number)) for number in range(20)]


def test_a_long_piece_keeps_nobody_from_what_follows_it() -> None:
    crew: Crew[int, int] = Crew(2, slow_at_first, slow_at_first, nothing)
    given: list[int] = []

    def pieces() -> Iterator[int]:
        for number in range(20):
            given.append(number)
            yield number

    told = crew.in_order(pieces())
    assert next(told) == (0, 0)
    assert len(given) == 2 * AHEAD, "no more is under way than was allowed"
    assert [number for number, _ in told] == list(range(1, 20))
    crew.close()


@pytest.mark.parametrize("when", ["in the middle of a result", "before the first piece"])
def test_killed_processes_cost_nothing(when: str, crew: Crew[int, bytes]) -> None:
    told, early = crew.in_order(range(8)), []
    if when == "in the middle of a result":
        early = [next(told)]
        time.sleep(0.5)  # by now the others wait for room in their pipes
    for process in list(crew._processes.values()):
        process.kill()
        process.join()
    assert [*early, *told] == [(number, repeated(number)) for number in range(8)]


def test_an_exception_is_raised_in_its_turn(crew: Crew[int, bytes]) -> None:
    told = crew.in_order([1, -2, 3])
    assert next(told)[0] == 1
    with pytest.raises(ValueError, match="-2 is below zero"):
        next(told)


def test_closing_ends_processes_that_are_at_work() -> None:
    crew: Crew[float, None] = Crew(2, time.sleep, time.sleep, nothing)
    processes = list(crew._processes.values())
    began = time.monotonic()
    told = crew.in_order(iter([0.0, 60.0, 60.0]))
    next(told)
    crew.close()
    assert time.monotonic() - began < 30
    assert not any(process.is_alive() for process in processes)


def test_the_work_is_done_elsewhere() -> None:
    crew: Crew[int, int] = Crew(2, pid, pid, nothing)
    assert os.getpid() not in {found for _, found in crew.in_order(range(4))}
    crew.close()
