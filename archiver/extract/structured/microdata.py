"""Microdata: the `itemprop` values that speak for the page.

Belongs here: reading properties of the page's own item. Read only where JSON-LD and meta tags left something open, since
it costs a walk; values inside comments, persons, images and other works do not count.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from archiver.extract.structured.sweep import squeeze, text_of

_ITEMPROPS = etree.XPath("//*[@itemprop]")
ITEMS_MAX = 2000
ANCESTORS_MAX = 200
_WANTED = frozenset(
    ("headline", "alternativeheadline", "datepublished", "datemodified", "datecreated", "author", "creator", "articlesection",
     "keywords", "inlanguage", "isaccessibleforfree", "license", "copyrightholder", "description")
)  # fmt: skip
_WORKS = ("article", "posting", "review", "report", "creativework", "webpage", "videoobject", "recipe")


@dataclass(slots=True)
class Microdata:
    """Values by lower-case property name, as (text, tag) in document order."""

    values: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def texts(self, name: str) -> list[str]:
        return [text for text, _ in self.values.get(name, ())]


def read_microdata(tree: HtmlElement) -> Microdata:
    """The wanted properties of the first work-like item, or of no item at all."""
    found = Microdata()
    own: HtmlElement | None = None
    for element in _ITEMPROPS(tree)[:ITEMS_MAX]:
        wanted = [name for name in element.get("itemprop").lower().split() if name in _WANTED]
        if not wanted:
            continue
        scope = _scope(element)
        if scope is not None:
            if not _is_work(scope):
                continue
            if own is None:
                own = scope
            if scope is not own and not _is_page(own) and not _is_page(scope):
                continue
            if scope is not own and _is_page(own) and not _is_page(scope):
                own = scope
        value = _value(element)
        if value:
            for name in wanted:
                found.values.setdefault(name, []).append((value, str(element.tag)))
    return found


def _scope(element: HtmlElement) -> HtmlElement | None:
    for above in itertools.islice(element.iterancestors(), ANCESTORS_MAX):
        if above.get("itemscope") is not None:
            return above
    return None


def _is_work(scope: HtmlElement) -> bool:
    kind = (scope.get("itemtype") or "").lower()
    return not kind or any(word in kind for word in _WORKS)


def _is_page(scope: HtmlElement) -> bool:
    return (scope.get("itemtype") or "").lower().endswith("page")


def _value(element: HtmlElement) -> str | None:
    for attribute in ("content", "datetime", "value") if element.tag in ("meta", "data") else ("content", "datetime"):
        text = element.get(attribute)
        if text and text.strip():
            return squeeze(text)
    if element.get("itemscope") is not None:
        inner = element.xpath(".//*[@itemprop='name']")
        if inner:
            return _value(inner[0]) if inner[0].get("itemscope") is None else None
    return text_of(element, 400) or None
