"""Item pipelines that do harm: one swaps an item's capture for one of another run, one kills the writer process."""

from __future__ import annotations

import os
import signal
from typing import Any

from scrapy.crawler import Crawler


class Strangers:
    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        return {**item, "capture": item["capture"].model_copy(update={"warc_record_id": "urn:uuid:of-another-run"})}


class Killer:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Killer:
        return cls(crawler)

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        os.kill(self.crawler.recorder._writer.pid, signal.SIGKILL)  # type: ignore[attr-defined]
        return item
