"""The replay of real pages: crawled with what they need, then every capture is asked for through pywb.

Belongs here: that measurement and what it counts. The site has the pages and nothing else, so nearly all of what they need is a 404, and
those are captures as well: a replay has to answer them as they were recorded.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from archiver.archive import Archive
from benchmarks.crawls import Plan, measure
from benchmarks.pages import load_pages
from benchmarks.site import LoopbackSite
from benchmarks.tables import show

CRAWL_MAX = 3600.0
"""Seconds; every host of a requisite is asked for its robots.txt."""


@dataclass
class ReplayReport:
    """`needed`: requisites of all pages. `counts`: "id_ replayed" and so on, as `archiver replay --check` says them; `broken`: the
    questions that it names."""

    pages: int
    seconds: float = 0.0
    captures: int = 0
    needed: int = 0
    accounts: int = 0
    exit: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        asked = {name.partition(" ")[2] for name in self.counts}
        return self.exit == 0 and asked == {"replayed"}


def run_replay(folder: Path, limit: int | None = None) -> ReplayReport:
    """Crawls the pages with their requisites into `folder`, and walks the replay."""
    pages = load_pages(limit)
    report, store, began = ReplayReport(len(pages)), folder / "archive", time.perf_counter()
    with LoopbackSite(limit) as site:
        ports = site.http_port, site.https_port
        measure(Plan(str(store), ports, urls=[page.url for page in pages], requisites=True), CRAWL_MAX)
    for run in Archive(store).runs():
        report.captures += run.captures
        report.accounts += len(run.requisites)
        report.needed += sum(page.needed for page in run.requisites)
    command = [sys.executable, "-m", "archiver", "replay", "--check", "--port", "0"]
    command += ["--store", str(store), "--state", str(folder / "state")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[1])
    report.exit, report.seconds = done.returncode, time.perf_counter() - began
    for line in done.stdout.splitlines():
        name, _, count = line.rpartition(" ")
        report.counts[name] = int(count)
    report.broken = [line for line in done.stderr.splitlines() if " recorded " in line]
    return report


def main(limit: int | None = None) -> bool:
    """Runs and prints; whether every capture was answered as it was recorded."""
    with tempfile.TemporaryDirectory(prefix="archiver-replays-") as folder:
        report = run_replay(Path(folder), limit)
    about = f"{report.pages} pages, {report.needed} requisites, {report.captures} captures, in {report.seconds:.0f} s"
    show(f"replay: {about}", ("asked and answered", "captures"), sorted(report.counts.items()))
    for sentence in report.broken[:20]:
        print(sentence)
    return report.good
