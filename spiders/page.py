"""PageSpider: capture these pages now (`archiver capture URL...`, or `scrapy crawl page -a urls=...`)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

from archiver.errors import RecordingError
from archiver.frontier import Frontier
from archiver.models import CrawlContext, RefersTo, Refusal, Role
from archiver.reasons import Reason
from archiver.urls import absolute
from spiders.base import ArchiveSpider, origin_of
from spiders.memory import recall
from spiders.reading import beside


class PageSpider(ArchiveSpider):
    """`urls`: a list, or a string with white space between the URLs. Each becomes a seed."""

    name = "page"
    trusts_archive = False

    def __init__(self, urls: list[str] | str = "", *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.urls = urls.split() if isinstance(urls, str) else list(urls)
        self._left = dict.fromkeys(url for raw in self.urls if (url := absolute(raw)))
        self._given = frozenset(self._left)
        self.operator_origins = frozenset(origin_of(url) for raw in self.urls if (url := absolute(raw)))
        self._frontier: Frontier | None = None

    async def start(self) -> AsyncIterator[Any]:
        self.crawler.stats.set_value("archiver/known", len(self.urls))
        asked: set[str] = set()
        known = await self._recall()
        for raw in self.urls:
            url = absolute(raw)
            if url is None:
                yield self.refusal(raw, Reason.BAD_URL, "write it whole, such as https://www.example.com/page")
            elif url in asked:
                yield self.refusal(url, Reason.DUPLICATE)
            else:
                asked.add(url)
                context = replace(known.get(url, CrawlContext()), role=Role.ARTICLE, seed=True)
                request = await self.ask_article(url, context)
                del self._left[url]
                yield request

    async def _recall(self) -> dict[str, CrawlContext]:
        """What the frontier knows of the pages; a frontier that fails stops the run."""
        urls = list(self._left)
        try:
            return await beside(lambda: recall(self.crawler.settings, urls))
        except RecordingError as error:
            self.crawler.recorder.fail(error)  # type: ignore[attr-defined]
            return {}

    def original_of(self, url: str) -> tuple[RefersTo, str] | None:
        """A requisite that an earlier run of any kind published; opened on first use, in the process that the run needs it in."""
        settings = self.crawler.settings
        try:
            if self._frontier is None:
                self._frontier = Frontier(settings["ARCHIVER_FRONTIER"], settings["ARCHIVER_PLAN"])
            found = self._frontier.original(url)
        except RecordingError as error:
            self.crawler.recorder.fail(error)  # type: ignore[attr-defined]
            return None
        return found.as_context() if found else None

    def leaves_out(self, url: str) -> tuple[Reason, str] | None:
        return (Reason.DUPLICATE, "it was asked for by itself") if url in self._given else None

    def closed(self, reason: str) -> None:
        if self._frontier is not None:
            self._frontier.close()

    def unasked(self, finish_reason: str) -> Iterator[Refusal]:
        self._under_way.update(self._left)
        return super().unasked(finish_reason)
