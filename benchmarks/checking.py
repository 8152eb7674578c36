"""The WARC part of `check --full` against FastWARC reading the same files with its digests verified, in the same round.

Belongs here: one figure, bytes of WARC a second, by CPU time and by the clock. Ours does more: SHA-256 of the file, every rule, the
index made again and compared; FastWARC decompresses, parses heads and verifies block digests.
"""

from __future__ import annotations

import gzip
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from fastwarc.warc import ArchiveIterator

from archiver.audit.files import local_copy
from archiver.layout import segment_name
from archiver.models import CrawlContext, Exchange, Role
from archiver.store import FolderStore
from archiver.warc import WarcInfo, WarcWriter, check_cdxj, check_warc
from benchmarks.pages import load_pages
from benchmarks.tables import machine, paper, ratio_line, show, talk

LEAST = 0.5
RUN = "20261125t000000z000000"
INFO = WarcInfo("news-archiver/0.1", "Benchmark <bench@localhost>", "Bench/1", RUN, "bench", "real pages")


def write_pages(folder: Path, *, coded: bool) -> list[Path]:
    """WARCs of every page, as the recorder writes them; each page once. `coded`: served with gzip, as most sites do."""
    writer = WarcWriter(folder, "bench", INFO, max_bytes=8_000_000)
    for page in load_pages():
        target = page.url.split("/", 3)[-1] if page.url.count("/") > 2 else ""
        request = f"GET /{target} HTTP/1.1\r\nHost: {page.url.split('/')[2]}\r\nAccept-Encoding: gzip\r\n\r\n"
        context = CrawlContext(role=Role.ARTICLE, source="bench", run_id=RUN)
        writer.write(
            Exchange(
                url=page.url,
                method="GET",
                request=request.encode("utf-8", "replace"),
                started=datetime.now(UTC),
                response=_answer(page.body, coded=coded),
                ip_address="127.0.0.1",
                context=context,
            )
        )
    return [sealed.path for sealed in writer.close()]


def _answer(body: bytes, *, coded: bool) -> bytes:
    content = gzip.compress(body, 6, mtime=0) if coded else body
    lines = ["HTTP/1.1 200 OK", "Content-Type: text/html; charset=utf-8", f"Content-Length: {len(content)}"]
    lines += ["Content-Encoding: gzip"] if coded else []
    return "\r\n".join([*lines, "", ""]).encode() + content


def theirs(path: Path) -> None:
    """FastWARC: every record read and its digest verified."""
    with path.open("rb") as file:
        for record in ArchiveIterator(file, verify_digests=True):
            record.reader.read()


def ours(path: Path) -> None:
    """What `check --full` does with a WARC."""
    with local_copy(FolderStore(path.parent), path.name) as (local, _):
        name, lines = segment_name(local.name), list[bytes]()
        found = check_warc(local, profile="ours", key=name.warc if name else None, lines=lines)
        found += check_cdxj(local.with_name(local.name.replace(".warc.gz", ".cdxj.gz")), local, lines)
    if wrong := [one for one in found if one.severity == "error"]:
        raise RuntimeError(f"the benchmark's own files are damaged: {wrong[0]}")


def _measured(work: Callable[[Path], None], paths: list[Path]) -> tuple[float, float]:
    """(seconds of CPU, seconds by the clock)."""
    cpu, clock = time.process_time(), time.perf_counter()
    for path in paths:
        work(path)
    return time.process_time() - cpu, time.perf_counter() - clock


def main(rounds: int = 5) -> bool:
    """Runs and prints; whether the least ratio was reached (by CPU time, which other work on the machine disturbs less)."""
    paper.print(f"{machine()}; pages: {len(load_pages())}")
    good = True
    for coded, title in ((True, "pages served with gzip"), (False, "pages served as they are")):
        with tempfile.TemporaryDirectory(prefix="archiver-check-") as folder:
            good &= _compared(write_pages(Path(folder), coded=coded), rounds, title)
    return good


def _compared(paths: list[Path], rounds: int, title: str) -> bool:
    size = sum(path.stat().st_size for path in paths) / 1e6
    rates: dict[str, list[tuple[float, float]]] = {"check --full": [], "FastWARC, digests verified": []}
    for number in range(rounds + 1):
        for name, work in (("check --full", ours), ("FastWARC, digests verified", theirs)):
            cpu, clock = _measured(work, paths)
            if number:  # the first round warms caches
                talk.print(f"  {name}: {size / cpu:.1f} MB/s of CPU time, {size / clock:.1f} by the clock")
                rates[name].append((size / cpu, size / clock))
    rows = [(name, median(a for a, _ in both), median(b for _, b in both)) for name, both in rates.items()]
    show(f"WARCs of {size:.1f} MB, {title}", ("variant", "MB/s by CPU", "MB/s by the clock"), rows)
    pairs = list(zip(*rates.values(), strict=True))
    by_cpu = [own[0] / other[0] for own, other in pairs]
    paper.print(ratio_line("check --full : FastWARC, by CPU time", by_cpu, LEAST))
    paper.print(ratio_line("check --full : FastWARC, by the clock", [own[1] / other[1] for own, other in pairs], LEAST))
    return median(by_cpu) >= LEAST
