"""Asking the demo newspaper for one thing, over a plain connection."""

from __future__ import annotations

import http.client
import socket
from urllib.parse import urljoin, urlsplit

from archiver.demo import DemoNewspaper


class Answer:
    def __init__(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self.status, self.headers, self.reason, self.body = answer.status, answer.msg, answer.reason, body


def get(url: str, *, method: str = "GET", **headers: str) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), headers=fields)
        answer = connection.getresponse()
        return Answer(answer, answer.read())
    finally:
        connection.close()


def raw(newspaper: DemoNewspaper, name: str, limit: int = 10_000_000, timeout: float = 5) -> bytes:
    """Everything the server sends for one page of the gallery until it closes, `limit` is reached or `timeout` passes."""
    parts = urlsplit(newspaper.outlets[0].base_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=timeout) as connection:
        connection.sendall(
            f"GET /gallery/{name} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
        )
        received = bytearray()
        while len(received) < limit:
            try:
                piece = connection.recv(65536)
            except TimeoutError:
                break
            if not piece:
                break
            received += piece
    return bytes(received)


def gallery(newspaper: DemoNewspaper, name: str, **headers: str) -> Answer:
    return get(urljoin(newspaper.outlets[0].base_url, f"/gallery/{name}"), **headers)
