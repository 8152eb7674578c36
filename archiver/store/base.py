"""The protocol that every store keeps, and the rules of keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from archiver.errors import StoreError
from archiver.models.run import StoreFindings

KEY_MAX = 511
"""Bytes of a key; SeaweedFS holds 255 in one part of it, 246 in versioned buckets."""

PART_MAX = 246

_PART = re.compile(r"[a-z0-9_=-][a-z0-9._=-]*|_SUCCESS")


def checked_key(key: str) -> str:
    """`key`, if every store can hold it: lower-case ASCII parts between "/", none empty, dotted or hidden. Raises `StoreError`."""
    parts = key.split("/")
    if len(key) > KEY_MAX or not all(_PART.fullmatch(part) and len(part) <= PART_MAX for part in parts):
        raise StoreError(
            f"{key[:200]!r}: not a key: keys are relative and of lower-case ASCII, with no empty, dotted or hidden part"
        )
    return key


@dataclass(frozen=True, slots=True)
class Stored:
    """What a store says of a blob. `size` is in bytes.

    `etag` changes when the bytes do, and is what `swap` expects; "" in a listing that would have to read every blob to know it.
    `sha256` is None where the store does not know it: only reading tells then.
    """

    key: str
    size: int
    etag: str
    sha256: str | None = None
    modified: datetime | None = None


class Store(Protocol):
    """Blobs by key ("/"-separated, relative). A reader never sees half a blob. Failures raise `StoreError` with the key."""

    @property
    def url(self) -> str:
        """How to open this store again."""

    patience: float
    """Seconds for which a store that is too busy is waited for, in one call."""

    @property
    def deciding(self) -> str:
        """How the store decides between two writers: "create", "swap", "one publisher" (it does not, and need not), or ""."""

    def findings(self) -> StoreFindings:
        """What the store is known to do, for manifests."""

    @property
    def at_once(self) -> int:
        """How many calls are worth making at once."""

    def put_file(self, key: str, path: Path, *, sha256: str | None = None) -> None:
        """Store the file's bytes under `key`; the file stays or goes, as is cheapest. Putting the same bytes again is fine;
        other bytes under an existing key raise `KeyExists`. `sha256` spares reading the file once more to know it."""

    def put(self, key: str, content: bytes, *, replace: bool = False) -> None:
        """Store `content`. Without `replace`, other bytes under an existing key raise `KeyExists`."""

    def create(self, key: str, content: bytes) -> bool:
        """Store `content` only if `key` is free; whether it was."""

    def swap(self, key: str, content: bytes, *, expected: str | None) -> Stored:
        """Store `content` where the blob with the etag `expected` stands (None: where nothing stands). Whoever comes second
        gets `KeyExists`, and nothing of theirs is stored."""

    def read(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        """The bytes [offset, offset + length) of a blob."""

    def open(self, key: str) -> BinaryIO:
        """A blob as a seekable stream."""

    def exists(self, key: str) -> bool:
        """Whether a blob is there."""

    def head(self, key: str) -> Stored | None:
        """What the store says of a blob; None when there is none. Raises `StoreError` when the store cannot say."""

    def delete(self, key: str, *, despite_lock: bool = False) -> None:
        """Take a blob away, with every version of it, for takedown and for the probe only; one that is not there is no error.
        `despite_lock`: also from under a lock that these keys may bypass."""

    def forget_earlier(self, key: str) -> None:
        """Take away what stood under `key` before what stands there now, where the store keeps versions; for takedown only."""

    def list(self, prefix: str = "") -> Iterator[str]:
        """Keys that begin with `prefix`, sorted by bytes."""

    def list_stored(self, prefix: str = "") -> Iterator[Stored]:
        """`list` with sizes and times, without opening a blob; `sha256` is not known here."""

    def tidy(self, spool: Path) -> int:
        """Removes what killed publishers left in the store half-written and nobody in `spool` will finish; how many."""

    def path(self, key: str) -> Path | None:
        """The blob as a local file, where the store has one."""
