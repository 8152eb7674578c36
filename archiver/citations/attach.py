"""Quotations that belong to a post which the page also embeds or links: one citation with the words, not two.

Belongs here: when a quotation in prose and a post in the markup are the same (precedence embed > link > quote). Whether the outlet
altered the words is a verdict and made later, from the post itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from archiver.citations.matching import NEAR, coverage3, parts_of, words
from archiver.models.article import Citation, Occurrence

TEXT_MAX = 4_000


def attached(posts: list[Citation], quotes: list[Citation], body: str) -> list[Citation]:
    """`posts` with the quotations that are theirs, then the quotations that are nobody's. Neither list is longer than before."""
    kept = list(posts)
    alone: list[Citation] = []
    for quote in quotes:
        index = _owner(quote, kept, body) if kept else None
        if index is None:
            alone.append(quote)
        else:
            kept[index] = _with(kept[index], quote)
    return kept + alone


def _owner(quote: Citation, posts: Sequence[Citation], body: str) -> int | None:
    """The post whose own text holds the words, whose link stands in the sentence, or whose embed follows a bare cue."""
    same = [(index, post) for index, post in enumerate(posts) if post.platform == quote.platform and post.quote is None]
    tests = (_holds_words, lambda q, p: _in_sentence(q, p, body), _follows)
    return next((index for test in tests for index, post in same if test(quote, post)), None)


def _holds_words(quote: Citation, post: Citation) -> bool:
    if quote.quote is None or not post.embedded_text:
        return False
    parts = parts_of(quote.quote.text, quote.quote.parts)
    return coverage3(parts, words(post.embedded_text[:TEXT_MAX])) >= NEAR


def _in_sentence(quote: Citation, post: Citation, body: str) -> bool:
    """Whether a link to the post stands in the sentence that says it was posted."""
    if (
        post.kind != "link"
        or not post.position
        or post.position.start is None
        or not quote.position
        or not quote.context
    ):
        return False
    if post.position.paragraph != quote.position.paragraph or quote.position.start is None:
        return False
    opening = quote.context[:80]
    start = body.rfind(opening, 0, quote.position.start + len(opening))
    return start >= 0 and start <= post.position.start <= start + len(quote.context)


def _follows(quote: Citation, post: Citation) -> bool:
    """Whether the embed stands right behind a paragraph that only says that somebody posted."""
    if quote.quote is not None or post.kind != "embed" or not post.position or not quote.position:
        return False
    return post.position.paragraph is not None and post.position.paragraph == quote.position.paragraph


def _with(post: Citation, quote: Citation) -> Citation:
    where = Occurrence(kind="quote", position=quote.position, evidence=quote.evidence)
    first = [] if post.occurrences else [Occurrence(kind=post.kind, position=post.position, evidence=post.evidence)]
    return post.model_copy(
        update={
            "quote": quote.quote,
            "cue": quote.cue,
            "speaker": quote.speaker,
            "username": post.username or quote.username,
            "occurrences": [*post.occurrences, *first, where],
        }
    )
