"""The check of a whole archive at three depths: the order of its steps, the sample, and what is remembered.

Belongs here: what is looked at when. What must hold is said by the modules beside this one.

    quick      what manifests list is there, with its size and (in object stores) its SHA-256; marks, changes, schemas, strays
    default    that, and a sample of the files read whole: digest, WARC rules, index lines against records, documents' pointers
    full       that for every file, the originals of revisits in other files, and every document made again from its record
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from archiver import clock
from archiver.archive import Archive
from archiver.audit.again import Again
from archiver.audit.crew import read_all
from archiver.audit.documents import Documented
from archiver.audit.files import FileCheck
from archiver.audit.ledger import Ledger, check_ledger
from archiver.audit.rules import finding
from archiver.audit.state import CheckState
from archiver.errors import StoreError
from archiver.events import EventLog, event, read_events
from archiver.layout import new_run_id, run_of_part
from archiver.pool import ExtractPool
from archiver.publish import Hints, Workers
from archiver.warc import Finding

SAMPLE = 0.01
SAMPLE_MIN = 10


class Depth(StrEnum):
    QUICK = "quick"
    DEFAULT = "default"
    FULL = "full"


@dataclass(slots=True)
class Counted:
    """What a check did, for its report. `read` are files whose every byte was read, `bytes` theirs."""

    runs: int = 0
    files: int = 0
    read: int = 0
    bytes: int = 0
    resumed: int = 0


@dataclass(slots=True)
class Check:
    """One check. `pool` and `workers` make documents again at full depth; without them that step is left out.

    `log` gets an event for every file that is read, and for every one that is not what it was. `resume` goes on with the last
    check of this depth that was cut short. `processes`: how many files may be read at once.
    """

    archive: Archive
    depth: Depth = Depth.FULL
    sample: float = SAMPLE
    state: CheckState = field(default_factory=lambda: CheckState(None))
    log: EventLog | None = None
    pool: ExtractPool | None = None
    workers: Workers | None = None
    hints: Hints = field(default_factory=dict)
    replicas: tuple[str, ...] = ()
    resume: bool = False
    processes: int = 1
    counted: Counted = field(default_factory=Counted)

    def findings(self) -> Iterator[Finding]:
        """Every finding, file by file. Damage is a finding, never an exception; a store that cannot be listed raises `StoreError`."""
        started = clock.now()
        run = self.state.begin(self.log.run_id if self.log else new_run_id(started), self.depth, resume=self.resume)
        ledger = Ledger()
        for found in check_ledger(self.archive, ledger):
            if found.severity == "error" and found.file in ledger.files:
                self._tell(found.file, ledger.files[found.file].sha256, [found])
            yield found
        self.counted.runs, self.counted.files = len(ledger.runs), len(ledger.files)
        if self.depth is not Depth.QUICK:
            yield from self._events(ledger)
            yield from self._files(run, ledger)
        if self.depth is Depth.FULL and self.pool and self.workers:
            yield from self._again(run, ledger, Again(self.archive, ledger, self.pool, self.workers, self.hints))
        if self.log:
            self.log.flush()
        self.state.end(run)

    def _files(self, run: str, ledger: Ledger) -> Iterator[Finding]:
        check = FileCheck(self.archive.store, ledger, self.replicas)
        there = [key for key in ledger.files if key in ledger.present]
        known = {key: found for key in there if (found := self.state.found(run, key)) is not None}
        chosen = there
        if self.depth is Depth.DEFAULT:  # what was read before the check was cut short is of its sample
            count = max(SAMPLE_MIN, math.ceil(self.sample * len(there)))
            more = self.state.oldest((key for key in there if key not in known), max(0, count - len(known)))
            chosen = sorted([*known, *more])
        documented = Documented()
        for key in known:
            documented.add(self.state.documented(run, key))
        outcomes = read_all(check, [key for key in chosen if key not in known], self.processes)
        for key in chosen:
            if key in known:
                self.counted.resumed += 1
                sha256, at = self.state.seen(key)
                self._tell(key, sha256, known[key], at=at)  # whoever was cut short told nobody yet
                yield from known[key]
                continue
            _, outcome = next(outcomes)
            marks, twice = documented.twice(key, outcome.documented)
            outcome.findings += twice
            self.counted.read += 1
            self.counted.bytes += outcome.bytes
            good = not any(found.severity == "error" for found in outcome.findings)
            self._tell(key, outcome.sha256, outcome.findings, outcome.bytes)
            self.state.verified(key, outcome.sha256, self.depth, good=good)
            self.state.keep(run, key, outcome.findings, marks)
            yield from outcome.findings

    def _tell(
        self,
        key: str,
        sha256: str | None,
        findings: list[Finding],
        size: int | None = None,
        at: datetime | None = None,
    ) -> None:
        """One event a file: that it was read and is what it was, or what is wrong with it."""
        if self.log is None:
            return
        errors = [found for found in findings if found.severity == "error"]
        detail = "; ".join(f"{found.rule}: {found.sentence}" for found in errors[:5])[:1000] or None
        outcome = event(
            "fixity check",
            key,
            self.log.run_id,
            outcome="fail" if errors else "success",
            detail=detail,
            size=size,
            sha256=sha256,
            at=at,
        )
        self.log.add(outcome)

    def _events(self, ledger: Ledger) -> Iterator[Finding]:
        keys = list(self.archive.store.list("events/v1/"))
        logged = {run_of_part(key) for key in keys}
        for run_id in sorted(ledger.erasures - logged):
            yield finding(
                ledger.runs[run_id], "event", "nothing of this erasure is in the log: what was deleted is not proven"
            )
        if silent := sorted({listed.run_id for listed in ledger.files.values()} - logged):
            more = f" and of {len(silent) - 1} more" if len(silent) > 1 else ""
            sentence = f"nothing of this run{more} is in the log: when its files came, and with which digests"
            yield finding(ledger.runs[silent[0]], "event", sentence, "note")
        for key in keys:
            try:
                for _ in read_events(self.archive.store, key):
                    pass
            except StoreError as error:
                yield finding(key, "event", str(error))

    def _again(self, run: str, ledger: Ledger, again: Again) -> Iterator[Finding]:
        for run_id, key in ledger.runs.items():
            step = f"again:{run_id}"
            known = self.state.found(run, step)
            if known is not None:
                yield from known
                continue
            try:
                found = list(again.run(self.archive.manifest(key)))
            except StoreError:
                continue  # told by the ledger
            self.state.keep(run, step, found)
            yield from found


def check_archive(archive: Archive, depth: Depth = Depth.FULL) -> Iterator[Finding]:
    """Findings of the whole archive, without making documents again; nothing is remembered and nothing is written.

    `archiver check` does more: see `Check`.
    """
    return Check(archive, depth).findings()
