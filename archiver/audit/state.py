"""What earlier checks saw: when each file was last read whole, and how far a check came that was cut short.

Belongs here: the state on this machine. It may be deleted at any time: then every file counts as never read. The record that lasts
is the event log in the store.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from archiver.warc import Finding

FILE = "verified.sqlite"

_TABLES = """
CREATE TABLE IF NOT EXISTS verified (key TEXT PRIMARY KEY, sha256 TEXT, at REAL, good INTEGER, depth TEXT);
CREATE TABLE IF NOT EXISTS passes (id TEXT PRIMARY KEY, depth TEXT, started REAL, ended REAL);
CREATE TABLE IF NOT EXISTS done (pass TEXT, step TEXT, findings TEXT, PRIMARY KEY (pass, step));
CREATE TABLE IF NOT EXISTS documented (pass TEXT, step TEXT, marks BLOB, PRIMARY KEY (pass, step));
"""


class CheckState:
    """One file of SQLite. `folder` is made; None keeps the state in memory, for one check that remembers nothing."""

    def __init__(self, folder: Path | None) -> None:
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        self._base = sqlite3.connect(folder / FILE if folder else ":memory:", isolation_level=None)
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = NORMAL")
        self._base.executescript(_TABLES)

    def close(self) -> None:
        self._base.close()

    def begin(self, run_id: str, depth: str, *, resume: bool) -> str:
        """The pass to work on: the last one of this depth that did not end, when it is to be resumed, else a new one."""
        if resume:
            row = self._base.execute(
                "SELECT id FROM passes WHERE depth = ? AND ended IS NULL ORDER BY started DESC LIMIT 1", (depth,)
            ).fetchone()
            if row:
                return str(row[0])
        for table in ("done", "documented"):
            self._base.execute(
                f"DELETE FROM {table} WHERE pass IN (SELECT id FROM passes WHERE depth = ?)",
                (depth,),
            )
        self._base.execute("DELETE FROM passes WHERE depth = ?", (depth,))
        self._base.execute("INSERT INTO passes VALUES (?, ?, ?, NULL)", (run_id, depth, time.time()))
        return run_id

    def end(self, run: str) -> None:
        self._base.execute("UPDATE passes SET ended = ? WHERE id = ?", (time.time(), run))
        self._base.execute("DELETE FROM done WHERE pass = ?", (run,))

    def found(self, run: str, step: str) -> list[Finding] | None:
        """What a step of this pass found before it was cut short; None when it was not done yet."""
        row = self._base.execute("SELECT findings FROM done WHERE pass = ? AND step = ?", (run, step)).fetchone()
        return [Finding(**values) for values in json.loads(row[0])] if row else None

    def documented(self, run: str, step: str) -> bytes:
        """The marks that were noted with a step of this pass."""
        row = self._base.execute("SELECT marks FROM documented WHERE pass = ? AND step = ?", (run, step)).fetchone()
        return bytes(row[0]) if row else b""

    def keep(self, run: str, step: str, findings: Iterable[Finding], marks: bytes = b"") -> None:
        """Notes that a step is done, so that a check that goes on does not do it again. `marks`: the captures that it found documents of."""
        told = json.dumps([asdict(finding) for finding in findings])
        if marks:
            self._base.execute("INSERT OR REPLACE INTO documented VALUES (?, ?, ?)", (run, step, marks))
        self._base.execute("INSERT OR REPLACE INTO done VALUES (?, ?, ?)", (run, step, told))

    def verified(self, key: str, sha256: str | None, depth: str, *, good: bool) -> None:
        """Notes that a file was read whole, now."""
        row = (key, sha256, time.time(), int(good), depth)
        self._base.execute("INSERT OR REPLACE INTO verified VALUES (?, ?, ?, ?, ?)", row)

    def seen(self, key: str) -> tuple[str | None, datetime | None]:
        """(SHA-256, time) of the last reading of a file; nothing where there was none."""
        row = self._base.execute("SELECT sha256, at FROM verified WHERE key = ?", (key,)).fetchone()
        return (row[0], datetime.fromtimestamp(row[1], UTC)) if row else (None, None)

    def oldest(self, keys: Iterable[str], count: int) -> list[str]:
        """`count` of `keys`: those that were found damaged, then never read, then those whose last reading is longest ago; among equals in an
        order that mixes kinds of files and is the same every time."""
        known = {
            key: (at if good else -1.0) for key, at, good in self._base.execute("SELECT key, at, good FROM verified")
        }
        mixed = sorted(keys, key=lambda key: (known.get(key, 0.0), hashlib.blake2b(key.encode()).digest()))
        return mixed[:count]
