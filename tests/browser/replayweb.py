"""replayweb.page on loopback: its two files, a package, and a page a capture that shows it.

Belongs here: serving and opening. The viewer asks for ranges, some beyond the end; its own address has to be 404 at the first visit.
"""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

ASSETS = Path(__file__).parents[2] / ".replayweb"
VIEW = (
    '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><style>html, body {{ margin: 0; height: 100% }}</style>'
    '<script src="/ui.js"></script><replay-web-page source="/{wacz}" url="{url}" ts="{ts}" replayBase="/replay/" '
    'embed="replayonly" style="height: 6000px; display: block"></replay-web-page>'
)
TYPES = {".js": "text/javascript", ".wacz": "application/wacz"}
VIEWER = r"http://[^/]+/(?:view\?|ui\.js|[^/]+\.wacz|replay/(?:\?|ui\.js|sw\.js|$|w/api/))"
"""Addresses that belong to the viewer and not to a replayed page. Its own is 404 by design until its service worker is there."""

OPEN_MAX = 60.0
"""Seconds, over all tries."""

TRIES = 3


def need_replayweb() -> None:
    """Skips the test where `make replayweb-setup` was not run."""
    if not (ASSETS / "sw.js").is_file():
        pytest.skip("no replayweb.page here: make replayweb-setup")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path == "/view":
            asked = {name: escape(values[0]) for name, values in parse_qs(parts.query).items()}
            self._send(200, VIEW.format(wacz=asked["wacz"], url=asked["url"], ts=asked["ts"]).encode(), "text/html")
            return
        path = self.server.files.get(parts.path)
        if path is None:
            self._send(404, b"", "text/plain")
            return
        data, kind = path.read_bytes(), TYPES[path.suffix]
        asked_range = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if asked_range is None:
            self._send(200, data, kind)
            return
        size, (start, end) = len(data), asked_range.groups()
        first = int(start) if start else max(0, size - int(end))
        last = min(size - 1, int(end)) if start and end else size - 1
        self._send(206, data[first : last + 1], kind, f"bytes {first}-{last}/{size}")

    do_HEAD = do_GET

    def _send(self, status: int, body: bytes, kind: str, content_range: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Tests say what they saw themselves."""


class _Server(ThreadingHTTPServer):
    files: dict[str, Path]


@contextmanager
def serving(*packages: Path) -> Iterator[str]:
    """The origin at which the viewer serves these packages by their names."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.files = {f"/{package.name}": package for package in packages}
    server.files |= {"/ui.js": ASSETS / "ui.js", "/replay/ui.js": ASSETS / "ui.js", "/replay/sw.js": ASSETS / "sw.js"}
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


async def open_replayed(page: Any, url: str) -> Any:
    """The frame that shows the capture of `url`, an address of `/view`; `end` in it is where redirects lead to."""
    asked = parse_qs(urlsplit(url).query)
    wanted = asked.get("end", asked["url"])[0]
    now = asyncio.get_running_loop().time
    for _ in range(TRIES):  # the viewer's service worker may miss the visit that installs it
        await page.goto(url)
        ends = now() + OPEN_MAX / TRIES
        while now() < ends:
            for frame in page.frames:
                if "mp_/" in frame.url and frame.url.endswith(wanted):
                    await frame.wait_for_load_state("load")
                    await frame.wait_for_load_state("networkidle")
                    return frame
            await asyncio.sleep(0.05)
    raise TimeoutError(f"{url}: no frame with the capture after {OPEN_MAX:g} s: {[frame.url for frame in page.frames]}")
