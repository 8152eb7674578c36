"""Pictures, icons and a font made from a name, so that the demo has requisites without binary files in the repository.

Belongs here: bytes that are the same at every start and on every machine with the same zlib. No imaging library.
"""

from __future__ import annotations

import hashlib
import struct
import zlib

WIDTHS = (320, 640, 960)
"""Pixel widths that every picture exists in; the height is 9/16 of it."""

_SKY_BANDS = 6
_HILLS = 3


def png(name: str, width: int, height: int | None = None) -> bytes:
    """A landscape (bands of sky, hills, a sun) in colours taken from `name`: an 8-bit palette PNG of `width` x `height` pixels."""
    height = height or width * 9 // 16
    seed = hashlib.sha256(name.encode()).digest()
    rows = bytearray()
    for y in range(height):
        rows += b"\x00" + _row(seed, y, width, height)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    palette = b"".join(bytes(colour) for colour in _palette(seed))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(kind, content)
        for kind, content in (
            (b"IHDR", header),
            (b"PLTE", palette),
            (b"IDAT", zlib.compress(bytes(rows), 6)),
            (b"IEND", b""),
        )
    )


def svg(name: str, label: str) -> bytes:
    """A round badge with a label of a few letters."""
    colour = "#" + hashlib.sha256(name.encode()).hexdigest()[:6]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="0 0 96 96" role="img">'
        f'<circle cx="48" cy="48" r="44" fill="{colour}"/><circle cx="48" cy="48" r="36" fill="none" stroke="#fff"/>'
        f'<text x="48" y="57" font-size="26" text-anchor="middle" fill="#fff" font-family="serif">{label}</text></svg>\n'
    ).encode()


def ico(name: str) -> bytes:
    """A favicon: an ICO file that holds one 32 x 32 PNG."""
    image = png(name, 32, 32)
    return struct.pack("<HHHBBBBHHII", 0, 1, 1, 32, 32, 0, 0, 1, 32, len(image), 22) + image


def woff() -> bytes:
    """A WOFF 1.0 container with one small private table: right magic, lengths and checksum, and no glyphs worth drawing."""
    table = b"demo newspaper: a font without glyphs" + bytes(3)
    directory_end = 44 + 20
    entry = b"DEMO" + struct.pack(">IIII", directory_end, len(table), len(table), _checksum(table))
    total = directory_end + len(table)
    head = b"wOFF" + struct.pack(">IIHHIHHIIIII", 0x00010000, total, 1, 0, 12 + 16 + len(table), 1, 0, 0, 0, 0, 0, 0)
    return head + entry + table


def _palette(seed: bytes) -> list[tuple[int, int, int]]:
    sky = [(120 + seed[0] % 60 + 10 * i, 150 + seed[1] % 40 + 8 * i, 200 + seed[2] % 50) for i in range(_SKY_BANDS)]
    hills = [(40 + seed[3 + i] % 90, 70 + seed[6 + i] % 80, 50 + seed[9 + i] % 60) for i in range(_HILLS)]
    return [(min(r, 255), min(g, 255), min(b, 255)) for r, g, b in [*sky, *hills, (250, 214, 120)]]


def _row(seed: bytes, y: int, width: int, height: int) -> bytes:
    line = bytearray([min(y * 10 // height, _SKY_BANDS - 1)]) * width
    _sun(line, seed, y, width, height)
    for hill in range(_HILLS):
        top, slope = height * (4 + hill * 2) // 10, 2 + seed[12 + hill] % 4
        peak = width * (1 + seed[15 + hill] % 8) // 9
        half = (y - top) * slope
        if half > 0:
            start, end = max(0, peak - half), min(width, peak + half)
            line[start:end] = bytes([_SKY_BANDS + hill]) * (end - start)
    return bytes(line)


def _sun(line: bytearray, seed: bytes, y: int, width: int, height: int) -> None:
    radius, centre = height // 9, width * (1 + seed[20] % 7) // 8
    inside = radius * radius - (y - height // 4) ** 2
    if inside > 0:
        half = int(inside**0.5)
        start, end = max(0, centre - half), min(width, centre + half)
        line[start:end] = bytes([_SKY_BANDS + _HILLS]) * (end - start)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _checksum(table: bytes) -> int:
    padded = table + bytes(-len(table) % 4)
    return sum(int.from_bytes(padded[at : at + 4], "big") for at in range(0, len(padded), 4)) & 0xFFFFFFFF
