"""Quotation marks and sentences: where the quoted words of a paragraph stand, and where its sentences end.

Belongs here: punctuation of all languages. Who is quoted and whether it was a post is for `prose`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MASK = "\ue000"
"""What stands for each character of a quotation when cues are looked for."""

LONELY_MAX = 20
"""Marks without a partner after which a paragraph's marks say nothing."""

_PAIRS = {
    "“": "”“", "„": "“”", "«": "»", "‹": "›", "”": "“”", "‟": "”", "「": "」", "『": "』", "»": "«", "‚": "‘’", "‘": "’", "’": "‘’", "'": "'", '"': '"',
    "`": "'`",
}  # fmt: skip
_SINGLE = frozenset("‘’'‚`")
_WORD = re.compile(r"\w[\w'’\u200c-]*")
_BEFORE = re.compile(r"[\s(\[—–:،,؛;/-]")
_AFTER = re.compile(r"[\s.,;:!?…)\]—–،؛؟۔-]")
_END = re.compile(r"[.!?…؟۔]+[)\]»”\"’']*(?=\s|$)|[\n]")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Gen|Sen|Rep|Gov|Lt|Col|Sgt|Capt|St|Jr|Sr|Co|Inc|Ltd|Corp|Bros|vs|No|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov"
    r"|Dec|u\.a|z\.B|d\.h|bzw|ca|Nr|Art|dr|sig|on|sr|sra|dott)|\b[A-WYZ]|\d)\.$",
    re.IGNORECASE,
)
_STRIP = " \t\n\u00a0\u202f,،"


@dataclass(frozen=True, slots=True)
class Span:
    """Quoted words of one paragraph: offsets without the marks (`start`, `end`) and with them (`outer_start`, `outer_end`)."""

    start: int
    end: int
    outer_start: int
    outer_end: int
    words: int
    text: str

    @property
    def whole(self) -> bool:
        """Whether it is long enough to be speech by itself, or short and closed like a sentence ("Cancel order!")."""
        return self.words >= 3 or (self.words == 2 and self.text[-1:] in "!?.؟۔")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Offsets of one sentence in its paragraph."""

    start: int
    end: int


def quoted_spans(text: str) -> list[Span]:
    """The outermost quotations of a paragraph in order. A mark without its partner is no quotation and spares the others."""
    spans: list[Span] = []
    at = lonely = 0
    straight = text.count('"') % 2 == 0
    while at < len(text):
        mark = text[at]
        closers = _PAIRS.get(mark)
        if closers is None or not _opens(text, at, mark, straight):
            at += 1
            continue
        close = _closing(text, at, closers)
        if close is None:
            if _runs_on(text, at, mark):
                close = len(text)
            else:
                at += 1
                lonely += 1
                if lonely > LONELY_MAX:
                    return []
                continue
        if span := _span(text, at, close):
            spans.append(span)
        at = close + 1
    return spans


def _opens(text: str, at: int, mark: str, straight: bool) -> bool:
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    if mark == '"' and not straight:
        return at == 0 or text[:at].rstrip()[-1:] == ":"
    if mark in "”’»":
        # A closing mark as an opening one: reversed marks, and only where no word ends.
        return bool(_BEFORE.match(before)) and not after.isspace() and not _AFTER.match(after)
    if mark in _SINGLE:
        return bool(_BEFORE.match(before) or before in '“"«') and not after.isspace()
    return not (mark == '"' and after.isspace() and at > 0 and not before.isspace())


def _closing(text: str, at: int, closers: str) -> int | None:
    """The offset of the mark that closes the one at `at`, past nested pairs of the same kind."""
    opener, depth = text[at], 0
    single = opener in _SINGLE
    nests = opener in "«“„‹"
    for offset in range(at + 1, len(text)):
        char = text[offset]
        if nests and char == opener and char not in closers:
            depth += 1
        elif char in closers:
            after = text[offset + 1] if offset + 1 < len(text) else " "
            if single and (not (_AFTER.match(after) or after in '”"»') or text[offset - 1].isspace()):
                continue
            if depth == 0:
                return offset
            depth -= 1
    return None


def _runs_on(text: str, at: int, mark: str) -> bool:
    """Whether a quotation without its end is one that goes on in the next paragraph: it must open this one."""
    return at == 0 and mark in '“«"„' and len(text) > 20


def _span(text: str, at: int, close: int) -> Span | None:
    start, end = at + 1, close
    while start < end and text[start] in _STRIP:
        start += 1
    while end > start and text[end - 1] in _STRIP:
        end -= 1
    if start >= end:
        return None
    inner = text[start:end]
    return Span(start, end, at, min(close + 1, len(text)), len(_WORD.findall(inner)), inner)


def masked(text: str, spans: list[Span]) -> str:
    """`text` with every quotation of three words and more replaced, character by character."""
    pieces, at = [], 0
    for span in spans:
        if span.whole:
            pieces.append(text[at : span.outer_start])
            pieces.append(MASK * (span.outer_end - span.outer_start))
            at = span.outer_end
    return "".join([*pieces, text[at:]])


def sentences(text: str, spans: list[Span]) -> list[Sentence]:
    """The sentences of a paragraph. A quotation with its attribution is one sentence, whatever stands inside its marks."""
    hidden = masked(text, spans)
    ends = [match.end() for match in _END.finditer(hidden) if not _abbreviated(hidden, match)]
    ends += [span.outer_end for span in spans if span.whole and _closes_sentence(hidden, span, ends)]
    found, start = [], 0
    for end in sorted({*ends, len(text)}):
        if text[start:end].strip():
            found.append(Sentence(start, end))
        start = end
    return found


def _abbreviated(text: str, match: re.Match[str]) -> bool:
    """Whether a full stop ends an abbreviation: a known one, or the next word goes on in lower case."""
    if match[0] != ".":
        return False
    rest = text[match.end() :].lstrip()
    if rest[:1].islower():
        return True
    return bool(_ABBREVIATION.search(text[max(0, match.start() - 12) : match.end()])) and bool(rest)


def _closes_sentence(hidden: str, span: Span, ends: list[int]) -> bool:
    """A quotation that ends with a full stop inside its marks, with a capital or another quotation behind it. Where letters have no
    capitals, one that something introduces: what stands behind one that begins its sentence may say who said it. `ends` are those
    of sentences that are known."""
    if span.text[-1:] not in ".۔…!?؟":
        return False
    rest = hidden[span.outer_end :].lstrip()
    if not rest:
        return False
    if span.text[-1:] in "!?؟":
        return rest[0] == MASK
    if rest[0].isupper() or rest[0] == MASK:
        return True
    begin = max((end for end in ends if end <= span.outer_start), default=0)
    caseless = rest[0].isalpha() and not rest[0].islower()
    return caseless and any(char.isalpha() for char in hidden[begin : span.outer_start] if char != MASK)
