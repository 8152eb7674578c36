"""The desk: an fsync beside the writer says what it has to say before anything is promised."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from archiver.errors import RecordingError
from pipelines.writer import desk
from pipelines.writer.desk import Desk


class _Writer:
    """A writer whose disk tells its error once, to the fsync that ran beside it: as Linux does for one open file."""

    def __init__(self) -> None:
        self.sealed: list[object] = []

    def write(self) -> str:
        return "written"

    def sync(self) -> None:
        return None

    def later_sync(self) -> Callable[[], None]:
        def fail() -> None:
            raise RecordingError("fsync failed: Input/output error")

        return fail


def test_a_failed_fsync_beside_the_writer_is_not_lost_to_the_next_sync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "SYNC_AFTER", 0.0)
    asked = Desk(_Writer())  # type: ignore[arg-type]
    assert asked.answer("write", ()) == (True, "written", [])
    assert asked.chores(idle=False) is None  # the fsync is begun, and nobody waits for it
    good, answer, _ = asked.answer("sync", ())
    assert not good
    assert "Input/output error" in str(answer)
