"""Kill anywhere, at seeded instants of crawl, seal and publish: `KILL_RUNS=300` for the long version, `KILL_STORE` for another store."""

from __future__ import annotations

import os
import time
from pathlib import Path

from archiver.demo import DemoNewspaper
from tests.kill.harness import Harness

RUNS = int(os.environ.get("KILL_RUNS", "9"))
SECONDS = float(os.environ.get("KILL_SECONDS", "60"))
"""After so long no further run is begun, unless KILL_RUNS asks for a number."""


def test_whatever_is_killed_the_next_run_makes_whole(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    began = time.monotonic()
    with Harness(
        tmp_path, newspaper, os.environ.get("KILL_STORE"), seed=int(os.environ.get("KILL_SEED", "7"))
    ) as harness:
        for number in range(RUNS):
            if "KILL_RUNS" not in os.environ and number > 5 and time.monotonic() - began > SECONDS:
                break
            harness.run(number)
        harness.check()
        figures = harness.figures
    print(figures)
    assert figures.problems == []
    assert figures.killed.total() >= 3, "the instants met nothing"
    assert figures.acknowledged > 10
