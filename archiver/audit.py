"""Checking a whole archive: every file a manifest lists, every WARC, every index line, every document's pointer.

Belongs here: what must hold between files. What must hold inside one WARC is `archiver.warc.checker`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator

from pydantic import ValidationError

from archiver.archive import Archive
from archiver.errors import StoreError
from archiver.layout import segment_name
from archiver.models import Article, RunFile
from archiver.warc import Finding, check_cdxj, check_pointers, check_warc


def check_archive(archive: Archive) -> Iterator[Finding]:
    """Findings of the whole archive, file by file, in the order of the manifests."""
    for run in archive.runs():
        for file in run.files:
            found = list(_check_file(archive, file))
            yield from found
            if not found:
                yield from _check_inside(archive, file.key)


def _check_file(archive: Archive, file: RunFile) -> Iterator[Finding]:
    try:
        with archive.store.open(file.key) as stream:
            digest = hashlib.sha256()
            size = 0
            while piece := stream.read(2**20):
                digest.update(piece)
                size += len(piece)
    except StoreError as error:
        yield _finding(file.key, "manifest", f"listed and not readable: {error}")
        return
    if size != file.bytes:
        yield _finding(file.key, "manifest", f"{size} bytes; the manifest says {file.bytes}")
    elif digest.hexdigest() != file.sha256:
        yield _finding(file.key, "manifest", "the bytes changed after publishing: SHA-256 differs from the manifest's")


def _check_inside(archive: Archive, key: str) -> Iterator[Finding]:
    if key.startswith("warc/"):
        with archive.local(key) as path:
            yield from check_warc(path, profile="ours", key=key)
    elif key.startswith("cdxj/"):
        name = segment_name(key.replace(".cdxj.gz", ".warc.gz"))
        if name is None:
            yield _finding(key, "cdxj", "the name is not one of ours")
            return
        with archive.local(key) as index, archive.local(name.warc) as warc:
            yield from check_cdxj(index, warc)
    elif key.startswith("articles/"):
        yield from _check_documents(archive, key)


def _check_documents(archive: Archive, key: str) -> Iterator[Finding]:
    try:
        lines = gzip.GzipFile(fileobj=io.BytesIO(archive.store.read(key))).read().splitlines()
        articles = [Article.model_validate_json(line) for line in lines]
    except (OSError, EOFError, zlib.error, ValidationError) as error:
        yield _finding(key, "schema", f"not readable as articles: {str(error)[:300]}")
        return
    for warc in sorted({article.capture.warc_filename for article in articles}):
        if not archive.store.exists(warc):
            yield _finding(key, "pointer", f"names {warc}, which is not in the store")
            continue
        with archive.local(warc) as path:
            yield from check_pointers(
                path, [article.capture for article in articles if article.capture.warc_filename == warc]
            )


def _finding(file: str, rule: str, sentence: str) -> Finding:
    return Finding(file=file, offset=0, record_id=None, rule=rule, sentence=sentence, severity="error")
