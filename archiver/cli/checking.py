"""`check`: is what is there what was written?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from archiver.archive import Archive
from archiver.audit import check_archive as findings_of
from archiver.cli.common import paper, talk
from archiver.cli.exits import Exit
from archiver.config import Config
from archiver.errors import UsageError
from archiver.warc import Finding, check_warc


def check_files(paths: list[Path], *, as_json: bool) -> int:
    """`archiver check FILE...`: each WARC by its profile (ours, or foreign)."""
    for path in paths:
        if not path.is_file():
            raise UsageError(f"{path}: no such file")
    return _report((finding for path in paths for finding in check_warc(path)), f"{len(paths)} files", as_json=as_json)


def check_archive(config: Config, *, as_json: bool) -> int:
    """`archiver check`: the archive whole."""
    archive = Archive(config.store)
    runs = sum(1 for _ in archive.manifests())
    if not runs:
        raise UsageError(f"{config.store}: no published run here; name the archive with --store")
    return _report(findings_of(archive), f"{runs} runs in {config.store}", as_json=as_json)


def _report(findings: Iterable[Finding], what: str, *, as_json: bool) -> int:
    errors = notes = 0
    for finding in findings:
        errors += finding.severity == "error"
        notes += finding.severity != "error"
        if as_json:
            print(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            where = f"{finding.file}:{finding.offset} {finding.record_id or '-'}"
            paper.print(f"{where} {finding.rule} ({finding.severity}): {finding.sentence}", markup=False)
    talk.print(f"checked {what}: {errors} errors, {notes} notes")
    return Exit.DAMAGED if errors else Exit.OK
