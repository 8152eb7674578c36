"""CDXJ lines: the index of one WARC by SURT.

Belongs here: a line from a record's fields, and a sorted `.cdxj.gz` beside a WARC. Reading one is for `index`, making
one again from a WARC for `recover`; the replay index, which leaves lines out, is for `archiver.replay`.
"""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from archiver.directives import says_noarchive
from archiver.models import CapturePointer
from archiver.urls import surt_key
from archiver.warc.canonical import appended_query
from archiver.warc.records import http_head_end, warc_date
from archiver.warc.wire import head_fields

INDEXED = ("response", "revisit", "resource", "conversion")
"""Record types that have a line; the others are reached from these."""


def cdxj_line(
    *,
    url: str,
    date: datetime,
    kind: str,
    content_type: str | None,
    status: int | None,
    digest: str | None,
    offset: int,
    length: int,
    filename: str,
    record_id: str,
    method: str = "GET",
    request_body: bytes = b"",
    request_type: str | None = None,
    noarchive: bool = False,
) -> bytes:
    """One line, LF included. `content_type` is the HTTP header's (or the record's) value; `date` keeps its microseconds.

    `noarchive` becomes `robotflags`, the CDX field of old whose letter A says so: replay leaves such a line out.
    """
    key = surt_key(url)
    if method != "GET":
        key = _with_method(key, url, method, request_body, request_type)
    mime = "warc/revisit" if kind == "revisit" else _mime(content_type)
    moment = warc_date(date)
    values = {
        "fetch_time": moment,
        "url": url,
        "mime": mime,
        "status": "" if status is None else str(status),
        "digest": digest or "",
        "length": str(length),
        "offset": str(offset),
        "filename": filename,
        "warc_record_id": record_id,
        "robotflags": "A" if noarchive else "",
    }
    values = {name: value for name, value in values.items() if value}
    stamp = moment[0:4] + moment[5:7] + moment[8:10] + moment[11:13] + moment[14:16] + moment[17:19]
    return f"{key} {stamp} {json.dumps(values)}\n".encode("utf-8", "backslashreplace")


def capture_line(
    pointer: CapturePointer, url: str, method: str = "GET", request: bytes = b"", *, noarchive: bool = False
) -> bytes:
    """The line of a capture. `request` is the request block: what is not GET is keyed by method and body too."""
    body, kind = posted(method, request)
    return cdxj_line(
        url=url,
        date=pointer.fetch_time,
        kind=pointer.warc_type,
        content_type=pointer.content_type,
        status=pointer.fetch_status,
        digest=pointer.payload_digest,
        offset=pointer.warc_record_offset,
        length=pointer.warc_record_length,
        filename=pointer.warc_filename,
        record_id=pointer.warc_record_id,
        method=method,
        request_body=body,
        request_type=kind,
        noarchive=noarchive,
    )


def noarchive(headers: Iterable[tuple[str, str]]) -> bool:
    """Whether an answer's headers ask archives not to show it."""
    return says_noarchive(value for name, value in headers if name.lower() == "x-robots-tag")


def posted(method: str, request: bytes) -> tuple[bytes, str | None]:
    """(body, type of the body) of a request block, where they belong to the key: not for GET and HEAD."""
    if method in ("GET", "HEAD"):
        return b"", None
    kind = next((value for name, value in head_fields(request) if name.lower() == "content-type"), None)
    return request[http_head_end(request) :], kind


def side_line(
    url: str,
    date: datetime,
    kind: str,
    content_type: str | None,
    digest: str | None,
    filename: str,
    offset: int,
    length: int,
    record_id: str,
) -> bytes:
    """The line of a resource or conversion record."""
    return cdxj_line(
        url=url,
        date=date,
        kind=kind,
        content_type=content_type,
        status=None,
        digest=digest,
        offset=offset,
        length=length,
        filename=filename,
        record_id=record_id,
    )


def write_cdxj(path: Path, lines: Iterable[bytes]) -> None:
    """Sort by bytes and write `path` (`.cdxj.gz`) durably: temporary name, fsync, rename."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=file, mtime=0) as packed:
            packed.write(b"".join(sorted(lines)))
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def _mime(content_type: str | None) -> str:
    mime = (content_type or "").partition(";")[0].strip().lower()
    return mime if _MIME.fullmatch(mime) else "unk"


_MIME = re.compile(r"[!-~]+")


def _with_method(key: str, url: str, method: str, body: bytes, content_type: str | None) -> str:
    """The key of a request that is no GET: method and body become query parameters."""
    if not url.lower().startswith(("http://", "https://")):
        return key
    return surt_key(url + ("&" if "?" in url else "?") + appended_query(method, body, content_type))
