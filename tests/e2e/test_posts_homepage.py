"""The quoted outlet's own home page says which account is its, where its source file and the article's page do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.demo.platforms.posts import x_id
from tests.e2e.kit import Server, archiver, ok, posts_come_again
from tests.e2e.networks import WHEN, configure, record_ids, story

WORDS = {
    "first": "the harbour will be deepened before the winter storms come back again",
    "second": "two of the five cranes were sold to a company in the south",
}
POSTS = [
    FakePost("x", x_id(WHEN, 31 + number), "harbour_times", "Harbour Times", words.capitalize(), WHEN)
    for number, words in enumerate(WORDS.values())
]
HOME = (
    '<!doctype html><html><head><title>Harbour Times</title><meta name="twitter:site" content="@harbour_times"></head>'
    "<body><h1>Harbour Times</h1><p>News of the harbour, every morning.</p></body></html>"
)
DATE = f'<meta property="article:published_time" content="{WHEN:%Y-%m-%dT%H:%M:%SZ}"></head>'


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Server]]:
    """An archive of two stories of another paper that quote Harbour Times; its source file names no account."""
    folder = tmp_path_factory.mktemp("home")
    pages: dict[str, Any] = {"/home": ok(HOME)}
    for key, words in WORDS.items():
        block = f"<p>“{words.capitalize()},” Harbour Times posted on X on Friday morning.</p>"
        pages[f"/{key}"] = ok(story(block, title=f"The {key} story").replace("</head>", DATE))
    with FakePlatforms(posts=POSTS) as networks, Server(pages) as server:
        configure(folder, networks, posts={"wikidata": False})
        (folder / "sources" / "harbourtimes.toml").write_text(
            f'name = "Harbour Times"\nhomepage = "{server.base}/home"\n[[discover]]\nkind = "feed"\nurl = "{server.base}/feed"\n',
            encoding="utf-8",
        )
        run = archiver("capture", f"{server.base}/first", f"{server.base}/second", cwd=folder)
        assert run.returncode == 0, run.stderr.decode()
        yield folder, server


def about(folder: Path, key: str) -> Any:
    archive = Archive(folder / "archive")
    (article,) = [article for article in archive.articles() if article.headline == f"The {key} story"]
    ((_, resolution, post),) = archive.citations(article)
    return resolution, post


@pytest.mark.parametrize("key", list(WORDS))
def test_the_outlets_home_page_names_its_account(served: tuple[Path, Server], key: str) -> None:
    resolution, post = about(served[0], key)
    assert (resolution.status, post.author.username) == ("resolved_text", "harbour_times")
    assert resolution.match.author_basis == "site"


def test_the_home_page_is_asked_once_and_its_record_is_the_evidence_of_both(served: tuple[Path, Server]) -> None:
    resolutions = [about(served[0], key)[0] for key in WORDS]
    asked = [attempt for one in resolutions for attempt in one.attempts if attempt.method == "homepage"]
    assert 1 <= len(asked) <= 2  # searches that are under way together ask each
    assert {(attempt.url, attempt.outcome) for attempt in asked} == {(f"{served[1].base}/home", "ok")}
    records = {attempt.warc_record_id for attempt in asked}
    assert all(records & set(one.provenance.record_ids) for one in resolutions)
    assert records <= record_ids(served[0] / "archive")


def test_what_the_home_page_said_comes_back_without_a_network(served: tuple[Path, Server], tmp_path: Path) -> None:
    posts_come_again(served[0] / "archive", tmp_path)
