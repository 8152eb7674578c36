"""What each of our record types contains, as bytes.

Belongs here: an answer taken apart with its digests, and one function a record type. When records are written, and where, is
for `writer`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from archiver.models import Exchange, RefersTo
from archiver.warc.coding import PROBE, claims_falsely, codings
from archiver.warc.compress import deflater, gzip_member, stored_member
from archiver.warc.connection import bare_ip, iana_cipher, protocols
from archiver.warc.context import DIGEST_PROFILE, NOT_MODIFIED_PROFILE, context_lines, field_line
from archiver.warc.records import STATUS_LINE, http_head_end, record_head, warc_date
from archiver.warc.wire import WireResponse, head_fields, split_response, stored_head

IN_MEMORY = 2**20
"""Bytes of a body up to which a record is made in one piece; beyond, it streams from its file."""

NOT_MODIFIED = 304

_STEP = 2**18
_END = b"\r\n\r\n"
_CODED = re.compile(r"(?i)image/(?!svg|bmp)|video/|audio/|font/woff|application/(?:zip|gzip|pdf|x-7z|zstd|epub|wasm)")

Pairs = list[tuple[str, str]]


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
class Answer:
    """A response ready to be recorded: `data` is the body when it is small, None when it streams from `wire.body`.

    `head` is the stored one; `untrue_coding`: the body is not in the coding that the server claims.
    """

    wire: WireResponse
    head: bytes
    headers: tuple[tuple[str, str], ...]
    data: bytes | None
    length: int
    block_sha1: str
    payload_sha1: str
    sha256: bytes
    untrue_coding: bool


@dataclass(slots=True)
class Connection:
    """What was spoken with whom, in WARC's spelling."""

    address: str | None
    protocols: list[str]
    cipher: str | None

    def fields(self) -> Pairs:
        pairs = [("WARC-IP-Address", self.address)] if self.address else []
        pairs += [("WARC-Protocol", value) for value in self.protocols]
        return pairs + ([("WARC-Cipher-Suite", self.cipher)] if self.cipher else [])


def connection_of(exchange: Exchange, wire: WireResponse) -> Connection:
    spoken = protocols(wire.head, exchange.tls_version)
    return Connection(bare_ip(exchange.ip_address), spoken, iana_cipher(exchange.tls_cipher))


def take_apart(exchange: Exchange, raw: BinaryIO) -> Answer:
    """The answer in `raw` without its framing, with all digests. A large body is read once and stays in its file."""
    wire = split_response(
        raw, method=exchange.method, closed_by_peer=exchange.closed_by_peer, truncated=exchange.truncated
    )
    head = stored_head(wire.head)
    headers = head_fields(head)
    names = codings(headers)
    block, payload, sha256 = _new_sha1(head), _new_sha1(), hashlib.sha256()
    data, length, start = None, 0, b""
    for piece in [wire.body.read()] if wire.body_length <= IN_MEMORY else _pieces(wire.body):
        data = piece
        start = start or piece[:PROBE]
        length += len(piece)
        block.update(piece)
        payload.update(piece)
        sha256.update(piece)
    return Answer(
        wire,
        head,
        headers,
        data if wire.body_length <= IN_MEMORY else None,
        length,
        sha1_text(block.digest()),
        sha1_text(payload.digest()),
        sha256.digest(),
        claims_falsely(names, start),
    )


def opening(kind: str, record_id: str, moment: datetime, url: str) -> Pairs:
    """The fields that every record but warcinfo begins with."""
    return [
        ("WARC-Type", kind),
        ("WARC-Record-ID", f"<{record_id}>"),
        ("WARC-Date", warc_date(moment)),
        ("WARC-Target-URI", url),
    ]


def response_record(first: Pairs, connection: Pairs, answer: Answer) -> Iterator[bytes]:
    """The member of a response, in pieces."""
    fields = [*first, *connection, ("WARC-Block-Digest", answer.block_sha1)]
    fields.append(("WARC-Payload-Digest", answer.payload_sha1))
    if answer.wire.truncated:
        fields.append(("WARC-Truncated", answer.wire.truncated.value))
    fields.append(("Content-Type", "application/http; msgtype=response"))
    fields.append(("Content-Length", str(len(answer.head) + answer.length)))
    start, coded = record_head(fields) + answer.head, _is_coded(answer.headers)
    if answer.data is not None:
        rest = answer.data + _END
        return iter((stored_member(start, rest) if coded else gzip_member(start + rest),))
    return _streamed(start, answer.wire.body, coded)


def revisit_record(first: Pairs, connection: Pairs, answer: Answer, original: RefersTo) -> bytes:
    """The member of a revisit: today's head, no body; the original's date to the last digit.

    A 304 (§6.7.3) has no payload whose digest could be told; a repeated payload (§6.7.2) has, and its body is left out.
    """
    unchanged = answer.wire.status == NOT_MODIFIED
    profile = NOT_MODIFIED_PROFILE if unchanged else DIGEST_PROFILE
    fields = [*first, ("WARC-Profile", profile), ("WARC-Refers-To", f"<{original.warc_record_id}>")]
    fields.append(("WARC-Refers-To-Target-URI", original.target_uri or ""))
    fields.append(("WARC-Refers-To-Date", warc_date(original.date) if original.date else ""))
    fields += [*connection, ("WARC-Block-Digest", sha1_of(answer.head))]
    if not unchanged:
        fields += [("WARC-Payload-Digest", answer.payload_sha1), ("WARC-Truncated", "length")]
    return _member(fields, "application/http; msgtype=response", answer.head)


def request_record(first: Pairs, connection: Pairs, answer_id: str, block: bytes) -> bytes:
    """The member of a request; `block` is redacted already."""
    fields = [*first, ("WARC-Concurrent-To", f"<{answer_id}>"), *connection]
    fields += [("WARC-Block-Digest", sha1_of(block)), ("WARC-Payload-Digest", sha1_of(block[http_head_end(block) :]))]
    return _member(fields, "application/http; msgtype=request", block)


def metadata_record(first: Pairs, answer_id: str, pairs: Pairs) -> bytes:
    """The member of a metadata record about `answer_id`: no payload digest, because it has no payload."""
    return metadata_member(first, answer_id, fields_block(pairs))


def metadata_member(first: Pairs, about: str, block: bytes) -> bytes:
    """The same with a block that is made already."""
    fields = [*first, ("WARC-Refers-To", f"<{about}>"), ("WARC-Block-Digest", sha1_of(block))]
    return _member(fields, "application/warc-fields", block)


def side_record(first: Pairs, content_type: str, block: bytes, more: Pairs) -> bytes:
    """The member of a resource or conversion: payload and block are the same bytes."""
    digest = sha1_of(block)
    fields = [*first, *more, ("WARC-Block-Digest", digest), ("WARC-Payload-Digest", digest)]
    return _member(fields, content_type, block)


def warcinfo_record(record_id: str, opened: datetime, filename: str, pairs: Pairs) -> bytes:
    """The member that a file begins with; `filename` is the final name, without `.open`."""
    block = fields_block(pairs)
    fields = [("WARC-Type", "warcinfo"), ("WARC-Record-ID", f"<{record_id}>"), ("WARC-Date", warc_date(opened))]
    fields += [("WARC-Filename", filename), ("WARC-Block-Digest", sha1_of(block))]
    return _member(fields, "application/warc-fields", block)


def info_pairs(info: WarcInfo, series: str, redaction: str) -> Pairs:
    """The lines of warcinfo."""
    return [
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
        ("arc-series", series),
        ("arc-robots", info.robots),
        ("arc-head-change", "Transfer-Encoding is stored as X-Crawler-Transfer-Encoding"),
        ("arc-body", "transfer-decoded, content-coded"),
        ("arc-redaction", redaction),
        ("arc-digests", "sha1 Base32 in WARC fields; sha256 hex of the stored body in arc-payload-sha256"),
        *info.extra,
    ]


def capture_pairs(
    exchange: Exchange, answer: Answer, redacted: tuple[str, ...], original: RefersTo | None, here: str
) -> Pairs:
    """The lines of a capture's metadata record. `original`: what a revisit stands for; `here`: this file's key."""
    wire = answer.wire
    pairs = context_lines(exchange.context)
    pairs.append(("fetchTimeMs", str(exchange.duration_ms)))
    pairs.append(("arc-payload-sha256", payload_sha256(exchange, answer, original)))
    if original:
        place, file = f"{original.warc_record_offset} {original.warc_record_length}", original.warc_filename
        pairs.append(("arc-original", place) if file == here else ("arc-original-in", f"{place} {file}"))
    pairs += [("arc-interim", json.dumps(head.decode("latin-1"))) for head in wire.interim]
    pairs += [("arc-trailer", line.decode("latin-1")) for line in wire.trailers]
    pairs += [("arc-note", note) for note in (*wire.notes, *exchange.notes)]
    if not STATUS_LINE.match(answer.head):
        pairs.append(("arc-note", "status-line-unreadable"))
    if answer.untrue_coding:
        pairs.append(("arc-note", "content-encoding-untrue"))
    return pairs + [("arc-redacted", what) for what in redacted]


def payload_sha256(exchange: Exchange, answer: Answer, original: RefersTo | None) -> str:
    """Of the body that the capture stands for: a 304's is its original's."""
    known = exchange.context.original
    return known[1] if original and known and answer.wire.status == NOT_MODIFIED else answer.sha256.hex()


def fields_block(pairs: Pairs) -> bytes:
    """An `application/warc-fields` block."""
    return "".join([field_line(name, value) for name, value in pairs]).encode("utf-8", "replace")


def sha1_text(digest: bytes) -> str:
    """`sha1:` and upper-case Base32, the form that Wayback and pywb expect."""
    return "sha1:" + base64.b32encode(digest).decode()


def sha1_of(data: bytes) -> str:
    return sha1_text(_new_sha1(data).digest())


def _new_sha1(data: bytes = b"") -> hashlib._Hash:
    return hashlib.sha1(data, usedforsecurity=False)


def _member(fields: Pairs, content_type: str, block: bytes) -> bytes:
    ending = [("Content-Type", content_type), ("Content-Length", str(len(block)))]
    return gzip_member(record_head([*fields, *ending]) + block + _END)


def _is_coded(headers: tuple[tuple[str, str], ...]) -> bool:
    if codings(headers):
        return True
    return any(name.lower() == "content-type" and _CODED.match(value) is not None for name, value in headers)


def _streamed(start: bytes, body: BinaryIO, coded: bool) -> Iterator[bytes]:
    machine = deflater(coded)
    yield machine.compress(start)
    for piece in _pieces(body):
        yield machine.compress(piece)
    yield machine.compress(_END) + machine.flush()


def _pieces(body: BinaryIO) -> Iterator[bytes]:
    body.seek(0)
    while piece := body.read(_STEP):
        yield piece
