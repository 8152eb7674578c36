"""Lines of many files in one order, in bounded memory.

Belongs here: reading stored `.cdxj.gz` as raw lines, sorting more of them than fit in memory, and a line's values.
"""

from __future__ import annotations

import gzip
import heapq
import json
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from archiver.errors import StoreError
from archiver.store import Store

CHUNK_BYTES = 32 * 2**20
"""Lines sorted in memory at a time."""

FAN_IN = 64
"""Sorted chunks merged at a time; each is an open file."""


def line_values(line: bytes) -> dict[str, str]:
    """A line's JSON with `key` and `timestamp` beside it. Raises `ValueError` for what is no CDXJ line."""
    key, timestamp, rest = line.decode("utf-8", "backslashreplace").split(" ", 2)
    values = json.loads(rest)
    if not isinstance(values, dict):
        raise ValueError("the JSON of the line is no object")
    return {"key": key, "timestamp": timestamp, **values}


def stored_lines(store: Store, key: str) -> Iterator[bytes]:
    """The lines of one stored `.cdxj.gz`, LF included. Raises `StoreError` for damage."""
    try:
        with store.open(key) as stream, gzip.GzipFile(fileobj=stream) as lines:
            yield from lines
    except (OSError, EOFError, zlib.error) as error:
        raise StoreError(f"{key}: damaged: {error}; `archiver check` says more") from error


def sorted_lines(lines: Iterable[bytes], chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
    """The lines by bytes, each once. More than `chunk_bytes` of them go through temporary files."""
    with tempfile.TemporaryDirectory(prefix="archiver-index-") as folder:
        chunks: list[Path] = []
        held: list[bytes] = []
        size = 0
        for line in lines:
            held.append(line)
            size += len(line)
            if size >= chunk_bytes:
                chunks.append(_spilled(Path(folder), len(chunks), sorted(held)))
                held, size = [], 0
        held.sort()
        if not chunks:
            yield from _once(held)
            return
        chunks.append(_spilled(Path(folder), len(chunks), held))
        yield from _once(_merged(Path(folder), chunks))


def merged(*sources: Iterable[bytes]) -> Iterator[bytes]:
    """Sorted sources as one, each line once."""
    return _once(heapq.merge(*sources))


def _merged(folder: Path, chunks: list[Path]) -> Iterator[bytes]:
    made = len(chunks)
    while len(chunks) > FAN_IN:
        front, chunks = chunks[:FAN_IN], chunks[FAN_IN:]
        with ExitStack() as stack:
            files = [stack.enter_context(path.open("rb")) for path in front]
            chunks.append(_spilled(folder, made, heapq.merge(*files)))
        made += 1
        for path in front:
            path.unlink()
    with ExitStack() as stack:
        yield from heapq.merge(*(stack.enter_context(path.open("rb")) for path in chunks))


def _spilled(folder: Path, number: int, lines: Iterable[bytes]) -> Path:
    path = folder / f"{number:06}"
    with path.open("wb") as file:
        file.writelines(lines)
    return path


def _once(lines: Iterable[bytes]) -> Iterator[bytes]:
    last = None
    for line in lines:
        if line != last:
            yield line
        last = line
