"""The loopback site of the benchmarks: real pages from memory, in a process of its own, http and https.

Belongs here: answers made in advance and the smallest server that sends them, so that it never is what is measured. Paths:

    /robots.txt          404 on every host
    the pages' own       a page by its own host name and path
    /listing/N           links to /page/0.html ... /page/N-1.html
    /page/I.html         page I modulo their number, ending in a comment that names I, so that no two payloads are equal
    /huge/N              N MiB of one HTML page
"""

from __future__ import annotations

import asyncio
import gzip
import multiprocessing
import ssl
import tempfile
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from time import process_time
from types import TracebackType
from typing import Any, cast
from urllib.parse import urlsplit

from benchmarks.pages import HTML, RealPage, load_pages

MEBIBYTE = 2**20
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 10\r\n\r\nnot found\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """A page ready to be sent: plain, and compressed without its last deflate block, so that a tail can be appended."""

    body: bytes
    deflated: bytes
    crc: int
    content_type: str

    def send(self, packed: bool, tail: bytes = b"") -> bytes:
        """The whole HTTP answer, head and body."""
        return self._packed(tail) if packed else self._plain(tail)

    def _plain(self, tail: bytes) -> bytes:
        return b"".join((self._head(len(self.body) + len(tail), ""), self.body, tail))

    def _packed(self, tail: bytes) -> bytes:
        size = len(tail)
        # One stored deflate block (RFC 1951, 3.2.4) holds the tail and ends the stream.
        last = b"\x01" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + tail
        crc = zlib.crc32(tail, self.crc)
        end = crc.to_bytes(4, "little") + ((len(self.body) + size) & 0xFFFFFFFF).to_bytes(4, "little")
        length = len(_GZIP_HEAD) + len(self.deflated) + len(last) + len(end)
        head = self._head(length, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n")
        return b"".join((head, _GZIP_HEAD, self.deflated, last, end))

    def _head(self, length: int, more: str) -> bytes:
        return (
            f"HTTP/1.1 200 OK\r\nServer: benchmark\r\nContent-Type: {self.content_type}\r\n{more}"
            f"Content-Length: {length}\r\n\r\n"
        ).encode()


def answer_of(page: RealPage) -> Answer:
    """The page compressed once, as far as a full flush."""
    machine = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = machine.compress(page.body) + machine.flush(zlib.Z_FULL_FLUSH)
    return Answer(page.body, deflated, zlib.crc32(page.body), page.content_type)


def tail_of(number: int) -> bytes:
    """What makes page `number` of the endless sequence differ from every other."""
    return b"<!-- page %d of the benchmark -->\n" % number


def place_of(url: str) -> tuple[bytes, bytes]:
    """(host in lower case, request target) of a page's URL, as they are on the wire."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return parts.netloc.lower().encode(), target.encode()


class Pages:
    """What the site answers, by request; the parent makes one as well, to know what must have been recorded."""

    def __init__(self, pages: list[RealPage]) -> None:
        self.answers = [answer_of(page) for page in pages]
        self._by_place = {place_of(page.url): answer for page, answer in zip(pages, self.answers, strict=True)}
        self.served = 0

    def find(self, request: bytes) -> bytes | int:
        """The answer to a request's head; a number of MiB for a huge page."""
        target = request.split(b" ", 2)[1]
        fields = request.lower()
        packed = b"gzip" in _field(fields, b"\naccept-encoding:")
        if found := self._by_place.get((_field(fields, b"\nhost:"), target)):
            self.served += 1
            return found.send(packed)
        kind, _, rest = target[1:].partition(b"/")
        number = rest.removesuffix(b".html")
        if not number.isdigit():
            return _NOT_FOUND
        return self._endless(kind, int(number), packed)

    def _endless(self, kind: bytes, number: int, packed: bool) -> bytes | int:
        if kind == b"page":
            self.served += 1
            return self.answers[number % len(self.answers)].send(packed, tail_of(number))
        if kind == b"listing":
            links = "".join(f'<li><a href="/page/{index}.html">page {index}</a>\n' for index in range(number))
            page = f"<!doctype html><title>All pages</title><ul>\n{links}</ul>\n".encode()
            return answer_of(RealPage("", page, HTML)).send(packed)
        return number if kind == b"huge" else _NOT_FOUND


def _field(head: bytes, name: bytes) -> bytes:
    start = head.find(name)
    if start < 0:
        return b""
    start += len(name)
    return head[start : head.index(b"\r", start)].strip()


class _Server(asyncio.Protocol):
    def __init__(self, pages: Pages) -> None:
        self._pages, self._held = pages, b""
        self._room = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._room.set()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def data_received(self, data: bytes) -> None:
        self._held += data
        while (end := self._held.find(b"\r\n\r\n")) >= 0:
            head, self._held = self._held[: end + 2], self._held[end + 4 :]
            answer = self._pages.find(head)
            if isinstance(answer, int):
                self._huge = asyncio.ensure_future(self._send_huge(answer))
            else:
                self._transport.write(answer)

    async def _send_huge(self, mebibytes: int) -> None:
        begin, end = b"<!doctype html><title>Huge</title><p>", b"\n</p>\n"
        line = b"This page is much longer than any page should be, and no part of it is news at all.\n"
        block = (line * (MEBIBYTE // len(line) + 1))[:MEBIBYTE]
        size = len(begin) + mebibytes * MEBIBYTE + len(end)
        self._transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % size + begin
        )
        for _ in range(mebibytes):
            await self._room.wait()
            if self._transport.is_closing():
                return
            self._transport.write(block)
        self._transport.write(end)


@dataclass(frozen=True, slots=True)
class Served:
    """What the site had done by the time it was asked: pages sent, CPU seconds spent."""

    pages: int
    cpu: float


class LoopbackSite:
    """The site as a context manager. `http_port` and `https_port` are on 127.0.0.1; `limit` as in `load_pages`."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit

    def __enter__(self) -> LoopbackSite:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_run, args=(self._limit, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self.http_port, self.https_port = cast(tuple[int, int], self._pipe.recv())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.close()
        self._process.join()

    @property
    def base(self) -> str:
        """The site by its address, for programs that know no other way to it."""
        return f"http://127.0.0.1:{self.http_port}"

    def served(self) -> Served:
        self._pipe.send("served")
        return cast(Served, self._pipe.recv())


def _run(limit: int | None, pipe: Connection) -> None:
    asyncio.run(_serve(Pages(load_pages(limit)), pipe))


async def _serve(pages: Pages, pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    plain = await loop.create_server(lambda: _Server(pages), "127.0.0.1", 0, backlog=1024)
    secure = await loop.create_server(lambda: _Server(pages), "127.0.0.1", 0, backlog=1024, ssl=_certificate())
    pipe.send((plain.sockets[0].getsockname()[1], secure.sockets[0].getsockname()[1]))
    ended = asyncio.Event()

    def asked() -> None:
        try:
            pipe.recv()
            pipe.send(Served(pages.served, process_time()))
        except (EOFError, OSError):
            loop.remove_reader(pipe.fileno())
            ended.set()

    loop.add_reader(pipe.fileno(), asked)
    await ended.wait()


def _certificate() -> ssl.SSLContext:
    """One self-signed certificate for whatever name is asked for; the crawl is told not to verify."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback benchmark")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private: Any = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(private + certificate.public_bytes(pem))
        context.load_cert_chain(file.name)
    return context


def decoded(answer: bytes) -> bytes:
    """The body of an answer as a reader sees it."""
    head, _, body = answer.partition(b"\r\n\r\n")
    return gzip.decompress(body) if b"Content-Encoding: gzip" in head else body
