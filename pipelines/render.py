"""Renderer: pages that are captured through a browser, under the same conduct as every other request, by the same recorder.

Belongs here: what joins `archiver.browser` to a crawl. A request with `render` in its meta comes here from the download handler and
gives a response whose capture is recorded, like any other. Every request that the page makes is asked about first: opt-out, hosts
that are left alone, robots.txt, and, at the proxy, the address.

Settings: ARCHIVER_BROWSER (a `BrowserTable`), ARCHIVER_NETWORK_ALLOW, USER_AGENT, DOWNLOAD_VERIFY_CERTIFICATES.
Sets `rendered` in `request.meta`: (URLs recorded beside the page, what it left out as `archiver.browser.limits.Left`); and `dom`, the
page as scripts left it, for the spider to record: only who has read the served page knows whether the document is in it.
Statistics: `archiver/rendered`, `archiver/rendered/without_picture`.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.responsetypes import responsetypes

from archiver.browser import Chromium, Limits, Rendered, find_chromium
from archiver.browser.limits import Robots
from archiver.config import BrowserTable
from archiver.errors import BrowserError, PrivateAddressError, Refused
from archiver.models import CapturePointer, CrawlContext, Exchange, Role
from archiver.reasons import Reason
from archiver.warc.rendered import CONTENT_TYPE, DOM
from pipelines.conduct import GateMiddleware
from pipelines.network import AddressGuard, origin_of
from pipelines.robots import RobotsMiddleware
from pipelines.warc import Recorder

STARTS_MAX = 3
"""Times that a browser which ended by itself is started again in a run."""


UNREACHABLE = (
    (PrivateAddressError, Reason.PRIVATE_ADDRESS),
    (CannotResolveHostError, Reason.DNS_FAILED),
    (DownloadConnectionRefusedError, Reason.CONNECT_FAILED),
)
"""Why a host's robots.txt was not had, where it is no matter of robots.txt."""


def _reason(error: IgnoreRequest) -> Reason:
    known = getattr(error, "reason", None)
    if isinstance(known, Reason):
        return known
    return next(
        (reason for kind, reason in UNREACHABLE if isinstance(error.__cause__, kind)), Reason.ROBOTS_UNREACHABLE
    )


class Renderer:
    """The browser of a crawl, started by its first page."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler, self.recorder = crawler, Recorder.from_crawler(crawler)
        self.table: BrowserTable = settings.get("ARCHIVER_BROWSER") or BrowserTable()
        self._guard = AddressGuard(settings.getlist("ARCHIVER_NETWORK_ALLOW"))
        self._browser: Chromium | None = None
        self._starts = 0
        self._starting = asyncio.Lock()
        self._turns = asyncio.Semaphore(self.table.pages)
        crawler.signals.connect(self.close, signals.spider_closed)

    @classmethod
    def of(cls, crawler: Crawler) -> Renderer:
        renderer: Renderer | None = getattr(crawler, "renderer", None)
        if renderer is None:
            renderer = crawler.renderer = cls(crawler)  # type: ignore[attr-defined]
        return renderer

    async def fetch(self, request: Request) -> Response:
        """The page of `request`, rendered and recorded. Raises `Refused` with the Reason there is none, and `RecordingError`."""
        pointers: dict[str, CapturePointer] = {}

        async def record(exchange: Exchange, page_id: str | None) -> CapturePointer | None:
            pointer = await self.recorder.record(exchange, page_id)
            if pointer is not None and exchange.context.role is not Role.REQUISITE:
                pointers["page"] = pointer
            return pointer

        async def permit(url: str, main: bool) -> Robots | None:
            return await self._permit(request, url, main)

        async with self._turns:
            try:
                browser = await self._running()
                rendered = await browser.render(request.url, self._context(request), permit, record, self._limits())
            except Refused:
                if "page" in pointers:
                    request.meta["capture"] = pointers["page"]
                raise
            except BrowserError as error:
                raise Refused(Reason.RENDER_FAILED, str(error)) from error
        return self._response(request, rendered)

    def _limits(self) -> Limits:
        table = self.table
        return Limits(
            time=table.time,
            size=table.size_max,
            requests=table.requests_max,
            per_host=table.per_host,
            height=table.height_max,
            scroll=table.scroll,
        )

    def _context(self, request: Request) -> CrawlContext:
        """The first hop's context, before any redirect: the browser follows them itself."""
        context: CrawlContext = request.meta.get("context") or CrawlContext()
        info = self.recorder.info
        return replace(context, run_id=context.run_id or info.run_id, user_agent=context.user_agent or info.user_agent)

    async def _running(self) -> Chromium:
        async with self._starting:
            if self._browser is not None and self._browser.alive:
                return self._browser
            if self._browser is not None:
                await self._browser.stop()
                self._browser = None
            if self._starts >= STARTS_MAX:
                raise BrowserError(f"Chromium ended {STARTS_MAX} times by itself; the run renders no more pages")
            self._starts += 1
            settings = self.crawler.settings
            browser = Chromium(
                find_chromium(self.table.executable),
                self._guard.permits,
                user_agent=str(settings["USER_AGENT"]),
                verify_certificates=settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"),
            )
            await browser.start()
            self._browser = browser
            return browser

    async def _permit(self, request: Request, url: str, main: bool) -> Robots | None:
        """Raises `Refused`: opted out, a host that is left alone, robots.txt."""
        spider: Any = self.crawler.spider
        named: frozenset[str] = getattr(spider, "operator_origins", frozenset())
        origin = origin_of(url)
        role = self._context(request).role if main else Role.REQUISITE
        meta: dict[str, Any] = {"context": CrawlContext(role=role, source=self._context(request).source)}
        if origin in named:
            meta["operator_origin"] = origin
            if self._browser is not None:
                self._browser.proxy.open_origins.add(origin)
        asked = Request(url, meta=meta)
        try:
            for kind in (GateMiddleware, RobotsMiddleware):
                middleware: Any = self.crawler.get_downloader_middleware(kind)
                if middleware is not None and (waiting := middleware.process_request(asked)) is not None:
                    await waiting
        except IgnoreRequest as error:
            raise Refused(_reason(error), str(error)) from error
        robots: Robots | None = asked.meta.get("robots")
        return robots

    def _response(self, request: Request, rendered: Rendered) -> Response:
        answered = rendered.answered
        if answered.pointer is not None:
            request.meta["capture"] = answered.pointer
        request.meta["rendered"] = rendered.asked, rendered.left
        self._count("archiver/rendered")
        self._sides(request, rendered)
        headers: dict[str, list[str]] = {}
        for name, value in answered.headers:
            if name.lower() != "content-encoding":  # the body has none any more
                headers.setdefault(name, []).append(value)
        kind = responsetypes.from_args(headers=None, url=answered.url, body=answered.body)
        chosen = HtmlResponse if issubclass(kind, HtmlResponse) else Response
        return chosen(answered.url, status=answered.status, headers=headers, body=answered.body, request=request)

    def _sides(self, request: Request, rendered: Rendered) -> None:
        """Picture and DOM, at the time of the page's capture. Nobody fetched them, so they are side records under a `urn:`."""
        answered = rendered.answered
        if answered.pointer is None:
            return
        if rendered.dom is not None:
            block = rendered.dom.encode("utf-8", "replace")
            if answered.status == 200:
                request.meta["dom"] = block
            else:  # which no spider may ever see
                self._note(f"{DOM}{answered.url}", CONTENT_TYPE, block, answered.pointer)
        for name, picture in (("view", rendered.view), ("fullPage", rendered.whole)):
            if picture is not None:
                self._note(f"urn:{name}:{answered.url}", "image/png", picture, answered.pointer)
        if rendered.whole is None:
            self._count("archiver/rendered/without_picture")

    def _note(self, target: str, kind: str, block: bytes, page: CapturePointer) -> None:
        self.recorder.note(target, kind, block, page.fetch_time, page.page_id)

    def _count(self, name: str) -> None:
        if self.crawler.stats:
            self.crawler.stats.inc_value(name)

    async def close(self) -> None:
        """Ends the browser with the spider."""
        browser, self._browser = self._browser, None
        if browser is not None:
            await browser.stop()
