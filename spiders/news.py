"""NewsSpider: one class for every source; the loader makes one subclass a source file.

Discovery documents come first and are merged, so that an article knows every feed, sitemap and page that showed it; then the
articles are asked for, a bounded number at a time, so that memory stays flat however long the list is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from scrapy import Request
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from archiver.discovery import Entry, discover
from archiver.errors import Refused
from archiver.models import CrawlContext, Refusal, Role
from archiver.reasons import Reason
from archiver.settings import settings_of_source
from archiver.sources import Discover, Source
from archiver.urls import canonical
from spiders.base import ArchiveSpider, origin_of

ROLES = {"feed": Role.FEED, "news-sitemap": Role.SITEMAP, "sitemap": Role.SITEMAP, "listing": Role.LISTING}
HOPS = {"feed": "M", "news-sitemap": "M", "sitemap": "M", "listing": "L"}


@dataclass(slots=True)
class Offer:
    """An article that was offered: by whom first, and by everybody. Asked for as it was offered; only keys are normalised."""

    url: str
    via: str
    hops: str
    witnesses: list[dict[str, Any]] = field(default_factory=list)


class NewsSpider(ArchiveSpider):
    """Crawls one source: its feeds, sitemaps and listings, then every article that they show."""

    source: ClassVar[Source]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hints = self.source.extract
        named = [self.source.homepage, *(item.url for item in self.source.discover)]
        self.operator_origins = frozenset(map(origin_of, named))
        self._offers: dict[str, Offer] = {}
        self._pending_discovery = len(self.source.discover)
        self._discovered = asyncio.Event()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        for name, value in settings_of_source(cls.source, settings).items():
            settings.set(name, value, priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        for item in self.source.discover:
            yield self._ask_discovery(item)
        if self._pending_discovery:
            await self._discovered.wait()
        self.crawler.stats.set_value("archiver/known", len(self._offers))
        budget = self.crawler.settings.getint("ARCHIVER_MAX_PAGES") or len(self._offers)
        for number, key in enumerate(list(self._offers)):
            if number >= budget:
                url = self._offers.pop(key).url
                yield self.refusal(url, Reason.BUDGET_SPENT, f"only {budget} pages were allowed")
                continue
            yield await self._ask_article(key)

    def _ask_discovery(self, item: Discover) -> Request:
        context = CrawlContext(role=ROLES[item.kind], seed=True)
        return self.ask(item.url, self.parse_discovery, context, kind=item.kind)

    async def _ask_article(self, key: str) -> Request:
        offer = self._offers[key]
        context = CrawlContext(
            role=Role.ARTICLE, via=offer.via, hops_from_seed=offer.hops, discovered=tuple(offer.witnesses)
        )
        request = await self.ask_article(offer.url, context)
        del self._offers[key]
        return request

    def unasked(self, finish_reason: str) -> Iterator[Refusal]:
        self._under_way.update(dict.fromkeys(offer.url for offer in self._offers.values()))
        return super().unasked(finish_reason)

    def parse_discovery(self, response: Response) -> Iterator[Refusal]:
        """A feed, sitemap or listing: its entries are kept for `start`, those that the source leaves out are counted."""
        capture = self.capture_of(response)
        try:
            if response.status != 200:
                raise Refused(Reason.HTTP_ERROR, f"status {response.status}")
            elsewhere: list[Entry] = []
            for entry in discover(capture, response.meta["kind"], self.source.homepage, off_site=elsewhere.append):
                yield from self._note(entry, capture.pointer.fetch_time, capture.context.hops_from_seed)
            for entry in elsewhere:
                if entry.kind != "listing":  # a page's links to the rest of the web are no refusals
                    yield self.refusal(entry.url, Reason.OFF_SITE, f"offered by {entry.witness}")
        except Refused as refused:
            yield self.refusal(response.url, refused.reason, refused.detail, capture.pointer)
        finally:
            self._discovery_done()

    def _note(self, entry: Entry, seen_at: datetime, hops: str) -> Iterator[Refusal]:
        if not self.source.articles.wants(entry.url):
            if entry.kind != "listing":  # a page's menus are no refusals; what a feed offers is
                yield self.refusal(entry.url, Reason.DENIED_BY_SOURCE)
            return
        key = canonical(entry.url)
        offer = self._offers.setdefault(key, Offer(entry.url, entry.witness, hops + HOPS[entry.kind]))
        if entry.url == key:  # the spelling without tracking parameters, where somebody offers it
            offer.url = key
        offer.witnesses.append(entry.as_discovered(seen_at))

    def failed(self, failure: Failure) -> Iterator[Refusal]:
        context: CrawlContext = failure.request.meta["context"]  # type: ignore[attr-defined]
        if context.role not in (Role.ARTICLE, Role.REQUISITE):
            self._discovery_done()
        yield from super().failed(failure)

    def _discovery_done(self) -> None:
        self._pending_discovery -= 1
        if self._pending_discovery <= 0:
            self._discovered.set()
