"""A post whose author is not shown to people without a login: captured as evidence, and in no replay and no package."""

from __future__ import annotations

import gzip
import json
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.index.lines import stored_lines
from archiver.replay import hidden_of
from tests.e2e.kit import Server, archiver, ok
from tests.e2e.networks import WHEN, configure, linked, story

PRIVATE, PUBLIC = "Words for those who have a login", "Words for whoever comes by"


def post(letter: str, text: str, state: str) -> tuple[str, FakePost]:
    did, key = f"did:plc:abcdefghijklmnopqrstuvw{letter}", f"3m4xdemo{letter}0k2t"
    made = FakePost("bluesky", f"{did}/{key}", "someone", "Some One", text, WHEN, state=state)
    return f"https://bsky.app/profile/{did}/post/{key}", made


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("private")
    posts = [post("a", PRIVATE, "label"), post("b", PUBLIC, "visible")]
    pages = {"/story": ok(story(*(linked(url) for url, _ in posts)))}
    with FakePlatforms(posts=[made for _, made in posts]) as networks, Server(pages) as server:
        configure(folder, networks)
        done = archiver("capture", f"{server.base}/story", cwd=folder)
        assert done.returncode == 0, done.stderr.decode()
    return folder / "archive"


def answers(folder: Path) -> bytes:
    """The bodies of all responses in the WARCs below a folder."""
    found = []
    for path in folder.rglob("*.warc.gz"):
        with path.open("rb") as stream:
            found += [one.reader.read() for one in ArchiveIterator(stream, record_types=WarcRecordType.response)]
    return b"".join(found)


def test_the_answer_is_kept_as_evidence_and_no_line_of_it_may_be_seen(store: Path) -> None:
    assert PRIVATE.encode() in answers(store) and PUBLIC.encode() in answers(store)
    archive, left_out = Archive(store), Counter[str]()
    hidden = hidden_of(archive)
    lines = [line for key in archive.files("cdxj/") for line in stored_lines(archive.store, key)]
    shown = [json.loads(line.split(b" ", 2)[2]) for line in hidden.visible(lines, left_out)]
    private = next(one for one in archive.posts() if any("login" in warning for warning in one.warnings))
    assert private.text is None and private.attempts
    assert {attempt.warc_record_id for attempt in private.attempts}.isdisjoint(one["warc_record_id"] for one in shown)
    public = next(one for one in archive.posts() if one.text == PUBLIC)
    assert public.capture and public.capture.warc_record_id in {one["warc_record_id"] for one in shown}
    assert left_out["archiving-restricted"] >= 1


@pytest.mark.parametrize("chosen", [("--source", "page"), ()], ids=["source", "everything"])
def test_no_package_has_it(chosen: tuple[str, ...], store: Path, tmp_path: Path) -> None:
    run = archiver("export", "wacz", *chosen, "-o", "all.wacz", "--store", store, cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    with zipfile.ZipFile(tmp_path / "all.wacz") as opened:
        opened.extractall(tmp_path / "all")
    assert PUBLIC.encode() in answers(tmp_path / "all") and PRIVATE.encode() not in answers(tmp_path / "all")
    assert all(PRIVATE.encode() not in gzip.decompress(path.read_bytes()) for path in (tmp_path / "all").rglob("*.gz"))


def test_the_package_of_the_post_itself_has_its_card_and_no_word_of_it(store: Path, tmp_path: Path) -> None:
    url = post("a", PRIVATE, "label")[0]
    run = archiver("export", "wacz", url, "-o", "post.wacz", "--store", store, cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    with zipfile.ZipFile(tmp_path / "post.wacz") as opened:
        opened.extractall(tmp_path / "post")
    packed = [gzip.decompress(path.read_bytes()) for path in (tmp_path / "post").rglob("*.gz")]
    assert any(b"urn:post-card:" in content for content in packed)
    assert all(PRIVATE.encode() not in content for content in packed)
