"""`discover`: the entries of one captured document, whatever it turns out to be.

Belongs here: which reader a document gets, and what holds for all of them. The readers are beside this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from archiver.discovery import feeds, pages, sitemaps
from archiver.discovery.entry import Entry
from archiver.errors import Refused
from archiver.models.exchange import Capture
from archiver.payload import decode
from archiver.reasons import Reason
from archiver.urls import same_site

__all__ = ["ENTRIES_MAX", "Entry", "discover"]

ENTRIES_MAX = 50_000
"""Entries read from one document (the sitemap protocol's own limit); the rest is left out."""

OffSite = Callable[[Entry], None]


def discover(capture: Capture, kind: str, site: str | None = None, *, off_site: OffSite | None = None) -> list[Entry]:
    """The entries of a captured feed, sitemap, robots.txt or listing, each URL once. Raises `Refused`.

    `kind`: feed, news-sitemap, sitemap, robots or listing. Feeds and sitemaps keep their order; the links of a listing come
    with the most article-like first. A feed in the place of a sitemap, or the other way round, is read as what it is. Links to
    other registered domains than that of `site` (a URL; the capture's own by default) are no entries, since feeds carry
    advertising; each is given to `off_site`.
    """
    if capture.pointer.truncated:
        raise Refused(Reason.TRUNCATED, f"the {kind} was cut ({capture.pointer.truncated})")
    if kind == "listing":
        return _unique(pages.read(capture), site or capture.url, off_site)
    content = decode(capture.body, capture.header_values("content-encoding"))
    if kind != "robots":
        content = sitemaps.unpacked(content)
    if not content.strip():
        raise Refused(Reason.EMPTY, f"the {kind} has no bytes")
    return _unique(_reader(content, kind)(content, capture, kind), site or capture.url, off_site)


def _reader(content: bytes, kind: str) -> Callable[[bytes, Capture, str], Iterable[Entry]]:
    if kind == "robots":
        return sitemaps.read_robots
    if feeds.is_json(content):
        return feeds.read_json
    if kind == "feed":
        return sitemaps.read if sitemaps.is_sitemap(content) else feeds.read
    return feeds.read if feeds.is_feed(content) else sitemaps.read


def _unique(entries: Iterable[Entry], site: str, off_site: OffSite | None) -> list[Entry]:
    seen: set[str] = set()
    found = []
    for entry in entries:
        if entry.url in seen:
            continue
        seen.add(entry.url)
        if same_site(entry.url, site):
            found.append(entry)
        elif off_site:
            off_site(entry)
        if len(seen) >= ENTRIES_MAX:
            break
    return found
