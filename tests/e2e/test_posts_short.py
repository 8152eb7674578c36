"""Short links that only a redirect explains, followed by the real command: recorded hop by hop, bounded, never to hidden places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms, FakePost
from tests.e2e.kit import Server, archiver, ok, posts_come_again
from tests.e2e.networks import WHEN, configure, linked, stored, story, x_link, x_post
from tests.e2e.test_posts_ssrf import Listener

TIKTOK = FakePost("tiktok", "7300000000000000001", "dock", "The dock", "The dock in the fog at five", WHEN)
LINKS = {
    "to a post": "https://t.co/AbCdE00001",
    "over another": "https://t.co/AbCdE00002",
    "to a film": "https://vm.tiktok.com/ZMabc0001/",
    "to an article": "https://t.co/AbCdE00003",
    "nowhere": "https://t.co/AbCdE00004",
    "in a circle": "https://t.co/AbCdE00005",
    "hidden": "https://t.co/AbCdE00006",
}


@pytest.fixture(scope="module")
def hidden() -> Iterator[Listener]:
    with Listener() as listening:
        yield listening


@pytest.fixture(scope="module")
def networks(hidden: Listener) -> Iterator[FakePlatforms]:
    with FakePlatforms(posts=[x_post(1), x_post(2), TIKTOK]) as running:
        running.shorten("t.co", "/AbCdE00001", x_link(1) + "?s=20")
        running.shorten("t.co", "/AbCdE00002", "https://t.co/AbCdE00012")
        running.shorten("t.co", "/AbCdE00012", x_link(2))
        running.shorten("vm.tiktok.com", "/ZMabc0001/", "https://www.tiktok.com/@dock/video/7300000000000000001?_r=1")
        running.shorten("t.co", "/AbCdE00003", "https://www.example.com/news/1")
        running.shorten("t.co", "/AbCdE00005", "https://t.co/AbCdE00005")
        running.shorten("t.co", "/AbCdE00006", f"https://127.0.0.1:{hidden.port}/@someone/114400000000000001")
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, networks: FakePlatforms) -> Path:
    folder = tmp_path_factory.mktemp("short")
    with Server({"/story": ok(story(*map(linked, LINKS.values())))}) as server:
        configure(folder, networks)
        run = archiver("capture", f"{server.base}/story", cwd=folder)
        assert run.returncode == 0, run.stderr.decode()
    return folder


def known(folder: Path, link: str) -> tuple[Any, Any]:
    """The resolution and the post of the citation with this link."""
    archive = Archive(folder / "archive")
    cited = [known for article in archive.articles() for known in archive.citations(article)]
    found = [(resolution, post) for citation, resolution, post in cited if citation.url == LINKS[link]]
    assert len(found) == 1, [citation.url for citation, _, _ in cited]
    return found[0]


@pytest.mark.parametrize(
    ("link", "post_id", "hops"),
    [
        ("to a post", "https://x.com/i/status/1990000000000000001", 1),
        ("over another", "https://x.com/i/status/1990000000000000002", 2),
        ("to a film", "https://www.tiktok.com/@dock/video/7300000000000000001", 1),
    ],
)
def test_a_short_link_leads_to_its_post_and_every_hop_is_a_record(
    folder: Path, link: str, post_id: str, hops: int
) -> None:
    resolution, post = known(folder, link)
    assert (resolution.status, resolution.post_id) == ("linked", post_id)
    assert post.text and post.status in ("captured", "captured_partial")
    asked = [attempt for attempt in resolution.attempts if attempt.method == "redirect"]
    assert [attempt.http_status for attempt in asked] == [301] * hops
    assert all(attempt.warc_record_id in resolution.provenance.record_ids for attempt in asked)


@pytest.mark.parametrize("link", ["to an article", "hidden"])
def test_a_short_link_to_anything_else_is_answered_and_no_post(
    folder: Path, networks: FakePlatforms, link: str
) -> None:
    resolution, post = known(folder, link)
    assert (resolution.status, resolution.verdict, resolution.post_id, post) == ("unresolved", "not_found", None, None)
    assert len(resolution.attempts) == 1


def test_a_dead_short_link_is_unresolved(folder: Path) -> None:
    resolution, _ = known(folder, "nowhere")
    assert (resolution.status, [a.outcome for a in resolution.attempts]) == ("unresolved", ["not_found"])


def test_a_circle_ends_after_five_hops(folder: Path) -> None:
    resolution, _ = known(folder, "in a circle")
    assert len(resolution.attempts) == 5
    assert resolution.post_id is None


def test_no_hop_reached_this_machine(folder: Path, hidden: Listener) -> None:
    assert folder.is_dir()
    assert hidden.seen == []


def test_what_short_links_led_to_comes_back_without_a_network(folder: Path, tmp_path: Path) -> None:
    store = posts_come_again(folder / "archive", tmp_path)
    assert len(stored(store, "posts")) == 3
