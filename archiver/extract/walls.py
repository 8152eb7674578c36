"""A wall that the page shows in front of its article: evidence from what readers see, beside what the markup declares.

Belongs here: finding such an element. The words are data (`data/walls.toml`). What is hidden, what a script would fill in, and
what stands in menus, asides and other stories is no evidence: most sites ship their wall with every page.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from archiver.extract.structured import SPOKEN, text_of
from archiver.needles import Needles
from archiver.page import Page

WALL_MAX = 3000
"""Characters of a wall: what holds more is the article itself in a wrapper with that name."""
LINE_MAX = 160
"""Characters of a line that asks to read on; the words may well stand in a sentence of the article."""
BEFORE, TAG_MAX = 14, 300
"""Bytes before "wall" that belong to a mark, and before a mark in the same tag."""
OPENING = 40
"""Characters that may stand before a sentence about this article in its line: a label, a name."""
STORY_MAX = 600
"""Characters of another story's box."""
SHOWN_MAX = 120
CANDIDATES_MAX = 200

_HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_HIDDEN_CLASSES = frozenset(("hidden", "hide", "is-hidden", "d-none", "u-hidden", "invisible"))
_ELSEWHERE = frozenset(("nav", "aside", "footer", "template", "noscript", "script", "dialog"))
_BESIDE = re.compile(
    r"comment|contribution|dialog|modal|overlay|pop-?up|lightbox|bookmark|newsletter|teaser|related", re.IGNORECASE
)
"""Classes and ids of what has walls of its own: comments, stored articles, other stories."""
_WALLS = etree.XPath(
    "//*[contains(translate(@class, 'WAL', 'wal'), 'wall') or contains(translate(@id, 'WAL', 'wal'), 'wall')]"
)
_TEXT_TAGS = ("p", "div", "span", "h2", "h3", "h4", "strong", "b", "em", "section", "a", "button", "li")


class Wall(NamedTuple):
    """`line`: the words with which it asks to read on, at most `SHOWN_MAX` characters. `inside`: it stands in the article itself.
    `path`: the XPath of its element, None where only a sentence was found."""

    line: str
    inside: bool
    path: str | None


class _Words(NamedTuple):
    """`needles` are `sentences`, as they stand in `Page.low`."""

    marks: re.Pattern[str]
    marks_in_bytes: re.Pattern[bytes]
    read_on: re.Pattern[str]
    sentences: tuple[str, ...]
    needles: Needles


@lru_cache(maxsize=1)
def _words() -> _Words:
    raw = tomllib.loads((files("archiver.extract") / "data" / "walls.toml").read_text(encoding="utf-8"))
    marks, read_on = ("|".join(map(re.escape, raw[name])) for name in ("marks", "read_on"))
    sentences = tuple(raw["sentences"])
    return _Words(
        re.compile(rf"(?<!no)(?<!no[-_])(?<!non[-_])(?:{marks})", re.IGNORECASE),
        re.compile(marks.encode()),
        re.compile(read_on, re.IGNORECASE),
        sentences,
        Needles([sentence.encode() for sentence in sentences]),
    )


def find_wall(page: Page) -> Wall | None:
    """The first wall that an element of the page calls itself and that readers see, or None."""
    words, count = _words(), 0
    if not _has_mark(page.low, words.marks_in_bytes):
        return None
    for element in _WALLS(page.tree):
        if not (words.marks.search(element.get("class") or "") or words.marks.search(element.get("id") or "")):
            continue
        count += 1
        if count > CANDIDATES_MAX:
            return None
        lines = text_of(element, WALL_MAX + 1, apart=True).split("\n")
        asks = next((line for line in lines if len(line) <= LINE_MAX and words.read_on.search(line)), None)
        if not asks or sum(map(len, lines)) > WALL_MAX or _is_article(element) or _is_another_story(element):
            continue
        if _is_shown(element) and not _is_hidden_by_rule(page.html, element):
            return Wall(asks[:SHOWN_MAX], _is_inside(element), element.getroottree().getpath(element))
    return None


def _has_mark(low: bytes, marks: re.Pattern[bytes]) -> bool:
    """Whether a mark stands inside of a tag somewhere: scripts speak of walls on most pages."""
    at = low.find(b"wall")
    while at >= 0:
        if marks.search(low, max(0, at - BEFORE), at + 4):
            start = max(0, at - TAG_MAX)
            if low.rfind(b"<", start, at) > low.rfind(b">", start, at):
                return True
        at = low.find(b"wall", at + 4)
    return False


def says_so(line: str) -> bool:
    """Whether a line says that the article around it is for subscribers."""
    if len(line) > LINE_MAX:
        return False
    words, low = _words(), line.lower()
    places = (low.find(words.sentences[number]) for number, _ in words.needles.find(low.encode()))
    return any(at <= OPENING and not _is_quoted(line, at) for at in places)


def _is_quoted(line: str, at: int) -> bool:
    return at > 0 and line[:at].rstrip()[-1:] in tuple("\"'“”„‘’«»‹›「『")


def find_sentence(page: Page) -> Wall | None:
    """A sentence that says of this very article that it is for subscribers, whatever holds it; None without one."""
    present = next(_words().needles.find(page.low), None) is not None
    for element in page.tree.iter(*_TEXT_TAGS) if present else ():
        for text in (element.text, element.tail):
            said = " ".join(text.split()) if text and len(text) <= 4 * LINE_MAX else ""
            if said and says_so(said) and _is_shown(element) and not _is_another_story(element):
                return Wall(said[:SHOWN_MAX], _is_inside(element), None)
    return None


def _is_inside(element: HtmlElement) -> bool:
    return next(element.iterancestors("article", "main"), None) is not None


def _is_article(element: HtmlElement) -> bool:
    """Whether the article itself stands in a wrapper with a wall's name."""
    if element.tag in ("article", "main") or next(element.iter("h1"), None) is not None:
        return True
    long = (1 for paragraph in element.iter("p") if len(paragraph.text_content()) > LINE_MAX)
    return sum(itertools.islice(long, 2)) > 1


def _is_another_story(element: HtmlElement) -> bool:
    """Whether the element is, or stands in, the box of another story: a small one with a linked heading."""
    for above in itertools.islice((element, *element.iterancestors()), 4):
        if above.tag in ("article", "main", "body", "html") or len(above.text_content()) > STORY_MAX:
            return False
        for heading in above.iter("h2", "h3", "h4", "h5"):
            if next(heading.iter("a"), None) is not None or next(heading.iterancestors("a"), None) is not None:
                return True
        if above.tag == "li" and next(above.iter("a"), None) is not None:
            return True
    return False


def _is_hidden_by_rule(html: str, element: HtmlElement) -> bool:
    """Whether a style sheet in the page hides one of the element's classes or its id."""
    names = [*(f".{name}" for name in (element.get("class") or "").split()), f"#{element.get('id') or '-'}"]
    return "<style" in html and any(
        re.search(rf"{re.escape(name)}\s*(?:,[^{{}}<>]{{0,200}})?\{{[^{{}}<>]{{0,200}}display\s*:\s*none", html)
        for name in names[:10]
    )


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
        if not _HIDDEN_CLASSES.isdisjoint(marks.lower().split()) or any(mark in marks.lower() for mark in SPOKEN):
            return False
        if _BESIDE.search(marks) or _BESIDE.search(above.get("id") or "") or above.get("role") == "dialog":
            return False
    return True
