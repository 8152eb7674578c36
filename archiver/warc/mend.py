"""A damaged WARC again with its whole records only, in a new file: cut by a crash, ours or anybody's.

Belongs here: what is kept and what is left out, with the reason. The damaged file is never touched: it may hold more than we can read.
Recovery of our own spool, where no copy is wanted, is `recover`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from archiver.errors import UsageError, WarcError
from archiver.warc.cdxj import write_cdxj
from archiver.warc.compress import deflater
from archiver.warc.places import open_warc, refuse_other_formats
from archiver.warc.recover import index_lines
from archiver.warc.segment import OPEN, cdxj_path_of, key_of, sync_folder
from archiver.warc.walk import Record, Walk

_STEP = 2**20


@dataclass(frozen=True, slots=True)
class Cut:
    """Bytes [offset, offset + length) of the damaged file that are not in the new one, and why."""

    offset: int
    length: int
    why: str

    def __str__(self) -> str:
        return f"{self.length} bytes at offset {self.offset} left out: {self.why}"


@dataclass(slots=True)
class Mended:
    """What became of a file. `out` is None when it was whole, or held nothing that can be kept; `notes` name what was rewritten;
    `index` is the index that was written."""

    source: Path
    out: Path | None = None
    index: Path | None = None
    records: int = 0
    cuts: list[Cut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def place_for(source: Path, out: Path | None) -> Path:
    """Where the new file goes: `out` (a file, or a folder), else the folder `mended` beside the damaged one, under its name."""
    name = source.name.removesuffix(OPEN)
    if out is None:
        return source.parent / "mended" / name
    return out / name if out.is_dir() or str(out).endswith("/") else out


def mend(source: Path, out: Path, *, index: bool = False) -> Mended:
    """Writes the whole records of `source` to `out`, and its index beside it; nothing when every byte is in order.

    Members of one record are copied as they are; records that share a member get one each. Raises `WarcError` for a file that is no
    WARC, `UsageError` when `out` is there already.
    """
    found = Mended(source)
    if out.exists() or out.resolve() == source.resolve():
        raise UsageError(f"{out}: is there already; nothing is overwritten, so name another file with --out")
    with open_warc(source) as file, open_warc(source) as raw:
        refuse_other_formats(source, file)
        judged, problems = _judged(source, file)
        kept = [one for one in judged if one.whole]
        found.records = len(kept)
        found.cuts = list(_cuts(kept, os.fstat(file.fileno()).st_size, problems))
        shared = [one for one in kept if not one.alone]
        if shared:
            found.notes.append(f"{len(shared)} records shared gzip members; each has one of its own now")
        if kept and (found.cuts or shared):
            _write(source, out, judged, (file, raw))
            found.out = out
    if index and kept and (found.out or not found.cuts):
        place = out if found.out else source  # a whole file needs no other, but its index may be missing
        out.parent.mkdir(parents=True, exist_ok=True)
        found.index = cdxj_path_of(out)
        write_cdxj(found.index, index_lines(place, key_of(out.name.removesuffix(".warc.gz")) or out.name))
    return found


@dataclass(frozen=True, slots=True)
class _Judged:
    """A record of the damaged file: its place (in a shared member that of the member), and whether it can be kept, and copied."""

    offset: int
    length: int
    whole: bool
    alone: bool


def _judged(source: Path, file: BinaryIO) -> tuple[list[_Judged], dict[int, str]]:
    problems: dict[int, str] = {}

    def problem(offset: int, rule: str, sentence: str) -> None:
        problems.setdefault(offset, f"{rule}: {sentence}")

    judged = []
    for record in Walk(source, file, problem):
        record.finish()
        judged.append(_Judged(record.offset, record.length, record.whole, record.alone))
    return judged, problems


def _write(source: Path, out: Path, judged: list[_Judged], files: tuple[BinaryIO, BinaryIO]) -> None:
    """The second walk: each record that is kept, copied or given a member of its own."""
    file, raw = files
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f".{out.name}.tmp")
    try:
        with partial.open("wb") as sink:
            for one, record in zip(judged, Walk(source, file, lambda *_: None), strict=False):
                if one.whole and one.alone:
                    _copy(raw, sink, one)
                elif one.whole:
                    _rewrite(record, sink)
            sink.flush()
            os.fsync(sink.fileno())
        partial.rename(out)
        sync_folder(out.parent)
    finally:
        partial.unlink(missing_ok=True)


def _copy(raw: BinaryIO, sink: BinaryIO, one: _Judged) -> None:
    raw.seek(one.offset)
    left = one.length
    while left:
        piece = raw.read(min(_STEP, left))
        if not piece:
            raise WarcError(str(raw.name), one.offset, "gzip-truncated", "the file became shorter while it was read")
        sink.write(piece)
        left -= len(piece)


def _rewrite(record: Record, sink: BinaryIO) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in record.head.fields)
    machine = deflater()
    sink.write(machine.compress(f"WARC/{record.head.version}\r\n{lines}\r\n".encode()))
    while piece := record.read():
        sink.write(machine.compress(piece))
    sink.write(machine.compress(b"\r\n\r\n"))
    sink.write(machine.flush())


def _cuts(kept: list[_Judged], size: int, problems: dict[int, str]) -> Iterator[Cut]:
    """The gaps between what was kept, each with the first problem in it."""
    end = 0
    for offset, length in [*((one.offset, one.length) for one in kept), (size, 0)]:
        if offset > end:
            said = [why for at, why in sorted(problems.items()) if end <= at < offset]
            yield Cut(end, offset - end, said[0] if said else "no whole record is there")
        end = max(end, offset + length)
