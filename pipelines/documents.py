"""DocumentPipeline (800): documents, refusals and accounts of pages into the spool of the run, in the order in which they are ready.

The segment's published file is sorted by record when it is sealed (`archiver.publish`), so that extraction again gives the
same bytes whatever order the workers finished in.
"""

from __future__ import annotations

from pathlib import Path

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archiver.errors import RecordingError
from archiver.models import Document, PageRequisites, Refusal
from archiver.spool import RunSpool

Item = Document | Refusal | PageRequisites


class DocumentPipeline:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.spool = RunSpool(Path(crawler.settings["ARCHIVER_SPOOL"]))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> DocumentPipeline:
        return cls(crawler)

    def process_item(self, item: Item) -> Item:
        stats = self.crawler.stats
        assert stats is not None
        try:
            self._append(item)
        except RecordingError as error:
            # Scrapy would log it and go on, and the run would look whole without this document.
            self.crawler.recorder.fail(error)  # type: ignore[attr-defined]
            raise DropItem(str(error)) from error
        if isinstance(item, Refusal):
            stats.inc_value(f"archiver/reason/{item.reason}")
        elif isinstance(item, PageRequisites):
            stats.inc_value("archiver/requisites/needed", item.needed)
            stats.inc_value("archiver/requisites/captured", item.captured)
        else:
            stats.inc_value(f"archiver/documents/{item.kind}")
        return item

    def _append(self, item: Item) -> None:
        if isinstance(item, Refusal):
            self.spool.append_refusal(item)
        elif isinstance(item, PageRequisites):
            self.spool.append_page(item)
        else:
            self.spool.append_document(item)

    def close_spider(self) -> None:
        self.spool.close()
