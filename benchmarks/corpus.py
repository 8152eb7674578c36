"""The corpus run: `archiver crawl` over every real page under its own host name, then every proof there is.

Belongs here: what must hold after a crawl of real pages, as checks that name what broke. How the crawl is run is in `crawls`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.archive import Archive
from archiver.models import Capture, Role
from archiver.warc import check_cdxj, check_warc, read_captures
from benchmarks.crawls import Plan, measure
from benchmarks.pages import RealPage, has_corpus, load_pages
from benchmarks.site import LoopbackSite, Pages, place_of
from benchmarks.tables import paper, show

BIN = Path(sys.executable).parent


@dataclass
class CorpusReport:
    """A crawl of `pages` pages. `failures`: check -> what broke; a check that is there with an empty list held."""

    pages: int
    seconds: float = 0.0
    captures: int = 0
    documents: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    warcs: int = 0
    failures: dict[str, list[str]] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return not any(self.failures.values())


def run_corpus(store: Path, limit: int | None = None) -> CorpusReport:
    """Crawls the pages into `store` and checks all that it left."""
    pages = load_pages(limit)
    report = CorpusReport(len(pages))
    began = time.perf_counter()
    with LoopbackSite(limit) as site:
        plan = Plan(str(store), (site.http_port, site.https_port), urls=[page.url for page in pages])
        measured = measure(plan)
        served = site.served().pages
    report.seconds = time.perf_counter() - began
    report.failures["the crawl ends with exit code 0"] = [f"exit {measured.exit}"] if measured.exit else []
    report.failures["every page was asked for once"] = [f"{served} answers"] if served != len(pages) else []
    for name, check in CHECKS.items():
        report.failures[name] = list(check(store, pages, report))
    return report


def warcs(store: Path) -> list[Path]:
    return sorted((store / "warc").rglob("*.warc.gz"))


def documents(store: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Archive(store).lines()]


def _captured(store: Path, pages: list[RealPage], report: CorpusReport) -> Iterator[str]:
    """Every page has one capture whose head and stored body are the bytes that were served."""
    answers = Pages(pages)
    captures: dict[str, list[Capture]] = {}
    for path in warcs(store):
        report.warcs += 1
        for capture in read_captures(path):
            report.captures += 1
            if capture.context.role is Role.ARTICLE:
                captures.setdefault(capture.url, []).append(capture)
    for page in pages:
        found = captures.get(page.url, [])
        if len(found) != 1:
            yield f"{page.url}: {len(found)} captures"
            continue
        host, target = place_of(page.url)
        sent = answers.find(b"GET %s HTTP/1.1\r\nHost: %s\r\nAccept-Encoding: gzip\r\n" % (target, host))
        if found[0].head + found[0].body != sent:
            yield f"{page.url}: other bytes than were served"


def _accounted(store: Path, pages: list[RealPage], report: CorpusReport) -> Iterator[str]:
    """Documents and refusals together are the pages, none twice and none missing.

    Where an article goes on at another URL, that is asked for as well, and is not here.
    """
    outcomes: Counter[str] = Counter()
    further: set[str] = set()
    for document in documents(store):
        report.documents += 1
        outcomes[document["requested_url"]] += 1
        further.add((document["pagination"] or {}).get("next") or "")
    further -= {page.url for page in pages}
    for manifest in Archive(store).runs():
        for refusal in manifest.refusals:
            url = refusal.requested_url or refusal.url
            if url not in further:
                report.reasons[refusal.reason] += 1
                outcomes[url] += 1
    for page in pages:
        if outcomes[page.url] != 1:
            yield f"{page.url}: {outcomes[page.url]} outcomes"
    if (total := outcomes.total()) != len(pages):
        yield f"{total} outcomes of {len(pages)} pages"


def _our_checker(store: Path, pages: list[RealPage], report: CorpusReport) -> Iterator[str]:
    for path in warcs(store):
        key = str(path.relative_to(store))
        findings = check_warc(path, profile="ours", key=key)
        findings += check_cdxj(store / key.replace("warc/", "cdxj/", 1).replace(".warc.gz", ".cdxj.gz"), path)
        yield from (f"{f.file}:{f.offset} {f.rule}: {f.sentence}" for f in findings if f.severity == "error")


def _tool(*command: str) -> Callable[[Path, list[RealPage], CorpusReport], Iterator[str]]:
    def check(store: Path, pages: list[RealPage], report: CorpusReport) -> Iterator[str]:
        for path in warcs(store):
            done = subprocess.run([str(BIN / command[0]), *command[1:], str(path)], capture_output=True, text=True)
            if done.returncode:
                yield f"{path.name}: exit {done.returncode}: {(done.stdout + done.stderr)[-300:]}"

    return check


def _same_index(store: Path, pages: list[RealPage], report: CorpusReport) -> Iterator[str]:
    """Our index lines are those of cdxj-indexer: key, URL, status, type, digest and place."""
    for path in warcs(store):
        command = [str(BIN / "cdxj-indexer"), "--sort", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        ours = Path(str(path).replace("/warc/", "/cdxj/").replace(".warc.gz", ".cdxj.gz"))
        own = set(map(_index_line, gzip.decompress(ours.read_bytes()).decode().splitlines()))
        theirs = set(map(_index_line, done.stdout.splitlines()))
        yield from (f"ours only: {line}" for line in sorted(own - theirs))
        yield from (f"cdxj-indexer only: {line}" for line in sorted(theirs - own))


def _index_line(line: str) -> tuple[str, ...]:
    key, _, rest = line.split(" ", 2)
    values = json.loads(rest)
    return key, *(str(values.get(name)) for name in ("url", "mime", "status", "digest", "length", "offset"))


def _slices(store: Path, pages: list[RealPage], report: CorpusReport) -> Iterator[str]:
    """The slice that a document names is one gzip member, the record with that id, and a body with that SHA-256.

    A revisit has no body; then the slice of its original, which it names in the same way, must hold.
    """
    for document in documents(store):
        pointer = document["capture"]
        body = _body_at(store, pointer)
        if pointer["warc_type"] == "revisit" and body == b"":
            body = _body_at(store, {**pointer, **pointer["refers_to"]})
        if body is None:
            yield f"{document['url']}: the slice is not the record"
        elif hashlib.sha256(body).hexdigest() != pointer["payload_sha256"]:
            yield f"{document['url']}: the body is not the one that was read"


def _body_at(store: Path, place: dict[str, Any]) -> bytes | None:
    """The HTTP body in the record at a place; None when the slice is not exactly that record. Only zlib and find are used."""
    with (store / place["warc_filename"]).open("rb") as file:
        file.seek(place["warc_record_offset"])
        member = file.read(place["warc_record_length"])
    machine = zlib.decompressobj(16 + zlib.MAX_WBITS)
    head, _, block = machine.decompress(member).partition(b"\r\n\r\n")
    if not machine.eof or machine.unused_data or place["warc_record_id"].encode() not in head:
        return None
    return block.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")


def _again(store: Path, pages: list[RealPage], report: CorpusReport) -> Iterator[str]:
    """Without its documents, the archive gives them again from its WARCs: the same files, byte for byte."""
    before = {path: path.read_bytes() for path in (store / "articles").rglob("*.jsonl.gz")}
    known = {document["url"]: document for document in documents(store)}
    for path in before:
        path.unlink()
    command = [sys.executable, "-m", "archiver", "extract", "--archive", str(store)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).resolve().parents[1])
    if done.returncode:
        yield f"exit {done.returncode}: {done.stderr[-500:]}"
    after = {path: path.read_bytes() for path in (store / "articles").rglob("*.jsonl.gz")}
    yield from (f"{path.name} differs" for path in sorted(before.keys() | after) if before.get(path) != after.get(path))
    again = {document["url"]: document for document in documents(store)}
    for url in sorted(known.keys() | again):
        old, new = known.get(url, {}), again.get(url, {})
        if names := [name for name in sorted(old.keys() | new) if old.get(name) != new.get(name)]:
            yield f"{url}: {'not there again' if not new else 'differs in ' + ', '.join(names)}"


CHECKS: dict[str, Callable[[Path, list[RealPage], CorpusReport], Iterator[str]]] = {
    "every page is captured, bytes as served": _captured,
    "every page has one outcome": _accounted,
    "our checker": _our_checker,
    "warcio check": _tool("warcio", "check"),
    "fastwarc check": _tool("fastwarc", "check"),
    "cdxj-indexer makes the same index": _same_index,
    "every document's slice is its record": _slices,
    "extraction again gives the same bytes": _again,
}


def main(limit: int | None = None) -> bool:
    """Runs and prints; whether everything held."""
    with tempfile.TemporaryDirectory(prefix="archiver-corpus-") as folder:
        report = run_corpus(Path(folder), limit)
    what = "real pages" if has_corpus() else "pages of the demo newspaper (no corpus beside the project)"
    outcomes = [("documents", report.documents), *sorted(report.reasons.items())]
    show(f"{report.pages} {what}, crawled in {report.seconds:.0f} s", ("outcome", "pages"), outcomes)
    paper.print(f"{report.captures} captures in {report.warcs} WARC file(s), robots.txt of every host among them\n")
    show("Proofs", ("check", "held"), [(name, "no" if broken else "yes") for name, broken in report.failures.items()])
    for name, broken in report.failures.items():
        for sentence in broken[:5]:
            paper.print(f"{name}: {sentence}", markup=False)
        if len(broken) > 5:
            paper.print(f"{name}: and {len(broken) - 5} more")
    return report.good
