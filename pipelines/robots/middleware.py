"""RobotsMiddleware: asks each host before it is asked anything else.

Belongs here: fetching, keeping and asking robots.txt. Scrapy's own middleware allows on any failure, which RFC 9309 2.3.1.4
makes a complete disallow. Each robots.txt is a capture like every other; its record id is part of every decision it gave.

What earlier runs captured is in the frontier, and is used in place of a fetch for a day (RFC 9309 2.4), and for a month when the
file cannot be had. A source that discovers through its robots.txt gets the answer that was fetched for the rules: one fetch serves both.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from OpenSSL import SSL
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CannotResolveHostError, DownloadConnectionRefusedError, IgnoreRequest
from scrapy.http import Response

from archiver import clock
from archiver.errors import PrivateAddressError, RecordingError, Refused
from archiver.frontier import RobotsCopy
from archiver.models import CapturePointer, CrawlContext, Role
from archiver.payload import decode
from archiver.reasons import Reason
from archiver.urls import host_of
from pipelines.hosts import Hosts
from pipelines.robots.copies import Copies
from pipelines.robots.rules import RobotsTxt

logger = logging.getLogger(__name__)

NO_CONNECTION = (PrivateAddressError, CannotResolveHostError, DownloadConnectionRefusedError)

AGE_MAX = 24 * 3600.0
LAST_RESORT = timedelta(days=30)
"""Age up to which a copy is used when the file cannot be had (capture conduct; RFC 9309 2.3.1.4 leaves it open)."""

REDIRECTS_MAX = 5
DELAY_MAX = 60.0


class RobotsRefused(IgnoreRequest):
    """robots.txt (or its absence from the wire) keeps a URL from being asked for."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


class HostUnreachable(IgnoreRequest):
    """The host of a URL cannot be reached at all; its cause says why."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin's robots.txt said. `parser` is None where there is no file; `unreachable` says why all is disallowed,
    `unreachable_host` is the failure where not even a connection came about: then it is no matter of robots.txt."""

    parser: RobotsTxt | None
    record_id: str | None
    unreachable: str | None = None
    unreachable_host: Exception | None = None
    answer: Response | None = None
    """What was fetched for this, where it was fetched in this run."""


@dataclass(slots=True)
class Shelf:
    """What the spiders of a run share about one origin's robots.txt: the first to need it asks, the others wait for that."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Rules | None = None
    asked_at: float = 0.0

    def known(self) -> Rules | None:
        return self.rules if monotonic() - self.asked_at <= AGE_MAX else None

    def put(self, rules: Rules) -> None:
        """Keeps what an answer said. That none came may be a matter of the spider that asked, which is about to end."""
        if rules.record_id is not None:
            self.rules, self.asked_at = replace(rules, answer=None), monotonic()


_shelves: WeakKeyDictionary[Hosts, dict[str, Shelf]] = WeakKeyDictionary()


class RobotsMiddleware:
    """Asks each origin's robots.txt once in 24 hours, before the first request to it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.agent = str(crawler.settings["USER_AGENT"]).split("/", 1)[0]
        self._copies = Copies(crawler)
        self._exempt_hosts = [name.lower() for name in crawler.settings.getlist("ARCHIVER_ROBOTS_EXEMPT")]
        if self._exempt_hosts:
            logger.info("robots.txt is not asked for requisites of %s", ", ".join(self._exempt_hosts))
        self._rules: dict[str, asyncio.Task[Rules]] = {}
        self._asked_at: dict[str, float] = {}
        self._hosts = Hosts.of(crawler)
        self._shelves = _shelves.setdefault(self._hosts, {})
        crawler.signals.connect(self._copies.close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        if request.meta.get("is_robots"):
            request.meta["robots_hops"].append(request.url)
            return None
        if urlsplit(request.url).scheme not in ("http", "https"):
            return None
        context: CrawlContext | None = request.meta.get("context")
        request.meta.pop("content_usage", None)  # said of the URL that redirected here
        if context and context.role is Role.ROBOTS and request.url == _robots_url(_origin(request.url)):
            return await self._file_itself(request)
        if context and context.role is Role.REQUISITE and self._exempt(request.url):
            request.meta["robots"] = ("allowed", "override", None)
            return None
        rules = await self._rules_for(request)
        if rules.unreachable_host:
            raise HostUnreachable(rules.unreachable) from rules.unreachable_host
        if rules.unreachable:
            raise RobotsRefused(Reason.ROBOTS_UNREACHABLE, rules.unreachable)
        if rules.parser is None:
            request.meta["robots"] = ("allowed", "no_file", rules.record_id)
            return None
        if not rules.parser.can_fetch(request.url):
            detail = f"{rules.parser.reason(request.url)} of robots.txt, record {rules.record_id}"
            raise RobotsRefused(Reason.DISALLOWED_BY_ROBOTS, detail)
        self._keep_delay(rules.parser, request)
        request.meta["robots"] = ("allowed", rules.parser.reason(request.url), rules.record_id)
        if context and context.role is Role.ARTICLE and (usage := rules.parser.content_usage(request.url)):
            request.meta["content_usage"] = {"content_usage": usage}
        return None

    def _exempt(self, url: str) -> bool:
        """Whether the operator exempts a requisite's host, by its name or one above it. The run's warcinfo says so too."""
        host = host_of(url)
        return any(name == "*" or host == name or host.endswith(f".{name}") for name in self._exempt_hosts)

    async def _file_itself(self, request: Request) -> Response | None:
        """The answer for somebody who wants to read the file: the one that was fetched for its rules."""
        rules = await self._rules_for(request, fetched=True)
        if rules.unreachable_host:
            raise HostUnreachable(rules.unreachable) from rules.unreachable_host
        if rules.answer is None:
            raise RobotsRefused(Reason.ROBOTS_UNREACHABLE, rules.unreachable or "no answer")
        request.meta["capture"] = rules.answer.meta.get("capture")
        request.meta["dont_retry"] = True
        request.meta["robots"] = ("allowed", "no_rule" if rules.parser else "no_file", rules.record_id)
        return rules.answer.replace(url=request.url, request=request)

    def _keep_delay(self, parser: RobotsTxt, request: Request) -> None:
        delay = parser.crawl_delay
        if not delay:
            return
        if delay > DELAY_MAX:
            raise RobotsRefused(
                Reason.CRAWL_DELAY_TOO_LONG, f"Crawl-delay {delay:g} s; this crawler waits {DELAY_MAX:g} s"
            )
        downloader = self.crawler.engine.downloader
        name = downloader.get_slot_key(request)
        self._hosts.slow_down(name, delay)
        slot = downloader.slots.get(name)
        if slot is not None and slot.delay < delay:
            slot.delay = delay

    async def _rules_for(self, request: Request, *, fetched: bool = False) -> Rules:
        """The rules for a request. `fetched`: those of a copy do not do, the answer itself is wanted."""
        origin = _origin(request.url)
        old = monotonic() - self._asked_at.get(origin, 0.0) > AGE_MAX
        known = self._rules.get(origin)
        if known is None or old or (fetched and known.done() and known.result().answer is None):
            self._asked_at[origin] = monotonic()
            known = self._rules[origin] = asyncio.ensure_future(self._learn(origin, request.meta, fetched))
        return known.result() if known.done() else await asyncio.shield(known)

    async def _learn(self, origin: str, meta: dict[str, Any], fetched: bool) -> Rules:
        """A copy of today, or what is fetched now, or when that cannot be read a copy of the last month."""
        copy = self._copies.find(origin)
        age = clock.now() - copy.fetched if copy else LAST_RESORT
        if copy and not fetched and age < timedelta(seconds=AGE_MAX):
            self._count("known")
            return self._of_copy(copy)
        shelf = self._shelves.setdefault(origin, Shelf())
        async with shelf.lock:
            if not fetched and (there := shelf.known()) is not None:
                rules = there
            else:
                rules = await self._fetch(origin, meta)
                shelf.put(rules)
        if not rules.unreachable or rules.unreachable_host or not copy or copy.content is None or age >= LAST_RESORT:
            return rules
        self._count("copy_used")
        logger.warning("%s; the copy of %s goes on being used", rules.unreachable, copy.fetched.date())
        return replace(self._of_copy(copy), answer=rules.answer)

    def _of_copy(self, copy: RobotsCopy) -> Rules:
        return Rules(None if copy.content is None else RobotsTxt(copy.content, self.agent), copy.record_id)

    async def _fetch(self, origin: str, meta: dict[str, Any]) -> Rules:
        hops: list[str] = []
        context: CrawlContext = meta.get("context") or CrawlContext()
        asked = Request(
            _robots_url(origin),
            priority=1000,
            dont_filter=True,
            meta={
                "is_robots": True,
                "robots_hops": hops,  # shared with the requests that redirects make of this one
                "context": CrawlContext(role=Role.ROBOTS, source=context.source, hops_from_seed="P"),
                "operator_origin": meta.get("operator_origin"),
                "redirect_ttl": REDIRECTS_MAX,  # RedirectMiddleware's own count of what is left
                "download_maxsize": 4 * 2**20,
            },
        )
        try:
            response = await self.crawler.engine.download_async(asked)
            return replace(self._read(response, origin), answer=response)
        except RecordingError:
            raise
        except Exception as error:  # noqa: BLE001  whatever fails on the way, RFC 9309 makes it a disallow; counted below
            self._count("unreachable")
            detail = f"{origin}/robots.txt: {type(error).__name__}: {error}"[:300]
            logger.warning("robots.txt unreachable, so the host is not crawled: %s", detail)
            own = all(url.startswith(f"{origin}/") for url in hops)
            return Rules(None, None, detail, error if own and _no_connection(error) else None)

    def _read(self, response: Response, origin: str) -> Rules:
        pointer: CapturePointer | None = response.meta.get("capture")
        record_id = pointer.warc_record_id if pointer else None
        status = response.status
        self._count(f"status/{status}")
        if status >= 500 or status == 429 or 300 <= status < 400:
            return Rules(None, record_id, f"{response.url}: status {status}")
        if pointer:
            self._copies.note(origin, pointer)
        if not 200 <= status < 300:
            return Rules(None, record_id)
        coding = [value.decode("latin-1") for value in response.headers.getlist("Content-Encoding")]
        try:
            content = decode(response.body, coding)
        except Refused as refused:
            return Rules(None, record_id, f"{response.url}: {refused}")
        return Rules(RobotsTxt(content, self.agent), record_id)

    def _count(self, what: str) -> None:
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"archiver/robots/{what}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _robots_url(origin: str) -> str:
    return f"{origin}/robots.txt"


def _no_connection(error: Exception) -> bool:
    failures = getattr(error.__cause__, "reasons", ())
    return isinstance(error, NO_CONNECTION) or any(failure.check(SSL.Error) for failure in failures)
