"""No room, no rights, no store: a clear sentence, the right exit code, nothing lost, and `archiver publish` finishes later."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archiver.archive import Archive
from archiver.audit import check_archive
from archiver.cli.exits import Exit
from archiver.demo import DemoNewspaper
from tests.e2e.conftest import prepare
from tests.e2e.kit import archiver, documents, manifests, spooled_lines


def sound(store: Path) -> None:
    assert [str(found) for found in check_archive(Archive(store)) if found.severity == "error"] == []


def at_most(size: int) -> Callable[[], None]:
    """No file of the new process may grow beyond `size` bytes: what a full disk looks like to it."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """A mount at `folder`; skips where mounting is not permitted."""
    folder.mkdir(parents=True, exist_ok=True)
    made = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False)
    if made.returncode:
        pytest.skip(f"cannot mount here: {made.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("size", [3_000, 20_000, 60_000, 320_000])
def test_a_full_disk_stops_the_run_and_loses_nothing_acknowledged(
    tmp_path: Path, newspaper: DemoNewspaper, size: int
) -> None:
    prepare(tmp_path, newspaper)
    outlet = newspaper.outlets[1].id
    full = archiver("crawl", outlet, cwd=tmp_path, limits=at_most(size))
    said = full.stderr.decode()
    assert full.returncode in (Exit.ERROR, Exit.UNPUBLISHED), said
    assert "Traceback" not in said
    assert "archiver publish" in said or "free some space" in said
    store = tmp_path / "archive"
    acknowledged = {line["capture"]["warc_record_id"] for line in spooled_lines(store / ".spool")}
    acknowledged |= {document["capture"]["warc_record_id"] for document in documents(store)}
    later = archiver("publish", cwd=tmp_path)
    assert later.returncode == 0, later.stderr.decode()
    assert [path.name for path in (store / ".spool").iterdir()] == [".lock"]
    sound(store)
    published = {document["capture"]["warc_record_id"] for document in documents(store)}
    assert acknowledged <= published
    assert published or size < 320_000, "the frontier alone needs more than that"


def test_a_full_file_system_stops_the_run(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    with mounted(tmp_path / "small", "-t", "tmpfs", "-o", "size=200k", "tmpfs"):
        prepare(tmp_path, newspaper)
        run = archiver("crawl", newspaper.outlets[1].id, "--store", "small/archive", cwd=tmp_path)
        said = run.stderr.decode()
        assert run.returncode in (Exit.ERROR, Exit.UNPUBLISHED), said
        assert "Traceback" not in said
        assert "small" in said
        if not list((tmp_path / "small/archive/.spool").glob("2*")):
            return
        subprocess.run(["mount", "-o", "remount,size=20m", str(tmp_path / "small")], check=True)
        later = archiver("publish", "--store", "small/archive", cwd=tmp_path)
        assert later.returncode == 0, later.stderr.decode()
        sound(tmp_path / "small/archive")


def test_a_store_that_cannot_be_written_leaves_the_run_in_the_spool(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    prepare(tmp_path, newspaper)
    outlet = newspaper.outlets[1]
    (tmp_path / "archive").write_text("a file where the store should be")
    spool = tmp_path / "staged"
    run = archiver("crawl", outlet.id, cwd=tmp_path, ARCHIVER_SPOOL=str(spool))
    assert run.returncode == Exit.UNPUBLISHED, run.stderr.decode()
    assert b"archiver publish" in run.stderr
    assert b"Traceback" not in run.stderr
    waiting = {line["capture"]["warc_record_id"] for line in spooled_lines(spool)}
    assert len(waiting) == len(outlet.article_urls)

    # While the store is away, what lies in the spool is not fetched again, and the frontier knows of none of it.
    def articles_asked_for() -> list[str]:
        return [asked.target for asked in newspaper.requests if asked.target in outlet_paths]

    outlet_paths = {urlsplit(url).path for url in outlet.article_urls}
    before = articles_asked_for()
    assert before
    second = archiver("crawl", outlet.id, cwd=tmp_path, ARCHIVER_SPOOL=str(spool))
    assert second.returncode == Exit.UNPUBLISHED, second.stderr.decode()
    assert articles_asked_for() == before
    # Still not: the same sentence, the same code, and nothing is lost.
    again = archiver("publish", cwd=tmp_path, ARCHIVER_SPOOL=str(spool))
    assert again.returncode == Exit.UNPUBLISHED, again.stderr.decode()
    (tmp_path / "archive").unlink()
    later = archiver("publish", cwd=tmp_path, ARCHIVER_SPOOL=str(spool))
    assert later.returncode == Exit.OK, later.stderr.decode()
    assert {document["capture"]["warc_record_id"] for document in documents(tmp_path / "archive")} == waiting
    sound(tmp_path / "archive")
    assert not any(spool.glob("2*"))


def test_a_read_only_store_leaves_the_run_in_the_spool(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    with mounted(tmp_path / "archive", "-t", "tmpfs", "-o", "ro", "tmpfs"):
        prepare(tmp_path, newspaper)
        run = archiver("crawl", newspaper.outlets[1].id, cwd=tmp_path, ARCHIVER_SPOOL=str(tmp_path / "staged"))
        assert run.returncode == Exit.UNPUBLISHED, run.stderr.decode()
        assert b"Read-only" in run.stderr
    later = archiver("publish", cwd=tmp_path, ARCHIVER_SPOOL=str(tmp_path / "staged"))
    assert later.returncode == Exit.OK
    assert manifests(tmp_path / "archive")[0]["articles"] == len(newspaper.outlets[1].article_urls)


@pytest.mark.parametrize("verb", ["crawl", "publish"])
def test_a_spool_that_cannot_be_used_is_said_before_anything_is_asked(
    tmp_path: Path, newspaper: DemoNewspaper, verb: str
) -> None:
    prepare(tmp_path, newspaper)
    (tmp_path / "staged").write_text("a file where the spool should be")
    before = len(newspaper.requests)
    names = [newspaper.outlets[1].id] if verb == "crawl" else []
    run = archiver(verb, *names, cwd=tmp_path, ARCHIVER_SPOOL=str(tmp_path / "staged"))
    assert run.returncode == Exit.ERROR
    assert b"the spool cannot be used" in run.stderr
    assert b"Traceback" not in run.stderr
    assert len(newspaper.requests) == before


def test_one_run_that_cannot_be_published_stops_no_other(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    prepare(tmp_path, newspaper)
    outlet = newspaper.outlets[1].id
    assert archiver("crawl", outlet, cwd=tmp_path).returncode == 0
    store = tmp_path / "archive"
    # A left run whose WARC is already in the store with other bytes: never overwritten, always told.
    published = next(store.glob("warc/demo-*/*/*.warc.gz"))
    left = store / ".spool" / manifests(store)[0]["run_id"]
    left.mkdir()
    (left / published.name).write_bytes(published.read_bytes()[: published.stat().st_size // 2])
    whole = published.read_bytes()
    run = archiver("crawl", outlet, cwd=tmp_path)
    assert run.returncode == Exit.UNPUBLISHED, run.stderr.decode()
    assert left.name.encode() in run.stderr
    assert len(manifests(store)) == 2
    assert published.read_bytes() == whole
    assert os.listdir(left)  # noqa: PTH208  it stays
