"""Alarms: a run against what its source file asks for and what the source usually gives."""

from __future__ import annotations

import pytest

from archiver.expect import PAGES_MIN, Sums, alarms
from archiver.models import Refusal
from archiver.sources import Expect

ASKS = Expect()


def run(documents: float = 0, unchanged: float = 0, **more: float) -> dict[str, float]:
    usual = {"offered": 20.0, "spared": 10.0, "chars": 2000.0, "dated": documents}
    return usual | {"documents": documents, "unchanged": unchanged} | more


GOOD = [run(4, 8) for _ in range(20)]
QUIET = [run(1) for _ in range(20)]


def test_a_second_run_of_an_unchanged_site_raises_no_alarm() -> None:
    assert alarms(run(0, 0, spared=20.0), GOOD, Expect(articles_min=5)) == []
    assert alarms(run(0, 12), GOOD, Expect(articles_min=5)) == []


@pytest.mark.parametrize("what", ["unread", "blocked", "failed"])
def test_pages_that_give_nothing_raise_one(what: str) -> None:
    sentences = alarms(run(1, 0, **{what: 7.0}), GOOD, ASKS)
    assert any("12% of its pages gave an article" in sentence for sentence in sentences)
    assert any("walls" in sentence for sentence in sentences) == (what == "blocked")


def test_one_page_a_run_is_judged_with_the_runs_before_it() -> None:
    """A template change must not hide where each run brings a page or two."""
    broken = run(0, unread=1.0)
    assert alarms(broken, QUIET, ASKS) == [], "one page says nothing"
    (sentence,) = alarms(broken, [broken, *QUIET], ASKS)
    assert "33% of its pages gave an article" in sentence
    assert alarms(run(1), [broken, broken, *QUIET], ASKS) == [], "a good run ends it"
    assert alarms(run(0, 0), [broken, broken, *QUIET], ASKS) == [], "and an empty one says nothing"


def test_shorter_texts_and_missing_dates_raise_one() -> None:
    sentences = alarms(run(6, chars=300.0, dated=1.0), GOOD, ASKS)
    assert [sentence.split(",")[0] for sentence in sentences] == [
        "its texts have 300 characters",
        "17% of its articles have a date",
    ]


def test_feeds_that_fall_silent_raise_one() -> None:
    assert alarms(run(0, offered=0.0, spared=0.0), GOOD, ASKS) == [
        "its feeds, sitemaps and pages offered no article at all, which they used to"
    ]
    assert alarms(run(0, offered=0.0, spared=0.0), [run(0, offered=0.0)], ASKS) == []


def test_what_the_source_file_asks_for_needs_no_past() -> None:
    asks = Expect(articles_min=9, yield_min=0.9, text_min=4000, dated_min=0.9, blocked_max=0.1)
    sentences = alarms(run(3, unread=1.0, blocked=2.0, spared=2.0, dated=1.0), [], asks)
    assert len(sentences) == 5


def test_the_first_run_of_a_source_is_judged_by_its_file_alone() -> None:
    assert alarms(run(0, unread=9.0), [], ASKS) == []


def test_only_pages_count_for_their_source() -> None:
    sums = Sums(offered=9, spared=1)
    for reason, role in [("http-error", "requisite"), ("http-error", "article"), ("no-text", "article")]:
        sums.refusal(Refusal(url="https://example.org/1", reason=reason, role=role))
    measures = sums.measures()
    assert (measures["failed"], measures["unread"]) == (1.0, 1.0)
    assert measures["failed"] < PAGES_MIN
