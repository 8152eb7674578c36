"""From a store's URL to the store."""

from __future__ import annotations

from pathlib import Path

from archiver.config import S3Table
from archiver.errors import UsageError
from archiver.store.base import Store
from archiver.store.local import FolderStore


def open_store(url: str, s3: S3Table | None = None) -> Store:
    """The store at `url`: a folder, `file://`, or `s3://bucket/prefix?endpoint=…&profile=…&region=…` with the `[s3]` table for what
    the URL leaves out. Asks nobody anything. Raises `UsageError`."""
    if url.startswith("s3://"):
        from archiver.store.s3 import (  # boto3 takes a third of a second, which folders need not pay
            S3Store,
            parse_place,
        )

        return S3Store(parse_place(url, s3), s3)
    if "://" in url and not url.startswith("file://"):
        scheme = url.split("://", 1)[0]
        raise UsageError(
            f"{url}: no store of kind {scheme}://; give a folder, such as ./archive, or s3://BUCKET/PREFIX"
        )
    return FolderStore(Path(url.removeprefix("file://")))
