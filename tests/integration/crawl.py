"""One crawl in a process of its own: `python -m tests.integration.crawl JOB.json`.

The job names requests and settings; what became of them is written beside it as `JOB.json.out`: one entry a request with the
outcome (`response` or the exception's name), status, flags, length of the body that Scrapy got, and the capture pointer. Names
resolve as the job's `names` say, each to a list of addresses that is used up turn by turn (the last one stays).
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.http import Response
from scrapy.resolver import CachingThreadedResolver
from twisted.internet import defer

from archiver.models import CrawlContext, Role
from archiver.warc import WarcInfo

JOB: dict[str, Any] = {}
OUT: list[dict[str, Any]] = []


class TableResolver(CachingThreadedResolver):
    """Answers from the job's table; asks nobody."""

    def getHostByName(self, name: str, timeout: Any = ()) -> Any:
        addresses = JOB.get("names", {}).get(name)
        if addresses is None:
            return defer.succeed("127.0.0.1" if name == "localhost" else name)
        return defer.succeed(addresses.pop(0) if len(addresses) > 1 else addresses[0])


class JobSpider(scrapy.Spider):
    name = "job"

    async def start(self) -> AsyncIterator[Any]:
        for number, wanted in enumerate(JOB["requests"]):
            meta = {
                "number": number,
                "context": CrawlContext(role=Role.ARTICLE, source="job"),
                **wanted.get("meta", {}),
            }
            yield scrapy.Request(
                wanted["url"],
                method=wanted.get("method", "GET"),
                body=bytes.fromhex(wanted.get("body", "")),
                headers=wanted.get("headers"),
                meta=meta,
                callback=self.parse,
                errback=self.failed,
                dont_filter=True,
            )

    def parse(self, response: Response) -> Any:
        OUT.append(
            entry(response.request, "response", status=response.status, flags=response.flags, length=len(response.body))
        )
        if JOB.get("items"):
            yield {"capture": response.meta["capture"], "url": response.url}

    def failed(self, failure: Any) -> None:
        OUT.append(entry(failure.request, type(failure.value).__name__, text=str(failure.value)))

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **options: Any) -> JobSpider:
        spider = super().from_crawler(crawler, *args, **options)
        crawler.signals.connect(spider.refused, scrapy.signals.item_error)
        return spider

    def refused(self, item: Any, failure: Any) -> None:
        OUT.append({"outcome": "item_error", "text": str(failure.value)})


def entry(request: Any, outcome: str, **more: Any) -> dict[str, Any]:
    pointer = request.meta.get("capture")
    return {
        "number": request.meta["number"],
        "url": request.url,
        "outcome": outcome,
        "capture": pointer.model_dump(mode="json") if pointer else None,
        **more,
    }


def settings(folder: str) -> dict[str, Any]:
    return {
        "DOWNLOAD_HANDLERS": dict.fromkeys(("http", "https"), "pipelines.download.RecordingDownloadHandler"),
        "ITEM_PIPELINES": {"pipelines.warc.WarcPipeline": 100},
        "DOWNLOADER_MIDDLEWARES": {"scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None},
        "TWISTED_DNS_RESOLVER": TableResolver,
        "ARCHIVER_SPOOL": folder,
        "ARCHIVER_SERIES": "job",
        "ARCHIVER_WARC_INFO": WarcInfo("tests/1", "Tests (tests@example.org)", "Tests/1", "run1", "job", "a test"),
        "ARCHIVER_NETWORK_ALLOW": ["127.0.0.0/8", "::1/128"],
        "HTTPERROR_ALLOW_ALL": True,
        "RETRY_ENABLED": False,
        "COOKIES_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "CONCURRENT_REQUESTS": 8,
        "DOWNLOAD_DELAY": 0,
        "DOWNLOAD_TIMEOUT": 30,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_LEVEL": "WARNING",
        **JOB.get("settings", {}),
    }


def _refused(*policy: Any) -> None:
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


def main(path: Path) -> None:
    JOB.update(json.loads(path.read_text()))
    for name, limit in JOB.get("limits", {}).items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    if JOB.get("unscheduled"):
        os.sched_setscheduler = _refused
    process = CrawlerProcess(settings(JOB["folder"]))
    crawler = process.create_crawler(JobSpider)
    process.crawl(crawler)
    if JOB.get("suicide"):
        path.with_name("writer.pid").write_text(str(crawler.recorder._writer.pid))  # type: ignore[attr-defined]
        os.kill(os.getpid(), signal.SIGKILL)
    process.start()
    assert crawler.stats is not None
    report = {
        "requests": OUT,
        "stats": {name: value for name, value in crawler.stats.get_stats().items() if isinstance(value, int | str)},
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "sealed": [str(sealed.path) for sealed in crawler.recorder.sealed],  # type: ignore[attr-defined]
    }
    path.with_name(path.name + ".out").write_text(json.dumps(report))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
