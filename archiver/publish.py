"""From the spool into the store, in an order that never shows a document without its evidence (records.md 6).

Belongs here: sealing what a killed run left, the order WARC -> CDXJ -> documents -> manifest -> _SUCCESS -> change entry, and
the manifest itself. Every step is idempotent: a publish that was killed is simply done again.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archiver.archive import Archive
from archiver.errors import StoreError, WarcError
from archiver.layout import SegmentName, run_key, segment_name
from archiver.models import Refusal, RunFile, RunManifest
from archiver.models.hints import ExtractHints
from archiver.models.run import ReasonCount
from archiver.pool import ExtractPool
from archiver.reextract import extract_warc
from archiver.schema import schema_files
from archiver.spool import RunInfo, RunSpool
from archiver.store import Store
from archiver.warc import recover_folder
from archiver.warc.index import read_cdxj

Hints = Mapping[str, ExtractHints]
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


def publish_run(run: RunSpool, store: Store, workers: Workers, hints: Hints) -> RunManifest:
    """Publishes one run whose lock the caller holds, and removes its spool folder. Raises `StoreError`, `RecordingError`."""
    whole = run.ended_by_itself()
    notes = [f"mended after the run was cut short: {note}" for note in recover_folder(run.folder)]
    names = [name for path in sorted(run.folder.glob("*.warc.gz")) if (name := segment_name(path.name))]
    files: list[RunFile] = []
    refusals = list(run.refusals())
    for name in names:
        files.append(_put_blob(store, name.warc, run.folder / f"{name.stem}.warc.gz", name, run.folder))
        files.append(_put_blob(store, name.cdxj, run.folder / f"{name.stem}.cdxj.gz", name, run.folder))
    documents = {name: run.documents(name.stem) for name in names}
    if not whole and names:
        notes.append("the run was cut short; its documents were made again from its WARCs")
        refusals = []
        with workers.start() as pool:
            for name in names:
                documents[name], more, damage = remake(run.folder / f"{name.stem}.warc.gz", name, pool, hints)
                refusals += more
                notes += damage
    for name in names:
        if documents[name]:
            files.append(put_documents(store, name, documents[name]))
    manifest = _manifest(run, names, files, refusals, sum(map(len, documents.values())), notes)
    commit(store, manifest)
    run.release()
    shutil.rmtree(run.folder)
    return manifest


def remake(
    path: Path, name: SegmentName, pool: ExtractPool, hints: Hints
) -> tuple[list[bytes], list[Refusal], list[str]]:
    """(documents, refusals, damage) of one WARC of ours, in record order."""
    damage: list[WarcError] = []
    lines, refusals = [], []
    found = extract_warc(path, pool, warc_filename=name.warc, hints=hints.get(name.series), on_damage=damage.append)
    for item in found:
        if item.outcome.line:
            lines.append(item.outcome.line)
        elif item.outcome.reason:
            refusals.append(
                Refusal(
                    url=item.url,
                    source=item.source,
                    reason=item.outcome.reason.value,
                    detail=item.outcome.detail or None,
                    record_id=item.record_id,
                )
            )
    return lines, refusals, [str(error) for error in damage]


def put_documents(store: Store, name: SegmentName, lines: list[bytes], *, replace: bool = False) -> RunFile:
    """The articles of one segment as one `.jsonl.gz`; the same lines always give the same bytes."""
    content = pack(lines)
    store.put(name.articles, content, replace=replace)
    times = [datetime.fromisoformat(json.loads(line)["capture"]["fetch_time"]) for line in (lines[0], lines[-1])]
    return RunFile(
        key=name.articles,
        bytes=len(content),
        records=len(lines),
        sha256=hashlib.sha256(content).hexdigest(),
        first_time=min(times),
        last_time=max(times),
    )


def pack(lines: Iterable[bytes]) -> bytes:
    """Lines as gzip without name or time."""
    sink = io.BytesIO()
    with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=6, mtime=0, filename="") as stream:
        for line in lines:
            stream.write(line)
    return sink.getvalue()


def commit(store: Store, manifest: RunManifest) -> None:
    """Schemas, manifest, `_SUCCESS`, change entry: after this, readers see the run."""
    for key, content in schema_files().items():
        store.put(f"schemas/{key}", content, replace=True)
    day = f"{manifest.started.astimezone(UTC):%Y-%m-%d}"
    key = run_key(manifest.run_id, day, "manifest.json")
    store.put(key, manifest.model_dump_json(indent=1).encode() + b"\n", replace=True)
    store.put(run_key(manifest.run_id, day, "_SUCCESS"), b"")
    _announce(store, manifest.run_id, key)


def _announce(store: Store, run_id: str, manifest_key: str) -> None:
    keys = list(store.list("changes/v1/"))
    if any(json.loads(store.read(key))["run_id"] == run_id for key in keys[-100:]):
        return
    number = int(keys[-1].rpartition("/")[2].partition(".")[0]) + 1 if keys else 1
    entry = json.dumps({"run_id": run_id, "manifest": manifest_key}).encode() + b"\n"
    while not store.create(f"changes/v1/{number:020d}.json", entry):
        number += 1


def _put_blob(store: Store, key: str, path: Path, name: SegmentName, folder: Path) -> RunFile:
    lines = list(read_cdxj(folder / f"{name.stem}.cdxj.gz"))
    times = sorted(line["fetch_time"] for line in lines)
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = path.stat().st_size
    except OSError as error:
        raise StoreError(f"{path}: cannot be read for publishing: {error.strerror}") from error
    store.put_file(key, path)
    return RunFile(
        key=key,
        bytes=size,
        records=len(lines),
        sha256=digest,
        first_time=datetime.fromisoformat(times[0]) if times else None,
        last_time=datetime.fromisoformat(times[-1]) if times else None,
    )


def _manifest(
    run: RunSpool,
    names: list[SegmentName],
    files: list[RunFile],
    refusals: list[Refusal],
    articles: int,
    notes: list[str],
) -> RunManifest:
    info = run.info() or _info_from(names, run)
    reports = run.reports()
    counts = Counter((refusal.source or "", refusal.reason) for refusal in refusals)
    notes = notes + [f"{r.source}: ended with {r.finish_reason}" for r in reports if r.finish_reason != "finished"]
    if len(refusals) > REFUSALS_MAX:
        notes.append(f"only the first {REFUSALS_MAX} of {len(refusals)} refusals are listed")
    return RunManifest(
        run_id=info.run_id,
        started=info.started,
        finished=datetime.now(UTC),
        software=info.software,
        sources=info.sources,
        files=files,
        captures=sum(file.records for file in files if file.key.startswith("warc/")),
        articles=articles,
        reasons=[ReasonCount(source=s, reason=r, count=n) for (s, r), n in sorted(counts.items())],
        refusals=refusals[:REFUSALS_MAX],
        bytes_received=sum(report.bytes_received for report in reports),
        notes=notes,
    )


def _info_from(names: list[SegmentName], run: RunSpool) -> RunInfo:
    stamp = names[0].stamp if names else f"{datetime.now(UTC):%Y%m%d%H%M%S000}"
    started = datetime.strptime(stamp[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    sources = sorted({name.series for name in names})
    return RunInfo(run_id=run.folder.name, started=started, software="unknown", sources=sources)


def replace_file(archive: Archive, name: SegmentName, file: RunFile) -> bool:
    """Puts a rewritten file's size and digest into its run's manifest; whether they differ from what was listed."""
    for run in archive.runs():
        if run.run_id != name.run_id:
            continue
        kept = [known for known in run.files if known.key != file.key]
        if file in run.files:
            return False
        day = f"{run.started.astimezone(UTC):%Y-%m-%d}"
        changed = run.model_copy(update={"files": [*kept, file]})
        content = changed.model_dump_json(indent=1).encode() + b"\n"
        archive.store.put(run_key(run.run_id, day, "manifest.json"), content, replace=True)
        return True
    return False
