"""Checking a whole archive: every file a manifest lists, every WARC, every index line, every document's pointer.

Belongs here: what must hold between files. What must hold inside one WARC is `archiver.warc.checker`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator

from pydantic import ValidationError

from archiver.archive import Archive
from archiver.errors import StoreError
from archiver.invariants import broken_invariants
from archiver.layout import segment_name
from archiver.models import Article, RunFile, RunManifest
from archiver.models.post import Post
from archiver.models.resolution import Resolution
from archiver.warc import Finding, check_cdxj, check_pointers, check_warc


def check_archive(archive: Archive) -> Iterator[Finding]:
    """Findings of the whole archive, file by file, in the order of the manifests. Damage is a finding, never an exception."""
    committed = set()
    for key in archive.manifests():
        committed.add(key)
        try:
            run = archive.manifest(key)
        except StoreError as error:
            yield _finding(key, "manifest", f"the run cannot be read: {error}")
            continue
        yield from _check_manifest(archive, key, run)
        for file in run.files:
            found = list(_check_file(archive, file))
            yield from found
            if not found:
                yield from _check_inside(archive, file)
    yield from _check_changes(archive, committed)


def _check_manifest(archive: Archive, key: str, run: RunManifest) -> Iterator[Finding]:
    mark = archive.store.read(key.replace("/manifest.json", "/_SUCCESS")).decode("ascii", "replace").strip()
    if mark != f"sha256:{hashlib.sha256(archive.store.read(key)).hexdigest()}":
        yield _finding(key, "manifest", "the bytes changed after publishing: SHA-256 differs from the one in _SUCCESS")
    if f"/{run.run_id}/" not in key:
        yield _finding(key, "manifest", f"is the manifest of run {run.run_id}")
    for prefix, stated in (("warc/", run.captures), ("articles/", run.articles), ("posts/", run.posts)):
        counted = sum(file.records for file in run.files if file.key.startswith(prefix))
        if counted != stated:
            yield _finding(key, "manifest", f"states {stated} records below {prefix}, and its files have {counted}")


def _check_changes(archive: Archive, committed: set[str]) -> Iterator[Finding]:
    for key in archive.store.list("changes/v1/0"):
        try:
            manifest = json.loads(archive.store.read(key))["manifest"]
        except (ValueError, TypeError, LookupError):
            yield _finding(key, "manifest", "is no change entry")
            continue
        if manifest not in committed:
            yield _finding(key, "manifest", f"announces {manifest}, which is not committed here")


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


def _check_inside(archive: Archive, file: RunFile) -> Iterator[Finding]:
    key = file.key
    try:
        if key.startswith("warc/"):
            with archive.local(key) as path:
                yield from check_warc(path, profile="ours", key=key)
        elif key.startswith("cdxj/"):
            yield from _check_index(archive, key)
        elif (model := _MODELS.get(key.partition("/")[0])) is not None:
            yield from _check_documents(archive, file, model)
    except StoreError as error:
        yield _finding(key, "manifest", f"cannot be checked: {error}")


def _check_index(archive: Archive, key: str) -> Iterator[Finding]:
    name = segment_name(key.replace(".cdxj.gz", ".warc.gz"))
    if name is None:
        yield _finding(key, "cdxj", "the name is not one of ours")
        return
    with archive.local(key) as index, archive.local(name.warc) as warc:
        yield from check_cdxj(index, warc)


_Document = Article | Post | Resolution
_MODELS: dict[str, type[_Document]] = {"articles": Article, "posts": Post, "resolutions": Resolution}


def _check_documents(archive: Archive, file: RunFile, model: type[_Document]) -> Iterator[Finding]:
    key = file.key
    try:
        lines = gzip.GzipFile(fileobj=io.BytesIO(archive.store.read(key))).read().splitlines()
        documents = [model.model_validate_json(line) for line in lines]
    except (OSError, EOFError, zlib.error, ValidationError) as error:
        yield _finding(key, "schema", f"not readable as {model.__name__.lower()}s: {str(error)[:300]}")
        return
    if len(documents) != file.records:
        yield _finding(key, "schema", f"{len(documents)} documents; the manifest says {file.records}")
    for document in documents:
        if isinstance(document, Article):
            for problem in broken_invariants(document):
                yield _finding(key, "schema", f"{document.url}: {problem}")
    pointers = [document.capture for document in documents if document.capture]
    for warc in sorted({pointer.warc_filename for pointer in pointers}):
        if not archive.store.exists(warc):
            yield _finding(key, "pointer", f"names {warc}, which is not in the store")
            continue
        with archive.local(warc) as path:
            yield from check_pointers(path, [pointer for pointer in pointers if pointer.warc_filename == warc])


def _finding(file: str, rule: str, sentence: str) -> Finding:
    return Finding(file=file, offset=0, record_id=None, rule=rule, sentence=sentence, severity="error")
