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

from archiver.audit.documents import MODELS, check_documents
from archiver.audit.ledger import Ledger, Listed
from archiver.audit.rules import finding
from archiver.errors import StoreError, WarcError
from archiver.layout import segment_name
from archiver.store import Store, open_store
from archiver.warc import Finding, check_cdxj, check_warc
from archiver.warc.checker import Elsewhere, Inside
from archiver.warc.index import read_cdxj
from archiver.warc.places import RangedFile, member_in

STEP = 2**20


@dataclass(slots=True)
class Read:
    """What reading a file gave. `bytes` were read of it; `sha256` is None when it could not be read; `documented`: (URL, record
    id) of its articles."""

    bytes: int = 0
    sha256: str | None = None
    findings: list[Finding] = field(default_factory=list)
    documented: list[tuple[str, str]] = field(default_factory=list)


class FileCheck:
    """Checks listed files of one store. `replicas`: URLs of copies that are asked when a file is not what it was."""

    def __init__(self, store: Store, ledger: Ledger, replicas: tuple[str, ...] = ()) -> None:
        self.store, self.ledger, self.replicas = store, ledger, replicas

    def read(self, listed: Listed) -> Read:
        """Everything that can be said of one file. Damage is a finding, never an exception."""
        outcome = Read()
        try:
            with local_copy(self.store, listed.key) as (path, digest):
                outcome.bytes, outcome.sha256 = path.stat().st_size, digest
                if digest != listed.sha256 or outcome.bytes != listed.size:
                    outcome.findings.append(self._changed(listed, path, outcome.bytes))
                else:
                    outcome.findings += self._inside(listed, path, outcome.documented)
        except (StoreError, OSError) as error:
            sentence = f"listed and not readable: {error}{self._copies(listed)}"
            outcome.findings.append(finding(listed.key, "manifest", sentence))
        return outcome

    def _changed(self, listed: Listed, path: Path, size: int) -> Finding:
        """A file that is not what it was; of a WARC, the first record that is not right."""
        what = "the bytes changed after publishing: SHA-256 differs from the manifest's"
        if size != listed.size:
            what = f"{size} bytes; the manifest says {listed.size}"
        faults = check_warc(path, profile="ours", key=listed.key) if listed.key.startswith("warc/") else ()
        first = next((fault for fault in faults if fault.severity == "error"), None)
        offset, record_id = (first.offset, first.record_id) if first else (0, None)
        if first:
            what += f"; the first record that is not right: {first.rule}, {first.sentence}"
        return Finding(listed.key, offset, record_id, "manifest", what + self._copies(listed))

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

    def _inside(self, listed: Listed, path: Path, documented: list[tuple[str, str]]) -> Iterator[Finding]:
        key = listed.key
        try:
            if key.startswith("warc/"):
                inside = Inside()
                yield from check_warc(path, profile="ours", key=key, inside=inside)
                yield from self._beside(key, path, inside)
            elif key.startswith("cdxj/"):
                yield from self._index(key, path)
            elif key.partition("/")[0] in MODELS:
                yield from check_documents(self.store, self.ledger, listed, path, documented)
        except (StoreError, WarcError) as error:
            yield finding(key, "manifest", f"cannot be checked: {error}")

    def _beside(self, key: str, warc: Path, inside: Inside) -> Iterator[Finding]:
        """A WARC's index, its count, and the originals that its revisits have in other files."""
        name = segment_name(key)
        if name is None:
            yield finding(key, "key", "the name is not one of ours")
            return
        if name.cdxj in self.ledger.present:  # else that has been said
            with local_copy(self.store, name.cdxj) as (index, _):
                yield from check_cdxj(index, warc, inside.lines)
        listed = self.ledger.files.get(key)
        if listed and inside.captures != listed.records:
            yield finding(key, "manifest", f"{inside.captures} captures; the manifest says {listed.records}")
        for revisit in inside.elsewhere:
            if problem := self._original(revisit):
                yield Finding(key, revisit.offset, revisit.record_id, "revisit-original", problem)

    def _original(self, revisit: Elsewhere) -> str | None:
        """What is wrong with the original of a revisit in another file of the archive."""
        key = self.ledger.heir(revisit.filename)
        if key not in self.ledger.files:
            return f"its original is in {key}, which no manifest lists"
        try:
            head, _ = member_in(ranged(self.store, key), key, revisit.original_offset)
        except (WarcError, StoreError) as error:
            return f"its original cannot be read: {error}"
        if head.record_id != revisit.original_id or head.kind != "response":
            return f"record {head.record_id} ({head.kind}) stands where its original should"
        if revisit.digest and head.get("warc-payload-digest") != revisit.digest:
            return "its original has another payload digest"
        return None

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
