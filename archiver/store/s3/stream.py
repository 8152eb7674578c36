"""Reading an object by ranges: one that is sure to be whole, and a seekable stream over many."""

from __future__ import annotations

import io
import re
import time
from contextlib import closing
from typing import Any

from botocore.exceptions import BotoCoreError

from archiver.errors import StoreError
from archiver.store.s3.client import Client, is_missing
from archiver.store.s3.troubles import S3Trouble, trouble

TRIES = 5
"""How often a range that broke off is asked for again; each time only what is missing."""

WINDOW_FIRST, WINDOW_MAX = 2**18, 2**23
"""Bytes of a stream's ranges: small for jumping about, doubling while it reads on."""

_PIECE = 2**20
_RANGE = re.compile(r"bytes (\d+)-")


def read_range(client: Client, key: str, offset: int, length: int | None, etag: str | None = None) -> bytes:
    """The bytes [offset, offset + length) of an object, fewer at its end. `etag`: of this object and no other. Raises `StoreError`.

    An answer that breaks off is asked for again from where it broke, of the same object.
    """
    if length == 0:
        return b""
    found, tries = bytearray(), 0
    while True:
        try:
            etag = _read_on(client, key, offset, length, etag, found)
            return bytes(found)
        except S3Trouble as error:
            if error.status == 416:  # nothing at or beyond the object's end
                return bytes(found)
            if is_missing(error):
                raise StoreError(f"{key}: not in {client.place.shown}") from error
            tries += 1
            if not error.temporary or tries >= TRIES:
                raise
            etag = getattr(error, "etag", None) or etag
            time.sleep(min(0.1 * 2**tries, 5.0))


def _read_on(
    client: Client, key: str, offset: int, length: int | None, etag: str | None, found: bytearray
) -> str | None:
    """Adds what is missing to `found`. Raises `S3Trouble`, with the object's `etag` when it broke off."""
    start = offset + len(found)
    end = "" if length is None else offset + length - 1
    asked: dict[str, Any] = {}
    if start or length is not None:
        asked["Range"] = f"bytes={start}-{end}"
    answer = client.ask("get_object", "get objects", key, **asked)
    shown = str(answer.get("ETag") or "").strip('"')
    if etag and shown and shown != etag:  # asked here: old servers compare ETags in If-Match their own way
        answer["Body"].close()
        raise S3Trouble(f"{key}: {client.place.shown} changed it while it was read", "Changed", temporary=False)
    etag = shown or etag
    # By the range that the answer names, not by its status: some servers give a part and say 200, others give everything.
    named = _RANGE.match(str(answer.get("ContentRange") or ""))
    skip = start - int(named[1]) if named else start
    wanted = answer.get("ContentLength")
    got = 0
    try:
        with closing(answer["Body"]) as body:
            while piece := body.read(_PIECE):
                got += len(piece)
                if skip:
                    piece, skip = piece[skip:], max(0, skip - len(piece))
                found += piece
                if length is not None and len(found) >= length:
                    del found[length:]
                    return etag
    except (BotoCoreError, OSError) as error:
        raise _broken(trouble(error, client.place, key, "get objects"), etag) from error
    if wanted is not None and got < int(wanted):
        broken = S3Trouble(f"{key}: {client.place.shown} broke off after {got} bytes", "IncompleteRead", temporary=True)
        raise _broken(broken, etag)
    return etag


def _broken(error: S3Trouble, etag: str | None) -> S3Trouble:
    error.etag = etag  # type: ignore[attr-defined]
    return error


class RangedStream(io.RawIOBase):
    """An object as a raw seekable stream. Every range names the ETag that the first HEAD showed, so that no reader ever gets the
    head of one object and the tail of another."""

    def __init__(self, client: Client, key: str, size: int, etag: str) -> None:
        self._client, self._key, self._size, self._etag = client, key, size, etag
        self._position = 0
        self._window = b""
        self._start = 0
        self._next = WINDOW_FIRST

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("negative seek position")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        inside = self._position - self._start
        if not 0 <= inside < len(self._window):
            if self._position >= self._size:
                return 0
            self._fetch()
            inside = 0
        piece = memoryview(self._window)[inside : inside + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _fetch(self) -> None:
        onward = self._position == self._start + len(self._window)
        self._next = min(2 * self._next, WINDOW_MAX) if onward and self._window else WINDOW_FIRST
        length = min(self._next, self._size - self._position)
        self._window = read_range(self._client, self._key, self._position, length, self._etag)
        self._start = self._position
        if len(self._window) < length:
            raise StoreError(
                f"{self._key}: {self._client.place.shown} gave {len(self._window)} of {length} bytes at {self._position}"
            )
