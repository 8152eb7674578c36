"""Rules between records, and the walk through a file that applies all rules.

Belongs here: ids, links, revisits, the first record, names, shadows. Memory: about 300 bytes a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from archiver.errors import WarcError
from archiver.urls import surt_key
from archiver.warc.cdxj import INDEXED
from archiver.warc.checker.blocks import Block, check_block, read_block
from archiver.warc.checker.findings import Elsewhere, Finding, Inside, Profile, Report
from archiver.warc.checker.heads import check_head
from archiver.warc.context import NOT_MODIFIED_PROFILE, place_elsewhere
from archiver.warc.places import open_warc, read_info, refuse_other_formats
from archiver.warc.records import Head, unbracketed
from archiver.warc.recover import IndexLine
from archiver.warc.segment import OPEN
from archiver.warc.walk import Record, Walk
from archiver.warc.wire import status_of

_ORIGINAL_IN = re.compile(rb"\narc-original-in: ([^\r\n]*)")
_LINKS = ("warc-concurrent-to", "warc-refers-to")
_EXPLAINS = {
    "status-line-unreadable": ("status-line",),
    "content-encoding-untrue": ("content-encoding",),
    "content-length-invalid": ("content-length", "truncated"),
}
"""Notes of our metadata records that turn a doubt into a note: the server was like that."""


def check_warc(
    path: Path, *, profile: Profile | None = None, key: str | None = None, inside: Inside | None = None
) -> list[Finding]:
    """Every finding of one file, by offset. Never raises on a damaged file: that is a finding.

    `profile` is `ours` (all rules) or `foreign` (WARC 1.0 or 1.1, other digests, chunked bodies, any order); None looks at
    who wrote the file. `key` is its place in the store, where known; the name in it must be the file's. What is told in
    `inside` spares reading the file again.
    """
    try:
        with open_warc(path) as file:
            if profile is None:
                profile = "ours" if read_info(file, str(path)).ours else "foreign"
            report = Report(key or str(path), profile)
            try:
                refuse_other_formats(path, file)
                _File(path, key, report, inside).judge(Walk(path, file, _damage(report)))
            except WarcError as error:
                report.add(error.offset, None, error.rule, error.sentence)
    except WarcError as error:
        return [Finding(key or str(path), error.offset, None, error.rule, error.sentence)]
    except OSError as error:
        return [Finding(key or str(path), 0, None, "unreadable", f"cannot be read: {error.strerror}")]
    return sorted(report.findings, key=lambda finding: finding.offset)


def _damage(report: Report) -> Callable[[int, str, str], None]:
    def damage(offset: int, rule: str, sentence: str) -> None:
        report.add(offset, None, rule, sentence)

    return damage


@dataclass(slots=True)
class _Seen:
    """What later records need to know of an earlier one."""

    offset: int
    kind: str
    digest: str | None
    target: str | None
    date: str | None
    truncated: bool
    status: int | None = None
    requested: bool = False
    doubts: list[tuple[str, str]] = field(default_factory=list)

    def doubt(self, rule: str, sentence: str) -> None:
        """Keeps what the request or the metadata may still explain."""
        self.doubts.append((rule, sentence))


class _Index:
    """The index lines of the file, collected while it is judged."""

    def __init__(self, filename: str, inside: Inside) -> None:
        self._filename, self._inside = filename, inside
        self._waiting: IndexLine | None = None

    def add(self, record: Record, seen: Block) -> None:
        kind = record.head.kind
        if kind == "request" and self._waiting and self._waiting.is_partner(record.head):
            self._waiting.request = seen.request
        elif kind in INDEXED:
            self.flush()
            self._waiting = IndexLine(record, seen.http, seen.headers)

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting:
            with suppress(
                WarcError
            ):  # a record without a date is told by the rules, and its line as one that leads nowhere
                self._inside.lines.append(waiting.line(self._filename))
                # Side records have lines as well, but are no captures: nobody asked the network for them.
                self._inside.captures += not (waiting.record.head.target or "").startswith("urn:")


class _File:
    def __init__(self, path: Path, key: str | None, report: Report, inside: Inside | None = None) -> None:
        name = key or path.name
        self._inside = inside or Inside()
        self._index = _Index(name, inside) if inside is not None else None
        self._name, self._report = name.rpartition("/")[2].removesuffix(OPEN), report
        self._records: dict[str, _Seen] = {}
        self._links: list[tuple[int, str, str, str]] = []  # offset, record id, field, the id it names
        self._revisits: list[tuple[int, str, Head]] = []
        self._heads: set[str] = set()  # responses that answer HEAD
        self._elsewhere: dict[str, tuple[int, int, str] | None] = {}  # revisits whose original is in an earlier file
        self._captures: set[int] = set()
        self._others: list[tuple[int, int, str, str]] = []
        self._first = True

    def judge(self, walk: Walk) -> None:
        for record in walk:
            self._record(record)
        if self._index:
            self._index.flush()
        if self._first:
            self._report.add(0, None, "warcinfo-first", "the file holds no record", foreign="note")
        self._between()

    def _record(self, record: Record) -> None:
        head, offset, record_id = record.head, record.offset, record.head.record_id
        first, self._first = self._first, False

        def tell(rule: str, sentence: str, **severities: Any) -> None:
            self._report.add(offset, record_id, rule, sentence, **severities)

        if first and not self._report.findings and head.kind != "warcinfo":
            tell("warcinfo-first", f"the first record is {head.kind or 'without type'}, not warcinfo", foreign="note")
        check_head(head, tell)
        seen = read_block(record, not self._report.ours)
        record.finish()
        if self._index:
            self._index.add(record, seen)
        known = _Seen(
            offset,
            head.kind,
            head.get("warc-payload-digest"),
            head.target,
            head.get("warc-date"),
            head.get("warc-truncated") is not None,
            status_of(seen.http) if seen.http else None,
        )
        if record.whole:
            # A block that is cut short is told once, as that; its digests would say it again.
            check_block(head, seen, tell, known.doubt)
        if record_id:
            if record_id in self._records:
                tell("id-unique", "the record id occurs twice")
            else:
                self._records[record_id] = known
        self._remember(head, seen, record_id or "", known)
        if head.kind == "warcinfo":
            self._filename(head, tell)

    def _filename(self, head: Head, tell: Any) -> None:
        name = head.get("warc-filename")
        if name is None:
            tell("filename", "warcinfo has no WARC-Filename", foreign=None)
        elif name != self._name:
            tell("filename", f"WARC-Filename is {name!r}, the file is {self._name!r}", foreign="note")

    def _remember(self, head: Head, seen: Block, record_id: str, known: _Seen) -> None:
        kind = head.kind
        for name in _LINKS:
            for value in head.values(name):
                self._links.append((known.offset, record_id, name, unbracketed(value) or ""))
        if kind == "request" and seen.http.startswith(b"HEAD "):
            self._heads.update(unbracketed(value) or "" for value in head.values("warc-concurrent-to"))
        elif kind == "metadata":
            self._explain(head, seen.side)
        elif kind == "revisit":
            self._revisits.append((known.offset, record_id, head))
        capture = kind in ("response", "revisit")
        if not capture and not (
            kind in ("resource", "conversion")
            or (kind == "metadata" and head.get("content-type") != "application/warc-fields")
        ):
            return
        target = known.target or ""
        if target.lower().startswith(("http:", "https:")):
            place = hash((surt_key(target), (known.date or "")[:19]))
            if capture:
                self._captures.add(place)
            else:
                self._others.append((place, known.offset, record_id, kind))

    def _explain(self, head: Head, block: bytes) -> None:
        if found := _ORIGINAL_IN.search(block):
            place = place_elsewhere(found[1].decode("utf-8", "replace").strip())
            self._elsewhere[unbracketed(head.get("warc-refers-to")) or ""] = place
        about = self._records.get(unbracketed(head.get("warc-refers-to")) or "")
        if about is None or not about.doubts:
            return
        notes = {line[9:].strip() for line in block.decode("utf-8", "replace").splitlines() if line[:9] == "arc-note:"}
        excused = {rule for note in notes for rule in _EXPLAINS.get(note, ())}
        for rule, sentence in about.doubts:
            if rule in excused:
                record_id = unbracketed(head.get("warc-refers-to"))
                self._report.add(
                    about.offset, record_id, rule, f"{sentence}: the server sent it so", ours="note", foreign="note"
                )
        about.doubts = [doubt for doubt in about.doubts if doubt[0] not in excused]

    def _between(self) -> None:
        for offset, record_id, name, other in self._links:
            self._link(offset, record_id, name, other)
        for offset, record_id, head in self._revisits:
            self._revisit(offset, record_id, head)
        for place, offset, record_id, kind in self._others:
            if place in self._captures:
                sentence = f"this {kind} record replays in place of a capture of the same URL and second"
                self._report.add(offset, record_id, "shadow", sentence, foreign="note")
        for record_id, seen in self._records.items():
            for rule, sentence in seen.doubts:
                if record_id not in self._heads or rule not in ("content-length", "truncated", "content-encoding"):
                    self._report.add(seen.offset, record_id, rule, sentence)
            if seen.kind in ("response", "revisit") and seen.status is not None and not seen.requested:
                sentence = "the capture has no request record"
                self._report.add(seen.offset, record_id, "request-missing", sentence, ours="note", foreign=None)

    def _link(self, offset: int, record_id: str, name: str, other: str) -> None:
        found = self._records.get(other)
        kind = self._records[record_id].kind if record_id in self._records else ""
        if found is None:
            if kind == "revisit":
                return  # judged as revisit-original
            late = kind in ("metadata", "conversion")  # what is learnt later may be in a later file
            sentence = f"{name} leads to {other}, which is not in this file"
            self._report.add(offset, record_id, "link", sentence, ours="note" if late else "error", foreign="note")
        elif kind == "request" and found.kind in ("response", "revisit"):
            found.requested = True
            if self._report.ours and found.date != self._records[record_id].date:
                self._report.add(offset, record_id, "link", "the request's WARC-Date is not its response's")

    def _revisit(self, offset: int, record_id: str, head: Head) -> None:
        wanted = unbracketed(head.get("warc-refers-to"))
        original = self._records.get(wanted or "")
        if original is None:
            if wanted:
                sentence = f"the original {wanted} is not in this file"
                told = record_id in self._elsewhere  # what is in another file is for `archiver check` of the archive
                if place := self._elsewhere.get(record_id):
                    digest = head.get("warc-payload-digest")
                    self._inside.elsewhere.append(Elsewhere(offset, record_id, digest, wanted, place[0], place[2]))
                self._report.add(
                    offset, record_id, "revisit-original", sentence, ours="note" if told else "error", foreign="note"
                )
            return
        faults = []
        if original.kind != "response":
            faults.append(f"the original is a {original.kind} record")
        if original.truncated:
            faults.append("the original is truncated")
        digest = head.get("warc-payload-digest")
        if head.get("warc-profile") != NOT_MODIFIED_PROFILE and digest != original.digest:
            faults.append("the payload digests differ")
        if (unbracketed(head.get("warc-refers-to-target-uri")), head.get("warc-refers-to-date")) != (
            original.target,
            original.date,
        ) and head.get("warc-refers-to-target-uri"):
            faults.append("WARC-Refers-To-Target-URI or -Date are not the original's")
        for fault in faults:
            self._report.add(offset, record_id, "revisit-original", fault)
