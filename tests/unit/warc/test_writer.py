"""What the writer puts on disk, byte for byte, and what it gives back."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import os
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.errors import RecordingError, UsageError
from archiver.models import CrawlContext, Exchange, Truncated
from archiver.models.exchange import Role
from archiver.warc import Redaction, WarcWriter, check_cdxj, check_warc, read_capture_at, read_captures
from archiver.warc.connection import bare_ip, iana_cipher, protocols, target_uri
from archiver.warc.wire import wire_head
from tests.unit.warc.conftest import INFO, PAGE, REQUEST, START, Clock, blocks, exchange, heads, http

Make = Callable[..., WarcWriter]

CONTEXT = CrawlContext(
    role=Role.ARTICLE,
    source="example",
    seed=True,
    via="https://example.com/feed",
    hops_from_seed="ML",
    requested_url="http://example.com/1",
    redirects=(("http://example.com/1", 301), ("http://example.com/2", 302)),
    discovered=({"kind": "feed", "url": "https://example.com/feed", "claimed_title": "Caf\u00e9\n\u2028", "n": None},),
    robots=("allowed", "Allow: /news line 3", "urn:uuid:1"),
    run_id="r1",
    user_agent=INFO.user_agent,
)


@pytest.mark.parametrize(
    "response",
    [
        http(),
        http(b""),
        http(PAGE, "Set-Cookie: a=1", "set-cookie: b=2", "X-Odd:  two  spaces ", "no colon here", " folded"),
        http(PAGE, "X-Latin: caf\xe9"),
        http(PAGE).replace(b"\r\n", b"\n", 4),
        http(PAGE, status="HTTP/1.1 200 Tout va bien \xe9"),
        http(b"", status="HTTP/1.1 404"),
        http(gzip.compress(PAGE), "Content-Encoding: gzip"),
    ],
)
def test_blocks_are_the_bytes_of_the_wire(response: bytes, make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange(response=response, closed_by_peer=True))
    found = blocks(writer.close()[0].path)
    assert [kind for kind, _ in found] == ["warcinfo", "response", "request", "metadata"]
    assert found[1][1] == response
    assert found[2][1] == REQUEST


def test_the_transfer_encoding_line_is_renamed_and_nothing_else(make_writer: Make) -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-Encoding:  chunked\r\nX: y\r\n\r\n"
    writer = make_writer()
    writer.write(
        exchange(
            response=b"HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\n" + head + b"5;x=y\r\nhello\r\n0\r\nETag: 1\r\n\r\n"
        )
    )
    _, (_, block), _, (_, metadata) = blocks(writer.close()[0].path)
    stored, _, body = block.partition(b"\r\n\r\n")
    assert body == b"hello"
    assert stored.count(b"X-Crawler-transfer-Encoding:  chunked") == 1
    assert wire_head(stored + b"\r\n\r\n") == head
    lines = metadata.decode().splitlines()
    assert "arc-trailer: ETag: 1" in lines
    assert 'arc-interim: "HTTP/1.1 103 Hints\\r\\nLink: </a>\\r\\n\\r\\n"' in lines


def test_a_capture_read_back_is_what_write_returned(make_writer: Make) -> None:
    writer = make_writer()
    made = exchange(
        context=CONTEXT,
        response=http(PAGE, 'ETag: "x"', "Last-Modified: Tue, 24 Nov 2026 11:00:00 GMT"),
        tls_version="TLSv1.3",
        tls_cipher="TLS_AES_128_GCM_SHA256",
        ip_address="2001:db8:0::1",
        duration_ms=12,
    )
    pointers = [writer.write(made), writer.write(made)]
    pointers.append(
        writer.write(exchange("https://example.com/2", response=http(b"cut")[:-1], truncated=Truncated.TIME))
    )
    path = writer.path_of(str(pointers[0] and pointers[0].warc_filename))
    assert path is not None and path.name.endswith(".open")
    captures = list(read_captures(path, warc_filename=pointers[0].warc_filename if pointers[0] else None))
    for pointer, capture in zip(pointers, captures, strict=True):
        assert pointer is not None
        at = read_capture_at(path, pointer.warc_record_offset, warc_filename=pointer.warc_filename)
        assert at == capture
        assert at.pointer == pointer
    assert captures[0].context == captures[1].context == CONTEXT
    assert captures[0].body == captures[1].body == PAGE
    assert captures[1].pointer.warc_type == "revisit"
    assert captures[0].pointer.payload_sha256 == hashlib.sha256(PAGE).hexdigest()
    assert captures[2].pointer.truncated == "time"


def test_every_record_of_a_capture_carries_its_start_with_six_fraction_digits(make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange(started=datetime(2026, 11, 24, 11, 59, 59, 0, UTC)))
    dates = [dict(fields)["WARC-Date"] for fields in heads(writer.close()[0].path)]
    assert dates[1:] == ["2026-11-24T11:59:59.000000Z"] * 3


def test_fields_stand_in_the_order_of_the_house(make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange(ip_address="192.0.2.1", tls_version="TLSv1.2", tls_cipher="ECDHE-RSA-AES256-SHA384"))
    for fields in heads(writer.close()[0].path)[1:]:
        names = [name for name, _ in fields]
        assert names[:4] == ["WARC-Type", "WARC-Record-ID", "WARC-Date", "WARC-Target-URI"]
        assert names[-2:] == ["Content-Type", "Content-Length"]


def test_an_attempt_without_an_answer_is_counted_and_not_recorded(make_writer: Make, tmp_path: Path) -> None:
    writer = make_writer()
    empty = tmp_path / "empty"
    empty.touch()
    assert writer.write(exchange(response=b"")) is None
    assert writer.write(exchange(response=b"", response_file=empty)) is None
    assert writer.unanswered == 2
    assert not empty.exists()
    assert writer.close() == []


@pytest.mark.parametrize(
    ("options", "seconds"), [({"max_bytes": 100}, 0.0), ({"max_age": 60.0}, 60.0), ({"max_age": 1e9}, 12 * 3600.0)]
)
def test_files_end_by_size_age_and_midnight(
    options: dict[str, float], seconds: float, make_writer: Make, clock: Clock
) -> None:
    writer = make_writer(**options)
    first = writer.write(exchange())
    clock.forward(seconds)
    second = writer.write(exchange("https://example.com/2", response=http(b"2")))
    assert first and second
    assert first.warc_filename != second.warc_filename
    assert second.warc_filename.startswith(f"warc/example/dt={clock.now:%Y-%m-%d}/example-{clock.now:%Y%m%d%H%M%S}")
    names = [sealed.path.name for sealed in writer.close()]
    assert [name.split("-")[2] for name in names] == ["00000", "00001"]


def test_a_capture_above_the_size_target_gets_a_file_of_its_own(make_writer: Make) -> None:
    writer = make_writer(max_bytes=20_000)
    noise = os.urandom(30_000)
    for body in (b"small", noise, b"small again"):
        writer.write(exchange(response=http(body)))
    assert [sealed.records for sealed in writer.close()] == [4, 4, 4]


def test_sealing_gives_file_and_index(make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange())
    writer.write(exchange("https://example.com/2", started=START - timedelta(seconds=9), response=http(b"2")))
    (sealed,) = writer.close()
    assert sealed.path.name == "example-20261124120000123-00000-r1.warc.gz"
    assert sealed.key == f"warc/example/dt=2026-11-24/{sealed.path.name}"
    assert sealed.cdxj_key == "cdxj/example/dt=2026-11-24/example-20261124120000123-00000-r1.cdxj.gz"
    assert (sealed.bytes, sealed.records) == (sealed.path.stat().st_size, 7)
    assert (sealed.first_time, sealed.last_time) == (START - timedelta(seconds=9), START)
    assert sorted(path.name for path in sealed.path.parent.iterdir()) == [sealed.cdxj_path.name, sealed.path.name]
    assert writer.close() == [sealed]


def test_a_failed_write_leaves_whole_records_and_raises(make_writer: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = make_writer()
    first = writer.write(exchange())
    assert first
    path = writer.path_of(first.warc_filename)
    assert path
    size = path.stat().st_size
    real = os.pwrite

    def full(fd: int, data: bytes, offset: int) -> int:
        if offset > size:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, bytes(data)[:100], offset)

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(RecordingError, match=r"No space left on device.*archiver publish"):
        writer.write(exchange("https://example.com/2", response=http(os.urandom(3000))))
    assert path.stat().st_size == size
    monkeypatch.undo()
    assert writer.write(exchange("https://example.com/3", response=http(b"3")))
    (sealed,) = writer.close()
    assert [str(f) for f in check_warc(sealed.path)] == []


def test_a_folder_that_cannot_be_written_is_a_recording_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RecordingError, match="cannot be opened"):
        WarcWriter(tmp_path / "file" / "x", "example", INFO).write(exchange())


def test_names_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the series 'a/b'"):
        WarcWriter(tmp_path, "a/b", INFO)


def test_no_secret_of_a_request_reaches_the_disk(make_writer: Make) -> None:
    request = (
        b"GET /a?x=1&access_token=SECRET1&y=2 HTTP/1.1\r\nHost: example.com\r\nAUTHORIZATION : Bearer SECRET2\r\n SECRET3\r\n"
        b"cookie: a=SECRET4\r\nX-Own: SECRET5\r\nReferer: https://example.com/?API_KEY=SECRET6\r\n\r\nbody Cookie: kept"
    )
    writer = make_writer(secrets=Redaction(headers=("authorization", "cookie", "x-own")))
    pointer = writer.write(exchange(request=request))
    assert pointer
    path = writer.close()[0].path
    everything = gzip.decompress(path.read_bytes())
    assert b"SECRET" not in everything
    assert b"AUTHORIZATION : REDACTED\r\n" in everything
    assert b"x=1&access_token=REDACTED&y=2" in everything
    assert everything.count(b"body Cookie: kept") == 1
    redacted = [line for line in everything.decode().splitlines() if line.startswith("arc-redacted")]
    assert redacted == [
        "arc-redacted: header authorization",
        "arc-redacted: header cookie",
        "arc-redacted: header x-own",
        "arc-redacted: query access_token",
        "arc-redacted: query api_key",
    ]


def test_odd_values_cannot_break_a_record(make_writer: Make) -> None:
    context = CrawlContext(source="a\r\nWARC-Type: response", via="\x00\x85\u2028", robots=("allowed", "", None))
    writer = make_writer()
    pointer = writer.write(exchange("https://ex\u00e4mple.com/a b?<c>#frag", context=context))
    assert pointer
    path = writer.path_of(pointer.warc_filename)
    assert path
    capture = read_capture_at(path, pointer.warc_record_offset, warc_filename=pointer.warc_filename)
    assert capture.url == "https://ex%C3%A4mple.com/a%20b?%3Cc%3E"
    assert capture.context.source == "a  WARC-Type: response"
    assert capture.context.via == " \x85\u2028"
    assert capture.context.robots == ("allowed", "", None)


@pytest.mark.parametrize("response", [b"garbage", b"HTTP/1.1 20", b"HTTP/1.1 103 Hi\r\n\r\n", b"\r\n\r\n", b"\n"])
def test_answers_that_are_no_http_are_recorded_and_pass(response: bytes, tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "example", INFO)  # warcio splits an answer that opens with an empty line elsewhere
    pointer = writer.write(exchange(response=response, closed_by_peer=True))
    assert pointer
    sealed = writer.close()[0]
    assert [str(f) for f in check_warc(sealed.path) if f.severity == "error"] == []
    assert [capture.pointer for capture in read_captures(sealed.path, warc_filename=sealed.key)] == [pointer]


def test_a_head_without_end_is_recorded_soundly(tmp_path: Path) -> None:
    writer = WarcWriter(tmp_path, "example", INFO)
    pointer = writer.write(exchange(response=b"HTTP/1.1 200 OK\r\n" + b"X-Filler: 1\r\n" * 90_000))
    assert pointer
    (sealed,) = writer.close()
    assert [str(f) for f in check_warc(sealed.path) if f.severity == "error"] == []
    assert [capture.pointer for capture in read_captures(sealed.path, warc_filename=sealed.key)] == [pointer]
    assert read_capture_at(sealed.path, pointer.warc_record_offset, warc_filename=sealed.key).pointer == pointer
    assert check_cdxj(sealed.cdxj_path, sealed.path) == []


def test_side_records_are_indexed_and_need_a_urn(make_writer: Make) -> None:
    writer = make_writer()
    page = writer.write(exchange())
    assert page
    key, offset, length, record_id = writer.write_side(
        "urn:pageinfo:https://example.com/news/1",
        "application/json",
        b"{}",
        START,
        page_id=str(page.warc_record_id[9:]),
    )
    writer.write_side("urn:social-post:x:1", "application/json", b"{}", START, refers_to=page.warc_record_id)
    with pytest.raises(UsageError):
        writer.write_side("https://example.com/news/1", "application/json", b"{}", START)
    (sealed,) = writer.close()
    lines = gzip.decompress(sealed.cdxj_path.read_bytes()).decode().splitlines()
    values = [json.loads(line.split(" ", 2)[2]) for line in lines]
    assert {"urn:pageinfo:https://example.com/news/1", "urn:social-post:x:1"} < {line.split(" ")[0] for line in lines}
    assert (str(offset), str(length), key, record_id) in {
        (v["offset"], v["length"], v["filename"], v["warc_record_id"]) for v in values
    }
    assert check_cdxj(sealed.cdxj_path, sealed.path) == []
    assert [str(f) for f in check_warc(sealed.path)] == []


def test_a_large_body_streams_from_its_file_in_flat_memory(make_writer: Make, tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    size, step = 60 * 2**20, os.urandom(2**20)
    with raw.open("wb") as file:
        file.write(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // len(step)):
            file.write(step)
    expected = hashlib.sha256(step * (size // len(step))).hexdigest()
    writer = make_writer()
    tracemalloc.start()
    try:
        pointer = writer.write(exchange(response_file=raw))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert pointer and pointer.payload_sha256 == expected
    assert peak < 8 * 2**20
    assert not raw.exists()
    (sealed,) = writer.close()
    assert [str(f) for f in check_warc(sealed.path)] == []
    capture = read_capture_at(sealed.path, pointer.warc_record_offset, warc_filename=sealed.key, body_limit=1000)
    assert len(capture.body) == 1001
    assert capture.pointer == pointer


def test_a_chunked_body_in_a_file_is_stored_without_its_framing(make_writer: Make, tmp_path: Path) -> None:
    raw, piece = tmp_path / "raw", os.urandom(2**19)
    out = io.BytesIO(b"")
    out.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(6):
        out.write(b"%x\r\n" % len(piece) + piece + b"\r\n")
    raw.write_bytes(out.getvalue() + b"0\r\n\r\n")
    writer = make_writer()
    pointer = writer.write(exchange(response_file=raw))
    assert pointer and pointer.payload_sha256 == hashlib.sha256(piece * 6).hexdigest()
    path = writer.path_of(pointer.warc_filename)
    assert path
    assert read_capture_at(path, pointer.warc_record_offset, warc_filename="k").body == piece * 6


def test_a_missing_response_file_is_a_recording_error(make_writer: Make, tmp_path: Path) -> None:
    made: Exchange = exchange(response_file=tmp_path / "gone")
    with pytest.raises(RecordingError, match="gone: cannot be read"):
        make_writer().write(made)


def test_connection_facts_are_spelled_as_warc_wants() -> None:
    assert bare_ip("[2001:DB8::0:1%eth0]") == "2001:db8::1"
    assert bare_ip("::ffff:192.0.2.1") == "192.0.2.1"
    assert bare_ip("not an address") is None
    assert protocols(b"HTTP/1.0 200 OK", "TLSv1") == ["http/1.0", "tls/1.0"]
    assert iana_cipher("ECDHE-ECDSA-CHACHA20-POLY1305") == "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
    assert iana_cipher("ECDHE-RSA-AES128-GCM-SHA256") == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert iana_cipher("AES256-SHA") == "TLS_RSA_WITH_AES_256_CBC_SHA"
    assert iana_cipher("TLS_AES_256_GCM_SHA384") == "TLS_AES_256_GCM_SHA384"
    assert target_uri("https://a.example/{x}|y#z") == "https://a.example/{x}|y"
