"""Pages for tests, made from a few lines of HTML: no network, no files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from archiver.models.article import Paragraph
from archiver.models.exchange import Capture, CrawlContext
from archiver.models.pointer import CapturePointer
from archiver.page import Page, parse_page

FETCHED = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
URL = "https://news.example/world/2026/story-of-the-day"


def page_of(
    html: str,
    url: str = URL,
    headers: tuple[tuple[str, str], ...] = (),
    context: CrawlContext | None = None,
) -> Page:
    """`html` as the page that was fetched from `url` at `FETCHED`."""
    pointer = CapturePointer(
        warc_filename="test.warc.gz",
        warc_record_offset=0,
        warc_record_length=1,
        warc_record_id="urn:uuid:00000000-0000-0000-0000-000000000000",
        warc_type="response",
        fetch_time=FETCHED,
        fetch_status=200,
    )
    fields = (("Content-Type", "text/html; charset=utf-8"), *headers)
    return parse_page(Capture(url, "GET", b"", fields, html.encode(), pointer, context or CrawlContext()))


def json_ld(value: Any) -> str:
    """A script block with `value` (a string is taken as it is)."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f'<script type="application/ld+json">{text}</script>'


def document(head: str = "", body: str = "<p>Text.</p>", lang: str = ' lang="en"') -> str:
    return f"<!doctype html><html{lang}><head>{head}</head><body>{body}</body></html>"


def paragraphs(*texts: str) -> list[Paragraph]:
    """Paragraphs of a body that joins them by a line feed."""
    out, start = [], 0
    for text in texts:
        out.append(Paragraph(text=text, start=start, end=start + len(text)))
        start += len(text) + 1
    return out
