"""What a store was seen to do, and where that is remembered."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archiver.config import S3Table
from archiver.store.s3.place import Place

FRESH = timedelta(hours=24)
VERSION = 2
"""Counts up when the probe asks something new, so that older findings are asked again."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Findings of the probe in one bucket; the defaults are what may be assumed of a store that nobody has asked.

    `swap` holds how the ETag has to be written in If-Match: "quoted", "bare", or "" where comparing does not work. Versioning, lock
    and encryption are None where the keys may not read the bucket's settings.
    """

    create: bool = False
    swap: str = ""
    multipart: bool = True
    create_multipart: bool = False
    md5_verified: bool = False
    etag_md5: bool = False
    multipart_etag_md5: bool = False
    lists_at_once: bool = False
    metadata_kept: bool = True
    clock_seconds: float = 0.0
    versioning: bool | None = None
    lock: bool | None = None
    encryption: str | None = None
    checksums: str = "when_required"
    refusals: list[str] = field(default_factory=list)
    """Sentences that say why this store cannot be published to."""

    warnings: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """The findings by name, without the sentences, which name the place."""
        return {name: value for name, value in asdict(self).items() if name not in ("refusals", "warnings")}

    def publishing(self, publishers: int | None) -> str:
        """How change numbers are claimed: "create", "swap", "one publisher", or "" where nothing is safe."""
        if self.create:
            return "create"
        if self.swap:
            return "swap"
        return "one publisher" if publishers == 1 else ""


def remember(folder: Path, place: Place, table: S3Table, found: Capabilities, now: datetime) -> None:
    """Notes the findings, by endpoint and bucket, in the state folder, with the settings that they were made under."""
    path = _path(folder, place)
    path.parent.mkdir(parents=True, exist_ok=True)
    note = {"version": VERSION, "probed": now.astimezone(UTC).isoformat(), "place": place.shown, "asked": _asked(table)}
    note |= asdict(found)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)


def recall(folder: Path, place: Place, table: S3Table) -> tuple[Capabilities, datetime] | None:
    """The last findings and when they were made; None when there are none that this version can read, or under other settings."""
    try:
        note = json.loads(_path(folder, place).read_text(encoding="utf-8"))
        if note["version"] != VERSION or note["asked"] != _asked(table):
            return None
        known = {item.name: note[item.name] for item in fields(Capabilities)}
        return Capabilities(**known), datetime.fromisoformat(note["probed"])
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _asked(table: S3Table) -> dict[str, str | None]:
    """The settings that findings depend on: an ETag says another thing of an object that is encrypted by a key of its own."""
    return {"checksums": table.checksums, "encryption": table.encryption, "kms_key": table.kms_key}


def _path(folder: Path, place: Place) -> Path:
    name = hashlib.sha256(f"{place.endpoint or ''} {place.bucket}".encode()).hexdigest()[:16]
    return folder / ".stores" / f"{place.bucket}-{name}.json"
