"""The clock of this process: one place that says what time it is.

Belongs here: the clock, and moving it. Only tests and the demo of several days move it; nothing in the environment or in a
configuration can, because WARC-Date is evidence.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_ahead = timedelta(0)


def now() -> datetime:
    """The moment, aware, in UTC."""
    return datetime.now(UTC) + _ahead


def move_to(moment: datetime) -> None:
    """From here on the clock goes on from `moment` (aware)."""
    global _ahead
    _ahead = moment - datetime.now(UTC)
