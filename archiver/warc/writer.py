"""From an Exchange to records on disk: response or revisit, request and metadata, one gzip member each.

Belongs here: which records an exchange becomes, and when a file ends. What a record contains is in `forms`; files, offsets
and sealing are in `segment`, message framing in `wire`. One thread at a time may use a writer.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from archiver import clock
from archiver.errors import RecordingError, UsageError
from archiver.models import Capture, CapturePointer, Exchange, RefersTo
from archiver.models.pointer import OWN_PAGE
from archiver.warc.cdxj import capture_line, noarchive, side_line
from archiver.warc.compress import inflater
from archiver.warc.connection import target_uri
from archiver.warc.context import context_lines, make_pointer
from archiver.warc.forms import (
    NOT_MODIFIED,
    Answer,
    Pairs,
    WarcInfo,
    capture_pairs,
    connection_of,
    info_pairs,
    metadata_member,
    metadata_record,
    opening,
    payload_sha256,
    request_record,
    response_record,
    revisit_record,
    sha1_of,
    side_record,
    take_apart,
    warcinfo_record,
)
from archiver.warc.records import head_end, parse_date, parse_head
from archiver.warc.redact import DEFAULT, Redaction
from archiver.warc.rendered import CONTENT_TYPE as DOM_TYPE
from archiver.warc.rendered import DOM, dom_pointer, metadata_lines, served_of
from archiver.warc.segment import SealedWarc, Segment, checked_name

__all__ = ["SealedWarc", "WarcInfo", "WarcWriter"]

REVISIT_MIN = 512
"""Bytes of a body below which a revisit record saves nothing."""

ORIGINALS_MAX = 200_000
"""Originals remembered per file for revisits: about 200 bytes of memory each."""


_CONDITION = re.compile(rb"(?i)\r\nif-(?:none-match|modified-since)[ \t]*:")


def utc_now() -> datetime:
    return clock.now()


def random_id() -> str:
    """A random record id; version 1 UUIDs would tell the machine's address."""
    return uuid.uuid4().urn


class WarcWriter:
    """Writes exchanges into `folder`, one series of files; see `write`, `sync` and `close`.

    `max_bytes` and `max_age` (seconds) say when a file ends; it also ends at midnight UTC, so that the day in its key is
    the day it was opened. A file is opened by the first exchange, never in advance.
    """

    def __init__(
        self,
        folder: Path,
        series: str,
        info: WarcInfo,
        *,
        max_bytes: int = 1_000_000_000,
        max_age: float = 1800.0,
        secrets: Redaction = DEFAULT,
        clock: Callable[[], datetime] = utc_now,
        new_id: Callable[[], str] = random_id,
    ) -> None:
        self.folder, self.series, self.info = folder, checked_name("the series", series), info
        self.unanswered = 0
        """Exchanges without a single response byte: counted here, recorded nowhere."""
        self._run = checked_name("the run id", info.run_id)
        self._max_bytes, self._max_age = max_bytes, timedelta(seconds=max_age)
        self._secrets, self._clock, self._new_id = secrets, clock, new_id
        self._serial = 0
        self._segment: Segment | None = None
        self._originals: dict[bytes, tuple[int, int]] = {}
        self._sealed: list[SealedWarc] = []

    @property
    def sealed(self) -> list[SealedWarc]:
        """The files sealed so far, in order."""
        return list(self._sealed)

    def write(self, exchange: Exchange, page_id: str | None = None) -> CapturePointer | None:
        """Record one exchange; None when no response byte arrived. `page_id` is the UUID of the page's response that a browser made
        this exchange for, `OWN_PAGE` for that response itself.

        When it returns, all its records are handed to the operating system (a killed process loses nothing). Raises
        `RecordingError` when they could not be; the file then ends at the last whole record.
        """
        try:
            raw: BinaryIO = (
                exchange.response_file.open("rb") if exchange.response_file else io.BytesIO(exchange.response)
            )
        except OSError as error:
            raise RecordingError(f"{exchange.response_file}: cannot be read: {error.strerror}") from error
        with closing(raw):
            if not raw.read(1):
                self.unanswered += 1
                pointer = None
            else:
                pointer = self._record(exchange, take_apart(exchange, raw), page_id)
        if exchange.response_file:
            exchange.response_file.unlink(missing_ok=True)
        return pointer

    def write_side(
        self,
        target: str,
        content_type: str,
        block: bytes,
        moment: datetime,
        *,
        refers_to: str | None = None,
        page_id: str | None = None,
    ) -> tuple[str, int, int, str]:
        """Record something made, not fetched: (WARC key, offset, length, record id).

        `target` is a `urn:`, so that replay never shows it in place of a page; `moment` is the capture's time. With
        `refers_to` (a record id) it is a `conversion` of that record, else a `resource`. Raises `RecordingError`.
        """
        if not target.startswith("urn:"):
            raise UsageError(f"{target!r}: a side record needs a urn: target, or it would replace the page in replay")
        kind, record_id, url = "conversion" if refers_to else "resource", self._new_id(), target_uri(target)
        more: Pairs = [("WARC-Refers-To", f"<{refers_to}>")] if refers_to else []
        more += [("WARC-Page-ID", page_id)] if page_id else []
        segment = self._current(len(block))
        offset = segment.size
        member = side_record(opening(kind, record_id, moment, url), content_type, block, more)
        segment.append([member], 1)
        segment.saw(moment)
        place = segment.key, offset, len(member), record_id
        segment.lines.append(side_line(url, moment, kind, content_type, sha1_of(block), *place))
        return place

    def write_dom(self, page: Capture, dom: bytes, documented: bool) -> CapturePointer:
        """Record the DOM of a rendered page (`page` as served, without its body). `documented`: a document is to be read from it, so
        what that takes is said behind it. Raises `RecordingError`."""
        target, moment, served = target_uri(DOM + page.url), page.pointer.fetch_time, served_of(page)
        segment, record_id, digest = self._current(len(dom)), self._new_id(), sha1_of(dom)
        first = opening("resource", record_id, moment, target)
        member = side_record(first, DOM_TYPE, dom, [("WARC-Page-ID", page.pointer.page_id)])
        sha256, side, offset = hashlib.sha256(dom).hexdigest(), b"", segment.size
        if documented:
            block = metadata_lines(context_lines(page.context), sha256, served)
            side = metadata_member(opening("metadata", self._new_id(), moment, target), record_id, block)
        segment.append([member + side], 2 if documented else 1)
        segment.saw(moment)
        place = segment.key, offset, len(member), record_id
        segment.lines.append(side_line(target, moment, "resource", DOM_TYPE, digest, *place))
        return dom_pointer(
            warc_filename=segment.key,
            offset=offset,
            length=len(member),
            record_id=record_id,
            target=target,
            moment=moment,
            payload_digest=digest,
            payload_sha256=sha256,
            served=served,
        )

    def sync(self) -> None:
        """fsync what was written so far. Raises `RecordingError`."""
        if self._segment is not None:
            self._segment.sync()

    def later_sync(self) -> Callable[[], None]:
        """`sync` of what was written up to now, to be called once in any thread, while writing goes on."""
        return self._segment.later_sync() if self._segment is not None else lambda: None

    def roll_if_due(self) -> None:
        """Seal the current file when its size, its age or midnight says so; for a timer of an idle crawl."""
        segment = self._segment
        if segment is None:
            return
        now = self._clock()
        same_day = now.astimezone(UTC).date() == segment.opened.astimezone(UTC).date()
        if segment.size >= self._max_bytes or now - segment.opened >= self._max_age or not same_day:
            self._seal()

    def close(self) -> list[SealedWarc]:
        """Seal the current file; every file sealed by this writer, in order. Raises `RecordingError`."""
        self._seal()
        return self.sealed

    def path_of(self, warc_filename: str) -> Path | None:
        """Where the file of a pointer is now (open or sealed); None when this writer did not write it."""
        if self._segment is not None and self._segment.key == warc_filename:
            return self._segment.path
        return next((sealed.path for sealed in self._sealed if sealed.key == warc_filename), None)

    def _seal(self) -> None:
        segment, self._segment = self._segment, None
        self._originals = {}
        if segment is not None and (sealed := segment.seal()):
            self._sealed.append(sealed)

    def _current(self, coming: int) -> Segment:
        """The file to write into. A capture that is larger than the size target gets a file of its own."""
        self.roll_if_due()
        if self._segment is not None and coming > self._max_bytes and self._segment.first_time is not None:
            self._seal()
        if self._segment is None:
            opened = self._clock()
            segment = Segment(self.folder, self.series, opened, self._serial, self._run)
            self._serial += 1
            try:
                pairs = info_pairs(self.info, self.series, self._secrets.describe())
                segment.append([warcinfo_record(self._new_id(), opened, segment.final.name, pairs)], 1)
            except RecordingError:
                segment.seal()
                raise
            self._segment = segment
        return self._segment

    def _record(self, exchange: Exchange, answer: Answer, page_id: str | None) -> CapturePointer:
        segment = self._current(answer.length)
        url, record_id = target_uri(exchange.url), self._new_id()
        connection = connection_of(exchange, answer.wire)
        place = self._originals.get(answer.sha256) if _may_repeat(exchange, answer) else None
        original = self._original(segment, place) if place else _published(exchange, answer, url)
        first = opening("revisit" if original else "response", record_id, exchange.started, url)
        fields, offset = [*connection.fields(), *_page_of(page_id, record_id)], segment.size
        if original is None:
            pieces = _Counter(response_record(first, fields, answer))
        else:
            pieces = _Counter(iter((revisit_record(first, fields, answer, original),)))
        clean, redacted = self._secrets.apply(exchange.request)
        request_id, side = None, b""
        if exchange.request:
            request_id = self._new_id()
            first = opening("request", request_id, exchange.started, url)
            side = request_record(first, fields, record_id, clean)
        first = opening("metadata", self._new_id(), exchange.started, url)
        pairs = capture_pairs(exchange, answer, redacted, original, segment.key)
        side += metadata_record(first, record_id, pairs)
        segment.append(_then(pieces, side), 3 if request_id else 2)
        segment.saw(exchange.started)
        if original is None and _may_repeat(exchange, answer) and len(self._originals) < ORIGINALS_MAX:
            self._originals.setdefault(answer.sha256, (offset, pieces.count))
        # A revisit stands for a whole payload: its WARC-Truncated says no more than that the body is elsewhere.
        truncated = answer.wire.truncated if original is None else None
        pointer = make_pointer(
            warc_filename=segment.key,
            offset=offset,
            length=pieces.count,
            record_id=record_id,
            warc_type="revisit" if original else "response",
            fetch_time=exchange.started,
            status=answer.wire.status,
            headers=answer.headers,
            request_id=request_id,
            payload_digest=None if original and answer.wire.status == NOT_MODIFIED else answer.payload_sha1,
            payload_sha256=payload_sha256(exchange, answer, original),
            truncated=truncated.value if truncated else None,
            ip_address=connection.address,
            protocols=connection.protocols,
            cipher=connection.cipher,
            refers_to=original,
        )
        segment.lines.append(capture_line(pointer, url, exchange.method, clean, noarchive=noarchive(answer.headers)))
        return pointer

    def _original(self, segment: Segment, place: tuple[int, int]) -> RefersTo | None:
        """What a revisit says of the record at `place` of this file; read back, so that it is certainly there."""
        offset, length = place
        data = inflater().decompress(os.pread(segment.fd, min(length, 8192), offset), 16384)
        end = head_end(data)
        head = parse_head(data, end) if end > 0 else None
        if head is None or head.kind != "response":
            return None
        return RefersTo(
            target_uri=head.target,
            date=parse_date(head.get("warc-date")),
            warc_filename=segment.key,
            warc_record_offset=offset,
            warc_record_length=length,
            warc_record_id=head.record_id,
        )


def _page_of(page_id: str | None, own: str) -> Pairs:
    if page_id is None:
        return []
    return [("WARC-Page-ID", own.removeprefix("urn:uuid:") if page_id == OWN_PAGE else page_id)]


class _Counter:
    """Passes pieces on and counts their bytes."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self.count = pieces, 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self.count += len(piece)
            yield piece


def _then(first: _Counter, last: bytes) -> Iterator[bytes]:
    """All pieces, the last of the first joined to `last`: a usual capture is one write(2)."""
    held = b""
    for piece in first:
        if held:
            yield held
        held = piece
    yield held + last


def _published(exchange: Exchange, answer: Answer, url: str) -> RefersTo | None:
    """The published record that this answer repeats: the same URL, and the same body or a 304 that was asked for."""
    if exchange.context.original is None:
        return None
    original, sha256 = exchange.context.original
    if original.target_uri != url:
        return None
    same = _may_repeat(exchange, answer) and sha256 == answer.sha256.hex()
    return original if same or _not_modified(exchange, answer) else None


def _not_modified(exchange: Exchange, answer: Answer) -> bool:
    """Whether the server says that nothing changed, and was asked whether anything did."""
    asked = exchange.method == "GET" and _CONDITION.search(exchange.request) is not None
    return asked and answer.wire.status == NOT_MODIFIED and answer.wire.truncated is None and not answer.length


def _may_repeat(exchange: Exchange, answer: Answer) -> bool:
    """Whether a revisit may stand for this answer, or point at it: complete, 200, worth the saving."""
    wire = answer.wire
    return wire.status == 200 and wire.truncated is None and answer.length >= REVISIT_MIN and exchange.method == "GET"
