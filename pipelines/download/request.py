"""A request on its way to a connection: where it goes, and its head in one piece.

Belongs here: from a Scrapy request to what Twisted's connections take, for requests that go straight to the host. Those through a
proxy are Scrapy's agent's.

The head is what Twisted would write for the same headers; one that is not plain is left to Twisted, which refuses or mends it.
"""

from __future__ import annotations

import re
from typing import Any

from scrapy import Request
from twisted.internet.abstract import isIPv6Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.tcp import Connection
from twisted.web._newclient import Request as TwistedRequest
from twisted.web.client import URI
from twisted.web.http_headers import Headers

_URL = re.compile(rb"(https?)://([^/?#]+)([^#]*)")
_PLAIN_HEAD = re.compile(
    rb"[A-Z]+ [!-~]+ HTTP/1\.1\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\r\n\0]*\r\n)+\r\n"
)
_WITH_LENGTH = (b"POST", b"PUT")  # Twisted says "Content-Length: 0" for these
_STANDARD_PORTS = ((b"http", 80), (b"https", 443))


class OutgoingRequest(TwistedRequest):
    """A request of Twisted's, with its head already written when `head` is not None."""

    head: bytes | None = None

    def writeTo(self, transport: Any) -> Deferred[Any]:
        if self.head is None:
            written: Deferred[Any] = super().writeTo(transport)  # type: ignore[no-untyped-call]
            return written
        transport.write(self.head)
        return succeed(None)


def uri_of(url: bytes) -> tuple[URI, bytes]:
    """The parts of an http or https URL, and the request target: what follows the host, as it stands. The URI has no path.

    Raises `ValueError` for anything else.
    """
    parts = _URL.fullmatch(url)
    if parts is None:
        raise ValueError(f"{url.decode('latin-1')} is no http or https URL")
    scheme, netloc, target = parts.groups()
    host, colon, digits = netloc.rpartition(b":")
    if colon and digits.isdigit():
        port = int(digits)
    else:
        host, port = netloc, 443 if scheme == b"https" else 80
    if not target.startswith(b"/"):
        target = b"/" + target
    return URI(scheme, netloc, host, port, b"", b"", b"", b""), target  # type: ignore[no-untyped-call]


def outgoing(request: Request, uri: URI, target: bytes, persistent: bool, producer: Any) -> OutgoingRequest:
    """Raises `ValueError` for a method or a target that cannot be sent."""
    method = request.method.encode("ascii")
    head = None
    if producer is None and method not in _WITH_LENGTH:
        head = _head(request, method, uri, target, persistent)
    made = OutgoingRequest(method, target, None if head else _headers(request, uri), producer, persistent)  # type: ignore[no-untyped-call]
    made._parsedURI, made.head = uri, head
    return made


def _head(request: Request, method: bytes, uri: URI, target: bytes, persistent: bool) -> bytes | None:
    lines = [method + b" " + target + b" HTTP/1.1"]
    if not persistent:
        lines.append(b"Connection: close")
    hosted = False
    for name, values in request.headers.items():
        hosted = hosted or name == b"Host"
        lines += [name + b": " + value for value in values]
    if not hosted:
        lines.append(b"Host: " + _host(uri))
    head = b"\r\n".join((*lines, b"", b""))
    return head if _PLAIN_HEAD.fullmatch(head) else None


def _headers(request: Request, uri: URI) -> Headers:
    headers = Headers(request.headers)
    if not headers.hasHeader(b"Host"):
        headers.addRawHeader(b"Host", _host(uri))
    return headers


def _host(uri: URI) -> bytes:
    host: bytes = uri.host
    if isIPv6Address(host.decode("ascii")):
        host = b"[" + host + b"]"
    return host if (uri.scheme, uri.port) in _STANDARD_PORTS else b"%b:%d" % (host, uri.port)


def write_at_once(transport: Any, data: bytes) -> None:
    """Give data to the system now and not in the reactor's next turn, where the connection is a bare socket with nothing to send."""
    if isinstance(transport, Connection) and _idle(transport):
        sent = transport.writeSomeData(data)
        if isinstance(sent, int):  # otherwise an error, which the connection meets again and reports
            data = data[sent:]
    if data:
        transport.write(data)


def _idle(transport: Any) -> bool:
    return (
        transport.connected
        and not transport.TLS
        and not transport.dataBuffer
        and not transport._tempDataBuffer
        and not transport.disconnecting
    )
