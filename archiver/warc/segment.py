"""One WARC file being written: opened, appended to, cut back after a failed write, sealed.

Belongs here: file names, offsets, fsync and rename. What goes into a record is for
`writer`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archiver.errors import RecordingError, UsageError
from archiver.warc.cdxj import write_cdxj

OPEN = ".open"
_NAME = re.compile(r"(?P<series>[a-z0-9._-]+)-(?P<stamp>\d{17})-(?P<serial>\d{5,})-(?P<run>[a-z0-9._-]+)")
_PART = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class SealedWarc:
    """A finished WARC in the spool. `records` counts WARC records, warcinfo included; `key` is its place in the store.

    `first_time` and `last_time` are the earliest and latest WARC-Date of its captures.
    """

    path: Path
    key: str
    cdxj_path: Path
    records: int
    bytes: int
    first_time: datetime
    last_time: datetime

    @property
    def cdxj_key(self) -> str:
        return "cdxj/" + self.key.removeprefix("warc/").removesuffix(".warc.gz") + ".cdxj.gz"


def checked_name(what: str, text: str) -> str:
    """`text` in lower case, fit for file names and keys; raises `UsageError`."""
    lower = text.lower()
    if not _PART.fullmatch(lower) or len(lower) > 80:
        raise UsageError(f"{what} {text!r} cannot be part of a WARC name: use a-z, 0-9, dot, underscore and hyphen")
    return lower


def warc_name(series: str, opened: datetime, serial: int, run_id: str) -> str:
    """`SERIES-TIMESTAMP17-SERIAL-RUNID`."""
    moment = opened.astimezone(UTC)
    return f"{series}-{moment:%Y%m%d%H%M%S}{moment.microsecond // 1000:03d}-{serial:05d}-{run_id}"


def key_of(name: str) -> str | None:
    """The store key of a WARC by its name (without `.warc.gz`); None when the name is not one of ours."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    day = match["stamp"]
    return f"warc/{match['series']}/dt={day[:4]}-{day[4:6]}-{day[6:8]}/{name}.warc.gz"


class Segment:
    """An open file `NAME.warc.gz.open`. `size` is the last good offset: everything before it is whole records."""

    def __init__(self, folder: Path, series: str, opened: datetime, serial: int, run_id: str) -> None:
        self.name = warc_name(series, opened, serial, run_id)
        key = key_of(self.name)
        if key is None:
            raise UsageError(f"{self.name!r} is no WARC name")
        self.key, self.opened = key, opened
        self.final = folder / f"{self.name}.warc.gz"
        self.path = folder / f"{self.name}.warc.gz{OPEN}"
        self.size = 0
        self.records = 0
        self.lines: list[bytes] = []
        self.first_time: datetime | None = None
        self.last_time: datetime | None = None
        self._usable = True
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o644)
            sync_folder(folder)
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be opened for writing: {error.strerror}") from error

    def append(self, pieces: Iterable[bytes], records: int) -> None:
        """Hand whole records to the operating system, or none of them: after an error the file ends where it did before.

        Raises `RecordingError`.
        """
        if not self._usable:
            raise RecordingError(
                f"{self.path}: an earlier write failed and could not be undone; nothing more is written"
            )
        offset = self.size
        try:
            for piece in pieces:
                view = memoryview(piece)
                while view:
                    written = os.pwrite(self.fd, view, offset)
                    offset += written
                    view = view[written:]
        except BaseException as error:
            self._cut_back()
            if isinstance(error, OSError):
                where = f"{self.path}: writing at offset {offset} failed: {error.strerror}"
                raise RecordingError(f"{where}; make room, then run `archiver publish`") from error
            raise
        self.size = offset
        self.records += records

    def saw(self, moment: datetime) -> None:
        """Widen `first_time` and `last_time` to a capture's time."""
        self.first_time = moment if self.first_time is None else min(self.first_time, moment)
        self.last_time = moment if self.last_time is None else max(self.last_time, moment)

    def sync(self) -> None:
        """fsync; raises `RecordingError`."""
        try:
            os.fsync(self.fd)
        except OSError as error:
            raise RecordingError(f"{self.path}: fsync failed: {error.strerror}") from error

    def later_sync(self) -> Callable[[], None]:
        """`sync` for another thread, on a descriptor of its own: the file may be sealed meanwhile."""
        path, copy = self.path, os.dup(self.fd)

        def sync() -> None:
            try:
                os.fsync(copy)
            except OSError as error:
                raise RecordingError(f"{path}: fsync failed: {error.strerror}") from error
            finally:
                os.close(copy)

        return sync

    def seal(self) -> SealedWarc | None:
        """Flush, fsync, write the CDXJ, rename, fsync the folder. None when the file held no capture: it is removed.

        Raises `RecordingError`; the `.open` file then waits for recovery.
        """
        try:
            try:
                os.fsync(self.fd)
            finally:
                os.close(self.fd)
            if self.first_time is None or self.last_time is None:
                self.path.unlink()
                return None
            cdxj = cdxj_path_of(self.final)
            write_cdxj(cdxj, self.lines)
            self.path.rename(self.final)
            sync_folder(self.final.parent)
        except OSError as error:
            raise RecordingError(f"{self.path}: cannot be sealed: {error.strerror}") from error
        return SealedWarc(self.final, self.key, cdxj, self.records, self.size, self.first_time, self.last_time)

    def _cut_back(self) -> None:
        try:
            os.ftruncate(self.fd, self.size)
        except OSError:
            self._usable = False


def cdxj_path_of(warc: Path) -> Path:
    """`NAME.cdxj.gz` beside `NAME.warc.gz`."""
    return warc.with_name(warc.name.removesuffix(".warc.gz") + ".cdxj.gz")


def sync_folder(folder: Path) -> None:
    """Make names in `folder` durable."""
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
