"""Feeds, news sitemap, robots.txt and the JSON that the pages' script fetches.

Belongs here: machine-readable lists of an edition, as text. The newest pieces are in the feed, all of them in the sitemap.
"""

from __future__ import annotations

import json
from email.utils import format_datetime
from html import escape

from archiver.demo.outlets import Edition, Piece

FEED_LENGTH = 12


def feed(edition: Edition) -> str:
    """Atom 1.0 or RSS 2.0, whichever the outlet has."""
    return _atom(edition) if edition.feed_kind == "atom" else _rss(edition)


def news_sitemap(edition: Edition) -> str:
    """Sitemap protocol 0.9 with the news extension; every piece."""
    rows = "".join(_sitemap_row(edition, piece) for piece in edition.pieces)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{rows}</urlset>\n'
    )


def robots(edition: Edition) -> str:
    """Rules for everybody: search, print and account pages are closed, the rest is open."""
    return (
        f"# {edition.name}\nUser-agent: *\nDisallow: /search\nDisallow: /print/\nDisallow: /account/\n"
        f"Disallow: /gallery/robots-disallowed\nAllow: /\n\nSitemap: {edition.url('/news-sitemap.xml')}\n"
    )


def latest_json(edition: Edition) -> str:
    """What `static/site.js` fetches to fill the box of latest headlines."""
    items = [{"url": piece.path, "title": piece.headline, "lang": piece.language} for piece in edition.pieces[:5]]
    return json.dumps({"updated": edition.moment.isoformat(), "items": items}, ensure_ascii=False, indent=1) + "\n"


def _sitemap_row(edition: Edition, piece: Piece) -> str:
    return (
        f"<url><loc>{escape(edition.url(piece.path))}</loc><lastmod>{piece.modified.isoformat()}</lastmod><news:news>"
        f"<news:publication><news:name>{escape(edition.name)}</news:name><news:language>{piece.language}</news:language>"
        f"</news:publication><news:publication_date>{piece.published.isoformat()}</news:publication_date>"
        f"<news:title>{escape(piece.headline)}</news:title></news:news></url>\n"
    )


def _rss(edition: Edition) -> str:
    rows = "".join(
        f"<item><title>{escape(piece.headline)}</title><link>{escape(edition.url(piece.path))}</link>"
        f'<guid isPermaLink="true">{escape(edition.url(piece.path))}</guid>'
        f"<pubDate>{format_datetime(piece.published)}</pubDate><dc:creator>{escape(', '.join(piece.authors))}</dc:creator>"
        f"<category>{escape(edition.sections[piece.section])}</category>"
        f"<description>{escape(piece.dek)}</description></item>\n"
        for piece in edition.pieces[:FEED_LENGTH]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><channel>\n'
        f"<title>{escape(edition.name)}</title><link>{edition.url('/')}</link>"
        f"<description>{escape(edition.tagline)}</description><language>{edition.language}</language>"
        f'<atom:link href="{edition.url(edition.feed_path)}" rel="self" type="application/rss+xml"/>'
        f"<lastBuildDate>{format_datetime(edition.moment)}</lastBuildDate>\n{rows}</channel></rss>\n"
    )


def _atom(edition: Edition) -> str:
    rows = "".join(
        f'<entry xml:lang="{piece.language}"><title>{escape(piece.headline)}</title>'
        f'<link rel="alternate" type="text/html" href="{escape(edition.url(piece.path))}"/>'
        f"<id>{escape(edition.url(piece.path))}</id><published>{piece.published.isoformat()}</published>"
        f"<updated>{piece.modified.isoformat()}</updated>"
        + "".join(f"<author><name>{escape(name)}</name></author>" for name in piece.authors)
        + f"<summary>{escape(piece.dek)}</summary></entry>\n"
        for piece in edition.pieces[:FEED_LENGTH]
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{edition.language}">\n'
        f"<title>{escape(edition.name)}</title><subtitle>{escape(edition.tagline)}</subtitle>"
        f'<link href="{edition.url("/")}"/><link rel="self" href="{edition.url(edition.feed_path)}"/>'
        f"<id>{edition.url('/')}</id><updated>{edition.moment.isoformat()}</updated>\n{rows}</feed>\n"
    )
