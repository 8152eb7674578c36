"""A raw-socket origin on loopback, over http and https, that logs exactly the bytes it received and sent.

Belongs here: serving scripted answers, right and wrong ones. A `Resource` is a list of steps and what must be found in the WARC
afterwards; the lists themselves are in `exactness/resources.py`.
"""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import re
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

CLOSE, RESET, CUT, HANG = "close", "reset", "cut", "hang"
"""Steps: end the connection politely, with RST, without TLS's close_notify, or send nothing more until the client goes away."""


@dataclass(frozen=True)
class Resource:
    """One behaviour. `steps`: bytes are sent, numbers are seconds waited, words are the constants above.

    The rest is what the record must hold: `head` (the final head as sent), `body` (without transfer-coding), `truncated`.
    `fails`: the name of the exception Scrapy reports, None when it gets a response.
    """

    name: str
    steps: tuple[bytes | float | str, ...]
    head: bytes
    body: bytes = b""
    method: str = "GET"
    request_body: bytes = b""
    truncated: str | None = None
    fails: str | None = None
    interim: tuple[bytes, ...] = ()
    trailers: tuple[bytes, ...] = ()
    notes: tuple[str, ...] = ()
    meta: dict[str, object] = field(default_factory=dict)


@dataclass
class Logged:
    """One request and its answer as the server saw them."""

    path: str
    connection: int
    received: bytes = b""
    sent: bytes = b""


class Origin:
    """Serves resources by path (`/NAME`, a query is ignored) on a free loopback port until `stop`."""

    def __init__(self, resources: Iterable[Resource], certificate: Path | None = None, host: str = "127.0.0.1") -> None:
        self.resources = {resource.name: resource for resource in resources}
        self.log: list[Logged] = []
        self._context = _server_context(certificate) if certificate else None
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=64)
        self.port: int = self._listener.getsockname()[1]
        shown = f"[{host}]" if ":" in host else host
        self.base = f"{'https' if certificate else 'http'}://{shown}:{self.port}"
        self.connections = 0
        self.alpn: list[str | None] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def logged(self, name: str) -> list[Logged]:
        return [entry for entry in self.log if entry.path == "/" + name]

    def stop(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(
                socket.SHUT_RDWR
            )  # closing alone leaves the port open while a thread waits for connections
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, ssl.SSLError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
                self.alpn.append(connection.selected_alpn_protocol())
            while self._exchange(connection, number):
                pass
        connection.close()

    def _exchange(self, connection: socket.socket, number: int) -> bool:
        received = _request(connection)
        if not received:
            return False
        path = "/" + received.split(b" ", 2)[1].split(b"?")[0].decode().rpartition("/")[2]
        entry = Logged(path, number, received)
        self.log.append(entry)
        for step in self.resources[path[1:]].steps:
            if isinstance(step, bytes):
                entry.sent += step
                connection.sendall(step)
            elif isinstance(step, int | float):
                time.sleep(step)
            else:
                return _end(connection, step)
        return True


class Proxy:
    """Passes everything on to one port, after answering CONNECT where that is asked first."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            threading.Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        request = _request(client)
        server = socket.create_connection(("127.0.0.1", self._to))
        if request.startswith(b"CONNECT "):
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            server.sendall(request)
        threading.Thread(target=_copy, args=(client, server), daemon=True).start()
        _copy(server, client)


def _copy(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)


def _end(connection: socket.socket, how: str) -> bool:
    if how == HANG:
        while connection.recv(65536):
            pass
    elif how == RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif how == CLOSE and isinstance(connection, ssl.SSLSocket):
        connection.unwrap()
    else:
        connection.shutdown(socket.SHUT_WR)
    return False


def _request(connection: socket.socket) -> bytes:
    """Exactly one request: its head, and as much body as its Content-Length says."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    stated = re.search(rb"(?im)^content-length: *(\d+)", head)
    while stated and len(rest) < int(stated[1]):
        piece = connection.recv(65536)
        data, rest = data + piece, rest + piece
    return data


def _server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def write_certificate(path: Path) -> Path:
    """A self-signed certificate and its key for loopback names, in one PEM file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "origin.test")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form) + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
