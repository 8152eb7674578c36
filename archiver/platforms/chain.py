"""The chain of one post as a pure state machine, and the document that its answers make.

Belongs here: which step comes next, what all attempts together say, when to ask again, and `build_post`. What one answer says
is in the network's module; who asks, and when, is the spider's business. Everything is computed from attempts and readings,
so that a post comes out of its WARC records again, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from archiver.models.post import Attempt
from archiver.platforms import PLATFORMS, PostRef
from archiver.platforms.build import Embedded, build_post, post_id, related_posts
from archiver.platforms.failures import spent
from archiver.platforms.options import PlatformOptions
from archiver.platforms.outcomes import (
    GONE,
    RETRYABLE,
    STATED,
    TEXT,
    WORTH_A_COPY,
    live,
    rounds_of,
    said_gone,
    status_of,
)
from archiver.platforms.steps import ARCHIVE_METHODS, AUTHORS_WISH, TWICE_METHODS, Answer, Reading, Step
from archiver.reasons import NotAttempted, PostOutcome, PostStatus

__all__ = [
    "Done", "Embedded", "attempt_of", "build_post", "carry_over", "next_step", "post_id", "recheck_due", "refusals", "refused",
    "related_posts", "retry_due", "status_of", "steps_of", "take",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Done:
    """The chain asks nothing more: a full text was found, a copy was found, two independent answers said gone, the author does not
    want to be shown to people without a login, no step is left."""

    why: Literal["ok", "copied", "gone", "unwanted", "exhausted"]


def steps_of(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """Every step of the post's chain in order, those that may not be asked with their reason in `refused`.

    A short form that only a redirect explains (`native_id` None) has no chain: `short.follow` comes first.
    """
    platform = PLATFORMS.get(ref.platform)
    if platform is None or ref.native_id is None:
        return []
    steps = platform.steps(ref, options)
    if ref.platform not in options.platforms:
        return [replace(step, refused=NotAttempted.SWITCHED_OFF) for step in steps]
    return steps


def next_step(
    ref: PostRef,
    options: PlatformOptions,
    attempts: Sequence[Attempt],
    leads: Iterable[Step] = (),
    spent_usd: float = 0.0,
) -> Step | Done:
    """What to ask next, given the attempts of this round (see `carry_over`), the leads of their readings and what the article
    that the post is asked for has cost so far.

    Stops at the first `ok`; `partial` goes on; a "gone" answer goes on until one more independent method has answered, and a method
    that can name the reason has, where nobody named it; copies elsewhere are looked for only when every live answer says gone.
    """
    alive = live(attempts)
    if any(attempt.outcome == PostOutcome.OK for attempt in alive):
        return Done("ok")
    if any(attempt.method in ARCHIVE_METHODS and attempt.outcome in TEXT for attempt in attempts):
        return Done("copied")
    if any(attempt.reason_text == AUTHORS_WISH for attempt in alive):
        return Done("unwanted")
    agreed = len(said_gone(attempts)) > 1
    for step in (*leads, *steps_of(ref, options)):
        if step.refused or not _open(step, attempts) or not options.affords(spent_usd, step.cost_usd):
            continue
        if _wanted(step, alive, agreed):
            return step
    return Done("gone" if agreed else "exhausted")


def _open(step: Step, attempts: Sequence[Attempt]) -> bool:
    """Whether a step was not asked yet, or has to be asked a second time."""
    asked = [attempt for attempt in attempts if (attempt.method, attempt.url) == (step.method, step.url)]
    twice = step.method in TWICE_METHODS and len(asked) == 1 and asked[0].outcome == PostOutcome.NOT_FOUND
    return not asked or twice


def _wanted(step: Step, alive: Sequence[Attempt], agreed: bool) -> bool:
    if step.unless and any(attempt.http_status == step.unless for attempt in alive):
        return False
    if not step.only_if_gone:
        return not agreed or _confirms(step, alive)
    answers = [attempt.outcome for attempt in alive if attempt.outcome in GONE | TEXT]
    return bool(answers) and all(outcome in WORTH_A_COPY for outcome in answers)


def _confirms(step: Step, alive: Sequence[Attempt]) -> bool:
    """Whether a step may name the reason that two answers left out."""
    return step.confirms and not any(attempt.outcome in STATED for attempt in alive)


def take(ref: PostRef, step: Step, answer: Answer, at: datetime) -> tuple[Attempt, Reading]:
    """The attempt and the reading of one recorded answer; `at` is the capture's time (aware)."""
    platform = PLATFORMS[ref.platform]
    reading = platform.read(step, answer, ref)
    reading = replace(reading, method=step.method, terms=step.terms, capture=answer.capture)
    return attempt_of(step, answer, reading, at), reading


def attempt_of(step: Step, answer: Answer, reading: Reading, at: datetime) -> Attempt:
    """What the document keeps of one exchange."""
    return Attempt(
        method=step.method,
        url=step.url,
        at=at,
        http_status=answer.status,
        content_type=answer.content_type,
        outcome=reading.outcome.value,
        reason_text=reading.reason_text,
        warc_record_id=answer.capture.warc_record_id if answer.capture else None,
        retry_after=reading.retry_after if reading.retry_after is not None else spent(answer),
    )


def refused(step: Step, why: NotAttempted, at: datetime) -> Attempt:
    """The attempt that was not made: robots.txt, terms, budget, a switch."""
    return Attempt(
        method=step.method, url=step.url, at=at, outcome=PostOutcome.NOT_ATTEMPTED.value, reason_text=why.value
    )


def refusals(
    ref: PostRef, options: PlatformOptions, attempts: Sequence[Attempt], at: datetime, spent_usd: float = 0.0
) -> list[Attempt]:
    """An attempt for each step that was left out by a switch, by terms or by the budget; call it when the chain is done.

    Nothing is left out of a chain that found the whole text: what comes after it was not needed.
    """
    alive = live(attempts)
    if any(attempt.outcome == PostOutcome.OK for attempt in alive):
        return []
    told = {attempt.method for attempt in attempts}
    missing = [step for step in steps_of(ref, options) if step.method not in told and not step.only_if_gone]
    agreed = len(said_gone(attempts)) > 1  # then nothing that costs was wanted any more
    wanted = (step for step in missing if not step.refused and (not agreed or _confirms(step, alive)))
    over = [step for step in wanted if not options.affords(spent_usd, step.cost_usd)]
    out = {step.method: refused(step, step.refused, at) for step in missing if step.refused}
    return [*out.values(), *(refused(step, NotAttempted.BUDGET, at) for step in over)]


def carry_over(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The attempts that a new round need not repeat: each method's newest one, unless it may be retried."""
    newest = {(attempt.method, attempt.url): attempt for attempt in attempts}
    return [attempt for attempt in newest.values() if attempt.outcome not in RETRYABLE]


def retry_due(
    status: str, attempts: Sequence[Attempt], schedule: Sequence[float] = PlatformOptions().retry
) -> datetime | None:
    """When a pending post is asked again: after 1 h, 6 h, 1 d, 7 d, or when the server wants it, whichever is later."""
    tried = [attempt for attempt in live(attempts) if attempt.outcome in RETRYABLE]
    if status != PostStatus.PENDING or not tried or not schedule:
        return None
    last = max(attempt.at for attempt in tried)
    due = last + timedelta(seconds=schedule[min(rounds_of(tried), len(schedule)) - 1])
    return max([due, *(a.at + timedelta(seconds=a.retry_after) for a in tried if a.retry_after and a.at == last)])


def recheck_due(
    status: str, first_captured: datetime, done: int, schedule: Sequence[float] = PlatformOptions().recheck
) -> datetime | None:
    """When a captured post is looked at again for edits and deletion; None when all `done` re-checks are."""
    if status not in (PostStatus.CAPTURED, PostStatus.CAPTURED_PARTIAL) or done >= len(schedule):
        return None
    return first_captured + timedelta(seconds=schedule[done])
