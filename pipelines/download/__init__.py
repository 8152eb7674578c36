"""RecordingDownloadHandler: from the wire to an Exchange, and to Scrapy only after it is recorded.

Belongs here: what happens to the attempts of one fetch, and which ones are counted instead of recorded. The copies are made by
`wiretap`, connections by `agent`, records by `pipelines.warc`.

Reads from `request.meta`: `context` (a `CrawlContext`), `operator_origin` (see `pipelines.network`), `render` (true: through a
browser, see `pipelines.render`), and Scrapy's own keys.
Sets `capture` (a `CapturePointer`) when anything was recorded, also for a request that fails afterwards; a copied value from an
earlier hop is removed first. Settings: ARCHIVER_NETWORK_ALLOW, ARCHIVER_BODY_MEMORY_MAX (bytes; a larger body is in the WARC only
and the response carries the flag `body-not-kept`). Bodies are content-coded: `archiver.payload` undoes that.
Statistics: `archiver/unanswered` (attempts without a response byte), `archiver/unrecorded/not-http`.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response
from scrapy.utils._download_handlers import get_dataloss_msg, wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred, fail, succeed
from twisted.python.failure import Failure

from archiver.errors import PrivateAddressError, RecordingError
from archiver.models import CapturePointer, CrawlContext
from pipelines.download.agent import RecordingAgent, Ticket, truncation
from pipelines.download.wiretap import RecordingFactory, Tap
from pipelines.hosts import Hosts
from pipelines.network import AddressGuard, is_operator_request
from pipelines.render import Renderer
from pipelines.warc import Recorder

__all__ = ["RecordingDownloadHandler"]

logger = logging.getLogger(__name__)

BODY_MEMORY_MAX = 32 * 2**20


class RecordingDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler with every exchange recorded. For `http` and `https`."""

    lazy = False

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self.recorder = Recorder.from_crawler(crawler)
        self._pool._factory = RecordingFactory
        self._hosts = Hosts.of(crawler)
        self._guard = AddressGuard(settings.getlist("ARCHIVER_NETWORK_ALLOW"))
        self._memory_max = settings.getint("ARCHIVER_BODY_MEMORY_MAX", BODY_MEMORY_MAX)

    def destination(self, host: str, port: int) -> tuple[str, int]:
        """Where a connection for this host and port is opened. The guard looks at what this gives; TLS keeps the host's name."""
        return host, port

    async def download_request(self, request: Request) -> Response:
        """The response, after its exchange is recorded. Raises what Scrapy raises, `PrivateAddressError`, `RecordingError`."""
        request.meta.pop("capture", None)
        if request.meta.get("render"):
            async with self._hosts.turn(self._crawler, request):
                pass  # its turn begins the page; what the page asks for, robots.txt of its host among it, needs turns of its own
            with self.recorder.fetch():
                return await Renderer.of(self._crawler).fetch(request)
        async with self._hosts.turn(self._crawler, request) as sent:
            return await self._download(request, sent)

    async def _download(self, request: Request, sent: Callable[[], None]) -> Response:
        recorder = self.recorder
        if recorder.failed is not None or recorder.waiting:
            await recorder.room()
        ticket = self._ticket(request, sent)
        with recorder.fetch():
            try:
                with wrap_twisted_exceptions():
                    # One wait for both, the answer and its record: each costs a turn of the event loop.
                    answered = self._agent(ticket).download_request(request)
                    return await maybe_deferred_to_future(answered.addCallback(self._then_record, request, ticket))
            except RecordingError:
                raise
            except Exception as error:
                self._warn_once(request, error)
                if not ticket.taps and not isinstance(error, PrivateAddressError):
                    self._count("archiver/unanswered")  # no connection, or no TLS
                await maybe_deferred_to_future(self._record(request, ticket, error))
                raise
            except BaseException as error:
                # Cancelled: nothing may be waited for any more, but what arrived is recorded.
                self._record(request, ticket, error).addErrback(lambda failure: None)
                raise

    def _then_record(self, response: Response, request: Request, ticket: Ticket) -> Deferred[Response]:
        return self._record(request, ticket, None).addCallback(lambda recorded: response)

    def _ticket(self, request: Request, sent: Callable[[], None]) -> Ticket:
        guarded = not is_operator_request(request.url, request.meta)
        proxied = bool(request.meta.get("proxy"))
        if guarded and proxied:
            self._check_literal(request.url)
        # Behind a proxy the address is the proxy's, which the operator chose.
        return Ticket(self.recorder.folder, self._guard if guarded and not proxied else None, proxied, sent)

    def _check_literal(self, url: str) -> None:
        host = urlsplit(url).hostname or ""
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return
        if not self._guard.permits(host):
            raise PrivateAddressError(
                f"{url} names a private or reserved address; see [network] allow in archiver.toml"
            )

    def _agent(self, ticket: Ticket) -> RecordingAgent:
        return RecordingAgent(
            ticket,
            self.destination,
            self._memory_max,
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )

    def _warn_once(self, request: Request, error: Exception) -> None:
        if isinstance(error, ResponseDataLossError) and not self._fail_on_dataloss_warned:
            logger.warning(get_dataloss_msg(request.url))
            self._fail_on_dataloss_warned = True

    def _record(self, request: Request, ticket: Ticket, error: BaseException | None) -> Deferred[None]:
        """Record the answered attempts of a fetch that ended with this error. Fails with `RecordingError`."""
        try:
            taps = self._answered(ticket)
        except RecordingError as failed:
            return fail(failed)
        last: Deferred[Any] = succeed(None)
        for tap in taps:
            last = self._submit(request, tap, error)
            last.addCallbacks(self._recorded, self._lost, callbackArgs=(request,), errbackArgs=(tap,))
        return last

    @staticmethod
    def _recorded(pointer: CapturePointer | None, request: Request) -> None:
        if pointer is not None:
            request.meta["capture"] = pointer

    @staticmethod
    def _lost(failure: Failure, tap: Tap) -> Failure:
        tap.discard()
        return failure

    def _answered(self, ticket: Ticket) -> list[Tap]:
        """The attempts to record; the others are counted. Raises `RecordingError` when a copy could not be kept."""
        answered = []
        for tap in ticket.taps:
            if tap.taken:
                continue  # cancelled while it was being recorded
            tap.end()
            if tap.error is not None:
                tap.discard()
                failed = RecordingError(f"{self.recorder.folder}: an answer could not be kept: {tap.error}")
                self.recorder.fail(failed)
                raise failed
            if not tap.size:
                self._count("archiver/unanswered")
            elif not tap.is_http:
                tap.discard()
                self._count("archiver/unrecorded/not-http")
            else:
                if ticket.proxied:
                    tap.ip_address = None
                answered.append(tap)
        return answered

    def _submit(self, request: Request, tap: Tap, error: BaseException | None) -> Deferred[CapturePointer | None]:
        context: CrawlContext = request.meta.get("context") or CrawlContext()
        return self.recorder.submit(tap.exchange(context, truncation(tap, error)))

    def _count(self, name: str) -> None:
        if self._crawler.stats:
            self._crawler.stats.inc_value(name)
