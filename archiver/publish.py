"""From the spool into the store, in an order that never shows a document without its evidence.

Belongs here: sealing what a killed run left, the order WARC -> CDXJ -> documents -> manifest -> _SUCCESS -> change entry, and
the manifest itself. Every step is idempotent: a publish that was killed is simply done again.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from archiver import clock
from archiver.archive import Archive
from archiver.cards import SERIES
from archiver.changes import announce
from archiver.errors import StoreError, WarcError
from archiver.events import record_ingestion
from archiver.expect import Sums
from archiver.frontier import Frontier, Original, SourceRun
from archiver.frontier.marks import marks_of, robots_of
from archiver.layout import SegmentName, run_key, segment_name, source_of_series
from archiver.models import Refusal, Role, RunFile, RunManifest
from archiver.models.hints import ExtractHints
from archiver.models.run import ReasonCount
from archiver.parts import Part, article_lines, pack, put_parts
from archiver.pool import ExtractPool
from archiver.publish_cards import put_cards
from archiver.publish_posts import post_parts
from archiver.reasons import Reason
from archiver.reextract import Extracted, extract_warc
from archiver.schema import schema_files
from archiver.sources import RESERVED
from archiver.spool import RunInfo, RunSpool
from archiver.store import Store
from archiver.tally import Tally
from archiver.warc import recover_folder
from archiver.warc.index import read_cdxj

Hints = Mapping[str, ExtractHints]
ENDINGS = frozenset({"finished", "closespider_timeout"})
"""How a spider ends when nothing went wrong; only then `every` counts from this run."""

TOOLS_FAILED = frozenset(
    {Reason.EXTRACTOR_CRASHED, Reason.EXTRACTOR_TIMEOUT, Reason.EXTRACTOR_MEMORY, Reason.EXTRACTOR_ERROR}
)
"""Reasons that say nothing about a page: what was made of it before stands."""

REFUSALS_MAX = 10_000
"""Refusals listed in a manifest; the counts by Reason are always whole."""


@dataclass(frozen=True, slots=True)
class Workers:
    """How worker processes are started, should a killed run's documents have to be made again."""

    count: int
    page_time: float
    page_memory: int

    def start(self) -> ExtractPool:
        return ExtractPool(self.count, self.page_time, self.page_memory)


def publish_run(
    run: RunSpool, store: Store, workers: Workers, hints: Hints, frontier: Frontier | None = None
) -> RunManifest:
    """Publishes one run whose lock the caller holds, and removes its spool folder. Raises `StoreError`, `RecordingError`.

    `frontier` learns what the run's tries gave when the manifest is in the store and no sooner: a spool may be lost, and what nobody
    has must be due. Until then `archiver.waiting` keeps the next crawl from fetching it again. That its sources ran is told at once.
    """
    notes = [f"mended after the run was cut short: {note}" for note in recover_folder(run.folder)]
    names = [name for path in sorted(run.folder.glob("*.warc.gz")) if (name := segment_name(path.name))]
    refusals = Refusals()
    files: list[RunFile] = []
    lost = list(run.lost())
    whole, outcomes = run.ended_by_itself() and not lost, list[Refusal]()
    if frontier and whole:  # `every` counts from this run, whatever the store does
        note_runs(frontier, run, _spooled_lines(run, names), run.refusals())
    warcs = {name: _spooled(run, name) for name in names}
    if whole:
        refusals.add_all(run.refusals())
        parts = (pack(name.articles, run.documents(name.stem)) for name in names)
        with ThreadPoolExecutor(1) as beside:  # the first documents are packed while the store takes the WARCs
            first = beside.submit(next, parts, None)
            files += put_blobs(store, names, run.folder)
        files += put_parts(store, chain([part] if (part := first.result()) else [], parts))
    else:
        files += put_blobs(store, names, run.folder)
        notes.append("the run was cut short; its documents were made again from its WARCs")
        remade = Remade(workers, {**hints, **_hints_of(run)}, notes, spare=run.document_of)
        files += remade.put_all(store, {name: run.folder / f"{name.stem}.warc.gz" for name in names})
        outcomes += remade.outcomes_with([*lost, *run.refusals()])
        refusals.add_all(outcomes)
    info = run.info() or _info_from(names, run)
    tally = Tally(info.started)
    files += put_parts(store, post_parts(warcs, article_lines(store, files), tally))
    files += put_cards(store, run.folder / SERIES, warcs, info.software, files)
    more = {"store": store.findings(), "attempts": tally.counts()}
    manifest = _manifest(run, info, files, refusals, notes).model_copy(update=more)
    verify(store, manifest.files)
    commit(store, manifest, run.folder / "change.json")
    record_ingestion(store, manifest)
    if frontier:
        if whole:
            learn(frontier, run, _spooled_lines(run, names), run.refusals())
        else:
            learn(frontier, run, article_lines(store, files), outcomes)
            note_runs(frontier, run, article_lines(store, files), outcomes)
        frontier.keep_originals(Original(**dict(line)) for line in run.originals())
        places = ((line.origin, line.warc_filename, line.offset) for line in run.robots())
        frontier.keep_robots(robots_of(run.folder, places))
        frontier.settle()
    run.remove()
    return manifest


def learn(frontier: Frontier, run: RunSpool, lines: Iterable[bytes], refusals: Iterable[Refusal]) -> None:
    """Tells the frontier what the run's tries gave."""
    if info := run.info():
        frontier.mark(marks_of(lines, refusals, info.started))


def note_runs(frontier: Frontier, run: RunSpool, lines: Iterable[bytes], refusals: Iterable[Refusal]) -> None:
    """Tells the frontier of each source whose spider ended by itself when and how its run went."""
    info = run.info()
    if info is None:
        return
    reports = [report for report in run.reports() if report.source not in RESERVED]
    if not reports:  # a run of pages that somebody asked for: nothing is measured, and nothing need be read
        return
    by_source: dict[str, Sums] = {report.source: Sums(report.offered, report.spared) for report in reports}
    for line in lines:
        if (source := json.loads(line)["source"]) in by_source:
            by_source[source].document(line)
    for refusal in refusals:
        if refusal.source in by_source:
            by_source[refusal.source].refusal(refusal)
    for report in reports:
        if report.finish_reason in ENDINGS:
            measures = by_source[report.source].measures()
            frontier.ran(report.source, SourceRun(info.run_id, info.started, measures))


def _spooled(run: RunSpool, name: SegmentName) -> tuple[Path, Path]:
    return run.folder / f"{name.stem}.warc.gz", run.folder / f"{name.stem}.cdxj.gz"


def _spooled_lines(run: RunSpool, names: list[SegmentName]) -> Iterator[bytes]:
    return (line for name in names for line in run.documents(name.stem))


class Refusals:
    """Refusals counted by source and Reason; the first `REFUSALS_MAX` are listed, so that memory stays bounded."""

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.requisites: Counter[tuple[str, str]] = Counter()
        self.listed: list[Refusal] = []
        self.listed_of = 0

    def add(self, refusal: Refusal) -> None:
        key = refusal.source or "", refusal.reason
        self.counts[key] += 1
        self.requisites[key] += refusal.role == Role.REQUISITE.value
        self.listed_of += 1
        if len(self.listed) < REFUSALS_MAX or refusal.archiving_restricted:  # what is not to be shown has to be known
            self.listed.append(refusal)

    def add_all(self, refusals: Iterable[Refusal]) -> None:
        for refusal in refusals:
            self.add(refusal)


@dataclass(frozen=True, slots=True)
class Remade:
    """Documents made again from WARCs of ours, with damage as sentences.

    A URL may have been answered several times (retries); its last answer counts. `documented` and the keys of `refused` are
    URLs as they were asked for. `spare(stem, record id)` gives the document that the run had made of a record, where it had.
    """

    workers: Workers
    hints: Hints
    damage: list[str]
    documented: set[str] = field(default_factory=set)
    refused: dict[str, Refusal] = field(default_factory=dict)
    spare: Callable[[str, str], bytes | None] | None = None

    def outcomes_with(self, told: Iterable[Refusal]) -> Iterator[Refusal]:
        """What was refused, one a URL: the run's own word (`told`) before what the records say."""
        self.refused.update({refusal.requested_url or refusal.url: refusal for refusal in told})
        return (refusal for url, refusal in self.refused.items() if url not in self.documented)

    def put_all(self, store: Store, warcs: Mapping[SegmentName, Path]) -> list[RunFile]:
        """Puts the documents of each WARC; the files in order."""
        if not warcs:
            return []
        with self.workers.start() as pool:
            return put_parts(store, (self.part(path, name, pool) for name, path in warcs.items()))

    def part(self, path: Path, name: SegmentName, pool: ExtractPool) -> Part:
        """The documents of one WARC, packed."""
        return pack(name.articles, self.lines(path, name, pool))

    def lines(self, path: Path, name: SegmentName, pool: ExtractPool) -> Iterator[bytes]:
        """The documents of one WARC in record order."""

        def damaged(error: WarcError) -> None:
            self.damage.append(str(error))

        hints = self.hints.get(name.series)
        for item in extract_warc(path, pool, warc_filename=name.warc, hints=hints, on_damage=damaged):
            asked = item.requested_url or item.url
            line = item.outcome.line or self._spared(name, item)
            if line:
                self.documented.add(asked)
                yield line
            else:
                self.refused[asked] = item.refusal()

    def _spared(self, name: SegmentName, item: Extracted) -> bytes | None:
        """The document that the run itself had made of a record, when only the tools failed now: it was acknowledged."""
        if self.spare is None or item.outcome.reason not in TOOLS_FAILED:
            return None
        return self.spare(name.stem, item.record_id)


def _hints_of(run: RunSpool) -> Hints:
    info = run.info()
    return info.hints if info else {}


def put_blobs(store: Store, names: list[SegmentName], folder: Path) -> list[RunFile]:
    """The WARCs, then their indexes, as many at once as the store takes; what a manifest says of them."""
    files: list[RunFile] = []
    with ThreadPoolExecutor(store.at_once) as pool:
        for kind in ("warc", "cdxj"):
            keys = [name.warc if kind == "warc" else name.cdxj for name in names]
            paths = [folder / f"{name.stem}.{kind}.gz" for name in names]
            files += pool.map(_put_blob, [store] * len(names), keys, paths, names, [folder] * len(names))
    return files


def verify(store: Store, files: list[RunFile]) -> None:
    """Whether the store has every file as the manifest is about to say. Raises `StoreError`."""
    with ThreadPoolExecutor(store.at_once) as pool:
        for file, found in zip(files, pool.map(store.head, [file.key for file in files]), strict=True):
            if found is None or found.size != file.bytes or found.sha256 not in (None, file.sha256):
                said = "is not there" if found is None else "holds other bytes than were put"
                raise StoreError(f"{file.key}: {said}, so the run is not committed; publish again", temporary=True)


def commit(store: Store, manifest: RunManifest, note: Path | None = None) -> None:
    """Schemas, manifest, `_SUCCESS`, change entry: after this, readers see the run. A run that was committed before stays as it is.

    `note` is where the claimed change number is written down (`archiver.changes`).
    """
    day = f"{manifest.started.astimezone(UTC):%Y-%m-%d}"
    key = run_key(manifest.run_id, day, "manifest.json")
    before = is_committed(store, manifest, day)
    if not before:
        for name, content in schema_files().items():
            store.put(f"schemas/{name}", content, replace=True)
        put_manifest(store, manifest, day)
    announce(store, manifest.run_id, key, note, again=before)


def is_committed(store: Store, manifest: RunManifest, day: str) -> bool:
    """Whether the run's manifest is in the store, whole, marked, and lists these files."""
    mark = run_key(manifest.run_id, day, "_SUCCESS")
    if not store.exists(mark):
        return False
    content = store.read(run_key(manifest.run_id, day, "manifest.json"))
    if store.read(mark).decode("ascii", "replace").strip() != f"sha256:{hashlib.sha256(content).hexdigest()}":
        return False
    try:
        return RunManifest.model_validate_json(content).files == manifest.files
    except ValueError:
        return False


def put_manifest(store: Store, manifest: RunManifest, day: str) -> None:
    """The manifest, then `_SUCCESS` with its SHA-256: the one file that no other file vouches for."""
    content = manifest.model_dump_json(indent=1).encode() + b"\n"
    store.put(run_key(manifest.run_id, day, "manifest.json"), content, replace=True)
    mark = f"sha256:{hashlib.sha256(content).hexdigest()}\n".encode()
    store.put(run_key(manifest.run_id, day, "_SUCCESS"), mark, replace=True)


def _put_blob(store: Store, key: str, path: Path, name: SegmentName, folder: Path) -> RunFile:
    lines = captures = 0
    first = last = ""
    for line in read_cdxj(folder / f"{name.stem}.cdxj.gz"):
        lines += 1
        # Side records (conversions, resources) have lines as well, but are no captures: nobody asked the network for them.
        captures += not line["url"].startswith("urn:")
        first, last = min(first or line["fetch_time"], line["fetch_time"]), max(last, line["fetch_time"])
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = path.stat().st_size
    except OSError as error:
        raise StoreError(f"{path}: cannot be read for publishing: {error.strerror}") from error
    store.put_file(key, path, sha256=digest)
    return RunFile(
        key=key,
        bytes=size,
        records=captures if key.startswith("warc/") else lines,
        sha256=digest,
        first_time=datetime.fromisoformat(first) if first else None,
        last_time=datetime.fromisoformat(last) if last else None,
    )


def _manifest(
    run: RunSpool,
    info: RunInfo,
    files: list[RunFile],
    refusals: Refusals,
    notes: list[str],
) -> RunManifest:
    reports = run.reports()
    for report in reports:
        refusals.counts.update({(report.source, reason): count for reason, count in report.counted.items()})
    notes = notes + [f"{r.source}: ended with {r.finish_reason}" for r in reports if r.finish_reason != "finished"]
    if refusals.listed_of > len(refusals.listed):
        notes.append(f"only the first {len(refusals.listed)} of {refusals.listed_of} refusals are listed")
    return RunManifest(
        run_id=info.run_id,
        started=info.started,
        finished=clock.now(),
        software=info.software,
        sources=info.sources,
        files=files,
        captures=sum(file.records for file in files if file.key.startswith("warc/")),
        articles=sum(file.records for file in files if file.key.startswith("articles/")),
        posts=sum(file.records for file in files if file.key.startswith("posts/")),
        reasons=[
            ReasonCount(source=key[0], reason=key[1], count=count, requisites=refusals.requisites[key])
            for key, count in sorted(refusals.counts.items())
        ],
        refusals=refusals.listed,
        requisites=sorted(run.pages(), key=lambda page: (page.url, page.record_id)),
        bytes_received=sum(report.bytes_received for report in reports),
        notes=notes,
    )


def _info_from(names: list[SegmentName], run: RunSpool) -> RunInfo:
    stamp = names[0].stamp if names else f"{datetime.now(UTC):%Y%m%d%H%M%S000}"
    started = datetime.strptime(stamp[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    sources = sorted({source_of_series(name.series) for name in names})
    return RunInfo(run_id=run.folder.name, started=started, software="unknown", sources=sources)


def relist(archive: Archive, run_id: str, files: Iterable[RunFile]) -> int:
    """Puts rewritten files' sizes and digests into their run's manifest; how many differ from what was listed."""
    run = next((run for run in archive.runs() if run.run_id == run_id), None)
    fresh = {file.key: file for file in files if run and file not in run.files}
    if run is None or not fresh:
        return 0
    listed = [fresh.get(known.key, known) for known in run.files]
    listed += [file for key, file in fresh.items() if key not in {known.key for known in run.files}]
    counts = {
        name: sum(file.records for file in listed if file.key.startswith(f"{name}/")) for name in ("articles", "posts")
    }
    changed = run.model_copy(update={"files": listed, **counts})
    put_manifest(archive.store, changed, f"{run.started.astimezone(UTC):%Y-%m-%d}")
    return len(fresh)
