"""Text folded for the comparison of cues, with a map back to where each character stood.

Belongs here: what two spellings of one cue may differ in (posts.md 5.1). Matching a quotation with a post folds further; that is in
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
_FAST = re.compile("[^\x00-\x7f]")


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
    if not _FAST.search(text):
        return Folded(text, range(len(text) + 1))
    pieces: list[str] = []
    at: list[int] = []
    for offset, char in enumerate(text):
        if _DROP.match(char):
            continue
        if (
            unicodedata.combining(char)
            and pieces
            and len(joined := unicodedata.normalize("NFC", pieces[-1] + char)) == 1
        ):
            pieces[-1] = joined.translate(_LETTERS)
            continue
        for letter in unicodedata.normalize("NFC", char).translate(_LETTERS):
            pieces.append(letter)
            at.append(offset)
    at.append(len(text))
    return Folded("".join(pieces), at)


def folded(text: str) -> str:
    """The folded text alone."""
    return fold(text).text
