"""Text folded for the comparison of cues, with a map back to where each character stood.

Belongs here: what two spellings of one cue may differ in. Matching a quotation with a post folds further; that is in
`matching`. Pashto's own letters stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_DROP = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u0640\u064b-\u065f\u0670\u06d6-\u06ed]")
"""Zero-width characters (ZWNJ too), bidi controls, soft hyphen, tatweel, harakat."""

_LETTERS = str.maketrans({
    "ي": "ی", "ى": "ی", "ك": "ک", "ۀ": "ه", "ة": "ه", "أ": "ا", "إ": "ا", "ٱ": "ا", "ھ": "ه", "ہ": "ه", "ۂ": "ه", "ۃ": "ه",
    "ؤ": "و", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "’": "'", "ʼ": "'", "\u2011": "-",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folded:
    """`text` for matching; `at[i]` is where its character i stood in the original, `at[len(text)]` the original's length."""

    text: str
    at: list[int] | range

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The original's span of a span of `text`."""
        return self.at[start], (self.at[end - 1] + 1 if end > start else self.at[start])


def fold(text: str) -> Folded:
    """`text` in NFC without marks that carry no sound, Arabic-script letters in one form each; case is kept."""
    if text.isascii():
        return Folded(text, range(len(text) + 1))
    if not unicodedata.is_normalized("NFC", text):
        return _by_char(text)
    dropped = [match.start() for match in _DROP.finditer(text)]
    folded = text.translate(_LETTERS)  # one character for one
    if not dropped:
        return Folded(folded, range(len(text) + 1))
    pieces: list[str] = []
    at: list[int] = []
    last = 0
    for place in [*dropped, len(text)]:
        pieces.append(folded[last:place])
        at.extend(range(last, place))
        last = place + 1
    return Folded("".join(pieces), [*at, len(text)])


def letters(text: str) -> str:
    """`text` with each letter in one form and nothing dropped, so that every offset stays."""
    return text.translate(_LETTERS)


def _by_char(text: str) -> Folded:
    """As `fold`, for text whose composition must change: letters and their marks become one, or the mark goes."""
    pieces: list[str] = []
    at: list[int] = []
    for offset, char in enumerate(text):
        if _DROP.match(char):
            continue
        joined = unicodedata.normalize("NFC", pieces[-1] + char) if pieces and unicodedata.combining(char) else ""
        if len(joined) == 1:
            pieces[-1] = joined.translate(_LETTERS)
            continue
        for letter in unicodedata.normalize("NFC", char).translate(_LETTERS):
            pieces.append(letter)
            at.append(offset)
    return Folded("".join(pieces), [*at, len(text)])


def folded(text: str) -> str:
    """The folded text alone."""
    return fold(text).text
