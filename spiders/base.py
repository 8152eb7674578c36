"""ArchiveSpider: response -> capture -> document, refusal and follow-up requests.

Belongs here: what every spider of ours shares. Nothing is decided here that could be decided without a reactor: screening and
extraction run in worker processes (`archiver.work`), and refusals are named in `spiders.failures`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from archiver.errors import RecordingError
from archiver.models import Capture, CapturePointer, CrawlContext, Document, PageRequisites, RefersTo, Refusal, Role
from archiver.models.hints import ExtractHints
from archiver.platforms.accounts import load_accounts
from archiver.platforms.options import PlatformOptions
from archiver.pool import ExtractPool, acquire_pool, release_pool
from archiver.reasons import Reason
from archiver.requisites import Budgets
from archiver.sources import Source, read_sources
from archiver.warc import read_capture_at
from archiver.work import Outcome, Task
from spiders.failures import reason_of
from spiders.looks import Looks
from spiders.posts import PostChains
from spiders.together import Together

AHEAD = 4
"""Article requests given to the scheduler at a time, as a multiple of the concurrency: memory stays flat for any list."""

PRIORITY = {Role.FEED: 30, Role.SITEMAP: 30, Role.LISTING: 20, Role.ARTICLE: 10, Role.REQUISITE: 0, Role.POST: -10}


class ArchiveSpider(Spider):
    """Base of all spiders. Subclasses give `name`, `start` and the origins that the operator or a source file named."""

    hints = ExtractHints()
    operator_origins: frozenset[str] = frozenset()
    trusts_archive = True
    """Whether a cited post that the archive has whole is left to its re-checks, and not asked for again."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._under_way: dict[str, None] = {}
        self._pages: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> ArchiveSpider:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider._open_pool, signals.spider_opened)
        crawler.signals.connect(spider._close_pool, signals.spider_closed)
        return spider

    def _open_pool(self) -> None:
        settings = self.crawler.settings
        workers = settings.getint("ARCHIVER_WORKERS")
        self._pool: ExtractPool | None = None
        if workers:
            limits = settings.getfloat("ARCHIVER_PAGE_TIME"), settings.getint("ARCHIVER_PAGE_MEMORY")
            self._pool = acquire_pool(workers, *limits)
        self._turns = asyncio.Semaphore(4 * max(1, workers))
        self._room = asyncio.Semaphore(AHEAD * settings.getint("CONCURRENT_REQUESTS"))
        self._folder = Path(settings["ARCHIVER_SPOOL"])
        self._render = settings.getbool("ARCHIVER_RENDER")
        self._posts = self._chains(settings.get("ARCHIVER_POSTS"))
        self._wants_looks = settings.getbool("ARCHIVER_REQUISITES")
        budgets: Budgets = settings.get("ARCHIVER_BUDGETS") or Budgets()
        note = self.crawler.recorder.note  # type: ignore[attr-defined]
        self._looks = Looks(
            budgets, settings.getint("ARCHIVER_REQUISITE_MAX"), self.ask_requisite, note, self.capture_of
        )

    def _chains(self, options: PlatformOptions | None) -> PostChains | None:
        if options is None:
            return None
        self.operator_origins |= {origin_of(base) for base in options.bases.values()}
        self.operator_origins |= {origin_of(str(source.homepage)) for source in self.sources().values()}
        note = self.crawler.recorder.note  # type: ignore[attr-defined]
        accounts = load_accounts(*map(Path, self.crawler.settings.getlist("ARCHIVER_ACCOUNTS")))
        known = self.crawler.settings.get("ARCHIVER_KNOWN_POSTS")
        assert self.crawler.stats
        count = self.crawler.stats.inc_value
        together = Together.of(self.crawler.settings["ARCHIVER_RUN_ID"], self.crawler.settings["ARCHIVER_SPOOL"])
        have = options, self.ask, self.capture_of, note, accounts, self.sources(), known, count, together
        return PostChains(*have, trusting=self.trusts_archive)

    def sources(self) -> dict[str, Source]:
        """Every outlet that has a source file, by id: the accounts of one are asked for when another quotes it."""
        own: Source | None = getattr(self, "source", None)
        folders = tuple(self.crawler.settings.getlist("ARCHIVER_SOURCES"))
        return {**_sources_in(folders), **({own.id: own} if own else {})}

    def _close_pool(self) -> None:
        if self._pool:
            release_pool(self._pool)

    # Requests

    def ask(
        self,
        url: str,
        callback: Callable[..., Any],
        context: CrawlContext,
        *,
        errback: Callable[..., Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **meta: Any,
    ) -> Request:
        """A request whose capture will carry `context`. Failures are counted by Reason unless `errback` takes them."""
        origin = origin_of(url)
        if origin in self.operator_origins:
            meta["operator_origin"] = origin
        context = replace(context, source=self.name)
        return Request(
            url,
            callback=callback,
            errback=errback or self.failed,
            headers=headers,
            priority=PRIORITY.get(context.role, 0) if context.role else 0,
            meta={"context": context, **meta},
            dont_filter=True,  # who asks knows what was asked for
        )

    async def ask_article(self, url: str, context: CrawlContext) -> Request:
        """An article request, once there is room for it; its answer or failure makes room again."""
        await self._room.acquire()
        self._under_way[url] = None
        return self.ask(url, self.parse_article, context, asked=url, render=self._render)

    def _article_done(self, meta: dict[str, Any]) -> None:
        self._under_way.pop(meta["asked"], None)
        self._room.release()

    def unasked(self, finish_reason: str) -> Iterator[Refusal]:
        """The article URLs that the run ended before; nothing disappears without a Reason."""
        reason = Reason.BUDGET_SPENT if finish_reason == "closespider_timeout" else Reason.RUN_ENDED
        for url in self._under_way:
            yield self.refusal(url, reason, f"the run ended with {finish_reason}")

    # Responses

    async def parse_article(self, response: Response) -> AsyncIterator[Document | Refusal | Request | PageRequisites]:
        """An article page: its document or the Reason there is none, then what the page needs to look as it did."""
        following: list[str] = []
        try:
            async for item in self._read_article(response, following):
                yield item
        finally:
            self._article_done(response.meta)
        for url in following:  # its turn comes when this page has given its place away
            yield await self._ask_next_page(url, response)

    async def _ask_next_page(self, url: str, response: Response) -> Request:
        """The next page of an article: an article page of its own, found on this one."""
        pointer: CapturePointer = response.meta["capture"]
        seen = {"kind": "page", "url": response.url, "seen_at": pointer.model_dump(mode="json")["fetch_time"]}
        hops = response.meta["context"].hops_from_seed + "L"
        context = CrawlContext(role=Role.ARTICLE, via=response.url, hops_from_seed=hops, discovered=(seen,))
        return await self.ask_article(url, context)

    def _goes_on(self, outcome: Outcome, response: Response) -> Iterator[str | Refusal]:
        """The page at which the article goes on, if this run neither asked for it nor is to leave it alone."""
        url = outcome.next_page
        if url is None or url in self._pages or url in self._under_way:
            return
        self._pages.update((url, response.url))
        left_out = self.leaves_out(url)
        if left_out is None:
            self._under_way[url] = None  # from now on it is asked for, or there is a Reason
            yield url
        elif left_out[0] is not Reason.DUPLICATE:
            yield self.refusal(url, *left_out)

    def leaves_out(self, url: str) -> tuple[Reason, str] | None:
        """Why a further page of an article is not asked for; `duplicate` where it is visited by itself, before or after."""
        return None

    async def _read_article(
        self, response: Response, following: list[str]
    ) -> AsyncIterator[Document | Refusal | Request | PageRequisites]:
        """`following` receives the page at which the article goes on."""
        pointer, outcome = await self._outcome(response)
        for found in self._goes_on(outcome, response):
            if isinstance(found, Refusal):
                yield found
            else:
                following.append(found)
        if outcome.line:
            yield Document("article", outcome.line, pointer, self.name, response.url)
            if self._posts:
                for request in self._posts.begin(
                    outcome.line, pointer, response.meta["context"].hops_from_seed, outcome.accounts
                ):
                    yield request
        else:
            assert outcome.reason
            refusal = self.refusal(response.url, outcome.reason, outcome.detail, pointer, asked=response.meta["asked"])
            yield refusal.model_copy(update={"archiving_restricted": outcome.restricted})
        asked, left = response.meta.get("rendered", ((), ()))
        for one in left:
            yield self.refusal(one.url, one.reason, one.detail, role=Role.REQUISITE)
        # A page that was asked for by its URL is kept with its looks, article or not.
        if self._wants_looks and (outcome.line or response.meta["context"].seed):
            for step in self._looks.begin(response, outcome, asked):
                yield step

    async def _outcome(self, response: Response) -> tuple[CapturePointer, Outcome]:
        """What a page gives, and the record that it was read from: the served page, or, where that has no text, the DOM that a browser
        made of it."""
        pointer: CapturePointer = response.meta["capture"]
        outcome = await self.extract(pointer)
        dom: bytes | None = response.meta.pop("dom", None)
        if dom is None:
            return pointer, outcome
        empty = outcome.reason is Reason.NO_TEXT
        recorder = self.crawler.recorder  # type: ignore[attr-defined]
        built: CapturePointer = await recorder.record_dom(self.capture_of(response), dom, empty)
        return (built, await self.extract(built)) if empty else (pointer, outcome)

    async def extract(self, pointer: CapturePointer) -> Outcome:
        """The outcome of a capture, from a worker process. Waits for its turn, so that memory stays bounded."""
        if self._pool is None:
            return Outcome(reason=Reason.NOT_AN_ARTICLE, detail="extraction is switched off (ARCHIVER_WORKERS = 0)")
        wants = self.crawler.settings.getbool("ARCHIVER_REQUISITES")
        task = Task(str(self._file(pointer)), pointer.warc_record_offset, pointer.warc_filename, self.hints, wants)
        async with self._turns:
            return await asyncio.wrap_future(self._pool.submit(task))

    def _file(self, pointer: CapturePointer) -> Path:
        return self._folder / pointer.warc_filename.rpartition("/")[2]

    def capture_of(self, response: Response) -> Capture:
        """The response's Capture, read back from the spool: interpretation sees what was recorded, nothing else."""
        pointer: CapturePointer = response.meta["capture"]
        return read_capture_at(self._file(pointer), pointer.warc_record_offset, warc_filename=pointer.warc_filename)

    def ask_requisite(self, url: str, context: CrawlContext, **meta: Any) -> Request:
        """A request for what a page needs; an unchanged answer is a revisit of the published record."""
        context = replace(context, original=self.original_of(url))
        return self.ask(url, self.parse_requisite, context, errback=self.requisite_failed, **meta)

    def original_of(self, url: str) -> tuple[RefersTo, str] | None:
        """The published record of a URL, where the spider knows of one."""
        return None

    def parse_requisite(self, response: Response) -> Iterator[Request | Refusal | PageRequisites]:
        """A requisite is captured by now; a stylesheet and a frame name more of them."""
        if response.status != 200:
            yield self.refusal(response.url, Reason.HTTP_ERROR, f"status {response.status}", response.meta["capture"])
        yield from self._looks.answered(response)

    def requisite_failed(self, failure: Failure) -> Iterator[Request | Refusal | PageRequisites]:
        """A requisite that gave no response: counted, and the pages that need it go on without it."""
        reason = Reason.RUN_ENDED.value
        for refusal in self.failed(failure):
            reason = refusal.reason
            yield refusal
        yield from self._looks.failed(failure.request, reason)  # type: ignore[attr-defined]

    def pages_left(self) -> Iterator[PageRequisites]:
        """The pages whose requisites the run ended before."""
        return self._looks.rest()

    # Refusals

    def failed(self, failure: Failure) -> Iterator[Refusal]:
        """A request that gave no response: counted by Reason, with its capture when a part arrived."""
        request: Request = failure.request  # type: ignore[attr-defined]
        context: CrawlContext = request.meta["context"]
        if context.role is Role.ARTICLE:
            self._article_done(request.meta)
        if isinstance(failure.value, RecordingError):
            return  # the recorder has stopped the run; this is no property of the URL
        reason, detail = reason_of(failure.value or Exception("no exception"))
        asked = request.meta.get("redirect_urls", [request.url])[0]
        yield self.refusal(request.url, reason, detail, request.meta.get("capture"), asked=asked, role=context.role)

    def refusal(
        self,
        url: str,
        reason: Reason,
        detail: str = "",
        pointer: CapturePointer | None = None,
        *,
        asked: str | None = None,
        role: Role | None = Role.ARTICLE,
    ) -> Refusal:
        """`asked` is where the redirects to `url` began."""
        return Refusal(
            url=url,
            requested_url=asked if asked != url else None,
            source=self.name,
            reason=reason.value,
            detail=detail or None,
            record_id=pointer.warc_record_id if pointer else None,
            role=role.value if role else None,
        )


@lru_cache(maxsize=4)
def _sources_in(folders: tuple[str, ...]) -> dict[str, Source]:
    """The sources of some folders; what is wrong with a file is told by whoever crawls it."""
    return {source.id: source for folder in folders for source in read_sources(Path(folder))[0]}


def origin_of(url: str) -> str:
    """`host:port` of a URL, the form in which operator origins are compared."""
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
