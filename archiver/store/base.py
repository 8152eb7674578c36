"""The protocol that every store keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol


class Store(Protocol):
    """Blobs by key ("/"-separated, relative). A reader never sees half a blob. Failures raise `StoreError` with the key."""

    @property
    def url(self) -> str:
        """How to open this store again."""

    def put_file(self, key: str, path: Path) -> None:
        """Store the file's bytes under `key`; the file stays or goes, as is cheapest. Putting the same bytes again is fine;
        other bytes under an existing key are an error."""

    def put(self, key: str, content: bytes, *, replace: bool = False) -> None:
        """Store `content`. Without `replace`, other bytes under an existing key are an error."""

    def create(self, key: str, content: bytes) -> bool:
        """Store `content` only if `key` is free; whether it was."""

    def read(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        """The bytes [offset, offset + length) of a blob."""

    def open(self, key: str) -> BinaryIO:
        """A blob as a seekable stream."""

    def exists(self, key: str) -> bool:
        """Whether a blob is there."""

    def list(self, prefix: str = "") -> Iterator[str]:
        """Keys that begin with `prefix`, sorted by bytes."""

    def path(self, key: str) -> Path | None:
        """The blob as a local file, where the store has one."""
