"""TdmrepMiddleware: what a site reserves for text and data mining, known before its first article is asked for.

Belongs here: fetching /.well-known/tdmrep.json once a day for each origin, and telling each article request what it says. Nothing is
refused for it: it is recorded (`rights` of a document), and who mines the archive has to look. What the file means is `archiver.tdmrep`'s
matter. A site that has none, or whose file cannot be had, says nothing; its articles are captured as ever.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response

from archiver import clock
from archiver.errors import RecordingError, Refused
from archiver.models import CapturePointer, CrawlContext, Role
from archiver.payload import decode
from archiver.tdmrep import FILE, SIZE_MAX, Rule, read_tdmrep, rule_for
from pipelines.hosts import Hosts
from pipelines.robots import Copies

AGE_MAX = timedelta(days=1)
TIMEOUT_MAX = 20.0
"""Seconds that articles wait for a file that most sites do not have."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one origin's file says; no rules where there is no file. `record_id` is that of its capture."""

    rules: tuple[Rule, ...] = ()
    record_id: str | None = None


@dataclass(slots=True)
class Shelf:
    """What the spiders of a run share about one origin: the first to need it asks, the others wait for that."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    said: Said | None = None


_shelves: WeakKeyDictionary[Hosts, dict[str, Shelf]] = WeakKeyDictionary()


class TdmrepMiddleware:
    def __init__(self, crawler: Crawler) -> None:
        if not crawler.settings.getbool("ARCHIVER_TDMREP"):
            raise NotConfigured
        self.crawler = crawler
        self._copies = Copies(crawler)
        self._shelves = _shelves.setdefault(Hosts.of(crawler), {})
        crawler.signals.connect(self._copies.close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> TdmrepMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """The rule for an article's URL goes with its request; each hop of a redirect is another URL."""
        request.meta.pop("tdmrep", None)
        context: CrawlContext | None = request.meta.get("context")
        if context is None or context.role is not Role.ARTICLE:
            return
        parts = urlsplit(request.url)
        said = await self._said_by(f"{parts.scheme}://{parts.netloc}{FILE}", request.meta)
        if rule := rule_for(request.url, said.rules):
            words = {"reservation": rule.reservation, "policy": rule.policy, "record_id": said.record_id}
            request.meta["tdmrep"] = {f"tdm_{name}": word for name, word in words.items() if word}

    async def _said_by(self, url: str, meta: dict[str, Any]) -> Said:
        shelf = self._shelves.setdefault(url, Shelf())
        if shelf.said is None:
            async with shelf.lock:
                if shelf.said is None:
                    shelf.said = await self._learn(url, meta)
        return shelf.said

    async def _learn(self, url: str, meta: dict[str, Any]) -> Said:
        """What a copy of today says, or what is fetched now, or an older copy when nothing can be had now."""
        copy = self._copies.find(url)
        known = Said(tuple(read_tdmrep(copy.content or b"")), copy.record_id) if copy else None
        if copy and known and clock.now() - copy.fetched < AGE_MAX:
            return known
        return await self._fetch(url, meta) or known or Said()

    async def _fetch(self, url: str, meta: dict[str, Any]) -> Said | None:
        """None where the file cannot be had now, which says nothing about what is in it."""
        context: CrawlContext = meta["context"]
        asked = Request(
            url,
            priority=900,
            dont_filter=True,
            meta={
                "about_rules": True,
                "context": CrawlContext(role=Role.ROBOTS, source=context.source, hops_from_seed="P"),
                "operator_origin": meta.get("operator_origin"),
                "dont_retry": True,
                "download_timeout": min(TIMEOUT_MAX, self.crawler.settings.getfloat("DOWNLOAD_TIMEOUT")),
                "download_maxsize": 2 * SIZE_MAX,
            },
        )
        try:
            response = await self.crawler.engine.download_async(asked)
        except RecordingError:
            raise
        except Exception:  # noqa: BLE001  whatever keeps the file away, the article is asked for; counted
            self._count("unreachable")
            return None
        return self._read(response, url)

    def _read(self, response: Response, url: str) -> Said | None:
        self._count(f"status/{response.status}")
        pointer: CapturePointer | None = response.meta.get("capture")
        if pointer is None or response.status == 429 or not (response.status == 200 or 400 <= response.status < 500):
            return None
        self._copies.note(url, pointer)
        if response.status != 200:
            return Said((), pointer.warc_record_id)
        coding = [value.decode("latin-1") for value in response.headers.getlist("Content-Encoding")]
        try:
            content = decode(response.body, coding)
        except Refused:
            return Said((), pointer.warc_record_id)
        return Said(tuple(read_tdmrep(content)), pointer.warc_record_id)

    def _count(self, what: str) -> None:
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"archiver/tdmrep/{what}")
