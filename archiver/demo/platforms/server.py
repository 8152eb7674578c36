"""The sockets of the fake networks: HTTP/1.1 on loopback, each endpoint a path prefix at an address of its own.

Belongs here: how answers go over the wire, and the log of what was asked. What an endpoint sends is in its network's module.
Real endpoints are different hosts, and a crawler that lets a whole host rest has to find them so: 127.0.9.1, 127.0.9.2 and on.
Where only 127.0.0.1 is loopback, all of them are there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from archiver.demo import assets
from archiver.demo.platforms import bluesky, fediverse, others, telegram, x
from archiver.demo.platforms.net import Net
from archiver.demo.platforms.posts import STORY_DAY, FakePost, demo_posts
from archiver.demo.platforms.reply import COMMON, NOT_FOUND_PAGE, Ask, Reply, as_text
from archiver.demo.server import EDITION, edition_clock
from archiver.platforms.options import BASES

STATES = (*COMMON, *x.TOMBSTONES, "visible", "slow", "broken")
"""States that more than one endpoint knows. A network's own are in its module."""

ROBOTS = "User-agent: *\nDisallow: /x.page/\nDisallow: /x.page.old/\n"
"""X's pages refuse crawlers; everything else may be asked."""

_MODULES: Sequence[Callable[[Ask, Net], Reply | None]] = (
    x.answer,
    bluesky.answer,
    fediverse.answer,
    telegram.answer,
    others.answer,
)


class Asked(NamedTuple):
    """One request as the servers saw it: header names in lower case."""

    endpoint: str
    method: str
    target: str
    headers: dict[str, str]


class FakePlatforms:
    """All networks on loopback, `host` and its neighbours; a context manager. `bases` is what `PlatformOptions.bases` takes.

    `posts` replaces the demo's. `clock` gives the moment that the demo's articles were made for; `story_day` is the day of
    the seed story's posts (their ids follow it). `slow_seconds` is the pause of `slow`.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        posts: Iterable[FakePost] | None = None,
        clock: Callable[[], datetime] = edition_clock,
        story_day: datetime = STORY_DAY,
        slow_seconds: float = 2.0,
        robots: str = ROBOTS,
        bearer: str = "demo-bearer",
    ) -> None:
        self._address, self.clock, self.slow_seconds, self.robots = (host, port), clock, slow_seconds, robots
        self.net = Net(demo_posts(clock(), story_day) if posts is None else posts, bearer=bearer)
        self.requests: list[Asked] = []
        self.stopping = threading.Event()
        self._servers: list[_Server] = []
        self._addresses: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def base(self) -> str:
        """`http://HOST:PORT` of the pictures; "" before `start()`."""
        return self.net.base

    @property
    def bases(self) -> dict[str, str]:
        """Endpoint -> address, for every endpoint the chains know, each Mastodon server with posts, each host of short links."""
        hosts = {f"mastodon:{post.host}" for post in self.net.all("mastodon") if post.host}
        hosts |= {f"short:{host}" for host, _ in self.net.shorts}
        endpoints = (*BASES, *sorted(hosts), "media")
        return {endpoint: f"{self._address_of(endpoint)}/{endpoint}" for endpoint in endpoints}

    def _address_of(self, endpoint: str) -> str:
        """`http://IP:PORT` of an endpoint's own server, which is started when it is first asked for."""
        with self._lock:
            if endpoint == "media" or not self._servers:
                return self.net.base
            if endpoint not in self._addresses:
                self._addresses[endpoint] = self._serve(self._neighbour(len(self._servers)))
            return self._addresses[endpoint]

    def _neighbour(self, number: int) -> str:
        host = self._address[0]
        return f"127.0.9.{number}" if host == "127.0.0.1" and number < 255 else host

    def _serve(self, host: str) -> str:
        try:
            server = _Server((host, 0), self)
        except OSError:  # a system whose loopback is one address
            server = _Server((self._address[0], 0), self)
        return server.begin(self._servers)

    def put(self, post: FakePost) -> None:
        """Add or replace a post."""
        self.net.put(post)

    def set_state(self, platform: str, native_id: str, state: str, endpoint: str | None = None) -> None:
        """Switch how a post is answered for: everywhere, or at one endpoint."""
        self.net.set_state(platform, native_id, state, endpoint)

    def shorten(self, host: str, path: str, target: str) -> None:
        """Let `https://HOST/PATH` lead to `target`: by a redirect, or by a meta refresh for what calls itself a browser."""
        self.net.shorts[host, path] = target

    def asked(self, endpoint: str) -> list[Asked]:
        """The requests to one endpoint."""
        return [request for request in self.requests if request.endpoint == endpoint]

    def start(self) -> None:
        """Bind the port and serve from a thread. OSError when the port is taken."""
        if self._servers:
            raise RuntimeError("these platforms are already being served; stop() them first")
        self.stopping.clear()
        self.net.base = _Server(self._address, self).begin(self._servers)

    def stop(self) -> None:
        """Stop serving."""
        self.stopping.set()
        # Each takes up to a poll interval to notice; all at once they take one.
        ends = [threading.Thread(target=server.end, daemon=True) for server in self._servers]
        for end in ends:
            end.start()
        for end in ends:
            end.join()
        self._servers, self._addresses = [], {}

    def __enter__(self) -> FakePlatforms:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def reply(self, ask: Ask) -> Reply:
        """What is sent for a request."""
        if ask.endpoint == "media":
            return _medium(ask.path)
        if ask.endpoint == "robots.txt":
            return as_text(self.robots)
        for module in _MODULES:
            if (reply := module(ask, self.net)) is not None:
                return reply
        return NOT_FOUND_PAGE


def _medium(path: str) -> Reply:
    name = path.strip("/").rpartition("/")[2]
    if name.endswith(".png"):
        return Reply(200, assets.png(name.removesuffix(".png"), assets.WIDTHS[0]), "image/png")
    if name.endswith(".mp4"):
        # The first box of an MP4 file; nobody plays it.
        return Reply(200, b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + name.encode() * 40, "video/mp4")
    return NOT_FOUND_PAGE


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], platforms: FakePlatforms) -> None:
        self.platforms = platforms
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without the reverse look-up that HTTPServer makes: this server asks no resolver."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    def begin(self, among: list[_Server]) -> str:
        """Serve from a thread; the address as a URL without path."""
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        among.append(self)
        return f"http://{self.server_address[0]!s}:{self.server_port}"

    def end(self) -> None:
        """Stop serving."""
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Quiet: the other side hung up, as clients of slow and broken answers do."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30

    def do_GET(self) -> None:
        platforms = self.server.platforms
        parts = urlsplit(self.path)
        endpoint, _, rest = parts.path.lstrip("/").partition("/")
        endpoint = unquote(endpoint)
        headers = {name.lower(): value for name, value in self.headers.items()}
        platforms.requests.append(Asked(endpoint, self.command, self.path, headers))
        query = dict(reversed(parse_qsl(parts.query, keep_blank_values=True)))
        self._send(platforms.reply(Ask(endpoint, "/" + unquote(rest), query, headers, platforms.base)))

    do_HEAD = do_GET

    def _send(self, reply: Reply) -> None:
        platforms = self.server.platforms
        if reply.fault == "slow":
            platforms.stopping.wait(platforms.slow_seconds)
        phrase = HTTPStatus(reply.status).phrase if reply.status in HTTPStatus._value2member_map_ else "Request denied"
        lines = [f"HTTP/1.1 {reply.status} {phrase}", f"Date: {self.date_time_string()}", "Server: demo-platforms"]
        lines += [f"Content-Type: {reply.content_type}", *(f"{name}: {value}" for name, value in reply.headers)]
        lines.append(f"Content-Length: {len(reply.body)}")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        body = b"" if self.command == "HEAD" else reply.body
        if reply.fault == "broken":
            body, self.close_connection = body[: len(body) // 2], True
        self.wfile.write(head + body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.server.platforms.clock().astimezone(UTC), usegmt=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: `FakePlatforms.requests` is the log."""


__all__ = ["EDITION", "ROBOTS", "STATES", "Asked", "FakePlatforms"]
