"""From an edition to HTML: article pages in three templates, home page, section pages.

Belongs here: filling of `templates/` with an edition's pieces. Where a page is served, and how, is for `site` and `server`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from importlib.resources import files
from string import Template

from archiver.demo.dates import spelled
from archiver.demo.outlets import Edition, Piece, labels

_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_STYLES = {"demo-courier": "courier", "demo-hindukush": "hindukush", "demo-indus": "indus"}


def article(edition: Edition, piece: Piece) -> str:
    """The article's page in the template of its outlet."""
    blocks = [_block(block) for block in piece.blocks]
    dateline = f'<p><b class="dateline">{escape(piece.place.upper())}</b> — '
    blocks[0] = blocks[0].replace("<p>", dateline, 1)
    half = min(3, len(blocks))
    others = _others(edition, piece)
    values = (
        _labels(piece.language)
        | _outlet_values(edition)
        | {
            "lang": piece.language,
            "url": edition.url(piece.path),
            "path": piece.path,
            "slug": piece.slug,
            "headline": escape(piece.headline),
            "dek": escape(piece.dek),
            "section": piece.section,
            "section_name": escape(edition.sections[piece.section]),
            "byline": " &amp; ".join(_author_link(name) for name in piece.authors),
            "authors": escape(", ".join(piece.authors)),
            "first_author": escape(piece.authors[0]),
            "other_authors": "".join(_other_author(name) for name in piece.authors[1:]),
            "published": spelled(piece.published, piece.language),
            "published_iso": piece.published.isoformat(),
            "modified_iso": piece.modified.isoformat(),
            "updated": _updated(piece),
            "caption": escape(piece.caption),
            "credit": escape(piece.credit),
            "keywords": escape(", ".join(piece.keywords)),
            "tags": " ".join(
                f'<a rel="tag" href="/search?tag={number}">{escape(word)}</a>'
                for number, word in enumerate(piece.keywords)
            ),
            "image_url": edition.url(f"/media/{piece.slug}-640.png"),
            "json_ld": _json_ld(edition, piece),
            "body_start": "\n".join(blocks[:half]),
            "body_rest": "\n".join(blocks[half:]),
            "prev": _anchor(_neighbour(edition, piece, 1)),
            "next": _anchor(_neighbour(edition, piece, -1)),
            "related": "".join(f"<li>{_anchor(other)}</li>" for other in others),
            "inline_related": "".join(_anchor(other) for other in others[:1]),
        }
    )
    return template(f"{edition.id}.html").substitute(values)


def listing(edition: Edition, path: str, heading: str, cards: str) -> str:
    """A page of links under `heading`; `cards` is the HTML of its list items."""
    values = (
        _labels(edition.language)
        | _outlet_values(edition)
        | {
            "lang": edition.language,
            "url": edition.url(path),
            "title": escape(f"{heading} | {edition.name}"),
            "heading": escape(heading),
            "cards": cards,
            "style": _STYLES[edition.id],
            "feed_type": "application/atom+xml" if edition.feed_kind == "atom" else "application/rss+xml",
        }
    )
    return template("listing.html").substitute(values)


def cards(pieces: Iterable[Piece]) -> str:
    """List items with a lazy picture, the headline, the time and the standfirst."""
    return "\n".join(
        f'<li lang="{piece.language}"><a href="{piece.path}"><img loading="lazy" src="/media/{piece.slug}-320.png" alt="" width="320" height="180"></a>'
        f'<h2><a href="{piece.path}">{escape(piece.headline)}</a></h2>'
        f'<time datetime="{piece.published.isoformat()}">{spelled(piece.published, piece.language)}</time>'
        f"<p>{escape(piece.dek)}</p></li>"
        for piece in pieces
    )


@lru_cache(maxsize=16)
def template(name: str) -> Template:
    """`templates/NAME`, ready to fill."""
    return Template(text(name))


def text(name: str) -> str:
    """`templates/NAME` as it is."""
    return (files("archiver.demo.templates") / name).read_text(encoding="utf-8")


def _labels(language: str) -> dict[str, str]:
    words = labels()[language]
    return {f"l_{key}": escape(word) for key, word in words.items() if isinstance(word, str)} | {
        "dir": words["dir"],
        "locale": words["locale"],
    }


def _outlet_values(edition: Edition) -> dict[str, str]:
    links = [f'<a href="/section/{key}/">{escape(name)}</a>' for key, name in edition.sections.items()]
    return {
        "site": escape(edition.name),
        "tagline": escape(edition.tagline),
        "home": edition.url("/"),
        "feed": edition.url(edition.feed_path),
        "nav": "".join(f"<li>{link}</li>" for link in links),
        "nav_inline": " ".join(links),
        "year": str(edition.moment.year),
    }


def _block(block: str) -> str:
    if block.startswith("<"):
        return block
    if block.startswith("## "):
        return f"<h2>{escape(block[3:])}</h2>"
    words = _LINK.sub(r'<a href="\2">\1</a>', escape(block.removeprefix("> "), quote=False))
    return f"<blockquote><p>{words}</p></blockquote>" if block.startswith("> ") else f"<p>{words}</p>"


def _author_link(name: str) -> str:
    return f'<a rel="author" href="/account/authors?name={escape(name.replace(" ", "+"))}">{escape(name)}</a>'


def _other_author(name: str) -> str:
    return (
        ', <span itemprop="author" itemscope itemtype="https://schema.org/Person">'
        f'<b itemprop="name">{escape(name)}</b></span>'
    )


def _updated(piece: Piece) -> str:
    if piece.modified == piece.published:
        return ""
    label = escape(labels()[piece.language]["updated"])
    return f' <span class="updated">{label} <time datetime="{piece.modified.isoformat()}">{spelled(piece.modified, piece.language)}</time></span>'


def _neighbour(edition: Edition, piece: Piece, step: int) -> Piece:
    place = edition.pieces.index(piece)
    return edition.pieces[(place + step) % len(edition.pieces)]


def _others(edition: Edition, piece: Piece) -> list[Piece]:
    """Five other pieces, those of the same language and section first."""
    rest = [other for other in edition.pieces if other is not piece]
    return sorted(rest, key=lambda other: (other.language != piece.language, other.section != piece.section))[:5]


def _anchor(piece: Piece) -> str:
    return f'<a href="{piece.path}">{escape(piece.headline)}</a>'


def _json_ld(edition: Edition, piece: Piece) -> str:
    home, url = edition.url("/"), edition.url(piece.path)
    organisation = {
        "@type": "NewsMediaOrganization",
        "@id": f"{home}#organization",
        "name": edition.name,
        "url": home,
        "logo": {"@type": "ImageObject", "url": edition.url("/static/logo.svg")},
    }
    crumbs = [(edition.name, home), (edition.sections[piece.section], edition.url(f"/section/{piece.section}/"))]
    graph = [
        {"@type": "WebSite", "@id": f"{home}#website", "name": edition.name, "url": home},
        organisation,
        {
            "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": place, "name": name, "item": item}
                for place, (name, item) in enumerate(crumbs, 1)
            ],
        },
        {
            "@type": "NewsArticle",
            "@id": f"{url}#article",
            "mainEntityOfPage": url,
            "headline": piece.headline,
            "description": piece.dek,
            "articleSection": edition.sections[piece.section],
            "keywords": list(piece.keywords),
            "inLanguage": piece.language,
            "datePublished": piece.published.isoformat(),
            "dateModified": piece.modified.isoformat(),
            "author": [{"@type": "Person", "name": name} for name in piece.authors],
            "publisher": {"@id": f"{home}#organization"},
            "image": {
                "@type": "ImageObject",
                "url": edition.url(f"/media/{piece.slug}-640.png"),
                "width": 640,
                "height": 360,
                "caption": piece.caption,
            },
            "isAccessibleForFree": True,
            "copyrightHolder": {"@id": f"{home}#organization"},
            "copyrightYear": piece.published.year,
        },
    ]
    # "</" would end the script element; JSON allows the escaped slash.
    return json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False, indent=1).replace(
        "</", "<\\/"
    )
