"""Whatever a server sends, our file passes our own gate and gives back what was written."""

from __future__ import annotations

import gzip
import random
import zlib
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator

from archiver.models import Exchange, Truncated
from archiver.warc import WarcWriter, check_cdxj, check_pointers, check_warc, read_capture_at, read_captures
from tests.unit.warc.conftest import INFO, PAGE, START, exchange

STATUS = [
    b"HTTP/1.1 200 OK",
    b"HTTP/1.0 200",
    b"HTTP/1.1 404 Caf\xe9",
    b"HTTP/1.1 304 Not Modified",
    b"HTTP/1.1 204 No Content",
    b"HTTP/2 200",
    b"HTTP/1.1 99",
    b"HTTP/1.1  301  Two  spaces",
    b"ICY 200 OK",
    b"",
    b"\x00\xff garbage",
    b"HTTP/1.1 100 Continue",
]
HEADERS = [
    b"Content-Type: text/html; charset=utf-8",
    b"Content-Type: image/png",
    b"content-type:",
    b"Transfer-Encoding: chunked",
    b"transfer-encoding : gzip, chunked",
    b"Content-Encoding: gzip",
    b"Content-Encoding: br",
    b"Content-Encoding: deflate, gzip",
    b"Content-Encoding: zstd",
    b"Content-Encoding: nonsense",
    b"Content-Length: 5",
    b"Content-Length: 5, 5",
    b"Content-Length: 7",
    b"Content-Length: -1",
    b"Content-Length: 99999999999999999999999",
    b"no colon",
    b" folded value",
    b": no name",
    b"Set-Cookie: a=b",
    b"X-Crawler-Transfer-Encoding: fake",
    b"ETag: \xff\x00",
    b"Location: /x y",
]
BODIES = [
    b"",
    b"hello",
    PAGE,
    gzip.compress(PAGE),
    zlib.compress(PAGE),
    b"5\r\nhello\r\n0\r\n\r\n",
    b"5\r\nhel",
    b"\r\n\r\n",
    b"WARC/1.1\r\n",
]
URLS = [
    "https://example.com/a",
    "http://example.com/a",
    "https://b\xfccher.example/\u00e4 b?q=<>#f",
    "https://example.com/?access_token=s",
]


def answer(chance: random.Random) -> bytes:
    line = chance.choice([b"\r\n", b"\r\n", b"\n"])
    lines = [
        chance.choice(STATUS[:4] if chance.random() < 0.6 else STATUS),
        *chance.sample(HEADERS, chance.randint(0, 6)),
    ]
    body = chance.choice(BODIES)
    if chance.random() < 0.3:
        lines.append(b"Content-Length: %d" % len(body))
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" if chance.random() < 0.1 else b""
    raw = interim + line.join([*lines, b"", b""]) + body
    return raw[: chance.randrange(1, len(raw) + 1)] if chance.random() < 0.15 else raw


def made(chance: random.Random) -> Exchange:
    method = chance.choice(["GET", "GET", "GET", "HEAD", "POST", "PUT"])
    target = chance.choice([b"/a", b"/?password=x&b=1"])
    request = (
        method.encode()
        + b" "
        + target
        + b" HTTP/1.1\r\nHost: e\r\nCookie: "
        + chance.choice([b"", b"a=b"])
        + b"\r\n\r\n"
    )
    return exchange(
        chance.choice(URLS),
        method=method,
        request=chance.choice([request, request + b'{"a": 1}', b"" if method == "GET" else request]),
        response=answer(chance),
        started=START.replace(microsecond=chance.randrange(10**6)),
        closed_by_peer=chance.random() < 0.7,
        truncated=chance.choice([None, None, None, *Truncated]),
        ip_address=chance.choice([None, "192.0.2.1", "2001:db8::1%eth0", "nonsense"]),
        tls_version=chance.choice([None, "TLSv1.3"]),
        tls_cipher=chance.choice([None, "ECDHE-RSA-AES128-SHA256"]),
        notes=chance.choice([(), ("odd\nnote",)]),
    )


@pytest.mark.parametrize("seed", range(10))
def test_any_answer_is_recorded_soundly(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    writer = WarcWriter(tmp_path, "example", INFO)
    pointers = [pointer for _ in range(50) if (pointer := writer.write(made(chance)))]
    (sealed,) = writer.close()
    assert [str(f) for f in check_warc(sealed.path, key=sealed.key) if f.severity == "error"] == []
    assert check_cdxj(sealed.cdxj_path, sealed.path) == []
    assert check_pointers(sealed.path, pointers) == []
    captures = list(read_captures(sealed.path, warc_filename=sealed.key))
    assert [capture.pointer for capture in captures] == pointers
    for capture in captures:
        pointer = capture.pointer
        at = read_capture_at(sealed.path, pointer.warc_record_offset, warc_filename=sealed.key)
        assert at == capture
    with sealed.path.open("rb") as file:
        records = [record for record in ArchiveIterator(file, parse_http=False) if record.verify_block_digest()]
    assert len(records) == sealed.records
