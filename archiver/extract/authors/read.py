"""Reading authors from the places a page names them: JSON-LD values, strings of meta tags, byline elements.

Belongs here: which values are names and of what kind. Which place wins is `metadata`'s order.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from lxml.html import HtmlElement

from archiver.extract.authors import names
from archiver.extract.authors.words import fold_name
from archiver.extract.structured import SPOKEN, Graph, plain, text_of, types_of
from archiver.models.article import Author
from archiver.urls import absolute

_BYLINE_MARK = re.compile(r"byline|author|autor|writer|auteur", re.IGNORECASE)
_NO_BYLINES = frozenset(("script", "style", "body", "html", "article", "main", "meta", "link", "img"))
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es|a)?|auteurs?|autore|writers?|contributors?|columnists?|journalists?|reporters?|editors|staff|by)/[^/?#]+/?$",
    re.IGNORECASE,
)
"""Paths of the pages about one author."""
_ROLE_MARK = re.compile(
    r"(?:author|autor|byline|writer)(?:[a-z]*[-_]+(?:[a-z]+[-_]+)?(?:role|job|position|function)|[-_]*(?:profile|info|job)[-_]+title)\b"
)
"""Classes of what an author is. `author-title` is none of them: themes put the name there."""
_HEADING_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "dt", "label", "legend", "caption"))
_PLACE_TYPES = frozenset(("Place", "City", "Country", "State", "AdministrativeArea", "PostalAddress"))
_CANDIDATES_MAX = 60
_OUTSIDE = (
    "comment",
    "footer",
    "related",
    "sidebar",
    "aside",
    "recommend",
    "teaser",
    "bio",
    "widget",
    "newsletter",
    "popular",
    "card",
)
_OUTSIDE_LINKED = ("comment", "related", "sidebar", "recommend", "teaser", "widget", "popular")
_LABEL_TAGS = ("p", "span", "div", "h2", "h3", "h4", "h5", "em", "strong", "b", "i", "small", "li", "address", "td")
_LABELS_MAX = 4000


def linked_data_authors(graph: Graph, node: dict[str, Any], known: frozenset[str], base: str, key: str) -> list[Author]:
    """The authors of a JSON-LD node under `key`: objects, references, strings, and lists of them."""
    out: list[Author] = []
    for value in graph.values(node, key):
        if isinstance(value, str):
            _add(out, value, None, None, known)
            continue
        if not isinstance(value, dict):
            continue
        kinds = types_of(value)
        declared: names.Kind | None = None
        if any("Organization" in kind or kind in ("Corporation", "NewsMediaOrganization") for kind in kinds):
            declared = "organization"
        elif "Person" in kinds:
            declared = "person"
        elif _PLACE_TYPES.intersection(kinds):
            continue
        raw_names = [name for one in graph.values(value, "name") if (name := plain(one))]
        if not raw_names and (given := graph.text(value, "givenName")):
            raw_names = [" ".join(filter(None, (given, graph.text(value, "familyName"))))]
        address = graph.text(value, "url") if len(raw_names) == 1 else None
        for raw in raw_names:
            _add(out, raw, _address(address, base), declared, known, declared_name=True)
    return out


def named_authors(values: Iterable[str], known: frozenset[str]) -> list[Author]:
    """Authors in plain strings (meta tags); a value that is a URL names nobody."""
    out: list[Author] = []
    for value in values:
        if value.startswith(("http://", "https://", "//", "/")):
            continue
        _add(out, value, None, None, known)
    return out


def written_bylines(tree: HtmlElement, known: frozenset[str]) -> list[Author]:
    """Authors in a short text that opens like a byline ("Von Anna Berg", "Autor: ..."), when no markup names them."""
    count = 0
    for element in tree.iter(*_LABEL_TAGS):
        text = element.text
        if not text or not names.opens_like_byline(text):
            continue
        count += 1
        if count > _LABELS_MAX:
            break
        whole = text_of(element, 300, apart=True)
        parent = element.getparent()
        if len(whole) < 20 and parent is not None and names.is_label(whole):
            whole = text_of(parent, 300, apart=True).replace(
                "\n", " "
            )  # "<b>Author</b> Ann Lee": the name stands beside it
        if not 4 <= len(whole) <= 120 or _score(element) is None:
            continue
        out: list[Author] = []
        _add(out, whole, None, None, known)
        if out and names.looks_like_people([author.name for author in out]):
            return out
    return []


def linked_bylines(tree: HtmlElement, known: frozenset[str], base: str) -> list[Author]:
    """Authors by the first link to a page about an author that stands outside asides, menus and lists of other stories."""
    found = (
        (4, link)
        for link in tree.iter("a")
        if _AUTHOR_PAGE.search((link.get("href") or "").partition("?")[0]) and _score(link) is not None
    )
    authors = _first_named(list(itertools.islice(found, _CANDIDATES_MAX)), known, base)
    return authors if names.looks_like_people([author.name for author in authors]) else []


def byline_authors(tree: HtmlElement, known: frozenset[str], base: str, *, weak: bool = True) -> list[Author]:
    """Authors in byline elements: `rel=author` and `itemprop` first, then classes; the first element that gives a name wins.

    Without `weak` only places count that hold names by their declaration.
    """
    found: list[tuple[int, HtmlElement]] = []
    for element in _marked(tree):
        score = _score(element)
        if score is not None and (weak or score < 3):
            found.append((score, element))
        if len(found) >= _CANDIDATES_MAX:
            break
    found.sort(key=lambda one: one[0])
    outer = _enclosing([element for _, element in found])
    inner = [one for one in found if one[1] not in outer]
    return _first_named(inner, known, base) or _first_named(found, known, base)


def _marked(tree: HtmlElement) -> Iterator[HtmlElement]:
    """Elements that attributes call a byline or an author, at most 400. A loop costs a fifth of the same XPath."""
    count = 0
    for element in tree.iter("*"):
        get = element.get
        named = (
            ((value := get("class")) and _is_byline(value))
            or ((value := get("id")) and _is_byline(value))
            or ((value := get("rel")) and _is_byline(value))
            or ((value := get("itemprop")) and _is_byline(value))
            or ((value := get("data-testid")) and _is_byline(value))
        )
        if named and element.tag not in _NO_BYLINES:
            yield element
            count += 1
            if count >= 400:
                return


@lru_cache(maxsize=8192)
def _is_byline(marks: str) -> bool:
    return bool(_BYLINE_MARK.search(marks[:300]))


def _enclosing(elements: list[HtmlElement]) -> set[HtmlElement]:
    """Those of `elements` that hold another one: the inner one is the better label."""
    known, out = set(elements), set()
    for element in elements:
        for hops, above in enumerate(element.iterancestors()):
            if above in known:
                out.add(above)
            if hops > 6:
                break
    return out


def _first_named(found: list[tuple[int, HtmlElement]], known: frozenset[str], base: str) -> list[Author]:
    """The names of the first element that gives any, and of its siblings of the same kind."""
    out: list[Author] = []
    first: tuple[int, HtmlElement] | None = None
    for score, element in found:
        if first is not None and not (score == first[0] and len(out) < 12 and _siblings(element, first[1])):
            continue
        text = text_of(element, 400, apart=True)
        if not 2 <= len(text) <= 200:
            continue
        address = element.get("href") if element.tag == "a" else None
        before = len(out)
        _add(out, text, _address(address, base), None, known, declared_name=score < 2)
        if first is None and len(out) > before:
            first = (score, element)
    return out


def _siblings(one: HtmlElement, other: HtmlElement) -> bool:
    """Whether two elements look alike and stand side by side, or as cousins (`li > a`)."""
    if one.tag != other.tag or one.get("class") != other.get("class"):
        return False
    parent, aunt = one.getparent(), other.getparent()
    if parent is None or aunt is None:
        return False
    return parent is aunt or (parent.getparent() is not None and parent.getparent() is aunt.getparent())


def _score(element: HtmlElement) -> int | None:
    """0 for declared authors, 1 for author links, then byline classes; None for elements outside the article's head."""
    linked = element.get("rel") == "author"
    for hops, above in enumerate(element.iterancestors()):
        marks = f"{above.get('class') or ''} {above.get('id') or ''}".lower()
        if above.tag in ("aside", "nav") or (
            hops < 5 and any(word in marks for word in (_OUTSIDE_LINKED if linked else _OUTSIDE))
        ):
            return None
        if above.tag == "footer" and not linked:
            return None
        if hops > 12:
            break
    own = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    if any(mark in own for mark in SPOKEN) and _heads(element):
        return None
    if any(
        word in own
        for word in ("comment", "authority", "avatar", "image", "photo", "bio", "social", "desc", "info-box", "date")
    ) or _ROLE_MARK.search(own):
        return None
    if linked or element.get("itemprop") == "author":
        return 0
    if ("name" in own or "vcard" in own) and ("author" in own or "autor" in own):
        return 1
    if "byline" in own:
        return 2
    return 3


def _heads(element: HtmlElement) -> bool:
    """Whether an element that only screen readers see is the heading of what follows it, not a name."""
    if element.tag in _HEADING_TAGS:
        return True
    own, above = element.get("id"), element.getparent()
    return own is not None and above is not None and own in (above.get("aria-labelledby") or "").split()


def _add(
    out: list[Author],
    raw: str,
    address: str | None,
    declared: names.Kind | None,
    known: frozenset[str],
    *,
    declared_name: bool = False,
) -> None:
    """Append the names in `raw`. `declared_name`: the place holds nothing but a name, so a user name in small letters counts."""
    found, people = names.split_names(raw, declared_name), False
    seen = {fold_name(author.name) for author in out}
    for name in found:
        if fold_name(name) in seen or len(out) >= names.PEOPLE_MAX:
            continue
        seen.add(fold_name(name))
        kind = names.kind_of(name, declared, known)
        if people and kind == "organization" and names.is_publisher(name, known):
            continue  # "Ann Lee, The Gull" in the Gull: where she works
        people = people or kind == "person"
        out.append(
            Author(name=name, name_raw=" ".join(raw[:500].split()), url=address if len(found) == 1 else None, type=kind)
        )


def _address(value: str | None, base: str) -> str | None:
    if not value or value.startswith(("#", "_:", "mailto:", "javascript:")):
        return None
    return absolute(value, base)
