"""Making pages and articles for the tests of detection: invented text in real shapes."""

from __future__ import annotations

from archiver.citations import find_citations
from archiver.models.article import Citation, Paragraph
from archiver.page import parse_page
from tests.quality.corpus import capture_of

FIRST = "The ministry of transport said on Monday that the mountain crossing would stay closed for a week."
SECOND = "Residents of the valley said they had heard nothing from the authorities since the landslide."
LAST = "The governor promised a report before the end of the month, and buses for those who must leave."


def paragraphs_of(*texts: str) -> tuple[str, list[Paragraph]]:
    """(body, paragraphs) as extraction makes them: joined by a line feed, with offsets."""
    paragraphs, start = [], 0
    for text in texts:
        paragraphs.append(Paragraph(text=text, start=start, end=start + len(text)))
        start += len(text) + 1
    return "\n".join(texts), paragraphs


def cited(
    inner: str, *, head: str = "", foot: str = "", texts: tuple[str, ...] = (FIRST, SECOND, LAST)
) -> list[Citation]:
    """Citations of a page whose article holds `inner` between its second and its last paragraph."""
    html = (
        f"<html><head><title>Crossing closed</title></head><body>{head}<main><article><h1>Crossing closed</h1><p>{FIRST}</p>"
        f"<p>{SECOND}</p>{inner}<p>{LAST}</p></article></main>{foot}</body></html>"
    )
    page = parse_page(capture_of(html.encode(), "https://news.example/crossing"))
    body, paragraphs = paragraphs_of(*texts)
    return find_citations(page, body, paragraphs, "en")


def quoted(text: str, language: str = "en") -> list[Citation]:
    """Citations of an article that is only `text` (paragraphs by line feeds)."""
    page = parse_page(capture_of(b"<html><body><p>none</p></body></html>", "https://news.example/crossing"))
    body, paragraphs = paragraphs_of(*text.split("\n"))
    return find_citations(page, body, paragraphs, language)
