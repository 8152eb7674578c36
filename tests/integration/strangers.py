"""Item pipelines that do harm: one swaps an item's capture for one of another run, one kills the writer process, one has the
kernel refuse a message to it."""

from __future__ import annotations

import errno
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


class Refuser:
    """After the first item the kernel has no memory for one message to the writer."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler, self.done = crawler, False

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Refuser:
        return cls(crawler)

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        if not self.done:
            self.done = True
            writer = self.crawler.recorder._writer  # type: ignore[attr-defined]
            writer._socket = _Cramped(writer._socket)
        return item


class _Cramped:
    """A socket that refuses once, and takes everything afterwards."""

    def __init__(self, real: Any) -> None:
        self._real, self._asked = real, 0

    def sendmsg(self, parts: list[Any]) -> int:
        self._asked += 1
        if self._asked == 1:
            raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))
        taken: int = self._real.sendmsg(parts)
        return taken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)
