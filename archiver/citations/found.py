"""What the passes over a page hand to each other: one sighting of a post, before places and duplicates are settled.

Belongs here: the type, and reading URLs out of attribute values. Which element is asked is the passes' business.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote

from lxml.html import HtmlElement

from archiver import platforms
from archiver.models.article import EmbeddedAuthor
from archiver.platforms import PostRef

Kind = Literal["embed", "link", "quote", "image"]

VALUE_MAX = 100_000
"""Characters of one attribute value that are looked at; what stands behind them is ignored."""

TEXT_MAX = 10_000
"""Characters of an embed's own text that a Citation keeps."""

FINDINGS_MAX = 2_000
"""Sightings of one page that are kept; a page with more is no article."""

_URL = re.compile(r"(?:https?:|at:)?(?://|%2f%2f)[^\s\"'<>\\)]{6,2083}", re.IGNORECASE)
_WAYBACK = re.compile(
    r"^https?://(?:web\.archive\.org/web/\d{4,14}[a-z_]*/|archive\.(?:ph|today|is|md|li|vn|fo)/(?:\d{4,14}/|o/\w+/)?)(?=https?:?/)",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\u002f|\\/", re.IGNORECASE)


@dataclass(slots=True)
class Finding:
    """One sighting. `element` is where it stands; a sighting that only a script holds has its script there."""

    kind: Kind
    platform: str
    ref: PostRef | None
    element: HtmlElement
    markup: str
    attribute: str | None = None
    url_raw: str | None = None
    text: str | None = None
    author: EmbeddedAuthor | None = None
    label: str = ""
    paragraph: int | None = None
    note: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str] | None:
        return self.ref.key if self.ref else None


def post_at(value: str) -> PostRef | None:
    """The post that one URL shows, through brokers, redirectors and archives; percent-decoding up to twice."""
    candidate = _WAYBACK.sub("", value.strip())
    for _ in range(3):
        if found := platforms.match(candidate):
            return found
        inner = platforms.unwrap(candidate)
        decoded = inner or (unquote(candidate) if "%" in candidate else candidate)
        if decoded == candidate:
            return None
        candidate = decoded
    return None


def posts_in(value: str) -> Iterator[tuple[PostRef, str]]:
    """Every post named in an attribute's value (a URL, an encoded URL, JSON, a query), with the URL as it stands there."""
    value = value[:VALUE_MAX]
    if len(value) < 2083 and (whole := post_at(value)):
        yield whole, value.strip()
        return
    text = _ESCAPED.sub("/", value)
    if "&" in text:
        text = html.unescape(text)
    for match in _URL.finditer(text):
        url = match[0]
        if url[:3].lower() == "%2f":
            url = unquote(url)
        if found := post_at(url.rstrip(".,;")):
            yield found, url
