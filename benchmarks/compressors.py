"""Which compressor for WARC members: ratio, speed and how much it stops other threads, on real pages.

Run `python benchmarks/compressors.py [FILE...]`; without files it takes the corpus of real pages beside the project. Each page
is compressed as one gzip member, as the writer does. `other` is how fast a second thread counts meanwhile, as a share of its
speed alone: near 1 means that the compressor lets go of the interpreter (on a machine with a free core).
"""

from __future__ import annotations

import gzip
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

isal_zlib: Any
try:
    from isal import isal_zlib
except ImportError:
    isal_zlib = None

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "pages"
PAGES_MAX = 200
GZIP = 31


def pages(arguments: list[str]) -> list[bytes]:
    """The files named, or every so many of the corpus; gzip files are unpacked."""
    paths = [Path(name) for name in arguments] or sorted(path for path in CORPUS.glob("*") if path.is_file())
    step = max(1, len(paths) // PAGES_MAX)
    return [_unpacked(path.read_bytes()) for path in paths[::step]]


def _unpacked(raw: bytes) -> bytes:
    return gzip.decompress(raw) if raw.startswith(b"\x1f\x8b") else raw


def candidates() -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    if isal_zlib is not None:
        for level in range(4):
            yield f"igzip {level}", lambda page, level=level: isal_zlib.compress(page, level, GZIP)  # type: ignore[misc]
    for level in (1, 4, 6, 9):
        yield f"zlib {level}", lambda page, level=level: zlib.compress(page, level, GZIP)  # type: ignore[misc]


class Counter(threading.Thread):
    """Counts until told to stop."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.count, self.stopped = 0, False

    def run(self) -> None:
        while not self.stopped:
            self.count += 1


def measure(compress: Callable[[bytes], bytes], samples: list[bytes]) -> tuple[int, float, float]:
    """(bytes out, seconds alone, counts a second of another thread meanwhile)."""
    best, size = 1e9, 0
    for _ in range(3):
        start = time.perf_counter()
        size = sum(len(compress(page)) for page in samples)
        best = min(best, time.perf_counter() - start)
    counter = Counter()
    counter.start()
    start = time.perf_counter()
    for page in samples:
        compress(page)
    rate = counter.count / (time.perf_counter() - start)
    counter.stopped = True
    counter.join()
    return size, best, rate


def alone() -> float:
    counter = Counter()
    counter.start()
    time.sleep(0.5)
    counter.stopped = True
    counter.join()
    return counter.count / 0.5


def main(arguments: list[str]) -> int:
    samples = pages(arguments)
    if not samples:
        print("no pages: name files, or put the corpus beside the project", file=sys.stderr)
        return 2
    total, free = sum(map(len, samples)), alone()
    print(f"{len(samples)} pages, {total / 1e6:.1f} MB\n")
    print("| compressor | ratio | MB/s | ms per 100 KB | other |\n|---|---|---|---|---|")
    for name, compress in candidates():
        size, seconds, rate = measure(compress, samples)
        row = f"{total / size:.2f} | {total / seconds / 1e6:.0f} | {seconds / total * 1e8:.2f} | {rate / free:.2f}"
        print(f"| {name} | {row} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
