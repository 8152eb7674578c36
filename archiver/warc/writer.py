"""From an Exchange to records on disk: response or revisit, request and metadata, one gzip member each.

Belongs here: what our records contain (capture.md 3-7) and when a file ends. Files, offsets and sealing are in `segment`,
message framing in `wire`, the metadata words in `context`. One thread at a time may use a writer.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from archiver.errors import RecordingError
from archiver.models import CapturePointer, Exchange, RefersTo
from archiver.warc.cdxj import cdxj_line
from archiver.warc.compress import deflater, gzip_member, inflater
from archiver.warc.connection import bare_ip, iana_cipher, protocols, target_uri
from archiver.warc.context import DIGEST_PROFILE, context_lines, field_line, make_pointer
from archiver.warc.records import head_end, http_head_end, parse_date, parse_head, record_head, warc_date
from archiver.warc.redact import DEFAULT, Redaction
from archiver.warc.segment import SealedWarc, Segment, checked_name
from archiver.warc.wire import WireResponse, head_fields, split_response, stored_head

__all__ = ["SealedWarc", "WarcInfo", "WarcWriter"]

IN_MEMORY = 2**20
"""Bytes of a body up to which a record is made in one piece; beyond, it streams from its file."""

REVISIT_MIN = 512
"""Bytes of a body below which a revisit record saves nothing (capture.md 7)."""

ORIGINALS_MAX = 200_000
"""Originals remembered per file for revisits: about 200 bytes of memory each."""

_STEP = 2**18
_CODED = re.compile(r"(?i)image/(?!svg|bmp)|video/|audio/|font/woff|application/(?:zip|gzip|pdf|x-7z|zstd|epub|wasm)")


@dataclass(frozen=True)
class WarcInfo:
    """What the warcinfo record says about every capture of a file. `operator` is name and contact.

    `robots` is the exact policy in words; the standard field says `classic`. `extra` pairs are added as they are.
    """

    software: str
    operator: str
    user_agent: str
    run_id: str
    source: str
    description: str
    robots: str = "RFC 9309: an unreachable robots.txt is a complete disallow, 4xx except 429 allows"
    extra: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class _Answer:
    """A response ready to be recorded: `data` is the body when it is small, None when it streams from `wire.body`."""

    wire: WireResponse
    head: bytes
    headers: tuple[tuple[str, str], ...]
    data: bytes | None
    length: int
    block_sha1: bytes
    payload_sha1: bytes
    sha256: bytes


def utc_now() -> datetime:
    return datetime.now(UTC)


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

    def write(self, exchange: Exchange) -> CapturePointer | None:
        """Record one exchange; None when no response byte arrived.

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
                pointer = self._record(exchange, self._answer(exchange, raw))
        if exchange.response_file:
            exchange.response_file.unlink(missing_ok=True)
        return pointer

    def sync(self) -> None:
        """fsync what was written so far. Raises `RecordingError`."""
        if self._segment is not None:
            self._segment.sync()

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
                segment.append([self._warcinfo(segment, opened)], 1)
            except RecordingError:
                segment.seal()
                raise
            self._segment = segment
        return self._segment

    def _answer(self, exchange: Exchange, raw: BinaryIO) -> _Answer:
        wire = split_response(
            raw, method=exchange.method, closed_by_peer=exchange.closed_by_peer, truncated=exchange.truncated
        )
        head = stored_head(wire.head)
        headers = head_fields(head)
        if wire.body_length <= IN_MEMORY:
            data = wire.body.read()
            block = hashlib.sha1(head + data, usedforsecurity=False).digest()
            payload = hashlib.sha1(data, usedforsecurity=False).digest()
            return _Answer(wire, head, headers, data, len(data), block, payload, hashlib.sha256(data).digest())
        block_sha1, payload_sha1 = hashlib.sha1(head, usedforsecurity=False), hashlib.sha1(usedforsecurity=False)
        sha256, length = hashlib.sha256(), 0
        for piece in _pieces(wire.body):
            length += len(piece)
            for machine in (block_sha1, payload_sha1, sha256):
                machine.update(piece)
        digests = block_sha1.digest(), payload_sha1.digest(), sha256.digest()
        return _Answer(wire, head, headers, None, length, *digests)

    def _record(self, exchange: Exchange, answer: _Answer) -> CapturePointer:
        segment = self._current(answer.length)
        wire, url, date = answer.wire, target_uri(exchange.url), warc_date(exchange.started)
        record_id = self._new_id()
        request_id = self._new_id() if exchange.request else None
        spoken, cipher = protocols(wire.head, exchange.tls_version), iana_cipher(exchange.tls_cipher)
        address = bare_ip(exchange.ip_address)
        connection = [("WARC-IP-Address", address)] if address else []
        connection += [("WARC-Protocol", value) for value in spoken]
        connection += [("WARC-Cipher-Suite", cipher)] if cipher else []
        place = self._originals.get(answer.sha256) if _may_repeat(exchange, answer) else None
        original = self._original(segment, place) if place else None
        kind = "revisit" if original else "response"
        opening = _opening(kind, record_id, date, url)
        payload_digest = _sha1(answer.payload_sha1)
        offset = segment.size
        if original is not None:
            member = gzip_member(_revisit(opening, connection, payload_digest, original, answer.head))
            pieces: Iterator[bytes] = iter((member,))
        else:
            pieces = self._response(opening, connection, payload_digest, answer)
        clean, redacted = self._secrets.apply(exchange.request)
        side = b""
        if request_id is not None:
            side = _request(_opening("request", request_id, date, url), connection, record_id, clean)
        side += self._metadata(exchange, answer, date, url, record_id, redacted, place if original else None)
        counter = _Counter(pieces)
        segment.append(_then(counter, side), 2 if request_id is None else 3)
        length = counter.count
        if kind == "response" and _may_repeat(exchange, answer) and len(self._originals) < ORIGINALS_MAX:
            self._originals.setdefault(answer.sha256, (offset, length))
        segment.saw(exchange.started)
        truncated = None if original else wire.truncated  # a revisit stands for a whole payload
        pointer = make_pointer(
            warc_filename=segment.key,
            offset=offset,
            length=length,
            record_id=record_id,
            warc_type=kind,
            fetch_time=exchange.started,
            status=wire.status,
            headers=answer.headers,
            request_id=request_id,
            payload_digest=payload_digest,
            payload_sha256=answer.sha256.hex(),
            truncated=str(truncated) if truncated else None,
            ip_address=address,
            protocols=spoken,
            cipher=cipher,
            refers_to=original,
        )
        self._index(segment, exchange, pointer, url, clean)
        return pointer

    def _response(
        self, opening: list[tuple[str, str]], connection: list[tuple[str, str]], digest: str, answer: _Answer
    ) -> Iterator[bytes]:
        fields = [*opening, *connection, ("WARC-Block-Digest", _sha1(answer.block_sha1))]
        fields.append(("WARC-Payload-Digest", digest))
        if answer.wire.truncated:
            fields.append(("WARC-Truncated", answer.wire.truncated.value))
        fields.append(("Content-Type", "application/http; msgtype=response"))
        fields.append(("Content-Length", str(len(answer.head) + answer.length)))
        start, coded = record_head(fields) + answer.head, _is_coded(answer.headers)
        if answer.data is not None:
            return iter((gzip_member(start + answer.data + b"\r\n\r\n", coded),))
        return _streamed(start, answer.wire.body, coded)

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

    def _metadata(
        self,
        exchange: Exchange,
        answer: _Answer,
        date: str,
        url: str,
        record_id: str,
        redacted: tuple[str, ...],
        original: tuple[int, int] | None,
    ) -> bytes:
        wire = answer.wire
        pairs = context_lines(exchange.context)
        pairs.append(("fetchTimeMs", str(exchange.duration_ms)))
        pairs.append(("arc-payload-sha256", answer.sha256.hex()))
        if original:
            pairs.append(("arc-original", f"{original[0]} {original[1]}"))
        pairs += [("arc-interim", json.dumps(head.decode("latin-1"))) for head in wire.interim]
        pairs += [("arc-trailer", line.decode("latin-1")) for line in wire.trailers]
        notes = [*wire.notes, *exchange.notes]
        if wire.status is None and answer.head:
            notes.append("status-line-unreadable")
        pairs += [("arc-note", note) for note in notes]
        pairs += [("arc-redacted", what) for what in redacted]
        block = "".join([field_line(name, value) for name, value in pairs]).encode("utf-8", "replace")
        fields = _opening("metadata", self._new_id(), date, url)
        fields += [("WARC-Refers-To", f"<{record_id}>"), ("WARC-Block-Digest", _sha1_of(block))]
        fields += [("Content-Type", "application/warc-fields"), ("Content-Length", str(len(block)))]
        return gzip_member(record_head(fields) + block + b"\r\n\r\n")

    def _warcinfo(self, segment: Segment, opened: datetime) -> bytes:
        info = self.info
        pairs = [
            ("software", info.software),
            ("format", "WARC File Format 1.1"),
            ("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
            ("operator", info.operator),
            ("http-header-user-agent", info.user_agent),
            ("isPartOf", info.run_id),
            ("description", info.description),
            ("robots", "classic"),
            ("arc-run-id", info.run_id),
            ("arc-source", info.source),
            ("arc-series", self.series),
            ("arc-robots", info.robots),
            ("arc-head-change", "Transfer-Encoding is stored as X-Crawler-Transfer-Encoding"),
            ("arc-body", "transfer-decoded, content-coded"),
            ("arc-redaction", self._secrets.describe()),
            ("arc-digests", "sha1 Base32 in WARC fields; sha256 hex of the stored body in arc-payload-sha256"),
            *info.extra,
        ]
        block = "".join([field_line(name, value) for name, value in pairs]).encode("utf-8", "replace")
        fields = [
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", f"<{self._new_id()}>"),
            ("WARC-Date", warc_date(opened)),
        ]
        fields += [("WARC-Filename", segment.final.name), ("WARC-Block-Digest", _sha1_of(block))]
        fields += [("Content-Type", "application/warc-fields"), ("Content-Length", str(len(block)))]
        return gzip_member(record_head(fields) + block + b"\r\n\r\n")

    def _index(self, segment: Segment, exchange: Exchange, pointer: CapturePointer, url: str, request: bytes) -> None:
        body, kind = b"", None
        if exchange.method not in ("GET", "HEAD"):
            end = http_head_end(request)
            body = request[end:]
            kind = next((value for name, value in head_fields(request) if name.lower() == "content-type"), None)
        segment.lines.append(
            cdxj_line(
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
                method=exchange.method,
                request_body=body,
                request_type=kind,
            )
        )


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


def _opening(kind: str, record_id: str, date: str, url: str) -> list[tuple[str, str]]:
    return [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<{record_id}>"),
        ("WARC-Date", date),
        ("WARC-Target-URI", url),
    ]


def _request(opening: list[tuple[str, str]], connection: list[tuple[str, str]], answer_id: str, block: bytes) -> bytes:
    payload = block[http_head_end(block) :]
    fields = [*opening, ("WARC-Concurrent-To", f"<{answer_id}>"), *connection]
    fields += [("WARC-Block-Digest", _sha1_of(block)), ("WARC-Payload-Digest", _sha1_of(payload))]
    fields += [("Content-Type", "application/http; msgtype=request"), ("Content-Length", str(len(block)))]
    return gzip_member(record_head(fields) + block + b"\r\n\r\n")


def _revisit(
    opening: list[tuple[str, str]], connection: list[tuple[str, str]], digest: str, original: RefersTo, head: bytes
) -> bytes:
    """The record of §6.7.2: today's head, no body; the original's date to the last digit."""
    fields = [*opening, ("WARC-Profile", DIGEST_PROFILE), ("WARC-Refers-To", f"<{original.warc_record_id}>")]
    fields.append(("WARC-Refers-To-Target-URI", original.target_uri or ""))
    fields.append(("WARC-Refers-To-Date", warc_date(original.date) if original.date else ""))
    fields += [*connection, ("WARC-Block-Digest", _sha1_of(head)), ("WARC-Payload-Digest", digest)]
    fields.append(("WARC-Truncated", "length"))
    fields += [("Content-Type", "application/http; msgtype=response"), ("Content-Length", str(len(head)))]
    return record_head(fields) + head + b"\r\n\r\n"


def _may_repeat(exchange: Exchange, answer: _Answer) -> bool:
    """Whether a revisit may stand for this answer, or point at it (capture.md 7): complete, 200, worth the saving."""
    wire = answer.wire
    return wire.status == 200 and wire.truncated is None and answer.length >= REVISIT_MIN and exchange.method == "GET"


def _is_coded(headers: tuple[tuple[str, str], ...]) -> bool:
    for name, value in headers:
        lower = name.lower()
        if lower == "content-encoding" and value.strip().lower() not in ("", "identity"):
            return True
        if lower == "content-type" and _CODED.match(value):
            return True
    return False


def _streamed(start: bytes, body: BinaryIO, coded: bool) -> Iterator[bytes]:
    machine = deflater(coded)
    yield machine.compress(start)
    for piece in _pieces(body):
        yield machine.compress(piece)
    yield machine.compress(b"\r\n\r\n") + machine.flush()


def _pieces(body: BinaryIO) -> Iterator[bytes]:
    body.seek(0)
    while piece := body.read(_STEP):
        yield piece


def _sha1(digest: bytes) -> str:
    return "sha1:" + base64.b32encode(digest).decode()


def _sha1_of(data: bytes) -> str:
    return _sha1(hashlib.sha1(data, usedforsecurity=False).digest())
