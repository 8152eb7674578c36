"""When something is due again. Pure functions over seconds since 1970; nothing here reads a clock or a database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from archiver.reasons import Reason

EARLY = timedelta(seconds=60)
"""How much earlier than planned an article may be visited again: cron does not start at the same second each time."""

SLACK = 0.05
"""Share of an interval by which a run may be early: cron does not start at the same second each time."""

PASSING = frozenset(
    {
        Reason.THROTTLED,
        Reason.ROBOTS_UNREACHABLE,
        Reason.DNS_FAILED,
        Reason.CONNECT_FAILED,
        Reason.TLS_FAILED,
        Reason.TIMEOUT,
        Reason.DISCONNECTED,
        Reason.BROKEN_RESPONSE,
        Reason.CHALLENGE,
        Reason.EXTRACTOR_CRASHED,
        Reason.EXTRACTOR_TIMEOUT,
        Reason.EXTRACTOR_MEMORY,
        Reason.EXTRACTOR_ERROR,
    }
)
"""Failures that say nothing about the article: it is tried longer."""

UNTRIED = frozenset(
    {
        Reason.RUN_ENDED,
        Reason.BUDGET_SPENT,
        Reason.OPTED_OUT,
        Reason.DUPLICATE,
        Reason.DENIED_BY_SOURCE,
        Reason.OFF_SITE,
        Reason.BAD_URL,
        Reason.NOT_DUE,
        Reason.HOST_PAUSED,
        Reason.HOST_FORBIDS,
        Reason.RECORD_LOST,
    }
)
"""Refusals of URLs that were never asked for, or whose answer was lost: the frontier learns nothing from them."""

PASSING_TRIES = 12
RETIRED_AFTER = 10
"""Failed polls in a row after which a discovery document is asked for once a week only."""

WEEK = 7 * 86400


@dataclass(frozen=True, slots=True)
class Plan:
    """The operator's schedule in seconds: `revisit` after the first capture, `poll_max` the longest pause between two polls."""

    revisit: tuple[int, ...] = (3600, 6 * 3600, 86400, WEEK)
    poll_max: int = 7200


def next_visit(first_fetch: int, at: int, revisit: Sequence[int]) -> int | None:
    """The next of `first_fetch` + `revisit` after `at`; None when the last is past. A late run skips what it has missed."""
    early = int(EARLY.total_seconds())
    return min((first_fetch + after for after in revisit if first_fetch + after > at + early), default=None)


def next_try(tries: int, at: int, reason: Reason, revisit: Sequence[int]) -> int | None:
    """When a URL that failed `tries` times in a row is tried again; None when it is given up."""
    steps = revisit or (3600,)
    if reason in PASSING:
        return None if tries >= PASSING_TRIES else at + steps[min(tries, len(steps)) - 1]
    return None if tries > len(steps) else at + steps[tries - 1]


def next_pause(pause: float | None, every: float, poll_max: float, fresh: bool, failures: int) -> int:
    """Seconds until the next poll: half the last pause after something new, half as much again after nothing.

    Never shorter than the source's `every`, never longer than the longer of `every` and `poll_max`; a document that has failed
    `RETIRED_AFTER` times in a row is asked for once a week.
    """
    if failures >= RETIRED_AFTER:
        return WEEK
    last = pause if pause is not None and pause <= max(every, poll_max) else every
    wanted = last / 2 if fresh else last * 1.5
    return int(min(max(wanted, every), max(every, poll_max)))


def is_past(last: int | None, pause: float, now: int) -> bool:
    """Whether `pause` seconds have gone by since `last`, give or take `SLACK`."""
    return last is None or now - last >= pause * (1 - SLACK)
