"""Files that several processes read at once: told in their order, and none is lost with a process."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.audit import Check, Depth, crew
from archiver.audit.files import FileCheck
from archiver.audit.ledger import Ledger, check_ledger
from archiver.publish import publish_run
from archiver.store import FolderStore
from tests.unit.test_publish import WORKERS, stage

RUNS = [f"20261125t12000{number}zabcdef" for number in range(4)]


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    store = FolderStore(tmp_path / "archive")
    for run_id in RUNS:
        publish_run(stage(tmp_path / "spool", run_id=run_id), store, WORKERS, {})
    monkeypatch.setattr(crew, "WORTH", 0)
    return Archive(tmp_path / "archive", everything=True)


def test_several_processes_tell_what_one_tells_in_the_same_order(archive: Archive) -> None:
    warc = sorted((Path(archive.store.url) / "warc").rglob("*.gz"))[1]
    content = warc.read_bytes()
    warc.unlink()  # the spool's file may be the same one
    warc.write_bytes(content[:-1] + b"x")
    alone = [str(found) for found in Check(archive, Depth.FULL).findings()]
    several = Check(archive, Depth.FULL, processes=2)
    assert [str(found) for found in several.findings()] == alone
    assert any("manifest (error)" in found for found in alone)
    assert several.counted.read == several.counted.files


def test_a_killed_process_costs_no_file(archive: Archive) -> None:
    ledger = Ledger()
    assert not [found for found in check_ledger(archive, ledger) if found.severity == "error"]
    before = set(multiprocessing.active_children())
    told = crew.read_all(FileCheck(archive.store, ledger), list(ledger.files), 2)
    keys = [next(told)[0]]
    for child in set(multiprocessing.active_children()) - before:
        child.kill()
    for key, outcome in told:
        keys.append(key)
        assert outcome.sha256 == ledger.files[key].sha256
    assert keys == list(ledger.files)
