"""One pass over the tree: every element that carries metadata, gathered once for all readers.

Belongs here: collecting, with bounds, without judging. Which of two titles is right is decided in `metadata`; what a
JSON-LD block means is read in `jsonld`. The tree is never changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml.html import HtmlElement

VALUE_MAX = 20_000
"""Characters of one attribute or text beyond which a value is cut: no honest title or name is longer."""
META_MAX = 1000
HEADINGS_MAX = 40
TIMES_MAX = 200
JSON_LD_MAX = 100

SPOKEN = ("sr-only", "visually-hidden", "visuallyhidden", "screen-reader", "screenreader", "a11y-hidden")
"""Parts of the classes of what only screen readers say, in lower case."""
_SILENT = frozenset(("script", "style", "noscript", "template", "svg"))
_BREAKS = frozenset(("br", "p", "div", "li", "tr", "td", "h1", "h2", "h3", "h4", "section", "header"))
_RAISED = frozenset(("sub", "sup"))
_DEPTH_MAX = 200
_BLOCK = "\x00"
"""Stands for a block boundary while text is gathered; pages hold no NUL (`parse_page` removes control characters)."""

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class PageLink:
    """A `link` element: lower-case `rel` words, `href` as written, lower-case `type`."""

    rel: frozenset[str]
    href: str
    type: str


@dataclass(slots=True)
class Sweep:
    """What one pass found, in document order. `meta` maps a lower-case name or property to its contents."""

    html_lang: str | None = None
    base_href: str | None = None
    title: str | None = None
    meta: dict[str, list[str]] = field(default_factory=dict)
    open_graph: list[tuple[str, str]] = field(default_factory=list)
    links: list[PageLink] = field(default_factory=list)
    headings: list[HtmlElement] = field(default_factory=list)
    times: list[HtmlElement] = field(default_factory=list)
    json_ld: list[str] = field(default_factory=list)

    def first(self, *names: str) -> str | None:
        """The first non-empty content among `names`, tried in order."""
        for name in names:
            values = self.meta.get(name)
            if values:
                return values[0]
        return None

    def named(self, *names: str) -> Iterator[tuple[str, str]]:
        """(name, content) for every value of each name, in the order of `names`."""
        for name in names:
            for value in self.meta.get(name, ()):
                yield name, value


def squeeze(text: str) -> str:
    """`text` cut to `VALUE_MAX`, runs of white space as one space, ends trimmed."""
    return _SPACE.sub(" ", text[:VALUE_MAX]).strip()


def text_of(element: HtmlElement, limit: int = VALUE_MAX, *, apart: bool = False) -> str:
    """The visible text under `element`: scripts, styles and comments left out, at most `limit` characters.

    Words of neighbouring blocks never run together. `apart` suits labels ("By" beside a name): a space at every element
    boundary, which would split words with decorated letters, and a newline between blocks.
    """
    if not len(element):
        return squeeze(element.text or "")
    parts: list[str] = []
    _collect(element, parts, limit, 0, apart)
    if not apart:
        return squeeze("".join(parts))
    return "\n".join(line for part in "".join(parts).split(_BLOCK) if (line := squeeze(part)))


def _collect(element: HtmlElement, parts: list[str], room: int, depth: int, apart: bool) -> int:
    """Append the texts below `element`; returns how many characters may still follow."""
    if not isinstance(element.tag, str) or element.tag in _SILENT or depth > _DEPTH_MAX:
        return room
    if depth:
        _part(parts, element, apart)
    room -= _append(parts, element.text, raised=element.tag in _RAISED)
    for child in element:
        if room <= 0:
            return room
        room = _collect(child, parts, room, depth + 1, apart)
        if child.tail:
            _part(parts, child, apart)
            room -= _append(parts, child.tail)
    return room


def _part(parts: list[str], element: HtmlElement, apart: bool) -> None:
    if element.tag in _BREAKS:
        parts.append(_BLOCK if apart else " ")
    elif apart:
        parts.append(" ")


def _append(parts: list[str], text: str | None, *, raised: bool = False) -> int:
    """A capital or a figure right after a small letter of another element is a new word: "Demo" + "Der", "springs" + "20 Nov".

    Figures that are `raised` or lowered belong to their letter ("m²").
    """
    if not text:
        return 0
    if parts and parts[-1] and parts[-1][-1].islower() and (text[0].isupper() or (text[0].isdigit() and not raised)):
        parts.append(" ")
    parts.append(text)
    return len(text)


def sweep(tree: HtmlElement) -> Sweep:
    """Gather the metadata elements of `tree`. Costs one C-level walk; every list is bounded."""
    found = Sweep(html_lang=_language_attribute(tree))
    count = 0
    for element in tree.iter("meta", "link", "title", "script", "h1", "time", "base"):
        tag = element.tag
        if tag == "meta":
            count += 1
            if count <= META_MAX:
                _take_meta(found, element)
        elif tag == "script":
            _take_script(found, element)
        elif tag == "link":
            if len(found.links) < META_MAX and (rel := element.get("rel")):
                _take_link(found, element, rel)
        elif tag == "time":
            if len(found.times) < TIMES_MAX:
                found.times.append(element)
        elif tag == "h1":
            if len(found.headings) < HEADINGS_MAX:
                found.headings.append(element)
        elif tag == "title":
            if found.title is None and not _inside_svg(element):
                found.title = squeeze(element.text or "") or None
        elif found.base_href is None:
            found.base_href = element.get("href")
    return found


def _take_meta(found: Sweep, element: HtmlElement) -> None:
    content = element.get("content")
    if content is None:
        content = element.get("value")
    if not content:
        return
    value = squeeze(content)
    if not value:
        return
    prop, name = element.get("property"), element.get("name")
    for key in {prop, name, element.get("http-equiv")}:
        if key:
            found.meta.setdefault(key[:100].strip().lower(), []).append(value)
    if name == "parsely-page" and value.startswith("{"):
        _take_parsely(found, value)
    shown = prop or name
    if shown and len(shown) < 100 and (prop or ":" in shown) and not shown.lower().startswith("twitter"):
        found.open_graph.append((shown, value))


def _take_parsely(found: Sweep, value: str) -> None:
    """`parsely-page` holds one JSON object; its plain fields are taken as `parsely-FIELD`."""
    try:
        fields = json.loads(value, strict=False)
    except (ValueError, RecursionError):
        return
    for name in ("title", "pub_date", "author", "section"):
        if isinstance(fields.get(name), str) and fields[name].strip():
            found.meta.setdefault(f"parsely-{name.replace('_', '-')}", []).append(squeeze(fields[name]))


def _take_script(found: Sweep, element: HtmlElement) -> None:
    kind = element.get("type")
    if kind and "ld+json" in kind.lower() and len(found.json_ld) < JSON_LD_MAX:
        text = element.text
        if text and text.strip():
            found.json_ld.append(text.strip())


def _take_link(found: Sweep, element: HtmlElement, rel: str) -> None:
    href = element.get("href")
    if href and len(href) < VALUE_MAX:
        words = frozenset(rel[:200].lower().split())
        found.links.append(PageLink(words, href.strip(), (element.get("type") or "").lower()))


def _language_attribute(tree: HtmlElement) -> str | None:
    for name in ("lang", "xml:lang", "{http://www.w3.org/XML/1998/namespace}lang"):
        value = tree.get(name)
        if value and value.strip():
            return str(value.strip()[:60])
    return None


def _inside_svg(element: HtmlElement) -> bool:
    parent = element.getparent()
    return parent is not None and parent.tag in ("svg", "symbol", "g", "path")
