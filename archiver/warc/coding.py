"""Whether a body is in the coding that its Content-Encoding claims, judged by its first bytes.

Belongs here: one test that the writer (servers lie, and then the record says so in a note) and the checker (a header kept on
a decoded body is the classic fault of recorders) share. Decoding whole bodies is for `archiver.payload`.
"""

from __future__ import annotations

import zlib

import brotli

PROBE = 2**16
"""Bytes of a body that the test looks at."""


def codings(headers: tuple[tuple[str, str], ...]) -> list[str]:
    """The Content-Encoding names of a head in order, lower case, without `identity`."""
    values = ",".join(value for name, value in headers if name.lower() == "content-encoding")
    names = [name.strip().lower() for name in values.split(",")]
    return [name for name in names if name not in ("", "identity", "none")]


def claims_falsely(names: list[str], start: bytes) -> bool:
    """Whether a body that starts with `start` cannot be in the coding applied last. Unknown codings are believed."""
    if not names or not start:
        return False
    last = names[-1]
    if last in ("gzip", "x-gzip"):
        return not b"\x1f\x8b".startswith(start[:2]) and not start.startswith(b"\x1f\x8b")
    if last == "zstd":
        return not start.startswith(b"\x28\xb5\x2f\xfd") and not _skippable(start)
    if last == "deflate":
        return not (_inflates(start, zlib.MAX_WBITS) or _inflates(start, -zlib.MAX_WBITS))
    if last == "br":
        return not _unbrotlis(start)
    return False


def _skippable(start: bytes) -> bool:
    return len(start) >= 4 and start[1:4] == b"\x2a\x4d\x18" and 0x50 <= start[0] <= 0x5F


def _inflates(start: bytes, wbits: int) -> bool:
    try:
        zlib.decompressobj(wbits).decompress(start[:PROBE], PROBE)
    except zlib.error:
        return False
    return True


def _unbrotlis(start: bytes) -> bool:
    try:
        brotli.Decompressor().process(start[:PROBE], output_buffer_limit=PROBE)
    except brotli.error:
        return False
    return True
