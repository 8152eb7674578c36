"""What `check` does with WARCs against FastWARC reading the same files with its digests verified, in the same round.

Belongs here: one figure, bytes of WARC a second: one process each by CPU time, and by the clock with all processes that `check`
starts. FastWARC is measured twice: with block digests alone, and with all digests that `check` verifies (payload, SHA-256 of the file).
Ours does more in any case: every rule, and the index made again and compared.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from fastwarc.warc import ArchiveIterator

from archiver.audit.crew import read_all
from archiver.audit.files import FileCheck
from archiver.audit.ledger import Ledger, Listed
from archiver.layout import segment_name
from archiver.models import CrawlContext, Exchange, Role
from archiver.store import FolderStore
from archiver.warc import WarcInfo, WarcWriter
from archiver.warc.index import read_cdxj
from benchmarks.pages import load_pages
from benchmarks.tables import machine, paper, ratio_line, show, talk

LEAST = 0.5
FAST, ALIKE = "FastWARC, block digests", "FastWARC, the same digests"
RUN = "20261125t000000z000000"
INFO = WarcInfo("news-archiver/0.1", "Benchmark <bench@localhost>", "Bench/1", RUN, "bench", "real pages")


def write_pages(folder: Path, *, coded: bool, copies: int = 1) -> list[Path]:
    """WARCs of every page, as the recorder writes them. `coded`: served with gzip, as most sites do."""
    writer = WarcWriter(folder, "bench", INFO, max_bytes=25_000_000)
    for number, page in enumerate(load_pages() * copies):
        target = page.url.split("/", 3)[-1] if page.url.count("/") > 2 else ""
        request = f"GET /{target} HTTP/1.1\r\nHost: {page.url.split('/')[2]}\r\nAccept-Encoding: gzip\r\n\r\n"
        context = CrawlContext(role=Role.ARTICLE, source="bench", run_id=RUN)
        writer.write(
            Exchange(
                url=page.url,
                method="GET",
                request=request.encode("utf-8", "replace"),
                started=datetime.now(UTC),
                response=_answer(page.body + b"<!-- %d -->" % number, coded=coded),
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
    """FastWARC: every record read and its block digest verified, as `fastwarc check` does."""
    with path.open("rb") as file:
        for record in ArchiveIterator(file, verify_digests=True):
            record.reader.read()


def theirs_like_ours(path: Path) -> None:
    """FastWARC with the digests that `check` verifies: block, payload, and the SHA-256 of the file."""
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")
        file.seek(0)
        for record in ArchiveIterator(file, verify_digests=True):
            if record.headers.get("WARC-Payload-Digest"):
                record.parse_http()
                if not record.verify_payload_digest():
                    raise RuntimeError(f"{path}: FastWARC finds a wrong payload digest in {record.record_id}")
            record.reader.read()


@dataclass(frozen=True)
class Files:
    """WARCs with their indexes in a store, as a manifest would list them."""

    store: FolderStore
    ledger: Ledger
    size: float

    @property
    def keys(self) -> list[str]:
        return [key for key in self.ledger.files if key.startswith("warc/")]

    def ours(self, processes: int) -> None:
        """What `check` does with WARCs: SHA-256 against the list, every rule, index lines made again and compared."""
        check = FileCheck(self.store, self.ledger)
        for key, outcome in read_all(check, self.keys, processes):
            if wrong := [found for found in outcome.findings if found.severity == "error"]:
                raise RuntimeError(f"the benchmark's own files are damaged: {key}: {wrong[0]}")

    def each(self, work: Callable[[Path], None]) -> None:
        for key in self.keys:
            work(self.store.root / key)


def listed(folder: Path, *, coded: bool, copies: int) -> Files:
    """`copies` captures of every page, in WARCs of about 25 MB."""
    store, ledger = FolderStore(folder / "archive"), Ledger()
    for path in write_pages(folder / "spool", coded=coded, copies=copies):
        name = segment_name(path.name)
        assert name is not None
        index = path.with_name(path.name.replace(".warc.gz", ".cdxj.gz"))
        lines = list(read_cdxj(index))
        for key, source, records in ((name.warc, path, len(lines)), (name.cdxj, index, len(lines))):
            content = source.read_bytes()
            digest = hashlib.sha256(content).hexdigest()
            store.put_file(key, source, sha256=digest)
            ledger.files[key] = Listed(key, len(content), records, digest, RUN)
    size = sum(file.size for key, file in ledger.files.items() if key.startswith("warc/")) / 1e6
    return Files(store, ledger, size)


def _measured(work: Callable[[], None]) -> tuple[float, float]:
    """(seconds of this process's CPU, seconds by the clock)."""
    cpu, clock = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - clock


def main(rounds: int = 5, copies: int = 24) -> bool:
    """Runs and prints; whether the least ratio was reached by the clock, as `check` runs, against FastWARC with the same digests."""
    paper.print(f"{machine()}; pages: {len(load_pages())}, {copies} captures of each")
    good = True
    for coded, title in ((True, "pages served with gzip"), (False, "pages served as they are")):
        with tempfile.TemporaryDirectory(prefix="archiver-check-") as folder:
            good &= _compared(listed(Path(folder), coded=coded, copies=copies), rounds, title)
    return good


def _compared(files: Files, rounds: int, title: str) -> bool:
    cores = os.cpu_count() or 1
    alone, several = "check, one process", f"check, {cores} processes (their start included)"
    works: dict[str, Callable[[], None]] = {
        alone: lambda: files.ours(1),
        several: lambda: files.ours(cores),
        FAST: lambda: files.each(theirs),
        ALIKE: lambda: files.each(theirs_like_ours),
    }
    seconds: dict[str, list[tuple[float, float]]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            cpu, clock = _measured(work)
            talk.print(f"  {name}: {files.size / clock:.1f} MB/s by the clock")
            if number:  # the first round warms caches
                seconds[name].append((cpu, clock))
    rows = [(name, files.size / median(clock for _, clock in took)) for name, took in seconds.items()]
    show(f"{len(files.keys)} WARCs of {files.size:.0f} MB, {title}", ("variant", "MB/s by the clock"), rows)
    for name in (FAST, ALIKE):
        by_cpu = [other[0] / own[0] for own, other in zip(seconds[alone], seconds[name], strict=True)]
        by_clock = [other[1] / own[1] for own, other in zip(seconds[several], seconds[name], strict=True)]
        paper.print(ratio_line(f"{alone} : {name}, by CPU time", by_cpu, LEAST))
        paper.print(ratio_line(f"check, {cores} processes : {name}, by the clock", by_clock, LEAST))
    return median(by_clock) >= LEAST
