"""The sockets: three HTTP/1.1 servers on loopback, one an outlet, with keep-alive, gzip, chunks and conditional requests.

Belongs here: how pages go over the wire. What the pages are is for `site`; how answers go wrong is for `gallery`.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, NamedTuple

from archiver.demo import gallery
from archiver.demo.outlets import OUTLET_IDS, Outlet, edition
from archiver.demo.site import HTML, Page, Site

EDITION = datetime(2025, 11, 9, 15, 0, tzinfo=UTC)
"""The default clock stands here, so that every start serves the same bytes (on the same ports)."""

_CHUNK = 1733  # bytes of a chunk; an odd size, so that chunks end inside characters and tags


def edition_clock() -> datetime:
    """A clock that stands at `EDITION`."""
    return EDITION


class Asked(NamedTuple):
    """One request as the servers saw it, for tests that ask what a crawler did."""

    outlet: str
    method: str
    target: str
    user_agent: str | None


class DemoNewspaper:
    """Three outlets on `host`; a context manager. Port 0 lets the system choose.

    `clock` gives aware datetimes: pages are made once, at `start()`, for that moment; the Date header asks it each time.
    `slow_seconds` is the pause of the gallery's `slow`; `huge_bytes` and `bomb_bytes` size its two large pages.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        ports: Sequence[int] = (0, 0, 0),
        clock: Callable[[], datetime] = edition_clock,
        slow_seconds: float = 4.0,
        huge_bytes: int = 80_000_000,
        bomb_bytes: int = 200_000_000,
    ) -> None:
        if len(ports) != len(OUTLET_IDS):
            raise ValueError(f"ports: {len(OUTLET_IDS)} numbers are needed, one an outlet; got {len(ports)}")
        self._host, self._ports, self.clock = host, tuple(ports), clock
        self.slow_seconds, self.huge_bytes, self.bomb_bytes = slow_seconds, huge_bytes, bomb_bytes
        self.stopping = threading.Event()
        self.requests: list[Asked] = []
        self.tries: Counter[str] = Counter()
        self._servers: list[_OutletServer] = []

    @property
    def outlets(self) -> list[Outlet]:
        """The outlets in the order of `OUTLET_IDS`; empty before `start()`."""
        return [server.site.edition.outlet() for server in self._servers]

    @property
    def sites(self) -> list[Site]:
        """What each outlet serves; empty before `start()`."""
        return [server.site for server in self._servers]

    def start(self) -> None:
        """Bind the ports, make the pages and serve from threads. OSError when a port is taken."""
        if self._servers:
            raise RuntimeError("this newspaper is already being served; stop() it first")
        self.stopping.clear()
        moment = self.clock()
        for outlet_id, port in zip(OUTLET_IDS, self._ports, strict=True):
            try:
                server = _OutletServer((self._host, port), self)
            except OSError:
                self.stop()
                raise
            host = f"[{self._host}]" if ":" in self._host else self._host
            server.site = Site(edition(outlet_id, f"http://{host}:{server.server_port}/", moment))
            self._servers.append(server)
        for server in self._servers:
            server.serve()

    def stop(self) -> None:
        """Stop serving and close every connection, also those of pages that never end."""
        self.stopping.set()
        for server in self._servers:
            server.close()
        self._servers = []

    def __enter__(self) -> DemoNewspaper:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _OutletServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    site: Site

    def __init__(self, address: tuple[str, int], newspaper: DemoNewspaper) -> None:
        self.newspaper = newspaper
        self._open: set[Any] = set()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without the reverse look-up that HTTPServer makes: this server asks no resolver."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def serve(self) -> None:
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        if self._thread:
            self.shutdown()
            self._thread.join()
        self.server_close()
        with self._lock:
            for connection in self._open:
                _hang_up(connection)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was faster


class _Handler(BaseHTTPRequestHandler):
    server: _OutletServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        newspaper, site = self.server.newspaper, self.server.site
        path = self.path.partition("?")[0]
        agent = self.headers.get("User-Agent")
        newspaper.requests.append(Asked(site.edition.id, self.command, self.path, agent))
        if path.startswith("/gallery/") and site.edition.id == OUTLET_IDS[0] and self._gallery(path):
            return
        page = site.find(path)
        if page is None:
            page = Page(_not_found(site), HTML, site.edition.moment, status=404)
        self.answer(page)

    do_HEAD = do_GET

    def answer(self, page: Page) -> None:
        """Send `page` as asked for: 304, gzip, chunked or plain; head and body in one write where possible."""
        packed = page.packed if _accepts_gzip(self.headers.get("Accept-Encoding", "")) else None
        body = page.body if packed is None else packed
        etag = f'"{page.etag}{"-gz" if packed else ""}"'
        if page.status == 200 and self._unchanged(page, etag):
            self._send(304, [("ETag", etag), ("Vary", "Accept-Encoding")], b"", bodyless=True)
            return
        fields = [("Content-Type", page.content_type), ("ETag", etag), ("Vary", "Accept-Encoding"), *page.fields]
        fields.append(("Last-Modified", format_datetime(page.modified.astimezone(UTC), usegmt=True)))
        fields.append(("Cache-Control", "public, max-age=300"))
        if packed:
            fields.append(("Content-Encoding", "gzip"))
        if page.chunked and self.request_version == "HTTP/1.1":
            self._send(page.status, [*fields, ("Transfer-Encoding", "chunked")], in_chunks(body))
        else:
            self._send(page.status, [*fields, ("Content-Length", str(len(body)))], body)

    def _send(self, status: int, fields: list[tuple[str, str]], body: bytes, bodyless: bool = False) -> None:
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", f"Date: {self.date_time_string()}"]
        lines += ["Server: demo-newspaper", *(f"{name}: {value}" for name, value in fields)]
        if self.close_connection:
            lines.append("Connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.wfile.write(head if bodyless or self.command == "HEAD" else head + body)

    def _unchanged(self, page: Page, etag: str) -> bool:
        """RFC 9110 §13.2.2: If-None-Match counts, and If-Modified-Since only without it."""
        if known := self.headers.get("If-None-Match"):
            return known.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in known.split(",")]
        since = self.headers.get("If-Modified-Since")
        if not since:
            return False
        try:
            return page.modified.replace(microsecond=0) <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False

    def _gallery(self, path: str) -> bool:
        """Answer a page of the gallery; False when there is none of that name."""
        newspaper, site = self.server.newspaper, self.server.site
        if page := gallery.listing(path, site.edition):
            self.answer(Page(page.encode(), HTML, site.edition.moment))
            return True
        ask = gallery.Ask(
            edition=site.edition,
            path=path,
            write=self.wfile.write,
            date=self.date_time_string(),
            tries=newspaper.tries,
            stopping=newspaper.stopping,
            slow_seconds=newspaper.slow_seconds,
            huge_bytes=newspaper.huge_bytes,
            bomb_bytes=newspaper.bomb_bytes,
        )
        if not gallery.misbehave(ask):
            return False
        if ask.closes or self.command == "HEAD":
            self.close_connection = True
        return True

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.server.newspaper.clock().astimezone(UTC), usegmt=True)

    def version_string(self) -> str:
        return "demo-newspaper"

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: `DemoNewspaper.requests` is the log."""


def in_chunks(body: bytes) -> bytes:
    """`body` in chunked framing (RFC 9112 §7.1)."""
    pieces = [body[start : start + _CHUNK] for start in range(0, len(body), _CHUNK)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _accepts_gzip(header: str) -> bool:
    for part in header.lower().split(","):
        name, _, weight = part.strip().partition(";")
        if name.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0")
    return False


def _not_found(site: Site) -> bytes:
    status = HTTPStatus.NOT_FOUND
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{status.value} {status.phrase}</title>"
        f"<h1>{status.phrase}</h1><p>{site.edition.name} has no page at this address.</p></html>\n"
    ).encode()
