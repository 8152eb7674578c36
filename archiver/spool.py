"""RunSpool: the local staging folder of one run, until it is published.

Belongs here: what lies in the folder beside the WARCs, and its lock. One append is one write(2), so a killed process leaves at
most one torn line, and only at the end of a file.

    RUNID/lock                      held (flock) while the run lives; free means that the run ended or was killed
    RUNID/run.json                  when it began and with what software
    RUNID/NAME.warc.gz[.open]       the WARCs and their .cdxj.gz (archiver.warc)
    RUNID/NAME.articles.jsonl       the documents of one WARC in the order they were ready
    RUNID/originals.jsonl           answers that later revisits may stand for
    RUNID/robots.jsonl              which captures are the robots.txt of which origins
    RUNID/refusals.jsonl            every URL that gave no document
    RUNID/requisites.jsonl          what of each page's looks was captured
    RUNID/reports.jsonl             one line a spider; all spiders there = the run ended by itself
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from archiver.errors import RecordingError
from archiver.layout import is_run_id, segment_name
from archiver.models import Document, PageRequisites, Refusal
from archiver.models.base import Instant, Record
from archiver.models.hints import ExtractHints
from archiver.reasons import Reason

GONE = ".published"
"""Suffix of a published run's folder while it is removed."""

_OFFSET = re.compile(rb'"capture":\{[^{}]*?"warc_record_offset":(\d+)')
"""Quotation marks inside JSON strings are escaped, so this can only match a key."""


class RunInfo(Record):
    """`run.json`: what was known when the run began. `hints` are the sources' [extract] tables, so that whoever finishes a
    killed run reads its pages as the run itself would have, wherever the source files are by then."""

    run_id: str
    started: Instant
    software: str
    sources: list[str]
    hints: dict[str, ExtractHints] = {}


class SpiderReport(Record):
    """One spider's part of a run, as it ended."""

    source: str
    finish_reason: str
    captures: int
    documents: int
    bytes_received: int
    recording_failed: bool
    errors: int
    offered: int = 0
    spared: int = 0
    counted: dict[str, int] = {}
    """Reasons that are counted without listing each URL: what is known and not due is most of a sitemap."""


class OriginalLine(Record):
    """A recorded answer by its URL and address."""

    url: str
    sha256: str
    fetched: Instant
    warc_filename: str
    offset: int
    length: int
    record_id: str


class RobotsLine(Record):
    """Which capture is an origin's robots.txt; it may have another URL, after redirects."""

    origin: str
    warc_filename: str
    offset: int


class RunSpool:
    """The folder of one run. Appending opens files as they are needed; `close` closes them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._handles: dict[str, int] = {}
        self._lock: int | None = None

    # While the run lives

    def begin(self, info: RunInfo) -> None:
        """Makes the folder and takes its lock. Raises `RecordingError`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self.take_lock():
                raise RecordingError(f"{self.folder}: another process works on this run")
            (self.folder / "run.json").write_text(info.model_dump_json() + "\n", encoding="utf-8")
        except OSError as error:
            raise self._trouble(self.folder, error) from error

    def take_lock(self) -> bool:
        """Whether the run's lock is ours now; it is released when the process ends, however it ends."""
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._lock = handle
        return True

    def append_document(self, document: Document) -> None:
        """Raises `RecordingError` when the disk refuses: a document that is not written was not acknowledged."""
        name = segment_name(document.capture.warc_filename)
        if name is None:
            raise RecordingError(f"{document.capture.warc_filename}: not a WARC of this archive")
        self._append(f"{name.stem}.articles.jsonl", document.line)

    def append_refusal(self, refusal: Refusal) -> None:
        self._append("refusals.jsonl", refusal.model_dump_json().encode("utf-8", "replace") + b"\n")

    def append_page(self, page: PageRequisites) -> None:
        self._append("requisites.jsonl", page.model_dump_json().encode("utf-8", "replace") + b"\n")

    def append_original(self, original: OriginalLine) -> None:
        """Notes a whole answer that a later run's revisit may stand for, once this run is published."""
        self._append("originals.jsonl", original.model_dump_json().encode() + b"\n")

    def append_robots(self, line: RobotsLine) -> None:
        self._append("robots.jsonl", line.model_dump_json().encode() + b"\n")

    def append_report(self, report: SpiderReport) -> None:
        self._append("reports.jsonl", report.model_dump_json().encode() + b"\n")

    def _append(self, name: str, line: bytes) -> None:
        try:
            handle = self._handles.get(name)
            if handle is None:
                self.folder.mkdir(parents=True, exist_ok=True)
                handle = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
                self._handles[name] = handle
            self._write(handle, line)
        except OSError as error:
            raise self._trouble(self.folder / name, error) from error

    def _write(self, handle: int, line: bytes) -> None:
        """One whole line or nothing: spiders share files, so half a line would spoil the line after it."""
        written = os.write(handle, line)
        if written == len(line):
            return
        os.ftruncate(handle, os.fstat(handle).st_size - written)
        raise OSError(errno.ENOSPC, "the disk is full")

    def _trouble(self, path: Path, error: OSError) -> RecordingError:
        return RecordingError(f"{path}: {error.strerror}; free some space, then archiver publish")

    def close(self) -> None:
        """Makes what was appended durable, and lets go of the files (not of the lock)."""
        for handle in self._handles.values():
            os.fsync(handle)
            os.close(handle)
        self._handles.clear()

    def remove(self) -> None:
        """The run is published: its folder goes, first under a name that no reader of the spool looks at, so that a kill
        between two files never leaves half a run that would be published over the whole one. Lets go of the lock."""
        gone = self.folder.with_name(f".{self.folder.name}{GONE}")
        for damaged in self.folder.glob("*.damaged"):  # what recovery kept for a person to look at
            damaged.rename(self.folder.parent / damaged.name)
        self.folder.rename(gone)
        self.release()
        shutil.rmtree(gone)

    def release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # Afterwards

    def info(self) -> RunInfo | None:
        """What `run.json` says; None when the run was killed before it was written."""
        try:
            return RunInfo.model_validate_json((self.folder / "run.json").read_bytes())
        except (OSError, ValueError):
            return None

    def reports(self) -> list[SpiderReport]:
        return [SpiderReport.model_validate_json(line) for line in self._lines("reports.jsonl")]

    def originals(self) -> Iterator[OriginalLine]:
        return (OriginalLine.model_validate_json(line) for line in self._lines("originals.jsonl"))

    def robots(self) -> Iterator[RobotsLine]:
        return (RobotsLine.model_validate_json(line) for line in self._lines("robots.jsonl"))

    def pages(self) -> Iterator[PageRequisites]:
        """How much of what each page needs was captured, as far as the run got."""
        return (PageRequisites.model_validate_json(line) for line in self._lines("requisites.jsonl"))

    def refusals(self) -> Iterator[Refusal]:
        return (Refusal.model_validate_json(line) for line in self._lines("refusals.jsonl"))

    def documents(self, stem: str) -> Iterator[bytes]:
        """The documents of one WARC sorted by record, each once; a torn last line is left out. Holds addresses, not lines."""
        places: dict[int, tuple[int, int]] = {}
        start = 0
        for line in self._lines(f"{stem}.articles.jsonl"):
            places[_offset_of(line)] = start, len(line)
            start += len(line)
        if not places:
            return
        with (self.folder / f"{stem}.articles.jsonl").open("rb") as stream:
            for _, (start, length) in sorted(places.items()):
                stream.seek(start)
                yield stream.read(length)

    def document_of(self, stem: str, record_id: str) -> bytes | None:
        """The document that was made of one record of a WARC; None when none was, or only half of one was written."""
        wanted = record_id.encode()
        found = (line for line in self._lines(f"{stem}.articles.jsonl") if wanted in line)
        return next((line for line in found if json.loads(line)["capture"]["warc_record_id"] == record_id), None)

    def lost(self) -> Iterator[Refusal]:
        """Documents whose record is not in the folder's sealed WARCs (any more), as refusals: a crash took it, and they go with it."""
        for path in sorted(self.folder.glob("*.articles.jsonl")):
            stem = path.name.removesuffix(".articles.jsonl")
            warc = self.folder / f"{stem}.warc.gz"
            size = warc.stat().st_size if warc.exists() else 0
            for line in self._lines(path.name):
                if _offset_of(line) >= size:
                    about = json.loads(line)
                    yield Refusal(
                        url=about["url"],
                        requested_url=about.get("requested_url"),
                        source=about.get("source"),
                        reason=Reason.RECORD_LOST.value,
                        detail=f"{stem}.warc.gz ends before offset {_offset_of(line)}",
                    )

    def ended_by_itself(self) -> bool:
        """Whether every spider of the run wrote its report and nothing failed to be recorded: then the documents are whole."""
        info, reports = self.info(), self.reports()
        return (
            info is not None
            and {r.source for r in reports} >= set(info.sources)
            and not any(r.recording_failed for r in reports)
        )

    def _lines(self, name: str) -> Iterator[bytes]:
        try:
            with (self.folder / name).open("rb") as stream:
                yield from (line for line in stream if line.endswith(b"\n"))
        except FileNotFoundError:
            return


def _offset_of(line: bytes) -> int:
    """Where the record of a document begins. Parsing a whole document for one number costs a fiftieth of making it."""
    found = _OFFSET.findall(line)
    return int(found[0]) if len(found) == 1 else int(json.loads(line)["capture"]["warc_record_offset"])


def unpublished(spool: Path) -> list[RunSpool]:
    """The runs staged in `spool`, oldest first; those of living processes included (take the lock to know).

    Only folders that are named like a run: a published run's folder is removed, and nobody else's may ever be.
    """
    if not spool.is_dir():
        return []
    return [RunSpool(folder) for folder in sorted(spool.iterdir()) if folder.is_dir() and is_run_id(folder.name)]


def sweep(spool: Path) -> None:
    """Removes what is left of published runs whose removal was cut short."""
    for folder in spool.glob(f".*{GONE}"):
        if is_run_id(folder.name[1 : -len(GONE)]):
            shutil.rmtree(folder, ignore_errors=True)
