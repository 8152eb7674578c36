"""The watch list in the frontier: learnt run by run from the archive's documents, on an injected clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.following import name_of_post, name_of_question
from archiver.frontier import Frontier, Plan
from archiver.frontier.watch import Watch
from archiver.models.post import Attempt, Post, PostProvenance
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Step
from archiver.watching import KnownPosts, watch_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPTIONS = PlatformOptions()
NAME = name_of_post("x", "20")


@pytest.fixture
def frontier(tmp_path: Path) -> Iterator[Frontier]:
    with Frontier(f"sqlite:///{tmp_path / 'frontier.sqlite'}") as opened:
        yield opened


def state(status: str, at: datetime, *outcomes: str) -> Post:
    attempts = [
        Attempt(method=f"m{number}", url="https://x.com/", at=at, outcome=outcome)
        for number, outcome in enumerate(outcomes or ("ok",))
    ]
    return Post(
        id="https://x.com/i/status/20",
        platform="x",
        native_id="20",
        url="https://x.com/jack/status/20",
        status=status,
        attempts=attempts,
        provenance=PostProvenance(parser="x/1", software="test"),
    )


def test_a_captured_post_is_due_after_a_day_and_after_thirty_and_then_no_more() -> None:
    first = watch_of(NAME, state("captured", NOON), None, OPTIONS)
    assert first.due == NOON + DAY
    second = watch_of(NAME, state("captured", NOON + DAY), first, OPTIONS)
    assert (second.first, second.due) == (NOON, NOON + 30 * DAY)
    assert watch_of(NAME, state("captured", NOON + 30 * DAY), second, OPTIONS).due is None


def test_a_pending_post_is_due_after_an_hour_and_a_deleted_one_never() -> None:
    assert watch_of(NAME, state("pending", NOON, "throttled"), None, OPTIONS).due == NOON + HOUR
    assert watch_of(NAME, state("deleted", NOON, "deleted", "not_found"), None, OPTIONS).due is None


def test_a_question_that_is_asked_once_a_day_waits_for_the_next(frontier: Frontier, tmp_path: Path) -> None:
    url = "https://syndication.twitter.com/srv/timeline-profile/screen-name/jack"
    frontier.watch("run1", "m1", [Watch(name_of_question(url), NOON)])
    known = KnownPosts(str(tmp_path), None, f"sqlite:///{tmp_path / 'frontier.sqlite'}", Plan())
    soon = known.too_soon(Step("timeline", url), NOON + HOUR)
    assert soon and (soon.outcome, soon.retry_after, soon.warc_record_id) == ("throttled", 23 * 3600, None)
    assert known.too_soon(Step("timeline", url), NOON + DAY) is None
    assert known.too_soon(Step("timeline", f"{url}2"), NOON + HOUR) is None, "nobody asked that"
    assert known.too_soon(Step("bing", url), NOON + HOUR) is None, "that may be asked at any time"


def test_what_is_due_is_found_by_name_and_can_be_let_go(frontier: Frontier) -> None:
    frontier.watch("run1", "m1", [Watch(NAME, NOON, NOON + DAY, NOON), Watch("citation:v:r:0", NOON, NOON)])
    assert frontier.watched_due(NOON + HOUR) == {"citation:v:r:0"}
    assert frontier.watched_due(NOON + DAY) == {"citation:v:r:0", NAME}
    frontier.unwatch(["citation:v:r:0"])
    assert frontier.watched_due(NOON + DAY) == {NAME}
    assert frontier.watches([NAME])[NAME] == Watch(NAME, NOON, NOON + DAY, NOON)


def test_a_run_is_learnt_once_and_twice_is_the_same(frontier: Frontier) -> None:
    assert frontier.learnt_runs() == set()
    for _ in range(2):
        frontier.watch("run1", "m1", [Watch(NAME, NOON, NOON + DAY)], [NAME])
    assert frontier.learnt_runs() == {"run1"}
    assert frontier.watched_due(NOON + DAY) == {NAME}
    assert frontier.places([NAME, "post:x:21"]) == {"m1"}


def test_an_entry_of_the_change_sequence_is_remembered_alone(frontier: Frontier) -> None:
    assert frontier.learnt_entry() is None
    for number in (7, 8):
        frontier.learn_entry(number, f"run{number}")
    assert frontier.learnt_entry() == (8, "run8")


def test_a_frontier_of_an_older_shape_gets_the_watch_list(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "frontier.sqlite"
    Frontier(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE watch")
        connection.execute("DROP TABLE watch_place")
        connection.execute("UPDATE frontier_version SET version = 2")
    with Frontier(f"sqlite:///{path}") as frontier:
        assert frontier.learnt_runs() == set()
        frontier.watch("run1", "m1", [], [NAME])
        assert frontier.places([NAME]) == {"m1"}


def test_runs_that_were_learnt_without_their_places_are_learnt_again(tmp_path: Path) -> None:
    import sqlite3

    path = tmp_path / "frontier.sqlite"
    with Frontier(f"sqlite:///{path}") as frontier:
        frontier.watch("run1", "m1", [Watch(NAME, NOON, NOON + DAY)])
    with sqlite3.connect(path) as connection:
        for table in ("watch_run", "watch_place", "watch_feed"):
            connection.execute(f"DROP TABLE {table}")
        connection.execute("INSERT INTO watch (key, name, seen) VALUES (1, 'run:run1', 0)")
        connection.execute("UPDATE frontier_version SET version = 3")
    with Frontier(f"sqlite:///{path}") as frontier:
        assert frontier.learnt_runs() == set()
        assert frontier.watched_due(NOON + DAY) == {NAME}
