"""Microdata: the `itemprop` values that speak for the page.

Belongs here: reading properties of the page's own item. Read only where JSON-LD and meta tags left something open, since
it costs a walk; values inside comments, persons, images and other works do not count.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from archiver.extract.structured.likeness import ALIKE, agreed, fold, share, strangers
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


def read_microdata(tree: HtmlElement, titles: Sequence[str] = ()) -> Microdata:
    """The wanted properties of the page's own work-like item, of its page item, and of no item at all.

    The own item is the first whose headline is like one of `titles` (what the page calls itself), else the first at all:
    teasers stand before an article and beside it, and are items too.
    """
    found = Microdata()
    taken: list[tuple[HtmlElement | None, list[str], HtmlElement]] = []
    for element in _ITEMPROPS(tree)[:ITEMS_MAX]:
        wanted = [name for name in element.get("itemprop").lower().split() if name in _WANTED]
        if not wanted:
            continue
        scope = _scope(element)
        if scope is None or _is_work(scope):
            taken.append((scope, wanted, element))
    own = _own(taken, titles)
    for scope, wanted, element in taken:
        if scope is not None and scope is not own and not _is_page(scope):
            continue
        value = _value(element)
        if value:
            for name in wanted:
                found.values.setdefault(name, []).append((value, str(element.tag)))
    return found


def _own(taken: list[tuple[HtmlElement | None, list[str], HtmlElement]], titles: Sequence[str]) -> HtmlElement | None:
    """The item that speaks for the page; None where all that have a headline bear another than the page surely has."""
    first: HtmlElement | None = None
    named, spare, strange = agreed(titles), None, set[HtmlElement]()
    for scope, wanted, element in taken:
        if scope is None or _is_page(scope):
            continue
        if first is None:
            first = scope
        if not titles or "headline" not in wanted or not (value := _value(element)):
            continue
        if share(value, titles) >= ALIKE or fold(value) in map(fold, titles):
            return first if first not in strange and _holds(first, scope) else scope
        if strangers(value, named):
            strange.add(scope)
        elif spare is None:
            spare = scope
    return spare if first in strange else first


def _holds(outer: HtmlElement, inner: HtmlElement) -> bool:
    return any(above is outer for above in itertools.islice(inner.iterancestors(), ANCESTORS_MAX))


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
