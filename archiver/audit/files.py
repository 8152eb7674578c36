"""One listed file read whole: its SHA-256, and what is inside: records, index lines, documents with their pointers.

Belongs here: the choice of what to read for which kind of file. Rules inside one WARC are `archiver.warc.checker`'s; documents have
a module of their own.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from archiver.archive import Archive
from archiver.audit.documents import MODELS, check_documents
from archiver.audit.ledger import Ledger, Listed
from archiver.audit.rules import finding
from archiver.errors import StoreError, WarcError
from archiver.layout import SegmentName, segment_name
from archiver.store import Store, open_store
from archiver.warc import Finding, check_cdxj, check_warc, read_capture_at
from archiver.warc.index import read_cdxj
from archiver.warc.places import RangedFile, member_in

STEP = 2**20


@dataclass(slots=True)
class Read:
    """What reading a file gave. `bytes` were read of it; `sha256` is None when it could not be read."""

    bytes: int = 0
    sha256: str | None = None
    findings: list[Finding] = field(default_factory=list)


class FileCheck:
    """Checks listed files of one archive. `replicas`: URLs of copies that are asked when a file is not what it was."""

    def __init__(self, archive: Archive, ledger: Ledger, replicas: tuple[str, ...] = ()) -> None:
        self.archive, self.ledger, self.replicas = archive, ledger, replicas
        self.documented: set[bytes] = set()

    def read(self, listed: Listed) -> Read:
        """Everything that can be said of one file. Damage is a finding, never an exception."""
        outcome = Read()
        try:
            with local_copy(self.archive.store, listed.key) as (path, digest):
                outcome.bytes, outcome.sha256 = path.stat().st_size, digest
                if digest != listed.sha256 or outcome.bytes != listed.size:
                    outcome.findings.append(self._changed(listed, outcome.bytes))
                else:
                    outcome.findings += self._inside(listed, path)
        except (StoreError, OSError) as error:
            sentence = f"listed and not readable: {error}{self._copies(listed)}"
            outcome.findings.append(finding(listed.key, "manifest", sentence))
        return outcome

    def _changed(self, listed: Listed, size: int) -> Finding:
        what = "the bytes changed after publishing: SHA-256 differs from the manifest's"
        if size != listed.size:
            what = f"{size} bytes; the manifest says {listed.size}"
        return finding(listed.key, "manifest", what + self._copies(listed))

    def _copies(self, listed: Listed) -> str:
        """What the replicas have instead, in words; they are read, never written."""
        said = []
        for url in self.replicas:
            try:
                good = _digest_of(open_store(url), listed.key) == listed.sha256
                said.append(f"the copy in {url} {'is whole' if good else 'is damaged as well'}")
            except StoreError as error:
                said.append(f"the copy in {url} cannot be read: {error}")
        return "".join(f"; {sentence}" for sentence in said)

    def _inside(self, listed: Listed, path: Path) -> Iterator[Finding]:
        key = listed.key
        try:
            if key.startswith("warc/"):
                lines: list[bytes] = []
                yield from check_warc(path, profile="ours", key=key, lines=lines)
                yield from self._index_of(key, path, lines)
            elif key.startswith("cdxj/"):
                yield from self._index(key, path)
            elif key.partition("/")[0] in MODELS:
                yield from check_documents(self.archive.store, self.ledger, listed, path, self.documented)
        except (StoreError, WarcError) as error:
            yield finding(key, "manifest", f"cannot be checked: {error}")

    def _index_of(self, key: str, warc: Path, lines: list[bytes]) -> Iterator[Finding]:
        """A WARC's index, its count, and the originals that its revisits have in other files."""
        name = segment_name(key)
        if name is None:
            yield finding(key, "key", "the name is not one of ours")
            return
        with self.archive.local(name.cdxj) as index:
            yield from check_cdxj(index, warc, lines)
            yield from self._captures(name, index, warc)

    def _captures(self, name: SegmentName, index: Path, warc: Path) -> Iterator[Finding]:
        captures, listed = 0, self.ledger.files.get(name.warc)
        try:
            for line in read_cdxj(index):
                captures += not line["url"].startswith("urn:")
                if line["mime"] == "warc/revisit":
                    yield from self._original(name, warc, int(line["offset"]))
        except (WarcError, LookupError, ValueError):
            return  # told as `cdxj` already
        if listed and captures != listed.records:
            yield finding(name.warc, "manifest", f"{captures} captures; the manifest says {listed.records}")

    def _original(self, name: SegmentName, warc: Path, offset: int) -> Iterator[Finding]:
        """The original of one revisit, where it is in another file of the archive."""
        try:
            capture = read_capture_at(warc, offset, warc_filename=name.warc, body_limit=0)
        except WarcError:
            return  # told by the rules of the file
        pointer, refers = capture.pointer, capture.pointer.refers_to
        if not refers or refers.warc_filename in (None, name.warc) or refers.warc_record_offset is None:
            return
        key = self.ledger.heir(str(refers.warc_filename))
        problem = None
        if key not in self.ledger.files:
            problem = f"its original is in {key}, which no manifest lists"
        else:
            try:
                head, _ = member_in(ranged(self.archive.store, key), key, refers.warc_record_offset)
                if head.record_id != refers.warc_record_id or head.kind != "response":
                    problem = f"record {head.record_id} ({head.kind}) stands where its original should"
                elif pointer.payload_digest and head.get("warc-payload-digest") != pointer.payload_digest:
                    problem = "its original has another payload digest"
            except (WarcError, StoreError) as error:
                problem = f"its original cannot be read: {error}"
        if problem:
            yield Finding(name.warc, offset, pointer.warc_record_id, "revisit-original", problem)

    def _index(self, key: str, path: Path) -> Iterator[Finding]:
        name = segment_name(key.replace(".cdxj.gz", ".warc.gz"))
        if name is None:
            yield finding(key, "cdxj", "the name is not one of ours")
            return
        listed = self.ledger.files[key]
        try:
            lines = sum(1 for _ in read_cdxj(path))
        except WarcError as error:
            yield finding(key, "cdxj", error.sentence)
            return
        if lines != listed.records:
            yield finding(key, "manifest", f"{lines} lines; the manifest says {listed.records}")


def ranged(store: Store, key: str) -> BinaryIO:
    """A blob that is read range by range."""
    return cast(BinaryIO, RangedFile(lambda offset, length: store.read(key, offset, length)))


@contextmanager
def local_copy(store: Store, key: str) -> Iterator[tuple[Path, str]]:
    """(path, SHA-256) of a blob as a local file: the store's own where it has one, else a temporary copy, read once."""
    path = store.path(key)
    if path is not None:
        yield path, _digest_of(store, key)
        return
    machine = hashlib.sha256()
    with tempfile.NamedTemporaryFile(suffix=key.rpartition("/")[2]) as copy:
        with store.open(key) as stream:
            while piece := stream.read(STEP):
                machine.update(piece)
                copy.write(piece)
        copy.flush()
        yield Path(copy.name), machine.hexdigest()


def _digest_of(store: Store, key: str) -> str:
    with store.open(key) as stream:
        machine = hashlib.sha256()
        while piece := stream.read(STEP):
            machine.update(piece)
    return machine.hexdigest()
