"""From a store's URL to the store."""

from __future__ import annotations

from pathlib import Path

from archiver.errors import StoreError
from archiver.store.base import Store
from archiver.store.local import FolderStore


def open_store(url: str) -> Store:
    """The store at `url`: a folder, or `file://`. Raises `StoreError`."""
    if "://" in url and not url.startswith("file://"):
        scheme = url.split("://", 1)[0]
        raise StoreError(f"{url}: stores of kind {scheme}:// are not built yet; give a folder, such as ./archive")
    return FolderStore(Path(url.removeprefix("file://")))
