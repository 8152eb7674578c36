"""What a page needs to look as it did: images in every size, stylesheets, scripts, fonts, media.

Belongs here: pure functions from a page or stylesheet to URLs. Fetching within budgets is the spider's matter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from archiver.page import Page
from archiver.urls import absolute

REQUISITES_MAX = 300
"""URLs taken from one page or stylesheet; more is a page gone wrong."""

_SOURCES = ("src", "data-src", "data-original", "data-lazy-src", "poster")
_SETS = ("srcset", "imagesrcset", "data-srcset", "data-lazy-srcset")
_TAGS_WITH_SRC = {"img", "script", "source", "video", "audio", "track", "input", "embed"}
_LINK_RELS = {"stylesheet", "icon", "shortcut", "apple-touch-icon", "preload", "mask-icon", "manifest"}
_CSS_URL = re.compile(
    r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)'"\s]+))\s*\)|@import\s+(?:"([^"]+)"|'([^']+)')""", re.IGNORECASE
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NOSCRIPT_IMAGE = re.compile(r"""<img\b[^>]*?\ssrc\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,])(?:\s+[^,]*)?(?:,|$)")


def find_requisites(page: Page) -> list[str]:
    """Absolute URLs in document order, each once, at most `REQUISITES_MAX`."""
    base_tag = page.tree.find(".//base[@href]")
    base = (absolute(base_tag.get("href") or "", page.url) if base_tag is not None else None) or page.url
    return _unique(_of_page(page), base, page.url)


def css_requisites(css: str, url: str) -> list[str]:
    """URLs that a stylesheet at `url` names by `url()` and `@import`."""
    return _unique(_of_css(css), url, url)


def _unique(raw: Iterator[str], base: str, itself: str) -> list[str]:
    found: dict[str, None] = {}
    for text in raw:
        url = absolute(text, base)
        if url and url != itself:
            found.setdefault(url)
        if len(found) >= REQUISITES_MAX:
            break
    return list(found)


def _of_page(page: Page) -> Iterator[str]:
    for element in page.tree.iter():
        if not isinstance(element.tag, str):
            continue
        yield from _of_element(element)
    for match in _NOSCRIPT_IMAGE.finditer(page.html):
        yield match[1]


def _of_element(element: HtmlElement) -> Iterator[str]:
    tag = element.tag
    if tag in _TAGS_WITH_SRC:
        yield from (value for name in _SOURCES if (value := element.get(name)))
    elif tag == "link" and _LINK_RELS & set((element.get("rel") or "").lower().split()):
        yield element.get("href") or ""
    elif tag == "object":
        yield element.get("data") or ""
    elif tag == "meta" and (element.get("property") or element.get("name")) in ("og:image", "twitter:image"):
        yield element.get("content") or ""
    elif tag == "style":
        yield from _of_css(element.text or "")
    for name in _SETS:
        if value := element.get(name):
            yield from (match[1] for match in _CANDIDATE.finditer(value))
    if style := element.get("style"):
        yield from _of_css(style)


def _of_css(css: str) -> Iterator[str]:
    for match in _CSS_URL.finditer(_COMMENT.sub("", css)):
        yield next(group for group in match.groups() if group is not None)
