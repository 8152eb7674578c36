"""Home pages and sections: their links, the most article-like first, and the feeds that they name.

Belongs here: judging a link by its address, its words and its place on the page. General rules only; what a site needs beyond
them is in its source file's patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from archiver.discovery.entry import Entry, one_line
from archiver.models.exchange import Capture
from archiver.page import Page, parse_page
from archiver.urls import absolute

LINKS_MAX = 10_000
"""Anchors of one page that are looked at."""

FEED_TYPES = {
    "application/rss+xml": "feed",
    "application/atom+xml": "feed",
    "application/rdf+xml": "feed",
    "application/feed+json": "feed",
    "application/json": "feed",
    "text/xml": "feed",
    "application/xml": "feed",
}
_SURE_FEEDS = frozenset({"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"})
_FEEDISH = re.compile(r"(?:^|[/._?=&-])(?:rss|atom|feeds?|rdf|jsonfeed)(?:[/._?=&-]|$)", re.IGNORECASE)

_FURNITURE = {"nav": -4, "footer": -4, "header": -2, "aside": -2, "form": -3}
_ROLES = {"navigation": -4, "contentinfo": -4, "menu": -4, "menubar": -4, "banner": -2, "search": -4}
_STORIES = {"article": 2, "h1": 2, "h2": 2, "h3": 2, "h4": 2, "main": 1}
_ANCESTORS_MAX = 12

_DATE = re.compile(r"/(?:19|20)\d\d(?:[-/_]?(?:0?[1-9]|1[0-2])(?:[-/_]?(?:0?[1-9]|[12]\d|3[01]))?)(?=[/._-]|$)")
_LONG_NUMBER = re.compile(r"\d{4,}")
_WORD_GAP = re.compile(r"[-_+ ]+")
_PAGE_NAME = re.compile(r"\.(?:s?html?|php|aspx?|cms|ece)$", re.IGNORECASE)
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|pdf|mp[34]|m4a|avi|zip|xml|rss|json|js|css|ico|apk|docx?|xlsx?)$", re.IGNORECASE
)
_NO_ARTICLES = frozenset(
    [
        "tag",
        "tags",
        "category",
        "categories",
        "cat",
        "topic",
        "topics",
        "author",
        "authors",
        "writer",
        "search",
        "login",
        "signin",
        "sign-in",
        "signup",
        "register",
        "account",
        "profile",
        "subscribe",
        "subscription",
        "newsletter",
        "newsletters",
        "about",
        "about-us",
        "contact",
        "contact-us",
        "privacy",
        "privacy-policy",
        "terms",
        "terms-of-use",
        "policy",
        "cookies",
        "advertise",
        "advertising",
        "careers",
        "jobs",
        "sitemap",
        "feed",
        "feeds",
        "rss",
        "page",
        "archive",
        "archives",
        "print",
        "share",
        "help",
        "faq",
        "shop",
        "app",
        "apps",
        "live-tv",
        "epaper",
        "e-paper",
        "wp-login.php",
        "wp-admin",
        "cart",
        "donate",
    ]
)


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that a page names: its URL and the title that the page gave it."""

    url: str
    title: str | None = None


def read(capture: Capture) -> Iterator[Entry]:
    """The links of a page, the most article-like first, each with its `score`. Raises `Refused` (see `parse_page`).

    A link that the page shows more than once (picture, headline, "read more") has its best place and its longest words.
    """
    page = parse_page(capture)
    base = base_of(page)
    best: dict[str, Entry] = {}
    for number, anchor in enumerate(page.tree.iter("a")):
        if number >= LINKS_MAX:
            break
        href = (anchor.get("href") or "").strip()
        url = absolute(href, base) if href else None
        if not url or url == capture.url:
            continue
        words = one_line(str(anchor.text_content()))
        entry = Entry(url, "listing", capture.url, words, score=score_of(url, words, anchor))
        best[url] = _merged(best[url], entry) if url in best else entry
    yield from sorted(best.values(), key=lambda entry: -entry.score)


def base_of(page: Page) -> str:
    """What relative links of a page are relative to: its first <base href>, else its own URL."""
    base = page.tree.find(".//base[@href]")
    return (absolute(base.get("href", ""), page.url) if base is not None else None) or page.url


def _merged(one: Entry, other: Entry) -> Entry:
    titles = sorted((entry.claimed_title for entry in (one, other) if entry.claimed_title), key=len, reverse=True)
    return replace(one, claimed_title=titles[0] if titles else None, score=max(one.score, other.score))


def score_of(url: str, words: str | None, anchor: HtmlElement | None = None) -> int:
    """How much a link looks like an article's: above 0 it may be one, from about 5 on it is likely to be one."""
    return _score_of_address(url) + _score_of_words(words) + (_score_of_place(anchor) if anchor is not None else 0)


def _score_of_address(url: str) -> int:
    parts = urlsplit(url)
    path = unquote(parts.path)
    segments = [segment for segment in path.split("/") if segment]
    if not segments and not parts.query:
        return -6
    last = segments[-1] if segments else ""
    score = min(len(segments), 3)
    score += 4 if _DATE.search(path) else 0
    score += 3 if _LONG_NUMBER.search(last) or _LONG_NUMBER.search(parts.query) else 1 if re.search(r"\d", last) else 0
    slug = [word for word in _WORD_GAP.split(_PAGE_NAME.sub("", last)) if len(word) > 1]
    score += 4 if len(slug) >= 5 else 3 if len(slug) >= 3 else 0
    score += 1 if _PAGE_NAME.search(last) else 0
    score -= 6 if _FILE.search(last) else 0
    score -= 5 if any(segment.lower() in _NO_ARTICLES for segment in segments) else 0
    return score


def _score_of_words(words: str | None) -> int:
    if not words:
        return 0
    count = len(words.split())
    return 3 if count >= 7 or len(words) >= 45 else 2 if count >= 4 or len(words) >= 25 else -1 if count <= 2 else 0


def _score_of_place(anchor: HtmlElement) -> int:
    score, story = 0, 0
    for number, element in enumerate(anchor.iterancestors()):
        if number >= _ANCESTORS_MAX or not isinstance(element.tag, str):
            break
        score = min(score, _FURNITURE.get(element.tag, 0), _ROLES.get((element.get("role") or "").lower(), 0))
        story = max(story, _STORIES.get(element.tag, 0))
    if any(isinstance(child.tag, str) and child.tag in _STORIES for child in anchor.iter()):
        story = max(story, 2)
    relation = (anchor.get("rel") or "").lower().split()
    return score + story - (5 if {"tag", "author", "sponsored"} & set(relation) else 0)


def find_feeds(page: Page) -> list[FoundFeed]:
    """The feeds that a page names in <link rel="alternate">, then those that it links to by a telling address; each once."""
    base = base_of(page)
    found: dict[str, FoundFeed] = {}
    for link in page.tree.iter("link"):
        relation = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        href = (link.get("href") or "").strip()
        sure = kind in _SURE_FEEDS or (kind in FEED_TYPES and _FEEDISH.search(href))
        if href and sure and ({"alternate", "feed"} & set(relation)) and (url := absolute(href, base)):
            found.setdefault(url, FoundFeed(url, one_line(link.get("title"))))
    for number, anchor in enumerate(page.tree.iter("a")):
        href = (anchor.get("href") or "").strip()
        if number >= LINKS_MAX:
            break
        if href and _FEEDISH.search(href) and (url := absolute(href, base)):
            found.setdefault(url, FoundFeed(url, one_line(str(anchor.text_content()))))
    return list(found.values())
