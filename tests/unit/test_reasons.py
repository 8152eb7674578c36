"""Every Reason that can occur is produced by some test; those that cannot yet are listed here with the room that will."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.reasons import Reason

TESTS = Path(__file__).parents[1]
NOT_YET = {
    Reason.NOT_DUE: "the frontier decides it; crawling by the frontier is being built",
    Reason.HOST_PAUSED: "likewise",
    Reason.HOST_FORBIDS: "likewise",
    Reason.UNCHANGED: "likewise",
    Reason.OPTED_OUT: "the opt-out list has no room yet; the frontier already knows the word",
}
TEXTS = [path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py") if path.name != Path(__file__).name]


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in NOT_YET])
def test_a_reason_is_produced_by_a_test(reason: Reason) -> None:
    assert any(f'"{reason.value}"' in text or f"Reason.{reason.name}" in text for text in TEXTS)


def test_every_reason_has_a_sentence_and_a_name_for_reports() -> None:
    for reason in Reason:
        assert reason.sentence
        assert reason.value == reason.name.lower().replace("_", "-")
