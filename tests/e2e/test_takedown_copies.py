"""What is kept as revisits of what goes: told before it goes, found under new names when it stays, and left out of replay with it."""

from __future__ import annotations

import gzip
import json
import shutil
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.cli.exits import Exit
from archiver.index import ArchiveIndex, update_index
from archiver.replay import hidden_of
from archiver.replay.collection import _with_payload
from archiver.replay.needs import Shelf
from tests.e2e.kit import Server, archiver, manifests, ok, write_config
from tests.e2e.test_takedown import hide, sound, take

STYLE = ok("body { color: #123456 } " * 60, kind="text/css")
WORDS = "<p>" + "The harbour master of {name} counted the ferries twice and wrote the number down. " * 8 + "</p>"


def page(name: str, more: str = "") -> bytes:
    text = WORDS.format(name=name) * 3
    return ok(
        f"<html><head><title>About {name}</title><link rel=stylesheet href=/style.css></head><body><article>"
        f"<h1>About {name}</h1>{text}{more}</article></body></html>"
    )


@pytest.fixture(scope="module")
def captured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs: a story, and its very bytes at another address; another story with the same stylesheet."""
    tmp_path = tmp_path_factory.mktemp("copies")
    pages = {"/one": page("one"), "/two": page("two"), "/again": page("one"), "/style.css": STYLE}
    with Server(pages) as server:
        write_config(tmp_path, '[archive]\nstore = "archive"\nsources = "sources"\n')
        (tmp_path / "sources").mkdir()
        (tmp_path / "base").write_text(server.base)
        for paths in (("/one", "/again"), ("/two",)):
            done = archiver("capture", *(server.base + path for path in paths), cwd=tmp_path)
            assert done.returncode == Exit.OK, done.stderr.decode()
    return tmp_path


@pytest.fixture
def folder(captured: Path, tmp_path: Path) -> Path:
    """A copy for the test alone."""
    return Path(shutil.copytree(captured, tmp_path / "folder"))


def at(folder: Path, path: str) -> str:
    return (folder / "base").read_text() + path


def run_of(folder: Path, path: str) -> str:
    found = next(one for one in Archive(folder / "archive").articles() if one.url == at(folder, path))
    name = found.capture.warc_filename
    return str(
        next(run["run_id"] for run in manifests(folder / "archive") if any(f["key"] == name for f in run["files"]))
    )


def packed(folder: Path, path: str) -> int:
    """Lines of the index of an article's package."""
    done = archiver("export", "wacz", at(folder, path), "-o", "x.wacz", cwd=folder)
    assert done.returncode == Exit.OK, done.stderr.decode()
    with zipfile.ZipFile(folder / "x.wacz") as package:
        (name,) = [name for name in package.namelist() if name.startswith("indexes/") and name.endswith(".gz")]
        return len(gzip.decompress(package.read(name)).splitlines())


def test_what_is_the_same_bytes_is_named_before_it_goes(folder: Path) -> None:
    store = folder / "archive"
    before = len(list(Archive(store).articles()))
    ids = hide(folder, "url", at(folder, "/one"))
    refused = archiver("takedown", "erase", *ids, cwd=folder)
    said = " ".join(refused.stderr.decode().split())
    assert refused.returncode == Exit.USAGE, said
    assert "nothing was changed" in said and at(folder, "/again") in said and "--with-copies" in said
    assert len(list(Archive(store).articles())) == before - 1
    sound(store)
    done = take(folder, "erase", *ids, "--with-copies")
    assert b"records are gone" in done.stderr
    note = next(run["notes"] for run in manifests(store) if run["erased"])
    assert any(at(folder, "/again") in sentence for sentence in note)
    sound(store)
    assert "(erased)" in take(folder, "list").stdout.decode()


def test_a_later_runs_revisits_find_their_originals_under_the_new_name(folder: Path) -> None:
    store, before = folder / "archive", packed(folder, "/two")
    payloads = [Archive(store).payload(one) for one in Archive(store).captures(at(folder, "/style.css"))]
    assert len(payloads) == 2 and payloads[0] == payloads[1]
    take(folder, "erase", *hide(folder, "url", at(folder, "/one")), "--with-copies")
    archive = Archive(store)
    assert [archive.payload(one) for one in archive.captures(at(folder, "/style.css"))] == payloads
    assert packed(folder, "/two") == before
    full = archiver("check", "--full", cwd=folder)
    assert full.returncode == Exit.OK, full.stdout.decode()


def test_a_revisit_of_a_hidden_runs_record_is_left_out_of_replay(folder: Path) -> None:
    """It has no bytes of its own: asked for it, a replay would answer with an error."""
    hide(folder, "run", run_of(folder, "/one"))
    archive = Archive(folder / "archive")
    index: ArchiveIndex = update_index(archive.store, archive.files("cdxj/"), folder / "index")
    hidden, left_out = hidden_of(archive), Counter[str]()
    visible = list(hidden.visible(index.all(), Counter()))
    shown = list(_with_payload(Shelf(archive, index, hidden), iter(visible), left_out))
    assert any(b"/style.css" in line for line in visible) and not any(b"/style.css" in line for line in shown)
    assert left_out == {"suppressed": 1} and any(b"/two" in line for line in shown)


def test_a_lost_tombstone_shows_nothing(folder: Path) -> None:
    store = folder / "archive"
    hide(folder, "url", at(folder, "/one"))
    (lost,) = (path for path in (store / "tombstones").rglob("*.gz"))
    content = lost.read_bytes()
    lost.unlink()
    for command in (
        ("show", at(folder, "/one")),
        ("show", at(folder, "/two")),
        ("takedown", "list"),
        ("export", "wacz", "-o", "y.wacz"),
    ):
        done = archiver(*command, cwd=folder)
        said = " ".join(done.stderr.decode().split())
        assert done.returncode == Exit.ERROR and done.stdout == b"", (command, said)
        assert lost.name in said and "put it back from a copy" in said
    lost.write_bytes(content)
    assert archiver("show", at(folder, "/two"), cwd=folder).returncode == Exit.OK


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("hide", "url", "https://example.com/1", "--reason", "", "--by", "desk"), "--reason is empty"),
        (("hide", "url", "https://example.com/1", "--reason", "r", "--by", "  "), "--by is empty"),
        (("hide", "host", "1", "--reason", "r", "--by", "b"), "is no host name"),
        (("hide", "host", "0.1", "--reason", "r", "--by", "b"), "is no host name"),
    ],
)
def test_requests_that_say_too_little_are_refused(folder: Path, arguments: tuple[str, ...], sentence: str) -> None:
    done = archiver("takedown", *arguments, cwd=folder)
    assert done.returncode == Exit.USAGE and sentence in " ".join(done.stderr.decode().split())
    assert not list((folder / "archive").glob("tombstones/**/*.gz"))


@pytest.mark.parametrize("command", [("erase", "urn:uuid:0"), ("finish",), ("list",)])
def test_a_mistyped_folder_is_not_made(folder: Path, command: tuple[str, ...]) -> None:
    done = archiver("takedown", *command, "--store", folder / "nosuch", cwd=folder)
    assert done.returncode == Exit.USAGE
    assert not (folder / "nosuch").exists()


def test_two_requests_for_the_same_are_both_told_to_be_carried_out(folder: Path) -> None:
    first, second = hide(folder, "url", at(folder, "/two")), hide(folder, "url", at(folder, "/two"))
    take(folder, "erase", *first)
    listed = take(folder, "list").stdout.decode().replace("\n", " ")
    assert listed.count("(erased)") == 2, listed
    told = [json.loads(line)["id"] for line in take(folder, "list", "--json").stdout.splitlines()]
    assert sorted(told) == sorted([*first, *second])


def test_an_erasure_without_its_log_is_an_error_and_a_crawl_a_note(folder: Path) -> None:
    take(folder, "erase", *hide(folder, "url", at(folder, "/two")))
    assert archiver("check", cwd=folder).returncode == Exit.OK
    shutil.rmtree(folder / "archive" / "events")
    done = archiver("check", cwd=folder)
    said = " ".join(done.stdout.decode().split())
    assert done.returncode == Exit.DAMAGED
    assert "nothing of this erasure is in the log" in said and "nothing of this run and of" in said


def test_a_bucket_or_folder_with_half_an_erasure_says_where_it_is_finished(folder: Path) -> None:
    """What a plan in another spool has not deleted yet bears the name of a published run, and no manifest lists it."""
    store, ids = folder / "archive", hide(folder, "url", at(folder, "/two"))
    (name,) = {
        one.capture.warc_filename for one in Archive(store, everything=True).articles() if one.url == at(folder, "/two")
    }
    content = (store / name).read_bytes()
    take(folder, "erase", *ids)
    (store / name).write_bytes(content)
    for command in (("erase", *ids), ("finish",)):
        done = archiver("takedown", *command, cwd=folder)
        said = " ".join(done.stderr.decode().split())
        assert done.returncode == Exit.ERROR and "its plan is in another spool" in said and name in said


def test_a_document_file_that_was_cut_is_a_finding_at_every_depth(folder: Path) -> None:
    (part, *_) = sorted((folder / "archive" / "articles").rglob("*.gz"))
    part.write_bytes(part.read_bytes()[:-20])
    for depth in ("--quick", "--sample=100%", "--full"):
        done = archiver("check", depth, "--report", "report.json", cwd=folder)
        assert done.returncode == Exit.DAMAGED, done.stderr.decode()
        assert part.name in done.stdout.decode() and b"Aborted" not in done.stderr
        assert json.loads((folder / "report.json").read_bytes())["findings"]
        (folder / "report.json").unlink()
    refused = archiver("takedown", "erase", *hide(folder, "url", at(folder, "/style.css")), cwd=folder)
    assert refused.returncode == Exit.ERROR and b"Aborted" not in refused.stderr, refused.stderr.decode()
