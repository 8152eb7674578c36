"""NewsSpider: one class for every source; the loader makes one subclass a source file.

Discovery documents come first and what they show goes into the frontier, so that an article knows every feed, sitemap and page that
ever showed it; then the articles that are due are asked for, a bounded number at a time, so that memory stays flat.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from archiver.discovery import NESTING_MAX, Entry, choose_children
from archiver.errors import RecordingError, Refused
from archiver.frontier import Known
from archiver.models import Capture, CrawlContext, RefersTo, Refusal, Role
from archiver.optout import OptOut
from archiver.reasons import Reason
from archiver.settings import settings_of_source
from archiver.sources import Discover, Source
from spiders.base import ArchiveSpider, origin_of
from spiders.memory import Memory, asked_for
from spiders.reading import HOPS, Read, beside, read_document

ROLES = {
    "feed": Role.FEED,
    "news-sitemap": Role.SITEMAP,
    "sitemap": Role.SITEMAP,
    "robots": Role.ROBOTS,
    "listing": Role.LISTING,
}


class NewsSpider(ArchiveSpider):
    """Crawls one source: its feeds, sitemaps and listings, then every article that they show."""

    source: ClassVar[Source]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = self.source.extract
        named = [self.source.homepage, *(item.url for item in self.source.discover)]
        self.operator_origins = frozenset(map(origin_of, named))
        self._offers: dict[str, str] = {}
        self._wanted: dict[str, Known] = {}
        self._visits: frozenset[str] = frozenset()
        self._budget = self._left = 0
        self._memory: Memory | None = None
        self._pending_discovery = len(self.source.discover)
        self._sitemaps = {item.url for item in self.source.discover}
        self._discovered = asyncio.Event()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        for name, value in settings_of_source(cls.source, settings).items():
            settings.set(name, value, priority="spider")

    @property
    def memory(self) -> Memory:
        """Opened on first use, in the process and at the moment that the run needs it."""
        if self._memory is None:
            self._memory = Memory(self.crawler.settings, self.source, self._fail)
        return self._memory

    def _fail(self, error: RecordingError) -> None:
        """Stops the run from whichever thread the frontier failed in."""
        self._loop.call_soon_threadsafe(self.crawler.recorder.fail, error)  # type: ignore[attr-defined]

    def closed(self, reason: str) -> None:
        if self._memory is not None:
            self._memory.close()

    async def start(self) -> AsyncIterator[Any]:
        self._loop = asyncio.get_running_loop()
        asked = [item for item in self.source.discover if not self.memory.skips(item)]
        self._pending_discovery = len(asked)
        for item in asked:
            yield self._ask_discovery(item)
        if self._pending_discovery:
            await self._discovered.wait()
        wanted, not_due = await beside(lambda: self.memory.wanted(list(self._offers.values())))
        self._wanted = self._chosen_articles(wanted, not_due)
        self._visits = frozenset(self._wanted)
        self._budget = self.crawler.settings.getint("ARCHIVER_MAX_PAGES")
        self._left = self._budget or len(self._wanted)
        optout = self.crawler.settings["ARCHIVER_OPTOUT"] or OptOut()
        for url in list(self._wanted):
            costs = not optout.covers(url)  # otherwise the gate refuses it, and it costs nothing
            if costs and self._left <= 0:
                del self._wanted[url]
                yield self.refusal(url, Reason.BUDGET_SPENT, f"only {self._budget} pages were allowed")
                continue
            self._left -= costs
            yield await self._ask_article(url)

    def leaves_out(self, url: str) -> tuple[Reason, str] | None:
        """A further page is left out by the source's `deny` and by the run's budget; `allow` names where articles begin."""
        if url in self._visits:
            return Reason.DUPLICATE, "it is visited by itself"
        if self.source.articles.denies(url):
            return Reason.DENIED_BY_SOURCE, "a further page of an article"
        if self._budget:
            if self._left <= 0:
                return Reason.BUDGET_SPENT, f"only {self._budget} pages were allowed"
            self._left -= 1
        return None

    def _chosen_articles(self, wanted: dict[str, Known], not_due: int) -> dict[str, Known]:
        """What this run fetches; what it knows and leaves alone is counted."""
        self._offers.clear()
        stats = self.crawler.stats
        stats.set_value("archiver/known", len(wanted))
        spared = not_due + self.memory.unread
        stats.set_value("archiver/spared", spared)
        stats.set_value("archiver/offered", len(wanted) + spared)
        if not_due:
            stats.inc_value(f"archiver/counted/{Reason.NOT_DUE.value}", not_due)
        return wanted

    def _ask_discovery(self, item: Discover) -> Request:
        context = CrawlContext(role=ROLES[item.kind], seed=True, original=self.memory.original_of_document(item.url))
        conditions = self.memory.conditions(item.kind, item.url)
        return self.ask(item.url, self.parse_discovery, context, headers=conditions, kind=item.kind)

    def original_of(self, url: str) -> tuple[RefersTo, str] | None:
        return self.memory.original(url)

    async def _ask_article(self, url: str) -> Request:
        known = self._wanted[url]
        context = CrawlContext(
            role=Role.ARTICLE,
            via=known.discovered[0]["url"] if known.discovered else None,
            hops_from_seed=known.hops,
            discovered=known.discovered,
            previous=known.version.as_previous() if known.version else {},
            original=self.memory.original_of(url, known),
        )
        request = await self.ask_article(url, context)
        self._wanted.pop(url, None)
        return request

    def unasked(self, finish_reason: str) -> Iterator[Refusal]:
        self._under_way.update(dict.fromkeys([*self._offers.values(), *self._wanted]))
        return super().unasked(finish_reason)

    async def parse_discovery(self, response: Response) -> AsyncIterator[Refusal | Request]:
        """A feed, sitemap or listing: its entries are known from now on, those that the source leaves out are counted.

        An index leads to its newest children, which count as discovery documents of the source.
        """
        kind = response.meta["kind"]
        try:
            if response.status == 304:
                self.memory.unchanged(kind, response)
                return
            capture, read = await beside(lambda: self._read(response))
            for key, url in read.spellings:
                self._offers.setdefault(key, url)
                if url == key:  # the spelling without tracking parameters, where somebody offers it
                    self._offers[key] = key
            for url, reason, detail in read.refused:
                yield self.refusal(url, reason, detail)
            for child in self._chosen(read.children, response):
                self._pending_discovery += 1
                yield self._ask_child(child, capture, response)
        except Refused as refused:
            self.memory.failed(kind, asked_for(response))
            pointer, role = response.meta["capture"], response.meta["context"].role
            yield self.refusal(response.url, refused.reason, refused.detail, pointer, role=role)
        finally:
            self._discovery_done()

    def _chosen(self, children: list[Entry], response: Response) -> list[Entry]:
        """The children of an index to ask for now; those left for another time are counted."""
        depth = response.meta.get("sitemap_depth", 0)
        new = [entry for entry in children if entry.url not in self._sitemaps]
        due = [entry for entry in new if not self.memory.skips(Discover(kind="sitemap", url=entry.url))]
        chosen = choose_children(due, known=self.memory.unchanged_child) if depth < NESTING_MAX else []
        self._sitemaps |= {entry.url for entry in chosen}
        if left := len(children) - len(chosen):
            self.crawler.stats.inc_value(f"archiver/counted/{Reason.NOT_DUE.value}", left)
        return chosen

    def _ask_child(self, entry: Entry, capture: Capture, response: Response) -> Request:
        kind = "sitemap" if entry.kind == "robots" else entry.kind
        depth = response.meta.get("sitemap_depth", 0) + 1
        context = CrawlContext(
            role=Role.SITEMAP,
            via=capture.url,
            hops_from_seed=capture.context.hops_from_seed + HOPS[entry.kind],
            original=self.memory.original_of_document(entry.url),
        )
        conditions = self.memory.conditions(kind, entry.url)
        return self.ask(entry.url, self.parse_discovery, context, headers=conditions, kind=kind, sitemap_depth=depth)

    def _read(self, response: Response) -> tuple[Capture, Read]:
        """The document and what it showed, which the frontier knows by then. Runs beside the reactor."""
        if response.status != 200:
            raise Refused(Reason.HTTP_ERROR, f"status {response.status}")
        kind: str = response.meta["kind"]
        capture = replace(self.capture_of(response), context=response.meta["context"])
        if capture.pointer.warc_type == "revisit" and not capture.body:
            capture = replace(capture, body=response.body)  # the digest has proved it to be the original's
        read = read_document(capture, kind, self.source)
        self.memory.read(kind, response, read.offers, index=bool(read.children))
        return capture, read

    def failed(self, failure: Failure) -> Iterator[Refusal]:
        request: Request = failure.request  # type: ignore[attr-defined]
        if request.meta["context"].role not in (Role.ARTICLE, Role.REQUISITE):
            self.memory.failed(request.meta["kind"], request.meta.get("redirect_urls", [request.url])[0])
            self._discovery_done()
        yield from super().failed(failure)

    def _discovery_done(self) -> None:
        self._pending_discovery -= 1
        if self._pending_discovery <= 0:
            self._discovered.set()
