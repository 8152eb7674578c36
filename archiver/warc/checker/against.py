"""What must hold between a WARC and what points into it: its index, and the documents' pointers.

Belongs here: `cdxj` and `pointer`. Rules inside one WARC are in the other modules.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, cast

from archiver.errors import WarcError
from archiver.models import CapturePointer
from archiver.warc.checker.findings import Finding
from archiver.warc.places import RangedFile, member_at, member_in
from archiver.warc.recover import index_lines

_INDEX_MAX = 2**30


def check_cdxj(index: Path, warc: Path, made: list[bytes] | None = None) -> list[Finding]:
    """Each line of `index` is a record of `warc` and the other way round, and the lines are sorted by bytes.

    Lines are compared as wholes, except for the key in `filename`, of which the last part counts: a local copy may have
    any name. Damage of the WARC itself is for `check_warc`; here it is one finding. `made` are the lines that `check_warc` made.
    """
    name = str(index)
    try:
        with gzip.open(index, "rb") as file:
            text = file.read(_INDEX_MAX)
    except (OSError, EOFError, zlib.error) as error:
        return [Finding(name, 0, None, "cdxj", f"the index cannot be read: {error}")]
    lines = text.splitlines(keepends=True)
    findings = []
    if lines != sorted(lines):
        findings.append(Finding(name, 0, None, "cdxj", "the lines are not sorted by bytes"))
    if lines and not lines[-1].endswith(b"\n"):
        findings.append(Finding(name, 0, None, "cdxj", "the last line is cut off"))
    filename = next((found for line in lines if (found := _filename(line))), warc.name)
    try:
        wanted = index_lines(warc, filename) if made is None else made
    except WarcError as error:
        return [*findings, Finding(name, error.offset, None, "cdxj", f"the WARC cannot be indexed: {error.sentence}")]
    given, right = set(lines), set(wanted)
    if len(lines) != len(given):
        findings.append(Finding(name, 0, None, "cdxj", "a line occurs twice"))
    findings += [_line_finding(name, line, "leads to no such record") for line in lines if line not in right]
    findings += [
        _line_finding(name, line, "is missing: a record without a line") for line in wanted if line not in given
    ]
    return findings


def check_pointers(warc: Path | RangedFile, pointers: Iterable[CapturePointer]) -> list[Finding]:
    """Each pointer's offset and length are exactly one member of `warc` (a file, or ranges of one), which is that record."""
    findings = []
    for pointer in pointers:
        offset = pointer.warc_record_offset
        try:
            if isinstance(warc, RangedFile):
                head, length = member_in(cast(BinaryIO, warc), pointer.warc_filename, offset)
            else:
                head, length = member_at(warc, offset)
        except WarcError as error:
            findings.append(_pointer_finding(pointer, error.sentence))
            continue
        if head.record_id != pointer.warc_record_id:
            findings.append(_pointer_finding(pointer, f"record {head.record_id} is there, not the document's"))
        elif length != pointer.warc_record_length:
            findings.append(
                _pointer_finding(pointer, f"the member has {length} bytes, not {pointer.warc_record_length}")
            )
        elif head.kind != pointer.warc_type:
            findings.append(_pointer_finding(pointer, f"the record is a {head.kind}, not a {pointer.warc_type}"))
    return findings


def _pointer_finding(pointer: CapturePointer, sentence: str) -> Finding:
    return Finding(pointer.warc_filename, pointer.warc_record_offset, pointer.warc_record_id, "pointer", sentence)


def _values(line: bytes) -> dict[str, str]:
    try:
        values = json.loads(line.split(b" ", 2)[2])
    except (ValueError, IndexError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _filename(line: bytes) -> str | None:
    filename = _values(line).get("filename")
    return filename if isinstance(filename, str) else None


def _line_finding(name: str, line: bytes, what: str) -> Finding:
    values = _values(line)
    offset = str(values.get("offset", "0"))
    shown = line[:200].decode("utf-8", "replace").rstrip("\n")
    number = int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 19 else 0
    return Finding(name, number, str(values.get("warc_record_id", "")) or None, "cdxj", f"the line {shown!r} {what}")
