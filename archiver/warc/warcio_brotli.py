"""Makes warcio read Brotli bodies with Google's `brotli`, which Scrapy brings along.

Belongs here: the shim alone. warcio expects a decompressor with zlib's attributes and raises AttributeError on this one.
Nothing in the writer or the reader needs it; `warcio check` in this process does.
"""

from __future__ import annotations

import brotli
from warcio.bufferedreaders import BufferedReader


class _Brotli:
    """The part of a zlib decompression object that warcio uses."""

    unused_data = None

    def __init__(self) -> None:
        self._machine = brotli.Decompressor()

    def decompress(self, data: bytes) -> bytes:
        piece: bytes = self._machine.process(data)
        return piece

    def flush(self) -> bytes:
        return b""


def install() -> None:
    """Give warcio the decompressor; calling it again changes nothing."""
    BufferedReader.DECOMPRESSORS["br"] = _Brotli
