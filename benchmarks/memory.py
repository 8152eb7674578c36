"""Memory of the crawling process: flat however many pages there are and however large one is.

Belongs here: peak resident size of whole crawls, each in a process of its own. Workers are bounded by their own limit.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks.crawls import Measured, Plan, measure
from benchmarks.site import MEBIBYTE, LoopbackSite
from benchmarks.tables import machine, paper, show

LEAST, MOST = 2_000, 20_000
EXTRACTED_LEAST, EXTRACTED_MOST = 150, 900
RATIO_MAX = 1.15
HUGE = 200
HUGE_MAX = 64 * MEBIBYTE
"""What a page of 200 MB may add: bodies up to 32 MiB are kept for Scrapy, and growing a buffer copies it once."""


def main(extraction: bool = True) -> bool:
    """Runs and prints; whether memory stayed flat."""
    paper.print(machine())
    rows: list[tuple[object, ...]] = []
    with LoopbackSite() as site, tempfile.TemporaryDirectory(prefix="archiver-memory-") as folder:
        store = Path(folder) / "store"
        few, many = (_crawl(site, store, "counting", pages) for pages in (LEAST, MOST))
        rows.append((f"recording, {LEAST} pages", few.peak / MEBIBYTE, ""))
        rows.append((f"recording, {MOST} pages", many.peak / MEBIBYTE, many.peak / few.peak))
        good = many.peak <= RATIO_MAX * few.peak
        huge = _crawl(site, store, "counting", 200, [f"{site.base}/huge/{HUGE}"])
        small = _crawl(site, store, "counting", 200)
        rows.append(("recording, 200 pages", small.peak / MEBIBYTE, ""))
        rows.append((f"the same and a page of {HUGE} MiB", huge.peak / MEBIBYTE, huge.peak / small.peak))
        good = good and huge.peak <= small.peak + HUGE_MAX
        if extraction:
            short, long = (_crawl(site, store, "timed", pages) for pages in (EXTRACTED_LEAST, EXTRACTED_MOST))
            rows.append((f"with extraction, {EXTRACTED_LEAST} pages", short.peak / MEBIBYTE, ""))
            rows.append((f"with extraction, {EXTRACTED_MOST} pages", long.peak / MEBIBYTE, long.peak / short.peak))
            good = good and long.peak <= RATIO_MAX * short.peak
    show("Peak memory of the crawling process", ("crawl", "MiB", "ratio"), rows)
    paper.print(
        f"at most {RATIO_MAX} for more pages, {HUGE_MAX // MEBIBYTE} MiB for a huge one: {'kept' if good else 'MISSED'}"
    )
    return good


def _crawl(site: LoopbackSite, store: Path, spider: str, pages: int, urls: list[str] | None = None) -> Measured:
    plan = Plan(str(store), (site.http_port, site.https_port), spider, urls=urls or [], base=site.base, pages=pages)
    try:
        return measure(plan)
    finally:
        shutil.rmtree(store, ignore_errors=True)
