"""Deflate for WARC members: which library and level, chosen by measurement (`benchmarks/compressors.py`).

Belongs here: the one place that knows igzip (isal) from zlib. On real news pages igzip's level 3 gives nine tenths of zlib 6's
ratio at a fifth of its time, and both let other threads run meanwhile. Where igzip has no wheel, zlib does the same work.
"""

from __future__ import annotations

import struct
import zlib
from typing import Any, Protocol, cast

_fast: Any
try:
    from isal import isal_zlib as _fast
except ImportError:  # a platform without an igzip wheel
    _fast = None

_GZIP = 16 + zlib.MAX_WBITS

_MEMBER_HEAD = bytes((0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF))
"""RFC 1952, 2.3: deflate, no flags, no time, unknown system."""

_STORED, _TRAILER, _STORED_MAX = struct.Struct("<BHH"), struct.Struct("<II"), 0xFFFF

DEFLATE_ERRORS: tuple[type[Exception], ...] = (zlib.error,) if _fast is None else (zlib.error, _fast.error)
"""What `Inflater.decompress` raises on bytes that are no valid gzip, a wrong CRC included."""


class Inflater(Protocol):
    """The part of `zlib.decompressobj` that the readers use."""

    eof: bool
    unused_data: bytes
    unconsumed_tail: bytes

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


class Deflater(Protocol):
    """The part of `zlib.compressobj` that the writer uses."""

    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self) -> bytes: ...


def inflater() -> Inflater:
    """A decoder of exactly one gzip member; it checks the CRC."""
    machine: Any = (zlib if _fast is None else _fast).decompressobj(_GZIP)
    return cast(Inflater, machine)


def deflater(coded: bool = False) -> Deflater:
    """An encoder of one gzip member. `coded`: the bytes are compressed already, so no effort is worth while."""
    if _fast is None:
        return zlib.compressobj(1 if coded else 6, zlib.DEFLATED, _GZIP)
    machine: Deflater = _fast.compressobj(1 if coded else 3, _fast.DEFLATED, _GZIP)
    return machine


def gzip_member(block: bytes) -> bytes:
    """`block` as one gzip member, without name and time in its header."""
    if _fast is None:
        return zlib.compress(block, 6, _GZIP)
    member: bytes = _fast.compress(block, 3, _GZIP)
    return member


def stored_member(start: bytes, coded: bytes) -> bytes:
    """One gzip member of `start`, deflated, and `coded`, which is compressed already, in stored blocks (RFC 1951, 3.2.4).

    A seventh of the time that igzip's fastest level takes to find nothing in such bytes, and a little smaller.
    """
    library: Any = zlib if _fast is None else _fast
    machine = library.compressobj(3, zlib.DEFLATED, -zlib.MAX_WBITS)
    pieces = [_MEMBER_HEAD, machine.compress(start), machine.flush(zlib.Z_SYNC_FLUSH)]
    for offset in range(0, len(coded) or 1, _STORED_MAX):
        piece = coded[offset : offset + _STORED_MAX]
        pieces += [_STORED.pack(offset + len(piece) == len(coded), len(piece), len(piece) ^ 0xFFFF), piece]
    crc = library.crc32(coded, library.crc32(start))
    pieces.append(_TRAILER.pack(crc, (len(start) + len(coded)) & 0xFFFFFFFF))
    return b"".join(pieces)
