"""Reading authors from the places a page names them: JSON-LD values, strings of meta tags, byline elements.

Belongs here: which values are names and of what kind. Which place wins is `metadata`'s order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from archiver.extract.authors import names
from archiver.extract.structured import Graph, plain, text_of, types_of
from archiver.models.article import Author
from archiver.urls import absolute

_BYLINES = etree.XPath(
    "//*[@rel='author' or @itemprop='author' or contains(@class,'byline') or contains(@class,'Byline') or contains(@class,'author')"
    " or contains(@class,'Author') or contains(@id,'byline') or contains(@id,'author') or contains(@class,'autor')"
    " or contains(@class,'writer') or contains(@class,'auteur') or contains(@data-testid,'byline') or contains(@data-testid,'author')]"
    "[not(self::script or self::style or self::body or self::html or self::article or self::main or self::meta or self::link or self::img)]"
)
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


@dataclass(slots=True)
class AuthorsFound:
    """`authors` of one place and the place's name for `field_sources`."""

    authors: list[Author] = field(default_factory=list)
    place: str = ""

    @property
    def has_person(self) -> bool:
        return any(author.type == "person" for author in self.authors)


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
        raw_names = [name for one in graph.values(value, "name") if (name := plain(one))]
        if not raw_names and (given := graph.text(value, "givenName")):
            raw_names = [" ".join(filter(None, (given, graph.text(value, "familyName"))))]
        address = graph.text(value, "url", "@id") if len(raw_names) == 1 else None
        for raw in raw_names:
            _add(out, raw, _address(address, base), declared, known)
    return out


def named_authors(values: Iterable[str], known: frozenset[str]) -> list[Author]:
    """Authors in plain strings (meta tags); a value that is a URL names nobody."""
    out: list[Author] = []
    for value in values:
        if value.startswith(("http://", "https://", "//", "/")):
            continue
        _add(out, value, None, None, known)
    return out


def byline_authors(tree: HtmlElement, known: frozenset[str], base: str) -> list[Author]:
    """Authors in byline elements: `rel=author` and `itemprop` first, then classes; the first element that gives a name wins."""
    found: list[tuple[int, HtmlElement]] = []
    for element in _BYLINES(tree)[:400]:
        score = _score(element)
        if score is not None:
            found.append((score, element))
        if len(found) >= _CANDIDATES_MAX:
            break
    found.sort(key=lambda one: one[0])
    out: list[Author] = []
    best: int | None = None
    for score, element in found:
        if best is not None and (score != best or len(out) >= 6):
            break
        text = text_of(element, 400)
        if not 3 <= len(text) <= 200:
            continue
        address = element.get("href") if element.tag == "a" else None
        before = len(out)
        _add(out, text, _address(address, base), None, known)
        if len(out) > before:
            best = score
            if score > 1:
                break
    return out


def _score(element: HtmlElement) -> int | None:
    """0 for declared authors, 1 for author links, then byline classes; None for elements outside the article's head."""
    hops = 0
    for above in element.iterancestors():
        hops += 1
        marks = f"{above.get('class') or ''} {above.get('id') or ''}".lower()
        if above.tag in ("footer", "aside", "nav") or (hops < 6 and any(word in marks for word in _OUTSIDE)):
            return None
        if hops > 12:
            break
    own = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    if any(
        word in own
        for word in ("comment", "authority", "avatar", "image", "photo", "bio", "social", "desc", "info-box", "date")
    ):
        return None
    if element.get("rel") == "author" or element.get("itemprop") == "author":
        return 0
    if "name" in own and ("author" in own or "autor" in own):
        return 1
    if "byline" in own:
        return 2
    return 3


def _add(out: list[Author], raw: str, address: str | None, declared: names.Kind | None, known: frozenset[str]) -> None:
    found = names.split_names(raw)
    seen = {names.fold_name(author.name) for author in out}
    for name in found:
        if names.fold_name(name) in seen or len(out) >= names.PEOPLE_MAX:
            continue
        seen.add(names.fold_name(name))
        kind = names.kind_of(name, declared, known)
        out.append(
            Author(name=name, name_raw=" ".join(raw[:500].split()), url=address if len(found) == 1 else None, type=kind)
        )


def _address(value: str | None, base: str) -> str | None:
    if not value or value.startswith(("#", "_:", "mailto:", "javascript:")):
        return None
    return absolute(value, base)
