"""What `archiver check` says and does where more is wrong than a byte: no rights, a manifest cut short, a file that was renamed."""

from __future__ import annotations

import ctypes
import gzip
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.audit.documents import check_documents
from archiver.audit.ledger import Ledger, Listed, check_ledger
from archiver.cli.exits import Exit
from tests.e2e.conftest import Crawled
from tests.e2e.kit import archiver


@pytest.mark.parametrize("depth", [["--quick"], [], ["--full"]], ids=["quick", "default", "full"])
def test_an_archive_that_may_only_be_read_is_checked(depth: list[str], crawled: Crawled, tmp_path: Path) -> None:
    """Whoever audits has no business writing. An earlier check left its memory there."""
    store = crawled.copy(tmp_path)
    assert archiver("check", "--store", store, cwd=tmp_path).returncode == Exit.OK
    written = [store, *store.rglob("*")]
    for path in written:
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = archiver("check", *depth, "--store", store, cwd=tmp_path, limits=obey_permissions)
    for path in written:
        path.chmod(0o755 if path.is_dir() else 0o644)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    assert done.returncode == Exit.OK, done.stderr.decode()
    assert b": 0 errors" in done.stderr
    assert {*store.rglob("*")} == {*written[1:]}, "nothing was written"


def obey_permissions() -> None:
    """Takes from root the right to write where nobody may: what is started has it no more."""
    drop_from_bounding_set, dac_override = 24, 1
    ctypes.CDLL(None).prctl(drop_from_bounding_set, dac_override, 0, 0, 0)


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


def test_a_damaged_record_that_two_documents_name_is_one_finding(crawled: Crawled, tmp_path: Path) -> None:
    archive = Archive(crawled.copy(tmp_path))
    ledger = Ledger()
    assert [found for found in check_ledger(archive, ledger) if found.severity == "error"] == []
    article = next(archive.articles())
    pointer = article.capture
    with (tmp_path / "archive" / pointer.warc_filename).open("r+b") as file:
        file.seek(pointer.warc_record_offset + pointer.warc_record_length // 2)
        file.write(b"damaged")
    part = tmp_path / "part.jsonl.gz"
    part.write_bytes(gzip.compress(article.model_dump_json().encode() + b"\n") * 2)
    listed = Listed("articles/v1/part.jsonl.gz", part.stat().st_size, 2, "", "run")
    found = list(check_documents(archive.store, ledger, listed, part, []))
    assert [one.rule for one in found] == ["pointer"] and found[0].record_id == pointer.warc_record_id


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


def test_a_flipped_byte_is_told_with_the_record_that_it_is_in(crawled: Crawled, tmp_path: Path) -> None:
    store = crawled.copy(tmp_path)
    victim = next(Archive(store).articles()).capture
    path = store / victim.warc_filename
    content = bytearray(path.read_bytes())
    content[victim.warc_record_offset + victim.warc_record_length // 2] ^= 1
    path.unlink()
    path.write_bytes(content)
    done = archiver("check", "--full", "--store", store, cwd=tmp_path)
    assert done.returncode == Exit.DAMAGED
    told = [line for line in done.stdout.decode().splitlines() if line.startswith(victim.warc_filename)]
    assert any(line.startswith(f"{victim.warc_filename}:{victim.warc_record_offset} ") for line in told), told


def test_a_lost_index_is_made_again_as_it_was(crawled: Crawled, tmp_path: Path) -> None:
    store = crawled.copy(tmp_path)
    lost = min(store.glob("cdxj/**/*.cdxj.gz"), key=lambda path: path.stat().st_size)
    key = str(lost.relative_to(store))
    was = lost.read_bytes()
    lost.unlink()
    done = archiver("check", "--full", "--store", store, cwd=tmp_path)
    assert done.returncode == Exit.DAMAGED
    errors = [line for line in done.stdout.decode().splitlines() if "(error)" in line]
    assert len(errors) == 1
    assert errors[0].startswith(f"{key}:0 - cdxj (error): listed by run ")
    assert b"archiver mend --index" in done.stderr
    article = next(Archive(store).articles())
    why = ("--reason", "order", "--by", "desk")
    hidden = archiver("takedown", "hide", "article", article.url, *why, "--store", store, cwd=tmp_path)
    assert hidden.returncode == Exit.OK, "hiding waits for nothing"
    assert b"own pictures and files could not be found" in hidden.stderr
    warc = store / key.replace("cdxj/", "warc/", 1).replace(".cdxj.gz", ".warc.gz")
    made = archiver("mend", "--index", warc, cwd=tmp_path)
    assert f"in its archive it belongs to {key}".encode() in made.stderr
    beside = warc.parent / "mended" / lost.name
    assert beside.read_bytes() == was
    lines = archiver("check", "--quick", "--store", store, cwd=tmp_path).stdout.decode().splitlines()
    assert [line for line in lines if "/mended/" in line and "stray (note): made by `archiver mend`" in line]
    assert len([line for line in lines if "(error)" in line]) == 1, "what mend made is no damage"
    beside.rename(lost)
    assert archiver("check", "--full", "--store", store, cwd=tmp_path).returncode == Exit.OK


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--quick", "--sample", "5%"], "--quick reads no file"),
        (["--full", "--sample", "5%"], "--full reads every one"),
        (["--quick", "--resume"], "nothing to go on with"),
        (["--full", "WARC"], "are for an archive"),
    ],
)
def test_options_that_would_do_nothing_are_refused(
    arguments: list[str], sentence: str, crawled: Crawled, tmp_path: Path
) -> None:
    warc = str(next(crawled.store.glob("warc/**/*.warc.gz")))
    typed = [warc if one == "WARC" else one for one in arguments]
    done = archiver("check", *typed, "--store", crawled.store, cwd=tmp_path)
    assert done.returncode == Exit.USAGE
    assert sentence in done.stderr.decode()


def test_an_erasure_that_was_cut_short_is_mentioned(crawled: Crawled, tmp_path: Path) -> None:
    store = crawled.copy(tmp_path)
    (plan := store / ".spool/.takedown/20261124t120000zabcdef/plan.json").parent.mkdir(parents=True)
    plan.write_text("{}")
    for verb in (["check", "--quick"], ["publish"]):
        done = archiver(*verb, "--store", store, cwd=tmp_path)
        assert done.returncode == Exit.OK
        assert b"1 erasure(s) were cut short" in done.stderr


def test_nothing_is_published_to_a_folder_that_is_not_there(tmp_path: Path) -> None:
    done = archiver("publish", "--store", "archvie", cwd=tmp_path)
    assert done.returncode == Exit.USAGE
    assert b"archvie: no such folder, and no spool at archvie/.spool" in done.stderr
    assert not (tmp_path / "archvie").exists()
