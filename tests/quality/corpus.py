"""Reading the corpus of real pages beside the project: pages, gold and captures made of them.

Belongs here: files to objects. The corpus is never needed at run time; whoever asks for it skips when `corpus_root()` is None.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from archiver.models.exchange import Capture
from archiver.models.pointer import CapturePointer

ACCESS = Path(__file__).with_name("access.json")
"""Labels of ours, made by reading the pages: `label` (free, metered, locked_full, stub: its text breaks off), `declared` (what the
markup says of free access, or null) and `why`."""

_ROOT = Path(__file__).resolve().parents[2].parent / "shared" / "corpus"
FETCHED = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def corpus_root() -> Path | None:
    return _ROOT if (_ROOT / "gold.jsonl.gz").exists() else None


@dataclass(frozen=True)
class Sample:
    """One page of the corpus. `trust`: hand, test or parser, most trusted first."""

    id: str
    set: str
    trust: str
    url: str
    path: Path
    gold: dict[str, Any]

    @cached_property
    def content(self) -> bytes:
        return gzip.decompress(self.path.read_bytes())

    @property
    def capture(self) -> Capture:
        return capture_of(self.content, self.url)


def capture_of(content: bytes, url: str, content_type: str = "text/html", status: int = 200) -> Capture:
    """A capture as a WARC reader would give it, for bytes that never were in a WARC."""
    pointer = CapturePointer(
        warc_filename="corpus.warc.gz",
        warc_record_offset=0,
        warc_record_length=len(content),
        warc_record_id="<urn:uuid:00000000-0000-4000-8000-000000000000>",
        warc_type="response",
        payload_sha256=hashlib.sha256(content).hexdigest(),
        fetch_time=FETCHED,
        fetch_status=status,
        content_type=content_type,
    )
    return Capture(url, "GET", b"HTTP/1.1 200 OK\r\n\r\n", (("Content-Type", content_type),), content, pointer)


def samples(sets: set[str] | None = None) -> list[Sample]:
    """Every page of the gold file whose page is there, in its order; [] without a corpus."""
    root = corpus_root()
    if root is None:
        return []
    lines = gzip.decompress((root / "gold.jsonl.gz").read_bytes()).decode("utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    access = json.loads(ACCESS.read_text(encoding="utf-8"))
    return [
        Sample(
            row["id"],
            row["set"],
            row["trust"],
            row["url"] or "https://news.example/",
            root / row["file"],
            row["gold"] | ({"access": access[row["id"]]} if row["id"] in access else {}),
        )
        for row in rows
        if (not sets or row["set"] in sets) and (root / row["file"]).exists()
    ]


def digest() -> str:
    """What the floors were measured on: sha256 of the gold file and our labels, 16 hex digits; "" without a corpus."""
    root = corpus_root()
    gold = (root / "gold.jsonl.gz").read_bytes() if root else b""
    return hashlib.sha256(gold + ACCESS.read_bytes()).hexdigest()[:16] if root else ""
