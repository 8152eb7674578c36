"""From a capture to an Article: every field from its one owner, in one place.

Belongs here: calling the readers in order and filling the document. How a field is read is its reader's; the verdict "no
article" is `screen`'s. Pure: the same capture, hints and version give the same document.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from archiver.citations import find_citations
from archiver.config import software_version
from archiver.errors import Refused
from archiver.extract.access import with_text
from archiver.extract.language import detect_language, written_language
from archiver.extract.metadata import Metadata, read_metadata
from archiver.extract.pages import is_other_page
from archiver.extract.quotations import find_quotations
from archiver.extract.text import Body, PlacedEmbed, read_body
from archiver.extract.text.bare import trafilatura_version
from archiver.extract.text.check import differs_from_declared
from archiver.models.article import (
    Article,
    Citation,
    Crawl,
    Discovered,
    Extraction,
    Pagination,
    Quotation,
    Redirect,
    RobotsDecision,
)
from archiver.models.exchange import Capture
from archiver.models.hints import ExtractHints
from archiver.page import Page, parse_page
from archiver.reasons import Reason
from archiver.screen import screen
from archiver.urls import document_id, host_of, registered_domain, same_site, surt_key
from archiver.versions import with_version

ALGORITHM = "2026.11.29"
"""Raised whenever the same bytes may give another document; part of `settings_digest`."""


CUT = "text:cut-at-wall"
"""Warning of a text that stops where the page shows a wall."""

LANGUAGE_SAMPLE = 500
"""Characters from which the language is told: twice as many take twice the time and tell the same."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An article and the embedded posts that were taken out of its text, each with its place: the citation code's input."""

    page: Page
    article: Article
    embeds: list[PlacedEmbed]


def extract(capture: Capture, hints: ExtractHints | None = None) -> Article:
    """The capture's article. Raises `Refused` with its Reason for whatever is no article or cannot be read."""
    return extract_page(parse_page(capture), hints)


def extract_page(page: Page, hints: ExtractHints | None = None) -> Article:
    """As `extract`, for callers who have parsed the page already; the page's tree is left as it is."""
    return read_page(page, hints).article


def read_page(page: Page, hints: ExtractHints | None = None) -> Reading:
    """The article together with its embedded posts and their places. Raises `Refused`."""
    hints = hints or ExtractHints()
    if verdict := screen(page, None):
        raise Refused(*verdict)
    metadata = read_metadata(page)
    headlines = [text for text in (metadata.headline, metadata.alternative_headline) if text]
    names, wall = [author.name for author in metadata.authors], metadata.wall.path if metadata.wall else None
    body = read_body(page, hints, headlines, names, metadata.description, wall)
    if verdict := screen(page, body.text):
        raise Refused(*verdict)
    article = with_version(_article(page, hints, metadata, body), page.capture.context.previous)
    if article is None:
        raise Refused(Reason.UNCHANGED, "the text, its embeds and its dates are those of the version before")
    return Reading(page, article, body.embeds)


def _article(page: Page, hints: ExtractHints, metadata: Metadata, body: Body) -> Article:
    capture = page.capture
    canonical = _trusted_canonical(metadata.canonical_url, page.url, metadata.pagination)
    host = host_of(page.url)
    detected = detect_language(body.text[:LANGUAGE_SAMPLE], metadata.language)
    language = written_language(body.text[:LANGUAGE_SAMPLE], metadata.language, detected)
    free, paywall, cut = with_text(metadata.is_accessible_for_free, metadata.paywall, metadata.wall, body.text, page)
    citations = find_citations(page, body.text, body.paragraphs, language)
    quotations = _tied(find_quotations(body.paragraphs, language), citations)
    return Article(
        id=document_id(canonical or page.url),
        version_id="",  # `with_version` knows it when the document is whole
        url=page.url,
        requested_url=capture.context.requested_url or page.url,
        canonical_url=metadata.canonical_url,
        amp_url=metadata.amp_url,
        redirects=[Redirect(url=url, status=status) for url, status in capture.context.redirects],
        url_surtkey=surt_key(page.url),
        host=host,
        registered_domain=registered_domain(host),
        headline=metadata.headline,
        alternative_headline=metadata.alternative_headline,
        description=metadata.description,
        article_section=metadata.article_section,
        keywords=metadata.keywords,
        article_body=body.text,
        paragraphs=body.paragraphs,
        word_count=len(body.text.split()),
        pagination=metadata.pagination,
        language=metadata.language,
        language_detected=detected,
        authors=metadata.authors,
        publisher=metadata.publisher,
        source=capture.context.source,
        date_published=metadata.date_published,
        date_published_raw=metadata.date_published_raw,
        date_published_source=metadata.date_published_source,
        date_published_precision=metadata.date_published_precision,
        date_modified=metadata.date_modified,
        date_modified_raw=metadata.date_modified_raw,
        date_modified_source=metadata.date_modified_source,
        date_modified_precision=metadata.date_modified_precision,
        is_accessible_for_free=free,
        paywall=paywall,
        images=metadata.images,
        videos=metadata.videos,
        audios=metadata.audios,
        quotations=quotations,
        citations=citations,
        links=body.links,
        rights=metadata.rights,
        discovered=[Discovered.model_validate(entry) for entry in capture.context.discovered],
        capture=capture.pointer.model_copy(update={"charset": page.charset}),
        crawl=_crawl(capture),
        extraction=_extraction(page, hints, metadata, body, cut),
        structured=metadata.structured,
    )


def _crawl(capture: Capture) -> Crawl:
    context = capture.context
    robots = (
        RobotsDecision(decision=context.robots[0], reason=context.robots[1], record_id=context.robots[2])
        if context.robots
        else None
    )
    return Crawl(
        run_id=context.run_id,
        source=context.source,
        via=context.via,
        hops_from_seed=context.hops_from_seed,
        user_agent=context.user_agent,
        robots=robots,
    )


def _extraction(page: Page, hints: ExtractHints, metadata: Metadata, body: Body, cut: bool) -> Extraction:
    differs = differs_from_declared(body.text, metadata.structured.json_ld)
    return Extraction(
        software=f"news-archiver/{software_version()} trafilatura/{trafilatura_version()}",
        version=software_version(),
        settings_digest=settings_digest(hints),
        extracted_at=page.capture.pointer.fetch_time,
        warnings=[
            *metadata.warnings,
            *body.warnings,
            *(["text:differs-from-json-ld"] if differs else []),
            *([CUT] if cut else []),
        ],
        field_sources=metadata.field_sources,
    )


@lru_cache(maxsize=1024)
def _digest_of(settings: str) -> str:
    return hashlib.sha256(settings.encode()).hexdigest()[:16]


def settings_digest(hints: ExtractHints) -> str:
    """Sixteen hex digits over everything but the bytes and the versions that decides what a document says."""
    return _digest_of(f"{ALGORITHM}\n{hints.model_dump_json()}")


def _tied(quotations: list[Quotation], citations: list[Citation]) -> list[Quotation]:
    """Each quotation with the index of the Citation whose words it holds."""
    spans = [(c.quote.start, c.quote.end, number) for number, c in enumerate(citations) if c.quote]
    if not spans:
        return quotations
    owners = [next((n for start, end, n in spans if start < q.end and q.start < end), None) for q in quotations]
    return [q.model_copy(update={"citation": n}) for q, n in zip(quotations, owners, strict=True)]


def _trusted_canonical(claimed: str | None, url: str, pagination: Pagination | None) -> str | None:
    """The page's canonical URL if it can name this article: the same site, and no home page (a frequent template mistake).

    A later page of an article that names the first one is an article page of its own all the same: its text is another.
    """
    if not claimed or not same_site(claimed, url):
        return None
    if pagination and pagination.page > 1 and is_other_page(claimed, url, pagination.page):
        return None
    path = claimed.split("://", 1)[-1].partition("/")[2]
    return claimed if path.strip("/") else None
