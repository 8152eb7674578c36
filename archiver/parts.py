"""Documents as files in a store: JSON lines in one `.jsonl.gz`, whose bytes depend on the lines alone.

Belongs here: packing and putting. Which documents there are, and when they are put, is for `publish` and `publish_posts`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from archiver.models import RunFile
from archiver.store import Store

LEVEL = 4
"""zlib's level for documents: half the time of its default for a twentieth more bytes; igzip's bytes depend on the machine."""

AT_ONCE = 2**19
"""Bytes that are compressed in one go, in which other threads have the interpreter."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file of documents before it is put: what a manifest says of it, and its bytes."""

    file: RunFile
    content: bytes


def pack(key: str, lines: Iterable[bytes]) -> Part:
    """JSON lines as the `.jsonl.gz` that belongs under `key`; the same lines always give the same bytes."""
    sink = io.BytesIO()
    count, times = 0, [b"", b""]
    packed = gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=LEVEL, mtime=0, filename="")
    with packed, io.BufferedWriter(packed, AT_ONCE) as stream:
        for line in lines:
            times[min(count, 1)] = line
            count += 1
            stream.write(line)
    content = sink.getvalue()
    captures = [json.loads(line).get("capture") for line in times if line]  # tombstones and events have none
    moments = [datetime.fromisoformat(capture["fetch_time"]) for capture in captures if capture]
    file = RunFile(
        key=key,
        bytes=len(content),
        records=count,
        sha256=hashlib.sha256(content).hexdigest(),
        first_time=min(moments, default=None),
        last_time=max(moments, default=None),
    )
    return Part(file, content)


def put_parts(store: Store, parts: Iterable[Part]) -> list[RunFile]:
    """Puts those of `parts` that hold documents; what a manifest says of them."""
    files = []
    for part in parts:
        if part.file.records:
            store.put(part.file.key, part.content)
            files.append(part.file)
    return files


def article_lines(store: Store, files: Iterable[RunFile]) -> Iterator[bytes]:
    """The article documents in those of `files` that hold articles."""
    for file in files:
        if file.key.startswith("articles/"):
            yield from gzip.GzipFile(fileobj=io.BytesIO(store.read(file.key)))
