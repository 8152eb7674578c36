"""Seeded damage of every kind is found by the depth that must find it; a clean archive has none. CORRUPTIONS=200 for the long version."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.audit import Check, Depth
from archiver.audit.check import SAMPLE
from archiver.config import software_version
from archiver.models import Document, RefersTo
from archiver.models.hints import ExtractHints
from archiver.models.tombstone import Tombstone
from archiver.pool import ExtractPool
from archiver.publish import Workers, publish_run
from archiver.spool import RunInfo, RunSpool
from archiver.store import FolderStore
from archiver.takedown import bury
from archiver.warc import Finding, WarcInfo, WarcWriter, read_captures
from archiver.work import extract_capture
from tests.corruptions import WAYS, Spoiler
from tests.unit.making import INFO, NOON, answer, exchange, page
from tests.unit.test_spool import report

CASES = int(os.environ.get("CORRUPTIONS", "40"))
WORKERS = Workers(1, 30.0, 2 * 2**30)
SOFTWARE = f"news-archiver/{software_version()}"


def publish(root: Path, number: int, original: tuple[RefersTo, str] | None = None) -> tuple[RefersTo, str]:
    """A run of the real writer and extractor, in two WARCs; its first page may be a revisit of an earlier run's."""
    started = NOON + timedelta(minutes=number)
    run_id = f"{started:%Y%m%dt%H%M%Sz}00000{number}"
    run = RunSpool(root / ".spool" / run_id)
    run.begin(RunInfo(run_id=run_id, started=started, software=SOFTWARE, sources=["example"]))
    info: WarcInfo = replace(INFO, run_id=run_id, software=SOFTWARE)
    writer = WarcWriter(run.folder, "example", info, clock=lambda: started, max_bytes=3_000)
    writer.write(exchange("https://example.org/same", answer(page("Same")), original=original, run_id=run_id))
    for part in range(4):
        url = f"https://example.org/{number}/{part}"
        writer.write(exchange(url, answer(page(f"Report {part} of run {number}")), run_id=run_id))
    first: tuple[RefersTo, str] | None = None
    for sealed in writer.close():
        for capture in read_captures(sealed.path, warc_filename=sealed.key):
            pointer = capture.pointer
            if first is None:
                place = pointer.warc_record_offset, pointer.warc_record_length
                names = [
                    "target_uri",
                    "date",
                    "warc_filename",
                    "warc_record_offset",
                    "warc_record_length",
                    "warc_record_id",
                ]
                values = (capture.url, pointer.fetch_time, sealed.key, *place, pointer.warc_record_id)
                first = RefersTo(**dict(zip(names, values, strict=True))), str(pointer.payload_sha256)  # type: ignore[arg-type]
            line = extract_capture(capture, ExtractHints()).line
            if line:
                run.append_document(Document("article", line, pointer, "example", capture.url))
    run.append_report(report())
    run.close()
    publish_run(run, FolderStore(root), WORKERS, {})
    assert first
    return first


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return clean_archive(tmp_path_factory.mktemp("clean") / "archive")


def clean_archive(root: Path) -> Path:
    """An archive of three runs, revisits between them, and a tombstone."""
    original = publish(root, 1)
    for number in (2, 3):
        publish(root, number, original)
    kept_out = Tombstone(
        id="urn:uuid:1", scope="url", target="https://example.org/gone", reason="a letter", at=NOON, by="desk"
    )
    bury(FolderStore(root), [kept_out], NOON + timedelta(hours=1))
    return root


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractPool]:
    with WORKERS.start() as running:
        yield running


def errors(root: Path, depth: Depth, pool: ExtractPool, sample: float = 1.0) -> list[Finding]:
    check = Check(Archive(root, everything=True), depth, sample=sample, pool=pool, workers=WORKERS)
    return [found for found in check.findings() if found.severity == "error"]


@pytest.mark.parametrize("depth", Depth)
def test_a_clean_archive_has_no_damage(clean: Path, pool: ExtractPool, depth: Depth) -> None:
    assert errors(clean, depth, pool) == []
    assert errors(clean, depth, pool, SAMPLE) == []


def test_every_damage_is_found_by_the_depth_that_must_find_it(clean: Path, pool: ExtractPool, tmp_path: Path) -> None:
    found_at: Counter[str] = Counter()
    for seed in range(CASES):
        rng = random.Random(seed)
        way = WAYS[seed % len(WAYS)]
        root = Path(shutil.copytree(clean, tmp_path / str(seed)))
        must = way(Spoiler(root, rng))
        depths = list(Depth)
        for depth in depths:
            found = errors(root, depth, pool)
            if found:
                found_at[f"{must}, found by {depth}"] += 1
                break
        told = f"seed {seed}: {way.__name__}: must be found by {must}"
        assert found, f"{told}, and was found by none"
        assert depths.index(depth) <= depths.index(must), f"{told}, and was found by {depth} only"
        assert depth is must or must is not Depth.QUICK
        shutil.rmtree(root)
    print(CASES, "corruptions:", dict(found_at))
