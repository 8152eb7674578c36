"""An edition as addresses: every path of one outlet and the bytes, type and time behind it.

Belongs here: what is served when a server behaves. Sockets are for `server`, misbehaviour is for `gallery`.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime

from archiver.demo import assets, feeds, render
from archiver.demo.outlets import Edition

HTML = "text/html; charset=utf-8"
_PICTURE = re.compile(r"/media/([a-z0-9-]+)-(\d+)\.png")


@dataclass(frozen=True)
class Page:
    """What is behind a path. `etag` and `packed` (gzip) are made from `body` once."""

    body: bytes
    content_type: str
    modified: datetime
    chunked: bool = False
    status: int = 200
    fields: tuple[tuple[str, str], ...] = ()
    etag: str = field(init=False)
    packed: bytes | None = field(init=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.body).hexdigest()[:20]
        text = self.content_type.startswith(("text/", "application/", "image/svg"))
        object.__setattr__(self, "etag", digest)
        object.__setattr__(self, "packed", gzip.compress(self.body, 6, mtime=0) if text and self.body else None)


class Site:
    """The pages of one outlet by path. Pictures are drawn when they are first asked for."""

    def __init__(self, edition: Edition) -> None:
        self.edition = edition
        self._pages = _pages(edition)
        self._pictures = {piece.slug for piece in edition.pieces} | _DECORATION

    def put(self, path: str, page: Page) -> None:
        """Show `page` at `path` from here on."""
        self._pages[path] = page

    def find(self, path: str) -> Page | None:
        """The page at `path` (no query), or None."""
        if path not in self._pages and (match := _PICTURE.fullmatch(path)):
            name, width = match[1], int(match[2])
            if name in self._pictures and width in assets.WIDTHS:
                self._pages[path] = Page(assets.png(name, width), "image/png", self.edition.moment)
        return self._pages.get(path)

    def paths(self) -> list[str]:
        """Every path that is not a picture, in the order they were made."""
        return [path for path in self._pages if not path.startswith("/media/")]


_DECORATION = {"ferry-tickets", "tea-house", "carpet-market", "waves", "mountain", "river"}
_STATIC = (
    ("base.css", "text/css"),
    ("courier.css", "text/css"),
    ("hindukush.css", "text/css"),
    ("indus.css", "text/css"),
    ("site.js", "text/javascript; charset=utf-8"),
)


def _pages(edition: Edition) -> dict[str, Page]:
    pages: dict[str, Page] = {}
    now = edition.moment

    def put(path: str, body: str | bytes, content_type: str, modified: datetime = now, chunked: bool = False) -> None:
        content = body if isinstance(body, bytes) else body.encode()
        pages[path] = Page(content, content_type, modified, chunked)

    put("/robots.txt", feeds.robots(edition), "text/plain; charset=utf-8")
    feed_type = "application/atom+xml" if edition.feed_kind == "atom" else "application/rss+xml"
    put(edition.feed_path, feeds.feed(edition), f"{feed_type}; charset=utf-8")
    put("/news-sitemap.xml", feeds.news_sitemap(edition), "application/xml")
    put("/", render.listing(edition, "/", edition.name, render.cards(edition.pieces[:15])), HTML, chunked=True)
    for section, name in edition.sections.items():
        chosen = [piece for piece in edition.pieces if piece.section == section]
        path = f"/section/{section}/"
        put(path, render.listing(edition, path, name, render.cards(chosen)), HTML, chunked=True)
    for number, piece in enumerate(edition.pieces):
        # Every third article is chunked, so that a crawl meets both framings on one connection.
        put(piece.path, render.article(edition, piece), HTML, piece.modified, chunked=number % 3 == 2)
    for name, content_type in _STATIC:
        put(f"/static/{name}", render.text(name), content_type)
    put("/static/logo.svg", assets.svg(edition.id, edition.name.split()[-1][:2].upper()), "image/svg+xml")
    put("/static/lantern.woff", assets.woff(), "font/woff")
    put("/favicon.ico", assets.ico(edition.id), "image/x-icon")
    put("/api/latest.json", feeds.latest_json(edition), "application/json")
    return pages
