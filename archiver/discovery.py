"""From a feed, a sitemap or a listing page to entries: links that a site offers, each with its witness.

Belongs here: pure parsing of bytes that were already captured. What is fetched, and when, is decided by the spider.
(Only importer of feedparser.)
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import feedparser
from lxml import etree
from lxml.html import HtmlElement

from archiver.errors import Refused
from archiver.models.base import rfc3339
from archiver.models.exchange import Capture
from archiver.page import parse_page
from archiver.payload import DECODED_MAX, decode
from archiver.reasons import Reason
from archiver.urls import absolute, same_site

ENTRIES_MAX = 50_000
"""Entries read from one document (the sitemap protocol's own limit); the rest is left out."""

_SITEMAP_NAMES = {"loc", "lastmod", "title", "publication_date"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A link that a feed, sitemap or page offered. `claimed_*` is what the witness said, raw; `is_index` marks a sitemap."""

    url: str
    kind: str
    witness: str
    claimed_title: str | None = None
    claimed_date: str | None = None
    is_index: bool = False

    def as_discovered(self, seen_at: datetime) -> dict[str, Any]:
        """The `discovered` object of records.md 2."""
        return {
            "kind": self.kind,
            "url": self.witness,
            "seen_at": rfc3339(seen_at),
            "claimed_title": self.claimed_title,
            "claimed_date": self.claimed_date,
        }


def discover(
    capture: Capture, kind: str, site: str | None = None, *, off_site: Callable[[Entry], None] | None = None
) -> list[Entry]:
    """The entries of a captured feed, sitemap or listing, in document order, each URL once. Raises `Refused`.

    `kind`: feed, news-sitemap, sitemap or listing. Links to other registered domains than that of `site` (a URL; the
    capture's own by default) are no entries, since feeds carry advertising; each is given to `off_site`.
    """
    if capture.pointer.truncated:
        raise Refused(Reason.TRUNCATED, f"the {kind} was cut ({capture.pointer.truncated})")
    if kind == "listing":
        return _unique(_listing(capture), site or capture.url, off_site)
    content = decode(capture.body, capture.header_values("content-encoding"))
    if not content.strip():
        raise Refused(Reason.EMPTY, f"the {kind} has no bytes")
    reader = _feed if kind == "feed" else _sitemap
    return _unique(reader(content, capture, kind), site or capture.url, off_site)


def _unique(entries: Iterable[Entry], site: str, off_site: Callable[[Entry], None] | None) -> list[Entry]:
    seen: dict[str, bool] = {}
    found = []
    for entry in entries:
        if entry.url in seen:
            continue
        seen[entry.url] = ours = same_site(entry.url, site)
        if ours:
            found.append(entry)
        elif off_site:
            off_site(entry)
        if len(seen) >= ENTRIES_MAX:
            break
    return found


def _feed(content: bytes, capture: Capture, kind: str) -> Iterable[Entry]:
    headers = {"content-type": capture.header("content-type") or "application/xml", "content-location": capture.url}
    parsed = feedparser.parse(io.BytesIO(content), response_headers=headers, sanitize_html=False)
    if not parsed.entries and (parsed.bozo or not parsed.version):
        why = parsed.get("bozo_exception")
        raise Refused(Reason.FEED_UNREADABLE, f"no feed: {why}" if why else "no feed")
    for item in parsed.entries:
        link = str(item.get("link") or item.get("id") or "").strip()
        url = absolute(link, capture.url) if link else None
        if url:
            date = item.get("published") or item.get("updated")
            yield Entry(url, kind, capture.url, item.get("title") or None, date or None)


def _sitemap(content: bytes, capture: Capture, kind: str) -> Iterable[Entry]:
    if content.startswith(b"\x1f\x8b"):
        content = _gunzip(content)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(Reason.FEED_UNREADABLE, f"no sitemap: {error}") from None
    if root is None or _name(root) not in ("urlset", "sitemapindex"):
        raise Refused(Reason.FEED_UNREADABLE, "no sitemap: neither <urlset> nor <sitemapindex> at the top")
    is_index = _name(root) == "sitemapindex"
    for element in root:
        words = {_name(child): (child.text or "").strip() for child in element.iter() if _name(child) in _SITEMAP_NAMES}
        url = absolute(words["loc"], capture.url) if words.get("loc") else None
        if url:
            date = words.get("publication_date") or words.get("lastmod") or None
            yield Entry(url, kind, capture.url, words.get("title") or None, date, is_index)


def _gunzip(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            plain = stream.read(DECODED_MAX + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Refused(Reason.FEED_UNREADABLE, f"damaged gzip: {error}") from None
    if len(plain) > DECODED_MAX:
        raise Refused(Reason.TOO_LARGE, f"the sitemap decodes to more than {DECODED_MAX} bytes")
    return plain


def _name(element: Any) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _listing(capture: Capture) -> Iterable[Entry]:
    page = parse_page(capture)
    base = page.tree.find(".//base[@href]")
    root = absolute(base.get("href", ""), capture.url) if base is not None else capture.url
    for anchor in page.tree.iter("a"):
        href = (anchor.get("href") or "").strip()
        url = absolute(href, root or capture.url) if href else None
        if url and url != capture.url:
            yield Entry(url, "listing", capture.url, _anchor_text(anchor))


def _anchor_text(anchor: HtmlElement) -> str | None:
    return re.sub(r"\s+", " ", str(anchor.text_content())).strip()[:500] or None
