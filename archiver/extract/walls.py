"""A wall that the page shows in front of its article: evidence from what readers see, beside what the markup declares.

Belongs here: finding such an element. The words are data (`data/walls.toml`). What is hidden, what a script would fill in, and
what stands in menus, asides and other stories is no evidence: most sites ship their wall with every page.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from lxml.html import HtmlElement

from archiver.extract.structured import text_of
from archiver.needles import Needles
from archiver.page import Page

WALL_MAX = 3000
"""Characters of a wall: what holds more is the article itself in a wrapper with that name."""
LINE_MAX = 160
"""Characters of a line that asks to read on; the words may well stand in a sentence of the article."""
SHOWN_MAX = 120
CANDIDATES_MAX = 200

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_CLASSES = frozenset(
    ("hidden", "hide", "is-hidden", "d-none", "u-hidden", "invisible", "visually-hidden", "sr-only")
)
_ELSEWHERE = frozenset(("nav", "aside", "footer", "template", "noscript", "script", "dialog"))
_BESIDE = re.compile(
    r"comment|contribution|dialog|modal|overlay|pop-?up|lightbox|bookmark|newsletter|teaser|related", re.IGNORECASE
)
"""Classes and ids of what has walls of its own: comments, stored articles, other stories."""
_TEXT_TAGS = ("p", "div", "span", "h2", "h3", "h4", "strong", "b", "em", "section", "a", "button", "li")


class _Words(NamedTuple):
    """`needles` are all of `marks`, then `sentences`, as they stand in `Page.low`."""

    marks: tuple[str, ...]
    sentences: tuple[str, ...]
    read_on: re.Pattern[str]
    needles: Needles


@lru_cache(maxsize=1)
def _words() -> _Words:
    raw = tomllib.loads((files("archiver.extract") / "data" / "walls.toml").read_text(encoding="utf-8"))
    marks, sentences = tuple(raw["marks"]), tuple(raw["sentences"])
    read_on = re.compile("|".join(map(re.escape, raw["read_on"])), re.IGNORECASE)
    return _Words(marks, sentences, read_on, Needles([word.encode() for word in (*marks, *sentences)]))


def find_wall(page: Page) -> str | None:
    """The words with which a wall that the page shows asks to read on, at most `SHOWN_MAX` characters; None without a wall."""
    words = _words()
    present = {number for number, _ in words.needles.find(page.low)}
    marks = [mark for number, mark in enumerate(words.marks) if number in present]
    found = _marked(page.tree, marks, words.read_on) if marks else None
    if found is None and len(present) > len(marks):
        sentences = [words.sentences[number - len(words.marks)] for number in present if number >= len(words.marks)]
        found = _said(page.tree, sentences)
    return found


def _marked(tree: HtmlElement, marks: list[str], read_on: re.Pattern[str]) -> str | None:
    wanted, count = re.compile("|".join(map(re.escape, marks)), re.IGNORECASE), 0
    for element in tree.iter("*"):
        if not (wanted.search(element.get("class") or "") or wanted.search(element.get("id") or "")):
            continue
        count += 1
        if count > CANDIDATES_MAX:
            return None
        lines = text_of(element, WALL_MAX + 1, apart=True).split("\n")
        asks = next((line for line in lines if len(line) <= LINE_MAX and read_on.search(line)), None)
        if asks and sum(map(len, lines)) <= WALL_MAX and _is_shown(element):
            return asks[:SHOWN_MAX]
    return None


def _said(tree: HtmlElement, sentences: list[str]) -> str | None:
    for element in tree.iter(*_TEXT_TAGS):
        for text in (element.text, element.tail):
            if text and any(sentence in text.lower() for sentence in sentences) and _is_shown(element):
                return " ".join(text.split())[:SHOWN_MAX]
    return None


def _is_shown(element: HtmlElement) -> bool:
    """Whether nothing in the markup hides the element or puts it beside the article."""
    for above in (element, *element.iterancestors()):
        if above.tag in _ELSEWHERE or above.get("hidden") is not None or above.get("aria-hidden") == "true":
            return False
        if _HIDDEN_STYLE.search(above.get("style") or ""):
            return False
        if above.tag in ("body", "html"):
            continue
        marks = above.get("class") or ""
        if not _HIDDEN_CLASSES.isdisjoint(marks.lower().split()):
            return False
        if _BESIDE.search(marks) or _BESIDE.search(above.get("id") or "") or above.get("role") == "dialog":
            return False
    return True
