"""From a stored body to bytes and text: the one decoder of the live and of the re-extraction path.

Belongs here: undoing Content-Encoding within bounds, and choosing the charset. What a page means is for `extract`.
"""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Callable

import brotli
import charset_normalizer
import zstandard
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom, resolve_encoding

from archiver.errors import Refused
from archiver.reasons import Reason

DECODED_MAX = 64 * 2**20
"""Bytes after decoding beyond which a page is refused as `too-large` (zip bombs end here)."""

_NO_CHARSETS = frozenset(
    ("charmap", "idna", "mbcs", "oem", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7")
)
"""Python codecs for text that are no charsets of the web; some cannot even replace what they cannot read."""

_GUESSED = [
    "cp1252",
    "cp1251",
    "koi8_r",
    "cp1256",
    "cp1253",
    "cp1255",
    "gb18030",
    "big5",
    "shift_jis",
    "euc_jp",
    "euc_kr",
]
"""What may be guessed where nothing is declared: charsets of scripts other than Latin, in which newspapers were written."""
_OTHER_SCRIPT = re.compile(rb"[\x80-\xff]{3,}")
_OTHER_TEXT = re.compile(rb"[\x80-\xff][^<>]{0,2000}")
GUESS_FROM, GUESS_BYTES = 40, 20_000
"""Bytes beyond ASCII, mostly in rows of three and more, from which a charset is guessed; bytes of text that are looked at."""

_CODING = re.compile(r"\s*,\s*")
_STEP = 2**20


def decode(body: bytes, content_encoding: list[str], limit: int = DECODED_MAX) -> bytes:
    """`body` without its codings, last applied first. `content_encoding`: the header's values.

    Raises `Refused` (`undecodable`, `too-large`). A body cut in the middle of a coding gives what can be read. A body
    that is not in the coding its header claims is returned as it is when it looks like text: servers lie.
    """
    names = [name.lower() for value in content_encoding for name in _CODING.split(value.strip()) if name]
    for name in reversed(names):
        if name in ("identity", "none", "utf-8", ""):
            continue
        decoder = _DECODERS.get(name)
        if decoder is None:
            raise Refused(Reason.UNDECODABLE, f"unknown Content-Encoding {name!r}")
        body = decoder(body, limit)
    if len(body) > limit:
        raise Refused(Reason.TOO_LARGE, f"more than {limit} bytes")
    return body


def _inflate(body: bytes, limit: int, wbits: int) -> bytes:
    out, rest = bytearray(), body
    while rest:
        machine = zlib.decompressobj(wbits)
        try:
            out += machine.decompress(rest, limit + 1 - len(out))
        except zlib.error as error:
            if out:
                break  # what could be read stands; a damaged tail is the server's
            raise Refused(Reason.UNDECODABLE, f"not in the claimed coding: {error}") from None
        if len(out) > limit:
            raise Refused(Reason.TOO_LARGE, f"decodes to more than {limit} bytes")
        if not machine.eof:
            break
        rest = machine.unused_data if wbits > zlib.MAX_WBITS else b""
    return bytes(out)


def _gzip(body: bytes, limit: int) -> bytes:
    if body and not body.startswith(b"\x1f\x8b"):
        return body  # a server that names a coding it did not apply; browsers show the bytes
    return _inflate(body, limit, 16 + zlib.MAX_WBITS)


def _deflate(body: bytes, limit: int) -> bytes:
    try:
        return _inflate(body, limit, zlib.MAX_WBITS)
    except Refused as refused:
        if refused.reason is not Reason.UNDECODABLE:
            raise
        return _inflate(body, limit, -zlib.MAX_WBITS)


def _brotli(body: bytes, limit: int) -> bytes:
    machine, out = brotli.Decompressor(), bytearray()
    try:
        piece = machine.process(body, output_buffer_limit=_STEP)
        while piece and len(out) <= limit:
            out += piece
            piece = machine.process(b"", output_buffer_limit=_STEP)
    except brotli.error as error:
        raise Refused(Reason.UNDECODABLE, f"not in the claimed coding: {error}") from None
    if len(out) > limit:
        raise Refused(Reason.TOO_LARGE, f"decodes to more than {limit} bytes")
    return bytes(out)


def _zstd(body: bytes, limit: int) -> bytes:
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(body, read_across_frames=True) as stream:
            out = bytearray()
            while len(out) <= limit and (piece := stream.read(_STEP)):
                out += piece
    except zstandard.ZstdError as error:
        raise Refused(Reason.UNDECODABLE, f"not in the claimed coding: {error}") from None
    if len(out) > limit:
        raise Refused(Reason.TOO_LARGE, f"decodes to more than {limit} bytes")
    return bytes(out)


_DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}


def charset_of(content: bytes, content_type: str | None) -> str:
    """The charset of an HTML or XML payload by the browsers' order: BOM, header, declaration, UTF-8 if valid, a guess, windows-1252.

    One label is not believed: UTF-8 over bytes that are mostly none, which is how a page looks when only its server's
    configuration was modernised. Returns a Python codec name that exists. A detector is asked only where nothing is declared,
    the bytes are no UTF-8, and whole words lie beyond ASCII, which no text in windows-1252 has.
    """
    bom, _ = read_bom(content)
    if bom:
        return bom
    claimed = http_content_type_encoding(content_type) if content_type else None
    labels = (claimed, html_body_declared_encoding(content[:4096]))
    for label in labels:
        known = resolve_encoding(label) if label else None
        if not known or not _is_text_codec(known):
            continue
        if known != "utf-8" and _is_utf8(content):
            # Valid UTF-8 with non-ASCII bytes is UTF-8 whatever the label says; ASCII reads the same in both.
            return "utf-8" if not content.isascii() else known
        if known != "utf-8" or _is_mostly_utf8(content):
            return known
    if _is_utf8(content):
        return "utf-8"
    return "cp1252" if any(labels) else _guessed(content)


def _guessed(content: bytes) -> str:
    """The charset of undeclared text in another script; windows-1252 for Latin letters and where nothing is sure."""
    pieces, size = [], 0
    for found in _OTHER_TEXT.finditer(content):
        pieces.append(found[0])
        size += len(found[0])
        if size >= GUESS_BYTES:
            break
    text = b" ".join(pieces)
    beyond = sum(byte > 127 for byte in text)
    if beyond < GUESS_FROM or 2 * sum(map(len, _OTHER_SCRIPT.findall(text))) < beyond:
        return "cp1252"
    best = charset_normalizer.from_bytes(text, cp_isolation=_GUESSED).best()
    return codecs.lookup(best.encoding).name if best else "cp1252"


def text_of(content: bytes, content_type: str | None) -> tuple[str, str]:
    """(text, charset). Bytes that the charset cannot hold become U+FFFD; a BOM is removed."""
    charset = charset_of(content, content_type)
    return content.decode(charset, "replace").removeprefix("\ufeff"), charset


def _is_text_codec(name: str) -> bool:
    try:
        codec = codecs.lookup(name)
        return codec.name not in _NO_CHARSETS and bool(getattr(codec, "_is_text_encoding", True))
    except LookupError:
        return False


def _is_mostly_utf8(content: bytes) -> bool:
    """Whether the bytes are UTF-8 but for some damage: more sequences can be read than cannot."""
    if _is_utf8(content):
        return True
    text = content.decode("utf-8", "replace")
    unread = text.count("\ufffd")
    return len(text) - len(text.encode("ascii", "ignore")) - unread > unread


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
