"""Extraction again never takes away: damaged or missing WARCs leave the documents that stand on them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.conftest import Crawled
from tests.e2e.kit import archiver


def contents(store: Path) -> dict[str, bytes]:
    """Every document file and manifest by its key."""
    found = [*store.rglob("*.jsonl.gz"), *store.glob("runs/**/manifest.json")]
    return {str(path.relative_to(store)): path.read_bytes() for path in found}


def remake(store: Path, folder: Path) -> tuple[int, str]:
    run = archiver("extract", "--archive", store, cwd=folder)
    return run.returncode, run.stderr.decode()


def test_a_damaged_warc_leaves_the_documents_of_its_run(crawled: Crawled, tmp_path: Path) -> None:
    store = crawled.copy(tmp_path)
    warc = max(store.glob("warc/*/*/*.warc.gz"), key=lambda path: path.stat().st_size)
    spoilt = bytearray(warc.read_bytes())
    spoilt[len(spoilt) // 3] ^= 0x10
    warc.unlink()  # the store's files are hard links of one another's copies
    warc.write_bytes(bytes(spoilt))
    before = contents(store)
    code, said = remake(store, tmp_path)
    assert code == 5
    assert warc.name in said and "documents stay as they are" in said
    assert contents(store) == before


def test_a_missing_warc_leaves_the_documents_of_its_run(crawled: Crawled, tmp_path: Path) -> None:
    store = crawled.copy(tmp_path)
    warc = next(store.glob("warc/demo-*/*/*.warc.gz"))
    warc.unlink()
    before = contents(store)
    code, said = remake(store, tmp_path)
    assert code == 5
    assert warc.name in said
    assert contents(store) == before


@pytest.mark.parametrize("kind", ["articles", "resolutions"])
def test_a_damaged_document_is_put_right_and_counted(crawled: Crawled, tmp_path: Path, kind: str) -> None:
    store = crawled.copy(tmp_path)
    before = contents(store)
    damaged = sorted(store.glob(f"{kind}/v1/**/*.jsonl.gz"))[0]
    damaged.write_bytes(damaged.read_bytes()[:-9])
    code, said = remake(store, tmp_path)
    assert code == 0
    assert "1 files differed from what was stored, 0 from what the manifests listed" in said
    assert contents(store) == before
