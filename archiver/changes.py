"""The change sequence, `changes/v1/NUMBER.json`: one entry a published run, for whoever follows an archive.

Belongs here: claiming a number, which is the one thing that several publishers of one store contend for. Entries are written once
and never changed; a reader that meets a missing number waits for it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archiver.errors import KeyExists, StoreError
from archiver.layout import run_of_part
from archiver.store import Store

FOLDER = "changes/v1/"
HEAD = f"{FOLDER}_head.json"
TRIES = 200
GRACE = timedelta(hours=1)
GRACE_OF_REQUEST = timedelta(minutes=1)
"""For how long a publisher, or a request to hide, may take from its first file to its entry."""


def entry_key(number: int) -> str:
    """The key of an entry."""
    return f"{FOLDER}{number:020d}.json"


def announce(store: Store, run_id: str, manifest: str, note: Path | None = None, *, again: bool = False) -> int:
    """Gives the run its number, the one it has where it was announced before. Raises `StoreError`.

    `note` is a file of the run's spool in which a number is written down before it is claimed, so that whoever comes back after a
    kill, or after an answer that was lost, knows where to look; without it, `again` says that the run may have an entry already.
    """
    entry = json.dumps({"run_id": run_id, "manifest": manifest}).encode() + b"\n"
    tried = _noted(note)
    if tried is not None and _run_at(store, tried) == run_id:
        return tried
    if again and tried is None and (known := announced(store, run_id)) is not None:
        return known
    if store.deciding == "swap":
        return _by_swap(store, run_id, manifest, entry, note)
    number = _last(store) + 1
    while True:
        _write_down(note, number)
        if store.create(entry_key(number), entry):
            return number
        if _run_at(store, number) == run_id:  # ours, after an answer that was lost
            return number
        number += 1


def announced(store: Store, run_id: str) -> int | None:
    """The number of a run's entry, None without one; reads the newest first."""
    for number in reversed(_numbers(store)):
        if _run_at(store, number) == run_id:
            return number
    return None


def announce_left(store: Store, now: datetime) -> tuple[int, int]:
    """Announces the committed runs that a kill left without an entry: (how many, how many may be somebody's who is still at it). Raises
    `StoreError`."""
    marks = {stored.key: stored.modified for stored in store.list_stored("runs/") if stored.key.endswith("/_SUCCESS")}
    numbers = _numbers(store)
    if len(marks) <= len(numbers):
        return 0, 0
    known = {_run_at(store, number) for number in numbers}
    # A request to hide takes seconds; a crawl's publishing may wait for its store.
    requests = {run_of_part(key) for key in store.list("tombstones/v1/")}
    done = waiting = 0
    for key, modified in sorted(marks.items()):
        run_id = key.split("/")[-2]
        if run_id in known:
            continue
        if modified and now - modified < (GRACE_OF_REQUEST if run_id in requests else GRACE):
            waiting += 1
            continue
        announce(store, run_id, key.replace("/_SUCCESS", "/manifest.json"))
        done += 1
    return done, waiting


def newest(store: Store) -> tuple[int, str]:
    """(number, run) of the newest entry; (0, "") without entries."""
    number = _last(store)
    return number, (_run_at(store, number) or "") if number else ""


def entries_after(store: Store, number: int, run_id: str) -> Iterator[tuple[int, str, str]] | None:
    """(number, run, manifest) of the entries behind the one that announced `run_id`, without a listing. None where that entry is another
    run's: another archive stands there. Raises `StoreError`."""
    return _entries(store, number) if number and _run_at(store, number) == run_id else None


def _entries(store: Store, number: int) -> Iterator[tuple[int, str, str]]:
    while store.exists(key := entry_key(number := number + 1)):
        try:
            entry = json.loads(store.read(key))
            yield number, str(entry["run_id"]), str(entry["manifest"])
        except (ValueError, LookupError, TypeError) as error:
            raise StoreError(f"{key}: not a change entry: {error}; `archiver check` says more") from error


def _by_swap(store: Store, run_id: str, manifest: str, entry: bytes, note: Path | None) -> int:
    """For stores that only compare and swap: a head names who has the last number. Whoever finds a head without its entry writes that
    entry first, so that no claimed number stays empty."""
    for attempt in range(TRIES):
        found = store.head(HEAD)
        head: dict[str, Any] = {"seq": _last(store), "run_id": None, "manifest": None}
        if found:
            head = json.loads(store.read(HEAD))
        if head["run_id"] is not None:
            known = json.dumps({"run_id": head["run_id"], "manifest": head["manifest"]}).encode() + b"\n"
            store.put(entry_key(head["seq"]), known)
            if head["run_id"] == run_id:
                return int(head["seq"])
        number = int(head["seq"]) + 1
        _write_down(note, number)
        claim = {"seq": number, "run_id": run_id, "manifest": manifest}
        try:
            store.swap(HEAD, json.dumps(claim).encode() + b"\n", expected=found.etag if found else None)
        except KeyExists:
            if _run_at(store, number) == run_id:  # ours, after a lost answer, and written by who came next
                return number
            time.sleep(min(0.01 * attempt, 1.0))
            continue
        store.put(entry_key(number), entry)
        return number
    raise StoreError(f"{HEAD}: another publisher was first {TRIES} times; publish again", temporary=True)


def _numbers(store: Store) -> list[int]:
    names = (key.removeprefix(FOLDER).removesuffix(".json") for key in store.list(f"{FOLDER}0"))
    return sorted(int(name) for name in names if name.isdecimal())


def _last(store: Store) -> int:
    """The newest number; 0 without entries. A store that lists late only costs a few more tries."""
    return max(_numbers(store), default=0)


def _run_at(store: Store, number: int) -> str | None:
    key = entry_key(number)
    return _run_in(store.read(key)) if store.exists(key) else None


def _run_in(entry: bytes) -> str | None:
    try:
        return str(json.loads(entry)["run_id"])
    except (ValueError, LookupError, TypeError):
        return None


def _noted(note: Path | None) -> int | None:
    try:
        return int(json.loads(note.read_text(encoding="utf-8"))["number"]) if note else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _write_down(note: Path | None, number: int) -> None:
    if note is None:
        return
    partial = note.with_name(f".{note.name}.tmp")
    try:
        partial.write_text(json.dumps({"number": number}), encoding="utf-8")
        partial.replace(note)
    except OSError as error:
        raise StoreError(f"{note}: cannot be written: {error.strerror}; free some space, then publish") from error
