"""What `archiver check` says and does where more is wrong than a byte: no rights, a manifest cut short, a file that was renamed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archiver.cli.exits import Exit
from tests.e2e.conftest import Crawled
from tests.e2e.kit import archiver


@pytest.mark.parametrize("depth", [["--quick"], [], ["--full"]], ids=["quick", "default", "full"])
def test_an_archive_is_checked_where_nothing_can_be_remembered(
    depth: list[str], crawled: Crawled, tmp_path: Path
) -> None:
    """Whoever audits has no business writing: what stands where the memory should be, or may only be read, costs no check."""
    store = crawled.copy(tmp_path)
    shutil.rmtree(store / ".check", ignore_errors=True)
    (store / ".check" / "verified.sqlite").mkdir(parents=True)
    done = archiver("check", *depth, "--store", store, cwd=tmp_path)
    assert b"Traceback" not in done.stderr
    assert done.returncode == Exit.OK, done.stderr.decode()


def test_a_manifest_cut_short_is_one_line_and_its_files_are_no_strays(crawled: Crawled, tmp_path: Path) -> None:
    store = crawled.copy(tmp_path)
    (manifest,) = store.glob("runs/*/*/manifest.json")
    manifest.write_bytes(manifest.read_bytes()[:1000])
    done = archiver("check", "--quick", "--store", store, cwd=tmp_path)
    assert done.returncode == Exit.DAMAGED
    lines = done.stdout.decode().splitlines()
    assert any("the run cannot be read: Invalid JSON" in line for line in lines)
    assert all(line.startswith(("runs/", "changes/", "schemas/")) for line in lines), "each finding is one line"
    assert not any("stray" in line or "pydantic" in line for line in lines)


def test_one_damaged_record_is_one_finding(crawled: Crawled, tmp_path: Path) -> None:
    store = crawled.copy(tmp_path)
    (warc,) = store.glob("warc/demo-indus/*/*.warc.gz")
    content = bytearray(warc.read_bytes())
    content[len(content) // 2] ^= 0xFF
    warc.write_bytes(content)
    done = archiver("check", "--full", "--store", store, cwd=tmp_path)
    assert done.returncode == Exit.DAMAGED
    lines = done.stdout.decode().splitlines()
    assert len(lines) == len(set(lines))


def test_a_mended_file_under_another_name_is_told_what_to_do(crawled: Crawled, tmp_path: Path) -> None:
    (warc,) = crawled.store.glob("warc/demo-indus/*/*.warc.gz")
    (tmp_path / "cut.warc.gz").write_bytes(warc.read_bytes()[:-100])
    assert archiver("mend", "cut.warc.gz", cwd=tmp_path).returncode == Exit.OK
    done = archiver("check", "mended/cut.warc.gz", cwd=tmp_path)
    assert done.returncode == Exit.DAMAGED
    assert b"keeps in its first record the name that it was written under" in done.stderr


def test_publish_with_nothing_to_do_names_the_spool(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    done = archiver("publish", "--store", tmp_path / "archive", cwd=tmp_path)
    assert done.returncode == Exit.OK
    assert f"none waits in {tmp_path / 'archive' / '.spool'}".encode() in done.stderr
