"""`check`: is what is there what was written?"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from archiver import clock
from archiver.archive import Archive
from archiver.audit import Check, Depth, move_of
from archiver.audit.state import CheckState
from archiver.cli.common import complain, paper, talk
from archiver.cli.crawling import hints_of, workers_of
from archiver.cli.exits import Exit
from archiver.config import Config
from archiver.cron import write_whole
from archiver.errors import StoreError, UsageError
from archiver.events import EventLog
from archiver.layout import new_run_id, state_folder
from archiver.models.base import rfc3339
from archiver.pool import ExtractPool
from archiver.replay.wacz import check_wacz
from archiver.takedown import cut_short
from archiver.warc import Finding, check_warc

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line asks of a check of an archive."""

    depth: Depth = Depth.DEFAULT
    sample: float = 0.01
    resume: bool = False
    report: Path | None = None
    events: bool = True
    as_json: bool = False


@dataclass(slots=True)
class _Told:
    """What was said so far; `findings` are kept only where a report is to hold them."""

    keep: bool
    errors: int = 0
    notes: int = 0
    rules: Counter[str] = field(default_factory=Counter)
    findings: list[dict[str, object]] = field(default_factory=list)

    def say(self, findings: Iterable[Finding], *, as_json: bool) -> None:
        for finding in findings:
            wrong = finding.severity == "error"
            self.errors += wrong
            self.notes += not wrong
            self.rules[finding.rule] += wrong
            line = asdict(finding) | ({"next": move_of(finding.rule)} if wrong else {})
            if self.keep:
                self.findings.append(line)
            if as_json:
                print(json.dumps(line, ensure_ascii=False))
            else:
                where = f"{finding.file}:{finding.offset} {finding.record_id or '-'}"
                paper.print(f"{where} {finding.rule} ({finding.severity}): {finding.sentence}", markup=False)

    def verdict(self, what: str) -> Exit:
        for rule in (rule for rule, count in self.rules.items() if count):
            complain(f"{rule}: {move_of(rule)}", Exit.DAMAGED)
        talk.print(f"checked {what}: {self.errors} errors, {self.notes} notes", markup=False)
        return Exit.DAMAGED if self.errors else Exit.OK


def parse_share(text: str) -> float:
    """ "1%" or "0.01" as a share between 0 and 1. Raises `UsageError`."""
    try:
        share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise UsageError(f'"{text}" is no share of the files; write it as in "1%"')
    return share


def parse_depth(*, quick: bool, full: bool, sample: str | None = None, resume: bool = False) -> Depth:
    """The depth that the command line names. Raises `UsageError`, for options too that this depth has no use for."""
    if quick and full:
        raise UsageError("--quick and --full are two depths; give one, or neither for the one between")
    if sample is not None and (quick or full):
        raise UsageError(
            f"--sample is for the depth between: {'--quick reads no file' if quick else '--full reads every one'}"
        )
    if resume and quick:
        raise UsageError("--quick reads no file, so there is nothing to go on with; leave --resume out")
    return Depth.QUICK if quick else Depth.FULL if full else Depth.DEFAULT


def check_files(paths: list[Path], *, as_json: bool) -> int:
    """`archiver check FILE...`: each WARC by its profile (ours, or foreign), each package (`.wacz`) as a whole."""
    for path in paths:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
    told = _Told(keep=False)
    told.say((finding for path in paths for finding in _judge(path)), as_json=as_json)
    return told.verdict(f"{len(paths)} files")


def _judge(path: Path) -> list[Finding]:
    return check_wacz(path) if path.suffix == ".wacz" else check_warc(path)


def check_archive(config: Config, wanted: Wanted) -> int:
    """`archiver check`: the archive at the depth that is wanted."""
    archive = Archive(config.store, everything=True)
    if next(archive.manifests(), None) is None:
        raise UsageError(f"{config.store}: no published run here; name the archive with --store")
    started, told = clock.now(), _Told(keep=wanted.report is not None)
    with ExitStack() as stack:
        check = Check(
            archive,
            wanted.depth,
            sample=wanted.sample,
            state=_state(config, stack),
            log=EventLog(archive.store, new_run_id(started), started) if wanted.events else None,
            replicas=tuple(config.archive.replicas),
            resume=wanted.resume,
            processes=config.workers,
        )
        if wanted.depth is Depth.FULL:
            check.workers, check.hints = workers_of(config), hints_of(config)
            check.pool = _pool(config, stack)
        if waits := cut_short(config.spool):
            talk.print(waits)
        told.say(_findings(check, told), as_json=wanted.as_json)
        if wanted.report:
            _write(wanted.report, _report(config, check, told, started))
    counted = check.counted
    read = f"{counted.read} of {counted.files} files read whole ({counted.bytes / 2**20:.1f} MiB)"
    earlier = f", {counted.resumed} before it was cut short" if counted.resumed else ""
    return told.verdict(f"{counted.runs} runs in {config.store}, {wanted.depth}: {read}{earlier}")


def _findings(check: Check, told: _Told) -> Iterator[Finding]:
    """The findings; an event log that cannot be written is said, and costs no finding."""
    try:
        yield from check.findings()
    except StoreError as error:
        if check.log is None or check.counted.runs == 0:
            raise
        complain(f"the event log could not be written: {error}", Exit.ERROR)
        told.notes += 1


def _state(config: Config, stack: ExitStack) -> CheckState:
    """What earlier checks saw; an archive that cannot be written to is checked without a memory."""
    try:
        state = CheckState(state_folder(config.store, "check"))
    except (OSError, sqlite3.Error) as error:
        logger.info("the state of checks cannot be kept: %s", error)
        state = CheckState(None)
    stack.callback(state.close)
    return state


def _pool(config: Config, stack: ExitStack) -> ExtractPool:
    return stack.enter_context(workers_of(config).start())


def _report(config: Config, check: Check, told: _Told, started: datetime) -> dict[str, object]:
    counted = asdict(check.counted)
    return {
        "record_type": "check",
        "store": config.store,
        "depth": check.depth.value,
        "run_id": check.log.run_id if check.log else None,
        "started": rfc3339(started),
        "finished": rfc3339(clock.now()),
        **{name: counted[name] for name in ("runs", "files", "read", "bytes", "resumed")},
        "errors": told.errors,
        "notes": told.notes,
        "rules": {rule: count for rule, count in sorted(told.rules.items()) if count},
        "findings": told.findings,
    }


def _write(path: Path, report: dict[str, object]) -> None:
    try:
        write_whole(path, json.dumps(report, ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        complain(f"{path}: the report cannot be written: {error.strerror}", Exit.ERROR)
