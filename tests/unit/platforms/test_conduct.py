"""When an endpoint is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.models.post import Attempt
from archiver.platforms.chain import attempt_of
from archiver.platforms.conduct import Conduct
from archiver.platforms.failures import failure
from archiver.platforms.options import BASES, PACES, PlatformOptions
from archiver.platforms.steps import Answer, Reading, Step
from archiver.reasons import PostOutcome
from tests.unit.platforms.kit import NOW


def attempt(outcome: str, status: int = 429, retry_after: int | None = None) -> Attempt:
    return Attempt(method="m", at=NOW, outcome=outcome, http_status=status, retry_after=retry_after)


def test_the_first_429_of_the_widgets_endpoint_rests_it_a_quarter_of_an_hour() -> None:
    conduct = Conduct()
    conduct.note("x.syndication", attempt("throttled"))
    assert conduct.rests_until("x.syndication", NOW) == NOW + timedelta(minutes=15)
    assert conduct.rests_until("x.syndication", NOW + timedelta(minutes=15)) is None
    assert conduct.off("x.syndication") is None


def test_retry_after_wins() -> None:
    conduct = Conduct()
    conduct.note("x.syndication", attempt("throttled", retry_after=60))
    assert conduct.rests_until("x.syndication", NOW) == NOW + timedelta(seconds=60)


DATE = ("Date", "Sun, 09 Nov 2025 15:00:00 GMT")


@pytest.mark.parametrize(
    "headers",
    [
        {"x-rate-limit-remaining": "0", "x-rate-limit-reset": "1762700520"},
        {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2025-11-09T15:01:59.250Z"},
    ],
)
def test_who_says_that_the_count_is_spent_is_left_alone_until_it_starts_anew(headers: dict[str, str]) -> None:
    step, reading = Step("api", "https://a.example/"), Reading(PostOutcome.OK)
    spent = attempt_of(step, Answer(200, (DATE, *headers.items())), reading, NOW)
    assert spent.retry_after == 120
    conduct = Conduct()
    conduct.note("mastodon:a.example", spent)
    assert conduct.rests_until("mastodon:a.example", NOW) == NOW + timedelta(seconds=120)
    refused = failure(Answer(429, (DATE, *headers.items())))
    assert refused is not None and refused.retry_after == 120
    some = {name: "7" if "emaining" in name else value for name, value in headers.items()}
    assert attempt_of(step, Answer(200, (DATE, *some.items())), reading, NOW).retry_after is None


def test_a_server_that_asks_twice_for_a_signature_is_left_alone() -> None:
    conduct = Conduct()
    for outcome, status in (("login_wall", 401), ("ok", 200), ("login_wall", 401)):
        conduct.note("mastodon:a.example", attempt(outcome, status))
    assert conduct.off("mastodon:a.example") is None
    conduct.note("mastodon:a.example", attempt("login_wall", 401))
    assert conduct.off("mastodon:a.example") == "asked for a signature 2 times in a row"


def test_three_refusals_in_a_row_switch_oembed_off() -> None:
    conduct = Conduct()
    for outcome in ("blocked", "blocked", "partial", "blocked", "blocked"):
        conduct.note("x.oembed", attempt(outcome, 403))
    assert conduct.off("x.oembed") is None
    conduct.note("x.oembed", attempt("blocked", 403))
    assert conduct.off("x.oembed") == "blocked 3 times in a row"


def test_linkedins_first_wall_is_its_last() -> None:
    conduct = Conduct()
    conduct.note("linkedin", attempt("blocked", 999))
    assert conduct.off("linkedin") == "blocked"


def test_throttled_timelines_are_normal() -> None:
    conduct = Conduct()
    conduct.note("x.timeline", attempt("throttled"))
    assert conduct.off("x.timeline") is None and conduct.rests_until("x.timeline", NOW) is None


def test_bing_is_asked_at_most_twenty_times_a_crawl() -> None:
    conduct = Conduct()
    for _ in range(20):
        assert conduct.off("bing") is None
        conduct.note("bing", attempt("ok", 200))
    assert conduct.off("bing") == "20 queries were asked"


def test_three_server_failures_rest_fxtwitter_for_the_crawl() -> None:
    conduct = Conduct()
    for _ in range(3):
        conduct.note("x.fxtwitter", attempt("network", 502))
    assert conduct.off("x.fxtwitter") == "failed 3 times in a row"


@pytest.mark.parametrize("endpoint", sorted(BASES))
def test_every_endpoint_has_a_pace(endpoint: str) -> None:
    assert PACES[endpoint] > 0 and PlatformOptions(pace_factor=0.5).pace(endpoint) == PACES[endpoint] / 2
