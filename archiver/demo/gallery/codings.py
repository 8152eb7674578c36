"""Brotli and Zstandard without compressing: the two formats' stored blocks, written by hand.

Belongs here: valid streams of codings that the standard library of Python 3.11 lacks, the same bytes at every start.
"""

from __future__ import annotations

_BROTLI_BLOCK = 1 << 16
_ZSTD_BLOCK = 1 << 17


def stored_brotli(content: bytes) -> bytes:
    """A brotli stream (RFC 7932 §9.2) of uncompressed meta-blocks of up to 64 KiB each."""
    out, bits, filled = bytearray(), 0, 1  # WBITS = 16 is the single bit 0
    for start in range(0, len(content), _BROTLI_BLOCK):
        piece = content[start : start + _BROTLI_BLOCK]
        # ISLAST=0 (1 bit), MNIBBLES=4 (2 bits, value 0), MLEN-1 (16 bits), ISUNCOMPRESSED=1 (1 bit), then to the next byte.
        bits |= ((len(piece) - 1) << 3 | 1 << 19) << filled
        filled += 20
        out += bits.to_bytes((filled + 7) // 8, "little") + piece
        bits, filled = 0, 0
    bits |= 0b11 << filled  # ISLAST=1, ISLASTEMPTY=1
    return bytes(out) + bits.to_bytes((filled + 2 + 7) // 8, "little")


def stored_zstd(content: bytes) -> bytes:
    """A Zstandard frame (RFC 8878 §3.1.1) of raw blocks of up to 128 KiB each, without checksum."""
    # Frame header: 4-byte content size, single segment, no dictionary.
    out = bytearray(b"\x28\xb5\x2f\xfd" + bytes([0b1010_0000]) + len(content).to_bytes(4, "little"))
    starts = range(0, len(content), _ZSTD_BLOCK) if content else range(1)
    for start in starts:
        piece = content[start : start + _ZSTD_BLOCK]
        last = start + _ZSTD_BLOCK >= len(content)
        out += (len(piece) << 3 | int(last)).to_bytes(3, "little") + piece
    return bytes(out)
