"""The headline and its alternative.

Belongs here: the written order. JSON-LD of the page's own entry; else the `h1` nearest to og:title; else og:title or the
title without the site's name. A JSON-LD headline that was cut ("…", or the prefix of an `h1`) gives way to the whole one.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from archiver.extract.structured import Graph, Sweep, fold, squeeze, text_of

HEADLINE_MAX = 500
ALIKE, ALIKE_ALONE = 0.4, 0.1
"""Shares of common words from which a heading and og:title name one article (measured on hand-labelled pages)."""
CUT_FROM = 100
"""Characters from which a headline may have been cut for search engines without an ellipsis (they show 110)."""
_MARKS = re.compile(r"\s+(?:[|•·»«›–—~]|-|::|\|\|)\s+|\s*(?:│|｜)\s*")
_FRONT_PAGE = re.compile(r"(?:(?:https?:)?//[^/?#]+)?/?(?:index\.\w{3,5}|\./?)?(?:#.*)?", re.IGNORECASE)
_ELLIPSIS = re.compile(r"\s*(?:…|\.\.\.)$")


@dataclass(frozen=True, slots=True)
class Headline:
    text: str
    place: str
    alternative: str | None = None
    conflict: str | None = None


def find_headline(
    graph: Graph, sweep: Sweep, site_names: frozenset[str], microdata: list[str], tree: HtmlElement
) -> Headline | None:
    """The page's headline with its place; None when the page names none. `site_names` are folded names of the site."""
    social = sweep.first("og:title", "twitter:title", "parsely-title", "sailthru.title", "dc.title", "citation_title")
    social = without_site(social, site_names) if social else None
    mastheads, headings = _headings(sweep)
    site_names |= mastheads
    title = without_site(sweep.title, site_names) if sweep.title else None
    declared = _declared(graph)
    if declared:
        declared = without_site(declared, site_names)
    elif microdata:
        declared = microdata[0][:HEADLINE_MAX]
    nearest = _nearest(headings, social or title)
    if declared and fold(declared) not in site_names:
        whole = _without_kicker(_whole(declared, headings, social, title), social)
        alternative = _other(
            whole, (graph.text(graph.own[0], "alternativeHeadline", "alternateName") if graph.own else None, social)
        )
        place = "json-ld headline" if _declared(graph) else "microdata headline"
        unlike = nearest if nearest and not _alike(whole, nearest) and not _alike(whole, social or "") else None
        return Headline(whole, place if whole == declared else "h1", alternative, "h1" if unlike else None)
    if nearest and social and len(fold(social)) > 15 and nearest != social and fold(nearest).endswith(fold(social)):
        return Headline(social, "meta og:title", nearest)
    if (
        nearest
        and (not social or _alike(nearest, social, alone=len(headings) == 1))
        and fold(nearest) not in site_names
    ):
        return Headline(nearest, "h1", _other(nearest, (social,)))
    if social and fold(social) not in site_names:
        return Headline(social[:HEADLINE_MAX], "meta og:title", None, "h1" if nearest else None)
    if nearest and fold(nearest) not in site_names:
        return Headline(nearest, "h1")
    if not title:
        return None
    inside = _inside_title(tree, title)
    return Headline(inside, "h2") if inside else Headline(title[:HEADLINE_MAX], "title")


def _headings(sweep: Sweep) -> tuple[frozenset[str], list[str]]:
    """(folded site names, texts) of the `h1` elements: one that links to the front page is the site's masthead."""
    mastheads, headings = set[str](), list[str]()
    for element in sweep.headings[:10]:
        text = text_of(element, 1000)
        if not text:
            continue
        parent = element.getparent()
        link = parent if parent is not None and parent.tag == "a" else next(element.iter("a"), None)
        if link is not None and _FRONT_PAGE.fullmatch((link.get("href") or "-").strip()):
            mastheads.add(fold(text))
        else:
            headings.append(text)
    return frozenset(name for name in mastheads if len(name) > 1), headings


def _declared(graph: Graph) -> str | None:
    for node in graph.own:
        text = graph.text(node, "headline") or graph.text(node, "name")
        if text and len(fold(text)) > 1:
            return _unmarked(text)[:HEADLINE_MAX]
    return None


def _unmarked(text: str) -> str:
    return squeeze(re.sub(r"</?[a-zA-Z][^<>]{0,80}>", "", text)) if "<" in text else text


def _inside_title(tree: HtmlElement, title: str) -> str | None:
    """The first smaller heading that is a part of `title`: old themes give the site the `h1` and the article an `h2`."""
    whole = fold(title)
    for element in itertools.islice(tree.iter("h2", "h3"), 30):
        text = text_of(element, 500)
        if 8 <= len(fold(text)) < len(whole) and fold(text) in whole:
            return text
    return None


def _nearest(headings: list[str], wanted: str | None) -> str | None:
    """The heading that shares most words with `wanted`; the first one when there is nothing to compare."""
    usable = [text[:HEADLINE_MAX] for text in headings if 2 <= len(text) <= HEADLINE_MAX]
    if not usable:
        return None
    if not wanted:
        return usable[0]
    return max(usable, key=lambda text: _overlap(text, wanted))


def _overlap(left: str, right: str) -> float:
    a, b = set(left.lower().split()), set(right.lower().split())
    return len(a & b) / max(1, len(a | b))


def _alike(left: str, right: str, *, alone: bool = False) -> bool:
    """Whether two spellings can name one article; less is asked of a heading that stands `alone` on its page."""
    a, b = fold(left), fold(right)
    return bool(a and b) and (a in b or b in a or _overlap(left, right) >= (ALIKE_ALONE if alone else ALIKE))


def _whole(declared: str, headings: list[str], social: str | None, title: str | None) -> str:
    """`declared`, or the longer headline that it was cut from: marked by an ellipsis, or confirmed by two places."""
    short = _ELLIPSIS.sub("", declared)
    start = fold(short)
    if len(start) < 20:
        return declared
    longer = [
        text
        for text in (*headings, social, title)
        if text and fold(text).startswith(start) and len(fold(text)) > len(start)
    ]
    if longer and (
        short != declared or (longer[0] in headings and sum(fold(text) == fold(longer[0]) for text in longer) > 1)
    ):
        return longer[0][:HEADLINE_MAX]
    return declared


def _without_kicker(text: str, social: str | None) -> str:
    """`text` less a kicker ("Olympics: ...") where og:title is exactly the rest."""
    if (
        social
        and len(fold(social)) > 15
        and text != social
        and text.endswith(social)
        and text[: -len(social)].rstrip()[-1:] in tuple(":|–—-•/")
    ):
        return social
    return text


def _other(headline: str, candidates: tuple[str | None, ...]) -> str | None:
    for candidate in candidates:
        if candidate and fold(candidate) != fold(headline):
            return candidate[:HEADLINE_MAX]
    return None


def without_site(text: str, site_names: frozenset[str]) -> str:
    """`text` without the site's name before or after a mark (`|`, `-`, `—`, `»`, ...), where the page names the site."""
    text = squeeze(text)
    for _ in range(3):
        marks = list(_MARKS.finditer(text))
        if not marks:
            break
        head, tail = text[: marks[-1].start()], text[marks[-1].end() :]
        first, rest = text[: marks[0].start()], text[marks[0].end() :]
        if head and fold(tail) in site_names:
            text = head
        elif rest and fold(first) in site_names:
            text = rest
        else:
            break
    return text.strip()
