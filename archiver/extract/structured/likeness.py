"""Whether two titles or two addresses can name one article.

Belongs here: comparing words. What follows from it is decided where entries are chosen (`jsonld`, `microdata`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import unquote, urlsplit

_WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]|[^\W_]{4,}")
"""Letters and digits from four on: shorter ones are mostly articles and prepositions. An ideograph is a word of its own."""
_SPLIT = re.compile(r"[\W_]+")
ALIKE = 0.4
"""The share of common words from which two titles name one thing."""


def fold(text: str) -> str:
    """Letters and digits in lower case: for comparing titles, not for showing."""
    return _SPLIT.sub("", text.lower())


def words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.lower()[:1000]))


def share(text: str, titles: Iterable[str]) -> float:
    """Of the words of `text` and of a title together, how many are in both; of the title that is most like `text`."""
    mine = words(text)
    return max((len(mine & other) / max(1, len(mine | other)) for other in map(words, titles)), default=0.0)


def strangers(text: str, titles: Iterable[str]) -> bool:
    """Whether `text` is surely none of `titles`: all have words to compare, and it shares none with any."""
    compared = [title for title in titles if words(title)]
    return bool(compared and words(text)) and share(text, compared) == 0


def agreed(titles: Sequence[str]) -> list[str]:
    """Those of `titles` that name a thing in three words or more and that another of them repeats."""
    long = [title for title in titles if len(words(title)) >= 3]
    return [title for at, title in enumerate(long) if share(title, long[:at] + long[at + 1 :]) >= ALIKE]


def lead_apart(url: str, others: Iterable[str]) -> bool:
    """Whether an http URL surely leads to another page than all of `others`: their paths share no word and no number.

    A path without any (a front page, `/a/b`) is no evidence.
    """
    mine = _path_words(url)
    compared = [found for other in others if (found := _path_words(other))]
    return bool(mine and compared) and not any(mine & other for other in compared)


def _path_words(url: str) -> frozenset[str]:
    """The words of the last part of the path that has any, and the long numbers of the whole of it and of the query."""
    try:
        parts = urlsplit(url.strip()[:4000])
    except ValueError:
        return frozenset()
    if parts.scheme not in ("http", "https"):
        return frozenset()
    whole = unquote(f"{parts.path}?{parts.query}").lower()
    numbers = {word for word in _SPLIT.split(whole) if len(word) >= 5 and any(char.isdigit() for char in word)}
    for part in reversed(unquote(parts.path).lower().split("/")):
        if found := words(re.sub(r"\.\w{2,5}$", "", part)) - {"index", "news", "article", "story"}:
            return found | numbers
    return frozenset(numbers)
