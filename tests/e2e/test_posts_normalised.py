"""Normalised posts in the WARC: a `conversion` of the answer that showed each, which nothing is ever read from."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from archiver.archive import Archive
from archiver.audit import check_archive
from archiver.cli.exits import Exit
from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.index.lines import stored_lines
from archiver.models.post import Post
from archiver.platforms.views import as_schema_org
from archiver.replay import hidden_of
from tests.e2e.kit import Server, archiver, ok, posts_come_again
from tests.e2e.networks import WHEN, configure, embed, linked, story, x_link, x_number, x_post

QUOTED, CITED, GONE = x_post(2), x_post(1, quotes=x_number(2)), x_post(3, "deleted")
LONG = x_post(4, full_text="Words that only the paid interface shows as a whole, of the harbour and its lamps")
DID, KEY = "did:plc:abcdefghijklmnopqrstuvwx", "3m4xdemoa0k2t"
HIDES = FakePost("bluesky", f"{DID}/{KEY}", "someone", "Some One", "Words for those with a login", WHEN, state="label")
SHOWN = {f"urn:social-post:x:{x_number(number)}" for number in (1, 2, 4)}


class Conversion(NamedTuple):
    """One conversion record: the name of its file, its target, what it refers to, its date, its block."""

    file: str
    target: str
    about: str
    date: str
    block: bytes


def conversions(folder: Path) -> list[Conversion]:
    found = []
    for path in sorted(folder.rglob("*.warc.gz")):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.conversion):
                get = record.headers.get
                about = str(get("WARC-Refers-To")).strip("<>")
                target, date = str(get("WARC-Target-URI")), str(get("WARC-Date"))
                found.append(Conversion(path.name, target, about, date, record.reader.read()))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("normalised")
    hidden = linked(f"https://bsky.app/profile/{DID}/post/{KEY}")
    page = story(embed(1, CITED.text), embed(3, GONE.text), linked(x_link(4)), hidden)
    networks = FakePlatforms(posts=[CITED, QUOTED, GONE, LONG, HIDES])
    with networks, Server({"/story": ok(page)}) as server:
        configure(folder, networks)
        run = archiver("capture", f"{server.base}/story", cwd=folder, POSTS_X_BEARER="demo-bearer")
        assert run.returncode == 0, run.stderr.decode()
    return folder


def posts_of(folder: Path) -> dict[str, Post]:
    return {f"urn:social-post:{post.platform}:{post.native_id}": post for post in Archive(folder / "archive").posts()}


def test_each_post_that_an_answer_shows_is_a_conversion_of_that_answer(folder: Path) -> None:
    found, posts = conversions(folder / "archive"), posts_of(folder)
    assert {one.target for one in found} == SHOWN, "none of a post that is gone, none of an author who hides"
    for one in found:
        shown, document = Post.model_validate_json(one.block), posts[one.target]
        assert shown.capture and shown.capture.warc_record_id == one.about
        assert (shown.id, shown.native_id) == (document.id, document.native_id)
        assert one.date[:19] == shown.capture.fetch_time.isoformat()[:19]
    for target in SHOWN:
        document = posts[target]
        assert document.capture and as_schema_org(document)["archivedAt"] == target
        (same,) = [one for one in found if (one.target, one.about) == (target, document.capture.warc_record_id)]
        assert Post.model_validate_json(same.block).text == document.text


def test_what_was_made_of_the_paid_answer_lies_in_its_series(folder: Path) -> None:
    found = [one for one in conversions(folder / "archive") if one.target.endswith(x_number(4))]
    terms = {Post.model_validate_json(one.block).terms: "x-developer" in one.file for one in found}
    assert terms == {"x-tos": False, "x-developer": True}


def test_the_index_leads_to_them_and_the_archive_is_sound(folder: Path) -> None:
    archive = Archive(folder / "archive")
    lines = [line for key in archive.files("cdxj/") for line in stored_lines(archive.store, key)]
    indexed = [json.loads(line.split(b" ", 2)[2]) for line in lines if line.startswith(b"urn:social-post:")]
    assert {one["url"] for one in indexed} == SHOWN
    run = archiver("check", "--full", "--store", folder / "archive", cwd=folder)
    assert run.returncode == Exit.OK, run.stdout.decode()


def test_documents_come_again_without_them_and_no_more_are_made(folder: Path, tmp_path: Path) -> None:
    before = conversions(folder / "archive")
    again = posts_come_again(folder / "archive", tmp_path)
    assert sorted(conversions(again)) == sorted(before)


@pytest.mark.parametrize("scope", ["post", "host"])
def test_they_go_with_the_post(folder: Path, tmp_path: Path, scope: str) -> None:
    store = Path(shutil.copytree(folder / "archive", tmp_path / "archive"))
    shutil.copy(folder / "archiver.toml", tmp_path)
    target = x_link(1) if scope == "post" else "x.com"
    why = ("--reason", "a letter", "--by", "desk", "--json", "--store", store)
    done = archiver("takedown", "hide", scope, target, *why, cwd=tmp_path)
    assert done.returncode == Exit.OK, done.stderr.decode()
    ids = [json.loads(line)["id"] for line in done.stdout.splitlines()]
    erased = archiver("takedown", "erase", *ids, "--store", store, cwd=tmp_path)
    assert erased.returncode == Exit.OK, erased.stderr.decode()
    left = {one.target for one in conversions(store)}
    assert left == ({f"urn:social-post:x:{x_number(4)}"} if scope == "post" else set()), "what it quoted came with it"
    assert [str(found) for found in check_archive(Archive(store, everything=True)) if found.severity == "error"] == []


def lines_of(url: str) -> dict[str, Any]:
    return {"url": url, "key": url, "status": "-", "mime": "application/json", "warc_record_id": "urn:uuid:1"}


def test_nothing_that_was_made_of_a_post_is_shown_once_its_author_hides(folder: Path) -> None:
    hidden = hidden_of(Archive(folder / "archive"))
    assert hidden.why(lines_of(f"urn:social-post:bluesky:{DID}/{KEY}")) == "archiving-restricted"
    assert hidden.why(lines_of(f"urn:social-post:x:{x_number(1)}")) is None
