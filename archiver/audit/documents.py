"""Files of documents: each line valid by its model, each invariant kept, each pointer exactly the record that it names.

Belongs here: documents beside records. Whether the same documents come out again is for `again`.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from archiver.audit.ledger import Ledger, Listed
from archiver.audit.rules import finding
from archiver.invariants import broken_invariants
from archiver.models import Article, CapturePointer
from archiver.models.base import what_is_wrong
from archiver.models.post import Post
from archiver.models.resolution import Resolution
from archiver.models.tombstone import Tombstone
from archiver.store import Store
from archiver.warc import Finding, check_pointers
from archiver.warc.places import RangedFile

_Document = Article | Post | Resolution | Tombstone
MODELS: dict[str, type[_Document]] = {
    "articles": Article,
    "posts": Post,
    "resolutions": Resolution,
    "tombstones": Tombstone,
}
"""First part of a key -> the model of the lines below it."""

MARK = 16
"""Bytes by which a capture is known again."""


def check_documents(
    store: Store, ledger: Ledger, listed: Listed, path: Path, documented: list[tuple[str, str]]
) -> Iterator[Finding]:
    """Findings of one file of documents. Into `documented` goes (URL, record id) of every article."""
    key, model = listed.key, MODELS[listed.key.partition("/")[0]]
    rule = "tombstone" if model is Tombstone else "schema"
    count, pointers = 0, list[CapturePointer]()
    try:
        with gzip.open(path, "rb") as lines:
            for line in lines:
                count += 1
                document = model.model_validate_json(line)
                yield from _document(key, document, documented)
                if not isinstance(document, Tombstone) and document.capture:
                    pointers.append(document.capture)
    except (OSError, EOFError, zlib.error, ValidationError) as error:
        yield finding(key, rule, f"not readable as {model.__name__.lower()}s: {what_is_wrong(error)}")
        return
    if count != listed.records:
        yield finding(key, "schema", f"{count} documents; the manifest says {listed.records}")
    yield from _pointers(store, ledger, key, pointers)


def _document(key: str, document: _Document, documented: list[tuple[str, str]]) -> Iterator[Finding]:
    if not isinstance(document, Article):
        return
    for problem in broken_invariants(document):
        yield finding(key, "schema", f"{document.url}: {problem}")
    documented.append((document.url, document.capture.warc_record_id))


class Documented:
    """The captures of an archive that have a document, `MARK` bytes each."""

    def __init__(self) -> None:
        self._marks: set[bytes] = set()

    def add(self, marks: bytes) -> None:
        """Captures whose documents were seen before: what `twice` gave of them."""
        self._marks.update(marks[at : at + MARK] for at in range(0, len(marks), MARK))

    def twice(self, key: str, documented: list[tuple[str, str]]) -> tuple[bytes, list[Finding]]:
        """(marks of a file's captures, what of its (URL, record id) pairs is a second document of the same capture)."""
        seen, found = bytearray(), []
        for url, record_id in documented:
            mark = hashlib.blake2b(record_id.encode(), digest_size=MARK).digest()
            if mark in self._marks:
                found.append(finding(key, "duplicate", f"{url}: record {record_id} has two documents"))
            self._marks.add(mark)
            seen += mark
        return bytes(seen), found


def _pointers(store: Store, ledger: Ledger, key: str, pointers: list[CapturePointer]) -> Iterator[Finding]:
    """Each pointer by a ranged read of its WARC, as a reader would."""
    for warc in sorted({pointer.warc_filename for pointer in pointers}):
        there = ledger.heir(warc)
        if not store.exists(there):
            yield finding(key, "pointer", f"names {warc}, which is not in the store")
            continue
        if there not in ledger.files:
            yield finding(key, "pointer", f"names {warc}, which no manifest lists")
            continue
        fetch = RangedFile(lambda offset, length, there=there: store.read(there, offset, length))  # type: ignore[misc]
        mine = [pointer for pointer in pointers if pointer.warc_filename == warc]
        # Several documents may name one record; what is wrong with it is told once.
        yield from dict.fromkeys(check_pointers(store.path(there) or fetch, mine))
