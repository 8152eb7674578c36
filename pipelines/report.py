"""CrawlReport: how a spider's part of the run went, for the manifest and the exit code.

Belongs here: carrying Scrapy's end-of-spider statistics into the spool. Judging them is the matter of `archiver.cli.crawling`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scrapy import Spider, signals
from scrapy.crawler import Crawler

from archiver.spool import RunInfo, RunSpool, SpiderReport

COUNTED = "archiver/counted/"


class CrawlReport:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.spider_opened, signals.spider_opened)
        crawler.signals.connect(self.spider_closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> CrawlReport:
        return cls(crawler)

    def spider_opened(self, spider: Spider) -> None:
        """Begins the run where nobody did (`scrapy crawl ID`); `archiver crawl` begins it before Scrapy starts."""
        spool = RunSpool(Path(self.crawler.settings["ARCHIVER_SPOOL"]))
        if spool.info() is None:
            info = self.crawler.settings["ARCHIVER_WARC_INFO"]
            run_id = self.crawler.settings["ARCHIVER_RUN_ID"]
            hints = {spider.name: spider.hints} if hasattr(spider, "hints") else {}
            now = datetime.now(UTC)
            spool.begin(RunInfo(run_id=run_id, started=now, software=info.software, sources=[spider.name], hints=hints))
            self._spool = spool  # keeps the lock for the life of the process

    def spider_closed(self, spider: Spider, reason: str) -> None:
        """What the spider never got to, and one line in the spool's reports, whatever ended it."""
        stats = self.crawler.stats
        assert stats is not None
        values: dict[str, Any] = stats.get_stats()
        report = SpiderReport(
            source=spider.name,
            finish_reason=reason,
            captures=values.get("archiver/captures", 0),
            documents=values.get("archiver/documents/article", 0),
            bytes_received=values.get("downloader/response_bytes", 0),
            recording_failed=bool(values.get("archiver/recording_failed")),
            errors=values.get("log_count/ERROR", 0),
            offered=values.get("archiver/offered", 0),
            spared=values.get("archiver/spared", 0),
            counted={name[len(COUNTED) :]: count for name, count in values.items() if name.startswith(COUNTED)},
        )
        spool = RunSpool(Path(self.crawler.settings["ARCHIVER_SPOOL"]))
        for refusal in spider.unasked(reason) if hasattr(spider, "unasked") else ():
            spool.append_refusal(refusal)
        for page in spider.pages_left() if hasattr(spider, "pages_left") else ():
            spool.append_page(page)
        spool.append_report(report)
        spool.close()
