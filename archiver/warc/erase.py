"""A WARC again without some of its records: a new file, in which every other record keeps its place.

Belongs here: bytes. Which records go is decided elsewhere (`archiver.takedown`). Where records stood, a metadata record of the same
length says that something was removed, so that every address into the file (index lines, documents, revisits in this file and in
others) stays right but for the file's name. What was there is in no byte of the new file.
"""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import struct
import uuid
import zlib
from collections.abc import Collection, Container, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from archiver.errors import WarcError
from archiver.layout import SegmentName, is_run_id
from archiver.warc.places import Found, open_warc, record_at
from archiver.warc.records import record_head, unbracketed, warc_date
from archiver.warc.segment import sync_folder
from archiver.warc.walk import Bytes, Walk

_STORED_MAX = 0xFFFF
_COMMENT_MAX = 16_384
_STEP = 2**20
_INFO_MAX = 2**22
_RANDOM_ENDS = 200
_SPARED = b"format: WARC File Format 1.1\r\n"
"""A line of the warcinfo record whose next one, `conformsTo`, says the same."""
_LINKS = ("warc-concurrent-to", "warc-refers-to")


@dataclass(frozen=True, slots=True)
class Span:
    """A record of a file: its member's place, its id and kind, and the ids that it names."""

    offset: int
    length: int
    record_id: str
    kind: str
    links: tuple[str, ...]


def spans_of(path: Path) -> list[Span]:
    """Every record of a file of ours in order. Raises `WarcError` for anything that is not one record a member."""

    def problem(offset: int, rule: str, sentence: str) -> None:
        raise WarcError(str(path), offset, rule, sentence)

    spans = []
    with open_warc(path) as file:
        for record in Walk(path, file, problem):
            record.finish()
            if not record.alone or not record.whole or not record.head.record_id:
                problem(record.offset, "gzip-member", "not exactly one whole record with an id; mend the file first")
            links = tuple(unbracketed(value) or "" for name in _LINKS for value in record.head.values(name))
            spans.append(Span(record.offset, record.length, record.head.record_id or "", record.head.kind, links))
    return spans


def with_companions(spans: Collection[Span], gone: Collection[str]) -> set[str]:
    """`gone` and what belongs to it: requests, metadata and conversions of a capture, and revisits that stand for it."""
    every = set(gone)
    while True:
        more = {span.record_id for span in spans if span.kind != "warcinfo" and every.intersection(span.links)} - every
        if not more:
            return every
        every |= more


def new_name(source: Path, name: SegmentName, used: Container[str] = ()) -> SegmentName:
    """A name for the new file: the old one's with another end, so that series, time and serial still say which file it is. Never one
    of the keys in `used`: a copy elsewhere that is compared by name must not be taken for it.

    It must fit into the warcinfo record's length, so ends that occur in that record are tried first, and as the last resort the line
    is left off that says the format in words. Raises `WarcError`.
    """
    with open_warc(source) as file:
        found = record_at(Bytes(file, str(source), 0), _INFO_MAX)
        text = (found.head.record_id or "").rpartition(":")[2]
        ends = [part[at : at + 6] for part in text.split("-") for at in range(len(part) - 5)]
        ends += [secrets.token_hex(3) for _ in range(_RANDOM_ENDS)]
        for spared in (b"", _SPARED):
            for end in ends:
                made = replace(name, run_id=name.run_id[:-6] + end)
                if made == name or made.warc in used or not is_run_id(made.run_id):
                    continue
                if _renamed(found, source, f"{made.stem}.warc.gz", spared) is not None:
                    return made
    raise WarcError(str(source), 0, "gzip-member", "no other name fits into the length of the warcinfo record")


def erase(source: Path, out: Path, gone: Collection[str], why: str, now: datetime) -> int:
    """Writes `out` (named as it will be in the store) from `source` without the records `gone`; how many there were.

    `why` stands in their place, one line. Raises `WarcError`; then `out` is not there.
    """
    spans = spans_of(source)
    if not spans or spans[0].kind != "warcinfo" or spans[0].record_id in gone:
        raise WarcError(
            str(source), 0, "warcinfo-first", "the file does not begin with the warcinfo record it must keep"
        )
    partial = out.with_name(f".{out.name}.tmp")
    try:
        with open_warc(source) as file, partial.open("wb") as sink:
            for kept, offset, length in _runs(spans, gone):
                if not kept:
                    sink.write(_placeholder(length, spans[0].record_id, why, now))
                elif offset == 0:
                    sink.write(_warcinfo(file, source, out.name))
                else:
                    _copy(file, sink, offset, length)
            sink.flush()
            os.fsync(sink.fileno())
        partial.rename(out)
        sync_folder(out.parent)
    finally:
        partial.unlink(missing_ok=True)
    return sum(span.record_id in gone for span in spans)


def _runs(spans: list[Span], gone: Collection[str]) -> Iterator[tuple[bool, int, int]]:
    """(kept, offset, length) in order; neighbours that go are one run."""
    start, length = 0, 0
    for span in spans:
        if span.record_id in gone:
            start = start if length else span.offset
            length += span.length
            continue
        if length:
            yield False, start, length
            length = 0
        yield True, span.offset, span.length
    if length:
        yield False, start, length


def _copy(file: BinaryIO, sink: BinaryIO, offset: int, length: int) -> None:
    file.seek(offset)
    while length:
        piece = file.read(min(_STEP, length))
        if not piece:
            raise WarcError(str(file.name), offset, "gzip-truncated", "the file became shorter while it was read")
        sink.write(piece)
        length -= len(piece)


def _warcinfo(file: BinaryIO, source: Path, name: str) -> bytes:
    """The warcinfo record with the new file's name, in the old one's length."""
    found = record_at(Bytes(file, str(source), 0), _INFO_MAX)
    made = _renamed(found, source, name, b"") or _renamed(found, source, name, _SPARED)
    if made is None:
        raise WarcError(str(source), 0, "gzip-member", f"{name} does not fit into the length of the warcinfo record")
    return made


def _renamed(found: Found, source: Path, name: str, spared: bytes) -> bytes | None:
    """The warcinfo record with the new file's name and without `spared`; None if it does not fit into the old one's length."""
    old = found.head.get("warc-filename") or source.name
    stem, new = old.removesuffix(".warc.gz").encode(), name.removesuffix(".warc.gz").encode()
    block = found.block.replace(stem, new).replace(spared, b"", 1)
    changes = {
        "warc-filename": name,
        "content-length": str(len(block)),
        "warc-block-digest": _sha1(block),
    }
    fields = [(key, changes.get(key.lower(), value)) for key, value in found.head.fields]
    return _fitted(record_head(fields) + block + b"\r\n\r\n", found.length)


def _placeholder(length: int, warcinfo: str, why: str, now: datetime) -> bytes:
    """A member of `length` bytes that says that something was here."""
    padding = 0
    for _ in range(8):
        block = f"arc-removed: {why}\r\n".encode()
        if padding:
            block += b"arc-padding: " + b"0" * padding + b"\r\n"
        fields = [
            ("WARC-Type", "metadata"),
            ("WARC-Record-ID", f"<{uuid.uuid4().urn}>"),
            ("WARC-Date", warc_date(now)),
            ("WARC-Refers-To", f"<{warcinfo}>"),
            ("Content-Type", "application/warc-fields"),
            ("Content-Length", str(len(block))),
            ("WARC-Block-Digest", _sha1(block)),
        ]
        record = record_head(fields) + block + b"\r\n\r\n"
        if not padding and length <= len(record) + _COMMENT_MAX:
            made = _fitted(record, length)
            if made is None:
                break
            return made
        spare = length - len(_member(record, 0, stored=True))
        if 0 < spare <= _COMMENT_MAX:
            return _member(record, spare, stored=True)
        padding += spare - 64 - 5 * (spare // _STORED_MAX + 1)
    raise WarcError(why, 0, "gzip-member", f"no record of {length} bytes can be made")


def _fitted(record: bytes, length: int) -> bytes | None:
    """One member of `length` bytes; None if the record needs more."""
    spare = length - len(_member(record, 0, stored=False))
    return None if spare < 0 else _member(record, spare, stored=False)


def _member(record: bytes, comment: int, *, stored: bool) -> bytes:
    """One gzip member; `comment` bytes are filled by a comment in its header (RFC 1952, 2.3.1), its end included."""
    head = struct.pack("<BBBBIBB", 0x1F, 0x8B, 8, 0x10 if comment else 0, 0, 0, 0xFF)
    filling = b"-" * (comment - 1) + b"\0" if comment else b""
    trailer = struct.pack("<II", zlib.crc32(record), len(record) & 0xFFFFFFFF)
    return b"".join([head, filling, *(_stored(record) if stored else [_deflated(record)]), trailer])


def _stored(data: bytes) -> Iterator[bytes]:
    for offset in range(0, len(data), _STORED_MAX):
        piece = data[offset : offset + _STORED_MAX]
        yield struct.pack("<BHH", offset + len(piece) == len(data), len(piece), len(piece) ^ 0xFFFF)
        yield piece


def _deflated(data: bytes) -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


def _sha1(block: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(block, usedforsecurity=False).digest()).decode()
