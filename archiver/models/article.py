"""The `article` document: what downstream pipelines read, one JSON object a line."""

from __future__ import annotations

from typing import Literal

from archiver.models.base import SCHEMA_VERSION, Instant, Record
from archiver.models.pointer import CapturePointer


class Redirect(Record):
    url: str
    status: int


class Paragraph(Record):
    """`start` and `end` are code points into `article_body`; `article_body[start:end] == text`."""

    text: str
    start: int
    end: int


class DetectedLanguage(Record):
    """`code` is BCP 47; `confidence` runs from 0 to 1."""

    code: str
    confidence: float


class Author(Record):
    """One person or organisation. `name_raw` is the page's spelling; `name` has no "By", role, date or handle."""

    name: str
    name_raw: str
    url: str | None = None
    type: Literal["person", "organization"] = "person"


class Publisher(Record):
    name: str | None = None
    url: str | None = None
    domain: str | None = None


class Paywall(Record):
    """`evidence` says what was seen (`json-ld isAccessibleForFree=false`, `meta article:content_tier=locked`, ...)."""

    detected: bool = False
    evidence: list[str] = []


class Medium(Record):
    """An image, video or audio. `capture` points at the WARC record when the medium itself was captured."""

    url: str
    caption: str | None = None
    credit: str | None = None
    alt: str | None = None
    width: int | None = None
    height: int | None = None
    capture: CapturePointer | None = None


class Speaker(Record):
    name: str
    description: str | None = None


class Quotation(Record):
    """W3C Web Annotation words; offsets are code points into `article_body`. `citation` is an index into `citations`."""

    exact: str
    prefix: str
    suffix: str
    start: int
    end: int
    speaker: Speaker | None = None
    form: str
    citation: int | None = None


class Position(Record):
    """Where a citation stands: `start` is a code point in `article_body`, `paragraph` an index into `paragraphs`."""

    start: int | None = None
    paragraph: int | None = None


class Evidence(Record):
    markup: str
    attribute: str | None = None


class QuoteSpan(Record):
    """The quoted words of a citation and where they stand in `article_body`."""

    text: str
    start: int
    end: int
    parts: list[str] = []
    form: Literal["direct", "reported"]


class CitationSpeaker(Record):
    name: str
    kind: str | None = None
    description: str | None = None


class EmbeddedAuthor(Record):
    name: str | None = None
    username: str | None = None
    url: str | None = None


class Occurrence(Record):
    """One more place where the page shows the same post."""

    kind: Literal["embed", "link", "quote", "image"]
    position: Position | None = None
    evidence: Evidence


class Citation(Record):
    """An edge from the article to a post, as the page shows it; never rewritten."""

    kind: Literal["embed", "link", "quote", "image"]
    platform: str
    url: str | None = None
    url_raw: str | None = None
    native_id: str | None = None
    position: Position | None = None
    context: str | None = None
    evidence: Evidence
    embedded_text: str | None = None
    embedded_author: EmbeddedAuthor | None = None
    quote: QuoteSpan | None = None
    cue: str | None = None
    speaker: CitationSpeaker | None = None
    username: str | None = None
    occurrences: list[Occurrence] = []


class Link(Record):
    url: str
    anchor: str
    rel: str | None = None
    internal: bool


class Rights(Record):
    license: str | None = None
    copyright_notice: str | None = None
    credit_text: str | None = None
    tdm_reservation: str | None = None
    tdm_policy: str | None = None
    content_usage: str | None = None
    robots_meta: str | None = None
    x_robots_tag: str | None = None
    archiving_restricted: bool = False


class Discovered(Record):
    kind: str
    url: str
    seen_at: Instant | None = None
    claimed_title: str | None = None
    claimed_date: str | None = None


class RobotsDecision(Record):
    decision: str
    reason: str
    record_id: str | None = None


class Crawl(Record):
    run_id: str | None = None
    source: str | None = None
    via: str | None = None
    hops_from_seed: str | None = None
    user_agent: str | None = None
    robots: RobotsDecision | None = None


class FieldSource(Record):
    field: str
    source: str


class Extraction(Record):
    """`extracted_at` is the capture's time, so that extracting again gives the same bytes."""

    software: str
    version: str
    settings_digest: str
    extracted_at: Instant
    confidence: float | None = None
    warnings: list[str] = []
    field_sources: list[FieldSource] = []


class OpenGraph(Record):
    property: str
    content: str


class Structured(Record):
    """Raw twins of what the page declared; JSON-LD blocks as strings."""

    json_ld: list[str] = []
    open_graph: list[OpenGraph] = []


DatePrecision = Literal["year", "month", "day", "minute", "second"]


class Pagination(Record):
    """Of an article over several URLs: this page's number from 1, and the URLs of its neighbours as the page links them."""

    page: int
    previous: str | None = None
    next: str | None = None


class Article(Record):
    """One version of one article, read from one capture."""

    schema_version: str = SCHEMA_VERSION
    record_type: Literal["article"] = "article"
    id: str
    version_id: str
    version_number: int | None = None
    previous_version_id: str | None = None
    changed_fields: list[str] = []
    url: str
    requested_url: str
    canonical_url: str | None = None
    amp_url: str | None = None
    redirects: list[Redirect] = []
    url_surtkey: str
    host: str
    registered_domain: str | None = None
    headline: str | None = None
    alternative_headline: str | None = None
    description: str | None = None
    article_section: str | None = None
    keywords: list[str] = []
    article_body: str = ""
    paragraphs: list[Paragraph] = []
    word_count: int = 0
    pagination: Pagination | None = None
    language: str | None = None
    language_detected: DetectedLanguage | None = None
    authors: list[Author] = []
    publisher: Publisher = Publisher()
    source: str | None = None
    date_published: Instant | None = None
    date_published_raw: str | None = None
    date_published_source: str | None = None
    date_published_precision: DatePrecision | None = None
    date_modified: Instant | None = None
    date_modified_raw: str | None = None
    date_modified_source: str | None = None
    date_modified_precision: DatePrecision | None = None
    is_accessible_for_free: bool | None = None
    paywall: Paywall = Paywall()
    images: list[Medium] = []
    videos: list[Medium] = []
    audios: list[Medium] = []
    citations: list[Citation] = []
    quotations: list[Quotation] = []
    links: list[Link] = []
    rights: Rights = Rights()
    discovered: list[Discovered] = []
    capture: CapturePointer
    crawl: Crawl = Crawl()
    extraction: Extraction
    structured: Structured = Structured()
