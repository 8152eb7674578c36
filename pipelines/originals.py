"""Originals: which answers of this run a later run's revisits may stand for.

Belongs here: noting pages, requisites and discovery documents that were recorded whole. They become known to the frontier when the run is
published, since a revisit must never point at what is not in the store.
"""

from __future__ import annotations

from pathlib import Path

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from archiver.errors import RecordingError
from archiver.models import CapturePointer, CrawlContext, Role
from archiver.spool import OriginalLine, RunSpool

ROLES = frozenset({Role.ARTICLE, Role.LISTING, Role.FEED, Role.SITEMAP, Role.REQUISITE})
"""What is visited again, or needed again."""


class Originals:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.spool = RunSpool(Path(crawler.settings["ARCHIVER_SPOOL"]))
        crawler.signals.connect(self.answered, signals.response_downloaded)
        crawler.signals.connect(self.close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Originals:
        return cls(crawler)

    def answered(self, response: Response, request: Request) -> None:
        pointer: CapturePointer | None = request.meta.get("capture")
        context: CrawlContext | None = request.meta.get("context")
        if pointer is None or context is None or context.role not in ROLES or response.status != 200:
            return
        if pointer.warc_type != "response" or pointer.truncated or not pointer.payload_sha256:
            return
        line = OriginalLine(
            url=request.url,
            sha256=pointer.payload_sha256,
            fetched=pointer.fetch_time,
            warc_filename=pointer.warc_filename,
            offset=pointer.warc_record_offset,
            length=pointer.warc_record_length,
            record_id=pointer.warc_record_id,
        )
        try:
            self.spool.append_original(line)
        except RecordingError as error:
            self.crawler.recorder.fail(error)  # type: ignore[attr-defined]

    def close(self) -> None:
        self.spool.close()
