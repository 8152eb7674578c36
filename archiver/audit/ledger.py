"""What the manifests promise, and whether the store has it: presence, size, metadata, marks, change entries, schemas, strays.

Belongs here: everything that can be said without reading a listed file. One listing of the store answers most of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from archiver.audit.rules import finding
from archiver.changes import entry_key
from archiver.config import software_version
from archiver.errors import StoreError
from archiver.layout import segment_name
from archiver.models import RunManifest
from archiver.models.base import what_is_wrong
from archiver.schema import schema_files
from archiver.warc import Finding

if TYPE_CHECKING:  # the processes that read files need no archive, and start sooner without it
    from archiver.archive import Archive

FAMILIES = ("warc/", "cdxj/", "articles/", "posts/", "resolutions/", "tombstones/")
"""What is there only when a manifest lists it."""

LATE_MAX = 100
"""Change entries that are asked for by name where a store does not list them: what was published a moment ago."""

_ENTRY = re.compile(r"changes/v1/(\d{20})\.json")
_RUN_IN_NAME = re.compile(r"(?:^|[-/])(\d{8}t\d{6}z[0-9a-f]{6})(?:[-./]|$)")
_KNOWN = (*FAMILIES, "runs/", "changes/", "events/", "schemas/", "parquet/", "_probe/", "cards/")


class Listed(NamedTuple):
    """A file as its manifest lists it."""

    key: str
    size: int
    records: int
    sha256: str
    run_id: str


@dataclass(slots=True)
class Ledger:
    """What was read of the manifests. `runs`: key of the manifest by run id; `present`: keys that are there with the right size;
    `unreadable`: ids of committed runs whose manifest says nothing any more, so that nothing can be said of their files; `erased`:
    when erasures began, and the ids of their tombstones; `erasures`: the runs that took something out."""

    files: dict[str, Listed] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)
    newest_software: str = ""
    present: set[str] = field(default_factory=set)
    heirs: dict[str, str] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    erasures: set[str] = field(default_factory=set)
    erased: list[tuple[datetime, list[str]]] = field(default_factory=list)

    def heir(self, key: str) -> str:
        """The file that took a WARC's place when it was issued again under a new name; the key itself where it stands."""
        if key in self.files:
            return key
        name = segment_name(key)
        return self.heirs.get(name.lasting, key) if name else key


def check_ledger(archive: Archive, ledger: Ledger) -> Iterator[Finding]:
    """Fills `ledger` and says what is wrong with manifests, listings and announcements."""
    for key in archive.manifests():
        yield from _manifest(archive, key, ledger)
    for listed in ledger.files.values():
        name = segment_name(listed.key) if listed.key.startswith("warc/") else None
        if name:
            ledger.heirs[name.lasting] = listed.key
    yield from _pairs(ledger)
    yield from _store(archive, ledger)
    yield from _changes(archive, ledger)
    yield from _schemas(archive, ledger)


def _manifest(archive: Archive, key: str, ledger: Ledger) -> Iterator[Finding]:
    try:
        content = archive.store.read(key)
        mark = archive.store.read(key.replace("/manifest.json", "/_SUCCESS"))
        run = RunManifest.model_validate_json(content)
    except (StoreError, ValueError) as error:
        yield finding(key, "manifest", f"the run cannot be read: {what_is_wrong(error)}")
        ledger.unreadable.add(key.split("/")[-2])
        return
    if mark != f"sha256:{hashlib.sha256(content).hexdigest()}\n".encode():
        yield finding(key, "manifest", "the bytes changed after publishing: SHA-256 differs from the one in _SUCCESS")
    if f"/{run.run_id}/" not in key:
        yield finding(key, "manifest", f"is the manifest of run {run.run_id}")
    if run.run_id in ledger.runs:
        yield finding(key, "manifest", f"run {run.run_id} is committed twice: {ledger.runs[run.run_id]}")
    ledger.runs[run.run_id], ledger.newest_software = key, run.software
    if run.reissued:
        ledger.erasures.add(run.run_id)
    if run.erased:
        ledger.erased.append((run.started, run.erased))
    yield from _counts(key, run)
    for file in run.files:
        if file.key in ledger.files:
            yield finding(key, "manifest", f"lists {file.key}, as {ledger.files[file.key].run_id} does")
        ledger.files[file.key] = Listed(file.key, file.bytes, file.records, file.sha256, run.run_id)


def _counts(key: str, run: RunManifest) -> Iterator[Finding]:
    for prefix, stated in (("warc/", run.captures), ("articles/", run.articles), ("posts/", run.posts)):
        counted = sum(file.records for file in run.files if file.key.startswith(prefix))
        if counted != stated:
            yield finding(key, "manifest", f"states {stated} records below {prefix}, and its files have {counted}")


def _pairs(ledger: Ledger) -> Iterator[Finding]:
    """A WARC and its index are listed together."""
    for listed in ledger.files.values():
        if listed.key.startswith("warc/"):
            other = "cdxj/" + listed.key.removeprefix("warc/").removesuffix(".warc.gz") + ".cdxj.gz"
        elif listed.key.startswith("cdxj/"):
            other = "warc/" + listed.key.removeprefix("cdxj/").removesuffix(".cdxj.gz") + ".warc.gz"
        else:
            continue
        if other not in ledger.files:
            yield finding(ledger.runs[listed.run_id], "manifest", f"lists {listed.key} and not {other}")


def _store(archive: Archive, ledger: Ledger) -> Iterator[Finding]:
    """The store's own listing beside the manifests'."""
    sizes = {stored.key: stored.size for stored in archive.store.list_stored()}
    local = archive.store.path("runs/x") is not None  # a folder's `head` reads the bytes: that is for the deeper levels
    for listed in ledger.files.values():
        size = sizes.get(listed.key)
        if size is None and not local:  # a store may list late what it has
            found = archive.store.head(listed.key)
            size = found.size if found else None
        if size is None:
            rule = "cdxj" if listed.key.startswith("cdxj/") else "manifest"
            yield finding(listed.key, rule, f"listed by run {listed.run_id} and not in the store")
            continue
        if size != listed.size:
            yield finding(listed.key, "manifest", f"{size} bytes; the manifest says {listed.size}")
            continue
        ledger.present.add(listed.key)
        if not local:
            yield from _metadata(archive, listed)
    for key in sizes:
        if key not in ledger.files:
            yield from _unlisted(key, ledger)


def _metadata(archive: Archive, listed: Listed) -> Iterator[Finding]:
    try:
        head = archive.store.head(listed.key)
    except StoreError as error:
        yield finding(listed.key, "metadata", f"the store cannot say what it is: {error}")
        return
    if head and head.sha256 and head.sha256 != listed.sha256:
        yield finding(listed.key, "metadata", "another file lies there: the store's SHA-256 is not the manifest's")


def _unlisted(key: str, ledger: Ledger) -> Iterator[Finding]:
    if not key.startswith(_KNOWN):
        if "/" in key:
            yield finding(key, "key", "is none of the archive's own files", "note")
        return
    if "/mended/" in key:
        yield finding(key, "stray", "made by `archiver mend`, and not yet in its place; nobody reads it here", "note")
    elif key.startswith(FAMILIES):
        found = _RUN_IN_NAME.search(key.rpartition("/")[2])
        if found and found[1] in ledger.runs:
            sentence = f"bears the name of run {found[1]}, whose manifest does not list it"
            yield finding(key, "unlisted", sentence)
        elif not (found and found[1] in ledger.unreadable):
            yield finding(key, "stray", "no manifest lists it", "note")
    elif key.startswith("runs/") and key.endswith("/manifest.json"):
        run_id = key.split("/")[-2]
        if run_id not in ledger.runs and run_id not in ledger.unreadable:
            yield finding(key, "stray", "a manifest without _SUCCESS: the run is not committed", "note")


def _changes(archive: Archive, ledger: Ledger) -> Iterator[Finding]:
    expected, announced = 1, dict.fromkeys(ledger.runs.values(), 0)
    for key in _entries(archive):
        match = _ENTRY.fullmatch(key)
        if match is None:
            if key != "changes/v1/_head.json":
                yield finding(key, "changes", "is no change entry by its name")
            continue
        number = int(match[1])
        if number != expected:
            yield finding(key, "changes", f"entries {expected} to {number - 1} are missing")
        expected = number + 1
        yield from _entry(archive, key, announced)
    for manifest, times in announced.items():
        if times != 1:
            yield finding(manifest, "changes", f"is announced {times} times in changes/")


def _entries(archive: Archive) -> list[str]:
    """The keys below changes/, those included that the store has and does not list yet: the next ones, and few that lie between."""
    keys = list(archive.store.list("changes/v1/"))
    if archive.store.path("changes/x") is not None:
        return keys
    numbers = {int(match[1]) for key in keys if (match := _ENTRY.fullmatch(key))}
    last = max(numbers, default=0)
    missing = set(range(max(1, last - LATE_MAX), last + LATE_MAX)) - numbers
    late = set()
    for number in sorted(missing):
        if archive.store.exists(key := entry_key(number)):
            late.add(key)
        elif number > last:
            break
    return sorted({*keys, *late})


def _entry(archive: Archive, key: str, announced: dict[str, int]) -> Iterator[Finding]:
    try:
        content = archive.store.read(key)
        entry = json.loads(content)
        manifest, run_id = entry["manifest"], entry["run_id"]
    except (StoreError, ValueError, TypeError, LookupError, RecursionError) as error:
        yield finding(key, "manifest", f"is no change entry: {what_is_wrong(error)}")
        return
    if content != json.dumps(entry).encode() + b"\n" or not set(entry) <= {"run_id", "manifest", "reissued", "seq"}:
        yield finding(key, "changes", "is not written as this archive writes change entries")
    if manifest not in announced:
        yield finding(key, "manifest", f"announces {manifest}, which is not committed here")
        return
    if f"/{run_id}/" not in str(manifest):
        yield finding(key, "changes", f"announces {manifest} as run {run_id}")
    announced[manifest] += 1


def _schemas(archive: Archive, ledger: Ledger) -> Iterator[Finding]:
    """The schemas beside the documents are those of the software that published last."""
    ours = ledger.newest_software.split(" ")[0] == f"news-archiver/{software_version()}"
    for name, shipped in schema_files().items():
        key = f"schemas/{name}"
        try:
            stored = archive.store.read(key)
        except StoreError as error:
            if ledger.runs:
                yield finding(key, "schema", f"cannot be read: {error}", "error" if ours else "note")
            continue
        if stored != shipped:
            sentence = f"is not the schema of {ledger.newest_software or 'this version'}"
            yield finding(key, "schema", sentence, "error" if ours else "note")
