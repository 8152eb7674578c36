"""Pages of teasers: front pages, sections, topics, authors' pages.

Belongs here: telling a list from an article, by what is declared for the page itself and by where its text stands.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from archiver.reasons import Reason
from archiver.screen.signs import ARTICLE_TYPE, SECTION_TYPE, SENTENCE_END, SITE_NAME, Signs, Verdict

LISTED = 3
"""Articles that a page declares, none by its own address, from which they are the items of a list."""
CARDS = 8
"""Linked headings that a page of teasers has at least."""
LINES_MAX = 200
_ARTICLE_NAME = re.compile(r"(?:Article|Posting|Report|Review|Recipe)$")
_LIST_KEYS = frozenset(("itemListElement", "hasPart", "blogPost"))
_PAGED = re.compile(
    r"[?&/](?:page|seite|p|pg)[=/]\d+/?$|/(?:tag|tags|topic|topics|thema|themen|category|categories|kategorie|author|authors|autor|search|archive|archiv|rubrik|section)/[^/]+/?$",
    re.IGNORECASE,
)
_DATE_HEAD = etree.XPath(
    "boolean(//meta[@property='article:published_time' or @name='pubdate' or @name='date' or @name='parsely-pub-date'])"
)
_DATE_ITEMS = etree.XPath("//*[@itemprop='datePublished']")


def section(signs: Signs, text: str) -> Verdict | None:
    """A page of teasers: many linked headings, no article declared for the page itself, and little running text.

    Where articles or dates are declared for the items of a list, the text must also be known for their teasers.
    """
    declared = bool(ARTICLE_TYPE.search(signs.linked_data)) or signs.dated
    if declared and (_declares_itself(signs) or _dates_itself(signs)):
        return None
    if len(signs.cards) < CARDS:
        return None
    path = urlsplit(signs.page.url).path
    teasers = max(_led_by_links(signs, text), _boxed(signs, text)) > 0.6
    points = (
        2 * (path.strip("/") == "" and bool(path or not urlsplit(signs.page.url).query))
        + 2 * bool(SECTION_TYPE.search(signs.linked_data))
        + 2 * bool(_PAGED.search(path))
        + (signs.open_graph_type in ("website", "profile"))
        + 2 * (len(signs.cards) >= 12)
        + (len(signs.cards) >= 30)
        + 2 * (_running_share(text) < 0.5)
        + 4 * teasers
        + (len(text) < 600)
    )
    if points >= 6 and (teasers or not declared):
        return (
            Reason.NOT_AN_ARTICLE,
            f"{len(signs.cards)} linked headings, no declared article, {len(text)} characters of text",
        )
    return None


def _declares_itself(signs: Signs) -> bool:
    """Whether JSON-LD has an article that is no item of a list. The blocks are read only where there may be a list."""
    number = len(ARTICLE_TYPE.findall(signs.linked_data))
    if not number or (number < LISTED and not SECTION_TYPE.search(signs.linked_data)):
        return bool(number)
    stack: list[tuple[Any, bool]] = []
    try:
        stack += [(json.loads(block, strict=False), False) for block in signs.blocks]
    except (ValueError, RecursionError):
        return True  # what it declares cannot be told
    own, apart = urlsplit(signs.page.url).path.rstrip("/"), 0
    while stack:
        value, listed = stack.pop()
        if isinstance(value, list):
            stack += [(one, listed) for one in value]
        elif isinstance(value, dict):
            kinds = value.get("@type")
            if any(_ARTICLE_NAME.search(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds])):
                if own and any(_path_of(value.get(key)) == own for key in ("url", "mainEntityOfPage", "@id")):
                    return True
                apart += not listed
            stack += [(one, listed or key in _LIST_KEYS) for key, one in value.items()]
    return 0 < apart < LISTED


def _path_of(value: Any) -> str | None:
    """The path of an address, or of the one that a reference names."""
    if isinstance(value, dict):
        value = value.get("@id")
    try:
        return urlsplit(value).path.rstrip("/") if isinstance(value, str) else None
    except ValueError:
        return None


def _dates_itself(signs: Signs) -> bool:
    """Whether a date of publication stands anywhere but in the boxes of linked headings."""
    if not signs.dated:
        return False
    if signs.page.html.count("datePublished") < LISTED or _DATE_HEAD(signs.tree):
        return True
    boxes = set(signs.boxes)
    return any(
        element not in boxes and boxes.isdisjoint(element.iterancestors()) for element in _DATE_ITEMS(signs.tree)
    )


def _boxed(signs: Signs, text: str) -> float:
    """The share of `text` that stands in boxes of linked headings, where most of these boxes gave a line to it.

    0.0 below a heading that is a whole sentence and has an own line first: then the page is an article, whose teasers were
    taken for its text.
    """
    if len(signs.cards) < 8:
        return 0.0
    lines = [squeezed for line in text.split("\n")[:LINES_MAX] if (squeezed := " ".join(line.split()))]
    boxes = [" ".join(str(box.text_content()).split()) for box in signs.boxes]
    used, inside, outside_first = set[int](), 0, False
    for at, line in enumerate(lines):
        if found := [number for number, box in enumerate(boxes) if line in box]:
            used.update(found)
            inside += len(line)
        elif at < 2 and len(line) > 60:
            outside_first = True
    if 2 * len(used) < len(boxes) or (outside_first and _has_headline(signs)):
        return 0.0
    return inside / max(1, sum(map(len, lines)))


def _has_headline(signs: Signs) -> bool:
    """Whether an `h1` says more than the name of a site or a section does."""
    said = [" ".join(str(heading.text_content()).split()) for heading in list(signs.tree.iter("h1"))[:2]]
    return any(len(text.split()) >= 5 or len(text) >= SITE_NAME for text in said)


def _led_by_links(signs: Signs, text: str) -> float:
    """The share of lines that open with the words of a linked heading: teasers do, paragraphs do not."""
    heads = {head for found in signs.cards if len(head := " ".join(str(found.text_content()).split())) > 12}
    lines = [" ".join(line.split()) for line in text.split("\n") if line.strip()]
    return sum(line.startswith(tuple(heads)) for line in lines) / max(1, len(lines)) if heads else 0.0


def _running_share(text: str) -> float:
    """The share of characters in lines that end as sentences and are longer than a teaser."""
    lines = text.split("\n")
    return sum(len(line) for line in lines if len(line) > 140 and SENTENCE_END.search(line)) / max(1, len(text))
