"""Usernames are renamed and given to others: whose a post is, the account's number says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.demo.platforms.posts import x_id
from tests.e2e.kit import Server, archiver, ok, posts_come_again
from tests.e2e.networks import WHEN, configure, story

OLD = WHEN - timedelta(days=400)
FIRST = FakePost(
    "x", x_id(OLD, 3), "harbourpost", "Harbour Post", "The harbour office has a new door.", OLD, user_id="11"
)
WORDS = {
    "same": "the eastern breakwater will be lit by lanterns from next month on",
    "other": "our shop sells seventeen kinds of lanterns for the eastern breakwater",
}
POSTS = [
    FakePost("x", x_id(WHEN, 31), "harbourpost", "Harbour Post", WORDS["same"].capitalize(), WHEN, user_id="11"),
    FakePost("x", x_id(WHEN, 32), "harbourpost", "Lantern Shop", WORDS["other"].capitalize(), WHEN, user_id="22"),
]
LINKED = (
    f'<p>The news was <a href="https://x.com/harbourpost/status/{FIRST.native_id}">posted on X</a> by the harbour.</p>'
)
DATE = f'<meta property="article:published_time" content="{WHEN:%Y-%m-%dT%H:%M:%SZ}"></head>'
ACCOUNTS = '[[account]]\nname = "Harbour Post"\nkind = "organization"\nchecked = true\nx = "harbourpost"\n'


def page(key: str, block: str) -> Any:
    return ok(story(block, title=key).replace("</head>", DATE))


@pytest.fixture(scope="module")
def networks() -> Iterator[FakePlatforms]:
    with FakePlatforms(posts=[FIRST, *POSTS]) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, networks: FakePlatforms) -> Path:
    """An archive that has seen the account once; a year later its outlet is quoted, and the name has two owners."""
    folder = tmp_path_factory.mktemp("renamed")
    accounts = folder / "accounts.toml"
    accounts.write_text(ACCOUNTS, encoding="utf-8")
    said = {
        key: f"<p>“{words.capitalize()},” Harbour Post posted on X on Friday morning.</p>"
        for key, words in WORDS.items()
    }
    pages = {"/first": page("first", LINKED)} | {f"/{key}": page(key, block) for key, block in said.items()}
    with Server(pages) as server:
        configure(folder, networks, accounts=[accounts])
        for path in pages:
            run = archiver("capture", server.base + path, cwd=folder)
            assert run.returncode == 0, run.stderr.decode()
    return folder


def about(folder: Path, title: str) -> Any:
    archive = Archive(folder / "archive")
    (article,) = [article for article in archive.articles() if article.headline == title]
    return archive.citations(article)[0][1]


def test_the_words_of_the_names_next_owner_are_not_the_outlets(folder: Path) -> None:
    resolution = about(folder, "other")
    assert resolution.status == "unresolved"
    assert resolution.candidates[0].coverage3 == 1.0, "they are kept as a candidate"
    assert resolution.match.author_basis is None


def test_the_words_of_the_account_itself_are_found_and_the_record_with_its_number_is_named(folder: Path) -> None:
    resolution = about(folder, "same")
    assert (resolution.status, resolution.match.author_basis) == ("resolved_text", "accounts")
    first = Archive(folder / "archive").states([f"https://x.com/i/status/{FIRST.native_id}"])
    ((state, *_),) = first.values()
    assert state.capture and state.capture.warc_record_id in resolution.provenance.record_ids


def test_it_all_comes_out_of_the_warcs_again(folder: Path, tmp_path: Path) -> None:
    posts_come_again(folder / "archive", tmp_path)
