"""ProbeSpider: asks a site for what a source file needs (`archiver sources add`). What is asked is decided by `archiver.probe`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archiver.models import CrawlContext, Refusal, Role
from archiver.probe import Ask, Probe
from spiders.base import ArchiveSpider, origin_of

ROLES = {"listing": Role.LISTING, "robots": Role.ROBOTS, "feed": Role.FEED}


class ProbeSpider(ArchiveSpider):
    """`probe` is filled while the spider runs. Every answer is a capture like any other, robots.txt and pace hold as always."""

    name = "probe"

    def __init__(self, probe: Probe, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.probe = probe
        self.operator_origins = frozenset({origin_of(probe.homepage)})
        self._pending = 0

    async def start(self) -> AsyncIterator[Request]:
        for request in self._requests(self.probe.first()):
            yield request

    def _requests(self, asks: list[Ask]) -> list[Request]:
        self._pending += len(asks)
        requests = []
        for ask in asks:
            context = CrawlContext(role=ROLES.get(ask.kind, Role.SITEMAP), seed=ask.root is None, via=ask.root)
            requests.append(self.ask(ask.url, self.parse_answer, context, probe_ask=ask))
        return requests

    def parse_answer(self, response: Response) -> Iterator[Request]:
        """Whatever was asked for: the probe learns from it and says what to ask next."""
        asks = self.probe.take(response.meta["probe_ask"], self.capture_of(response))
        yield from self._requests(asks)
        yield from self._answered()

    def failed(self, failure: Failure) -> Iterator[Refusal | Request]:  # type: ignore[override]
        ask: Ask = failure.request.meta["probe_ask"]  # type: ignore[attr-defined]
        for refusal in super().failed(failure):
            self.probe.failed(ask, f"{refusal.reason}: {refusal.detail}" if refusal.detail else refusal.reason)
            yield refusal
        yield from self._answered()

    def _answered(self) -> Iterator[Request]:
        self._pending -= 1
        if self._pending == 0:
            yield from self._requests(self.probe.more())
