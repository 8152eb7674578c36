"""When cited posts are due again, with an injected moment: retries, re-checks, and what is never asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archiver.following import due_post, pending_attempts
from archiver.models.post import Attempt, Post, PostProvenance
from archiver.platforms.options import PlatformOptions

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OPTIONS = PlatformOptions()


def state(status: str, at: datetime, *outcomes: str, text: str | None = None) -> Post:
    attempts = [
        Attempt(method=f"m{number}", url=f"https://x.com/{number}", at=at, outcome=outcome)
        for number, outcome in enumerate(outcomes or ("ok",))
    ]
    return Post(
        id="https://x.com/i/status/20",
        platform="x",
        native_id="20",
        url="https://x.com/jack/status/20",
        text=text,
        text_basis="syndication" if text else None,
        status=status,
        attempts=attempts,
        provenance=PostProvenance(parser="x/1", software="test"),
    )


def why(states: list[Post], now: datetime, *, every: bool = False) -> str | None:
    found = due_post(states, now, OPTIONS, every=every)
    return found.why if found else None


def test_a_pending_post_is_due_after_an_hour_and_not_a_second_before() -> None:
    states = [state("pending", NOON, "throttled")]
    assert why(states, NOON + HOUR - timedelta(seconds=1)) is None
    assert why(states, NOON + HOUR) == "retry"


def test_the_pauses_between_retries_grow() -> None:
    states = [state("pending", NOON, "network")]
    for wait in (HOUR, 6 * HOUR, DAY, 7 * DAY):
        last = states[-1].attempts[-1].at
        assert why(states, last + wait - timedelta(seconds=1)) is None
        assert why(states, last + wait) == "retry"
        states.append(state("pending", last + wait, "network"))


def test_a_server_that_asks_for_more_time_gets_it() -> None:
    post = state("pending", NOON, "throttled")
    post = post.model_copy(update={"attempts": [post.attempts[0].model_copy(update={"retry_after": 7200})]})
    assert why([post], NOON + HOUR) is None
    assert why([post], NOON + 2 * HOUR) == "retry"


def test_attempts_before_the_last_settled_state_do_not_count() -> None:
    states = [
        state("pending", NOON, "network"),
        state("captured", NOON + HOUR),
        state("pending", NOON + 2 * DAY, "network", "not_attempted"),
    ]
    assert [attempt.at for attempt in pending_attempts(states)] == [NOON + 2 * DAY]
    assert why(states, NOON + 2 * DAY + HOUR) == "retry"


def test_a_captured_post_is_looked_at_after_a_day_and_after_thirty() -> None:
    states = [state("captured", NOON, text="words")]
    assert why(states, NOON + DAY - timedelta(seconds=1)) is None
    assert why(states, NOON + DAY) == "recheck"
    states.append(state("captured", NOON + DAY, text="words"))
    assert why(states, NOON + 29 * DAY) is None
    assert why(states, NOON + 30 * DAY) == "recheck"
    states.append(state("captured", NOON + 30 * DAY, text="words"))
    assert why(states, NOON + 4000 * DAY) is None


def test_a_look_that_came_late_stands_for_all_that_were_due() -> None:
    states = [state("captured", NOON), state("captured_partial", NOON + 40 * DAY)]
    assert why(states, NOON + 41 * DAY) is None


@pytest.mark.parametrize("status", ["deleted", "suspended", "not_found", "unavailable", "not_attempted", "protected"])
def test_what_is_settled_is_asked_again_only_when_all_are(status: str) -> None:
    states = [state("captured", NOON, text="words"), state(status, NOON + DAY, "not_found")]
    assert why(states, NOON + 400 * DAY) is None
    assert why(states, NOON + DAY, every=True) == "recheck"


def test_what_a_post_said_before_is_its_last_state_with_words_of_its_own() -> None:
    states = [
        state("captured", NOON, text="first"),
        state("captured", NOON + DAY, text="second"),
        state("pending", NOON + 30 * DAY, "network"),
    ]
    found = due_post(states, NOON + 31 * DAY, OPTIONS)
    assert found and found.before and found.before.text == "second"
