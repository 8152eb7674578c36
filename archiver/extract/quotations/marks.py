"""Pairing quotation marks: which mark opens, which closes, and which is an apostrophe, an inch or a stray.

Belongs here: characters to spans, in any language, without knowing words. Marks are read by their neighbours: an opening
one follows a boundary and precedes a letter, a closing one follows text. Only the outermost pair makes a span.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.models.article import Paragraph

DEPTH_MAX = 6
RETRIES_MAX = 12
CHAIN_MAX = 40
"""Paragraphs that one quotation may run over."""
PARAGRAPH_MAX = 50_000

_CLOSERS: dict[str, str] = {
    "“": "”“", "„": "“”\"‟", "”": "”“", "‟": "”", "«": "»", "»": "«»", "‹": "›", "›": "‹›",
    "‘": "’", "‚": "‘’", "’": "‘’", '"': '"', "'": "'", "「": "」", "『": "』", "《": "》", "″": "″", "＂": "＂",
}  # fmt: skip
"""What may close what each mark opens. German closes „ with “, Swedish uses ” on both sides, Danish turns guillemets round."""
_ALWAYS_OPEN = frozenset("„‚「『《‟")
_SINGLE = frozenset("‘’‚'‹›")
_OPENING_NEIGHBOURS = frozenset(" \t\n\u00a0\u202f\u2009\u200e\u200f\u200b\u202b([{-–—―/:;,،؛.…>|=*•¿¡\"“”„«»‘’'‹›")
_CLOSING_NEIGHBOURS = frozenset(
    " \t\n\u00a0\u202f\u2009\u200e\u200f\u200b\u202c)]}-–—―/:;,،؛.…!?؟۔<|*\"“”„«»‘’'‹›。、，"
)
_MARK = re.compile("[" + "".join(re.escape(char) for char in {*_CLOSERS, *"".join(_CLOSERS.values())}) + "]")
_ELISIONS = ("'em", "'tis", "'twas", "'cause", "'til", "'n", "'s ", "'t ")


@dataclass(frozen=True, slots=True)
class Span:
    """Paragraph numbers and code points in them: `opens` and `closes` are the marks, `begin` and `end` what is quoted."""

    first: int
    opens: int
    begin: int
    last: int
    closes: int
    end: int


@dataclass(frozen=True, slots=True)
class _Scan:
    """Pairs of one paragraph and, when a quotation is still open at its end, where its mark stands."""

    pairs: list[tuple[int, int]]
    open_at: int | None
    closed_carry: int | None


def spans(paragraphs: list[Paragraph]) -> Iterator[Span]:
    """Outermost quotations in order; one that reopens its mark in every paragraph is one span."""
    number = barren = 0
    while number < len(paragraphs):
        text = paragraphs[number].text[:PARAGRAPH_MAX]
        found = _scan(text)
        chain: tuple[int, int, list[tuple[int, int]]] | int | None = None
        if found.open_at is not None and number >= barren:
            chain = _chain(paragraphs, number, found.open_at)
            if isinstance(chain, int):
                barren = chain  # no chain that begins before it gets past it; trying again would cost the square
        if (chain is None or isinstance(chain, int)) and found.open_at is not None:
            found = _without_strays(text, found.open_at)
        for opens, closes in found.pairs:
            begin, end = _trimmed(text, opens + 1, closes)
            yield Span(number, opens, begin, number, closes, end)
        if chain is None or isinstance(chain, int) or found.open_at is None:
            number += 1
            continue
        last, closes, rest = chain
        begin, _ = _trimmed(text, found.open_at + 1, len(text))
        closing = paragraphs[last].text[:PARAGRAPH_MAX]
        _, end = _trimmed(closing, 0, closes)
        yield Span(number, found.open_at, begin, last, closes, end)
        for opens, closes in rest:
            begin, end = _trimmed(closing, opens + 1, closes)
            yield Span(last, opens, begin, last, closes, end)
        number = last + 1


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int]:
    """Without the white space that French, for one, puts inside the marks."""
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    return begin, end


def _chain(paragraphs: list[Paragraph], first: int, open_at: int) -> tuple[int, int, list[tuple[int, int]]] | int:
    """Follow a quotation that reopens in each paragraph: (last paragraph, its closing mark, pairs after it), or the paragraph
    at which it breaks off."""
    mark = paragraphs[first].text[open_at]
    number = first
    if mark in "'’":
        return number
    for number in range(first + 1, min(len(paragraphs), first + CHAIN_MAX)):
        text = paragraphs[number].text[:PARAGRAPH_MAX]
        lead = len(text) - len(text.lstrip())
        # French and others reopen with the closing guillemet: "» suite de la citation".
        if text[lead : lead + 1] != mark and not (mark == "«" and text[lead : lead + 1] == "»"):
            return number
        found = _scan(text, carry=mark, start=lead + 1)
        if found.closed_carry is not None:
            if found.open_at is not None:
                found = _without_strays(text, found.open_at, carry=mark, start=lead + 1)
            if found.closed_carry is None:
                return number
            return number, found.closed_carry, found.pairs
    return number


def _without_strays(text: str, open_at: int, carry: str | None = None, start: int = 0) -> _Scan:
    """Scan again, each time leaving out the mark that found no partner, until all pair."""
    ignored = {open_at}
    found = _scan(text, frozenset(ignored), carry, start)
    for _ in range(RETRIES_MAX):
        if found.open_at is None or found.open_at < 0:
            return found
        ignored.add(found.open_at)
        found = _scan(text, frozenset(ignored), carry, start)
    return _Scan([], None, found.closed_carry)


def _scan(text: str, ignored: frozenset[int] = frozenset(), carry: str | None = None, start: int = 0) -> _Scan:
    """Pair the marks of one paragraph. `carry` is a mark that was opened in an earlier one."""
    stack: list[tuple[str, int]] = [(carry, -1)] if carry else []
    pairs: list[tuple[int, int]] = []
    closed_carry: int | None = None
    for match in _MARK.finditer(text, start):
        place, char = match.start(), match[0]
        if place in ignored:
            continue
        depth = _closes(stack, text, place)
        if depth is not None:
            _, opened = stack[depth]
            del stack[depth:]
            if not stack:
                if opened < 0:
                    closed_carry = place
                elif place > opened + 1:
                    pairs.append((opened, place))
        elif len(stack) < DEPTH_MAX and _opens(text, place):
            stack.append((char, place))
    return _Scan(pairs, stack[0][1] if stack and stack[0][1] >= 0 else None, closed_carry)


def _closes(stack: list[tuple[str, int]], text: str, place: int) -> int | None:
    """The depth of the open mark that `text[place]` closes, or None."""
    char = text[place]
    before = text[place - 1 : place]
    after = text[place + 1 : place + 2]
    for depth in range(len(stack) - 1, -1, -1):
        mark, opened = stack[depth]
        if char not in _CLOSERS[mark] or (depth < len(stack) - 1 and char in _SINGLE):
            continue
        if char in "'’" or (char == "‘" and mark in "’‚"):
            if after.isalnum() or before.isspace() or _possessive(text, place, char):
                continue
        elif char == mark or char in '“"':
            # The same shape opens and closes: it closes after text, before a boundary.
            if opened == place - 1 or (before.isspace() and after.isalnum()):
                continue
            if after.isalnum() and not _glued(before):
                continue
        return depth
    return None


def _glued(before: str) -> bool:
    """A mark that follows a sentence's end closes even when the next word has no space before it."""
    return before in tuple(".,!?…۔؟،")


def _possessive(text: str, place: int, char: str) -> bool:
    """`workers' pay`: after an s, with another closing mark to come before the next opening one."""
    if text[place - 1 : place].lower() != "s" or text[place + 1 : place + 2] not in (" ", "\u00a0"):
        return False
    later = text.find(char, place + 1)
    return later > 0 and text[later - 1] in ".,!?…" and not text[later + 1 : later + 2].isalnum()


def _opens(text: str, place: int) -> bool:
    char = text[place]
    before = text[place - 1] if place else " "
    after = text[place + 1 : place + 2]
    if char not in _CLOSERS or not after:
        return False
    if char in _ALWAYS_OPEN or char == "«":
        return before in _OPENING_NEIGHBOURS or char != "«" or not before.isalnum() or after.isalnum()
    if before not in _OPENING_NEIGHBOURS:
        return False
    if char == "”":
        return (
            not after.isspace()
            and (after.isalnum() or after in "«'‘’…([")
            and (place == 0 or before.isspace() or before in "(:")
        )
    if char == "’":
        return _rtl(after) or _rtl(text[place + 2 : place + 3])
    if char in "'‘":
        if after.isspace() or not (after.isalnum() or after in '"“«…[(¿¡'):
            return False
        if char == "'" and (after.isdigit() or text[place : place + 5].lower().startswith(_ELISIONS)):
            return False
        return char == "‘" or "'" in text[place + 1 :]
    if after.isspace() and char != "“":
        return False
    return char not in "»›" or after.isalnum()


def _rtl(char: str) -> bool:
    return "\u0590" <= char <= "\u08ff"
