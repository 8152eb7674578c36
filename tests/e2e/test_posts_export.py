"""`archiver export as2` and `export schema`: the archive's posts in other people's words."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from archiver.demo.platforms import FakePlatforms
from tests.e2e.kit import Server, archiver, ok
from tests.e2e.networks import configure, embed, story, x_number, x_post


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with two posts, one of which was edited between two looks."""
    folder = tmp_path_factory.mktemp("export")
    pages = {"/one": ok(story(embed(1, x_post(1).text))), "/two": ok(story(embed(2, "Two"), title="Another story"))}
    with FakePlatforms(posts=[x_post(1), x_post(2)]) as networks, Server(pages) as server:
        configure(folder, networks)
        assert archiver("capture", f"{server.base}/one", f"{server.base}/two", cwd=folder).returncode == 0
        networks.put(x_post(1, text="Words that were edited since"))
        assert archiver("follow", "--all", cwd=folder).returncode == 0
    return folder


def exported(folder: Path, *words: str) -> list[dict[str, Any]]:
    run = archiver("export", *words, cwd=folder)
    assert run.returncode == 0, run.stderr.decode()
    return [json.loads(line) for line in run.stdout.splitlines()]


def test_posts_as_notes_and_as_postings_in_their_newest_state(folder: Path) -> None:
    notes, postings = exported(folder, "as2"), exported(folder, "schema")
    assert {note["type"] for note in notes} == {"Note"}
    assert {posting["@type"] for posting in postings} == {"SocialMediaPosting"}
    ids = {f"https://x.com/i/status/{x_number(number)}" for number in (1, 2)}
    assert {note["id"] for note in notes} == {posting["@id"] for posting in postings} == ids
    (first,) = [posting for posting in postings if posting["@id"].endswith(x_number(1))]
    assert first["articleBody"] == "Words that were edited since"


def test_every_state_gives_those_that_differ(folder: Path) -> None:
    states = exported(folder, "as2", "--every-state")
    assert sorted(state["id"][-1] for state in states) == ["1", "1", "2"]


def test_the_posts_of_one_article_or_network(folder: Path) -> None:
    url = next(
        note["arc:citedBy"][0]["article"] for note in exported(folder, "as2") if note["id"].endswith(x_number(2))
    )
    assert [note["id"][-1] for note in exported(folder, "as2", "--article", url)] == ["2"]
    assert exported(folder, "schema", "--platform", "telegram") == []


def test_show_says_what_changed(folder: Path) -> None:
    article = next(
        note["arc:citedBy"][0]["article"] for note in exported(folder, "as2") if note["id"].endswith(x_number(1))
    )
    run: subprocess.CompletedProcess[bytes] = archiver("show", article, cwd=folder)
    assert b"changed since: text" in run.stdout


@pytest.mark.parametrize(
    "words", [("as2", "--platform", "myspace"), ("schema", "--article", "https://nowhere.example/")]
)
def test_what_is_not_there_is_said_in_a_sentence(folder: Path, words: tuple[str, ...]) -> None:
    run = archiver("export", *words, cwd=folder)
    assert run.returncode in (1, 2)
    assert run.stdout == b""
    assert b"myspace" in run.stderr or b"no article with this URL" in run.stderr
