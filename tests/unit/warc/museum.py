"""WARCs as code: a sound little file, and one change for every fault of the validators' table.

`SOUND` are files that must pass, `BROKEN` are (rule, file) pairs that must be refused by that rule's name. Nothing here uses
the writer under test: a file is made of records, a record of a list of fields and a block.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

NAME = "example-20261124120000123-00000-r1.warc.gz"
DATE = "2026-11-24T12:00:00.123456Z"
URL = "https://example.com/news/1"
BODY = b"<html>" + b"<p>A sentence of the page.</p>" * 30 + b"</html>"
INFO = b"software: news-archiver/0.1\r\narc-run-id: r1\r\nhttp-header-user-agent: Bot/1\r\n"
FOREIGN_INFO = b"software: other/1\r\n"
REQUEST = b"GET /news/1 HTTP/1.1\r\nHost: example.com\r\n\r\n"
DIGEST_PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"


def rid(number: int) -> str:
    return f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>"


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def body_of(block: bytes) -> bytes:
    return re.split(rb"\n\r?\n", block, maxsplit=1)[-1]


@dataclass
class Rec:
    """One record: fields in order, block, what follows it, version."""

    fields: list[tuple[str, str]]
    block: bytes
    end: bytes = b"\r\n\r\n"
    version: str = "1.1"
    length: int | None = None
    drop_length: bool = False

    def put(self, name: str, value: str) -> Rec:
        """Replace a field, or add it at the end."""
        if any(key == name for key, _ in self.fields):
            self.fields = [(key, value if key == name else old) for key, old in self.fields]
        else:
            self.fields.append((name, value))
        return self

    def drop(self, *names: str) -> Rec:
        self.fields = [(key, value) for key, value in self.fields if key not in names]
        return self

    def add(self, name: str, value: str) -> Rec:
        self.fields.append((name, value))
        return self

    def new_block(self, block: bytes) -> Rec:
        """Another block with right digests."""
        self.block = block
        if any(key == "WARC-Block-Digest" for key, _ in self.fields):
            self.put("WARC-Block-Digest", sha1(block))
        if any(key == "WARC-Payload-Digest" for key, _ in self.fields):
            self.put("WARC-Payload-Digest", sha1(body_of(block)))
        return self

    def raw(self) -> bytes:
        fields = "".join(f"{name}: {value}\r\n" for name, value in self.fields)
        length = len(self.block) if self.length is None else self.length
        fields += "" if self.drop_length else f"Content-Length: {length}\r\n"
        return f"WARC/{self.version}\r\n{fields}\r\n".encode() + self.block + self.end


@dataclass
class File:
    """A list of records, and how they become bytes."""

    records: list[Rec] = field(default_factory=list)
    name: str = NAME
    plain: bool = False
    pack: Callable[[list[bytes]], bytes] = lambda raws: b"".join(gzip.compress(raw, 6, mtime=0) for raw in raws)

    def raw(self) -> bytes:
        raws = [record.raw() for record in self.records]
        return b"".join(raws) if self.plain else self.pack(raws)


def head(kind: str, number: int, *more: tuple[str, str]) -> list[tuple[str, str]]:
    target = [] if kind == "warcinfo" else [("WARC-Target-URI", URL)]
    return [("WARC-Type", kind), ("WARC-Record-ID", rid(number)), ("WARC-Date", DATE), *target, *more]


def warcinfo(block: bytes = INFO, name: str = NAME) -> Rec:
    fields = head("warcinfo", 1, ("WARC-Filename", name), ("WARC-Block-Digest", sha1(block)))
    return Rec([*fields, ("Content-Type", "application/warc-fields")], block)


def message(body: bytes = BODY, *lines: str, status: str = "HTTP/1.1 200 OK", length: int | None = None) -> bytes:
    stated = len(body) if length is None else length
    return "\r\n".join([status, "Content-Type: text/html", *lines, f"Content-Length: {stated}", "", ""]).encode() + body


def response(block: bytes | None = None, number: int = 2) -> Rec:
    block = message() if block is None else block
    digests = ("WARC-Block-Digest", sha1(block)), ("WARC-Payload-Digest", sha1(body_of(block)))
    fields = head("response", number, *digests)
    return Rec([*fields, ("Content-Type", "application/http; msgtype=response")], block)


def request(block: bytes = REQUEST, number: int = 3, answer: int = 2) -> Rec:
    digests = ("WARC-Block-Digest", sha1(block)), ("WARC-Payload-Digest", sha1(body_of(block)))
    fields = head("request", number, ("WARC-Concurrent-To", rid(answer)), *digests)
    return Rec([*fields, ("Content-Type", "application/http; msgtype=request")], block)


def metadata(number: int = 4, about: int = 2, block: bytes = b"arc-payload-sha256: 00\r\n") -> Rec:
    fields = head("metadata", number, ("WARC-Refers-To", rid(about)), ("WARC-Block-Digest", sha1(block)))
    return Rec([*fields, ("Content-Type", "application/warc-fields")], block)


def revisit(number: int = 5, original: int = 2) -> Rec:
    block = message().removesuffix(BODY)
    fields = head(
        "revisit",
        number,
        ("WARC-Profile", DIGEST_PROFILE),
        ("WARC-Refers-To", rid(original)),
        ("WARC-Refers-To-Target-URI", URL),
        ("WARC-Refers-To-Date", DATE),
        ("WARC-Block-Digest", sha1(block)),
        ("WARC-Payload-Digest", sha1(BODY)),
        ("WARC-Truncated", "length"),
    )
    return Rec([*fields, ("Content-Type", "application/http; msgtype=response")], block)


def side(kind: str = "resource", number: int = 8, target: str = f"urn:pageinfo:{URL}") -> Rec:
    block = b'{"a": 1}'
    more = [("WARC-Refers-To", rid(2))] if kind == "conversion" else []
    fields = head(kind, number, *more, ("WARC-Block-Digest", sha1(block)), ("WARC-Payload-Digest", sha1(block)))
    return Rec([*fields, ("Content-Type", "application/json")], block).put("WARC-Target-URI", target)


def sound() -> File:
    """warcinfo, response, request, metadata, revisit, request, metadata."""
    return File(
        [
            warcinfo(),
            response(),
            request(),
            metadata(),
            revisit(),
            request(number=6, answer=5),
            metadata(number=7, about=5),
        ]
    )


def changed(place: int, change: Callable[[Rec], object]) -> File:
    """The sound file with one record changed."""
    file = sound()
    change(file.records[place])
    return file


def with_response(block: bytes, *lines_of_metadata: str) -> File:
    """A file with one capture of another block."""
    notes = "".join(f"{line}\r\n" for line in ("arc-payload-sha256: 00", *lines_of_metadata)).encode()
    return File([warcinfo(), response(block), request(), metadata(block=notes)])


def foreign(*records: Rec, version: str = "1.0") -> File:
    """Another crawler's file."""
    file = File([warcinfo(FOREIGN_INFO), *records])
    for record in file.records:
        record.version = version
        record.put("WARC-Date", "2026-11-24T12:00:00Z")
    return file


def chunked(body: bytes = BODY) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"


def chunked_block(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body


def truncated_member(raws: list[bytes]) -> bytes:
    return File.pack(raws)[:-9]


def _request_end() -> Rec:
    record = request()
    record.end = b"\r\n"
    return record


def _length(change: int) -> Callable[[Rec], object]:
    def shift(record: Rec) -> None:
        record.length = len(record.block) + change

    return shift


SOUND: dict[str, Callable[[], File]] = {
    "all record types": lambda: File([*sound().records, side(), side("conversion", 9, "urn:social-post:x:1")]),
    "head with bare LF": lambda: with_response(message().replace(b"\r\n", b"\n")),
    "empty reason": lambda: with_response(message(status="HTTP/1.1 200 ")),
    "no reason": lambda: with_response(message(status="HTTP/1.0 200")),
    "gzip-coded body": lambda: with_response(message(gzip.compress(BODY), "Content-Encoding: gzip")),
    "deflate-coded body": lambda: with_response(message(zlib.compress(BODY)[2:-4], "Content-Encoding: deflate")),
    "renamed transfer-encoding": lambda: with_response(message(BODY, "X-Crawler-Transfer-Encoding: chunked", length=5)),
    "answer to HEAD": lambda: File(
        [warcinfo(), response(message(b"", length=999)), request(b"HEAD / HTTP/1.1\r\n\r\n"), metadata()]
    ),
    "304": lambda: with_response(message(b"", status="HTTP/1.1 304 Not Modified", length=999)),
    "a server that lies about its coding": lambda: with_response(
        message(BODY, "Content-Encoding: gzip"), "arc-note: content-encoding-untrue"
    ),
    "foreign: stored chunked body": lambda: foreign(
        response(chunked_block(chunked())).put("WARC-Payload-Digest", sha1(BODY))
    ),
    "foreign: SHA-256 hex": lambda: foreign(
        response()
        .put("WARC-Block-Digest", "sha256:" + hashlib.sha256(message()).hexdigest())
        .put("WARC-Payload-Digest", "sha256:" + hashlib.sha256(BODY).hexdigest())
    ),
    "foreign: WARC-Protocol h2": lambda: foreign(
        response().add("WARC-Protocol", "h2").add("WARC-Protocol", "tls/1.3"), version="1.1"
    ),
    "foreign: request before response": lambda: foreign(request(), response()),
    "foreign: not compressed": lambda: _plain(foreign(response(), request())),
}

BROKEN: dict[str, tuple[str, Callable[[], File]]] = {
    "wrong block digest": ("block-digest", lambda: changed(1, lambda r: r.put("WARC-Block-Digest", sha1(b"?")))),
    "wrong payload digest": ("payload-digest", lambda: changed(2, lambda r: r.put("WARC-Payload-Digest", sha1(b"?")))),
    "digest of the decoded body": (
        "payload-digest",
        lambda: _with(
            with_response(message(gzip.compress(BODY), "Content-Encoding: gzip")), 1, "WARC-Payload-Digest", sha1(BODY)
        ),
    ),
    "payload digest over chunk framing": (
        "payload-digest",
        lambda: foreign(response(chunked_block(chunked())).put("WARC-Payload-Digest", sha1(chunked()))),
    ),
    "Content-Encoding header on decoded body": (
        "content-encoding",
        lambda: with_response(message(BODY, "Content-Encoding: gzip")),
    ),
    "br header on decoded body": ("content-encoding", lambda: with_response(message(BODY, "Content-Encoding: br"))),
    "zstd header on decoded body": ("content-encoding", lambda: with_response(message(BODY, "Content-Encoding: zstd"))),
    "deflate header on decoded body": (
        "content-encoding",
        lambda: with_response(message(BODY, "Content-Encoding: deflate")),
    ),
    "Transfer-Encoding on unchunked body": ("transfer-encoding", lambda: with_response(chunked_block(BODY))),
    "foreign: Transfer-Encoding on unchunked body": (
        "transfer-encoding",
        lambda: foreign(response(chunked_block(BODY))),
    ),
    "Content-Length too large": ("content-length", lambda: with_response(message(length=len(BODY) + 7))),
    "short body without WARC-Truncated": ("truncated", lambda: with_response(message(length=len(BODY) + 7))),
    "Content-Length too small": ("content-length", lambda: with_response(message(length=len(BODY) - 7))),
    "whole-file gzip": ("gzip-member", lambda: _packed(lambda raws: gzip.compress(b"".join(raws)))),
    "two records in a member": (
        "gzip-member",
        lambda: _packed(lambda raws: File.pack([raws[0], raws[1] + raws[2], *raws[3:]])),
    ),
    "damaged member": ("gzip-member", lambda: _packed(lambda raws: _flipped(File.pack(raws)))),
    "last member cut": ("gzip-truncated", lambda: _packed(truncated_member)),
    "garbage after the last member": ("gzip-trailing", lambda: _packed(lambda raws: File.pack(raws) + b"garbage")),
    "one CRLF at record end": ("record-end", lambda: changed(1, lambda r: setattr(r, "end", b"\r\n"))),
    "Content-Length of the record too short": ("record-length", lambda: changed(1, _length(-3))),
    "Content-Length of the record too long": ("record-length", lambda: changed(1, _length(50))),
    "WARC-Date missing": ("field-missing", lambda: changed(1, lambda r: r.drop("WARC-Date"))),
    "WARC-Type missing": ("field-missing", lambda: changed(3, lambda r: r.drop("WARC-Type"))),
    "record Content-Length missing": ("field-missing", lambda: changed(3, lambda r: setattr(r, "drop_length", True))),
    "target missing": ("field-missing", lambda: changed(1, lambda r: r.drop("WARC-Target-URI"))),
    "record id missing": ("record-id", lambda: changed(3, lambda r: r.drop("WARC-Record-ID"))),
    "record id unbracketed": ("record-id", lambda: changed(3, lambda r: r.put("WARC-Record-ID", rid(4)[1:-1]))),
    "time-based record id": (
        "record-id",
        lambda: changed(3, lambda r: r.put("WARC-Record-ID", "<urn:uuid:00000000-0000-1000-8000-000000000004>")),
    ),
    "Refers-To on a response": ("field-for-type", lambda: changed(1, lambda r: r.add("WARC-Refers-To", rid(3)))),
    "payload digest on metadata": (
        "field-for-type",
        lambda: changed(3, lambda r: r.add("WARC-Payload-Digest", sha1(r.block))),
    ),
    "field repeated": ("field-repeated", lambda: changed(1, lambda r: r.add("WARC-Target-URI", URL))),
    "duplicate record id": ("id-unique", lambda: changed(3, lambda r: r.put("WARC-Record-ID", rid(3)))),
    "Concurrent-To to nowhere": ("link", lambda: changed(2, lambda r: r.put("WARC-Concurrent-To", rid(77)))),
    "revisit without profile": ("revisit-profile", lambda: changed(4, lambda r: r.drop("WARC-Profile"))),
    "revisit without any Refers-To": (
        "revisit-target",
        lambda: changed(4, lambda r: r.drop("WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date")),
    ),
    "revisit of nothing": ("revisit-original", lambda: changed(4, lambda r: r.put("WARC-Refers-To", rid(77)))),
    "revisit of a request": ("revisit-original", lambda: changed(4, lambda r: r.put("WARC-Refers-To", rid(3)))),
    "revisit of a cut original": (
        "revisit-original",
        lambda: changed(1, lambda r: r.add("WARC-Truncated", "length")),
    ),
    "revisit with another date": (
        "revisit-original",
        lambda: changed(4, lambda r: r.put("WARC-Refers-To-Date", "2026-11-24T12:00:00.000000Z")),
    ),
    "target in brackets": ("uri-form", lambda: changed(1, lambda r: r.put("WARC-Target-URI", f"<{URL}>"))),
    "target with non-ASCII": ("uri-form", lambda: changed(1, lambda r: r.put("WARC-Target-URI", URL + "é"))),
    "target with a space": ("uri-form", lambda: changed(1, lambda r: r.put("WARC-Target-URI", URL + "/a b"))),
    "target with a fragment": ("uri-form", lambda: changed(1, lambda r: r.put("WARC-Target-URI", URL + "#a"))),
    "IP with port": ("ip-form", lambda: changed(1, lambda r: r.add("WARC-IP-Address", "192.0.2.1:443"))),
    "IPv6 written long": ("ip-form", lambda: changed(1, lambda r: r.add("WARC-IP-Address", "2001:DB8:0:0:0:0:0:1"))),
    "date with offset": (
        "date-form",
        lambda: changed(1, lambda r: r.put("WARC-Date", "2026-11-24T12:00:00.123456+00:00")),
    ),
    "date without fraction": ("date-form", lambda: changed(3, lambda r: r.put("WARC-Date", "2026-11-24T12:00:00Z"))),
    "HTTP/2 status line": ("status-line", lambda: with_response(message(status="HTTP/2 200"))),
    "warcinfo says 1.0": ("version", lambda: changed(0, lambda r: setattr(r, "version", "1.0"))),
    "no warcinfo": ("warcinfo-first", lambda: _ours_without_info()),
    "another file name": ("filename", lambda: changed(0, lambda r: r.put("WARC-Filename", "other.warc.gz"))),
    "folded field": ("fold", lambda: changed(3, lambda r: r.add("X-Note", "one\r\n two"))),
    "SHA-256 in ours": (
        "digest-form",
        lambda: changed(1, lambda r: r.put("WARC-Block-Digest", "sha256:" + hashlib.sha256(r.block).hexdigest())),
    ),
    "unknown WARC-Truncated": ("truncated", lambda: changed(1, lambda r: r.add("WARC-Truncated", "tired"))),
    "resource that shadows a page": ("shadow", lambda: File([*sound().records, side(target=URL)])),
    "unredacted secret": (
        "secret",
        lambda: changed(2, lambda r: r.new_block(REQUEST.replace(b"\r\n\r\n", b"\r\nAuthorization: Bearer x\r\n\r\n"))),
    ),
    "page id that is none": ("page-id", lambda: changed(1, lambda r: r.add("WARC-Page-ID", "page one"))),
}


def _plain(file: File) -> File:
    file.plain = True
    return file


def _with(file: File, place: int, name: str, value: str) -> File:
    file.records[place].put(name, value)
    return file


def _packed(pack: Callable[[list[bytes]], bytes]) -> File:
    file = sound()
    file.pack = pack
    return file


def _flipped(raw: bytes) -> bytes:
    """One bit in the CRC of the first member."""
    second = raw.index(b"\x1f\x8b\x08", 3)
    return raw[: second - 7] + bytes([raw[second - 7] ^ 1]) + raw[second - 6 :]


def _ours_without_info() -> File:
    file = sound()
    file.records = file.records[1:]
    return file
