"""The quoted outlet's own home page as a witness of its accounts: `twitter:site`, `rel=me`, `sameAs`, links in header and footer.

Belongs here: the request and its reading. Which outlet is quoted, and where it lives, its source file says; what a page's markup says
about accounts is `accounts`' matter.
"""

from __future__ import annotations

from archiver.platforms.accounts import hints_of
from archiver.platforms.failures import drift, failure
from archiver.platforms.payloads import BODY_MAX, tree_of
from archiver.platforms.steps import HOMEPAGE, Answer, Reading, Step
from archiver.reasons import PostOutcome


def step(url: str) -> Step:
    """The one request. The address stands in a source file, so it is the operator's."""
    return Step(HOMEPAGE, url, host_pace=2.0)


def read(answer: Answer, network: str) -> str | None:
    """The outlet's account on a network; None where the page names none."""
    tree = None if failure(answer) else tree_of(answer.body[:BODY_MAX])
    found = hints_of(tree).own.get(network) if tree is not None else None
    return found or None


def reading_of(answer: Answer) -> Reading:
    """What the answer is worth by itself: a page, or why not."""
    if failed := failure(answer):
        return failed
    return Reading(PostOutcome.OK) if tree_of(answer.body[:BODY_MAX]) is not None else drift(answer, "no page")
