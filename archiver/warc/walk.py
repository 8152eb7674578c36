"""Walking through a WARC: members cut out of a file, records in order, damage told and stepped over.

Belongs here: gzip members (ISO 28500 Annex D) and where a record ends. What is inside a record is for others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from archiver.errors import WarcError
from archiver.warc.compress import DEFLATE_ERRORS, Inflater, inflater
from archiver.warc.records import Head, head_end, parse_head

HEAD_MAX = 2**18
"""Bytes of a record head beyond which it is damage: a real one has a few hundred."""

STEP = 2**18

FEED = 2**16
"""Bytes that an inflater is given at once: what a member leaves of them comes back as a copy."""

_AHEAD = 2**20
"""Decoded bytes of a member that are held at once: nearly every member whole."""

RESUMES_MAX = 10_000
"""Places that are tried after damage in one file; beyond, the rest is given up: a hostile file could have millions."""

_MAGIC = b"\x1f\x8b\x08"
_END = b"\r\n\r\n"

Problem = Callable[[int, str, str], None]
"""Called with (offset, rule, sentence) for damage that does not stop the walk."""


class Bytes:
    """Decoded bytes of a file from an offset: gzip member by member, or plain. The base of every walk.

    `start` and `end` are file offsets of the current member (`end` once `read` has given b""). Raises `WarcError`
    `gzip-truncated` or `gzip-member` with the member's offset.
    """

    def __init__(self, file: BinaryIO, name: str, offset: int = 0, step: int = STEP) -> None:
        self.name, self.start, self.end, self.gzip = name, offset, offset, False
        self._file, self._step = file, step
        self._raw, self._used = b"", 0  # bytes read, and how many of them are used
        self._at = offset  # the file offset of the first that is not
        self._machine: Inflater | None = None
        if offset < 0:
            raise WarcError(name, offset, "pointer", "an offset is never negative")
        self._file.seek(offset)

    def begin(self) -> bool:
        """Start the next member; False at the end of the file."""
        self._machine = None
        if len(self._raw) - self._used < 3:
            self._raw, self._used = self._raw[self._used :] + self._more(self._step), 0
        self.start = self._at
        if self._used == len(self._raw):
            return False
        self.gzip = self._raw.startswith(_MAGIC[:2], self._used)
        if self.gzip:
            self._machine = inflater()
        return True

    def read(self, size: int) -> bytes:
        """At most `size` decoded bytes (size > 0), b"" at the end of the member (plain: of the file)."""
        if not self.gzip:
            if self._used == len(self._raw):
                self._raw, self._used = self._more(size), 0
            piece = self._raw[self._used : self._used + size]
            self._used += len(piece)
            self._at += len(piece)
            self.end = self._at
            return piece
        machine = self._machine
        while machine is not None:
            if self._used == len(self._raw):
                self._raw, self._used = self._more(self._step), 0
            data = self._raw[self._used : self._used + FEED]
            try:
                piece = machine.decompress(data, size)
            except DEFLATE_ERRORS as error:
                raise WarcError(self.name, self.start, "gzip-member", f"the gzip member is damaged: {error}") from None
            rest = machine.unused_data if machine.eof else machine.unconsumed_tail
            used = len(data) - len(rest)
            self._at += used
            self._used += used
            if machine.eof:
                self._machine = None
                self.end = self._at
            elif not data and not piece:
                raise WarcError(self.name, self.start, "gzip-truncated", "the file ends inside this gzip member")
            if piece:
                return piece
            machine = self._machine
        return b""

    @property
    def ended(self) -> bool:
        """Whether the current member was read to its end, CRC included."""
        return self.gzip and self._machine is None

    def _more(self, size: int) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            sentence = f"cannot be read: {error.strerror}"
            raise WarcError(self.name, self._at, "unreadable", sentence) from error

    def seek(self, offset: int) -> None:
        """Forget everything and go on at a file offset."""
        self._file.seek(offset)
        self._raw, self._used, self._at, self._machine = b"", 0, offset, None

    def find(self, needle: bytes, offset: int) -> int:
        """File offset of the first `needle` at or after `offset`, -1 when there is none. Keeps no position."""
        self._file.seek(offset)
        tail, base, step = b"", offset, 4096  # small at first: the next place is often near
        while piece := self._more(step):
            step = min(step * 2, STEP)
            data = tail + piece
            found = data.find(needle)
            if found >= 0:
                return base + found
            tail = data[-(len(needle) - 1) :]
            base += len(data) - len(tail)
        return -1


class Record:
    """One record of a walk. `read` gives its block in pieces; `length` and `whole` are known after `finish`.

    `offset` is that of the member (gzip) or of the version line (plain). `alone`: the member holds this record only.
    """

    __slots__ = ("_finished", "_left", "_walk", "alone", "head", "length", "offset", "whole")

    def __init__(self, walk: Walk, head: Head, offset: int) -> None:
        self.head, self.offset = head, offset
        self.length, self.alone, self.whole = 0, True, False
        self._walk = walk
        self._left = head.block_length or 0
        self._finished = False

    def read(self, size: int = STEP) -> bytes:
        """The next piece of the block, b"" at its end or where the file ends too early."""
        if not self._left:
            return b""
        piece = self._walk.take(min(size, self._left))
        self._left -= len(piece)
        return piece

    def read_up_to(self, limit: int) -> bytes:
        """The next `limit` bytes of the block, fewer at its end."""
        walk, left = self._walk, self._left
        if left <= limit and walk._used + left <= len(
            walk._buffer
        ):  # nearly always: a small record is decoded as a whole
            self._left = 0
            walk._used += left
            return walk._buffer[walk._used - left : walk._used]
        pieces = []
        while limit and (piece := self.read(min(limit, STEP))):
            pieces.append(piece)
            limit -= len(piece)
        return b"".join(pieces) if len(pieces) != 1 else pieces[0]

    def finish(self) -> None:
        """Read to the end of the record and judge how it ends."""
        if not self._finished:
            self._finished = True
            while self.read():
                pass
            self._walk.finish(self, self._left)


class Walk:
    """Records of a file in order. Damage goes to `problem`, and the walk goes on at the next readable record.

    Memory: the first MiB of a member, then one piece of a block at a time, whatever the members hold. Every step moves forward in the file, so a walk ends.
    """

    def __init__(self, path: Path, file: BinaryIO, problem: Problem, offset: int = 0) -> None:
        self._problem = problem
        self._buffer, self._used = b"", 0  # decoded bytes of the member, and how many of them are used
        self._told_member = -1
        self._ahead: WarcError | None = None  # damage behind what is in the buffer
        self._broken: WarcError | None = None  # raised by the walk itself, never by a reader of a block
        file.seek(0)
        opening = file.read(5)
        # A compressed file whose first bytes are damaged is one by its name; what begins with a record is none, whatever its name.
        self._gzip_file = opening[:2] == _MAGIC[:2] or (
            ".gz" in path.suffixes and opening != b"WARC/" and bool(opening)
        )
        self._bytes = Bytes(file, str(path), offset)
        self._resumes = 0
        self.records_in_member = 0

    def __iter__(self) -> Iterator[Record]:
        source = self._bytes
        floor = self._bytes.start  # nothing before this offset is looked at again
        while True:
            try:
                more = source.begin()
                if not more:
                    return
                if self._gzip_file and not source.gzip and source.start == 0:
                    raise WarcError(
                        source.name, 0, "gzip-member", "no gzip member begins here: the first bytes are damaged"
                    )
                self.records_in_member, self._ahead, self._broken = 0, None, None
                self._buffer, self._used = self._begin(), 0
                yield from self._member()
                floor = source.end
            except WarcError as error:
                self._problem(error.offset, error.rule, error.sentence)
                if error.rule == "unreadable":
                    return
                floor = self._resume(max(error.offset, floor) + 1)
                if floor < 0:
                    return

    def take(self, size: int) -> bytes:
        """The next decoded bytes of the current member, at most `size`."""
        if self._used < len(self._buffer):
            piece = self._buffer[self._used : self._used + size]
            self._used += len(piece)
            return piece
        return self._read(size)

    def _begin(self) -> bytes:
        """The beginning of a gzip member, and nearly always all of it. Damage waits until what is before it is used."""
        source = self._bytes
        if not source.gzip:
            return b""
        pieces, have = [], 0
        try:
            while have < _AHEAD and not source.ended:
                pieces.append(source.read(_AHEAD - have))
                have += len(pieces[-1])
        except WarcError as error:
            self._ahead = error
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _read(self, size: int) -> bytes:
        if self._ahead is not None:
            self._broken, self._ahead = self._ahead, None
        if self._broken is not None:
            return b""
        try:
            return self._bytes.read(size)
        except WarcError as error:
            self._broken = error
            return b""

    def finish(self, record: Record, missing: int) -> None:
        source = self._bytes
        end = self._peek(4)
        if end == _END and not missing and source.ended and self._used + 4 == len(self._buffer):
            self._used += 4
            record.whole, record.alone = True, self.records_in_member == 1
            record.length = source.end - record.offset
            return
        if self._broken is not None:
            return
        if missing:
            self._problem(
                record.offset, "record-length", f"the block is {missing} bytes shorter than Content-Length says"
            )
        elif end == _END:
            self._used += 4
            record.whole = True
        elif end.startswith((b"\r\n", b"\n")) or not end:
            self._used += len(end) - len(end.lstrip(b"\r\n"))
            self._problem(record.offset, "record-end", "the record does not end with two CRLF")
            record.whole = True
        else:
            self._problem(record.offset, "record-length", "the block is longer than Content-Length says")
            self._skip_to_record()
        more = self._peek(1)
        if self._broken is not None:
            record.whole = False
            return
        if source.gzip:
            record.alone = self.records_in_member == 1 and not more
            if more and self._told_member != source.start:
                self._told_member = source.start
                self._problem(source.start, "gzip-member", "the gzip member holds more than one record")
            record.length = (source._at if more else source.end) - record.offset
        else:
            record.length = source.end - (len(self._buffer) - self._used) - record.offset

    def _member(self) -> Iterator[Record]:
        source = self._bytes
        while not (source.ended and self.records_in_member and self._used == len(self._buffer)):
            offset = source.start if source.gzip else source._at - (len(self._buffer) - self._used)
            head = self._head(offset)
            if self._broken is not None:
                raise self._broken
            if head is None:
                return
            self.records_in_member += 1
            record = Record(self, head, offset)
            if head.block_length is None:
                raise WarcError(source.name, offset, "field-missing", "Content-Length is missing or no number")
            yield record
            record.finish()
            if self._broken is not None:
                raise self._broken

    def _head(self, offset: int) -> Head | None:
        """The next record head, None at the end of the member."""
        source = self._bytes
        if not self._buffer.startswith(b"WARC/", self._used) and (first := self._peek(5)) != b"WARC/":
            if not first:
                return None
            rule = "version" if not offset else "gzip-trailing" if self._gzip_file else "record-end"
            raise WarcError(source.name, offset, rule, "no WARC record begins here")
        while (end := head_end(self._buffer, self._used)) < 0:
            if len(self._buffer) - self._used > HEAD_MAX:
                raise WarcError(
                    source.name, offset, "record-length", f"the record head is longer than {HEAD_MAX} bytes"
                )
            piece = self._read(max(8192, len(self._buffer) - self._used))
            if not piece:
                if self._broken is not None:
                    raise self._broken
                raise WarcError(source.name, offset, "record-length", "the file ends inside a record head")
            self._keep(piece)
        head = parse_head(self._buffer, end, self._used)
        if head is None:
            raise WarcError(source.name, offset, "version", "the record has no version line")
        self._used = end
        return head

    def _keep(self, piece: bytes) -> None:
        self._buffer, self._used = self._buffer[self._used :] + piece, 0

    def _peek(self, size: int) -> bytes:
        while len(self._buffer) - self._used < size and (piece := self._read(8192)):
            self._keep(piece)
        return self._buffer[self._used : self._used + size]

    def _skip_to_record(self) -> None:
        """Drop bytes of the current member up to the next line that begins a record."""
        while True:
            found = self._buffer.find(b"\nWARC/1.", self._used)
            if found >= 0:
                self._used = found + 1
                return
            self._used = max(self._used, len(self._buffer) - 7)
            piece = self._read(STEP)
            if not piece:
                self._buffer, self._used = b"", 0
                return
            self._keep(piece)

    def _resume(self, offset: int) -> int:
        """Go to the next place that looks like a record; its offset, or -1."""
        source = self._bytes
        while self._resumes < RESUMES_MAX:
            self._resumes += 1
            if not self._gzip_file:
                at = source.find(b"\nWARC/1.", max(0, offset - 1))
                source.seek(max(at + 1, 0))
                return at + 1 if at >= 0 else -1
            at = source.find(_MAGIC, offset)
            if at < 0:
                return -1
            source.seek(at)
            try:
                source.begin()
                good = source.read(5) == b"WARC/"
            except WarcError:
                good = False
            source.seek(at)
            if good:
                return at
            offset = at + 1
        self._problem(offset, "too-many", "too much damage: the rest of the file is not read")
        return -1
