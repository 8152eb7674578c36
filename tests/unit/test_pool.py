"""Worker processes: what a page may cost, and that it costs no other page."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator

import pytest

from archiver.pool import PATIENCE, ExtractPool
from archiver.reasons import Reason
from archiver.work import Outcome

PAGE_TIME = 0.3


def answers() -> Outcome:
    return Outcome(detail="answered")


def computes_for_ever() -> Outcome:
    re.match(r"(a+)+$", "a" * 60 + "b")
    return answers()


def waits() -> Outcome:
    time.sleep(2 * PAGE_TIME)
    return answers()


def hangs() -> Outcome:
    time.sleep(1000)
    return answers()


def dies() -> Outcome:
    os._exit(3)


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractPool]:
    with ExtractPool(1, page_time=PAGE_TIME) as running:
        yield running


def test_a_page_that_computes_too_long_costs_itself_only(pool: ExtractPool) -> None:
    late, next_one = pool._schedule(computes_for_ever), pool._schedule(answers)
    assert late.result().reason is Reason.EXTRACTOR_TIMEOUT
    assert "CPU" in late.result().detail
    assert next_one.result() == answers()


def test_a_page_that_only_waits_for_its_turn_on_a_busy_machine_is_read(pool: ExtractPool) -> None:
    assert pool._schedule(waits).result() == answers()


def test_a_worker_that_neither_works_nor_answers_is_ended(pool: ExtractPool) -> None:
    began = time.monotonic()
    late, next_one = pool._schedule(hangs), pool._schedule(answers)
    assert late.result().reason is Reason.EXTRACTOR_TIMEOUT
    assert next_one.result() == answers()
    assert time.monotonic() - began >= PATIENCE * PAGE_TIME


def test_a_worker_that_dies_is_a_counted_refusal(pool: ExtractPool) -> None:
    dead, next_one = pool._schedule(dies), pool._schedule(answers)
    assert dead.result().reason is Reason.EXTRACTOR_CRASHED
    assert "3" in dead.result().detail
    assert next_one.result() == answers()
