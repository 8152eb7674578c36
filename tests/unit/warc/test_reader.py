"""Reading: our files, other people's, growing ones, damaged ones."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.errors import WarcError
from archiver.models import CrawlContext
from archiver.models.exchange import Role
from archiver.warc import (
    WarcWriter,
    check_warc,
    read_capture_at,
    read_capture_in,
    read_captures,
    read_captures_where,
    read_warcinfo,
)
from tests.unit.warc import museum
from tests.unit.warc.conftest import PAGE, exchange, http

Make = Callable[..., WarcWriter]


def put(folder: Path, raw: bytes, name: str = museum.NAME) -> Path:
    path = folder / name
    path.write_bytes(raw)
    return path


def test_a_file_is_read_while_it_is_written_and_across_its_renaming(make_writer: Make) -> None:
    writer = make_writer()
    pointer = writer.write(exchange())
    assert pointer
    path = writer.path_of(pointer.warc_filename)
    assert path
    before = read_capture_at(path, pointer.warc_record_offset, warc_filename=pointer.warc_filename)
    sealed = writer.close()[0].path
    assert not path.exists()
    for name in (path, sealed):
        assert read_capture_at(name, pointer.warc_record_offset, warc_filename=pointer.warc_filename) == before


def test_a_store_serves_captures_by_range(make_writer: Make) -> None:
    writer = make_writer()
    pointers = [writer.write(exchange(f"https://example.com/{number % 2}")) for number in range(3)]
    path = writer.close()[0].path
    raw, ranges = path.read_bytes(), []

    def fetch(offset: int, length: int) -> bytes:
        ranges.append((offset, length))
        return raw[offset : offset + length]

    for pointer in pointers:
        assert pointer
        options = {"warc_filename": pointer.warc_filename, "length": pointer.warc_record_length}
        capture = read_capture_in(fetch, pointer.warc_record_offset, **options)  # type: ignore[arg-type]
        assert capture == read_capture_at(path, pointer.warc_record_offset, warc_filename=pointer.warc_filename)
        assert capture.pointer == pointer
    assert len(ranges) <= 12
    with pytest.raises(WarcError):
        read_capture_in(fetch, 10**9, warc_filename="k")


def test_only_the_wanted_captures_are_read_by_way_of_the_index(make_writer: Make) -> None:
    writer = make_writer()
    for number in range(6):
        context = CrawlContext(role=Role.POST if number % 3 == 1 else Role.ARTICLE, post={"n": number})
        writer.write(exchange(f"https://example.com/{number // 2}", context=context))  # revisits among them
    writer.write_side("urn:note:1", "text/plain", b"made", exchange().started)
    sealed = writer.close()[0]
    found = list(
        read_captures_where(
            sealed.path, sealed.cdxj_path, lambda context: context.role == Role.POST, warc_filename=sealed.key
        )
    )
    every = list(read_captures(sealed.path, warc_filename=sealed.key))
    assert found == [capture for capture in every if capture.context.role == Role.POST]
    assert [capture.context.post for capture in found] == [{"n": 1}, {"n": 4}]


def test_without_the_following_records_only_the_record_itself_is_read(make_writer: Make) -> None:
    writer = make_writer()
    pointer = writer.write(exchange())
    assert pointer
    path = writer.close()[0].path
    capture = read_capture_at(
        path,
        pointer.warc_record_offset,
        warc_filename=pointer.warc_filename,
        length=pointer.warc_record_length,
        context_from_following=False,
    )
    assert capture.body == PAGE
    assert capture.pointer == pointer.model_copy(update={"request_record_id": None})


def test_the_method_comes_from_the_request(make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange(method="POST", request=b"POST /q HTTP/1.1\r\n\r\nq=1"))
    assert [capture.method for capture in read_captures(writer.close()[0].path)] == ["POST"]


@pytest.mark.parametrize("offset", [0, 1, 5, 10_000])
def test_an_address_that_is_no_capture_is_a_warc_error(offset: int, make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange())
    with pytest.raises(WarcError) as caught:
        read_capture_at(writer.close()[0].path, offset, warc_filename="k")
    assert caught.value.rule == "pointer"


def test_a_missing_file_is_a_warc_error(tmp_path: Path) -> None:
    with pytest.raises(WarcError, match="no such file"):
        list(read_captures(tmp_path / "absent.warc.gz"))


def test_warcinfo_is_read_in_order(make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange())
    fields = read_warcinfo(writer.close()[0].path)
    assert fields[0] == ("software", "news-archiver/0.1 test")
    assert dict(fields)["robots"] == "classic"


@pytest.mark.parametrize(
    "case",
    [
        "foreign: stored chunked body",
        "foreign: SHA-256 hex",
        "foreign: request before response",
        "foreign: not compressed",
    ],
)
def test_foreign_captures_come_with_body_and_method(case: str, tmp_path: Path) -> None:
    path = put(tmp_path, museum.SOUND[case]().raw())
    (capture,) = read_captures(path)
    assert (capture.body, capture.method, capture.status) == (museum.BODY, "GET", 200)
    assert capture.context.run_id is None
    assert capture.pointer.warc_filename == str(path)
    at = read_capture_at(
        path, capture.pointer.warc_record_offset, warc_filename=str(path), length=capture.pointer.warc_record_length
    )
    assert at.body == capture.body
    assert at.pointer.warc_record_length == capture.pointer.warc_record_length


def test_protocols_of_other_crawlers_are_kept(tmp_path: Path) -> None:
    path = put(tmp_path, museum.SOUND["foreign: WARC-Protocol h2"]().raw())
    (capture,) = read_captures(path)
    assert capture.pointer.protocol == "h2"
    assert capture.pointer.tls is not None and capture.pointer.tls.version == "1.3"


def test_whole_file_gzip_is_told_and_still_read(tmp_path: Path) -> None:
    path = put(tmp_path, gzip.compress(b"".join(record.raw() for record in museum.sound().records)))
    told: list[WarcError] = []
    captures = list(read_captures(path, on_damage=told.append))
    assert [error.rule for error in told] == ["gzip-member"]
    assert [capture.body for capture in captures] == [museum.BODY, b""]
    with pytest.raises(WarcError, match="gzip-member"):
        list(read_captures(path))


def test_reading_goes_on_after_damage(tmp_path: Path) -> None:
    members = [gzip.compress(record.raw()) for record in museum.sound().records]
    for broken in (members[2][:-20], members[2] + b"junk", b"\x1f\x8b\x08junk", members[2][:30] + bytes(40)):
        path = put(tmp_path, b"".join([*members[:2], broken, *members[3:]]))
        told: list[WarcError] = []
        captures = list(read_captures(path, on_damage=told.append))
        assert told
        assert all(error.file == str(path) and error.offset > 0 for error in told)
        assert [capture.pointer.warc_type for capture in captures] == ["response", "revisit"]


def test_plain_files_resume_after_damage_too(tmp_path: Path) -> None:
    raws = [record.raw() for record in museum.foreign(museum.response(), museum.response(number=9)).records]
    path = put(tmp_path, raws[0] + raws[1][:-4] + b"\r\nstray line\r\n" + raws[2], "a.warc")
    told: list[WarcError] = []
    assert len(list(read_captures(path, on_damage=told.append))) == 2
    assert [error.rule for error in told] == ["record-end", "record-end"]


def test_a_growing_file_with_half_a_member_gives_what_is_whole(tmp_path: Path) -> None:
    path = put(tmp_path, museum.sound().raw()[:-30])
    told: list[WarcError] = []
    assert len(list(read_captures(path, on_damage=told.append))) == 2
    assert [error.rule for error in told] == ["gzip-truncated"]


def test_a_body_beyond_the_limit_shows_by_its_length(tmp_path: Path) -> None:
    path = put(tmp_path, museum.sound().raw())
    for limit in (0, 10, 100, len(museum.BODY) - 1):
        first = next(iter(read_captures(path, body_limit=limit)))
        assert first.body == museum.BODY[: limit + 1]
        at = first.pointer.warc_record_offset
        assert read_capture_at(path, at, warc_filename=str(path), body_limit=limit) == first
    assert next(iter(read_captures(path, body_limit=len(museum.BODY)))).body == museum.BODY


def test_a_gzip_bomb_is_bounded_in_memory(tmp_path: Path) -> None:
    machine = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = museum.response(b"").fields
    length = 80 * 2**20
    opening = "WARC/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in head) + f"Content-Length: {length}\r\n\r\n"
    bomb = machine.compress(opening.encode() + museum.message(b""))
    bomb += b"".join(machine.compress(bytes(2**20)) for _ in range(90)) + machine.flush()
    path = put(tmp_path, gzip.compress(museum.warcinfo(museum.FOREIGN_INFO).raw()) + bomb)
    tracemalloc.start()
    try:
        told: list[WarcError] = []
        list(read_captures(path, on_damage=told.append, body_limit=2**20))
        check_warc(path)
        with pytest.raises(WarcError):
            read_capture_at(path, len(path.read_bytes()) - len(bomb), warc_filename="k", body_limit=2**20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert told
    assert peak < 16 * 2**20


def test_a_revisit_whose_original_is_elsewhere_has_no_body(tmp_path: Path) -> None:
    file = museum.sound()
    del file.records[1:4]
    (capture,) = read_captures(put(tmp_path, file.raw()))
    assert capture.body == b""
    assert capture.pointer.refers_to is not None
    assert capture.pointer.refers_to.warc_record_offset is None


def test_a_foreign_revisit_is_resolved_by_id_or_by_target_and_date(tmp_path: Path) -> None:
    for drop in ((), ("WARC-Refers-To",)):
        again = museum.revisit().drop(*drop).put("WARC-Refers-To-Date", "2026-11-24T12:00:00Z")
        path = put(tmp_path, museum.foreign(museum.response(), again).raw())
        captures = list(read_captures(path))
        assert captures[1].body == museum.BODY
        assert captures[1].pointer.refers_to is not None
        assert captures[1].pointer.refers_to.warc_record_offset == captures[0].pointer.warc_record_offset
        at = read_capture_at(path, captures[1].pointer.warc_record_offset, warc_filename=str(path))
        assert at.body == museum.BODY


def test_two_files_of_one_name_do_not_share_their_warcinfo(make_writer: Make) -> None:
    first, second = make_writer(series="one"), make_writer(series="two")
    for writer in (first, second):
        pointer = writer.write(exchange(response=http(b"a")))
        path = writer.path_of(str(pointer and pointer.warc_filename))
        assert pointer and path
        assert read_capture_at(path, pointer.warc_record_offset, warc_filename="k").context.run_id == "r1"
