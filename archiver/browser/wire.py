"""From what the browser reports to the bytes that an `Exchange` holds.

Belongs here: pure functions. The head of an answer is the block that the browser received; its body is as pages see it, without
content-coding, so the header lines that speak of codings and lengths are renamed, as `archiver.warc.wire` does with one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

NOTE = "browser: as the browser reports it"
"""In the `arc-note` of every such capture."""

WARCINFO = (
    (
        "arc-browser-exchanges",
        "captures with this arc-note are as the browser reports them: the head of an answer as received, its body without "
        "content-coding, the request from the header fields that were sent; Content-Encoding, Transfer-Encoding, and a "
        "Content-Length that is not the stored body's, are named X-Crawler-…; bodies of redirects are not shown by it",
    ),
)

_CODING = re.compile(rb"(?im)^(?=(?:content-encoding|transfer-encoding)[ \t]*:)")
_LENGTH = re.compile(rb"(?im)^(?=content-length[ \t]*:)")
_LENGTH_VALUE = re.compile(rb"(?im)^content-length[ \t]*:[ \t]*(\d+)[ \t]*\r?$")
_CODED = re.compile(rb"(?im)^content-encoding[ \t]*:[ \t]*(?!identity[ \t\r])\S")
_END = re.compile(rb"\n\r?\n")


def answer_bytes(head: bytes, body: bytes, *, cut: bool = False) -> bytes:
    """An answer with the stored head. `cut`: not all of the body is here, so its length stays what was announced."""
    found = _END.search(head)
    head = head[: found.end()] if found else head.rstrip(b"\r\n") + b"\r\n\r\n"
    coded = _CODED.search(head) is not None
    stated = _LENGTH_VALUE.search(head)
    renamed = _CODING.sub(b"X-Crawler-", head)
    if stated and (coded or (not cut and int(stated[1]) != len(body))):
        renamed = _LENGTH.sub(b"X-Crawler-", renamed)
    return renamed + body


def head_bytes(raw: str | None, status: int, reason: str, fields: Iterable[tuple[str, str]]) -> bytes:
    """The head of an answer: the block as received where the browser has it (HTTP/1.1), else one made from its fields."""
    if raw:
        return _bytes(raw)
    lines = [
        f"HTTP/1.1 {status} {reason}",
        *(f"{name}: {line}" for name, value in fields for line in value.split("\n")),
    ]
    return _bytes("\r\n".join(lines) + "\r\n\r\n")


def request_bytes(method: str, url: str, fields: Mapping[str, str], body: bytes) -> bytes:
    """A request from the header fields that were sent."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    names = {name.lower() for name in fields}
    host = [] if "host" in names else [f"Host: {parts.netloc}"]
    lines = [f"{method} {target} HTTP/1.1", *host, *(f"{name}: {value}" for name, value in fields.items())]
    clean = [line.replace("\r", " ").replace("\n", " ") for line in lines if not line.startswith(":")]
    return _bytes("\r\n".join(clean) + "\r\n\r\n") + body


def _bytes(text: str) -> bytes:
    """Header text as the bytes it was: the browser shows bytes as Latin-1, or as UTF-8 where they are that."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def page_headers(fields: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """The header fields that a decoded body is handed to the page with."""
    dropped = ("content-encoding", "content-length", "transfer-encoding")
    return [dict(field) for field in fields if field["name"].lower() not in dropped]
