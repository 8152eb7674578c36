"""Every Reason is the expectation of some test, and has a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.reasons import Reason

TESTS = Path(__file__).parents[1]
TEXTS = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py") if path.name != Path(__file__).name]


@pytest.mark.parametrize("reason", list(Reason))
def test_a_reason_is_expected_by_some_test(reason: Reason) -> None:
    assert any(f'"{reason.value}"' in text or f"Reason.{reason.name}" in text for text in TEXTS)


def test_every_reason_has_a_sentence_and_a_name_for_reports() -> None:
    for reason in Reason:
        assert reason.sentence
        assert reason.value == reason.name.lower().replace("_", "-")
