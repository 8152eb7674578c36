"""How long a host is left in peace. Pure rules; whoever asks hosts obeys them.

Belongs here: reading Retry-After (RFC 9110 10.2.3) and the back-off of one run.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST = 0.25
"""Seconds of the first pause of a host whose delay is shorter than half of this."""


def retry_after(value: str, now: datetime) -> float | None:
    """Seconds that a Retry-After asks for, never negative; None when it is neither a number nor a date."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text) if len(text) < 10 else float(10**9)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


class Backoff:
    """Pauses of the hosts of one run: what they ask for, and at least twice as long each time in a row.

    `delay`: seconds between two requests when all is well; `wait_max`: the longest pause that a run makes.
    """

    def __init__(self, delay: float, wait_max: float) -> None:
        self.first, self.wait_max = max(2 * delay, FIRST), wait_max
        self._times: Counter[str] = Counter()

    def pause(self, host: str, told: float | None) -> float | None:
        """Seconds to wait after one more 429 or 503; None when the host asks for more than the run waits."""
        self._times[host] += 1
        own = min(self.first * 2.0 ** min(self._times[host] - 1, 20), self.wait_max)
        if told is not None and told > self.wait_max:
            return None
        return max(own, told or 0.0)

    def well(self, host: str) -> None:
        """The host answered as it should."""
        self._times.pop(host, None)
