"""Codings within bounds and the charset by the browsers' order."""

from __future__ import annotations

import gzip
import time
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archiver.errors import Refused
from archiver.payload import charset_of, decode, text_of
from archiver.reasons import Reason

TEXT = b"The harbour is closed. " * 200
RAW = zlib.compressobj(wbits=-15)
CODED = {
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT),
    "GZIP": gzip.compress(TEXT),
    "deflate": zlib.compress(TEXT),
    "br": brotli.compress(TEXT),
    "zstd": zstandard.compress(TEXT),
    "identity": TEXT,
    "": TEXT,
}


@pytest.mark.parametrize("coding", CODED)
def test_codings_are_undone(coding: str) -> None:
    assert decode(CODED[coding], [coding]) == TEXT


def test_raw_deflate_is_read_as_browsers_do() -> None:
    assert decode(RAW.compress(TEXT) + RAW.flush(), ["deflate"]) == TEXT


def test_codings_are_undone_last_first() -> None:
    assert decode(brotli.compress(gzip.compress(TEXT)), ["gzip, br"]) == TEXT
    assert decode(brotli.compress(gzip.compress(TEXT)), ["gzip", "br"]) == TEXT


def test_several_gzip_members_are_one_body() -> None:
    assert decode(gzip.compress(TEXT[:99]) + gzip.compress(TEXT[99:]), ["gzip"]) == TEXT


def test_a_cut_body_gives_what_can_be_read() -> None:
    for coding in ("gzip", "deflate"):
        found = decode(CODED[coding][:-20], [coding])
        assert found
        assert TEXT.startswith(found)


@pytest.mark.parametrize("coding", ["backwards", "gzip, rot13", "br2"])
def test_an_unknown_coding_is_undecodable(coding: str) -> None:
    with pytest.raises(Refused) as caught:
        decode(TEXT, [coding])
    assert caught.value.reason is Reason.UNDECODABLE


@pytest.mark.parametrize(
    "bomb",
    [
        (gzip.compress(bytes(2**22)), "gzip"),
        (zlib.compress(bytes(2**22)), "deflate"),
        (brotli.compress(bytes(2**22)), "br"),
        (zstandard.compress(bytes(2**22)), "zstd"),
        (gzip.compress(gzip.compress(bytes(2**22))), "gzip, gzip"),
        (bytes(2**22), ""),
    ],
    ids=["gzip", "deflate", "br", "zstd", "twice", "plain"],
)
def test_a_bomb_is_too_large(bomb: tuple[bytes, str]) -> None:
    with pytest.raises(Refused) as caught:
        decode(bomb[0], [bomb[1]], limit=2**20)
    assert caught.value.reason is Reason.TOO_LARGE


@given(st.binary(max_size=400), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br"]))
def test_no_bytes_break_a_decoder(body: bytes, coding: str) -> None:
    try:
        decode(body, [coding], limit=2**16)
    except Refused as refused:
        assert refused.reason in (Reason.UNDECODABLE, Reason.TOO_LARGE)


def meta(charset: str) -> bytes:
    return f'<html><meta charset="{charset}"><p>Größe'.encode("latin-1")


@pytest.mark.parametrize(
    ("content", "header", "expected"),
    [
        ("Größe".encode(), "text/html; charset=utf-8", "utf-8"),
        ("Größe".encode(), "text/html; charset=iso-8859-1", "utf-8"),
        ("Größe".encode(), None, "utf-8"),
        ("Größe".encode("latin-1"), "text/html; charset=iso-8859-1", "cp1252"),
        ("Größe".encode("latin-1"), None, "cp1252"),
        ("Größe".encode("latin-1"), "text/html; charset=utf-8", "cp1252"),
        (meta("iso-8859-2"), "text/html; charset=utf-8", "iso8859-2"),
        (meta("iso-8859-2"), "text/html", "iso8859-2"),
        (meta("no-such-charset"), None, "cp1252"),
        ("مرحبا بالعالم".encode("cp1256"), "text/html; charset=windows-1256", "cp1256"),
        (b"\xef\xbb\xbfx", "text/html; charset=iso-8859-1", "utf-8"),
        (b"\xff\xfex\x00", "text/html", "utf-16-le"),
        (b"plain", "text/html; charset=hex", "utf-8"),
        (b"plain", "text/html; charset=utf-7", "utf-8"),
        (b"plain", "text/html; charset=unicode_escape", "utf-8"),
        (b"plain", "text/html; charset=undefined", "utf-8"),
        (b"plain", "text/html; charset=\x00", "utf-8"),
        (b"", None, "utf-8"),
    ],
)
def test_charsets(content: bytes, header: str | None, expected: str) -> None:
    assert charset_of(content, header) == expected


RUSSIAN = "Городской совет во вторник вечером обсудил судьбу старого вокзала, который пустует уже двенадцать лет."
ARABIC = "اجتمع مجلس المدينة مساء الثلاثاء لمناقشة مستقبل محطة القطار القديمة التي ظلت خالية أكثر من اثني عشر عاما."


@pytest.mark.parametrize(
    ("text", "charset"),
    [(RUSSIAN, "cp1251"), (RUSSIAN, "koi8-r"), (ARABIC, "cp1256"), ("Größe und Maße, sagt Ähm. " * 20, "cp1252")],
)
def test_a_charset_is_guessed_where_nothing_is_declared(text: str, charset: str) -> None:
    content = f"<html><head><title>x</title></head><body class='a'><p>{text}</p></body></html>".encode(charset)
    assert text_of(content, "text/html")[1] == charset
    assert f"<p>{text}</p>" in text_of(content, None)[0]


@pytest.mark.parametrize(
    ("head", "header"),
    [
        (b"", "text/html; charset=iso-8859-1"),
        (b"", "text/html; charset=utf-8"),
        (b'<meta charset="windows-1252">', None),
        (b'<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-15">', "text/html; charset=utf-8"),
    ],
)
def test_no_charset_is_guessed_where_one_is_declared(head: bytes, header: str | None) -> None:
    assert charset_of(head + RUSSIAN.encode("cp1251"), header) in ("cp1252", "iso8859-15")


def test_a_label_that_names_no_charset_declares_nothing() -> None:
    assert charset_of(RUSSIAN.encode("cp1251"), "text/html; charset=no-such-charset") == "cp1251"


def test_no_charset_is_guessed_from_a_few_words_nor_for_long() -> None:
    assert charset_of(b"<p>The word " + "вокзал".encode("cp1251") + b" means station.", None) == "cp1252"
    started = time.process_time()
    charset_of(b"\xff" + b"x" * 5_000_000 + b"<p>", None)
    charset_of(b"\xff\xff\xff<" * 1_000_000, None)
    assert time.process_time() - started < 2


def test_a_few_damaged_bytes_do_not_change_the_charset() -> None:
    content = "Größe und Maße".encode() + b"\xff"
    assert text_of(content, "text/html; charset=utf-8") == ("Größe und Maße\ufffd", "utf-8")


@given(
    st.binary(max_size=200),
    st.sampled_from(
        [
            None,
            "text/html; charset=utf-8",
            "text/html; charset=shift_jis",
            "x; charset=utf-7",
            "text/html; charset=idna",
        ]
    ),
)
def test_every_payload_has_a_text(content: bytes, header: str | None) -> None:
    text, charset = text_of(content, header)
    assert isinstance(text, str)
    assert charset
