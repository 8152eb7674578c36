"""From a store's URL to the store: for reading, and for publishing, which first finds out what the store does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from archiver.config import S3Table
from archiver.errors import StoreError, UsageError
from archiver.store.base import Store
from archiver.store.local import FolderStore


def open_store(url: str, s3: S3Table | None = None) -> Store:
    """The store at `url`: a folder, `file://`, or `s3://bucket/prefix?endpoint=…&profile=…&region=…&ca=…`; `s3` says how it is used.
    Asks nobody anything. Raises `UsageError`."""
    if url.startswith("s3://"):
        from archiver.store.s3 import (  # boto3 takes a third of a second, which folders need not pay
            S3Store,
            parse_place,
        )

        return S3Store(parse_place((s3 or S3Table()).completed(url)), s3)
    if "://" in url and not url.startswith("file://"):
        scheme = url.split("://", 1)[0]
        raise UsageError(
            f"{url}: no store of kind {scheme}://; give a folder, such as ./archive, or s3://BUCKET/PREFIX"
        )
    return FolderStore(Path(url.removeprefix("file://")))


@dataclass(frozen=True, slots=True)
class Opened:
    """A store that may be published to. `trouble` is set for a folder that refuses, and for a store that could not be asked now but
    was seen to work before: whoever crawls goes on, and publishes when it is back. `warnings` are sentences about the bucket's settings."""

    store: Store
    trouble: StoreError | None = None
    warnings: tuple[str, ...] = ()


def open_for_publishing(url: str, s3: S3Table, state: Path, now: datetime) -> Opened:
    """The store at `url`, probed within the last 24 hours; findings are kept in the folder `state`.

    Raises `StoreError` when publishing could not be safe there, or when the store was never seen to work and does not answer.
    """
    store = open_store(url, s3)
    if isinstance(store, FolderStore):
        try:
            store.probe_links()
        except StoreError as error:  # a folder can be mended while the crawl fills the spool
            return Opened(store, error)
        return Opened(store)
    from archiver.store.s3.ready import made_ready

    ready, trouble = made_ready(store, state, now)
    return Opened(ready, trouble, tuple(ready.known.warnings))
