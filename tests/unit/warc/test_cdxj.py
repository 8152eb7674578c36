"""Index lines, compared with what cdxj-indexer makes of the same file."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cdxj_indexer.main import CDXJIndexer

from archiver.warc import WarcWriter
from tests.unit.warc.conftest import START, exchange, http

BODIES = [
    (b"application/x-www-form-urlencoded", b"b=2&a=x+y%26"),
    (b"application/x-www-form-urlencoded", b"b=\xff"),
    (b"application/json", b'{"a": 1, "b": {"c": "d e", "a": [2, 3, null, true]}}'),
    (b"application/json", b"no json"),
    (b"text/plain", b'{"a": 1}'),
    (b"text/plain", b"just text"),
    (b"application/octet-stream", bytes(range(64))),
    (
        b"multipart/form-data; boundary=xx",
        b'--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\none two\r\n--xx\r\nContent-Disposition: form-data; '
        b'name="f"; filename="f.bin"\r\nContent-Type: application/octet-stream\r\n\r\n\x00\x01\r\n--xx--\r\n',
    ),
]

Make = Callable[..., WarcWriter]


def read_cdxj(path: Path) -> list[tuple[str, str, dict[str, str]]]:
    lines = [line.split(" ", 2) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    return [(key, stamp, json.loads(text)) for key, stamp, text in lines]


def theirs(path: Path) -> list[tuple[str, str, dict[str, str]]]:
    out = io.StringIO()
    CDXJIndexer(output=out, inputs=[str(path)], sort=True, post_append=True).process_all()
    lines = [line.split(" ", 2) for line in out.getvalue().splitlines()]
    return [(key, stamp, json.loads(text)) for key, stamp, text in lines]


def normal(line: tuple[str, str, dict[str, Any]], key: str, name: str) -> tuple[str, str, dict[str, Any]]:
    surt, stamp, values = line
    kept = {k: v for k, v in values.items() if k not in ("fetch_time", "warc_record_id", "requestBody", "method")}
    kept["filename"] = str(kept["filename"]).replace(key, name)
    if kept.get("mime") == "unk":
        del kept["mime"]
    return surt, stamp, kept


def test_lines_are_what_cdxj_indexer_makes(make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange("https://www.Example.com/B?b=2&a=1"))
    writer.write(exchange("https://example.com/again?utm_source=x"))
    writer.write(exchange("http://example.com:8080/", response=http(b"", status="HTTP/1.1 302 Found")))
    writer.write(exchange("https://example.com/\u00e9", response=http(b"no type").replace(b"Content-Type", b"X-Type")))
    for number, (kind, body) in enumerate(BODIES):
        request = b"POST /q HTTP/1.1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, len(body))
        url = f"https://example.com/q{number}"
        writer.write(exchange(url, method="POST", request=request + body, response=http(b"post %d" % number)))
    writer.write(exchange("https://example.com/put?a=b", method="PUT", request=b"PUT / HTTP/1.1\r\n\r\n"))
    (sealed,) = writer.close()
    ours = [normal(line, sealed.key, sealed.path.name) for line in read_cdxj(sealed.cdxj_path)]
    others = [normal(line, sealed.key, sealed.path.name) for line in theirs(sealed.path)]
    assert sorted(ours, key=str) == sorted(others, key=str)


def test_lines_are_sorted_by_bytes_and_keep_microseconds(make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange("https://example.com/x", started=START.replace(microsecond=900000), response=http(b"target")))
    moved = http(b"", "Location: https://example.com/x", status="HTTP/1.1 301 Moved")
    writer.write(exchange("http://www.example.com/x", started=START.replace(microsecond=100000), response=moved))
    (sealed,) = writer.close()
    lines = gzip.decompress(sealed.cdxj_path.read_bytes()).splitlines()
    assert lines == sorted(lines)
    statuses = [values["status"] for _, _, values in read_cdxj(sealed.cdxj_path)]
    assert statuses == ["301", "200"]
    first = read_cdxj(sealed.cdxj_path)[0][2]
    assert list(first) == [
        "fetch_time",
        "url",
        "mime",
        "status",
        "digest",
        "length",
        "offset",
        "filename",
        "warc_record_id",
    ]
    assert all(isinstance(value, str) for value in first.values())
    assert first["filename"] == sealed.key
