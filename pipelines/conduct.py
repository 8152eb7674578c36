"""Conduct: who is left alone, for how long, and when a run has to stop.

Belongs here: the opt-out list before anything is asked of a host, Retry-After and back-off for the whole host, leaving a host alone
that answers 403 again and again, and the end of a run when the disk fills. What is known of a host is in `pipelines.hosts`;
robots.txt is `pipelines.robots`' matter.
"""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from time import monotonic
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Response
from scrapy.utils.asyncio import create_looping_call
from scrapy.utils.defer import deferred_from_coro

from archiver.clock import now
from archiver.optout import OptOut
from archiver.politeness import retry_after
from archiver.reasons import Reason
from archiver.urls import host_of
from pipelines.hosts import ConductRefused, Hosts

logger = logging.getLogger(__name__)

DISK_LOOK = 5.0
"""Seconds between two looks at the free space."""


class GateMiddleware:
    """First of all: hosts and URLs that are not asked, robots.txt included."""

    def __init__(self, crawler: Crawler) -> None:
        self.optout: OptOut = crawler.settings["ARCHIVER_OPTOUT"] or OptOut()
        self.hosts = Hosts.of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> GateMiddleware:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        if entry := self.optout.covers(request.url):
            raise ConductRefused(Reason.OPTED_OUT, f"{entry.what}, since {entry.date}: {entry.reason}")
        self.hosts.refuse_closed(request.url)


class Pace:
    """Reads what answers say about pace: each one, and before the host's next request leaves, which no middleware could."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler, self.hosts = crawler, Hosts.of(crawler)
        crawler.signals.connect(self.answered, signals.response_downloaded)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Pace:
        return cls(crawler)

    def answered(self, response: Response, request: Request) -> None:
        host = host_of(request.url)
        if response.status in (429, 503):
            self._throttled(host, request, response)
        elif response.status == 403 and not (request.meta.get("is_robots") or request.meta.get("about_rules")):
            self._forbidden(host)
        else:
            self.hosts.backoff.well(host)
            self.hosts.forbidden.pop(host, None)

    def _throttled(self, host: str, request: Request, response: Response) -> None:
        value = response.headers.get("Retry-After")
        told = retry_after(value.decode("latin-1"), now()) if value else None
        wait = self.hosts.backoff.pause(host, told)
        if wait is None:
            self._close(host, Reason.HOST_PAUSED, f"{host} asked to wait {told:g} s (Retry-After)")
            return
        downloader = self.crawler.engine.downloader
        name = downloader.get_slot_key(request)
        self.hosts.turns(name).rest(wait)
        slot = downloader.slots.get(name)
        if slot is not None:  # the slot waits until `lastseen` + `delay`, and only where there is a delay
            slot.delay = max(slot.delay, 0.001)
            slot.lastseen = max(slot.lastseen, monotonic() + wait - slot.delay)
        self._count("waits")

    def _forbidden(self, host: str) -> None:
        self.hosts.forbidden[host] += 1
        if self.hosts.forbidden[host] >= self.hosts.forbidden_max:
            self._close(host, Reason.HOST_FORBIDS, f"{host} answered 403 {self.hosts.forbidden_max} times in a row")

    def _close(self, host: str, reason: Reason, detail: str) -> None:
        if host not in self.hosts.closed:
            self.hosts.closed[host] = reason, detail
            self._count(f"closed/{reason.value}")
            logger.warning("%s; the run leaves it alone", detail)

    def _count(self, what: str) -> None:
        if self.crawler.stats:
            self.crawler.stats.inc_value(f"archiver/conduct/{what}")


def watermark(total: int) -> int:
    """The free bytes that a disk of `total` bytes should keep where the configuration does not say: room to seal and to publish."""
    return max(5 * 2**30, total // 20)


class DiskWatch:
    """Ends the run while there is still room to seal and publish what it captured."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.folder = Path(crawler.settings["ARCHIVER_SPOOL"])
        self.least: int | None = crawler.settings.get("ARCHIVER_DISK_MIN")
        if self.least == 0:
            raise NotConfigured
        self._call: Any = create_looping_call(self._look)
        crawler.signals.connect(self._begin, signals.engine_started)
        crawler.signals.connect(self._end, signals.engine_stopped)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DiskWatch:
        return cls(crawler)

    def _begin(self) -> None:
        self._call.start(DISK_LOOK, now=True)

    def _end(self) -> None:
        if self._call.running:
            self._call.stop()

    def _look(self) -> None:
        folder = self.folder if self.folder.exists() else self.folder.parent
        disk = shutil.disk_usage(folder)
        least, engine = watermark(disk.total) if self.least is None else self.least, self.crawler.engine
        if disk.free >= least or engine is None or engine.spider is None:
            return
        logger.error("%s: %d bytes free, %d are wanted; the run ends", folder, disk.free, least)
        self._end()
        deferred_from_coro(engine.close_spider_async(reason="disk-full"))
