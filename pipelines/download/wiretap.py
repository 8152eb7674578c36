"""The tap between HTTP and the socket: copies what is sent and what arrives, for the exchange in flight.

Belongs here: the connection protocol and the copy of one attempt. Under TLS the bytes are the plain ones. How an answer is read
is in `parser`; what becomes of a copy is for `pipelines.download`; how it is written for `pipelines.warc`.

Twisted's and Scrapy's classes extended here are private names of theirs; `tests/integration/test_private_names.py` says loudly
when they move.
"""

# mypy: disable-error-code="no-untyped-call"
# (Twisted's own methods have no annotations.)

from __future__ import annotations

import ipaddress
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
)
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import connectionDone
from twisted.internet.ssl import Certificate
from twisted.python.failure import Failure
from twisted.web._newclient import HTTP11ClientProtocol

from archiver import clock
from archiver.models import CrawlContext, Exchange, Truncated
from archiver.warc.connection import iana_cipher
from pipelines.download.parser import PatientProducer, RecordingParser
from pipelines.download.request import write_at_once

MEMORY_MAX = 2**20
"""Response bytes beyond which the copy goes to a file in the spool."""

SCRATCH_PREFIX = "exchange-"
"""Copies too large for memory are files of this name in the spool; one left by a crash belongs to no record."""


class Tap:
    """The copy of one attempt: one request on one connection and everything that came back.

    `ended`: no more bytes belong to it. `complete`: the parser saw the end of the answer. `lost`: the connection went away.
    `error`: the copy could not be kept, which must stop the run. `taken`: it was made into an Exchange.
    """

    __slots__ = (
        "_chunks",
        "_duration",
        "_file",
        "_path",
        "_sent",
        "_spool",
        "_start",
        "_started",
        "_url",
        "cipher",
        "closed_by_peer",
        "complete",
        "ended",
        "error",
        "ip_address",
        "lost",
        "method",
        "notes",
        "reused",
        "size",
        "taken",
        "tls",
    )

    def __init__(self, spool: Path, url: str, method: str, reused: bool) -> None:
        self._spool, self._url, self.method, self.reused = spool, url, method, reused
        self._started, self._start = clock.now(), monotonic()
        self._duration = 0.0
        self._sent: list[bytes] = []
        self._chunks: list[bytes] = []
        self._file: Any = None
        self._path: Path | None = None
        self.size = 0
        self.closed_by_peer = self.complete = self.ended = self.lost = self.taken = False
        self.error: OSError | None = None
        self.notes: tuple[str, ...] = ()
        self.ip_address: str | None = None
        self.tls: str | None = None
        self.cipher: str | None = None

    def received(self, data: bytes) -> None:
        self.size += len(data)
        if self._file is None:
            self._chunks.append(data)
            if self.size <= MEMORY_MAX:
                return
            data = b"".join(self._chunks)
            self._chunks.clear()
        if self.error is None:
            try:
                self._spill(data)
            except OSError as error:
                self.error = error

    def _spill(self, data: bytes) -> None:
        if self._file is None:
            number, name = tempfile.mkstemp(dir=self._spool, prefix=SCRATCH_PREFIX)
            self._path, self._file = Path(name), os.fdopen(number, "wb", buffering=0)
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def end(self) -> None:
        """No more bytes belong to this attempt. Safe to call again."""
        if not self.ended:
            self.ended = True
            self._duration = monotonic() - self._start
            if self._file is not None:
                self._file.close()

    @property
    def is_http(self) -> bool:
        """Whether the answer begins like HTTP/1. Anything else has no head to store."""
        if self._path is not None:
            with self._path.open("rb") as file:
                return file.read(7) == b"HTTP/1."
        return b"".join(self._chunks[:7])[:7] == b"HTTP/1."

    def discard(self) -> None:
        """Remove the scratch file of a copy that nobody will write."""
        self.end()
        if self._path is not None:
            with suppress(FileNotFoundError):
                self._path.unlink()

    def exchange(self, context: CrawlContext, truncated: Truncated | None) -> Exchange:
        """The copy as an Exchange; the writer owns the scratch file from now on."""
        self.end()
        self.taken = True
        return Exchange(
            url=self._url,
            method=self.method,
            request=b"".join(self._sent),
            started=self._started,
            response=b"".join(self._chunks),
            response_file=self._path,
            duration_ms=round(self._duration * 1000),
            ip_address=self.ip_address,
            tls_version=self.tls,
            tls_cipher=self.cipher,
            truncated=truncated,
            closed_by_peer=self.closed_by_peer,
            reused_connection=self.reused,
            notes=self.notes,
            context=context,
        )


class _CopyingTransport:
    """What a request is written to: the transport, and a copy for the tap."""

    def __init__(self, transport: Any, sent: list[bytes]) -> None:
        self._transport, self._sent = transport, sent

    def write(self, data: bytes) -> None:
        data = bytes(data)
        self._sent.append(data)
        write_at_once(self._transport, data)

    def writeSequence(self, lines: list[bytes]) -> None:
        self.write(b"".join(lines))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class RecordingProtocol(_LenientHTTP11ClientProtocol):
    """One connection. `tap` is the copy of the exchange in flight, None between exchanges."""

    tap: Tap | None = None
    _last: Tap | None = None
    _used = False
    _peer: tuple[str | None, str | None, str | None] | None = None
    _certificate: Certificate | None = None
    _address: Any = None

    def request(self, request: Any) -> Deferred[Any]:
        # `ticket` is put on the request by the pool of pipelines.download.agent: which attempt of which fetch this is.
        tap = self.tap = request.ticket.begin(request, self._used)
        self._used = True
        kind = type(request)
        request.writeTo = lambda transport: kind.writeTo(request, _CopyingTransport(transport, tap._sent))
        # Scrapy's own request() reads certificate and address again for each request; they belong to the connection.
        answered: Deferred[Any] = HTTP11ClientProtocol.request(self, request)
        if self._parser is not None:
            self._parser.__class__ = RecordingParser
            self._transportProxy.__class__ = PatientProducer
        return answered.addCallback(self._attach_connection)

    def _attach_connection(self, response: Any) -> Any:
        if self._address is None:
            transport: Any = self.transport
            with suppress(AttributeError, ValueError):
                self._address = ipaddress.ip_address(transport.getPeer().host)
            with suppress(AttributeError):
                self._certificate = Certificate(transport.getPeerCertificate())
        response._scrapy_ip_address = self._address
        if self._certificate is not None:
            response._scrapy_certificate = self._certificate
        return response

    def dataReceived(self, data: bytes) -> None:
        tap = self.tap
        if tap is not None and not tap.ended:
            if not tap.size:
                tap.ip_address, tap.tls, tap.cipher = self._peer or self._look_at_peer()
            tap.received(data)
        super().dataReceived(data)
        producer: Any = self._transportProxy
        if producer is not None:
            producer.settle()

    def _look_at_peer(self) -> tuple[str | None, str | None, str | None]:
        """(IP address, TLS version, cipher) of the connection. TLS is known only once the handshake is done."""
        transport: Any = self.transport
        address = version = cipher = None
        with suppress(AttributeError, ValueError):
            address = str(ipaddress.ip_address(transport.getPeer().host.partition("%")[0]))
        with suppress(AttributeError):
            handle = transport.getHandle()
            version = handle.get_protocol_version_name().removeprefix("TLSv")
            cipher = iana_cipher(handle.get_cipher_name())
        self._peer = address, version, cipher
        return self._peer

    def _finishResponse(self, rest: bytes) -> None:
        # An answer that ends with its connection is found to be whole only while the parser is being disconnected.
        tap = self.tap or self._last
        if tap is not None:
            tap.complete = True
        super()._finishResponse(rest)

    def _disconnectParser(self, reason: Any) -> None:
        # The one place where an exchange ends, whichever way; what arrives later is none of its bytes.
        self._last, self.tap = self.tap, None
        if self._last is not None:
            self._last.end()
        super()._disconnectParser(reason)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        tap = self.tap
        if tap is not None:
            tap.lost = True
            tap.closed_by_peer = isinstance(reason.value, ConnectionDone)
            if not tap.closed_by_peer and tap.tls is not None:
                # Many servers end TLS without close_notify; nothing tells that from a reset, so it is said and not guessed.
                tap.closed_by_peer, tap.notes = True, ("tls-close-notify-missing",)
        super().connectionLost(reason)


class RecordingFactory(_LenientHTTP11ClientFactory):
    """The connection pool's factory: every connection is tapped."""

    def buildProtocol(self, addr: Any) -> RecordingProtocol:
        return RecordingProtocol(self._quiescentCallback)
