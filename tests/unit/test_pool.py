"""A page that kills, hangs or starves its worker costs that page only.

The pathological functions are real and run in real worker processes.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest

from archiver.models.hints import ExtractHints
from archiver.pool import ExtractPool, acquire_pool, release_pool
from archiver.reasons import Reason
from archiver.work import Outcome
from tests.unit.making import capture, page


def hang() -> Outcome:
    while True:
        time.sleep(1)


def spin() -> Outcome:
    while True:
        pass


def crash() -> Outcome:
    os.kill(os.getpid(), signal.SIGSEGV)
    return Outcome()


def leave() -> Outcome:
    os._exit(7)


def starve() -> Outcome:
    hoard = [bytearray(2**26) for _ in range(1000)]
    return Outcome(detail=str(len(hoard)))


def unpicklable() -> Any:
    return lambda: None


def submit(pool: ExtractPool, function: Callable[[], Outcome]) -> Future[Outcome]:
    """As `ExtractPool.submit`, with another function in place of extraction."""
    return pool._schedule(function)


BAD: dict[Callable[[], Outcome], Reason] = {
    hang: Reason.EXTRACTOR_TIMEOUT,
    crash: Reason.EXTRACTOR_CRASHED,
    leave: Reason.EXTRACTOR_CRASHED,
    starve: Reason.EXTRACTOR_MEMORY,
    spin: Reason.EXTRACTOR_TIMEOUT,
    unpicklable: Reason.EXTRACTOR_CRASHED,
}


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    """Every bad page between two good ones, through one pool."""
    asked: dict[str, Future[Outcome]] = {}
    with pytest.MonkeyPatch.context() as patch, ExtractPool(2, page_time=2.5, page_memory=2**30) as pool:
        patch.setattr("archiver.pool.PATIENCE", 3)
        for function in BAD:
            asked[function.__name__] = submit(pool, function)
            asked[f"after {function.__name__}"] = pool.submit_capture(capture(page()), ExtractHints())
        return {name: future.result(60) for name, future in asked.items()}


@pytest.mark.parametrize("function", BAD)
def test_a_pathological_page_costs_itself_only(outcomes: dict[str, Outcome], function: Callable[[], Outcome]) -> None:
    bad = outcomes[function.__name__]
    assert bad.reason is BAD[function]
    assert bad.detail
    assert outcomes[f"after {function.__name__}"].line


def test_what_waits_when_the_pool_ends_has_a_reason() -> None:
    pool = ExtractPool(1, page_time=30.0)
    waiting = [submit(pool, hang) for _ in range(3)]
    pool.close()
    assert {future.result(10).reason for future in waiting} == {Reason.EXTRACTOR_CRASHED}


def test_spiders_of_one_process_share_a_pool() -> None:
    first, second = acquire_pool(1, 30.0, 2**30), acquire_pool(1, 30.0, 2**30)
    assert first is second
    release_pool(first)
    assert second.submit_capture(capture(page()), ExtractHints()).result(30).line
    release_pool(second)
    third = acquire_pool(1, 30.0, 2**30)
    assert third is not first
    release_pool(third)
