"""What a page says about its article, each field with its origin: the one call that the extractor makes.

Belongs here: which places are asked for which field, in which order. How a place is read is known by the modules beside
this one. Nothing is guessed: what no place names stays empty.

The order of sources (the first that has a value wins; a later one that disagrees is a `conflict:FIELD` warning):

* headline: own JSON-LD entry; microdata; the `h1` nearest to og:title; og:title or `title` less the site's name.
* description: own JSON-LD entry; og:description; meta description.
* section: own JSON-LD entry; article:section and its kin; microdata.
* keywords: own JSON-LD entry; article:tag; news_keywords; keywords.
* language: own JSON-LD entry; `html lang`; content-language; og:locale.
* authors: own JSON-LD entry; meta tags; microdata; bylines. Named persons win over an entry that names only an organisation.
* published: own JSON-LD entry; meta tags; microdata and `time` elements; the feed or news sitemap that showed the URL;
  the URL; the text (htmldate). modified: the same without feed, URL and htmldate. Neither is ever filled from the other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from archiver.extract.access import find_access
from archiver.extract.authors import (
    byline_authors,
    linked_bylines,
    linked_data_authors,
    looks_like_people,
    named_authors,
    opens_like_byline,
    written_bylines,
)
from archiver.extract.dates import Chosen, DateContext, DateSources, find_dates
from archiver.extract.headline import find_headline
from archiver.extract.language import declared_language, reading_language
from archiver.extract.media import find_media
from archiver.extract.pages import find_pagination
from archiver.extract.publisher import find_publisher, site_names
from archiver.extract.rights import find_rights
from archiver.extract.structured import (
    Graph,
    Microdata,
    Sweep,
    fold,
    plain,
    read_graph,
    read_microdata,
    sweep,
    text_of,
)
from archiver.extract.walls import Wall, find_wall
from archiver.models.article import (
    Author,
    DatePrecision,
    FieldSource,
    Medium,
    OpenGraph,
    Pagination,
    Paywall,
    Publisher,
    Rights,
    Structured,
)
from archiver.page import Page
from archiver.urls import absolute, host_of

KEYWORDS_MAX = 100
_META_AUTHORS = ("author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "dc.contributor", "citation_author",
                 "byl", "article:author", "article:author_name", "og:article:author", "cxenseparse:author", "creator", "authors", "dcsext.author")  # fmt: skip


@dataclass(slots=True)
class Metadata:
    """Fields bear the names of `Article`. `date_*` moments are aware; `language` is as declared."""

    headline: str | None = None
    alternative_headline: str | None = None
    description: str | None = None
    article_section: str | None = None
    keywords: list[str] = field(default_factory=list)
    language: str | None = None
    pagination: Pagination | None = None
    authors: list[Author] = field(default_factory=list)
    publisher: Publisher = field(default_factory=Publisher)
    date_published: datetime | None = None
    date_published_raw: str | None = None
    date_published_source: str | None = None
    date_published_precision: DatePrecision | None = None
    date_modified: datetime | None = None
    date_modified_raw: str | None = None
    date_modified_source: str | None = None
    date_modified_precision: DatePrecision | None = None
    canonical_url: str | None = None
    amp_url: str | None = None
    is_accessible_for_free: bool | None = None
    paywall: Paywall = field(default_factory=Paywall)
    wall: Wall | None = None
    images: list[Medium] = field(default_factory=list)
    videos: list[Medium] = field(default_factory=list)
    audios: list[Medium] = field(default_factory=list)
    rights: Rights = field(default_factory=Rights)
    structured: Structured = field(default_factory=Structured)
    field_sources: list[FieldSource] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class _Reader:
    """One page being read: its sources and the Metadata that grows from them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.out = Metadata()
        self.sweep: Sweep = sweep(page.tree)
        self.base = (self.sweep.base_href and absolute(self.sweep.base_href, page.url)) or page.url
        self.shown = [text_of(element, 500) for element in self.sweep.headings[:3]]
        self.graph: Graph = self._graph()
        social = self.sweep.first("og:title", "twitter:title")
        titles = [title for title in (social, *self.shown) if title]
        self.microdata: Microdata | None = read_microdata(page.tree, titles) if "itemprop" in page.html else None
        self.out.warnings.extend(self.graph.warnings)

    def _graph(self) -> Graph:
        urls = [self.page.url]
        canonical = next((link.href for link in self.sweep.links if "canonical" in link.rel), None)
        for raw in (canonical, self.sweep.first("og:url")):
            if raw and (url := absolute(raw, self.base)):
                urls.append(url)
        titles = [value for _, value in self.sweep.named("og:title", "twitter:title")]
        titles.extend(filter(None, [self.sweep.title, *self.shown]))
        return read_graph(self.sweep.json_ld, urls, titles)

    def note(self, name: str, place: str | None) -> None:
        if place:
            self.out.field_sources.append(FieldSource(field=name, source=place))

    def micro(self, name: str) -> list[str]:
        return self.microdata.texts(name) if self.microdata else []


def read_metadata(page: Page) -> Metadata:
    """Everything that `page` declares about its article. Never raises on hostile input; never changes `page.tree`."""
    reader = _Reader(page)
    out = reader.out
    out.publisher, place = find_publisher(reader.graph, reader.sweep, page.url)
    reader.note("publisher", place)
    names = site_names(reader.graph, reader.sweep, out.publisher, page.url)
    _addresses(reader)
    _headline(reader, names)
    _words(reader)
    out.language, place = declared_language(
        reader.graph, reader.sweep, reader.microdata, page.capture.header("content-language")
    )
    reader.note("language", place)
    _authors(reader, names)
    _dates(reader)
    if pagination := find_pagination(page, reader.base):
        out.pagination = pagination
        reader.note("pagination", "link")
    out.wall = find_wall(page)
    out.is_accessible_for_free, out.paywall = find_access(reader.graph, reader.sweep, reader.microdata, out.wall)
    if out.paywall.evidence:
        reader.note("paywall", out.paywall.evidence[0])
    out.rights = find_rights(reader.graph, reader.sweep, page.capture, reader.base)
    media = find_media(reader.graph, reader.sweep, page.tree, reader.base)
    out.images, out.videos, out.audios = media.images, media.videos, media.audios
    reader.note("images", media.lead_place)
    out.structured = Structured(
        json_ld=reader.sweep.json_ld,
        open_graph=[OpenGraph(property=prop, content=content) for prop, content in reader.sweep.open_graph],
    )
    return out


def _addresses(reader: _Reader) -> None:
    out, base = reader.out, reader.base
    for link in reader.sweep.links:
        if "canonical" in link.rel and out.canonical_url is None:
            out.canonical_url = absolute(link.href, base)
            reader.note("canonical_url", "link canonical" if out.canonical_url else None)
        elif "amphtml" in link.rel and out.amp_url is None:
            out.amp_url = absolute(link.href, base)
    if out.canonical_url is None and (raw := reader.sweep.first("og:url")) and urlsplit(raw).path.strip("/"):
        out.canonical_url = absolute(raw, base)
        reader.note("canonical_url", "meta og:url" if out.canonical_url else None)


def _headline(reader: _Reader, names: frozenset[str]) -> None:
    found = find_headline(reader.graph, reader.sweep, names, reader.micro("headline"), reader.page.tree)
    if found is None:
        return
    reader.out.headline, reader.out.alternative_headline = found.text, found.alternative
    reader.note("headline", found.place)
    if found.conflict:
        reader.out.warnings.append(f"conflict:headline: {found.place} / {found.conflict}")


def _words(reader: _Reader) -> None:
    """Description, section and keywords."""
    out, graph, own = reader.out, reader.graph, reader.graph.own
    for node in own:
        if text := graph.text(node, "description", "abstract"):
            out.description = text
            reader.note("description", "json-ld description")
            break
    else:
        for name in ("og:description", "description", "twitter:description", "dc.description", "dcterms.abstract"):
            if text := reader.sweep.first(name):
                out.description = text
                reader.note("description", f"meta {name}")
                break
    for node in own:
        if text := graph.text(node, "articleSection"):
            out.article_section = text[:200]
            reader.note("article_section", "json-ld articleSection")
            break
    else:
        _section(reader)
    _keywords(reader)


def _section(reader: _Reader) -> None:
    for name in (
        "article:section",
        "og:article:section",
        "parsely-section",
        "section",
        "cxenseparse:recs:category",
        "dc.subject",
        "sailthru.section",
    ):
        if text := reader.sweep.first(name):
            reader.out.article_section = text[:200]
            reader.note("article_section", f"meta {name}")
            return
    for text in reader.micro("articlesection")[:1]:
        reader.out.article_section = text[:200]
        reader.note("article_section", "microdata articleSection")


def _keywords(reader: _Reader) -> None:
    places: list[tuple[str, list[str]]] = []
    for node in reader.graph.own[:2]:
        values = []
        for value in reader.graph.values(node, "keywords"):
            text = reader.graph.text(value, "name", "termCode") if isinstance(value, dict) else plain(value)
            values.append(text or "")
        places.append(("json-ld keywords", values))
    for name in (
        "article:tag",
        "og:article:tag",
        "news_keywords",
        "parsely-tags",
        "sailthru.tags",
        "keywords",
        "citation_keywords",
    ):
        places.append((f"meta {name}", [value for _, value in reader.sweep.named(name)]))
    for place, values in places:
        words = _split_keywords(values)
        if words:
            reader.out.keywords = words
            reader.note("keywords", place)
            return


def _split_keywords(values: list[str]) -> list[str]:
    out: dict[str, str] = {}
    for value in values[:200]:
        parts = value.replace("،", ",").replace("、", ",").replace(";", ",").split(",")
        for part in parts:
            word = " ".join(part.split()).strip("\"'[]")
            if word and len(word) <= 100 and ":" not in word[:12].rstrip():
                out.setdefault(word.lower(), word)
    return list(out.values())[:KEYWORDS_MAX]


def _authors(reader: _Reader, names: frozenset[str]) -> None:
    """The first place that names a person; else the first that names anybody."""
    out, graph = reader.out, reader.graph
    spare: tuple[list[Author], str] | None = None

    section = fold(out.article_section or "")

    def take(found: list[Author], place: str) -> bool:
        nonlocal spare
        found = [author for author in found if fold(author.name) != section]
        if any(author.type == "person" for author in found):
            out.authors = found
            reader.note("authors", place)
            if spare is not None:
                out.warnings.append(f"conflict:authors: {place} / {spare[1]}")
            return True
        if found and spare is None:
            spare = (found, place)
        return False

    for node in graph.own:
        for key in ("author", "creator", "contributor"):
            if take(linked_data_authors(graph, node, names, reader.base, key), f"json-ld {key}"):
                return
    for name in _META_AUTHORS:
        values = reader.sweep.meta.get(name)
        if values and take(named_authors(values, names), f"meta {name}"):
            return
    for key in ("author", "creator"):
        if take(named_authors(reader.micro(key)[:10], names), f"microdata {key}"):
            return
    if take(named_authors(_labelled(reader), names), "meta twitter:data"):
        return
    # An entry that names only the publisher itself leaves room for a byline; one that names an agency is an answer.
    tree, open_ = reader.page.tree, spare is None or any(fold(author.name) in names for author in spare[0])
    found = byline_authors(tree, names, reader.base, weak=open_)
    if (spare is None or looks_like_people([author.name for author in found[:1]])) and take(found, "byline"):
        return
    if open_ and take(written_bylines(tree, names), "text byline"):
        return
    if open_ and take(linked_bylines(tree, names, reader.base), "author link"):
        return
    if spare is not None:
        out.authors = spare[0]
        reader.note("authors", spare[1])


def _labelled(reader: _Reader) -> list[str]:
    """The value of a `twitter:label`/`twitter:data` pair whose label announces an author."""
    for number in ("1", "2"):
        label, value = reader.sweep.first(f"twitter:label{number}"), reader.sweep.first(f"twitter:data{number}")
        if label and value and opens_like_byline(label + ":"):
            return [value]
    return []


def _dates(reader: _Reader) -> None:
    page, out = reader.page, reader.out
    fetched = page.capture.pointer.fetch_time
    language = reading_language(out.language, f"{out.headline or ''} {out.description or ''}")
    context = DateContext(fetched, language, host_of(page.url))
    sources = DateSources(reader.sweep, reader.graph, reader.microdata)
    published, modified = find_dates(sources, page, context)
    if published:
        date = published.date
        out.date_published, out.date_published_raw = date.moment, date.raw
        out.date_published_source, out.date_published_precision = published.source, date.precision
        _date_notes(reader, "date_published", published)
    if modified:
        date = modified.date
        out.date_modified, out.date_modified_raw = date.moment, date.raw
        out.date_modified_source, out.date_modified_precision = modified.source, date.precision
        _date_notes(reader, "date_modified", modified)
    whole = published and modified and "day" not in (published.date.precision, modified.date.precision)
    if published and modified and whole and modified.date.moment < published.date.moment:
        out.warnings.append("modified-before-published")


def _date_notes(reader: _Reader, name: str, chosen: Chosen) -> None:
    reader.note(name, chosen.place)
    if chosen.date.note:
        reader.out.warnings.append(f"{chosen.date.note}: {name}")
    if chosen.conflict:
        reader.out.warnings.append(f"conflict:{name}: {chosen.place} / {chosen.conflict}")
