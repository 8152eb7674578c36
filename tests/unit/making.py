"""Captures, WARCs and documents made by the real writer for unit tests of what reads them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from archiver.models import Capture, CapturePointer, CrawlContext, Exchange, Role
from archiver.warc import SealedWarc, WarcInfo, WarcWriter

RUN = "20261124t120000zabcdef"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
INFO = WarcInfo(
    software="news-archiver/0.1 test",
    operator="Archive desk <archive@example.org>",
    user_agent="NewsArchiver/0.1 (+https://example.org/bot)",
    run_id=RUN,
    source="example",
    description="Test crawl",
)


def page(title: str = "A headline about the harbour", extra: str = "") -> bytes:
    """An article page."""
    text = "".join(
        f"<p>Paragraph {number} tells of the harbour, where ferries wait for the wind to turn again.</p>"
        for number in range(10)
    )
    return f"<!doctype html><html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}{extra}</article></body></html>".encode()


def answer(body: bytes, *fields: str, status: str = "200 OK", kind: str | None = "text/html; charset=utf-8") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    lines += [f"Content-Type: {kind}"] if kind else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def exchange(url: str, response: bytes, role: Role | None = Role.ARTICLE, **context: object) -> Exchange:
    path = "/" + url.split("/", 3)[3] if url.count("/") > 2 else "/"
    host = url.split("/")[2]
    about = replace(CrawlContext(role=role, source="example", run_id=RUN), **context)  # type: ignore[arg-type]
    return Exchange(
        url=url,
        method="GET",
        request=f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(),
        started=NOON,
        response=response,
        ip_address="192.0.2.7",
        context=about,
    )


def write_warc(folder: Path, *exchanges: Exchange, series: str = "example", run_id: str = RUN) -> SealedWarc:
    """One sealed WARC with its index."""
    writer = WarcWriter(folder, series, replace(INFO, run_id=run_id), clock=lambda: NOON)
    for item in exchanges:
        writer.write(item)
    (sealed,) = writer.close()
    return sealed


def capture(
    body: bytes,
    *,
    url: str = "https://example.org/news/1",
    kind: str | None = "text/html; charset=utf-8",
    status: int = 200,
    headers: tuple[tuple[str, str], ...] = (),
    truncated: str | None = None,
    role: Role | None = Role.ARTICLE,
    warc_type: str = "response",
) -> Capture:
    """A capture as a reader would give it."""
    fields = (*headers, *((("Content-Type", kind),) if kind else ()))
    pointer = CapturePointer(
        warc_filename="x.warc.gz",
        warc_record_offset=100,
        warc_record_length=1000,
        warc_record_id="urn:uuid:00000000-0000-4000-8000-000000000001",
        warc_type=warc_type,
        fetch_time=NOON,
        fetch_status=status,
        content_type=kind,
        truncated=truncated,
    )
    head = f"HTTP/1.1 {status} X\r\n\r\n".encode()
    return Capture(url, "GET", head, fields, body, pointer, CrawlContext(role=role))
