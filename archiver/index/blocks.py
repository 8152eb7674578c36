"""Sorted lines in gzip blocks with a list of the blocks' first lines: ZipNum, as pywb, OpenWayback and Common Crawl read it.

Belongs here: `NAME.cdx.gz` (gzip members of so many lines each), `NAME.idx` (key and time of each member's first line, then by tabs
the part's name, offset, length and number), and `NAME.loc` (where the part lies). The list of a WACZ has JSON in its lines
instead; `write_blocks` takes the form of a line from its caller.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from archiver.errors import StoreError
from archiver.index.search import line_from, seek, span

BLOCK_LINES = 300
"""Lines a block; a look-up unpacks one block, some 100 KB."""


@dataclass(frozen=True, slots=True)
class Block:
    """One gzip member: `first` is the key and time of its first line."""

    first: str
    offset: int
    length: int
    number: int
    packed: bytes


def blocks_of(lines: Iterable[bytes], size: int = BLOCK_LINES) -> Iterator[Block]:
    """Sorted lines packed `size` at a time."""
    walk, offset, number = iter(lines), 0, 0
    while batch := list(islice(walk, size)):
        number += 1
        packed = gzip.compress(b"".join(batch), 6, mtime=0)
        first = b" ".join(batch[0].split(b" ", 2)[:2]).decode("utf-8", "backslashreplace")
        yield Block(first, offset, len(packed), number, packed)
        offset += len(packed)


def write_blocks(
    lines: Iterable[bytes], folder: Path, name: str, *, listed: Callable[[Block], str] | None = None
) -> int:
    """Writes `name`.cdx.gz, .idx and .loc into `folder`, durably; how many lines there were. `listed` forms a line of the list."""
    form = listed or (lambda block: f"{block.first}\t{name}\t{block.offset}\t{block.length}\t{block.number}")
    count = 0

    def counted() -> Iterator[bytes]:
        nonlocal count
        for line in lines:
            count += 1
            yield line

    with (folder / f"{name}.cdx.gz").open("wb") as data, (folder / f"{name}.idx").open("wb") as idx:
        for block in blocks_of(counted()):
            data.write(block.packed)
            idx.write(f"{form(block)}\n".encode())
        for file in (data, idx):
            file.flush()
            os.fsync(file.fileno())
    (folder / f"{name}.loc").write_text(f"{name}\t{folder / name}.cdx.gz\n", encoding="utf-8")
    return count


class Blocks:
    """Look-up in what `write_blocks` wrote (tab form). Raises `StoreError` for damage."""

    def __init__(self, folder: Path, name: str) -> None:
        self._data, self._idx = folder / f"{name}.cdx.gz", folder / f"{name}.idx"

    def lines(self, key: str, first: str = "", last: str = "") -> Iterator[bytes]:
        """Every line of `key` (a SURT) from `first` to `last` (14 digits, both inside), in order, LF included."""
        start, end = span(key, first, last)
        for block in self._blocks(start, end):
            for line in block.splitlines(keepends=True):
                if line >= end:
                    return
                if line >= start:
                    yield line

    def all(self) -> Iterator[bytes]:
        """Every line, in order, a block in memory at a time."""
        for block in self._blocks(b"", b"\xff"):
            yield from block.splitlines(keepends=True)

    def _blocks(self, start: bytes, end: bytes) -> Iterator[bytes]:
        """The unpacked blocks that can hold lines of [start, end): from the last one that begins below `start` on."""
        with self._idx.open("rb") as idx, self._data.open("rb") as data:
            at = seek(idx, start, self._idx.stat().st_size)
            idx.seek(self._before(idx, at))
            for line in idx:
                where = line.rstrip(b"\n").split(b"\t")
                if where[0] >= end:
                    return
                yield self._unpacked(data, where)

    @staticmethod
    def _before(idx: BinaryIO, at: int) -> int:
        """The offset of the line that ends where the line at `at` begins."""
        if not at:
            return 0
        reach = 256
        while True:
            low = max(0, at - reach)
            start, line = line_from(idx, low)
            if start < at:
                while start + len(line) < at:
                    start += len(line)
                    line = idx.readline()
                return start
            reach *= 4

    def _unpacked(self, data: BinaryIO, where: list[bytes]) -> bytes:
        try:
            data.seek(int(where[2]))
            return gzip.decompress(data.read(int(where[3])))
        except (OSError, EOFError, ValueError, LookupError, zlib.error) as error:
            raise StoreError(
                f"{self._data}: damaged: {error}; make it again with `archiver index --rebuild`"
            ) from error
