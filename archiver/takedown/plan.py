"""What an erasure will do to the store, written down before it begins: whoever is killed in the middle is finished by the next.

Belongs here: carrying out. Every step may be done again. A plan is a folder of the spool with the new files and `plan.json`, which is
written last; without it, nothing was done yet.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from archiver.errors import RecordingError, StoreError
from archiver.events import event, events_key
from archiver.layout import run_key
from archiver.models import RunManifest
from archiver.models.event import Event
from archiver.parts import pack
from archiver.publish import commit, put_manifest
from archiver.store import Store
from archiver.warc.segment import sync_folder

ROOM = ".takedown"
FILE = "plan.json"


@dataclass(slots=True)
class Put:
    """A staged file and its key. `replace`: it takes the place of one with the same key."""

    key: str
    file: str
    size: int
    sha256: str
    replace: bool = False


@dataclass(slots=True)
class Gone:
    """A stored file that goes: what it was."""

    key: str
    size: int
    sha256: str


@dataclass(slots=True)
class Plan:
    """An erasure. `manifests` are the reissued ones, `own` that of the erasure itself (JSON texts); `why` names the tombstones."""

    run_id: str
    started: str
    why: str
    records: int = 0
    puts: list[Put] = field(default_factory=list)
    manifests: list[str] = field(default_factory=list)
    own: str = ""
    gone: list[Gone] = field(default_factory=list)

    def save(self, folder: Path) -> None:
        """Makes the plan durable: from here on it is carried out, if need be by another process."""
        for path in folder.iterdir():
            handle = os.open(path, os.O_RDONLY)
            os.fsync(handle)
            os.close(handle)
        partial = folder / f".{FILE}"
        with partial.open("w", encoding="utf-8") as sink:
            json.dump(asdict(self), sink)
            sink.flush()
            os.fsync(sink.fileno())
        partial.rename(folder / FILE)
        sync_folder(folder)

    @classmethod
    def load(cls, folder: Path) -> Plan:
        try:
            values = json.loads((folder / FILE).read_text(encoding="utf-8"))
            puts, gone = [Put(**one) for one in values.pop("puts")], [Gone(**one) for one in values.pop("gone")]
            return cls(**values, puts=puts, gone=gone)
        except (OSError, ValueError, TypeError, LookupError) as error:
            raise RecordingError(
                f"{folder / FILE}: cannot be read: {error}; do not delete it: it says what is left to do"
            ) from error


def cut_short(spool: Path) -> str | None:
    """A sentence about erasures that were not carried out to their end; None where there are none."""
    count = sum(1 for _ in (spool / ROOM).glob(f"*/{FILE}"))
    if not count:
        return None
    return f"{count} erasure(s) were cut short, or wait for a lock to end; `archiver takedown finish` carries them out"


def unfinished(spool: Path) -> Iterator[Path]:
    """Folders of plans that were not carried out to their end; what was only staged is removed."""
    for folder in sorted((spool / ROOM).glob("*")):
        if (folder / FILE).exists():
            yield folder
        else:
            shutil.rmtree(folder, ignore_errors=True)


def apply(store: Store, folder: Path) -> Plan:
    """Carries a plan out, or to its end: new files, manifests, the erasure's own run, deletion, events. Raises `StoreError`."""
    plan = Plan.load(folder)
    for put in plan.puts:
        path = folder / put.file
        if put.replace:
            store.put(put.key, path.read_bytes(), replace=True)
        else:
            store.put_file(put.key, path, sha256=put.sha256)
        _arrived(store, put)
    replaced = [put.key for put in plan.puts if put.replace]
    for text in plan.manifests:
        manifest = RunManifest.model_validate_json(text)
        day = f"{manifest.started.astimezone(UTC):%Y-%m-%d}"
        put_manifest(store, manifest, day)
        replaced += [run_key(manifest.run_id, day, name) for name in ("manifest.json", "_SUCCESS")]
    own = RunManifest.model_validate_json(plan.own)
    commit(store, own)
    _delete(store, plan, replaced)
    _log(store, plan, own)
    shutil.rmtree(folder)
    return plan


def _delete(store: Store, plan: Plan, replaced: list[str]) -> None:
    """Takes away what went, and earlier versions of what was replaced: all that can be, and then says what could not."""
    kept: list[StoreError] = []
    takes_away = partial(store.delete, despite_lock=True)
    for act, keys in ((takes_away, [gone.key for gone in plan.gone]), (store.forget_earlier, replaced)):
        for key in keys:
            try:
                act(key)
            except StoreError as error:
                if error.temporary:
                    raise
                kept.append(error)
    if kept:
        raise StoreError(
            f"{len(kept)} of {len(plan.gone) + len(replaced)} files cannot be deleted yet, the first because: {kept[0]}. All of it is "
            "hidden, and nothing refers to it; `archiver takedown finish` deletes the rest when that has ended"
        )


def _arrived(store: Store, put: Put) -> None:
    found = store.head(put.key)
    if found is None or found.size != put.size or found.sha256 not in (None, put.sha256):
        raise StoreError(
            f"{put.key}: the store does not hold what was put; nothing was deleted, `archiver takedown finish`"
        )


def _log(store: Store, plan: Plan, own: RunManifest) -> None:
    """The events of an erasure, in one file that is written once."""
    at: datetime = own.started
    events: list[Event] = []
    for put in plan.puts:
        kind, why = ("modification", "issued again") if put.replace else ("ingestion", "issued again under a new name")
        made = event(
            kind,  # type: ignore[arg-type]
            put.key,
            plan.run_id,
            detail=f"{why}: {plan.why}",
            size=put.size,
            sha256=put.sha256,
            at=at,
        )
        events.append(made)
    for gone in plan.gone:
        events.append(
            event("deletion", gone.key, plan.run_id, detail=plan.why, size=gone.size, sha256=gone.sha256, at=at)
        )
    key = events_key(plan.run_id, f"{at.astimezone(UTC):%Y-%m-%d}")
    store.create(key, pack(key, (one.model_dump_json().encode() + b"\n" for one in events)).content)


def staged(folder: Path, key: str, content: bytes | Path, *, replace: bool = False) -> Put:
    """Puts a new file into a plan's folder."""
    name = f"{len(list(folder.iterdir())):06d}-{key.rpartition('/')[2]}" if isinstance(content, bytes) else content.name
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Put(key, name, path.stat().st_size, digest, replace)
