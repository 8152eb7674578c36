"""What several attempts together say about a post. A failed request is never "deleted".

Belongs here: the sets of outcomes and the one function that combines them. Which step comes next is for `chain`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from archiver.models.post import Attempt
from archiver.platforms.steps import ARCHIVE_METHODS, INDEX_METHODS, TWICE_METHODS
from archiver.reasons import PostOutcome, PostStatus

RETRIES = 4

TEXT = frozenset({PostOutcome.OK, PostOutcome.PARTIAL})
STATED = frozenset(
    {
        PostOutcome.DELETED,
        PostOutcome.SUSPENDED,
        PostOutcome.ACCOUNT_GONE,
        PostOutcome.PROTECTED,
        PostOutcome.AGE_GATED,
        PostOutcome.WITHHELD,
    }
)
"""Outcomes whose answer names the reason."""

GONE = STATED | {PostOutcome.NOT_FOUND, PostOutcome.UNAVAILABLE}
PLAIN = frozenset({PostOutcome.NOT_FOUND, PostOutcome.DELETED})
"""Answers that say in so many words or codes that there is no such post."""

WORTH_A_COPY = GONE - {PostOutcome.PROTECTED, PostOutcome.AGE_GATED}
"""Who is gone may have left copies; who locked the door is not looked for elsewhere."""

RETRYABLE = frozenset({PostOutcome.THROTTLED, PostOutcome.NETWORK, PostOutcome.BLOCKED})


def live(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The attempts that asked the network itself and were made."""
    others = INDEX_METHODS | ARCHIVE_METHODS
    return [a for a in attempts if a.method not in others and a.outcome != PostOutcome.NOT_ATTEMPTED]


def newest(attempts: Sequence[Attempt]) -> dict[str, PostOutcome]:
    """Method -> its newest outcome, for live methods. A method that is asked twice counts from its second "not found" on."""
    found: dict[str, PostOutcome] = {}
    missed: dict[str, int] = {}
    for attempt in live(attempts):
        outcome = PostOutcome(attempt.outcome)
        if outcome is PostOutcome.NOT_FOUND and attempt.method in TWICE_METHODS:
            missed[attempt.method] = missed.get(attempt.method, 0) + 1
            if missed[attempt.method] < 2:
                continue
        found[attempt.method] = outcome
    return found


def said_gone(attempts: Sequence[Attempt]) -> set[str]:
    """The methods whose newest answer says gone, for whatever reason."""
    return {method for method, outcome in newest(attempts).items() if outcome in GONE}


def status_of(attempts: Sequence[Attempt], known_to_exist: bool, retries: int = RETRIES) -> PostStatus:
    """The post's status. `known_to_exist`: it was captured before, or its text stands in the article's embed.

    One tombstone never makes `deleted`: false ones exist, so a second, independent answer has to agree. A live post behind
    any number of "gone" answers wins. Two reasons that contradict each other are no reason.
    """
    outcomes = newest(attempts)
    said = set(outcomes.values())
    if not live(attempts):
        return PostStatus.NOT_ATTEMPTED
    if PostOutcome.OK in said:
        return PostStatus.CAPTURED
    if PostOutcome.PARTIAL in said:
        return PostStatus.CAPTURED_PARTIAL
    if status := _gone(outcomes, known_to_exist):
        return status
    if _retries_left(attempts, outcomes, retries):
        return PostStatus.PENDING
    if PostOutcome.LOGIN_WALL in said and not said & GONE:
        return PostStatus.LOGIN_WALL
    return PostStatus.UNAVAILABLE


def _gone(outcomes: dict[str, PostOutcome], known_to_exist: bool) -> PostStatus | None:
    """The reason that stands, if one does."""
    stated = {outcome for outcome in outcomes.values() if outcome in STATED}
    if len(stated) > 1:
        return PostStatus.UNAVAILABLE
    plain = [method for method, outcome in outcomes.items() if outcome in PLAIN]
    if stated and PostOutcome.DELETED not in stated:
        return PostStatus(stated.pop().value)
    if len(plain) < 2:
        return None
    return PostStatus.DELETED if stated or known_to_exist else PostStatus.NOT_FOUND


def rounds_of(failed: Iterable[Attempt]) -> int:
    """In how many rounds something failed. A method that has several addresses asks each of them once a round."""
    return max(Counter((attempt.method, attempt.url) for attempt in failed).values(), default=0)


def _retries_left(attempts: Sequence[Attempt], outcomes: dict[str, PostOutcome], retries: int) -> bool:
    for method, outcome in outcomes.items():
        failed = [a for a in attempts if a.method == method and a.outcome in RETRYABLE]
        if outcome in RETRYABLE and rounds_of(failed) <= retries:
            return True
    return False
