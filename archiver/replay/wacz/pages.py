"""The page lists of a package: articles as its pages, cited posts as further pages.

Belongs here: lines of `pages.jsonl` and `extraPages.jsonl` (json-pages-1.0).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from archiver.models import Article
from archiver.models.post import Post
from archiver.replay.needs import Found
from archiver.urls import surt_key

FORMAT = "json-pages-1.0"
TITLE_MAX = 160


def page_lines(articles: Iterable[Article]) -> bytes:
    """A header and a line for each article: URL and time of its capture, headline, ids, text."""
    pages = (
        {
            "url": article.url,
            "ts": seconds(article.capture.fetch_time),
            "title": article.headline or article.url,
            "id": article.id,
            "version_id": article.version_id,
            "text": article.article_body,
        }
        for article in articles
    )
    return _lines("pages", "Articles", pages)


def bare_lines(found: Iterable[Found]) -> bytes:
    """A header and a line for each HTML page, for packages without articles."""
    pages = (
        {"url": one.values["url"], "ts": one.values["fetch_time"][:19] + "Z", "title": one.values["url"]}
        for one in found
        if one.values.get("status") == "200" and one.values.get("mime") == "text/html"
    )
    return _lines("pages", "Pages", pages)


def post_lines(
    posts: Iterable[Post], address: Callable[[Post], tuple[str, datetime] | None], *, alone: bool = False
) -> bytes:
    """A header and a line for each post that has something to open: `address` gives its URL in the package and its time.

    `alone`: the package holds no article, so that posts are its pages.
    """
    pages = (
        {"url": place[0], "ts": seconds(place[1]), "title": post_title(post), "id": post.id, "text": post.text or ""}
        for post in posts
        if (place := address(post))
    )
    return _lines("pages", "Posts", pages) if alone else _lines("extra", "Posts that the articles cite", pages)


def seconds(moment: datetime) -> str:
    """RFC 3339 in whole seconds, which is what an index's 14 digits say."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def openable(url: str, keys: set[str]) -> bool:
    """Whether the package's index has a line for a URL."""
    return surt_key(url) in keys


def post_title(post: Post) -> str:
    """Who wrote it, and its first words."""
    who = post.author.name or post.author.username or post.platform
    words = " ".join((post.text or "").split())
    return f"{who}: {words}"[:TITLE_MAX]


def _lines(name: str, title: str, pages: Iterable[dict[str, Any]]) -> bytes:
    header = {"format": FORMAT, "id": name, "title": title, "hasText": True}
    return b"".join(
        json.dumps(page, ensure_ascii=False).encode("utf-8", "replace") + b"\n" for page in [header, *pages]
    )
