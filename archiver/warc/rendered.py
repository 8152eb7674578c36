"""A page's DOM as evidence: the record of a document that was read from what scripts built, not from what the server sent.

Belongs here: the words of such a record's metadata, both ways, and the `Capture` that it gives. The record is a `resource` under
`urn:dom:`, since nobody fetched it; with metadata behind it a document was read from it, because the served page had no text. A DOM
without is kept for people to look at. What scripts cannot change, status and header fields, is the served page's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from archiver.models import Capture, CapturePointer, RefersTo
from archiver.warc.context import Side, field_line, make_pointer
from archiver.warc.records import Head

DOM = "urn:dom:"
CONTENT_TYPE = "text/html; charset=utf-8"

_OF_THE_BODY = ("content-", "transfer-encoding", "x-crawler-", "set-cookie", "digest", "repr-digest", "etag", "trailer")
"""Header fields, by their beginnings, that are about the bytes that were served, or nobody's to repeat."""

_KEPT = ("content-language", "content-usage")


@dataclass(frozen=True, slots=True)
class Served:
    """The page that the server sent: where its record is, and what of its head holds for the DOM as well."""

    warc_filename: str
    offset: int
    length: int
    record_id: str
    status: int | None
    headers: tuple[tuple[str, str], ...] = ()


def is_dom(head: Head) -> bool:
    """Whether a record holds the DOM of a page."""
    return head.kind == "resource" and (head.target or "").startswith(DOM)


def served_of(page: Capture) -> Served:
    """What a DOM's record says of the page that it grew from."""
    pointer = page.pointer
    headers = tuple((name, value) for name, value in page.headers if _holds(name.lower()))
    place = pointer.warc_filename, pointer.warc_record_offset, pointer.warc_record_length, pointer.warc_record_id
    return Served(*place, pointer.fetch_status, headers)


def _holds(name: str) -> bool:
    return name in _KEPT or not name.startswith(_OF_THE_BODY)


def served_lines(served: Served) -> list[tuple[str, str]]:
    """`served` as warc-fields pairs."""
    place = f"{served.offset} {served.length} {served.warc_filename}"
    pairs = [("arc-dom-of", served.record_id), ("arc-dom-of-place", place), ("arc-dom-status", str(served.status or 0))]
    return [*pairs, *(("arc-dom-field", f"{name}: {value}") for name, value in served.headers)]


def read_served(block: bytes) -> Served | None:
    """The inverse; None when a metadata block says nothing of a served page."""
    record_id, place, status = "", (0, 0, ""), 0
    headers: list[tuple[str, str]] = []
    for line in block.decode("utf-8", "replace").split("\r\n"):
        name, _, value = line.partition(": ")
        if name == "arc-dom-of":
            record_id = value
        elif name == "arc-dom-of-place":
            place = _place(value)
        elif name == "arc-dom-status":
            status = _number(value)
        elif name == "arc-dom-field":
            field, _, said = value.partition(": ")
            headers.append((field, said))
    if not record_id or not place[2]:
        return None
    return Served(place[2], place[0], place[1], record_id, status or None, tuple(headers))


def _place(value: str) -> tuple[int, int, str]:
    offset, _, rest = value.partition(" ")
    length, _, key = rest.partition(" ")
    return _number(offset), _number(length), key


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def metadata_lines(context_lines: list[tuple[str, str]], sha256: str, served: Served) -> bytes:
    """The block of the metadata record behind a DOM that a document is read from."""
    pairs = [*context_lines, ("arc-payload-sha256", sha256), *served_lines(served)]
    return "".join(field_line(name, value) for name, value in pairs).encode("utf-8", "replace")


def dom_pointer(
    *,
    warc_filename: str,
    offset: int,
    length: int,
    record_id: str,
    target: str,
    moment: datetime,
    payload_digest: str | None,
    payload_sha256: str | None,
    served: Served,
) -> CapturePointer:
    """The pointer of a DOM's record; `refers_to` is the served page, which replay shows."""
    return make_pointer(
        warc_filename=warc_filename,
        offset=offset,
        length=length,
        record_id=record_id,
        warc_type="resource",
        fetch_time=moment,
        status=served.status,
        headers=_headers(served),
        payload_digest=payload_digest,
        payload_sha256=payload_sha256,
        refers_to=RefersTo(
            target_uri=target.removeprefix(DOM),
            date=moment,
            warc_filename=served.warc_filename,
            warc_record_offset=served.offset,
            warc_record_length=served.length,
            warc_record_id=served.record_id,
        ),
    )


def dom_capture(target: str, body: bytes, pointer: CapturePointer, side: Side, served: Served) -> Capture:
    """The capture of the page in the state that scripts left it in; there is no head, nothing crossed the wire."""
    return Capture(target.removeprefix(DOM), "GET", b"", _headers(served), body, pointer, side.context)


def _headers(served: Served) -> tuple[tuple[str, str], ...]:
    return (("Content-Type", CONTENT_TYPE), *served.headers)
