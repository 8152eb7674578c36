"""Speed as ratios: every variant is measured in every round on one loopback site, so that a busy machine is busy for all of them.

Belongs here: which variants stand against each other and what must come out (pages a second, medians of the rounds' ratios).

    whole pipeline : bare trafilatura      fetch + WARC + extract + JSON + publish, against text and metadata alone
    recording      : the same spider       our handler and WARC, against Scrapy's own handler that stores nothing
    recording      : wget --warc-file      the same pages from the same site, compressed WARC for both
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.bare import run_bare
from benchmarks.crawls import Measured, Plan, measure
from benchmarks.pages import load_pages
from benchmarks.site import LoopbackSite
from benchmarks.tables import machine, paper, ratio_line, show, talk

WARM = 60
"""Pages before a crawl's clock starts: interpreters, libraries and caches of all processes are warm by then."""

RECORDED = 2000
WHOLE = 580


@dataclass
class Rounds:
    """What was measured, by variant: pages a second, and CPU milliseconds a page where they are known."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    costs: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, rate: float, cost: float | None = None) -> None:
        talk.print(f"  {name}: {rate:.1f} pages/s" + (f", {cost:.2f} ms of CPU a page" if cost else ""))
        self.rates.setdefault(name, []).append(rate)
        if cost is not None:
            self.costs.setdefault(name, []).append(cost)

    def ratios(self, name: str, yardstick: str) -> list[float]:
        """Round by round."""
        return [own / other for own, other in zip(self.rates[name], self.rates[yardstick], strict=True)]

    def print(self, title: str) -> None:
        rows = [
            (name, median(rates), min(rates), max(rates), median(self.costs[name]) if name in self.costs else "")
            for name, rates in self.rates.items()
        ]
        show(title, ("variant", "pages/s, median", "lowest", "highest", "CPU ms/page"), rows)


class Bench:
    """One site and a folder for what the variants write; each variant adds one figure to `rounds`."""

    def __init__(self, site: LoopbackSite, folder: Path) -> None:
        self.site, self.folder = site, folder
        self.rounds = Rounds()

    def _crawl(self, spider: str, pages: int, records: bool = True) -> Measured:
        store = self.folder / "store"
        ports = self.site.http_port, self.site.https_port
        base = self.site.base
        plan = Plan(str(store), ports, spider, base=base, pages=WARM + pages, warm=WARM, records=records)
        try:
            return measure(plan)
        finally:
            shutil.rmtree(store, ignore_errors=True)

    def bare(self, pages: int) -> None:
        run = run_bare(pages, os.cpu_count() or 1, self.site.base)
        self.rounds.add("bare trafilatura", run.pages / run.seconds, run.cpu / run.pages * 1000)

    def whole(self, pages: int) -> None:
        run = self._crawl("timed", pages)
        self.rounds.add("whole pipeline", run.pages / run.published, (run.cpu + run.workers_cpu) / run.pages * 1000)

    def recording(self, pages: int) -> None:
        run = self._crawl("counting", pages)
        self.rounds.add("recording", run.pages / run.seconds, (run.cpu + run.workers_cpu) / run.pages * 1000)

    def nothing(self, pages: int) -> None:
        run = self._crawl("counting", pages, records=False)
        self.rounds.add("storing nothing", run.pages / run.seconds, run.cpu / run.pages * 1000)

    def wget(self, pages: int) -> None:
        """wget on the listing of the same pages, one level deep."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        before = self.site.served().pages
        command = ["wget", "-q", "-r", "-l", "1", "-e", "robots=off", "--warc-file=pages", "-P", "tree"]
        began = time.perf_counter()
        subprocess.run([*command, f"{self.site.base}/listing/{pages}"], cwd=folder, check=False)
        seconds = time.perf_counter() - began
        got = self.site.served().pages - before
        shutil.rmtree(folder)
        if got != pages:
            raise RuntimeError(f"wget asked for {got} of {pages} pages")
        self.rounds.add("wget --warc-file", got / seconds)


def main(rounds: int = 3, only: str = "") -> bool:
    """Runs and prints; whether every least ratio was reached. `only`: "whole" or "recording"."""
    paper.print(f"{machine()}; pages: {len(load_pages())}")
    good = True
    with LoopbackSite() as site, tempfile.TemporaryDirectory(prefix="archiver-speed-") as folder:
        if only in ("", "recording"):
            good = _recording(Bench(site, Path(folder)), rounds)
        if only in ("", "whole"):
            good = _whole(Bench(site, Path(folder)), rounds) and good
    return good


def _recording(bench: Bench, rounds: int) -> bool:
    variants: list[Callable[[int], None]] = [bench.nothing, bench.recording]
    has_wget = shutil.which("wget") is not None
    for number in range(rounds):
        talk.print(f"recording, round {number + 1} of {rounds}")
        for variant in variants if number % 2 else reversed(variants):
            variant(RECORDED)
        if has_wget:
            bench.wget(WHOLE)
    measured = bench.rounds
    measured.print(f"Recording {RECORDED} pages, without extraction")
    to_nothing = measured.ratios("recording", "storing nothing")
    paper.print(ratio_line("recording : storing nothing", to_nothing, 0.90))
    if not has_wget:
        paper.print("recording : wget --warc-file: not measured, wget is not installed")
        return median(to_nothing) >= 0.90
    to_wget = measured.ratios("recording", "wget --warc-file")
    paper.print(ratio_line("recording : wget --warc-file", to_wget, 2.5, 4) + "\n")
    return median(to_nothing) >= 0.90 and median(to_wget) >= 2.5


def _whole(bench: Bench, rounds: int) -> bool:
    variants: list[Callable[[int], None]] = [bench.bare, bench.whole]
    for number in range(rounds):
        talk.print(f"whole pipeline, round {number + 1} of {rounds}")
        for variant in variants if number % 2 else reversed(variants):
            variant(WHOLE)
    bench.rounds.print(f"The whole pipeline, {WHOLE} pages")
    ratios = bench.rounds.ratios("whole pipeline", "bare trafilatura")
    costs = bench.rounds.costs
    work = [bare / whole for bare, whole in zip(costs["bare trafilatura"], costs["whole pipeline"], strict=True)]
    paper.print(ratio_line("whole pipeline : bare trafilatura", ratios, 0.85, 1.0))
    paper.print(f"the same by CPU time, which other work on the machine disturbs less: {median(work):.2f}\n")
    return median(ratios) >= 0.85
