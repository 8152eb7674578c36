"""An S3 server of ours that fails on command: what no real server can be asked to do.

Objects are kept in memory. `fail(KIND, OPERATION)` makes the next calls of an operation fail; attributes switch lasting misbehaviour on.
"""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path

from tests.servers.faults_http import Handler
from tests.servers.faults_objects import ERRORS, Blob, Parts
from tests.servers.kit import certificate

__all__ = ["ACTS", "ERRORS", "Blob", "FaultServer"]

ACTS = (
    "lost-answer",
    "cut",
    "flip",
    "flip-lying",
    "short",
    "lost",
    "empty-etag",
    "error-200",
    "error-200-done",
    "slow",
    "taken",
)
"""Kinds that do what was asked, or half of it, or something else."""


@dataclass
class Fault:
    kind: str
    operation: str
    key: str
    times: int
    after: int


class FaultServer:
    """`endpoint` speaks plain HTTP, or TLS with the certificate `ca`. `calls` counts operations, `keys` names what was put."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self.ca: Path | None = None
        self.ignore_conditions = self.refuse_chunked = self.keep_encoding = self.drop_metadata = self.keep_plain = False
        self.check_md5 = True
        self.late_listing = self.clock_offset = 0.0
        self.region, self.names_region = "", False
        self.on_call: Callable[[str, str, str], None] | None = None
        """Told of each call before it is done and after: ("before" | "after", operation, key)."""

        self.lock = threading.RLock()
        self.reset()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.owner = self  # type: ignore[attr-defined]
        if tls:
            self.ca, key = certificate(folder)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.ca, key)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.endpoint = f"http{'s' if tls else ''}://127.0.0.1:{self._server.server_address[1]}"

    def reset(self) -> None:
        """Forgets objects, faults and counts; lasting misbehaviour is switched off."""
        self.buckets: dict[str, dict[str, Blob]] = {}
        self.uploads: dict[str, Parts] = {}
        self.faults: list[Fault] = []
        self.calls: Counter[str] = Counter()
        self.parts_sent: Counter[tuple[str, int]] = Counter()
        self.stored: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()
        self.on_call = None
        self.ignore_conditions = self.refuse_chunked = self.keep_encoding = self.drop_metadata = self.keep_plain = False
        self.check_md5 = True
        self.late_listing = self.clock_offset = 0.0
        self.region, self.names_region = "", False

    def fail(self, kind: str, operation: str = "", *, key: str = "", times: int = 1, after: int = 0) -> None:
        """The next `times` calls of `operation` (any when "") whose key holds `key` fail so, after the first `after` of them."""
        assert kind in ERRORS or kind in ACTS, kind
        self.faults.append(Fault(kind, operation, key, times, after))

    def fault(self, operation: str, key: str) -> str:
        """What is to go wrong with this call; "" for nothing."""
        with self.lock:
            self.calls[operation] += 1
            for one in self.faults:
                if one.operation in ("", operation) and one.key in key and one.times > 0:
                    if one.after > 0:
                        one.after -= 1
                        continue
                    one.times -= 1
                    self.struck[one.kind] += 1
                    return one.kind
        return ""

    def start(self) -> FaultServer:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> FaultServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
