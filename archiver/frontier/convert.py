"""Between values and columns: moments, witnesses, versions, originals.

Belongs here: pure conversions. Queries are in `ledger`.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from archiver.frontier.rows import Original, RobotsCopy, Version, digest64
from archiver.models.base import rfc3339

WITNESSES_MAX = 32
"""Witnesses kept of one URL; the first ones count."""


def seconds_of(moment: datetime) -> int:
    return int(moment.timestamp())


def moment_of(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def maybe_moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else moment_of(seconds)


def joined(known: list[list[Any]], shown: list[list[Any]]) -> str:
    """The witnesses of both lists, each document once, as JSON."""
    every = list(known)
    seen = {entry[0] for entry in known}
    for entry in shown:
        if entry[0] not in seen and len(every) < WITNESSES_MAX:
            seen.add(entry[0])
            every.append(entry)
    return json.dumps(every, ensure_ascii=False, separators=(",", ":"))


def discovered(entry: list[Any], feed: tuple[str, str]) -> dict[str, Any]:
    kind, url = feed
    _, seen_at, _, title, date = entry
    return {
        "kind": kind,
        "url": url,
        "seen_at": rfc3339(moment_of(seen_at)),
        "claimed_title": title,
        "claimed_date": date,
    }


def version_row(url: int, version: Version) -> dict[str, Any]:
    return {
        "url": url,
        "number": version.number,
        "version_id": bytes.fromhex(version.version_id.removeprefix("sha256:")),
        "sha256": bytes.fromhex(version.payload_sha256) if version.payload_sha256 else None,
        "fields": json.dumps(version.fields, ensure_ascii=False, separators=(",", ":")),
    }


def original_row(item: Original, segment: int) -> dict[str, Any]:
    whole, micro = int(item.fetched.replace(microsecond=0).timestamp()), item.fetched.microsecond
    return {
        "key": digest64(item.url),
        "sha256": bytes.fromhex(item.sha256),
        "segment": segment,
        "offset": item.offset,
        "length": item.length,
        "record": record_bytes(item.record_id),
        "fetched": whole * 10**6 + micro,
    }


def as_original(url: str, row: Any) -> Original:
    whole, micro = divmod(row.fetched, 10**6)
    return Original(
        url=url,
        sha256=bytes(row.sha256).hex(),
        fetched=datetime.fromtimestamp(whole, UTC).replace(microsecond=micro),
        warc_filename=row.name,
        offset=row.offset,
        length=row.length,
        record_id=record_id(row.record),
    )


def record_bytes(urn: str) -> bytes:
    """The 16 bytes of a record id."""
    return UUID(urn).bytes


def record_id(data: bytes) -> str:
    return UUID(bytes=bytes(data)).urn


def robots_row(copy: RobotsCopy) -> dict[str, Any]:
    return {
        "key": digest64(copy.origin),
        "origin": copy.origin,
        "fetched": seconds_of(copy.fetched),
        "record": record_bytes(copy.record_id),
        "content": copy.content,
    }
