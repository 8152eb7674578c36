"""Taken down: hidden at once, and, as a second step, in no byte of the archive; all that stays keeps its proof."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.audit import check_archive
from archiver.cli.exits import Exit
from archiver.models import Article
from archiver.warc.compress import inflater
from tests.e2e.conftest import Crawled
from tests.e2e.kit import archiver, manifests
from tests.unit.warc.conftest import second_opinion


@pytest.fixture
def folder(crawled: Crawled, tmp_path: Path) -> Path:
    crawled.copy(tmp_path)
    shutil.copy(crawled.folder / "archiver.toml", tmp_path)
    shutil.copytree(crawled.folder / "sources", tmp_path / "sources")
    return tmp_path


def take(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    done = archiver("takedown", *arguments, cwd=folder)
    assert done.returncode == Exit.OK, done.stderr.decode()
    return done


def hide(folder: Path, scope: str, target: str) -> list[str]:
    """Ids of the tombstones."""
    done = take(folder, "hide", scope, target, "--reason", "court order 12/2026", "--by", "legal desk", "--json")
    return [json.loads(line)["id"] for line in done.stdout.splitlines()]


def everything_in(store: Path) -> bytes:
    """Every byte of every file of the archive, unpacked."""
    pieces = []
    files = (
        path for path in store.rglob("*") if path.is_file() and not path.relative_to(store).parts[0].startswith(".")
    )
    for path in sorted(files):
        content = path.read_bytes()
        while content.startswith(b"\x1f\x8b"):
            machine = inflater()
            pieces.append(machine.decompress(content))
            content = machine.unused_data
        pieces.append(content)
    return b"\n".join(pieces)


def sound(store: Path) -> None:
    assert [str(found) for found in check_archive(Archive(store, everything=True)) if found.severity == "error"] == []


def victim(store: Path) -> Article:
    """An article with paragraphs that no other page has."""
    return max(Archive(store).articles(), key=lambda article: article.word_count)


def test_what_is_hidden_is_shown_nowhere_and_lifted_it_is_back(folder: Path) -> None:
    store = folder / "archive"
    article = victim(store)
    before = len(list(Archive(store).articles()))
    ids = hide(folder, "article", article.url)
    assert len(list(Archive(store).articles())) == before - 1
    shown = archiver("show", article.url, cwd=folder)
    assert shown.returncode == Exit.ERROR
    assert b"court order 12/2026" in shown.stderr
    assert Archive(store).captures(article.url) == []
    listed = take(folder, "list").stdout.decode()
    assert all(name in listed for name in ids)
    sound(store)
    run = manifests(store)[-1]
    assert any(file["key"].startswith("tombstones/") for file in run["files"])
    lifted = take(folder, "lift", *ids, "--reason", "wrong address", "--by", "legal desk")
    assert b"wrong address" not in lifted.stderr
    assert len(list(Archive(store).articles())) == before
    assert take(folder, "list").stdout == b""
    assert b"1 document(s) are shown again" in lifted.stderr
    sound(store)


def test_two_requests_for_one_article_stand_side_by_side(folder: Path) -> None:
    store = folder / "archive"
    article = victim(store)
    first = hide(folder, "article", article.url)
    done = take(folder, "hide", "article", article.url, "--reason", "the author's wish", "--by", "front desk", "--json")
    second = [json.loads(line)["id"] for line in done.stdout.splitlines()]
    assert f"{first[0]} by legal desk hides it as well: each request is lifted by itself" in " ".join(
        done.stderr.decode().split()
    )
    assert b"stay hidden by" in take(folder, "lift", first[0], "--reason", "appeal", "--by", "legal desk").stderr
    assert archiver("show", article.url, cwd=folder).returncode == Exit.ERROR
    assert b"1 document(s) are shown again" in take(folder, "lift", second[0], "--reason", "r", "--by", "b").stderr
    assert archiver("show", article.url, cwd=folder).returncode == Exit.OK


def test_what_is_erased_is_in_no_byte_and_the_rest_keeps_its_proof(folder: Path) -> None:
    store = folder / "archive"
    article = victim(store)
    # The first paragraphs are in feeds and listings too, which are records of their own.
    words = [paragraph.text.encode()[:60] for paragraph in article.paragraphs[2:] if len(paragraph.text) > 80]
    others = {one.url: one for one in Archive(store).articles() if one.url != article.url}
    assert any(text in everything_in(store) for text in words)
    size = sum(path.stat().st_size for path in store.glob("warc/**/*.gz"))
    ids = hide(folder, "article", article.url)
    done = take(folder, "erase", *ids)
    assert b"records are gone" in done.stderr
    whole = everything_in(store)
    assert [text for text in words if text in whole] == []
    assert article.capture.warc_record_id.encode() not in whole
    sound(store)
    assert sum(path.stat().st_size for path in store.glob("warc/**/*.gz")) == size, "every other record keeps its place"
    archive = Archive(store)
    after = {one.url: one for one in archive.articles()}
    assert set(after) == set(others)
    for url, one in after.items():
        assert one.capture.warc_record_offset == others[url].capture.warc_record_offset
        assert one.article_body == others[url].article_body
        assert archive.payload(one.capture)
    for path in store.glob("warc/**/*.warc.gz"):
        second_opinion(path)
    full = archiver("check", "--full", cwd=folder)
    assert full.returncode == Exit.OK, full.stdout.decode()
    assert archiver("extract", "--archive", "archive", cwd=folder).returncode == Exit.OK
    sound(store)
    assert set(after) == {one.url for one in Archive(store).articles()}, "made again, it does not come back"


def test_an_erasure_is_logged_and_announced(folder: Path) -> None:
    store = folder / "archive"
    article = victim(store)
    before = set(Archive(store).files("warc/"))
    take(folder, "erase", *hide(folder, "url", article.url))
    after = set(Archive(store).files("warc/"))
    parts = [gzip.decompress(path.read_bytes()) for path in store.glob("events/**/*.gz")]
    events = [json.loads(line) for part in parts for line in part.splitlines()]
    deleted = {event["key"] for event in events if event["type"] == "deletion"}
    assert before - after <= deleted
    assert not [key for key in deleted if (store / key).exists()]
    assert all(event["sha256"] and "tombstones" in event["detail"] for event in events if event["type"] == "deletion")
    last = manifests(store)[-1]
    assert last["reissued"]
    assert all((store / key).exists() for key in last["reissued"])
    announced = [json.loads(path.read_bytes())["run_id"] for path in sorted(store.glob("changes/v1/0*.json"))]
    assert announced[-1] == last["run_id"]
    assert not list((folder / "archive/.spool").glob(".takedown/*"))


def test_what_nothing_covers_touches_no_file(folder: Path) -> None:
    store = folder / "archive"
    ids = hide(folder, "url", "https://nobody.example.org/never-captured")
    before = {path: path.read_bytes() for path in store.glob("warc/**/*.gz")}
    assert b"nothing in the archive is covered" in take(folder, "erase", *ids).stderr
    assert {path: path.read_bytes() for path in store.glob("warc/**/*.gz")} == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["hide", "planet", "x"], "is no scope"),
        (["hide", "url", "example.com/1"], "write it whole"),
        (["hide", "host", "https://example.com"], "is no host name"),
        (["hide", "host", "com"], "everybody's names are below it"),
        (["hide", "host", "co.uk"], "everybody's names are below it"),
        (["hide", "run", "yesterday"], "is no run id"),
        (["hide", "article", "urn:uuid:none"], "no article with this id"),
        (["hide", "post", "https://example.com/1"], "is no post of a network"),
        (["erase", "urn:uuid:none"], "no tombstone in force has this id"),
    ],
)
def test_wrong_requests_are_sentences(crawled: Crawled, arguments: list[str], sentence: str) -> None:
    extra = ["--reason", "r", "--by", "b"] if arguments[0] == "hide" else []
    done = archiver("takedown", *arguments, *extra, cwd=crawled.folder)
    assert done.returncode == Exit.USAGE
    assert sentence in done.stderr.decode()
