"""When an endpoint is left alone for a while, or for the rest of a crawl.

Belongs here: the stop rules as a small state machine without a clock of its own. Paces are in `options`; asking is the spider's.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from archiver.models.post import Attempt
from archiver.reasons import PostOutcome

QUARTER = 900.0
"""Seconds of rest after a 429 where nothing better is known."""


@dataclass(frozen=True, slots=True)
class Rule:
    """`pause`: seconds of rest after being throttled, None means off for the crawl. `blocks` and `failures`: how many refusals
    and server failures in a row switch the endpoint off, 0 never; `walls` how many 401 in a row. `queries`: the most requests a crawl.
    """

    pause: float | None = QUARTER
    blocks: int = 3
    failures: int = 0
    walls: int = 0
    queries: int = 0


RULES: dict[str, Rule] = {
    "x.syndication": Rule(),
    "x.oembed": Rule(blocks=3),
    "x.timeline": Rule(pause=0.0),  # 429 is the normal answer for some authors and says nothing about the next
    "x.fxtwitter": Rule(failures=3),
    "bluesky.api": Rule(pause=None, blocks=1),
    "telegram": Rule(pause=None),
    "mastodon": Rule(walls=2),  # who answers 401 to the API and to ActivityPub shows nothing to who does not sign
    "meta.graph": Rule(pause=3600.0),
    "threads.graph": Rule(pause=3600.0),
    "linkedin": Rule(blocks=1),
    "wayback": Rule(failures=3),
    "bing": Rule(pause=None, failures=1, blocks=1, queries=20),
}
DEFAULT = Rule()


class Conduct:
    """One crawl's memory of how its endpoints answered."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._off: dict[str, str] = {}
        self._row: Counter[tuple[str, str]] = Counter()
        self._asked: Counter[str] = Counter()

    def note(self, endpoint: str, attempt: Attempt) -> None:
        """Take in one answer. `Retry-After` wins over the rule's pause when it is sent."""
        rule = RULES.get(endpoint.partition(":")[0], DEFAULT)  # a server's endpoint is NETWORK:HOST
        self._asked[endpoint] += 1
        if rule.queries and self._asked[endpoint] >= rule.queries:
            self._off.setdefault(endpoint, f"{rule.queries} queries were asked")
        self._count(endpoint, "blocked", attempt.outcome == PostOutcome.BLOCKED, rule.blocks)
        failed = attempt.outcome == PostOutcome.NETWORK and (attempt.http_status or 0) >= 500
        self._count(endpoint, "failed", failed, rule.failures)
        self._count(endpoint, "asked for a signature", attempt.http_status == 401, rule.walls)
        if attempt.outcome == PostOutcome.THROTTLED or attempt.retry_after:
            self._rest(endpoint, attempt, rule)

    def _count(self, endpoint: str, what: str, happened: bool, limit: int) -> None:
        self._row[endpoint, what] = self._row[endpoint, what] + 1 if happened else 0
        if limit and self._row[endpoint, what] >= limit:
            self._off.setdefault(endpoint, f"{what} {limit} times in a row" if limit > 1 else what)

    def _rest(self, endpoint: str, attempt: Attempt, rule: Rule) -> None:
        seconds = attempt.retry_after if attempt.retry_after is not None else rule.pause
        if seconds is None:
            self._off.setdefault(endpoint, "throttled")
            return
        until = attempt.at + timedelta(seconds=seconds)
        self._until[endpoint] = max(until, self._until.get(endpoint, until))

    def off(self, endpoint: str) -> str | None:
        """Why the endpoint is not asked again in this crawl; None while it may be."""
        return self._off.get(endpoint)

    def rests_until(self, endpoint: str, now: datetime) -> datetime | None:
        """When the endpoint may be asked again; None when it may be now."""
        until = self._until.get(endpoint)
        return until if until and until > now else None
