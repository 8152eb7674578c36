"""What an object bears beside its bytes: type, our digest, lock and encryption."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from archiver.config import S3Table

RUN = re.compile(r"\d{8}t\d{6}z[0-9a-f]{6}")
"""A run id in a key: such a key is written by that run alone."""

_TYPES = (
    (".warc.gz", "application/warc"),
    (".gz", "application/gzip"),
    (".json", "application/json"),
    (".jsonl", "application/x-ndjson"),
    (".parquet", "application/vnd.apache.parquet"),
    (".wacz", "application/wacz"),
    ("_SUCCESS", "text/plain"),
)
_UNLOCKED = ("_probe/", "changes/v1/_head.json", "schemas/")
"""Keys that are written again or taken away: a lock would only keep their rubbish."""


def headers_of(table: S3Table, key: str, sha256: str, metadata: dict[str, str]) -> dict[str, Any]:
    """The parameters of a PUT. Never a Content-Encoding: clients would unpack, and offsets into WARCs would break."""
    run = RUN.search(key)
    headers: dict[str, Any] = {
        "ContentType": next((kind for ending, kind in _TYPES if key.endswith(ending)), "application/octet-stream"),
        "Metadata": {"sha256": sha256, **({"run-id": run[0]} if run else {}), **metadata},
    }
    if table.object_lock and table.retention and not key.startswith(_UNLOCKED):
        headers["ObjectLockMode"] = table.object_lock.upper()
        headers["ObjectLockRetainUntilDate"] = datetime.now(UTC) + timedelta(seconds=table.retention)
    return {**headers, **encryption_of(table)}


def encryption_of(table: S3Table) -> dict[str, str]:
    """The parameters that ask for encryption by the store, of a PUT or of a multipart upload's creation."""
    if not table.encryption:
        return {}
    asked = {"ServerSideEncryption": {"aes256": "AES256", "kms": "aws:kms"}[table.encryption]}
    return {**asked, "SSEKMSKeyId": table.kms_key} if table.kms_key else asked


def metadata_of(answer: dict[str, Any]) -> dict[str, str]:
    """Metadata by lower-case name: some servers give the names back capitalised."""
    return {name.lower(): value for name, value in (answer.get("Metadata") or {}).items()}
