"""Single places of a WARC: the record at an offset, the warcinfo of a file, the original of a revisit.

Belongs here: opening files (also while they are renamed), reading one member by its address, and what is remembered about
files between calls. Captures are put together in `reader`.
"""

from __future__ import annotations

import io
import os
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archiver.errors import WarcError
from archiver.warc.records import HTTP_HEAD_MAX, Head, head_end, http_head_end, parse_head
from archiver.warc.segment import OPEN
from archiver.warc.walk import Bytes, Walk
from archiver.warc.wire import head_fields, split_response

SIDE_MAX = 2**22
"""Bytes of a request, metadata or warcinfo block that are looked at."""

INDEX_MAX = 500_000
"""Records of a foreign file that are remembered for its revisits."""

CHUNK = re.compile(rb"[ \t]*[0-9A-Fa-f]+[ \t]*(?:;[^\n]*)?\r?\n")
_NO_WARC = (
    (b"PK\x03\x04", "a ZIP file (a WACZ?); unpack it and read the WARCs of its archive folder"),
    (b"\x04\x22\x4d\x18", "LZ4-compressed; decompress it first"),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed; decompress it first"),
    (b"filedesc://", "an ARC file; convert it with `warcio recompress`"),
)


Place = tuple[int, int]
Index = dict[str, Place]


@dataclass(frozen=True, slots=True)
class Warcinfo:
    """The first record of a file as far as captures need it: `ours` when this project wrote it."""

    fields: tuple[tuple[str, str], ...] = ()
    run_id: str | None = None
    user_agent: str | None = None
    ours: bool = False


@dataclass(slots=True)
class Found:
    """A capture's record in memory; `block` is cut after the HTTP head and `body_limit + 1` bytes of body."""

    head: Head
    offset: int
    length: int
    block: bytes
    after: int = 4
    """Bytes between the block and the end of the member; a sound record has two CRLF there."""


def refuse_other_formats(path: Path, file: BinaryIO) -> None:
    """Raise `WarcError` `format` when the file is of another kind; leaves the file at 0."""
    start = Bytes(file, str(path))
    try:
        opening = start.read(16) if start.begin() else b""
    except WarcError:
        opening = b""
    file.seek(0)
    raw = file.read(16)
    file.seek(0)
    for magic, sentence in _NO_WARC:
        if raw.startswith(magic) or opening.startswith(magic):
            raise WarcError(str(path), 0, "format", sentence)


def open_warc(path: Path) -> BinaryIO:
    """`path`, or the name it has before or after sealing: a reader may be one rename behind."""
    other = path.with_name(path.name.removesuffix(OPEN) if path.name.endswith(OPEN) else path.name + OPEN)
    for candidate in (path, other, path):
        try:
            return candidate.open("rb", buffering=0)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise WarcError(str(path), 0, "unreadable", f"cannot be opened: {error.strerror}") from error
    raise WarcError(str(path), 0, "unreadable", "there is no such file")


def record_at(source: Bytes, limit: int) -> Found:
    """The record of the member that `source` begins with; its block is cut at `limit` plus the heads."""
    if not source.begin():
        raise WarcError(source.name, source.start, "pointer", "the file ends before this offset")
    data = source.read(2**17)
    while (end := head_end(data)) < 0:
        piece = source.read(2**17) if len(data) < 2**19 else b""
        if not piece:
            raise WarcError(source.name, source.start, "pointer", "no WARC record begins here")
        data += piece
    head = parse_head(data, end)
    if head is None or head.block_length is None:
        raise WarcError(source.name, source.start, "pointer", "no WARC record with a length begins here")
    return _whole_record(source, head, data[end:], limit)


def _whole_record(source: Bytes, head: Head, data: bytes, limit: int) -> Found:
    size = head.block_length or 0
    wanted = min(size, limit + HTTP_HEAD_MAX)
    pieces, have = [data], len(data)
    while have < wanted and (piece := source.read(min(wanted - have + 4, 2**20))):
        pieces.append(piece)
        have += len(piece)
    block = b"".join(pieces) if len(pieces) > 1 else data
    if not source.gzip:
        if have < wanted:
            raise WarcError(source.name, source.start, "record-length", "the file ends inside the record")
        # A plain file is one long member: step to where the next record begins.
        start, block_end = source.start, source.end - have + size
        source.seek(block_end)
        ending = source.read(4)
        length = block_end - start + len(ending) - len(ending.lstrip(b"\r\n"))
        source.seek(start + length)
        return Found(head, start, length, block[: min(wanted, size)])
    while piece := source.read(2**20):
        have += len(piece)
        if have > size + 2**20:
            raise WarcError(source.name, source.start, "record-length", "the member holds more than one record")
    if have < size:
        raise WarcError(source.name, source.start, "record-length", "the block is shorter than Content-Length says")
    return Found(head, source.start, source.end - source.start, block[: min(wanted, size)], have - size)


def unchunked(headers: tuple[tuple[str, str], ...], http: bytes, body: bytes) -> bytes:
    """A foreign body without chunk framing, if it has any: many crawlers keep the header and store the body without."""
    coded = any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers)
    if not coded or not CHUNK.match(body):
        return body
    parts = split_response(io.BytesIO(http + body), method="GET", closed_by_peer=True, truncated=None)
    if not parts.chunked or (parts.truncated and not parts.body_length):
        return body
    return parts.body.read()


def body_at(path: Path, place: Place, limit: int) -> bytes:
    """The body of the response at a place of the same file; empty when it is not there (any more)."""
    try:
        with open_warc(path) as file:
            return body_in(file, str(path), place, limit)
    except WarcError:
        return b""


def body_in(file: BinaryIO, name: str, place: Place, limit: int) -> bytes:
    """The same from an open file."""
    try:
        found = record_at(Bytes(file, name, place[0], min(place[1] + 16, 2**20)), limit)
    except WarcError:
        return b""
    if found.head.kind != "response":
        return b""
    end = http_head_end(found.block)
    http = found.block[:end]
    return unchunked(head_fields(http), http, found.block[end : end + limit + 1])


def add_to_index(index: Index, head: Head, place: Place) -> None:
    if head.record_id:
        index.setdefault(head.record_id, place)
    index.setdefault(f"{head.target} {head.get('warc-date')}", place)


_infos: OrderedDict[bytes, Warcinfo] = OrderedDict()
_indexes: OrderedDict[tuple[int, int, int, int], Index] = OrderedDict()


def info_of(file: BinaryIO, name: str) -> Warcinfo:
    """The file's warcinfo, remembered by the first bytes of the file: they hold its record id, names and inodes come again."""
    try:
        file.seek(0)
        key = file.read(1024)
    except OSError as error:
        raise WarcError(name, 0, "unreadable", f"cannot be read: {error.strerror}") from error
    known = _infos.get(key)
    if known is None:
        known = read_info(file, name)
        if len(key) == 1024:
            _infos[key] = known
        if len(_infos) > 512:
            _infos.popitem(last=False)
    return known


def parse_info(block: bytes) -> Warcinfo:
    fields = []
    for line in block.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name, value.removeprefix(" ")))
    named = dict(reversed(fields))
    run_id = named.get("arc-run-id")
    return Warcinfo(tuple(fields), run_id, named.get("http-header-user-agent"), run_id is not None)


def index_of(path: Path, file: BinaryIO) -> Index:
    """Places of a foreign file's responses, found by one walk and remembered for the last few files."""
    state = os.fstat(file.fileno())
    key = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)
    index = _indexes.get(key)
    if index is None:
        index = {}
        file.seek(0)
        for record in Walk(path, file, lambda *_: None):
            if record.head.kind == "response" and len(index) < INDEX_MAX:
                record.finish()
                add_to_index(index, record.head, (record.offset, record.length))
        _indexes[key] = index
        if len(_indexes) > 4:
            _indexes.popitem(last=False)
    return index


def member_at(path: Path, offset: int) -> tuple[Head, int]:
    """(head, length) of the one record in the gzip member at `offset`. Raises `WarcError` when it is not exactly that."""
    with open_warc(path) as file:
        return member_in(file, str(path), offset)


def member_in(file: BinaryIO, name: str, offset: int) -> tuple[Head, int]:
    """The same from an open file, or from one that is read range by range."""
    source = Bytes(file, name, offset, 2**16)
    found = record_at(source, 0)
    if not source.gzip:
        raise WarcError(name, offset, "pointer", "no gzip member begins here")
    if found.after != 4:
        raise WarcError(name, offset, "pointer", "the member is not exactly one record")
    return found.head, found.length


def read_info(file: BinaryIO, name: str) -> Warcinfo:
    """The file's warcinfo, empty when it begins with another record. Leaves the file at 0."""
    try:
        first = record_at(Bytes(file, name, 0, 8192), SIDE_MAX)
        return parse_info(first.block) if first.head.kind == "warcinfo" else Warcinfo()
    except WarcError:
        return Warcinfo()
    finally:
        file.seek(0)


class RangedFile:
    """A file that is read range by range through `fetch(offset, length)`; what was fetched last is kept."""

    def __init__(self, fetch: Callable[[int, int], bytes]) -> None:
        self._fetch, self._at = fetch, 0
        self._kept, self._kept_at = b"", 0

    def seek(self, offset: int) -> int:
        self._at = offset
        return offset

    def read(self, size: int) -> bytes:
        start = self._at - self._kept_at
        if not 0 <= start < len(self._kept):
            self._kept, self._kept_at, start = self._fetch(self._at, size), self._at, 0
        piece = self._kept[start : start + size]
        self._at += len(piece)
        return piece
