"""What extraction costs beside bare trafilatura with metadata: CPU time, paired page by page, on any pages of yours.

    python benchmarks/extraction.py [--every N] [--parts] [FILE.html[.gz] ...]

Without files the corpus beside the project is used. Each page is read by both in turn, three times, the order swapped each
time; a page's cost is the smallest of its three. Printed: the median of ours, of theirs, and of the paired ratios.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

import trafilatura

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archiver.citations import find_citations
from archiver.errors import Refused
from archiver.extract import extract
from archiver.extract.language import detect_language
from archiver.extract.metadata import read_metadata
from archiver.extract.quotations import find_quotations
from archiver.extract.text import read_body
from archiver.models.exchange import Capture
from archiver.models.hints import ExtractHints
from archiver.page import parse_page
from archiver.screen import screen
from tests.quality.corpus import capture_of, samples

ROUNDS = 3
Made = TypeVar("Made")


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of one call; a refusal costs what it costs."""
    started = time.process_time()
    with contextlib.suppress(Refused):
        work()
    return time.process_time() - started


def paired(capture: Capture) -> tuple[float, float]:
    """(ours, bare trafilatura's) in CPU seconds, the best of three each."""
    ours: list[float] = []
    bare: list[float] = []
    for round_ in range(ROUNDS):
        pair = [
            (ours, lambda: extract(capture)),
            (
                bare,
                lambda: trafilatura.bare_extraction(
                    capture.body, url=capture.url, with_metadata=True, include_comments=False
                ),
            ),
        ]
        for times, work in reversed(pair) if round_ % 2 else pair:
            times.append(cpu(work))
    return min(ours), min(bare)


def parts(capture: Capture) -> dict[str, float]:
    """CPU seconds of each step of ours, once."""
    found: dict[str, float] = {}

    def timed(name: str, work: Callable[[], Made]) -> Made:
        started = time.process_time()
        outcome = work()
        found[name] = time.process_time() - started
        return outcome

    page = timed("parse", lambda: parse_page(capture))
    metadata = timed("metadata", lambda: read_metadata(page))
    body = timed("body", lambda: read_body(page, ExtractHints(), [metadata.headline or ""], []))
    timed("screen", lambda: (screen(page, None), screen(page, body.text)))
    timed("language", lambda: detect_language(body.text, metadata.language))
    timed("quotations", lambda: find_quotations(body.paragraphs, metadata.language))
    timed("citations", lambda: find_citations(page, body.text, body.paragraphs, metadata.language))
    return found


def captures(files: list[Path], every: int) -> list[Capture]:
    if files:
        read = (gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes() for file in files)
        return [capture_of(content, "https://news.example/2026/11/24/page") for content in read]
    return [sample.capture for sample in samples()[::every]]


def main() -> int:
    parser = argparse.ArgumentParser(description="Extraction's CPU time beside bare trafilatura with metadata.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--every", type=int, default=4, help="every Nth page of the corpus (default 4)")
    parser.add_argument("--parts", action="store_true", help="also the median of each step")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    pages = captures(options.files, options.every)
    if not pages:
        print("no pages: name files, or put the corpus beside the project")
        return 0
    for capture in pages[:10]:  # models and expressions are loaded once, by both
        paired(capture)
    costs = [paired(capture) for capture in pages]
    ours, bare = [mine for mine, _ in costs], [theirs for _, theirs in costs]
    print(
        f"{len(pages)} pages; ours {median(ours) * 1000:.1f} ms, bare trafilatura {median(bare) * 1000:.1f} ms (medians of CPU time)"
    )
    print(
        f"paired ratio: median {median(mine / theirs for mine, theirs in costs):.2f}; of the sums {sum(ours) / sum(bare):.2f}"
    )
    if options.parts:
        steps = [parts(capture) for capture in pages]
        for name in steps[0]:
            print(f"  {name:12}{median(step[name] for step in steps) * 1000:>7.2f} ms")
        citing = [step["citations"] for step in steps]
        rest = [sum(step.values()) - step["citations"] for step in steps]
        shares = median(mine / other for mine, other in zip(citing, rest, strict=True)), sum(citing) / sum(rest)
        print(
            f"detection of posts, of the rest of extraction: median {shares[0]:.3f}; of the sums {shares[1]:.3f} (aim 0.10)"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
