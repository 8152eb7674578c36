"""Outlets and what they publish: the shapes, and the reading of `content/*.toml`.

Belongs here: Outlet, Piece (one published article with its address and times) and how a moment of the clock becomes times.
HTML is for `render`, feeds for `feeds`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

OUTLET_IDS = ("demo-courier", "demo-hindukush", "demo-indus")


@dataclass(frozen=True)
class Outlet:
    """One fictional newspaper at its address. URLs are absolute; `article_urls` is newest first and leaves the gallery out."""

    id: str
    name: str
    base_url: str
    language: str
    country: str
    feed_url: str
    news_sitemap_url: str
    section_urls: tuple[str, ...]
    article_urls: tuple[str, ...]
    allow: str


@dataclass(frozen=True)
class Piece:
    """One article. `body` is blocks between empty lines: `## ` a heading, `> ` a quotation, `<` raw HTML, else a paragraph."""

    slug: str
    section: str
    language: str
    headline: str
    dek: str
    authors: tuple[str, ...]
    place: str
    published: datetime
    modified: datetime
    caption: str
    credit: str
    keywords: tuple[str, ...]
    body: str
    path: str

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        return tuple(" ".join(block.split("\n")).strip() for block in self.body.strip().split("\n\n") if block.strip())


@dataclass(frozen=True)
class Edition:
    """Everything one outlet shows at one moment: fixed texts of the outlet and its pieces, newest first."""

    id: str
    name: str
    tagline: str
    language: str
    country: str
    feed_kind: str
    accounts: Mapping[str, str]
    sections: Mapping[str, str]
    allow: str
    pieces: tuple[Piece, ...]
    base_url: str
    moment: datetime

    def url(self, path: str) -> str:
        return self.base_url.rstrip("/") + path

    @property
    def feed_path(self) -> str:
        return "/atom.xml" if self.feed_kind == "atom" else "/rss.xml"

    def outlet(self) -> Outlet:
        """What callers see of this edition."""
        return Outlet(
            id=self.id,
            name=self.name,
            base_url=self.base_url,
            language=self.language,
            country=self.country,
            feed_url=self.url(self.feed_path),
            news_sitemap_url=self.url("/news-sitemap.xml"),
            section_urls=tuple(self.url(f"/section/{section}/") for section in self.sections),
            article_urls=tuple(self.url(piece.path) for piece in self.pieces),
            allow=self.allow,
        )


def read_content(name: str) -> dict[str, Any]:
    """`content/NAME.toml` as a dict."""
    return tomllib.loads((files("archiver.demo.content") / f"{name}.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def labels() -> dict[str, Any]:
    """Language code -> the words around articles, from `content/labels.toml`."""
    return read_content("labels")


def edition(outlet_id: str, base_url: str, moment: datetime) -> Edition:
    """The outlet's pages-to-be at `moment` (aware): each piece is `age` minutes older than it."""
    raw = read_content(outlet_id)
    zone = timezone(timedelta(minutes=raw["utc_offset_minutes"]))
    local = moment.astimezone(zone).replace(second=0, microsecond=0)
    pieces = [_piece(item, number, raw, local) for number, item in enumerate(raw["article"], 1)]
    return Edition(
        id=outlet_id,
        name=raw["name"],
        tagline=raw["tagline"],
        language=raw["language"],
        country=raw["country"],
        feed_kind=raw["feed_kind"],
        accounts=raw.get("accounts", {}),
        sections=raw["sections"],
        allow=raw["allow"],
        pieces=tuple(sorted(pieces, key=lambda piece: piece.published, reverse=True)),
        base_url=base_url,
        moment=local,
    )


def _piece(item: dict[str, Any], number: int, raw: dict[str, Any], local: datetime) -> Piece:
    published = local - timedelta(minutes=item["age"])
    modified = published + timedelta(minutes=item.get("updated_after", 0))
    path = raw["path"].format(
        slug=item["slug"],
        number=4200 + number * 7,
        section=item["section"],
        language=item.get("language", raw["language"]),
        date=f"{published:%Y/%m/%d}",
    )
    return Piece(
        slug=item["slug"],
        section=item["section"],
        language=item.get("language", raw["language"]),
        headline=item["headline"],
        dek=item["dek"],
        authors=tuple(item["authors"]),
        place=item["place"],
        published=published,
        modified=modified,
        caption=item["caption"],
        credit=item["credit"],
        keywords=tuple(item["keywords"]),
        body=item["body"],
        path=path,
    )
