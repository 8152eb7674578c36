"""From the records of one capture to the `Capture`.

Belongs here: what each field of a capture is read from. Which records belong to one capture is `reader`'s matter.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from archiver.errors import WarcError
from archiver.models import Capture, CrawlContext, RefersTo
from archiver.warc.context import Side, make_pointer
from archiver.warc.places import Found, Index, Place, Warcinfo, unchunked
from archiver.warc.records import Head, http_head_end, parse_date, unbracketed
from archiver.warc.rendered import Served, dom_capture, dom_pointer
from archiver.warc.walk import Record
from archiver.warc.wire import head_fields, status_of

_METHOD = re.compile(rb"([!-~]{1,32}) ")


@dataclass(slots=True)
class Request:
    record_id: str | None
    method: str
    partners: frozenset[str]


def request_of(record: Record) -> Request:
    return request_from(record.head, record.read_up_to(4096))


def request_from(head: Head, block: bytes) -> Request:
    method = _METHOD.match(block)
    partners = frozenset(unbracketed(value) or "" for value in head.values("warc-concurrent-to"))
    return Request(head.record_id, method[1].decode() if method else "GET", partners)


class Maker:
    """Builds `Capture`s of one file."""

    def __init__(self, path: str, warc_filename: str, body_limit: int, info: Warcinfo) -> None:
        self.path, self.name, self.limit, self.info = path, warc_filename, body_limit, info

    def capture(
        self,
        found: Found,
        request: Request | None,
        side: Side | None,
        body_at: Callable[[Place], bytes],
        index: Index | None,
    ) -> Capture:
        head, record_id = found.head, found.head.record_id
        target, date = self._named(found)
        end = http_head_end(found.block)
        http, body = found.block[:end], found.block[end : end + self.limit + 1]
        headers = head_fields(http)
        if side is None:
            body = unchunked(headers, http, body)
        refers_to = None
        if head.kind == "revisit":
            refers_to, place = self._refers_to(head, side, index)
            body = body_at(place) if place else body
        pointer = make_pointer(
            warc_filename=self.name,
            offset=found.offset,
            length=found.length,
            record_id=record_id or "",
            warc_type=head.kind,
            fetch_time=date,
            status=status_of(http),
            headers=headers,
            request_id=request.record_id if request else None,
            payload_digest=head.get("warc-payload-digest"),
            payload_sha256=side.payload_sha256 if side else self._sha256(head, body),
            identified=head.get("warc-identified-payload-type"),
            truncated=None if head.kind == "revisit" else head.get("warc-truncated"),
            ip_address=head.get("warc-ip-address"),
            protocols=head.values("warc-protocol"),
            cipher=head.get("warc-cipher-suite"),
            refers_to=refers_to,
        )
        context = side.context if side else CrawlContext()
        return Capture(target, request.method if request else "GET", http, headers, body, pointer, context)

    def dom(self, found: Found, side: Side, served: Served) -> Capture:
        """The capture of a rendered page whose document is read from its DOM."""
        target, date = self._named(found)
        pointer = dom_pointer(
            warc_filename=self.name,
            offset=found.offset,
            length=found.length,
            record_id=found.head.record_id or "",
            target=target,
            moment=date,
            payload_digest=found.head.get("warc-payload-digest"),
            payload_sha256=side.payload_sha256,
            served=served,
        )
        return dom_capture(target, found.block[: self.limit + 1], pointer, side, served)

    def _named(self, found: Found) -> tuple[str, datetime]:
        """Target and date, which every capture has."""
        date, target = parse_date(found.head.get("warc-date")), found.head.target
        if date is None:
            said = found.head.get("warc-date")
            raise WarcError(str(self.path), found.offset, "date-form", f"WARC-Date {said!r} is no date")
        if not target:
            raise WarcError(self.path, found.offset, "field-missing", "the capture has no WARC-Target-URI")
        return target, date

    def _sha256(self, head: Head, body: bytes) -> str | None:
        if len(body) > self.limit or (head.kind == "revisit" and not body):
            return None
        return hashlib.sha256(body).hexdigest()

    def _refers_to(self, head: Head, side: Side | None, index: Index | None) -> tuple[RefersTo, Place | None]:
        record_id = unbracketed(head.get("warc-refers-to"))
        target = unbracketed(head.get("warc-refers-to-target-uri"))
        date = head.get("warc-refers-to-date")
        place = side.original if side else None
        if place is None and index is not None:
            place = index.get(record_id or "") or index.get(f"{target} {date}")
        elsewhere = side.elsewhere if side and place is None else None
        address = (*place, self.name) if place else elsewhere or (None, None, None)
        reference = RefersTo(
            target_uri=target,
            date=parse_date(date),
            warc_filename=address[2],
            warc_record_offset=address[0],
            warc_record_length=address[1],
            warc_record_id=record_id,
        )
        return reference, place
