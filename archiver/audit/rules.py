"""What an archive is held to between its files: each rule with what it wants and what to do when it is broken.

Belongs here: names, sentences and next moves. The rules inside one WARC are `archiver.warc`'s; their next move is here too.
"""

from __future__ import annotations

from typing import Literal

from archiver.warc import Finding

ARCHIVE_RULES = {
    "manifest": "every file that a manifest lists is there with its size and SHA-256, and manifest and _SUCCESS agree",
    "metadata": "the SHA-256 that the store keeps beside a file is the manifest's",
    "changes": "changes/ counts from 1 without a gap, and announces every run once",
    "schema": "documents and schemas are what this version writes",
    "duplicate": "no capture has two documents",
    "again": "a document made again from its record has the same bytes",
    "revisit-original": "the original that a revisit stands for is in the archive, whole, with the same payload",
    "unlisted": "nothing bears a committed run's name without being in its manifest",
    "stray": "nothing lies in the archive that no manifest lists",
    "event": "the event log can be read, and tells of every run",
    "tombstone": "tombstones can be read",
    "key": "every key is one of ours",
}
"""Rules between files, beside those of `archiver.warc.RULES`."""

_COPY = "put the file back from a copy that verifies; a mismatch is never repaired by itself"
_MOVES = {
    "manifest": _COPY,
    "metadata": _COPY,
    "changes": "`archiver publish` announces what is not; an entry that was changed comes back from a copy",
    "schema": "documents: `archiver extract --archive` makes them again; schemas: the next publish puts them back",
    "duplicate": "look at the two runs' manifests; `archiver extract --archive` makes both again",
    "again": "`archiver extract --archive` puts the documents right, if the WARC is whole",
    "pointer": "`archiver extract --archive` makes the documents again; if the WARC is damaged, put a copy back",
    "cdxj": "`archiver extract --archive` does not touch indexes: put a copy back, or make one with `archiver mend --index`",
    "revisit-original": "put the original's WARC back from a copy",
    "unlisted": "a manifest was replaced by an older one, or a takedown was cut short: `archiver takedown finish`, else a copy",
    "stray": "left by a publish that was cut short: `archiver publish`; what then remains may be removed by hand",
    "event": "the log cannot be made again; put a copy back",
    "filename": "a file that was renamed or mended keeps in its first record the name that it was written under: give it back, or leave it",
    "tombstone": "put a copy back: until then nothing is shown",
    **dict.fromkeys(
        ("wacz", "wacz-list", "wacz-stored", "wacz-archive", "wacz-index", "wacz-pages"),
        "make the package again from its archive, or put a copy back",
    ),
    "wacz-stamp": "have the package stamped again, or put back the package and the stamp that belong together",
    "key": "look at the name and the software that wrote it",
}
_OTHER = "put a copy back, or `archiver mend` the WARC into a new file"


def move_of(rule: str) -> str:
    """What to do about a finding, as a sentence."""
    return _MOVES.get(rule, _OTHER)


def finding(file: str, rule: str, sentence: str, severity: Literal["error", "note"] = "error") -> Finding:
    """A finding about a whole file."""
    return Finding(file=file, offset=0, record_id=None, rule=rule, sentence=sentence, severity=severity)
