"""When an endpoint is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from archiver.models.post import Attempt
from archiver.platforms.conduct import Conduct
from archiver.platforms.options import BASES, PACES, PlatformOptions
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
