"""Copies: what earlier runs captured of an origin's files about rules, and what later ones shall know of this run's.

Belongs here: the way to the frontier and to the spool. A copy is learnt when its run is published, so it is never without its record.
How long one is good for is decided by who asks.
"""

from __future__ import annotations

from pathlib import Path

from scrapy.crawler import Crawler

from archiver.errors import RecordingError
from archiver.frontier import Frontier, RobotsCopy
from archiver.models import CapturePointer
from archiver.spool import RobotsLine, RunSpool


class Copies:
    """`name` is an origin (`scheme://host:port`) for its robots.txt, and the whole URL for any other file."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._spool = RunSpool(Path(crawler.settings["ARCHIVER_SPOOL"]))
        self._frontier: Frontier | None = None

    def close(self) -> None:
        self._spool.close()
        if self._frontier is not None:
            self._frontier.close()

    def find(self, name: str) -> RobotsCopy | None:
        """The newest published copy. A frontier that fails stops the run."""
        settings = self.crawler.settings
        if not settings.get("ARCHIVER_FRONTIER"):
            return None
        try:
            if self._frontier is None:
                self._frontier = Frontier(settings["ARCHIVER_FRONTIER"], settings["ARCHIVER_PLAN"])
            return self._frontier.robots(name)
        except RecordingError as error:
            self.crawler.recorder.fail(error)  # type: ignore[attr-defined]
            return None

    def note(self, name: str, pointer: CapturePointer) -> None:
        """Later runs will know this capture as the newest copy."""
        place = pointer.warc_filename, pointer.warc_record_offset
        try:
            self._spool.append_robots(RobotsLine(origin=name, warc_filename=place[0], offset=place[1]))
        except RecordingError as error:
            self.crawler.recorder.fail(error)  # type: ignore[attr-defined]
