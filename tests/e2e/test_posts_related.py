"""Quoted posts and parents that come along with a cited post: documents of their own, which never stand for an answer of their own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms
from tests.e2e.kit import Server, archiver, everything, ok
from tests.e2e.networks import configure, embed, stored, story, x_number, x_post

QUOTED = x_post(2, media=("pier",))
PARENT = x_post(3)
CITED = x_post(1, quotes=QUOTED.native_id, replies_to=PARENT.native_id)
BOTH = x_post(4, quotes=x_number(1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("related")
    page = story(embed(1, CITED.text), embed(4, BOTH.text))
    with FakePlatforms(posts=[CITED, QUOTED, PARENT, BOTH]) as networks, Server({"/story": ok(page)}) as server:
        configure(folder, networks)
        run = archiver("capture", f"{server.base}/story", cwd=folder)
        assert run.returncode == 0, run.stderr.decode()
    return folder


def by_number(folder: Path) -> dict[str, dict[str, Any]]:
    posts = stored(folder / "archive", "posts")
    assert len(posts) == len({post["native_id"] for post in posts})
    return {post["native_id"]: post for post in posts}


def test_quoted_and_parent_posts_get_documents_of_their_own(folder: Path) -> None:
    found = by_number(folder)
    assert set(found) == {x_number(number) for number in (1, 2, 3, 4)}
    for number, post in ((2, QUOTED), (3, PARENT)):
        document = found[x_number(number)]
        assert (document["status"], document["text"]) == ("captured_partial", post.text)
        assert document["capture"]["warc_record_id"] == found[x_number(1)]["capture"]["warc_record_id"]
        assert document["attempts"][0]["reason_text"] == f"came with https://x.com/i/status/{x_number(1)}"
        assert document["cited_by"] == found[x_number(1)]["cited_by"]
    assert found[x_number(1)]["quoted"] == x_number(2)
    assert found[x_number(1)]["in_reply_to"] == x_number(3)


def test_the_picture_of_a_quoted_post_is_captured(folder: Path) -> None:
    (medium,) = by_number(folder)[x_number(2)]["media"]
    assert medium["record_id"] and medium["sha256"]


def test_a_post_that_is_asked_for_itself_is_not_taken_from_another_answer(folder: Path) -> None:
    assert by_number(folder)[x_number(1)]["status"] == "captured"


def test_documents_of_related_posts_come_back_and_pass_the_check(folder: Path, tmp_path: Path) -> None:
    store = shutil.copytree(folder / "archive", tmp_path / "archive")
    before = everything([store / "posts"])
    shutil.rmtree(store / "posts")
    assert archiver("extract", "--archive", store, cwd=tmp_path).returncode == 0
    assert everything([store / "posts"]) == before
    assert archiver("check", "--store", store, cwd=tmp_path).returncode == 0


def test_nobody_follows_a_post_that_only_came_along(folder: Path) -> None:
    archive = Archive(folder / "archive")
    cited = [post for article in archive.articles() for _, _, post in archive.citations(article)]
    assert {post.native_id for post in cited if post} == {x_number(1), x_number(4)}
    run = archiver("follow", cwd=folder)
    assert b"no cited post" in run.stderr
