"""Discovery: from a feed, a sitemap, a robots.txt or a page to entries: links that a site offers, each with its witness.

Belongs here: pure parsing of bytes that were already captured. What is fetched, and when, is decided by the spider.

    entries     Entry, `discover` and its rules: each URL once, other sites' links counted and left out
    feeds       RSS, Atom, RDF and JSON Feed                               (only importer of feedparser)
    sitemaps    sitemaps, news sitemaps, indexes and which of an index's children to ask for
    pages       links of a page, the most article-like first; the feeds that a page names
    shapes      what URLs of articles have in common, for a new source file
"""

from __future__ import annotations

from archiver.discovery.entries import ENTRIES_MAX, Entry, discover
from archiver.discovery.pages import find_feeds
from archiver.discovery.shapes import article_pattern
from archiver.discovery.sitemaps import CHILDREN_MAX, NESTING_MAX, changed_at, choose_children, sitemaps_of_robots

__all__ = [
    "CHILDREN_MAX",
    "ENTRIES_MAX",
    "NESTING_MAX",
    "Entry",
    "article_pattern",
    "changed_at",
    "choose_children",
    "discover",
    "find_feeds",
    "sitemaps_of_robots",
]
