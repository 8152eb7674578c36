"""One measured crawl in a process of its own: the life of `archiver crawl` through `archiver.cli.crawling.run`.

Belongs here: what a measured crawl changes (where connections go, which spider counts, no politeness delay on our own host) and
what it reports. A reactor starts once in a process, so each crawl is a fresh interpreter that runs `main` with a plan on stdin.
"""

from __future__ import annotations

import asyncio
import builtins
import cProfile
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from scrapy import Request, Spider
from scrapy.http import Response
from scrapy.settings import BaseSettings
from twisted.python.failure import Failure

from archiver.cli.crawling import run
from archiver.config import Config
from archiver.strict import decode
from benchmarks.loopback import HANDLER
from benchmarks.peak import peak_memory
from spiders.page import PageSpider

STOCK_HANDLER = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Plan:
    """A crawl. `spider`: "page" (the product's), "timed" (the same, warm before the clock starts), "counting" (no extraction).

    `urls` are asked for as they are; `pages` more from `base` (/page/I.html). `warm`: pages before the clock starts.
    `records`: False takes Scrapy's own handler and stores nothing. `requisites`: what the pages need is asked for as well.
    """

    store: str
    ports: tuple[int, int]
    spider: str = "page"
    urls: list[str] = field(default_factory=list)
    base: str = ""
    pages: int = 0
    warm: int = 0
    records: bool = True
    requisites: bool = False
    profile: str = ""
    changes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """A crawl as it went. Seconds from the end of warming up to the last page, and to the published run; CPU of this process
    and of its workers between the same moments; `peak` resident bytes of the crawling process."""

    exit: int
    pages: int
    seconds: float
    published: float
    cpu: float
    workers_cpu: float
    peak: int


def measure(plan: Plan, timeout: float = 240.0) -> Measured:
    """Runs the plan in a process of its own. Raises `CalledProcessError` when it crashed."""
    command = [sys.executable, "-c", "from benchmarks.crawls import main; main()"]
    folder = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        command,
        input=json.dumps(asdict(plan)),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=timeout,
        cwd=folder,
    )
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


class Clock:
    """Pages done and the moments between which they were counted. One crawl a process, so one clock a process."""

    pages = 0
    begun = ended = time.perf_counter()
    cpu_begun = cpu_ended = (0.0, 0.0)

    @classmethod
    def start(cls) -> None:
        cls.pages = 0
        cls.begun, cls.cpu_begun = time.perf_counter(), cpu_spent()

    @classmethod
    def stop(cls) -> None:
        cls.ended, cls.cpu_ended = time.perf_counter(), cpu_spent()


class TimedSpider(PageSpider):
    """The page spider with a warm-up: the clock starts when the first `warm` pages are done and nothing is in flight."""

    name = "page"

    def __init__(self, urls: list[str], warm: int = 0, **options: Any) -> None:
        super().__init__(urls, **options)
        self._warm, self._quiet = warm, asyncio.Event()

    async def start(self) -> AsyncIterator[Any]:
        urls = self.urls
        if self._warm:
            self.urls = urls[: self._warm]
            async for request in super().start():
                yield request
            await self._quiet.wait()
        Clock.start()
        self.urls = urls[self._warm :]
        async for request in super().start():
            yield request

    async def parse_article(self, response: Response) -> AsyncIterator[Any]:
        async for item in super().parse_article(response):
            yield item
        self._done()

    def failed(self, failure: Failure) -> Iterator[Any]:
        yield from super().failed(failure)
        self._done()

    def _done(self) -> None:
        Clock.pages += 1
        if Clock.pages == len(self.urls):
            Clock.stop()
            self._quiet.set()


class CountingSpider(TimedSpider):
    """Asks for the same pages and looks at none of them."""

    def _open_pool(self) -> None:
        if not hasattr(self.crawler, "recorder"):  # the variant that stores nothing has nobody to tell
            self.crawler.recorder = SimpleNamespace(note=lambda *_: None)
        super()._open_pool()

    async def parse_article(self, response: Response) -> AsyncIterator[Any]:
        self._article_done(response.meta)
        self._done()
        return
        yield


SPIDERS: dict[str, type[PageSpider]] = {"page": PageSpider, "timed": TimedSpider, "counting": CountingSpider}


class Loader:
    """SPIDER_LOADER_CLASS of a measured crawl: the only spider is the plan's, under the product's name for it."""

    def __init__(self, kind: str) -> None:
        self._spider = SPIDERS[kind]

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Loader:
        return cls(settings["BENCHMARK_SPIDER"])

    def load(self, spider_name: str) -> type[Spider]:
        return self._spider

    def list(self) -> builtins.list[str]:
        return [self._spider.name]

    def find_by_request(self, request: Request) -> builtins.list[str]:
        return self.list()


def config_of(plan: Plan) -> Config:
    """What an operator would write for crawling his own machine as fast as it goes."""
    crawl = {"contact": "bench@localhost.localdomain", "delay": "0s", "per_host": 16, "timeout": "30s", "retries": 1}
    raw = {
        "archive": {"store": plan.store},
        "crawl": {**crawl, "requisites": plan.requisites, "tdmrep": False, "verify_certificates": False},
        "network": {"allow": ["127.0.0.0/8"]},
        "posts": {"follow": False},  # their networks are not on the site
    }
    return decode(Config, raw, "the benchmark's configuration")


def changes_of(plan: Plan) -> dict[str, Any]:
    """The settings that differ from those of the product."""
    handler = HANDLER if plan.records else STOCK_HANDLER
    changes: dict[str, Any] = {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler, "file": None, "ftp": None, "s3": None, "data": None},
        "BENCHMARK_HTTP_PORT": plan.ports[0],
        "BENCHMARK_HTTPS_PORT": plan.ports[1],
        "BENCHMARK_SPIDER": plan.spider,
        "SPIDER_LOADER_CLASS": "benchmarks.crawls.Loader",
    }
    if plan.spider == "counting":
        changes["ARCHIVER_WORKERS"] = 0
    if not plan.records:
        changes["ITEM_PIPELINES"] = {}
    return {**changes, **plan.changes}


def crawl(plan: Plan) -> Measured:
    """The crawl itself, in this process."""
    urls = [*plan.urls, *(f"{plan.base}/page/{number}.html" for number in range(plan.pages))]
    arguments: dict[str, Any] = {"urls": urls}
    if plan.spider != "page":
        arguments["warm"] = plan.warm
    code = run(config_of(plan), {"page": arguments}, changes_of(plan), [], verbose=False, as_json=False)
    published = time.perf_counter()
    mine, workers = (end - begin for begin, end in zip(Clock.cpu_begun, Clock.cpu_ended, strict=True))
    return Measured(
        exit=int(code),
        pages=Clock.pages,
        seconds=Clock.ended - Clock.begun,
        published=published - Clock.begun,
        cpu=mine,
        workers_cpu=workers,
        peak=peak_memory(),
    )


def cpu_spent() -> tuple[float, float]:
    """CPU seconds of this process and of its living children."""
    children = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # a process that ended meanwhile
        if int(fields[1]) == os.getpid():
            children += (int(fields[11]) + int(fields[12])) / TICKS
    return time.process_time(), children


def main() -> None:
    plan = Plan(**json.load(sys.stdin))
    if plan.profile:
        profiler = cProfile.Profile()
        profiler.enable()
    measured = crawl(plan)
    if plan.profile:
        profiler.disable()
        profiler.dump_stats(plan.profile)
    print(json.dumps(asdict(measured)))
