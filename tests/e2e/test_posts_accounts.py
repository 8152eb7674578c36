"""Whose account is meant: the page's own word about its outlet and authors, then Wikidata; recorded, bounded, with its basis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.demo.platforms.posts import x_id
from tests.e2e.kit import Server, archiver, ok, posts_come_again
from tests.e2e.networks import WHEN, configure, story

WORDS = {
    "outlet": "the harbour master counted four hundred ferries before the fog came in",
    "author": "nobody on the pier had seen the lamp since the keeper left it",
    "person": "the old lighthouse shall be painted blue before the summer begins",
    "twin": "my brother and his wife will never sail together on the same boat",
    "again": "the second lamp of the lighthouse is older than the first one",
}
POSTS = [
    FakePost("x", x_id(WHEN, 11), "harbourpost", "Harbour Post", WORDS["outlet"].capitalize(), WHEN),
    FakePost("x", x_id(WHEN, 12), "mina_writes", "Mina Farahi", WORDS["author"].capitalize(), WHEN),
    FakePost(
        "x",
        x_id(WHEN, 13),
        "shaidari_demo",
        "Sara Haidari",
        WORDS["person"].capitalize(),
        WHEN,
        user_id="4455667788",
    ),
    FakePost("x", x_id(WHEN, 14), "omar_one", "Omar Sayeed", WORDS["twin"].capitalize(), WHEN),
    FakePost(
        "x",
        x_id(WHEN, 15),
        "shaidari_demo",
        "Sara Haidari",
        WORDS["again"].capitalize(),
        WHEN,
        user_id="4455667788",
    ),
]
SPEAKERS = {
    "outlet": "Harbour Post",
    "author": "Mina Farahi",
    "person": "Sara Haidari",
    "twin": "Omar Sayeed",
    "again": "Sara Haidari",
}
HEAD = (
    '<meta name="twitter:site" content="@harbourpost"><meta property="og:site_name" content="Harbour Post">'
    f'<meta property="article:published_time" content="{WHEN:%Y-%m-%dT%H:%M:%SZ}">'
    '<script type="application/ld+json">{"@type":"Person","name":"Mina Farahi","sameAs":["https://x.com/mina_writes"]}</script>'
)


def said(key: str) -> str:
    return f"<p>“{WORDS[key].capitalize()},” {SPEAKERS[key]} posted on X on Friday morning.</p>"


@pytest.fixture(scope="module")
def networks() -> Iterator[FakePlatforms]:
    with FakePlatforms(posts=POSTS) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, networks: FakePlatforms) -> Path:
    folder = tmp_path_factory.mktemp("accounts")
    pages = {
        f"/{key}": ok(story(said(key), title=f"About {key}").replace("</head>", f"{HEAD}</head>")) for key in WORDS
    }
    with Server(pages) as server:
        configure(folder, networks)
        run = archiver("capture", *(server.base + path for path in pages if path != "/again"), cwd=folder)
        assert run.returncode == 0, run.stderr.decode()
        run = archiver("capture", f"{server.base}/again", f"{server.base}/person", cwd=folder)
        assert run.returncode == 0, run.stderr.decode()
    return folder


def known(folder: Path, key: str) -> tuple[Any, Any]:
    archive = Archive(folder / "archive")
    found = [
        (resolution, post)
        for article in archive.articles()
        for citation, resolution, post in archive.citations(article)
        if citation.quote and WORDS[key][5:] in citation.quote.text
    ]
    return found[-1]


@pytest.mark.parametrize(
    ("key", "username", "basis"),
    [("outlet", "harbourpost", "site"), ("author", "mina_writes", "site"), ("person", "shaidari_demo", "wikidata")],
)
def test_the_account_is_found_and_the_resolution_says_why(folder: Path, key: str, username: str, basis: str) -> None:
    resolution, post = known(folder, key)
    assert (resolution.status, resolution.match.author_basis) == ("resolved_text", basis)
    assert post.author.username == username
    assert resolution.provenance.record_ids


def test_wikidatas_answers_are_attempts_of_the_search(folder: Path) -> None:
    resolution, _ = known(folder, "person")
    asked = [a for a in resolution.attempts if a.method.startswith("wikidata-")]
    assert [(a.method, a.outcome) for a in asked] == [("wikidata-search", "ok"), ("wikidata-items", "ok")]
    assert {a.warc_record_id for a in asked} <= set(resolution.provenance.record_ids)


def test_a_name_that_two_people_share_is_nobodys(folder: Path) -> None:
    resolution, post = known(folder, "twin")
    assert (resolution.status, resolution.verdict, post) == ("unresolved", "not_checked", None)


def test_a_name_is_asked_for_once_a_run(folder: Path, networks: FakePlatforms) -> None:
    assert known(folder, "again")[0].status == "resolved_text"
    asked = [request.target for request in networks.asked("wikidata") if "Sara" in request.target]
    assert len(asked) <= 3  # once in each of two runs, twice where both searches of the second began together


def test_accounts_come_back_without_a_network(folder: Path, tmp_path: Path) -> None:
    posts_come_again(folder / "archive", tmp_path)
