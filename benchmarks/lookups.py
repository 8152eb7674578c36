"""Index look-ups: an archive of ten million lines, asked in a process that does nothing else.

Belongs here: making such an index and measuring look-ups in it. The lines are made up and like real ones in length; they are in order
already, so what is measured is looking up, and how fast blocks are written.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha1
from pathlib import Path

from archiver.index import write_blocks
from archiver.index.folder import FORM, LIST
from benchmarks.tables import paper, show

LINES = 10_000_000
SHARES = (0.65, 0.25, 0.10)
"""Pieces as they come about: each less than half of the one before."""

CAPTURES = 4
"""Lines a URL."""

_ROOT = Path(__file__).parents[1]
MEMORY_MAX = 100 * 2**20
SECONDS_MAX = 0.020

_ASK = """
import json, sys, time
from pathlib import Path
from archiver.index import ArchiveIndex
from benchmarks.peak import peak_memory
folder, keys, expected = Path(sys.argv[1]), json.loads(sys.stdin.read()), int(sys.argv[2])
before = peak_memory()
times, first = [], time.perf_counter()
index = ArchiveIndex.load(folder)
for key, stamp, there in keys:
    began = time.perf_counter()
    found = list(index.lines(key)) if stamp is None else list(index.lines(key, stamp, stamp))
    times.append(time.perf_counter() - began)
    assert bool(found) == there, (key, stamp, len(found))
    assert stamp is None or not there or len(found) == 1
times.sort()
print(json.dumps({
    "median": times[len(times) // 2], "p99": times[len(times) * 99 // 100], "max": times[-1],
    "peak": peak_memory(), "before": before,
}))
"""


def main(lines: int = LINES) -> bool:
    """Makes the index, asks a thousand times, prints; whether the targets were met."""
    with tempfile.TemporaryDirectory(prefix="archiver-index-") as folder:
        began = time.perf_counter()
        sizes = _make(Path(folder), lines)
        seconds = time.perf_counter() - began
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        command = [sys.executable, "-c", _ASK, folder, str(CAPTURES)]
        done = subprocess.run(
            command, input=json.dumps(_questions(sizes)), capture_output=True, text=True, check=True, cwd=_ROOT
        )
    told = json.loads(done.stdout)
    rows = [
        ("lines, in pieces", f"{lines:,}, {len(sizes)}"),
        ("on disk", f"{size / 2**20:,.0f} MiB, {size / lines:.0f} bytes a line"),
        ("written", f"{lines / seconds:,.0f} lines/s"),
        ("look-up, median", f"{told['median'] * 1000:.2f} ms"),
        ("look-up, 99th percentile", f"{told['p99'] * 1000:.2f} ms"),
        ("look-up, slowest of 1,000", f"{told['max'] * 1000:.2f} ms"),
        (
            "peak memory of the process",
            f"{told['peak'] / 2**20:.1f} MiB ({told['before'] / 2**20:.1f} before the first look-up)",
        ),
    ]
    show("Index look-up by SURT and by SURT and time", ("figure", "measured"), rows)
    good = told["p99"] < SECONDS_MAX and told["peak"] < MEMORY_MAX
    paper.print(f"target: under {SECONDS_MAX * 1000:.0f} ms and under 100 MiB: {'met' if good else 'missed'}\n")
    return bool(good)


def _make(folder: Path, lines: int) -> list[int]:
    sizes = [round(lines * share) for share in SHARES]
    pieces = []
    for number, size in enumerate(sizes):
        name = f"piece-{number}"
        pieces.append({"name": name, "lines": write_blocks(_lines(number, size), folder, name)})
    (folder / LIST).write_text(json.dumps({"form": FORM, "pieces": pieces, "covered": []}))
    return sizes


def _lines(piece: int, size: int) -> Iterator[bytes]:
    for number in range(size):
        key, stamp = _key(piece, number // CAPTURES), _stamp(number % CAPTURES)
        digest = sha1(b"%d %d" % (piece, number)).hexdigest().upper()
        yield (
            f'{key} {stamp} {{"fetch_time": "2026-11-{stamp[6:8]}T01:09:01.{number % 10**6:06}Z", '
            f'"url": "https://www.example{piece}.com/news/2026/{number // CAPTURES:09}/a-headline-of-some-length.html", '
            f'"mime": "text/html", "status": "200", "digest": "sha1:{digest[:32]}", "length": "{2000 + number % 5000}", '
            f'"offset": "{number * 7321 % 10**9}", "filename": "warc/example/dt=2026-11-{stamp[6:8]}/example-{stamp}101-00000-'
            f'20261125t010900zaa2b25.warc.gz", "warc_record_id": "urn:uuid:{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-'
            f'8{digest[17:20]}-{digest[20:32]}"}}\n'
        ).encode()


def _key(piece: int, number: int) -> str:
    return f"com,example{piece})/news/2026/{number:09}/a-headline-of-some-length.html"


def _stamp(number: int) -> str:
    return f"202611{10 + number}010901"


def _questions(sizes: list[int]) -> list[tuple[str, str | None, bool]]:
    """A thousand keys, spread: some with a time, every fifth not there."""
    asked: list[tuple[str, str | None, bool]] = []
    for number in range(1000):
        piece = number % len(sizes)
        key = _key(piece, (number * 7919 * 104_729) % max(1, sizes[piece] // CAPTURES))
        if number % 5 == 4:
            asked.append((key + "x", None, False))
        else:
            asked.append((key, _stamp(number % CAPTURES) if number % 2 else None, True))
    return asked
