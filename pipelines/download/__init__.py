"""RecordingDownloadHandler: from the wire to an Exchange, and to Scrapy only after it is recorded.

Belongs here: what happens to the attempts of one fetch, and which ones are counted instead of recorded. The copies are made by
`wiretap`, connections by `agent`, records by `pipelines.warc`.

Reads from `request.meta`: `context` (a `CrawlContext`), `operator_origin` (see `pipelines.network`), and Scrapy's own keys.
Sets `capture` (a `CapturePointer`) when anything was recorded, also for a request that fails afterwards; a copied value from an
earlier hop is removed first. Settings: ARCHIVER_NETWORK_ALLOW, ARCHIVER_BODY_MEMORY_MAX (bytes; a larger body is in the WARC only
and the response carries the flag `body-not-kept`). Bodies are content-coded: `archiver.payload` undoes that.
Statistics: `archiver/unanswered` (attempts without a response byte), `archiver/unrecorded/not-http`.
"""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import replace
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import ResponseDataLossError
from scrapy.http import Response
from scrapy.utils._download_handlers import get_dataloss_msg, wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from archiver.errors import PrivateAddressError, RecordingError
from archiver.models import CapturePointer, CrawlContext
from pipelines.download.agent import RecordingAgent, Ticket, truncation
from pipelines.download.wiretap import RecordingFactory, Tap
from pipelines.network import AddressGuard, is_operator_request
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
        self._guard = AddressGuard(settings.getlist("ARCHIVER_NETWORK_ALLOW"))
        self._memory_max = settings.getint("ARCHIVER_BODY_MEMORY_MAX", BODY_MEMORY_MAX)

    def destination(self, host: str, port: int) -> tuple[str, int]:
        """Where a connection for this host and port is opened. The guard looks at what this gives; TLS keeps the host's name."""
        return host, port

    async def download_request(self, request: Request) -> Response:
        """The response, after its exchange is recorded. Raises what Scrapy raises, `PrivateAddressError`, `RecordingError`."""
        request.meta.pop("capture", None)
        recorder = self.recorder
        if recorder.failed is not None or recorder.waiting:
            await recorder.room()
        ticket = self._ticket(request)
        with recorder.fetch():
            try:
                response = await self._fetch(request, ticket)
            except Exception as error:
                await self._record(request, ticket, error)
                raise
            except BaseException as error:
                # Cancelled: nothing may be waited for any more, but what arrived is recorded.
                for tap in self._answered(ticket):
                    self._submit(request, tap, error).addErrback(lambda failure: None)
                raise
            await self._record(request, ticket, None)
        return response

    def _ticket(self, request: Request) -> Ticket:
        guarded = not is_operator_request(request.url, request.meta)
        proxied = bool(request.meta.get("proxy"))
        if guarded and proxied:
            self._check_literal(request.url)
        # Behind a proxy the address is the proxy's, which the operator chose.
        return Ticket(self.recorder.folder, self._guard if guarded and not proxied else None, proxied)

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

    async def _fetch(self, request: Request, ticket: Ticket) -> Response:
        agent = RecordingAgent(
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
        try:
            with wrap_twisted_exceptions():
                return await maybe_deferred_to_future(agent.download_request(request))
        except ResponseDataLossError:
            if not self._fail_on_dataloss_warned:
                logger.warning(get_dataloss_msg(request.url))
                self._fail_on_dataloss_warned = True
            raise

    async def _record(self, request: Request, ticket: Ticket, error: Exception | None) -> None:
        for tap in self._answered(ticket):
            try:
                pointer = await maybe_deferred_to_future(self._submit(request, tap, error))
            except RecordingError:
                tap.discard()
                raise
            if pointer is not None:
                request.meta["capture"] = pointer

    def _answered(self, ticket: Ticket) -> list[Tap]:
        """The attempts to record; the others are counted. Raises `RecordingError` when a copy could not be kept."""
        answered = []
        for tap in ticket.taps:
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
        if context.run_id is None:
            info = self.recorder.info
            context = replace(context, run_id=info.run_id, user_agent=info.user_agent)
        return self.recorder.submit(tap.exchange(context, truncation(tap, error)))

    def _count(self, name: str) -> None:
        if self._crawler.stats:
            self._crawler.stats.inc_value(name)
