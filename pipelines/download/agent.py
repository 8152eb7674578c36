"""One fetch: Scrapy's agent, with our connections under it.

Belongs here: how one Scrapy request finds its connection and how its body is kept for Scrapy. What is written is in `request`,
copies are made by `wiretap`, addresses are judged by `pipelines.network`.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any

from pydispatch.dispatcher import getAllReceivers, liveReceivers  # type: ignore[import-untyped]
from scrapy import Request, signals
from scrapy.core.downloader.handlers.http11 import _RequestBodyProducer, _ResponseReader, _ScrapyAgent
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, ResponseDataLossError
from scrapy.http import Response
from scrapy.utils._download_handlers import normalize_bind_address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import wrapClientTLS
from twisted.web.client import URI, HTTPConnectionPool
from twisted.web.iweb import UNKNOWN_LENGTH

from archiver.models import Truncated
from pipelines.download.request import outgoing, uri_of
from pipelines.download.wiretap import Tap
from pipelines.network import AddressGuard, GuardedEndpoint
from pipelines.reactor import reactor

Destination = Callable[[str, int], tuple[str, int]]


class Ticket:
    """Every attempt made for one Scrapy request. Twisted retries once by itself when a kept connection was dead."""

    __slots__ = ("guard", "proxied", "sent", "spool", "taps")

    def __init__(self, spool: Path, guard: AddressGuard | None, proxied: bool, sent: Callable[[], None]) -> None:
        self.spool, self.guard, self.proxied, self.sent = spool, guard, proxied, sent
        self.taps: list[Tap] = []

    def begin(self, request: Any, reused: bool) -> Tap:
        """A new attempt. Called by the connection that is about to write `request`."""
        tap = Tap(self.spool, url_of(request._parsedURI, request.uri), request.method.decode("ascii"), reused)
        self.taps.append(tap)
        self.sent()
        return tap


def url_of(uri: URI, target: bytes) -> str:
    """Scheme, host and request target exactly as sent."""
    host: str = uri.host.decode("latin-1")
    if ":" in host:
        host = f"[{host}]"
    if uri.port != (443 if uri.scheme == b"https" else 80):
        host = f"{host}:{uri.port}"
    if not target.startswith(b"/"):
        target = uri.originForm  # a proxy is sent the whole URL
    return f"{uri.scheme.decode('ascii')}://{host}{target.decode('latin-1')}"


def truncation(tap: Tap, error: BaseException | None) -> Truncated | None:
    """WARC-Truncated for an attempt that ended with this error. None when the answer is whole."""
    if isinstance(error, DownloadTimeoutError):
        return None if tap.complete else Truncated.TIME
    if tap.complete:
        return None
    if isinstance(error, DownloadCancelledError):
        return Truncated.LENGTH
    if tap.lost or isinstance(error, ResponseDataLossError):
        return Truncated.DISCONNECT
    return Truncated.UNSPECIFIED


class RecordingAgent(_ScrapyAgent):
    """Scrapy's agent for one request, with tapped connections to guarded addresses."""

    def __init__(self, ticket: Ticket, destination: Destination, memory_max: int, **options: Any) -> None:
        super().__init__(**options)
        self._ticket, self._destination, self._memory_max = ticket, destination, memory_max

    def download_request(self, request: Request) -> Deferred[Response]:
        """Scrapy's own steps. A request straight to its host takes a shorter way to the connection than through Twisted's agents."""
        if request.meta.get("proxy"):
            return super().download_request(request)
        timeout = request.meta.get("download_timeout") or self._connectTimeout
        url = request.url.partition("#")[0]
        began = monotonic()
        answered = self._ask(request, url.encode("ascii"), timeout)
        answered.addCallback(self._cb_latency, request, began)
        answered.addCallback(self._cb_bodyready, request)
        done: Deferred[Response] = answered.addCallback(self._cb_bodydone, url)
        self._timeout_cl = reactor().callLater(timeout, done.cancel)
        return done.addBoth(self._cb_timeout, request, url, timeout)

    def _ask(self, request: Request, url: bytes, timeout: float) -> Deferred[Any]:
        pool: Any = self._pool
        uri, target = uri_of(url)
        producer = _RequestBodyProducer(request.body) if request.body else None
        made: Any = outgoing(request, uri, target, pool.persistent, producer)
        made.ticket = self._ticket
        bound = normalize_bind_address(request.meta.get("bindaddress") or self._bindAddress)
        endpoint = _Endpoint(self, uri, bound, timeout)
        # Guarded and unguarded fetches never share a connection: one that the operator's URL opened to a private address would
        # otherwise serve a page's redirect there.
        key = (uri.scheme, uri.host, uri.port, bound, self._ticket.guard is None)
        connected: Deferred[Any] = pool.getConnection(key, endpoint)
        return connected.addCallback(lambda connection: connection.request(made))

    def _get_agent(self, request: Request, timeout: float) -> Any:
        """For requests through a proxy."""
        agent: Any = super()._get_agent(request, timeout)
        agent._pool = _TicketPool(agent._pool, self._ticket)
        return agent

    def _cb_bodyready(self, txresponse: Any, request: Request) -> Any:
        """Scrapy's own step, with our reader for the body, and without building headers for a signal nobody listens to."""
        if has_receivers(self._crawler, signals.headers_received):
            return self._by_scrapy(txresponse, request)
        length = txresponse.length
        if length == 0:
            # A response without body never gets a body protocol.
            certificate = getattr(txresponse, "_scrapy_certificate", None)
            return {"txresponse": txresponse, "certificate": certificate, "ip_address": txresponse._scrapy_ip_address}
        maxsize = request.meta.get("download_maxsize", self._maxsize)
        warnsize = request.meta.get("download_warnsize", self._warnsize)
        if length is not UNKNOWN_LENGTH and (0 < maxsize < length or 0 < warnsize < length):
            return self._by_scrapy(txresponse, request)
        finished: Deferred[Any] = Deferred(partial(self._cancel, txresponse=txresponse))
        reader = BoundedReader(
            finished=finished,
            txresponse=txresponse,
            request=request,
            maxsize=maxsize,
            warnsize=warnsize,
            fail_on_dataloss=request.meta.get("download_fail_on_dataloss", self._fail_on_dataloss),
            crawler=self._crawler,
        )
        reader.memory_max = self._memory_max
        txresponse.deliverBody(reader)
        self._txresponse = txresponse  # what a time-out stops
        return finished

    def _by_scrapy(self, txresponse: Any, request: Request) -> Any:
        deliver = txresponse.deliverBody

        def deliver_to_ours(reader: Any) -> None:
            reader.__class__ = BoundedReader
            reader.memory_max = self._memory_max
            deliver(reader)

        txresponse.deliverBody = deliver_to_ours
        try:
            return super()._cb_bodyready(txresponse, request)
        finally:
            del txresponse.deliverBody  # a cycle otherwise


def has_receivers(crawler: Crawler, signal: object) -> bool:
    """Whether anything of this crawl listens to the signal."""
    return any(True for _ in liveReceivers(getAllReceivers(crawler.signals.sender, signal)))


class BoundedReader(_ResponseReader):
    """Keeps a body for Scrapy up to `memory_max` bytes; a larger one is in the WARC only, and the response says so."""

    memory_max: int
    kept = True
    heard: bool | None = None

    def connectionMade(self) -> None:
        self._certificate = getattr(self._txresponse, "_scrapy_certificate", None)
        self._ip_address = getattr(self._txresponse, "_scrapy_ip_address", None)
        self.heard = has_receivers(self._crawler, signals.bytes_received)

    def dataReceived(self, data: bytes) -> None:
        received = self._bytes_received + len(data)
        if self.kept and received > self.memory_max:
            self.kept, self._bodybuf = False, _Nowhere()
        if self.heard or 0 < self._warnsize < received or 0 < self._maxsize < received:
            super().dataReceived(data)
        elif not self._finished.called:
            self._bodybuf.write(data)
            self._bytes_received = received

    def _finish_response(self, flags: list[str] | None = None, stop_download: Any = None) -> None:
        if not self.kept:
            flags = [*(flags or ()), "body-not-kept"]
        super()._finish_response(flags, stop_download)


class _Nowhere(io.BytesIO):
    def write(self, data: Any) -> int:
        return len(data)


class _TicketPool:
    """The shared pool as one fetch through a proxy sees it: its connections know whose request they carry."""

    def __init__(self, pool: HTTPConnectionPool, ticket: Ticket) -> None:
        self._pool, self._ticket = pool, ticket
        self.persistent = pool.persistent

    def getConnection(self, key: Any, endpoint: Any) -> Deferred[Any]:
        connection: Deferred[Any] = self._pool.getConnection((key, "proxy"), endpoint)
        return connection.addCallback(_TicketConnection, self._ticket)


class _TicketConnection:
    def __init__(self, connection: Any, ticket: Ticket) -> None:
        self._connection, self._ticket = connection, ticket

    def request(self, request: Any) -> Any:
        request.ticket = self._ticket
        return self._connection.request(request)


class _Endpoint:
    """Does nothing until the pool has no connection: TLS contexts are dear and mostly not needed."""

    def __init__(self, agent: RecordingAgent, uri: URI, bound: Any, timeout: float) -> None:
        self._agent, self._uri, self._bound, self._timeout = agent, uri, bound, timeout

    def __repr__(self) -> str:
        return f"<{self._uri.scheme.decode()} {self._uri.netloc.decode('latin-1')}>"

    def connect(self, factory: Any) -> Deferred[Any]:
        agent, uri = self._agent, self._uri
        host, port = agent._destination(uri.host.decode("ascii"), uri.port)
        options = {"bindAddress": self._bound, "timeout": self._timeout}
        endpoint: Any = GuardedEndpoint(agent._ticket.guard, reactor(), host, port, **options)
        if uri.scheme == b"https":
            policy: Any = agent._contextFactory
            endpoint = wrapClientTLS(policy.creatorForNetloc(uri.host, uri.port), endpoint)
        connected: Deferred[Any] = endpoint.connect(factory)
        return connected
