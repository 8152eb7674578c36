"""Which parts of a page belong to other articles, to the whole site or to nobody: dates there are not this article's.

Belongs here: an element and the heading in, yes or no out. No dates are read.
"""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

from lxml.html import HtmlElement

from archiver.extract.structured import text_of

LIST_MAX = 160
"""Letters of a list that is a byline and a date."""
NAME_MAX = 35
"""Letters of an author's or a section's name; a longer link leads to a story."""
CARD_MAX, CARD_ELEMENTS_MAX = 300, 80
"""Letters and elements of a box that shows another story: a linked headline, a time, a few words."""
_ELSEWHERE = (
    "related", "sidebar", "comment", "teaser", "recommend", "widget", "footer", "promo", "popular", "latest", "newsletter", "more-", "card",
    "weather", "event", "ticker", "archive", "calendar",
)  # fmt: skip
_CHROME = ("aside", "footer", "nav")
_SITE_HEAD = re.compile(r"top-?bar|site-?header|header-?top|nav-?bar|mast-?head|\btoday|current-?date", re.IGNORECASE)
"""Marks of what stands above every page of a site. Today's date stands there."""


def elsewhere(element: HtmlElement, heading: HtmlElement | None, *, lists: bool) -> bool:
    """Whether `element` stands in a part of the page that belongs to other articles, to the whole site or to nobody."""
    if in_site_head(element, heading):
        return True
    for hops, above in enumerate(element.iterancestors()):
        if above.tag in _CHROME or (lists and above.tag == "li" and not _is_meta_list(above)):
            return True
        if above.tag in ("body", "html"):
            return False
        if (hops < 7 and _kinds(marks_of(above))[0]) or in_site_head(above, heading):
            return True
        if hops > 14 or above.tag in ("article", "main"):
            return False
    return False


def in_card(element: HtmlElement, around: frozenset[HtmlElement]) -> bool:
    """Whether `element` belongs to another story: in an `article` beside the one that holds the heading, or in a small box
    with a linked headline. `around` are the elements that hold the heading."""
    framed = any(one.tag == "article" for one in around)
    for hops, box in enumerate(element.iterancestors()):
        if box in around or box.tag in ("body", "main"):
            return False
        if framed and box.tag == "article":
            return True
        if hops < 5 and _is_small(box) and _has_linked_headline(box):
            return True
    return False


def _is_small(box: HtmlElement) -> bool:
    elements = sum(1 for _ in itertools.islice(box.iter(), CARD_ELEMENTS_MAX + 1))
    return elements <= CARD_ELEMENTS_MAX and len(text_of(box, CARD_MAX + 1)) <= CARD_MAX


def _has_linked_headline(box: HtmlElement) -> bool:
    return any(
        next(one.iter("a"), None) is not None
        or any(above.tag == "a" for above in itertools.islice(one.iterancestors(), 3))
        for one in box.iter("h2", "h3", "h4")
    )


def in_site_head(element: HtmlElement, heading: HtmlElement | None) -> bool:
    """Whether `element` is what a site puts above every article: a header, a bar, today's date.

    The `header` that holds the heading, or that is part of an `article` or of `main`, is the article's own.
    """
    if not isinstance(element.tag, str) or element.tag in ("body", "html"):
        return False
    if not (element.tag == "header" or _kinds(marks_of(element))[1] or element.get("role") == "banner"):
        return False
    return not any(one.tag in ("article", "main") for one in element.iterancestors()) and _above(element, heading)


def marks_of(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


@lru_cache(maxsize=8192)
def _kinds(marks: str) -> tuple[bool, bool]:
    """Whether classes and id speak of other articles, and of what stands above every page."""
    lowered = marks.lower()
    return any(word in lowered for word in _ELSEWHERE), bool(_SITE_HEAD.search(lowered[:300]))


def _above(element: HtmlElement, heading: HtmlElement | None) -> bool:
    """Whether `element` ends before `heading` begins; without a heading, whether it holds none of its own."""
    if heading is None:
        return next(element.iter("h1", "h2"), None) is None
    mine, its = ([*reversed([*one.iterancestors()]), one] for one in (element, heading))
    for depth, (left, right) in enumerate(zip(mine, its, strict=False)):
        if left is not right:
            parent = mine[depth - 1]
            return depth > 0 and parent.index(left) < parent.index(right)
    return False


def _is_meta_list(item: HtmlElement) -> bool:
    """Whether the list around `item` is a byline and a date: short, with two times at most and no link as long as a headline."""
    around = item.getparent()
    if around is None or sum(1 for _ in itertools.islice(around.iter("time"), 3)) > 2:
        return False
    if len(text_of(around, LIST_MAX * 2)) > LIST_MAX or next(around.iter("h2", "h3", "h4"), None) is not None:
        return False
    return not any(len(text_of(link, 100)) > NAME_MAX for link in around.iter("a"))
