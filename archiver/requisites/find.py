"""From a page or stylesheet to the URLs of what it shows.

Belongs here: pure functions over markup and CSS. All candidates are taken, whatever the size of a screen: the reader of the archive has
another one.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import HtmlElement, fragments_fromstring

from archiver.extract.structured.blocks import load
from archiver.page import Page
from archiver.urls import absolute

REQUISITES_MAX = 300
"""URLs taken from one page or stylesheet; more is a page gone wrong."""

FRAMES_MAX = 20
NOSCRIPT_MAX = 20_000
"""Characters of one noscript element that are read; a lazy image's copy has some hundreds."""

_SOURCES = ("src", "data-src", "data-original", "data-lazy-src", "poster")
_SETS = ("srcset", "imagesrcset", "data-srcset", "data-lazy-srcset")
_TAGS_WITH_SRC = {"img", "script", "source", "video", "audio", "track", "input", "embed"}
_FRAMES = {"iframe", "frame"}
_LINK_RELS = {
    "stylesheet",
    "icon",
    "shortcut",
    "apple-touch-icon",
    "apple-touch-icon-precomposed",
    "preload",
    "modulepreload",
    "mask-icon",
    "manifest",
    "image_src",
}
_META_IMAGES = {
    "og:image",
    "og:image:url",
    "og:image:secure_url",
    "twitter:image",
    "twitter:image:src",
    "thumbnail",
    "msapplication-tileimage",
}
_LAZY = re.compile(
    r"data-[\w-]*(?:src|source|image|img|bg|background|original|poster|lazy|thumb|photo|full|large|hires)"
)
"""Attributes in which scripts find the real address of a picture. Their value must look like one."""
_PICTURE = re.compile(
    r"[^\s\"'<>{}]{1,2000}\.(?:jpe?g|png|gif|webp|avif|svg|bmp|ico)(?:[?#][^\s\"'<>]*)?", re.IGNORECASE
)
_JSON_IMAGES = ("image", "thumbnailUrl", "thumbnail", "logo", "primaryImageOfPage")
_JSON_DEPTH = 8

_CSS_URL = re.compile(
    r"""url\(\s*(?:"([^"]*)"|'([^']*)'|([^)'"\s]+))\s*\)|@import\s+(?:"([^"]+)"|'([^']+)')""", re.IGNORECASE
)
_IMAGE_SET = re.compile(r"""image-set\(((?:[^()"']|"[^"]*"|'[^']*'|\([^()]*\)){0,4000})\)""", re.IGNORECASE)
_SET_MEMBER = re.compile(r"""(?:^|,)\s*(?:"([^"]+)"|'([^']+)')""")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_NOSCRIPT = re.compile(r"<noscript\b[^>]*>(.{1,%d}?)</noscript" % NOSCRIPT_MAX, re.IGNORECASE | re.DOTALL)  # noqa: UP031
_CANDIDATE = re.compile(r"\s*([^\s,]\S*[^\s,])(?:\s+[^,]*)?(?:,|$)")


def find_requisites(page: Page) -> list[str]:
    """Absolute URLs in document order, each once, at most `REQUISITES_MAX`. Frames are `find_frames`'."""
    return _unique(_of_page(page), _base(page), page.url)


def find_frames(page: Page) -> list[str]:
    """Absolute URLs of the pages in frames, each once, at most `FRAMES_MAX`."""
    frames = (element for element in page.tree.iter(*_FRAMES))
    raw = (value for element in frames for name in ("src", "data-src", "data-lazy-src") if (value := element.get(name)))
    return _unique(raw, _base(page), page.url)[:FRAMES_MAX]


def css_requisites(css: str, url: str) -> list[str]:
    """URLs that a stylesheet at `url` names by `url()`, `image-set()` and `@import`."""
    return _unique(_of_css(css), url, url)


def _base(page: Page) -> str:
    tag = page.tree.find(".//base[@href]")
    return (absolute(tag.get("href") or "", page.url) if tag is not None else None) or page.url


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
        if isinstance(element.tag, str):
            yield from _of_element(element)
    for match in _NOSCRIPT.finditer(page.html):  # in the head, and where it was escaped, it is no part of the tree
        if "<img" in match[1] or "&lt;img" in match[1] or "<link" in match[1]:
            yield from _of_fragment(match[1])


def _of_fragment(text: str) -> Iterator[str]:
    """Elements of markup that the page's tree may not hold as elements."""
    try:
        parts = fragments_fromstring(html.unescape(text) if "&lt;" in text else text)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return
    for part in parts:
        if isinstance(part, HtmlElement):
            for element in part.iter():
                if isinstance(element.tag, str):
                    yield from _of_element(element)


def _of_element(element: HtmlElement) -> Iterator[str]:
    tag = element.tag
    if tag in _TAGS_WITH_SRC:
        yield from (value for name in _SOURCES if (value := element.get(name)))
    elif tag == "link" and _LINK_RELS & set((element.get("rel") or "").lower().split()):
        yield element.get("href") or ""
    elif tag == "object":
        yield element.get("data") or ""
    elif tag == "meta" and _meta_name(element) in _META_IMAGES:
        yield element.get("content") or ""
    elif tag == "style":
        yield from _of_css(element.text or "")
    elif tag in ("image", "use", "feimage"):  # in SVG; an address of the page itself is left out with its fragment
        yield from (
            value for name in ("href", "xlink:href") if (value := element.get(name)) and not value.startswith("#")
        )
    elif tag in ("body", "table", "td", "th") and (value := element.get("background")):
        yield value
    if tag == "script" and "ld+json" in (element.get("type") or ""):
        yield from _of_json_ld(element.text or "")
    for name, value in element.items():
        if name in _SETS or (name.startswith("data-") and name.endswith("srcset")):
            yield from (match[1] for match in _CANDIDATE.finditer(value))
        elif name == "style":
            yield from _of_css(value)
        elif name not in _SOURCES and _LAZY.match(name) and _PICTURE.fullmatch(value.strip()):
            yield value


def _meta_name(element: HtmlElement) -> str:
    return (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()


def _of_json_ld(text: str) -> Iterator[str]:
    for document in load(text)[0]:
        yield from _json_images(document, False, 0)


def _json_images(value: Any, picture: bool, depth: int) -> Iterator[str]:
    """Addresses below the keys that name pictures; `picture` says that `value` stands below one."""
    if depth > _JSON_DEPTH:
        return
    if isinstance(value, str):
        if picture and not value.startswith("#"):
            yield value
    elif isinstance(value, list):
        for one in value:
            yield from _json_images(one, picture, depth + 1)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key in _JSON_IMAGES or (picture and key in ("url", "contentUrl")):
                yield from _json_images(one, True, depth + 1)
            elif isinstance(one, dict | list):
                yield from _json_images(one, False, depth + 1)


def _of_css(css: str) -> Iterator[str]:
    bare = _COMMENT.sub("", css)
    for match in _CSS_URL.finditer(bare):
        yield next(group for group in match.groups() if group is not None)
    for choices in _IMAGE_SET.finditer(bare) if "image-set" in bare.lower() else ():
        for match in _SET_MEMBER.finditer(choices[1]):
            yield match[1] or match[2]
