"""Taking answers apart: what `archiver.warc.wire` makes of every framing a server can send."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.models import Truncated
from archiver.warc.wire import MEMORY_MAX, WireResponse, head_fields, split_response, stored_head, wire_head


def split(
    raw: bytes, method: str = "GET", closed_by_peer: bool = False, truncated: Truncated | None = None
) -> WireResponse:
    return split_response(io.BytesIO(raw), method=method, closed_by_peer=closed_by_peer, truncated=truncated)


def test_a_body_with_a_length_is_kept_as_it_is() -> None:
    parts = split(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
    assert parts.head == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    assert (parts.body.read(), parts.body_length, parts.status) == (b"hello", 5, 200)
    assert (parts.truncated, parts.notes, parts.chunked, parts.interim, parts.trailers) == (None, (), False, (), ())


def test_bytes_after_the_body_are_noted_and_left_out() -> None:
    parts = split(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhello")
    assert parts.body.read() == b"he"
    assert parts.notes == ("bytes-after-response",)


def test_chunk_framing_extensions_and_trailers_are_removed() -> None:
    raw = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"1\r\nh\r\n00004;name=value;x\r\nello\r\nA \r\n, world ok\r\n0\r\nX-Sum: 1\r\nX-Two:  2\r\n\r\n"
    )
    parts = split(raw)
    assert parts.body.read() == b"hello, world ok"
    assert parts.trailers == (b"X-Sum: 1", b"X-Two:  2")
    assert (parts.truncated, parts.chunked, parts.body_length) == (None, True, 15)


@pytest.mark.parametrize(
    "tail",
    [
        b"5\r\nhel",
        b"5\r\nhello",
        b"5\r\nhello\r\n",
        b"5\r\nhello\r\n0\r\n",
        b"5\r\nhelloXX0\r\n\r\n",
        b"z\r\n\r\n",
        b"",
    ],
)
def test_incomplete_or_broken_chunks_are_truncated_as_disconnect(tail: bytes) -> None:
    parts = split(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + tail, closed_by_peer=True)
    assert parts.truncated is Truncated.DISCONNECT
    assert b"hello".startswith(parts.body.read())


def test_a_given_truncation_is_kept() -> None:
    parts = split(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello", truncated=Truncated.TIME)
    assert (parts.truncated, parts.body.read()) == (Truncated.TIME, b"hello")


def test_a_short_body_is_truncated_as_disconnect() -> None:
    assert split(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhello").truncated is Truncated.DISCONNECT


def test_a_body_without_length_ends_with_the_connection() -> None:
    assert split(b"HTTP/1.0 200 OK\r\n\r\nhello", closed_by_peer=True).truncated is None
    assert split(b"HTTP/1.0 200 OK\r\n\r\nhello").truncated is Truncated.DISCONNECT


def test_a_content_length_beside_chunks_is_ignored_and_noted() -> None:
    raw = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
    parts = split(raw)
    assert (parts.body.read(), parts.notes) == (b"hello", ("content-length-ignored",))


@pytest.mark.parametrize("coding", [b"identity", b"x-strange"])
def test_an_unknown_transfer_coding_is_read_until_the_connection_ends(coding: bytes) -> None:
    parts = split(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + coding + b"\r\n\r\nhello", closed_by_peer=True)
    assert (parts.body.read(), parts.notes, parts.truncated) == (b"hello", ("transfer-encoding-unknown",), None)


def test_chunks_under_another_transfer_coding_are_removed() -> None:
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: Chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"
    assert (split(raw).body.read(), split(raw).notes) == (b"x", ("transfer-encoding-unknown",))


def test_interim_heads_are_kept_apart() -> None:
    first, second = b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
    parts = split(first + second + b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok")
    assert parts.interim == (first, second)
    assert (parts.head, parts.body.read()) == (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n", b"ok")


def test_an_answer_that_ends_after_an_interim_head_shows_that_head() -> None:
    parts = split(b"HTTP/1.1 103 Early Hints\r\n\r\n", closed_by_peer=True)
    assert (parts.interim, parts.head, parts.status) == ((), b"HTTP/1.1 103 Early Hints\r\n\r\n", 103)
    assert parts.truncated is Truncated.DISCONNECT


@pytest.mark.parametrize("method, status", [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_answers_without_body_have_none_whatever_their_length_says(method: str, status: int) -> None:
    parts = split(b"HTTP/1.1 %d X\r\nContent-Length: 10\r\n\r\n" % status, method=method)
    assert (parts.body_length, parts.body.read(), parts.truncated) == (0, b"", None)


def test_a_head_that_never_ends_is_all_head() -> None:
    parts = split(b"HTTP/1.1 200 OK\r\nContent-Ty")
    assert (parts.head, parts.body_length) == (b"HTTP/1.1 200 OK\r\nContent-Ty", 0)
    assert (parts.truncated, parts.notes) == (Truncated.DISCONNECT, ("head-incomplete",))


@pytest.mark.parametrize("value", [b"5, 5", b"05", b"5\r\nContent-Length: 5"])
def test_repeated_equal_lengths_are_one_length(value: bytes) -> None:
    assert split(b"HTTP/1.1 200 OK\r\nContent-Length: " + value + b"\r\n\r\nhello").truncated is None


@pytest.mark.parametrize("value", [b"", b"five", b"5, 6", b"-5", "٥".encode(), b"9" * 50])
def test_an_unusable_length_is_noted(value: bytes) -> None:
    parts = split(b"HTTP/1.1 200 OK\r\nContent-Length: " + value + b"\r\n\r\nhello", closed_by_peer=True)
    assert (parts.body.read(), parts.notes, parts.truncated) == (b"hello", ("content-length-invalid",), None)


def test_fields_are_read_leniently() -> None:
    head = (
        b"HTTP/1.1 200 OK\r\n  fold of nothing\r\nA: 1\r\n b\r\n\tc\r\nno colon\r\nX-EMPTY:\nSpaced : v \r\nCaf\xe9: \xe9\r\na: 2\r\n\r\n"
        b"Not: this"
    )
    assert head_fields(head) == (
        ("A", "1 b c"),
        ("X-EMPTY", ""),
        ("Spaced", "v"),
        ("Caf\xe9", "\xe9"),
        ("a", "2"),
    )


def test_the_one_change_to_a_head_can_be_undone() -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-ENCODING : chunked\nX-Transfer-Encoding: a\r\nTransfer-Encoding: b\r\n Transfer-Encoding: c\r\n\r\n"
    stored = stored_head(head)
    assert stored == (
        b"HTTP/1.1 200 OK\r\nX-Crawler-transfer-ENCODING : chunked\nX-Transfer-Encoding: a\r\n"
        b"X-Crawler-Transfer-Encoding: b\r\n Transfer-Encoding: c\r\n\r\n"
    )
    assert wire_head(stored) == head


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_answer_is_read_from_its_file(tmp_path: Path, chunked: bool) -> None:
    content = bytes(range(256)) * (MEMORY_MAX // 128)
    framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % len(content)
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(content), content) if chunked else content
    path = tmp_path / "answer"
    path.write_bytes(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + body)
    with path.open("rb") as raw:
        parts = split_response(raw, method="GET", closed_by_peer=False, truncated=None)
        assert parts.body_length == len(content)
        assert parts.body.read() == content
        parts.body.seek(1000)
        assert parts.body.read(256) == content[1000:1256]
        assert parts.body.seek(0, io.SEEK_END) == len(content)
        parts.body.close()
    assert list(tmp_path.iterdir()) == [path]


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.booleans())
def test_any_chunking_gives_back_the_content(pieces: list[bytes], cut: bool) -> None:
    framed = b"".join(b"%X\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    parts = split(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + (framed[:-1] if cut else framed))
    assert parts.body.read() == b"".join(pieces)
    assert parts.truncated is (Truncated.DISCONNECT if cut else None)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_splitter(raw: bytes) -> None:
    for prefix in (b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"):
        parts = split(prefix + raw, closed_by_peer=True)
        assert len(parts.body.read()) == parts.body_length
        head_fields(parts.head)
        assert wire_head(stored_head(parts.head)).lower() == parts.head.lower() or b"x-crawler-" in parts.head.lower()
