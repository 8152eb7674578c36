"""From the bytes of an answer to its parts: interim heads, head, body without transfer-coding, trailers.

Belongs here: HTTP/1.1 message framing (RFC 9112 §6 and §7) read leniently, because what arrived must be stored even when a
browser would refuse it. Pure: no socket, no WARC. What is written into a record is for `writer`, what a body means for
`archiver.payload`.
"""

from __future__ import annotations

import io
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from archiver.models import Truncated

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MEMORY_MAX = 2**20
"""Bytes of an answer beyond which its body is kept in a file instead of memory."""

HEAD_MAX = 2**23
"""Bytes after which an answer without an empty line is taken to be all head. Our own crawler gives up long before."""

_EMPTY_LINE = re.compile(rb"\n\r?\n")
_STATUS = re.compile(rb"HTTP/\S*[ \t]+(\d{3})(?!\d)")
_DECIMAL = re.compile(r"[0-9]+")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]+)[ \t]*(?:;|$)")
_TRANSFER_ENCODING = re.compile(rb"^(?=transfer-encoding[ \t]*:)", re.IGNORECASE | re.MULTILINE)
_LINE_MAX = 2**16
_STEP = 2**16


@dataclass(frozen=True, slots=True)
class WireResponse:
    """One answer taken apart.

    `interim`: 1xx heads as received. `head`: status line up to and with the empty line, as received; when the answer ended
    before that line, all there is. `body`: seekable, at 0, `body_length` bytes, without chunk framing, content-coding kept.
    It may read from the file it was split from, so that file must stay open while it is used. `trailers`: trailer lines
    without their line ends. `truncated`: as given, or `disconnect` when the framing says that bytes are missing. `notes`:
    words for `arc-note`. `chunked`: chunk framing was removed. `status`: None when there is no readable status line.
    """

    interim: tuple[bytes, ...]
    head: bytes
    body: BinaryIO
    body_length: int
    trailers: tuple[bytes, ...]
    truncated: Truncated | None
    notes: tuple[str, ...]
    chunked: bool
    status: int | None


def split_response(raw: BinaryIO, *, method: str, closed_by_peer: bool, truncated: Truncated | None) -> WireResponse:
    """Take apart everything that arrived for one request.

    `raw` is seekable and is read from its start. `method` is the request's (an answer to HEAD has no body).
    `closed_by_peer`: the other side ended the connection, which completes a body without length (RFC 9112 §6.3).
    """
    size = raw.seek(0, io.SEEK_END)
    heads, start, complete = _heads(raw)
    head = heads.pop()
    status = status_of(head)
    if not complete:
        # A connection that ended after 103 leaves its interim head as all there is to show.
        return WireResponse(
            tuple(heads),
            head,
            io.BytesIO(),
            0,
            (),
            truncated or Truncated.DISCONNECT,
            ("head-incomplete",),
            False,
            status,
        )
    raw.seek(start)
    fields = head_fields(head)
    coding = [value for name, value in fields if name.lower() == "transfer-encoding"]
    lengths = [value for name, value in fields if name.lower() == "content-length"]
    notes: list[str] = []
    body: BinaryIO
    trailers: tuple[bytes, ...] = ()
    chunked = False
    if method == "HEAD" or status in (204, 304):
        body, length, whole = io.BytesIO(), 0, True
    elif coding:
        if lengths:
            notes.append("content-length-ignored")
        last = ",".join(coding).rpartition(",")[2].strip().lower()
        chunked = last == "chunked"
        if not chunked or len(coding) > 1 or "," in coding[0]:
            notes.append("transfer-encoding-unknown")
        if chunked:
            body, length, trailers, whole = _unchunked(raw, size)
        else:
            body, length, whole = _window(raw, start, size - start, size), size - start, closed_by_peer
    else:
        expected = _content_length(lengths)
        if expected is None:
            if lengths:
                notes.append("content-length-invalid")
            length, whole = size - start, closed_by_peer
        else:
            length, whole = min(expected, size - start), size - start >= expected
        body = _window(raw, start, length, size)
        raw.seek(start + length)
    if whole and raw.tell() < size:
        notes.append("bytes-after-response")
    if not whole and truncated is None:
        truncated = Truncated.DISCONNECT
    return WireResponse(tuple(heads), head, body, length, trailers, truncated, tuple(notes), chunked, status)


def head_fields(head: bytes) -> tuple[tuple[str, str], ...]:
    """The fields of a head in order as (name, value), latin-1, without the white space around both.

    The first line is skipped. Folded lines are joined by one space (RFC 9112 §5.2), lines without a colon are skipped,
    bare LF ends a line like CRLF does, and the first empty line ends the head.
    """
    joined: list[str] = []
    foldable = False
    for line in head.decode("latin-1").split("\n")[1:]:
        line = line[:-1] if line.endswith("\r") else line
        if not line:
            break
        if line[0] in " \t":
            if foldable:
                joined[-1] += " " + line.strip(" \t")
            continue
        joined.append(line)
        foldable = True
    fields = []
    for line in joined:
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name.strip(" \t"), value.strip(" \t")))
    return tuple(fields)


def stored_head(head: bytes) -> bytes:
    """`head` as a record stores it: `X-Crawler-` is put before every Transfer-Encoding name, because the body has none."""
    return _TRANSFER_ENCODING.sub(b"X-Crawler-", head)


def wire_head(stored: bytes) -> bytes:
    """The head as it crossed the wire; undoes `stored_head`."""
    return re.sub(rb"(?im)^x-crawler-(?=transfer-encoding[ \t]*:)", b"", stored)


def status_of(head: bytes) -> int | None:
    """The status code of a head, None when its first line has none."""
    match = _STATUS.match(head)
    return int(match[1]) if match else None


def _heads(raw: BinaryIO) -> tuple[list[bytes], int, bool]:
    """(heads, offset of the body, whether the last head is a complete final one)."""
    raw.seek(0)
    data = raw.read(_STEP)
    heads: list[bytes] = []
    start = 0
    while True:
        found = _EMPTY_LINE.search(data, start)
        while found is None and len(data) - start < HEAD_MAX and (more := raw.read(_STEP)):
            # One byte less than the separator's length may already be there.
            seen = max(start, len(data) - 2)
            data += more
            found = _EMPTY_LINE.search(data, seen)
        if found is None:
            rest = data[start:]
            return ([*heads, rest] if rest or not heads else heads), len(data), False
        heads.append(data[start : found.end()])
        start = found.end()
        status = status_of(heads[-1])
        if status is None or not 100 <= status < 200:
            return heads, start, True


def _content_length(values: list[str]) -> int | None:
    """The length that the header states; None without one, or when its values disagree or are no numbers."""
    stated = {part.strip() for value in values for part in value.split(",")}
    if not stated or not all(_DECIMAL.fullmatch(part) and len(part) < 20 for part in stated):
        return None
    lengths = {int(part) for part in stated}
    return lengths.pop() if len(lengths) == 1 else None


def _window(raw: BinaryIO, start: int, length: int, size: int) -> BinaryIO:
    if size <= MEMORY_MAX:
        raw.seek(start)
        return io.BytesIO(raw.read(length))
    return cast(BinaryIO, io.BufferedReader(_Window(raw, start, length), _STEP))


def _unchunked(raw: BinaryIO, size: int) -> tuple[BinaryIO, int, tuple[bytes, ...], bool]:
    """(body, its length, trailer lines, whether the last chunk and its end arrived). `raw` is at the first chunk."""
    out = io.BytesIO() if size <= MEMORY_MAX else _scratch(raw)
    trailers: list[bytes] = []
    length, whole = 0, False
    while match := _CHUNK_SIZE.match(_line(raw) or b"!"):
        left = int(match[1], 16)
        if left == 0:
            trailers, whole = _trailers(raw)
            break
        while left and (piece := raw.read(min(left, _STEP))):
            out.write(piece)
            length += len(piece)
            left -= len(piece)
        if left or _line(raw) != b"":
            break
    out.seek(0)
    return out, length, tuple(trailers), whole


def _trailers(raw: BinaryIO) -> tuple[list[bytes], bool]:
    lines = []
    while line := _line(raw):
        lines.append(line)
    return lines, line is not None


def _line(raw: BinaryIO) -> bytes | None:
    """The next line without its end; None when it is not complete."""
    line = raw.readline(_LINE_MAX)
    if not line.endswith(b"\n"):
        return None
    return line[:-2] if line.endswith(b"\r\n") else line[:-1]


def _scratch(raw: BinaryIO) -> BinaryIO:
    """An unnamed file beside the one that is read: the spool's disk, not a small /tmp."""
    name = getattr(raw, "name", None)
    folder = str(Path(name).parent) if isinstance(name, str) else None
    return cast(BinaryIO, tempfile.TemporaryFile(dir=folder))


class _Window(io.RawIOBase):
    """`length` bytes of a seekable file from `start`, read without a copy of their own."""

    def __init__(self, raw: BinaryIO, start: int, length: int) -> None:
        self._raw, self._start, self._length, self._at = raw, start, length, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        wanted = max(0, min(len(view), self._length - self._at))
        self._raw.seek(self._start + self._at)
        piece = self._raw.read(wanted)
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
