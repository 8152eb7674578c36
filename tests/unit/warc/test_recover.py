"""Files left by a killed run: nothing acknowledged is lost, nothing half-written stays."""

from __future__ import annotations

import gzip
import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.warc import WarcWriter, check_cdxj, check_warc, read_capture_at, recover_folder
from tests.unit.warc.conftest import exchange, http, second_opinion

Make = Callable[..., WarcWriter]

KILLED = """
import sys
from pathlib import Path
from archiver.warc import WarcWriter
from tests.unit.warc.conftest import INFO, exchange, http
writer = WarcWriter(Path(sys.argv[1]), "example", INFO, max_bytes=60_000)
number = 0
while True:
    body = (b"%d " % number) * 2000
    pointer = writer.write(exchange(f"https://example.com/{number % 50}", response=http(body)))
    print(pointer.warc_filename, pointer.warc_record_offset, pointer.payload_sha256, flush=True)
    number += 1
"""


def left_open(make_writer: Make, captures: int = 3) -> Path:
    """An `.open` file with as many captures, as a killed process leaves it."""
    writer = make_writer()
    pointer = None
    for number in range(captures):
        pointer = writer.write(exchange(f"https://example.com/{number}", response=http(b"%d" % number * 700)))
    path = writer.path_of(str(pointer and pointer.warc_filename))
    assert path
    copy = path.parent.parent / "dead" / path.name
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(path.read_bytes())
    return copy


def test_a_cut_at_any_byte_leaves_whole_records(make_writer: Make) -> None:
    path = left_open(make_writer)
    whole = path.read_bytes()
    ends = [0]
    while ends[-1] < len(whole):
        nxt = whole.find(b"\x1f\x8b\x08\x00\x00\x00\x00\x00", ends[-1] + 1)
        ends.append(nxt if nxt > 0 else len(whole))
    for cut in [*random.Random(1).sample(range(len(whole)), 25), *ends]:
        for tail in (b"", b"\x00" * 50, b"\x1f\x8b\x08\x00"):
            for old in path.parent.iterdir():
                old.unlink()
            path.write_bytes(whole[:cut] + tail)
            (recovered,) = recover_folder(path.parent)
            good = max(end for end in ends if end <= cut)
            if good <= ends[1]:
                assert recovered.sealed is None
                assert list(path.parent.iterdir()) == []
                continue
            sealed = recovered.sealed
            assert sealed is not None
            assert (sealed.bytes, recovered.kept, recovered.cut) == (good, good, cut + len(tail) - good)
            assert sealed.path.read_bytes() == whole[:good]
            assert sealed.key == f"warc/example/dt=2026-11-24/{sealed.path.name}"
            assert [
                f for f in check_warc(sealed.path, key=sealed.key) if f.rule != "link" and f.severity == "error"
            ] == []
            assert check_cdxj(sealed.cdxj_path, sealed.path) == []
            assert recover_folder(path.parent) == []


def test_the_recovered_index_is_the_one_the_writer_would_have_made(make_writer: Make) -> None:
    writer = make_writer()
    for number in range(4):
        writer.write(exchange(f"https://example.com/{number % 2}", response=http(b"%d" % (number % 2) * 700)))
    writer.write(
        exchange(
            method="POST", request=b"POST /x HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\na=1"
        )
    )
    writer.write_side("urn:pageinfo:https://example.com/0", "application/json", b"{}", exchange().started)
    (sealed,) = writer.close()
    index = sealed.cdxj_path.read_bytes()
    sealed.path.rename(sealed.path.with_name(sealed.path.name + ".open"))
    sealed.cdxj_path.unlink()
    (recovered,) = recover_folder(sealed.path.parent)
    assert recovered.sealed == sealed
    assert gzip.decompress(sealed.cdxj_path.read_bytes()) == gzip.decompress(index)
    assert str(recovered) == f"{sealed.path.name} was whole and is sealed now"


def test_a_missing_index_of_a_sealed_file_is_made_again(make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange())
    (sealed,) = writer.close()
    index = sealed.cdxj_path.read_bytes()
    sealed.cdxj_path.unlink()
    assert recover_folder(sealed.path.parent) == []
    assert gzip.decompress(sealed.cdxj_path.read_bytes()) == gzip.decompress(index)


def test_whole_records_after_damage_are_kept_aside(make_writer: Make) -> None:
    path = left_open(make_writer)
    whole = bytearray(path.read_bytes())
    second = whole.index(b"\x1f\x8b\x08", whole.index(b"\x1f\x8b\x08", 3) + 3)
    whole[second + 40] ^= 0xFF
    path.write_bytes(whole)
    (recovered,) = recover_folder(path.parent)
    assert recovered.kept == second
    assert recovered.saved is not None
    assert recovered.saved.read_bytes() == whole[second:]
    assert "kept in" in str(recovered)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_acknowledged_is_lost_when_the_process_is_killed(seed: int, tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert process.stdout
    first = process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.01, 0.4))
    process.send_signal(signal.SIGKILL)
    lines = [first, *process.stdout.read().splitlines(keepends=True)]
    process.wait()
    process.stdout.close()
    recover_folder(tmp_path)
    assert not list(tmp_path.glob("*.open"))
    for line in lines:
        if not line.endswith(b"\n"):
            continue
        key, offset, sha256 = line.decode().split()
        capture = read_capture_at(tmp_path / Path(key).name, int(offset), warc_filename=key)
        assert capture.pointer.payload_sha256 == sha256
        assert hashlib.sha256(capture.body).hexdigest() == sha256
    for path in tmp_path.glob("*.warc.gz"):
        assert [str(f) for f in check_warc(path) if f.severity == "error"] == []
        second_opinion(path)
