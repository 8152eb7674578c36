"""Documents as files in a store: JSON lines in one `.jsonl.gz`, whose bytes depend on the lines alone.

Belongs here: packing and putting. Which documents there are, and when they are put, is for `publish` and `publish_posts`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from archiver.layout import SegmentName
from archiver.models import RunFile
from archiver.store import Store

LEVEL = 4
"""zlib's level for documents: half the time of its default for a twentieth more bytes; igzip's bytes depend on the machine."""


def put_documents(store: Store, name: SegmentName, lines: Iterable[bytes], *, replace: bool = False) -> RunFile | None:
    """The articles of one segment as one `.jsonl.gz`; the same lines always give the same bytes. None when there are none,
    unless an existing file is to be replaced."""
    return put_lines(store, name.articles, lines, replace=replace)


def put_lines(store: Store, key: str, lines: Iterable[bytes], *, replace: bool = False) -> RunFile | None:
    """JSON lines as one `.jsonl.gz` under `key`; see `put_documents`."""
    sink = io.BytesIO()
    count, times = 0, [b"", b""]
    with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=LEVEL, mtime=0, filename="") as stream:
        for line in lines:
            times[min(count, 1)] = line
            count += 1
            stream.write(line)
    if not count and not (replace and store.exists(key)):
        return None
    content = sink.getvalue()
    store.put(key, content, replace=replace)
    captures = [json.loads(line)["capture"] for line in times if line]
    moments = [datetime.fromisoformat(capture["fetch_time"]) for capture in captures if capture]
    return RunFile(
        key=key,
        bytes=len(content),
        records=count,
        sha256=hashlib.sha256(content).hexdigest(),
        first_time=min(moments, default=None),
        last_time=max(moments, default=None),
    )


def article_lines(store: Store, files: Iterable[RunFile]) -> Iterator[bytes]:
    """The article documents in those of `files` that hold articles."""
    for file in files:
        if file.key.startswith("articles/"):
            yield from gzip.GzipFile(fileobj=io.BytesIO(store.read(file.key)))
