"""The second step: files issued again without what tombstones cover, staged as a plan.

Belongs here: which files are touched and what takes their place. Nothing in the store changes before the plan is carried out.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from archiver.archive import Archive
from archiver.config import software_version
from archiver.errors import StoreError, UsageError, WarcError
from archiver.events import events_key, read_events
from archiver.layout import SegmentName, new_run_id, segment_name
from archiver.models import Article, RunFile, RunManifest
from archiver.models.base import rfc3339
from archiver.models.post import Post
from archiver.models.resolution import Resolution
from archiver.models.run import Refusal
from archiver.models.tombstone import Tombstone
from archiver.parts import Part, pack
from archiver.publish_posts import post_parts
from archiver.suppression import Erasures, Suppressed
from archiver.takedown.plan import ROOM, Gone, Plan, staged
from archiver.takedown.survey import survey
from archiver.warc import check_cdxj, check_warc
from archiver.warc.cdxj import write_cdxj
from archiver.warc.erase import erase, new_name
from archiver.warc.index import read_cdxj
from archiver.warc.recover import index_lines

DERIVED = ("parquet/",)
"""Families that can be made again from the rest; they are dropped from a touched run."""

URLS_TOLD = 10
"""Addresses that a sentence names."""

_FILENAME = re.compile(rb'"warc_filename":"([^"\\]+)"')


@dataclass(slots=True)
class _Work:
    """An erasure while it is staged. `names`: old WARC key -> new name; `gone`: record ids; `earlier`: the erasures before it;
    `used`: keys that are listed, or were deleted by one of them."""

    archive: Archive
    suppressed: Suppressed
    folder: Path
    plan: Plan
    gone: set[str]
    earlier: Erasures
    used: set[str]
    names: dict[str, SegmentName] = field(default_factory=dict)

    def renamed(self, lines: bytes) -> bytes:
        return _FILENAME.sub(self._new, lines)

    def _new(self, match: re.Match[bytes]) -> bytes:
        name = self.names.get(match[1].decode("utf-8", "replace"))
        return match[0] if name is None else b'"warc_filename":"%s"' % name.warc.encode()


def stage_erasure(
    archive: Archive, tombstones: list[Tombstone], spool: Path, now: datetime, *, with_copies: bool = False
) -> Path | None:
    """The folder of a plan that takes out what `tombstones` cover; None when no record and no document is covered.

    `archive` must show everything. Raises `WarcError`, `StoreError`, and `UsageError` where captures that no tombstone covers have their
    bytes from what goes, unless they may go `with_copies`; then nothing is staged for good.
    """
    suppressed = archive.suppressed_by(tombstones)
    found = survey(archive, suppressed)
    if found.copies and not with_copies:
        raise UsageError(
            f"nothing was changed: {_told(found.copies)} are kept as revisits of what goes, byte for byte the same, and would go with it; "
            "if they may, erase with --with-copies"
        )
    run_id = new_run_id(now)
    why = f"removed on {now:%Y-%m-%d}, tombstones {', '.join(sorted(one.id for one in tombstones))[:400]}"
    folder = spool / ROOM / run_id
    folder.mkdir(parents=True)
    runs = list(archive.runs())
    work = _Work(
        archive,
        suppressed,
        folder,
        Plan(run_id, rfc3339(now), why),
        found.gone,
        archive.erasures(),
        _used(archive, runs),
    )
    for key in found.files:
        _warc(work, key, now)
    keys: list[str] = []
    for run in runs:
        reissued = _run(work, run, now)
        if reissued is not None:
            work.plan.manifests.append(reissued.model_dump_json())
            day = f"{run.started.astimezone(UTC):%Y-%m-%d}"
            keys.append(f"runs/dt={day}/{run.run_id}/manifest.json")
    if not keys:
        return None
    work.plan.own = RunManifest(
        run_id=run_id,
        started=now,
        finished=now,
        software=f"news-archiver/{software_version()}",
        store=archive.store.findings(),
        notes=[
            f"erasure: {work.plan.records} records of {len(found.files)} WARCs {why}",
            *([f"with it went {_told(found.copies)}, byte for byte the same"] if found.copies else []),
        ],
        reissued=keys,
        erased=[one.id for one in tombstones],
    ).model_dump_json()
    work.plan.save(folder)
    return folder


def _told(copies: list[str]) -> str:
    """Captures that nobody hid, in words; the addresses of some."""
    urls = list(dict.fromkeys(copies))
    more = f" and {len(urls) - URLS_TOLD} more" if len(urls) > URLS_TOLD else ""
    return f"{len(copies)} captures that are not hidden ({', '.join(urls[:URLS_TOLD])}{more})"


def _used(archive: Archive, runs: Iterable[RunManifest]) -> set[str]:
    """Keys that bear a file, or bore one before an erasure; of a log that cannot be read nothing (`archiver check` says so)."""
    used = {file.key for run in runs for file in run.files}
    for run in runs:
        with suppress(StoreError):
            if run.reissued:
                day = f"{run.started.astimezone(UTC):%Y-%m-%d}"
                used |= {one.key for one in read_events(archive.store, events_key(run.run_id, day)) if one.key}
    return used


def _warc(work: _Work, key: str, now: datetime) -> None:
    """One WARC and its index, written anew under another name, and proved before they count."""
    name = segment_name(key)
    if name is None:
        raise WarcError(key, 0, "filename", "not a WARC of this archive; it cannot be issued again")
    with work.archive.local(key) as source:
        fresh = new_name(source, name, work.used)
        out = work.folder / f"{fresh.stem}.warc.gz"
        work.plan.records += erase(source, out, work.gone, work.plan.why, now)
    index = work.folder / f"{fresh.stem}.cdxj.gz"
    write_cdxj(index, index_lines(out, fresh.warc))
    faults = [found for found in check_warc(out, profile="ours", key=fresh.warc) if found.severity == "error"]
    faults += check_cdxj(index, out)
    if faults:
        raise WarcError(
            key, faults[0].offset, faults[0].rule, f"issued again, the file is not right: {faults[0].sentence}"
        )
    work.names[key] = fresh


def _run(work: _Work, run: RunManifest, now: datetime) -> RunManifest | None:
    """The manifest of a run as it will be, its new files staged; None when nothing of it changes."""
    files: list[RunFile] = []
    touched = any(file.key in work.names for file in run.files)
    remade = _posts(work, run) if touched else {}
    for file in run.files:
        new = _file(work, file, remade, touched=touched)
        if new is not None:
            files.append(new)
        if new is None or new.key != file.key:
            work.plan.gone.append(Gone(file.key, file.bytes, file.sha256))
    for key, part in remade.items():
        if part.file.records and key not in {file.key for file in files}:
            files.append(_staged(work, part, replace=False))
    if files == run.files:
        return None
    changes = {
        "files": files,
        "captures": _count(files, "warc/"),
        "articles": _count(files, "articles/"),
        "posts": _count(files, "posts/"),
        "requisites": [page for page in run.requisites if page.record_id not in work.gone],
        "refusals": [one for one in run.refusals if not _is_covered(work.suppressed, one)],
        "notes": [*run.notes, f"issued again: what was {work.plan.why}"],
    }
    return run.model_copy(update=changes)


def _is_covered(suppressed: Suppressed, refusal: Refusal) -> bool:
    return any(suppressed.covers(url) for url in (refusal.url, refusal.requested_url) if url)


def _count(files: Iterable[RunFile], prefix: str) -> int:
    return sum(file.records for file in files if file.key.startswith(prefix))


def _file(work: _Work, file: RunFile, remade: dict[str, Part], *, touched: bool) -> RunFile | None:
    """What stands in a file's place: itself, another, or nothing."""
    family = file.key.partition("/")[0]
    if family == "warc":
        return _blob(work, file, file.key, "warc")
    if family == "cdxj":
        return _blob(work, file, f"warc/{file.key.removeprefix('cdxj/').removesuffix('.cdxj.gz')}.warc.gz", "cdxj")
    if family == "articles":
        return _articles(work, file)
    if family in ("posts", "resolutions"):
        if not touched:
            return _patched(work, file, Post if family == "posts" else Resolution)
        part = remade.get(file.key)
        return _replaced(work, file, part) if part and part.file.records else None
    if touched and file.key.startswith(DERIVED):
        return None
    return file


def _blob(work: _Work, file: RunFile, warc: str, kind: str) -> RunFile:
    name = work.names.get(warc)
    if name is None:
        return file
    key = name.warc if kind == "warc" else name.cdxj
    put = staged(work.folder, key, work.folder / f"{name.stem}.{kind}.gz")
    work.plan.puts.append(put)
    urls = [(line["url"], line["fetch_time"]) for line in read_cdxj(work.folder / f"{name.stem}.cdxj.gz")]
    moments = sorted(datetime.fromisoformat(moment) for _, moment in urls)
    captures = sum(1 for url, _ in urls if not url.startswith("urn:"))
    return RunFile(
        key=key,
        bytes=put.size,
        records=captures if kind == "warc" else len(urls),
        sha256=put.sha256,
        first_time=moments[0] if moments else None,
        last_time=moments[-1] if moments else None,
    )


def _articles(work: _Work, file: RunFile) -> RunFile | None:
    lines = list(_lines(work.archive, file.key))
    kept = [line for line in lines if not _is_gone(work, Article.model_validate_json(line))]
    names = {work.names[key].articles for key in {_warc_of(line) for line in lines} if key in work.names}
    key = names.pop() if len(names) == 1 else file.key
    part = pack(key, map(work.renamed, kept))
    if not part.file.records:
        return None
    return _replaced(work, file, part)


def _is_gone(work: _Work, article: Article) -> bool:
    return article.capture.warc_record_id in work.gone or work.suppressed.covers_article(article) is not None


def _warc_of(line: bytes) -> str:
    return str(json.loads(line)["capture"]["warc_filename"])


def _patched(work: _Work, file: RunFile, model: type[Post] | type[Resolution]) -> RunFile | None:
    """Documents of a run whose WARCs stay, about posts or articles that go, or whose evidence has another name now."""
    kept = []
    for line in _lines(work.archive, file.key):
        document = model.model_validate_json(line)
        cover = work.suppressed.covers_post if isinstance(document, Post) else work.suppressed.covers_resolution
        gone = document.capture is not None and document.capture.warc_record_id in work.gone
        if not gone and not cover(document):  # type: ignore[arg-type]
            kept.append(work.renamed(line))
    part = pack(file.key, kept)
    return _replaced(work, file, part) if part.file.records else None


def _replaced(work: _Work, file: RunFile, part: Part) -> RunFile:
    if part.file.key == file.key and part.file.sha256 == file.sha256:
        return file
    return _staged(work, part, replace=part.file.key == file.key)


def _staged(work: _Work, part: Part, *, replace: bool) -> RunFile:
    work.plan.puts.append(staged(work.folder, part.file.key, part.content, replace=replace))
    return part.file


def _posts(work: _Work, run: RunManifest) -> dict[str, Part]:
    """Posts and resolutions of a touched run, concluded anew from the records that stay."""
    with ExitStack() as stack:
        local: dict[SegmentName, tuple[Path, Path]] = {}
        for file in run.files:
            if not file.key.startswith("warc/"):
                continue
            old = segment_name(file.key)
            if old is None:
                continue
            fresh = work.names.get(file.key)
            if fresh is not None:
                local[fresh] = work.folder / f"{fresh.stem}.warc.gz", work.folder / f"{fresh.stem}.cdxj.gz"
            else:
                paths = (work.archive.local(old.warc), work.archive.local(old.cdxj))
                local[old] = stack.enter_context(paths[0]), stack.enter_context(paths[1])
        parts = post_parts(local, _articles_of(work, run)) if local else []
    made = {}
    every = work.archive.suppressed_by([*work.suppressed.tombstones, *work.earlier.of(run.started).tombstones])
    for part in parts:
        lines = gzip.decompress(part.content).splitlines(keepends=True)
        # Concluded from what stays, a document may still name a post that goes, or went before: an article may cite it.
        made[part.file.key] = pack(part.file.key, map(work.renamed, every.shown_lines(part.file.key, lines)))
    return made


def _articles_of(work: _Work, run: RunManifest) -> Iterator[bytes]:
    for file in run.files:
        if file.key.startswith("articles/"):
            for line in _lines(work.archive, file.key):
                if not _is_gone(work, Article.model_validate_json(line)):
                    yield work.renamed(line)


def _lines(archive: Archive, key: str) -> list[bytes]:
    try:
        return gzip.decompress(archive.store.read(key)).splitlines(keepends=True)
    except (OSError, EOFError, zlib.error) as error:
        raise WarcError(key, 0, "schema", f"damaged: {error}") from error
