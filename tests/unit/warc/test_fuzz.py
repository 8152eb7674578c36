"""Mutated WARCs: nothing but WarcError comes out, and everything ends."""

from __future__ import annotations

import contextlib
import gzip
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import WarcError
from archiver.warc import check_warc, read_capture_at, read_captures
from archiver.warc.context import read_side
from archiver.warc.records import head_end, parse_date, parse_head
from archiver.warc.redact import DEFAULT
from tests.unit.warc import museum

RAWS = [record.raw() for record in museum.sound().records]
SOUND = museum.sound().raw()
PLAIN = b"".join(RAWS)


def exercise(path: Path, offset: int) -> None:
    """Whatever the bytes are, reading ends and raises WarcError at worst."""
    told: list[WarcError] = []
    with contextlib.suppress(WarcError):
        for capture in read_captures(path, on_damage=told.append):
            assert len(capture.body) <= 2**20
    assert len(told) < 500
    with contextlib.suppress(WarcError):
        list(read_captures(path))
    with contextlib.suppress(WarcError):
        read_capture_at(path, offset, warc_filename="k")
    check_warc(path)
    check_warc(path, profile="ours")


def mutated(raw: bytes, seed: int) -> bytes:
    chance = random.Random(seed)
    data = bytearray(raw)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        match chance.randrange(5):
            case 0:
                data[at] = chance.randrange(256)
            case 1:
                del data[at : at + chance.randint(1, 60)]
            case 2:
                data[at:at] = chance.randbytes(chance.randint(1, 60))
            case 3:
                data[at:at] = data[: chance.randint(1, 400)]
            case _:
                data[at:at] = chance.choice(
                    [b"\r\n", b"\r\n\r\n", b"WARC/1.1\r\n", b"\x1f\x8b\x08", b": ", b"99999999999"]
                )
    return bytes(data) or b"\0"


@pytest.mark.parametrize("seed", range(60))
def test_mutated_files_raise_nothing_else(seed: int, tmp_path: Path) -> None:
    path = tmp_path / museum.NAME
    for number in range(4):
        once = seed * 1000 + number
        for raw in (
            mutated(SOUND, once),
            mutated(PLAIN, once),
            b"".join(gzip.compress(mutated(raw, once + place)) for place, raw in enumerate(RAWS)),
        ):
            path.write_bytes(raw)
            exercise(path, once % len(raw))


@pytest.mark.parametrize("piece", [b"\x1f\x8b\x08", b"\nWARC/1.1\r\n", b"\nWARC/1.1\r\nContent-Length: 0\r\n\r\n"])
def test_a_file_of_nothing_but_beginnings_ends_soon(piece: bytes, tmp_path: Path) -> None:
    path = tmp_path / museum.NAME
    for opening in (SOUND, PLAIN):
        path.write_bytes(opening + piece * (2**20 // len(piece)))
        told: list[WarcError] = []
        start = time.monotonic()
        assert len(list(read_captures(path, on_damage=told.append))) == 2
        assert time.monotonic() - start < 60
        assert told


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_raise_nothing_else(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "any.warc"
    for data in (raw, gzip.compress(raw), b"WARC/1.1\r\n" + raw):
        path.write_bytes(data)
        exercise(path, len(raw) // 2)


@given(st.binary(max_size=300), st.text(max_size=40))
@settings(max_examples=200, deadline=None)
def test_parsers_of_heads_and_words_take_anything(raw: bytes, text: str) -> None:
    head = parse_head(b"WARC/1.1\r\n" + raw, 10 + max(head_end(raw), 0))
    assert head is not None
    assert head.block_length is None or head.block_length >= 0
    parse_date(text)
    read_side(b"arc-payload-sha256: 0\r\n" + raw, None, None)
    clean, found = DEFAULT.apply(raw)
    assert DEFAULT.apply(clean)[1] == () or not found
