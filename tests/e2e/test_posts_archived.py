"""A quotation without a link is compared with what the archive has of its author before any network is asked."""

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

WORDS = "the night ferry will not sail again before the pier has been mended"
ID = x_id(WHEN, 21)
POST = FakePost("x", ID, "harbourpost", "Harbour Post", WORDS.capitalize(), WHEN)
DATE = f'<meta property="article:published_time" content="{WHEN:%Y-%m-%dT%H:%M:%SZ}"></head>'
LINKED = f'<p>The news was <a href="https://x.com/harbourpost/status/{ID}">posted on X</a> by the harbour.</p>'
QUOTED = f"<p>“{WORDS.capitalize()},” Harbour Post (@harbourpost) posted on X on Friday morning.</p>"
REWORDED = (
    "<p>“The night ferry, they say, will not sail until somebody has mended the pier again,” Harbour Post (@harbourpost) "
    "posted on X on Friday morning.</p>"
)


def page(title: str, block: str) -> Any:
    return ok(story(block, title=title).replace("</head>", DATE))


@pytest.fixture(scope="module")
def networks() -> Iterator[FakePlatforms]:
    with FakePlatforms(posts=[POST]) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, networks: FakePlatforms) -> Path:
    """An archive with the post; then its author's words are quoted without a link, and no list of posts can be had any more."""
    folder = tmp_path_factory.mktemp("archived")
    pages = {"/linked": page("Linked", LINKED), "/quoted": page("Quoted", QUOTED), "/reworded": page("Other", REWORDED)}
    with Server(pages) as server:
        configure(folder, networks)
        for path in ("/linked", "/quoted", "/reworded"):
            networks.requests.clear()
            run = archiver("capture", server.base + path, cwd=folder)
            assert run.returncode == 0, run.stderr.decode()
            if path == "/quoted":
                assert not networks.requests
    return folder


def about(folder: Path, title: str) -> Any:
    archive = Archive(folder / "archive")
    (article,) = [article for article in archive.articles() if article.headline == title]
    ((_, resolution, post),) = archive.citations(article)
    return resolution, post


def test_the_archived_post_is_found_and_no_network_is_asked(folder: Path) -> None:
    resolution, post = about(folder, "Quoted")
    assert (resolution.status, resolution.verdict) == ("resolved_text", "verbatim")
    assert post.native_id == ID
    assert [(attempt.method, attempt.url, attempt.outcome) for attempt in resolution.attempts] == [
        ("archive", post.id, "ok")
    ]


def test_the_record_that_shows_it_is_named(folder: Path) -> None:
    resolution, post = about(folder, "Quoted")
    first = Archive(folder / "archive").states([post.id])[post.id][0]
    assert first.capture and resolution.provenance.record_ids == [first.capture.warc_record_id]
    assert first.capture.warc_record_id in record_ids(folder / "archive")


def test_a_reworded_quotation_of_an_archived_post_is_a_candidate_first_and_the_networks_are_asked(folder: Path) -> None:
    resolution, _ = about(folder, "Other")
    assert resolution.status != "resolved_text"
    assert resolution.candidates[0].post_id.endswith(ID)
    methods = [attempt.method for attempt in resolution.attempts]
    assert methods[0] == "archive" and "timeline" in methods


def test_it_all_comes_out_of_the_warcs_again(folder: Path, tmp_path: Path) -> None:
    posts_come_again(folder / "archive", tmp_path)
