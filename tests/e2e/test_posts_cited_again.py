"""A post that the archive has and another article cites: a crawl trusts the archive, `capture` asks, and what is gone was there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms
from tests.e2e.kit import Server, archiver
from tests.e2e.networks import configure, embed, linked, stored, story, x_link, x_number, x_post
from tests.e2e.test_posts_together import served, sources

GONE = x_post(2)


@pytest.fixture(scope="module")
def networks() -> Iterator[FakePlatforms]:
    with FakePlatforms(posts=[x_post(1), GONE]) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, networks: FakePlatforms) -> Path:
    """Three runs: a source that cites two posts; another that cites the first of them; a page that cites the second, gone by then."""
    folder = tmp_path_factory.mktemp("again")
    with Server() as server:
        configure(folder, networks)
        sources(folder, server.base, "first", "second")
        quoted = embed(1, x_post(1).text)
        served(
            server,
            {
                "first": story(quoted, linked(x_link(2)), title="The first story"),
                "second": story(quoted.replace("Berth 1", "Berth 9"), title="The second story"),
                "third": story(linked(x_link(2)).replace("About", "Of"), title="The third story"),
            },
        )
        assert archiver("crawl", "first", cwd=folder).returncode == 0
        assert networks.asked("x.syndication")
        networks.requests.clear()
        run = archiver("crawl", "second", cwd=folder)
        assert run.returncode == 0, run.stderr.decode()
        assert networks.requests == [], "the archive has it"
        networks.set_state("x", GONE.native_id, "not-found")
        run = archiver("capture", f"{server.base}/third/story", cwd=folder)
        assert run.returncode == 0, run.stderr.decode()
        assert networks.asked("x.syndication"), "capture asks for what a page cites as it is now"
    return folder


def test_the_second_article_leads_to_the_archived_post(folder: Path) -> None:
    archive = Archive(folder / "archive")
    (article,) = [one for one in archive.articles() if one.headline == "The second story"]
    ((_, resolution, post),) = archive.citations(article)
    assert resolution and post
    assert (resolution.status, resolution.verdict, post.native_id) == ("embedded", "verbatim", x_number(1))
    (attempt,) = resolution.attempts
    assert (attempt.method, attempt.outcome) == ("archive", "ok")
    assert post.capture and attempt.warc_record_id == post.capture.warc_record_id


def test_it_has_no_second_document_and_the_archive_is_sound(folder: Path) -> None:
    states = [post for post in stored(folder / "archive", "posts") if post["native_id"] == x_number(1)]
    assert len(states) == 1
    for arguments in (["check", "--full"], ["extract", "--archive"]):
        done = archiver(*arguments, *([] if arguments[0] == "check" else ["archive"]), cwd=folder)
        assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert b"0 files differed" in done.stderr


def test_what_is_gone_and_was_captured_before_is_deleted(folder: Path) -> None:
    archive = Archive(folder / "archive")
    states = archive.states({f"https://x.com/i/status/{x_number(2)}"})
    assert [post.status for (found,) in [states.values()] for post in found] == ["captured", "deleted"]


def test_follow_still_asks_for_it_when_a_recheck_is_due(folder: Path, networks: FakePlatforms) -> None:
    networks.requests.clear()
    assert archiver("follow", "--all", cwd=folder).returncode == 0
    assert any(x_number(1) in asked.target for asked in networks.asked("x.syndication"))
