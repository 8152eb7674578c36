"""Shortcuts of the reader and the checker give what the long way gives, for whatever bytes come."""

from __future__ import annotations

import re

import surt
from hypothesis import example, given
from hypothesis import strategies as st

from archiver.urls import surt_key
from archiver.warc.records import _lenient_fields, _plain_fields, http_head_end
from archiver.warc.redact import DEFAULT

_LINE = st.text("aZ-:  \t\r\n=?\x0b\x1c\x85é<", max_size=12).map(lambda text: text.encode())
_FIELD = st.sampled_from([b"WARC-Type: response", b"Content-Length: 12", b"A:b", b"A : b", b"Name:  two", b"X: y "])


@given(
    st.lists(st.one_of(_FIELD, _LINE), max_size=5), st.sampled_from([b"\r\n\r\n", b"\r\n", b"\n\n", b"\r\n\r\n\r\n"])
)
@example([b"A: 1", b" folded"], b"\r\n\r\n")
@example([b"A: 1\nB: 2"], b"\r\n\r\n")
def test_a_head_read_quickly_has_the_fields_of_the_lenient_reading(lines: list[bytes], end: bytes) -> None:
    raw = b"\r\n".join(lines) + end
    quick = _plain_fields(raw)
    if quick is not None:
        assert (quick, False) == _lenient_fields(raw)


def test_heads_as_we_write_them_are_read_quickly() -> None:
    raw = b"WARC-Type: response\r\nWARC-Target-URI: https://example.com/a?b=c: d\r\nContent-Length: 0\r\n\r\n"
    fields = _plain_fields(raw)
    assert fields and fields[1] == ("WARC-Target-URI", "https://example.com/a?b=c: d")


@given(st.lists(st.sampled_from([b"\n", b"\r", b"x", b"\r\n"]), max_size=12).map(b"".join))
def test_the_http_head_ends_at_the_first_empty_line(block: bytes) -> None:
    match = re.search(rb"\n\r?\n", block)
    assert http_head_end(block) == (match.end() if match else len(block))


_PART = st.text("abzAZ09-_~.%+;", min_size=0, max_size=6)


@given(
    st.sampled_from(["http://", "https://", "HTTP://", "https://www.", "http://www12.", "https://www"]),
    st.lists(st.text("abz09-", min_size=1, max_size=5), min_size=1, max_size=4).map(".".join),
    st.sampled_from(["", ":80", ":443", ":8080", "."]),
    st.lists(_PART, max_size=4).map("/".join),
    st.sampled_from(["", "/", "?a=b", "//"]),
)
@example("https://", "www.com", "", "a", "/")
@example("https://www.", "www.example", "", "A/B", "")
@example("http://", "127.0.0.1", "", "x", "")
@example("http://", "0x7f", "", "x", "")
def test_plain_urls_have_the_key_that_the_library_gives(start: str, host: str, port: str, path: str, end: str) -> None:
    url = f"{start}{host}{port}/{path}{end}"
    try:
        expected = str(surt.surt(url))
    except (ValueError, UnicodeError, IndexError):
        expected = url.lower()
    assert surt_key(url) == expected


_HEADER = st.sampled_from(
    [b"Cookie: a=b", b"X: cookie: 1", b" authorization: b", b"AUTHORIZATION:c", b"Host: example.com"]
)
_ASKED = st.sampled_from(
    [b"/a?token=1", b"/token=1", b"/?TOKEN=2&x", b"/?mytoken=3", b"/a;api_key=4", b"/a?token=REDACTED"]
)


@given(_ASKED, st.lists(_HEADER, max_size=3))
def test_no_secret_is_overlooked_for_being_looked_for_quickly(asked: bytes, headers: list[bytes]) -> None:
    request = b"\r\n".join([b"GET %s HTTP/1.1" % asked, *headers, b"", b"body token=1"])
    assert DEFAULT.leaks(request) == DEFAULT.apply(request)[1]
