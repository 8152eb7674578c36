"""A damaged file keeps every whole record, in a new file; the damaged one is never touched."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.cli.exits import Exit
from archiver.cli.mending import mend_files
from archiver.errors import UsageError, WarcError
from archiver.warc import WarcWriter, check_cdxj, check_warc, read_captures
from archiver.warc.mend import mend, place_for
from archiver.warc.walk import Walk
from tests.unit.warc.conftest import exchange, http, second_opinion

Make = Callable[..., WarcWriter]


@pytest.fixture
def sealed(make_writer: Make, tmp_path: Path) -> Path:
    """A file of ours with four captures, in a folder of its own."""
    writer = make_writer()
    for number in range(4):
        writer.write(exchange(f"https://example.com/{number}", response=http(b"%d" % number * 3000)))
    (made,) = writer.close()
    place = tmp_path / "crashed" / made.path.name
    place.parent.mkdir()
    place.write_bytes(made.path.read_bytes())
    return place


def offsets(path: Path) -> list[int]:
    with path.open("rb") as file:
        return [record.offset for record in Walk(path, file, lambda *_: None)]


def test_a_cut_file_keeps_its_whole_records(sealed: Path, tmp_path: Path) -> None:
    whole = sealed.read_bytes()
    places = offsets(sealed)
    for cut in (places[5] + 40, places[-1] + 3, len(whole) - 1):
        damaged = sealed.with_name(f"{sealed.name}.open")
        damaged.write_bytes(whole[:cut])
        out = tmp_path / f"out{cut}" / sealed.name
        mended = mend(damaged, out, index=True)
        end = max(place for place in places if place <= cut)
        assert out.read_bytes() == whole[:end]
        assert [(one.offset, one.length) for one in mended.cuts] == [(end, cut - end)]
        assert "gzip-truncated" in str(mended.cuts[0])
        assert damaged.read_bytes() == whole[:cut], "never in place"
        assert check_cdxj(out.with_name(out.name.replace(".warc.gz", ".cdxj.gz")), out) == []
        second_opinion(out)


def test_what_lies_behind_the_damage_is_kept(sealed: Path) -> None:
    whole = bytearray(sealed.read_bytes())
    places = offsets(sealed)
    whole[places[4] + 60] ^= 0xFF
    sealed.write_bytes(whole)
    out = place_for(sealed, None)
    mended = mend(sealed, out)
    assert out == sealed.parent / "mended" / sealed.name
    assert out.read_bytes() == bytes(whole[: places[4]] + whole[places[5] :])
    assert [one.offset for one in mended.cuts] == [places[4]]
    assert "gzip-member" in mended.cuts[0].why


def test_a_whole_file_is_left_alone(sealed: Path, tmp_path: Path) -> None:
    mended = mend(sealed, tmp_path / "out.warc.gz")
    assert (mended.out, mended.cuts) == (None, [])
    assert not (tmp_path / "out.warc.gz").exists()
    assert mend_files([sealed], None, index=False) == Exit.OK


def test_foreign_files_are_mended_too(sealed: Path, tmp_path: Path) -> None:
    """Plain, and one gzip member for the whole file, which nobody can cut at a record: each record gets a member."""
    plain = gzip.decompress(sealed.read_bytes())
    cut = plain[:-100]
    (tmp_path / "plain.warc").write_bytes(cut)
    mended = mend(tmp_path / "plain.warc", tmp_path / "plain.out.warc")
    assert mended.out
    assert plain.startswith(mended.out.read_bytes())
    assert len(list(read_captures(mended.out))) == 4
    machine = zlib.compressobj(6, zlib.DEFLATED, 31)
    packed = machine.compress(plain) + machine.flush()
    (tmp_path / "one.warc.gz").write_bytes(packed[: len(packed) * 9 // 10])
    mended = mend(tmp_path / "one.warc.gz", tmp_path / "one.out.warc.gz")
    assert mended.out
    assert any("members of" in note or "gzip members" in note for note in mended.notes)
    assert mended.records > 3
    assert [f for f in check_warc(mended.out, profile="foreign") if f.severity == "error"] == []


def test_nothing_is_overwritten_and_no_other_format_is_touched(sealed: Path, tmp_path: Path) -> None:
    sealed.write_bytes(sealed.read_bytes()[:-5])
    with pytest.raises(UsageError, match="nothing is overwritten"):
        mend(sealed, sealed)
    (tmp_path / "x.warc.gz").write_bytes(b"here already")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        mend(sealed, tmp_path / "x.warc.gz")
    (tmp_path / "zip").write_bytes(b"PK\x03\x04 and more")
    with pytest.raises(WarcError, match="ZIP"):
        mend(tmp_path / "zip", tmp_path / "y.warc.gz")
    (tmp_path / "noise").write_bytes(b"\x00" * 5000)
    assert mend_files([tmp_path / "noise"], None, index=False) == Exit.ERROR


@pytest.mark.parametrize("damage", [b"\0\0", b"\0" * 100, None])
def test_a_file_whose_first_bytes_are_damaged_keeps_what_follows(
    sealed: Path, tmp_path: Path, damage: bytes | None
) -> None:
    """It is compressed by its name; nothing at its start says so any more."""
    whole, places = sealed.read_bytes(), offsets(sealed)
    damaged = sealed.with_name(sealed.name)
    damaged.write_bytes(whole[9:] if damage is None else damage + whole[len(damage) :])
    mended = mend(damaged, tmp_path / "out" / sealed.name)
    assert mended.records == len(places) - 1
    assert (tmp_path / "out" / sealed.name).read_bytes() == whole[places[1] :]
    found = [one for one in check_warc(damaged) if one.severity == "error"]
    assert found[0].offset == 0 and found[0].rule == "gzip-member"
