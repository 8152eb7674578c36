"""WARC files of a package: the stored file whole where all of it may go, else its chosen records, byte for byte.

Belongs here: copying gzip members. Nothing is written anew, so ids, digests and dates stay those of the archive.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from archiver.errors import StoreError
from archiver.index import line_values
from archiver.index.lines import stored_lines
from archiver.layout import segment_name
from archiver.replay.needs import Found
from archiver.store import Store
from archiver.warc.records import HTTP_HEAD_MAX, head_end, parse_head, unbracketed

STEP = 2**20
GROUP_MAX = 2**26
"""Bytes after a record that are looked through for its request and metadata."""


NO_DIGEST = "-"
"""What an index says where it has no digest, as in the CDX forms before CDXJ; pywb then finds an original by URL and time."""

_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{3})\d*Z")


class Sink(Protocol):
    """What bytes are written to."""

    def write(self, content: bytes, /) -> object: ...


def name_in_package(key: str, whole: bool) -> str:
    """The name of a WARC's copy, in `archive/`; an excerpt is not called like the file that it is of."""
    base = key.rsplit("/", 1)[-1]
    return base if whole else base.removesuffix(".warc.gz") + "-excerpt.warc.gz"


def milliseconds(moment: str) -> bytes | None:
    """A WARC-Date as the 17 digits of a CDXJ line; None when it has no fraction (CDXJ 0.1.0, Integer Timestamp)."""
    found = _MOMENT.fullmatch(moment)
    return "".join(found.groups()).encode() if found else None


class Copy:
    """One WARC's part in a package. `found` are its chosen records, `whole` says whether that is all of it."""

    def __init__(self, store: Store, key: str, found: list[Found]) -> None:
        self._store, self.key = store, key
        self._chosen = {int(one.values["offset"]): one for one in found}
        name = segment_name(key)
        if name is None:
            raise StoreError(f"{key}: not the name of a WARC of ours")
        self._places = sorted(int(line_values(line)["offset"]) for line in stored_lines(store, name.cdxj))
        self.whole = set(self._places) == set(self._chosen)
        self.name = name_in_package(key, self.whole)
        self.offsets: dict[int, int] = {}

    def write(self, sink: Sink) -> None:
        """The bytes; then `line` knows where each record went."""
        with self._store.open(self.key) as source:
            if self.whole:
                for piece in _pieces(source, None):
                    sink.write(piece)
                self.offsets = {offset: offset for offset in self._chosen}
                return
            at = 0
            for start, length in self._spans(source):
                if start in self._chosen:
                    self.offsets[start] = at
                source.seek(start)
                for piece in _pieces(source, length):
                    sink.write(piece)
                at += length

    def line(self, found: Found) -> bytes:
        """The index line for the copy: other file name and offset, and two fields in the form that players resolve revisits by.

        replayweb.page looks for a revisit's original at its WARC-Refers-To-Date, fraction and all; against whole seconds that is
        after the original, so a later capture of the URL would stand for it. CDXJ allows for milliseconds. And where it holds a
        payload with the revisit's digest already, from whichever record, it serves that without the head of either, so that
        packed styles are no styles; without a digest it follows the record.
        """
        offset = int(found.values["offset"])
        key, timestamp, rest = found.line.rstrip(b"\n").split(b" ", 2)
        values = json.loads(rest)
        values["offset"], values["filename"] = str(self.offsets[offset]), self.name
        if values.get("mime") == "warc/revisit":
            values["digest"] = NO_DIGEST
        return (
            b" ".join((key, milliseconds(values.get("fetch_time", "")) or timestamp, json.dumps(values).encode()))
            + b"\n"
        )

    def _spans(self, source: BinaryIO) -> Iterator[tuple[int, int]]:
        """Places of the members to copy: warcinfo, each chosen record, and what follows it and belongs to it."""
        if first := self._places[0] if self._places else 0:
            yield from ((start, length) for start, length, kind, _ in _members(source, 0, first) if kind == "warcinfo")
        ends = dict(zip(self._places, [*self._places[1:], None], strict=True))
        for offset, one in sorted(self._chosen.items()):
            length = int(one.values["length"])
            yield offset, length
            own, end = one.values.get("warc_record_id", ""), ends[offset]
            for start, size, _, refers in _members(source, offset + length, end):
                if own and own in refers:
                    yield start, size


def _pieces(source: BinaryIO, length: int | None) -> Iterator[bytes]:
    left = length
    while piece := source.read(STEP if left is None else min(STEP, left)):
        yield piece
        left = None if left is None else left - len(piece)
        if left == 0:
            return
    if left:
        raise StoreError("a WARC ended before its index says; `archiver check` says more")


def _members(source: BinaryIO, start: int, end: int | None) -> Iterator[tuple[int, int, str, set[str]]]:
    """Offset, length, record type and the ids it refers to, of each gzip member in [start, end)."""
    source.seek(start)
    data = source.read(GROUP_MAX if end is None else min(GROUP_MAX, end - start))
    at = 0
    while at < len(data):
        machine = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            block = machine.decompress(data[at:], HTTP_HEAD_MAX)
            while not machine.eof and machine.unconsumed_tail:
                machine.decompress(machine.unconsumed_tail, STEP)
        except zlib.error:
            return
        if not machine.eof:
            return
        size = len(data) - at - len(machine.unused_data)
        head = parse_head(block, head_end(block))
        if head is None:
            return
        refers = {unbracketed(value) or "" for value in head.values("warc-concurrent-to")}
        refers.add(unbracketed(head.get("warc-refers-to")) or "")
        yield start + at, size, head.kind, refers
        at += size
