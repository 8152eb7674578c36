"""The names that a text prints: full names, the full name behind a last name, a printed user name.

Belongs here: finding and comparing names. Which of them speaks in a sentence is for `speakers`.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from archiver.citations.cues import Cues, cues_of

_USER = re.compile(r"\(\s*@(\w{2,30})\s*\)|(?<!\w)@(\w{2,30})")
FULL = re.compile(
    r"(?<![\w'’])[A-ZÀ-ÖØ-ÞА-ЯЁІЇЄ][\w'’.-]*(?:[ \u00a0](?:(?:de|da|di|del|der|den|van|von|zu|bin|ibn|al|el|la|le|du|dos)[ \u00a0])*[A-ZÀ-ÖØ-ÞА-ЯЁІЇЄ][\w'’-]+){1,4}"
)
RUN = re.compile(FULL.pattern.replace("{1,4}", "{0,4}"))
OUTER = ",;:.()[]\"“”«»„‘’'—–-!?…،؛؟۔"
"""What stands around words and is no part of them."""


class Names:
    """The full names that a text prints, found once: `full("Rubio")` is "Marco Rubio"."""

    def __init__(self, text: str, cues: Cues) -> None:
        self._cues = cues
        self._found: Counter[str] = Counter()
        self._by_last: dict[str, str] = {}
        drop = set(cues.speaker.no_names) | set(cues.speaker.titles)
        for match in FULL.finditer(text):
            words = trimmed(match[0].split(), drop)
            if cues.language == "de":
                words = words[-2:] if all(map(is_capital, words[-2:])) else []
            if len(words) >= 2 and not _runs_over(words, drop):
                self._found[" ".join(words)] += 1
        for name, _ in self._found.most_common():
            for part in (name.split()[-1], name.split()[0]):
                self._by_last.setdefault(plain(part), name)

    def full(self, name: str) -> str:
        """The full name behind a last or first name; `name` itself when the text prints none."""
        wanted = plain(name)
        found = self._by_last.get(wanted)
        return found if found and plain(found.split()[-1]) == wanted else name

    def known(self, word: str) -> bool:
        return plain(word) in self._by_last


def _runs_over(words: list[str], drop: set[str]) -> bool:
    """Whether a run of capitals goes over the end of a sentence, or holds a word that is no name."""
    return any(word in drop for word in words[1:]) or any(len(word) > 4 and word.endswith(".") for word in words[:-1])


def plain(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.strip(OUTER)).lower()


def trimmed(words: list[str], drop: set[str]) -> list[str]:
    while words and words[0].strip(OUTER) in drop:
        words = words[1:]
    return words


def is_capital(word: str) -> bool:
    return word[:1].isupper() and word[:1] not in "@#"


def username_in(sentence: str) -> str | None:
    """A printed "(@username)", which wins over any guess."""
    found = _USER.search(sentence)
    return (found[1] or found[2]) if found else None


@lru_cache(maxsize=8)
def names_of(text: str, language: str) -> Names:
    """`Names` of an article's text, made once."""
    return Names(text[:200_000], cues_of(language))
