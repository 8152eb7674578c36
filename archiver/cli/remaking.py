"""`extract --archive`: the documents of an archive again from its WARCs.

Belongs here: judging before replacing. A run whose WARCs are not whole keeps the documents it has: they are the better copy.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from archiver.archive import Archive
from archiver.cards import SERIES
from archiver.cli.common import complain, talk
from archiver.cli.crawling import hints_of, run_lock, workers_of
from archiver.cli.exits import Exit
from archiver.config import Config
from archiver.errors import StoreError, UsageError, WarcError
from archiver.layout import SegmentName, segment_name
from archiver.models import RunFile, RunManifest
from archiver.parts import Part, article_lines, pack
from archiver.pool import ExtractPool
from archiver.publish import Remade, relist
from archiver.publish_cards import put_cards
from archiver.publish_posts import post_parts
from archiver.suppression import Erasures, Suppressed


@dataclass(slots=True)
class _Tally:
    """What the verb says at its end. `damage` holds one sentence each; what `erasures` took out is not made again."""

    erasures: Erasures
    documents: int = 0
    warcs: int = 0
    differing: int = 0
    relisted: int = 0
    damage: list[str] = field(default_factory=list)


def extract_archive(config: Config, folder: Path | None) -> int:
    """Every run that a manifest lists; files that come out otherwise than stored are replaced, under the same keys."""
    with run_lock(config) as free:
        if not free:
            return complain(f"{config.spool}: another run holds the lock; try again when it has ended", Exit.LOCKED)
        archive = Archive(config.store)
        tally = _Tally(archive.erasures())
        runs = list(archive.runs())
        if not runs:
            raise UsageError(f"{config.store}: no published run here; give a file name to read a single WARC")
        remade = Remade(workers_of(config), hints_of(config, folder), tally.damage)
        with workers_of(config).start() as pool:
            for run in runs:
                _remake(archive, run, remade, pool, tally)
    for sentence in tally.damage:
        complain(sentence, Exit.DAMAGED)
    talk.print(
        f"{tally.documents} documents from {tally.warcs} WARCs; {tally.differing} files differed from what was stored, "
        f"{tally.relisted} from what the manifests listed"
    )
    return Exit.DAMAGED if tally.damage else Exit.OK


def _remake(archive: Archive, run: RunManifest, remade: Remade, pool: ExtractPool, tally: _Tally) -> None:
    """One run: all its parts are made before any is put, so that damage is known by then."""
    before = len(tally.damage)
    keys = [file.key for file in run.files if file.key.startswith("warc/")]
    names = [name for key in keys if (name := segment_name(key)) and name.series != SERIES]
    try:
        with ExitStack() as stack:
            local = {name: _local(archive, name, stack) for name in names}
            parts = [remade.part(local[name][0], name, pool) for name in names]
            if len(tally.damage) == before:
                _put(archive, parts, tally)
                files = [part.file for part in parts if part.file.records]
                posts = post_parts(local, article_lines(archive.store, files)) if local else []
                posts = _not_erased(tally.erasures.of(run.started), posts)
                _put(archive, posts, tally)
                again = _kept(archive, [*parts, *posts])
                cards = []
                if not _issued_again(run, names):
                    folder = Path(stack.enter_context(TemporaryDirectory(prefix="archiver-cards-"))) / SERIES
                    cards = put_cards(archive.store, folder, local, run.software, again)
                tally.differing += sum(file not in run.files for file in cards)
                tally.relisted += relist(archive, run.run_id, [*again, *cards])
                tally.warcs += len(names)
    except (WarcError, StoreError) as error:
        tally.damage.append(str(error))
    if len(tally.damage) > before:
        tally.damage.append(f"run {run.run_id}: its WARCs are not whole, so its documents stay as they are")


def _issued_again(run: RunManifest, names: list[SegmentName]) -> bool:
    """Whether an erasure issued cards or captures again, so that cards made now would have another name than those that are there:
    they stay as that left them."""
    cards = {name.run_id for file in run.files if (name := segment_name(file.key)) and name.series == SERIES}
    return bool(cards and names) and min(names, key=lambda name: name.stamp).run_id not in cards


def _not_erased(erased: Suppressed, parts: list[Part]) -> list[Part]:
    """The parts without what an erasure took out: an article that stays may still cite it."""
    if not erased:
        return parts
    every = ((part.file.key, gzip.decompress(part.content).splitlines(keepends=True)) for part in parts)
    return [pack(key, erased.shown_lines(key, lines)) for key, lines in every]


def _put(archive: Archive, parts: list[Part], tally: _Tally) -> None:
    for part in _kept_parts(archive, parts):
        tally.documents += part.file.records
        stored = archive.store.read(part.file.key) if archive.store.exists(part.file.key) else None
        if stored != part.content:
            tally.differing += 1
            archive.store.put(part.file.key, part.content, replace=True)


def _kept_parts(archive: Archive, parts: list[Part]) -> Iterator[Part]:
    """The parts that hold documents, or take the place of a file that did."""
    return (part for part in parts if part.file.records or archive.store.exists(part.file.key))


def _kept(archive: Archive, parts: list[Part]) -> list[RunFile]:
    return [part.file for part in _kept_parts(archive, parts)]


def _local(archive: Archive, name: SegmentName, stack: ExitStack) -> tuple[Path, Path]:
    return stack.enter_context(archive.local(name.warc)), stack.enter_context(archive.local(name.cdxj))
