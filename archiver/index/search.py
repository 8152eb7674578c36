"""Look-up in a sorted file of lines by bisecting its bytes: some twenty reads whatever the size, and no memory.

Belongs here: finding lines in a file that is sorted by bytes (`LC_ALL=C sort`). Compressed blocks are for `blocks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


def span(key: str, first: str = "", last: str = "") -> tuple[bytes, bytes]:
    """The half-open range of lines for `key` and 14-digit times `first` to `last`, both inside and both optional."""
    start = f"{key} ".encode("utf-8", "backslashreplace")
    return start + first.encode(), start + (last.encode() + b"!" if last else b"\xff")


def seek(file: BinaryIO, target: bytes, size: int) -> int:
    """The offset of the first line that is not below `target`; `size` when there is none."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        start, line = line_from(file, middle)
        if line and line < target:
            low = start + len(line)
        else:
            high = middle
    return line_from(file, low)[0]


def line_from(file: BinaryIO, offset: int) -> tuple[int, bytes]:
    """The first line that begins at `offset` or later, and where it begins."""
    if offset:
        file.seek(offset - 1)
        file.readline()
    else:
        file.seek(0)
    start = file.tell()
    return start, file.readline()


class SortedFile:
    """The lines of an uncompressed `.cdxj`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def lines(self, key: str, first: str = "", last: str = "") -> Iterator[bytes]:
        """Every line of `key` (a SURT) from `first` to `last` (14 digits, both inside), in order, LF included."""
        start, end = span(key, first, last)
        with self.path.open("rb") as file:
            file.seek(seek(file, start, self.path.stat().st_size))
            for line in file:
                if line >= end:
                    return
                yield line
