"""Mending what a killed run left: `.open` files are cut after their last good record, indexed and sealed.

Belongs here: recovery of one folder, and making an index again from a WARC alone. Whether the run is really dead (its lock is
free) is the caller's business, and so are documents that name a capture beyond the cut.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.errors import RecordingError, WarcError
from archiver.warc.cdxj import INDEXED, cdxj_line, noarchive, posted, side_line, write_cdxj
from archiver.warc.places import refuse_other_formats
from archiver.warc.records import HTTP_HEAD_MAX, Fields, Head, http_head_end, parse_date
from archiver.warc.segment import OPEN, SealedWarc, cdxj_path_of, key_of, sync_folder
from archiver.warc.walk import Problem, Record, Walk
from archiver.warc.wire import head_fields, status_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one `.open` file. `sealed` is None when it held no capture and was removed.

    `kept` is the offset that it was cut at and `cut` the bytes after it. `saved` names the file that holds those bytes when
    whole records were among them: then the damage is older than the crash and a person should look at it.
    """

    name: str
    sealed: SealedWarc | None
    kept: int
    cut: int
    saved: Path | None = None

    def __str__(self) -> str:
        if self.sealed is None:
            return f"{self.name} held no capture and was removed"
        if not self.cut:
            return f"{self.name} was whole and is sealed now"
        kept = f"; they hold whole records and are kept in {self.saved.name}" if self.saved else ""
        return f"{self.name} was cut at offset {self.kept}, {self.cut} bytes of an unfinished record dropped{kept}"


def recover_folder(folder: Path) -> list[Recovered]:
    """Mend every `*.warc.gz.open` of a dead run, in the order of names; also make CDXJ files that are missing.

    A record counts when its gzip member has a right CRC and holds exactly that record in the length it states. Running it
    again changes nothing. Raises `RecordingError` when the folder cannot be written.
    """
    try:
        for left in folder.glob("*.cdxj.gz.tmp"):
            left.unlink()
        recovered = [_recover(path) for path in sorted(folder.glob(f"*.warc.gz{OPEN}"))]
        for path in sorted(folder.glob("*.warc.gz")):
            if not cdxj_path_of(path).exists():
                write_cdxj(cdxj_path_of(path), index_lines(path, key_of(_stem(path)) or path.name))
        return recovered
    except OSError as error:
        raise RecordingError(f"{folder}: cannot be recovered: {error}") from error


def index_lines(path: Path, filename: str, stop: int | None = None) -> list[bytes]:
    """The CDXJ lines of a WARC, made from its records (before offset `stop`) and unsorted. Raises `WarcError` on damage."""
    lines: list[bytes] = []
    waiting: IndexLine | None = None
    with path.open("rb", buffering=0) as file:
        refuse_other_formats(path, file)
        for record in Walk(path, file, _raiser(path)):
            if stop is not None and record.offset >= stop:
                break
            kind = record.head.kind
            if kind == "request" and waiting and waiting.is_partner(record.head):
                waiting.request = record.read_up_to(HTTP_HEAD_MAX)
            elif kind in INDEXED:
                if waiting:
                    lines.append(waiting.line(filename))
                block = record.read_up_to(HTTP_HEAD_MAX) if kind in ("response", "revisit") else b""
                waiting = IndexLine(record, block[: http_head_end(block)])
        if waiting:
            lines.append(waiting.line(filename))
    return lines


class IndexLine:
    """A record that gets a line, until its request has passed. `http` is the head of the HTTP message in it, `headers` its
    fields, where they are known already."""

    def __init__(self, record: Record, http: bytes, headers: Fields | None = None) -> None:
        self.record, self.request, self._http, self._headers = record, b"", http, headers

    def is_partner(self, head: Head) -> bool:
        return f"<{self.record.head.record_id}>" in head.values("warc-concurrent-to")

    def line(self, filename: str) -> bytes:
        record, head = self.record, self.record.head
        date, target, record_id = parse_date(head.get("warc-date")), head.target or "", head.record_id or ""
        if date is None:
            raise WarcError(filename, record.offset, "date-form", "the record has no readable WARC-Date")
        if head.kind not in ("response", "revisit"):
            digest, kind = head.get("warc-payload-digest"), head.get("content-type")
            place = filename, record.offset, record.length, record_id
            return side_line(target, date, head.kind, kind, digest, *place)
        headers = head_fields(self._http) if self._headers is None else self._headers
        method = self.request.split(b" ", 1)[0].decode("latin-1") or "GET"
        body, posted_type = posted(method, self.request)
        return cdxj_line(
            url=target,
            date=date,
            kind=head.kind,
            content_type=next((value for name, value in headers if name.lower() == "content-type"), None),
            status=status_of(self._http),
            digest=head.get("warc-payload-digest"),
            offset=record.offset,
            length=record.length,
            filename=filename,
            record_id=record_id,
            method=method,
            request_body=body,
            request_type=posted_type,
            noarchive=noarchive(headers),
        )


@dataclass(slots=True)
class _Good:
    """The sound beginning of a file."""

    end: int = 0
    records: int = 0
    captures: int = 0
    first_time: datetime | None = None
    last_time: datetime | None = None

    def add(self, record: Record) -> None:
        self.end, self.records = record.offset + record.length, self.records + 1
        date = parse_date(record.head.get("warc-date"))
        if record.head.kind == "warcinfo" or date is None:
            return
        self.captures += 1
        self.first_time = date if self.first_time is None else min(self.first_time, date)
        self.last_time = date if self.last_time is None else max(self.last_time, date)


def _recover(path: Path) -> Recovered:
    name, size, good = path.name.removesuffix(OPEN), path.stat().st_size, _sound(path)
    final = path.with_name(name)
    if good.first_time is None or good.last_time is None:
        path.unlink()
        sync_folder(path.parent)
        logger.warning("%s: holds no capture (%d bytes); removed", path, size)
        return Recovered(name, None, 0, size)
    saved = _save_tail(path, good.end)
    with path.open("r+b", buffering=0) as file:
        file.truncate(good.end)
        os.fsync(file.fileno())
    key = key_of(_stem(final)) or name
    write_cdxj(cdxj_path_of(final), index_lines(path, key))
    path.rename(final)
    sync_folder(path.parent)
    if size > good.end:
        logger.warning(
            "%s: cut at offset %d, %d bytes of an unfinished record dropped", path, good.end, size - good.end
        )
    sealed = SealedWarc(final, key, cdxj_path_of(final), good.records, good.end, good.first_time, good.last_time)
    return Recovered(name, sealed, good.end, size - good.end, saved)


def _sound(path: Path) -> _Good:
    """How far the file is sound: up to the first member that is not exactly one whole record."""
    good = _Good()
    with path.open("rb", buffering=0) as file:
        try:
            for record in Walk(path, file, _raiser(path)):
                record.finish()
                if record.offset != good.end or not record.alone or not record.whole:
                    break
                good.add(record)
        except WarcError:
            pass  # that is where the sound part ends
    return good


def _save_tail(path: Path, end: int) -> Path | None:
    """Keep what lies beyond `end` when whole records are in it; a crash leaves one unfinished record and no more."""
    with path.open("rb", buffering=0) as file:
        found = []
        for record in Walk(path, file, lambda *_: None, end):
            record.finish()
            if record.whole and record.alone and record.offset > end:
                found.append(record.offset)
        if not found:
            return None
        saved = path.with_name(path.name.removesuffix(OPEN) + ".damaged")
        file.seek(end)
        with saved.open("wb") as out:
            while piece := file.read(2**20):
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
    logger.error("%s: damaged at offset %d with %d whole records after it; kept in %s", path, end, len(found), saved)
    return saved


def _raiser(path: Path) -> Problem:
    def problem(offset: int, rule: str, sentence: str) -> None:
        raise WarcError(str(path), offset, rule, sentence)

    return problem


def _stem(path: Path) -> str:
    return path.name.removesuffix(".warc.gz")
