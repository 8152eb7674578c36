"""The yardstick of the whole pipeline: bare trafilatura with metadata over the same pages, one process a core.

Belongs here: what somebody would write who has the pages on disk and wants text and metadata, and nothing kept of where they came
from. The pages are decoded to text and lie in the processes' memory before the clock starts, which favours the yardstick.
"""

from __future__ import annotations

import logging
import multiprocessing
import time
from dataclasses import dataclass

from archiver.payload import text_of
from benchmarks.pages import load_pages

_texts: list[tuple[str, str]] = []


@dataclass(frozen=True, slots=True)
class BareRun:
    pages: int
    seconds: float
    cpu: float
    empty: int


def run_bare(pages: int, processes: int, base: str, limit: int | None = None) -> BareRun:
    """Extracts page 0 to `pages` - 1 of the site's endless sequence (pages repeat) in warm processes."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, _load, (limit, base)) as pool:
        pool.map(_extract, range(12 * processes), chunksize=1)
        began = time.perf_counter()
        outcomes = list(pool.imap_unordered(_extract, range(pages), chunksize=2))
        seconds = time.perf_counter() - began
    return BareRun(pages, seconds, sum(cpu for cpu, _ in outcomes), sum(not found for _, found in outcomes))


def _load(limit: int | None, base: str) -> None:
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    for number, page in enumerate(load_pages(limit)):
        _texts.append((f"{base}/page/{number}.html", text_of(page.body, page.content_type)[0]))


def _extract(number: int) -> tuple[float, bool]:
    """(CPU seconds, whether there was any text)."""
    import trafilatura

    began = time.process_time()
    url, text = _texts[number % len(_texts)]
    found = trafilatura.extract(text, url=url, output_format="json", with_metadata=True)
    return time.process_time() - began, bool(found)
