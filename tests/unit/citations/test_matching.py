"""A printed quotation beside posts: the coverages, the bands, what is never linked, and the difference a reader sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from archiver.citations.matching import (
    Candidate,
    band,
    coverage3,
    judge,
    normalised,
    parts_of,
    time_fits,
    word_coverage,
    word_diff,
    words,
)

DAY = datetime(2025, 10, 28, 9, 0, tzinfo=UTC)
PRINTED = "For the first time, Pakistan acknowledged that it cannot break its agreement with the US"
POST = (
    "For the first time, Pakistan admitted during these negotiations that it has an agreement with the United States allowing "
    "drone strikes, and claimed it cannot break that agreement"
)
LONG = "The crossing in the northern mountains will reopen on Monday morning for trucks and buses alike"


def candidate(text: str, post_id: str = "1", **changes: object) -> Candidate:
    values: dict[str, object] = {"published": DAY, "author_basis": "username", **changes}
    return Candidate(post_id, text, **values)  # type: ignore[arg-type]


def test_the_reworded_quotation_is_a_candidate_and_never_found() -> None:
    verdict = judge(PRINTED, [candidate(POST)], published=DAY)
    assert (verdict.kind, verdict.status, verdict.post_id) == ("paraphrase", "candidate_paraphrase", None)
    best = verdict.scored[0]
    assert (round(best.coverage3, 2), round(best.word_coverage, 2)) == (0.38, 0.79)
    changed = [part for part in verdict.diff if part.op != "equal"]
    assert changed[0].quote_words == ["acknowledged"]
    assert changed[0].post_words == ["admitted", "during", "these", "negotiations"]
    assert changed[-1].quote_words == ["with", "the", "US"]


def test_two_posts_equally_near_are_ambiguous_and_unlinked() -> None:
    other = POST.replace("admitted", "conceded").replace("claimed", "said")
    verdict = judge(PRINTED, [candidate(POST), candidate(other, "2")], published=DAY)
    assert (verdict.status, verdict.post_id) == ("ambiguous", None)
    assert len(verdict.scored) == 2


def test_a_verbatim_quotation_with_author_and_time_is_linked() -> None:
    verdict = judge(
        LONG,
        [candidate(f"{LONG}, says the ministry. https://t.co/abc #road"), candidate("Other news", "2")],
        published=DAY,
    )
    assert (verdict.kind, verdict.status, verdict.post_id) == ("verbatim", "resolved_text", "1")
    assert [one.kind for one in verdict.scored] == ["verbatim", "none"]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"author_basis": None}, "author"),
        ({"published": DAY - timedelta(days=4)}, "days"),
        ({"published": DAY + timedelta(days=2)}, "days"),
        ({"published": None}, "unknown"),
    ],
)
def test_without_author_or_time_nothing_is_linked(changes: dict[str, object], why: str) -> None:
    verdict = judge(LONG, [candidate(LONG, **changes)], published=DAY)
    assert (verdict.kind, verdict.status, verdict.post_id) == ("verbatim", "unresolved", None)
    assert why in verdict.reason


def test_a_short_quotation_is_near_at_most_and_needs_one_candidate() -> None:
    assert judge("Cancel order!", [candidate("Costs are out of control. Cancel order!")], published=DAY).kind == "near"
    two = judge("Cancel order!", [candidate("Cancel order!"), candidate("Cancel it", "2")], published=DAY)
    assert (two.kind, two.post_id) == ("near", "1")
    same = judge("Cancel order!", [candidate("Cancel order!"), candidate("Cancel order! Now.", "2")], published=DAY)
    assert same.post_id is None


def test_cut_text_gives_no_verdict_below_verbatim() -> None:
    half = " ".join(LONG.split()[:12])
    verdict = judge(LONG, [candidate(half, text_complete=False)], published=DAY)
    assert (verdict.status, verdict.post_id) == ("unresolved", None)
    assert "cut" in verdict.reason


def test_a_post_in_another_language_is_a_candidate_at_best() -> None:
    verdict = judge(
        "گذرگاه ۲۴ روز بسته می‌ماند",
        [candidate("The crossing stays closed for 24 days", language="en")],
        published=DAY,
        language="fa",
    )
    assert verdict.status == "candidate_paraphrase"
    assert (
        judge("گذرگاه بسته می‌ماند", [candidate("Closed", language="en")], published=DAY, language="fa").status
        == "unresolved"
    )


def test_no_candidates_is_unresolved() -> None:
    verdict = judge(LONG, [], published=DAY)
    assert (verdict.kind, verdict.status, verdict.scored, verdict.diff) == ("none", "unresolved", [], [])


def test_what_two_spellings_may_differ_in_is_folded() -> None:
    assert normalised("“Don’t” @Sara #RoadNews https://t.co/x") == "dont sara roadnews"
    assert normalised("كتاب‌ها ۲۴ ٢٤") == normalised("کتابها 24 24")
    assert normalised("ﬁrst ＦＵＬＬ") == "first full"
    assert normalised("\u202eabc\u202c") == "abc"


def test_three_grams_never_cross_a_part_of_a_split_quotation() -> None:
    post = words("one two three between four five six")
    joined, split = parts_of("one two three four five six"), parts_of("one two three […] four five six")
    assert coverage3(joined, post) == 0.5
    assert coverage3(split, post) == 1.0
    assert parts_of("", ["one two", "three"]) == [["one", "two"], ["three"]]
    assert word_coverage(joined, post) == 1.0


def test_the_bands_have_the_published_bounds() -> None:
    assert band(0.85, 0, author_agrees=False) == "verbatim"
    assert band(0.55, 0, author_agrees=False) == "near"
    assert band(0.25, 0.6, author_agrees=True) == "paraphrase"
    assert band(0.25, 0.6, author_agrees=False) == "none"
    assert band(0.25, 0.59, author_agrees=True) == "none"


def test_the_window_is_three_days_before_to_one_day_after() -> None:
    assert time_fits(DAY - timedelta(days=3), DAY) and time_fits(DAY + timedelta(days=1), DAY)
    assert time_fits(DAY - timedelta(days=3, seconds=1), DAY) is False
    assert time_fits(None, DAY) is None


def test_a_difference_keeps_the_printed_words_and_can_be_read_back() -> None:
    parts = word_diff("The “road” is open.", "The Road is not open!")
    assert [part.op for part in parts] == ["equal", "insert", "equal"]
    assert [word for part in parts for word in part.quote_words] == ["The", "“road”", "is", "open."]
    assert [word for part in parts for word in part.post_words] == ["The", "Road", "is", "not", "open!"]


def test_huge_texts_are_compared_in_bounded_time() -> None:
    verdict = judge("word " * 50_000, [candidate("word " * 50_000)], published=DAY)
    assert verdict.kind in ("verbatim", "near")
