"""The gate as a test, and the gate's own arithmetic."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.quality import floors
from tests.quality.corpus import digest, samples
from tests.quality.measure import figures, measure
from tests.quality.metrics import Score, bootstrap, f1_over, score_body, score_segments


@pytest.mark.slow
@pytest.mark.corpus
def test_no_figure_falls_below_its_pinned_floor() -> None:
    pages = samples()
    if not pages:
        pytest.skip("no corpus beside the project")
    known, pinned = floors.load()
    assert known == digest(), "the floors were measured on another corpus"
    assert floors.below(figures(measure(pages)), pinned) == []


def test_equal_texts_score_one_and_repeated_words_count_as_often_as_they_stand() -> None:
    assert score_body("a b c d e", "a b c d e") == Score(1.0, 1.0)
    assert score_body("a b c d " * 2, "a b c d").precision == pytest.approx(0.2)
    assert score_body("", "a b c d") == Score(0.0, 0.0)


def test_segments_score_what_the_text_must_and_must_not_hold() -> None:
    assert score_segments("one  two\nthree", ["one two", "four"], ["three"]) == Score(0.5, 0.5)
    assert score_segments("one", ["one"], []) == Score(None, 1.0)


def test_the_average_is_of_precision_and_recall_and_not_of_f1() -> None:
    assert f1_over([Score(1.0, 0.5), Score(0.5, 1.0)]) == pytest.approx(0.75)
    assert f1_over([]) == 0.0


def test_the_interval_holds_the_figure_and_repeats() -> None:
    scores = [Score(0.9, 0.8), Score(1.0, 1.0), Score(0.5, 0.9)] * 10
    low, high = bootstrap(scores)
    assert low <= f1_over(scores) <= high
    assert bootstrap(scores) == (low, high)


def test_a_floor_falls_only_when_lowering_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floors, "FILE", tmp_path / "floors.json")
    floors.save("c0ffee", {"body.all": 0.95, "bare.all": 0.9}, lower=False)
    floors.save("c0ffee", {"body.all": 0.90}, lower=False)
    assert floors.load() == ("c0ffee", {"body.all": 0.95})
    assert floors.below({"body.all": 0.90}, {"body.all": 0.95}) == ["body.all: 0.9000 is below the floor 0.9500"]
    floors.save("c0ffee", {"body.all": 0.90}, lower=True)
    assert json.loads((tmp_path / "floors.json").read_text())["floors"] == {"body.all": 0.9}
