"""An excerpt: one capture of a WARC as a file of its own, its records copied byte for byte.

Belongs here: choosing records that belong together. What is kept stays as it was written: same ids, digests and dates.
"""

from __future__ import annotations

from pathlib import Path

from archiver.errors import WarcError
from archiver.warc.places import open_warc
from archiver.warc.records import unbracketed
from archiver.warc.walk import Walk


def excerpt(path: Path, record_id: str) -> bytes:
    """The file's warcinfo, the record with this id (without brackets) and the records that are concurrent to it.

    Each is a gzip member of its own (as this project writes them). Raises `WarcError` when the record is not there, or damage is.
    """
    spans: list[tuple[int, int]] = []
    found = False
    with open_warc(path) as file:
        for record in Walk(path, file, lambda offset, rule, sentence: _stop(path, offset, rule, sentence)):
            head = record.head
            record.finish()
            concurrent = {unbracketed(value) for value in head.values("warc-concurrent-to")}
            refers = unbracketed(head.get("warc-refers-to")) if head.kind == "metadata" else None
            itself = head.record_id == record_id
            if itself or record_id in concurrent or refers == record_id or (head.kind == "warcinfo" and not spans):
                spans.append((record.offset, record.length))
            found = found or itself
        if not found:
            raise WarcError(str(path), 0, "pointer", f"there is no record {record_id}")
        pieces = []
        for offset, length in spans:
            file.seek(offset)
            pieces.append(file.read(length))
    return b"".join(pieces)


def _stop(path: Path, offset: int, rule: str, sentence: str) -> None:
    raise WarcError(str(path), offset, rule, sentence)
