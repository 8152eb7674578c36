"""The headline and its alternative.

Belongs here: the written order. JSON-LD of the page's own entry; else the `h1` nearest to og:title; else og:title or the
title without the site's name. A JSON-LD headline that was cut ("…", or the prefix of an `h1`) gives way to the whole one, and
one that is only the window's title or a part of the `h1` gives way to an `h1` that og:title repeats: what readers saw.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from archiver.extract.structured import Graph, Sweep, agreed, fold, share, squeeze, strangers, text_of

HEADLINE_MAX = 500
ALIKE, ALIKE_ALONE = 0.4, 0.1
"""Shares of common words from which a heading and og:title name one article (measured on hand-labelled pages)."""
_MARKS = re.compile(r"\s+(?:[|•·»«›–—~]|-|::|\|\|)\s+|\s*(?:│|｜)\s*")
_FRONT_PAGE = re.compile(r"(?:(?:https?:)?//[^/?#]+)?/?(?:index\.\w{3,5}|\./?)?(?:#.*)?", re.IGNORECASE)
_KICKER = re.compile(
    r"(?:^|[-_\s])(?:kicker|eyebrow|over-?line|over-?title|super-?title|pre-?title|top-?line|roof-?line|dach-?zeile|spitzmarke|sur-?titre|ante-?titulo|occhiello|label)"
    r"(?:$|[-_\s])",
    re.IGNORECASE,
)
"""Classes of the line above a headline, as newspapers call it."""
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
    nearest = _nearest(headings, social or title)
    declared = _declared(graph)
    if declared:
        declared = without_site(declared, site_names)
    elif microdata:
        declared = _of_page(microdata, [text for text in (nearest, social) if text])
    if declared and fold(declared) not in site_names:
        whole = _as_read(_whole(declared, headings, social, title), nearest, social, title)
        whole = _without_kicker(whole, social)
        alternative = _other(
            whole,
            (graph.text(graph.own[0], "alternativeHeadline", "alternateName") if graph.own else None, social, declared),
        )
        place = "json-ld headline" if _declared(graph) else "microdata headline"
        unlike = nearest if nearest and not _alike(whole, nearest) and not _alike(whole, social or "") else None
        return Headline(whole, place if whole == declared else "h1", alternative, "h1" if unlike else None)
    if nearest and social and len(fold(social)) > 15 and nearest != social and fold(nearest).endswith(fold(social)):
        return Headline(social, "meta og:title", nearest)
    if nearest and fold(nearest) not in site_names and _names(nearest, social, title, alone=len(headings) == 1):
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
        text = _heading_text(element)
        if not text:
            continue
        parent = element.getparent()
        link = parent if parent is not None and parent.tag == "a" else next(element.iter("a"), None)
        if link is not None and _is_front_page(link.get("href") or "-"):
            mastheads.add(fold(text))
        else:
            headings.append(text)
    return frozenset(name for name in mastheads if len(name) > 1), headings


def _heading_text(element: HtmlElement) -> str:
    """The text of an `h1` without the kicker or the time that stands in an element of its own above the headline."""
    whole = text_of(element, 1000)
    if len(element) < 2:
        return whole
    first = element[0]
    if not isinstance(first.tag, str) or not (first.tag == "time" or _KICKER.search(first.get("class") or "")):
        return whole
    label = text_of(first, 1000)
    rest = whole[len(label) :].lstrip(" :|/–—-•·")
    return rest if label and whole.startswith(label) and len(fold(rest)) > 15 else whole


def _is_front_page(href: str) -> bool:
    """Whether a link leads to a site's front page; in a replayed page the site's URL is the end of the link."""
    return bool(_FRONT_PAGE.fullmatch(href[max(href.rfind("http://"), href.rfind("https://"), 0) :].strip()))


def _declared(graph: Graph) -> str | None:
    for node in graph.own:
        text = graph.text(node, "headline") or graph.text(node, "name")
        if text and len(fold(text)) > 1:
            return _unmarked(text)[:HEADLINE_MAX]
    return None


def _of_page(microdata: list[str], titles: list[str]) -> str | None:
    """The first of several that is like a title; else the first, unless heading and og:title agree on quite another."""
    like = (text for text in microdata[:20] if share(text, titles) >= ALIKE or fold(text) in map(fold, titles))
    found = next(like, microdata[0])[:HEADLINE_MAX]
    return None if strangers(found, agreed(titles)) else found


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


def _names(heading: str, social: str | None, title: str | None, *, alone: bool) -> bool:
    """Whether a heading is the article's: og:title is like it, or there is none, or `title` says it and not og:title.

    The last is a page whose og:title names its section or its genre.
    """
    if not social or _alike(heading, social, alone=alone):
        return True
    shown = fold(title or "")
    return len(fold(heading)) > 15 and _holds(shown, fold(heading)) and not _holds(shown, fold(social))


def _holds(left: str, right: str) -> bool:
    return bool(left and right) and (left in right or right in left)


def _as_read(declared: str, nearest: str | None, social: str | None, title: str | None) -> str:
    """`declared`, or the heading that readers saw, where og:title repeats it and `declared` is the window's title or a part of it.

    Such an entry was written for search engines: "What we know about the flood in Bergen" below "The night the river came".
    """
    seen, entry = fold(nearest or ""), fold(declared)
    if nearest and seen == fold(social or "") and seen != entry and (entry == fold(title or "") or entry in seen):
        return social or nearest  # the same letters; where it ends and a kicker begins may show only there
    return declared


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
