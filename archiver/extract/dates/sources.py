"""Where a page names its dates, in the order in which they are believed.

Belongs here: the places. The order for publication: the own JSON-LD entry, meta tags, the JSON-LD page entry, microdata,
`time` elements, the feed or news sitemap that showed the URL; where none of them can be read, the day in the URL and the
labels that readers see, at last htmldate. For modification the same declared places; on pages that declare no date of
publication also the labels that readers see, and nothing inferred. Neither date is ever filled from the other. Reading a spelling is `parse`'s work, choosing is `choose`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from archiver.extract.dates.choose import Candidate, Chosen, choose
from archiver.extract.dates.fallback import htmldate_day, url_day
from archiver.extract.dates.parse import DateContext
from archiver.extract.dates.visible import (
    Labels,
    bare_candidates,
    captioned_candidates,
    changed_candidates,
    changed_days,
    label_candidates,
    time_candidates,
)
from archiver.extract.structured import Graph, Microdata, Sweep, text_of
from archiver.page import Page

_META_PUBLISHED = ("article:published_time", "og:article:published_time", "article:published", "parsely-pub-date", "sailthru.date", "dc.date.issued",
                   "dcterms.issued", "dcterms.created", "dc.date.created", "dc.date", "dcterms.date", "citation_publication_date", "citation_date", "citation_online_date",
                   "publishdate", "publish-date", "publish_date", "pubdate", "published_time", "published", "publication_date", "date-published", "datepublished", "og:published_time",
                   "article.published", "article.created", "ptime", "cxenseparse:recs:publishtime", "rnews:datepublished", "originalpublicationdate", "prism.publicationdate",
                   "displaydate", "date", "pub_date", "article_date_original", "created", "date_published", "datecreated", "cxenseparse:publishtime")  # fmt: skip
_META_MODIFIED = ("article:modified_time", "og:updated_time", "og:article:modified_time", "article:updated_time", "article:modified", "dcterms.modified", "dc.date.modified", "lastmod",
                  "last-modified", "last_modified", "datemodified", "modified_time", "article.updated", "utime", "revised", "updated", "date_modified")  # fmt: skip


@dataclass(frozen=True, slots=True)
class DateSources:
    """What was gathered from the page; `microdata` is None where it has none."""

    sweep: Sweep
    graph: Graph
    microdata: Microdata | None


def find_dates(sources: DateSources, page: Page, context: DateContext) -> tuple[Chosen | None, Chosen | None]:
    """The dates of publication and of the last change with their places; None for the one that nothing names."""
    declared, modified = _published(sources, page), choose(_modified(sources), context)
    published = choose(declared, context)
    if published is not None and published.date.precision != "day":
        return published, modified
    heading = _headline_element(sources.sweep)
    shown = label_candidates(page.tree, heading)
    if published is not None:
        return choose([*declared, *shown.published], context), modified
    if modified is None:
        modified = choose(shown.modified, context) or choose(changed_candidates(page.tree, heading), context)
    return _inferred(shown, modified, heading, page, context), modified


def _published(sources: DateSources, page: Page) -> list[Candidate]:
    graph, found = sources.graph, list[Candidate]()
    heading = _headline_element(sources.sweep) if sources.sweep.times else None
    for node in graph.own[:3]:
        if text := graph.text(node, "datePublished", "uploadDate", "dateCreated"):
            found.append(Candidate(text, "json-ld", "json-ld datePublished"))
    for name, value in sources.sweep.named(*_META_PUBLISHED):
        found.append(Candidate(value, "meta", f"meta {name}"))
    if graph.page is not None and (text := graph.text(graph.page, "datePublished")):
        found.append(Candidate(text, "json-ld", "json-ld WebPage datePublished"))
    found.extend(_micro(sources.microdata, "datepublished", "datecreated"))
    found.extend(time_candidates(sources.sweep.times, heading, modified=False))
    for shown in page.capture.context.discovered:
        kind, claimed = str(shown.get("kind")), shown.get("claimed_date")
        if claimed and kind in ("feed", "news-sitemap"):
            found.append(Candidate(str(claimed), "feed" if kind == "feed" else "sitemap", kind))
    return found


def _modified(sources: DateSources) -> list[Candidate]:
    graph, found = sources.graph, list[Candidate]()
    heading = _headline_element(sources.sweep) if sources.sweep.times else None
    for node in graph.own[:3]:
        if text := graph.text(node, "dateModified"):
            found.append(Candidate(text, "json-ld", "json-ld dateModified"))
    for name, value in sources.sweep.named(*_META_MODIFIED):
        found.append(Candidate(value, "meta", f"meta {name}"))
    if graph.page is not None and (text := graph.text(graph.page, "dateModified")):
        found.append(Candidate(text, "json-ld", "json-ld WebPage dateModified"))
    found.extend(_micro(sources.microdata, "datemodified"))
    found.extend(time_candidates(sources.sweep.times, heading, modified=True))
    return found


def _micro(microdata: Microdata | None, *names: str) -> list[Candidate]:
    if microdata is None:
        return []
    words = {"meta": "meta", "time": "time-element"}
    return [
        Candidate(text, words.get(tag, "text"), f"microdata {name}")
        for name in names
        for text, tag in microdata.values.get(name, [])[:3]
    ]


def _inferred(
    labels: Labels, modified: Chosen | None, heading: HtmlElement | None, page: Page, context: DateContext
) -> Chosen | None:
    """The day in the URL and the labels that readers see; else what htmldate finds in the text.

    A day that htmldate finds and that is the day of change, declared or shown, is most likely that one, and not taken.
    """
    shown = list(labels.published)
    in_url = url_day(page.url)
    if in_url:
        shown.insert(0, Candidate(in_url[0].isoformat(), "url", "url"))
    chosen = choose(shown, context)
    if chosen is None:
        chosen = choose(captioned_candidates(page.tree, heading), context)
    if chosen is None:
        chosen = choose(bare_candidates(page.tree, heading), context)
    if chosen is None:
        moment = htmldate_day(page.tree, page.url, context.fetch_time, heading)
        if moment is None or (modified is not None and moment.date() == modified.date.moment.date()):
            return None
        if moment.date() in changed_days(page.tree, context):
            return None
        guessed = choose([Candidate(moment.date().isoformat(), "text", "htmldate")], context)
        return replace(guessed, date=replace(guessed.date, note="date-inferred")) if guessed else None
    if in_url and chosen.source == "url":
        return replace(chosen, date=replace(chosen.date, raw=in_url[1]))
    return chosen


def _headline_element(found: Sweep) -> HtmlElement | None:
    """The `h1` that shares most words with the page's title; the first one where there is nothing to compare."""
    if len(found.headings) < 2:
        return found.headings[0] if found.headings else None
    words = set((found.first("og:title") or found.title or "").lower().split())
    return max(found.headings[:10], key=lambda one: len(words & set(text_of(one, 500).lower().split())), default=None)
