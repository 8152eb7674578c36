"""One changed byte anywhere in an archive is found: exit 5, and a finding that names the file."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.audit import check_archive
from archiver.cli.exits import Exit
from tests.e2e.conftest import Crawled
from tests.e2e.kit import archiver


@pytest.fixture(scope="module")
def spoiled(crawled: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return crawled.copy(tmp_path_factory.mktemp("spoiled"))


def smallest(store: Path, pattern: str) -> Path:
    return min(store.glob(pattern), key=lambda path: path.stat().st_size)


def findings(store: Path) -> list[str]:
    """Files named by errors."""
    return [found.file for found in check_archive(Archive(store)) if found.severity == "error"]


PLACES = {
    "a WARC": "warc/**/*.warc.gz",
    "an index": "cdxj/**/*.cdxj.gz",
    "documents": "articles/**/*.jsonl.gz",
    "a manifest": "runs/**/manifest.json",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_flipped_byte_is_damage(spoiled: Path, place: str) -> None:
    path = smallest(spoiled, PLACES[place])
    whole = path.read_bytes()
    position = random.Random(place).randrange(len(whole))
    path.unlink()  # never through a hard link
    path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
    try:
        run = archiver("check", "--full", "--store", spoiled, "--json", cwd=spoiled)
        assert run.returncode == Exit.DAMAGED, run.stderr.decode()
        errors = [f for f in map(json.loads, run.stdout.splitlines()) if f["severity"] == "error"]
        assert str(path.relative_to(spoiled)) in {finding["file"] for finding in errors}
    finally:
        path.write_bytes(whole)


def test_every_byte_of_a_manifest_counts(spoiled: Path) -> None:
    path = smallest(spoiled, "runs/**/manifest.json")
    whole = path.read_bytes()
    key = str(path.relative_to(spoiled))
    rng = random.Random(4)
    archive = Archive(spoiled)
    try:
        for position in [0, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(8))]:
            path.write_bytes(whole[:position] + bytes([whole[position] ^ 4]) + whole[position + 1 :])
            assert key in {found.file for found in check_archive(archive) if found.rule == "manifest"}, position
    finally:
        path.write_bytes(whole)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


WAYS = {"gone": Path.unlink, "cut": _cut, "longer": _grow}
SPOILED = [(pattern, way) for pattern in [*PLACES.values(), "runs/**/_SUCCESS"] for way in WAYS]
# The announcement is no evidence: readers go by runs/, and JSON may end in anything white. Cut, it is no JSON.
SPOILED.append(("changes/v1/*.json", "cut"))


@pytest.mark.parametrize(("pattern", "way"), SPOILED)
def test_a_file_that_is_gone_cut_or_longer_is_named(spoiled: Path, pattern: str, way: str) -> None:
    path = smallest(spoiled, pattern)
    whole = path.read_bytes()
    try:
        WAYS[way](path)
        found = findings(spoiled)
        named = str(path.relative_to(spoiled))
        # Without its mark a run is not committed: then the announcement that names it is what stands out.
        assert named in found or any(file.startswith(("runs/", "changes/")) for file in found), found
    finally:
        path.write_bytes(whole)


def test_a_damaged_warc_is_still_read_around_the_damage(crawled: Crawled, tmp_path: Path) -> None:
    path = max(crawled.store.glob("warc/**/*.warc.gz"), key=lambda path: path.stat().st_size)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    (tmp_path / "bad.warc.gz").write_bytes(content)
    run = archiver("extract", "bad.warc.gz", cwd=tmp_path)
    assert run.returncode == Exit.DAMAGED
    assert len(run.stdout.splitlines()) > 20
    assert b"bad.warc.gz:" in run.stderr
    assert archiver("check", "bad.warc.gz", cwd=tmp_path).returncode == Exit.DAMAGED
