"""What a check says: rule, place, sentence.

Belongs here: the closed list of rules and the collector that every rule module reports to. The rules themselves are in
`heads` (record heads), `http` (blocks of requests and responses) and `file` (between records).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Profile = Literal["ours", "foreign"]
Severity = Literal["error", "note"]

RULES = {
    "format": "the file is a WARC, and not an archive of another kind",
    "unreadable": "the file can be opened and read",
    "gzip-member": "every gzip member is undamaged and holds exactly one record",
    "gzip-truncated": "the last gzip member is whole",
    "gzip-trailing": "nothing but members is in the file",
    "record-end": "every record ends with two CRLF",
    "record-length": "Content-Length of the record is the length of its block",
    "block-digest": "WARC-Block-Digest fits the block",
    "payload-digest": "WARC-Payload-Digest fits the stored body: without transfer-coding, with content-coding",
    "content-encoding": "the body is in the coding that its Content-Encoding header names",
    "transfer-encoding": "no Transfer-Encoding header stands before a body without chunks",
    "content-length": "the HTTP Content-Length is the length of the stored body",
    "status-line": "a response begins with HTTP/1.x and a three-digit status",
    "field-missing": "the fields that the record type needs are there",
    "field-for-type": "no field stands in a record type that must not have it",
    "field-repeated": "no field is repeated that must not be",
    "record-id": "WARC-Record-ID is a URI in angle brackets",
    "id-unique": "no record id occurs twice",
    "link": "WARC-Concurrent-To and WARC-Refers-To lead to records",
    "revisit-profile": "a revisit says its profile",
    "revisit-target": "a revisit says what it refers to",
    "revisit-original": "a revisit's original is there, complete and no revisit, with the same payload",
    "uri-form": "WARC-Target-URI is an RFC 3986 URI without brackets and fragment",
    "ip-form": "WARC-IP-Address is a bare address",
    "date-form": "dates are UTC with Z",
    "version": "the version line says a WARC version that the profile allows",
    "warcinfo-first": "the first record is warcinfo",
    "filename": "WARC-Filename, the file's name and its key agree",
    "fold": "no WARC field is folded or an encoded-word",
    "digest-form": "digests are written as the profile says",
    "truncated": "WARC-Truncated has a defined value, and a short body has it",
    "shadow": "no side record replays in place of a capture",
    "secret": "no secret of a request is in the file",
    "page-id": "WARC-Page-ID is a UUID",
    "cdxj": "each index line leads to its record, and each capture has a line",
    "pointer": "each pointer is exactly one member with that record id",
    "request-missing": "a response has its request",
    "content-length-ignored": "a Content-Length beside chunks, which some replay tools obey",
    "too-many": "the damage or the findings of one file are cut at a limit",
}
"""Every rule with what it wants."""

FINDINGS_MAX = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: `offset` is the record's (bytes), `record_id` without brackets; errors fail a check, notes do not."""

    file: str
    offset: int
    record_id: str | None
    rule: str
    sentence: str
    severity: Severity = "error"

    def __str__(self) -> str:
        about = f" {self.record_id}" if self.record_id else ""
        return f"{self.file}:{self.offset}:{about} {self.rule} ({self.severity}): {self.sentence}"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A revisit (at `offset`, with `record_id` and payload `digest`) whose original is in another file, as its metadata says."""

    offset: int
    record_id: str
    digest: str | None
    original_id: str | None
    original_offset: int
    filename: str


@dataclass(slots=True)
class Inside:
    """What a check of a file may note for those who check what is beside it: index lines as they must be, unsorted; how many
    captures; revisits whose originals are in other files."""

    lines: list[bytes] = field(default_factory=list)
    captures: int = 0
    elsewhere: list[Elsewhere] = field(default_factory=list)


class Report:
    """Collects the findings of one file. `foreign` severities are given by the rule that reports."""

    def __init__(self, file: str, profile: Profile) -> None:
        self.file, self.profile = file, profile
        self.findings: list[Finding] = []

    @property
    def ours(self) -> bool:
        return self.profile == "ours"

    def add(
        self,
        offset: int,
        record_id: str | None,
        rule: str,
        sentence: str,
        *,
        ours: Severity = "error",
        foreign: Severity | None = "error",
    ) -> None:
        """Report, as `ours` or `foreign` by profile; None says nothing about foreign files."""
        severity = ours if self.ours else foreign
        if severity is None or len(self.findings) > FINDINGS_MAX:
            return
        if len(self.findings) == FINDINGS_MAX:
            rule, sentence = "too-many", f"more than {FINDINGS_MAX} findings; the rest is left out"
        self.findings.append(Finding(self.file, offset, record_id, rule, sentence, severity))
