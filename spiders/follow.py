"""PostSpider: cited posts that were not captured yet, retries and re-checks that are due (`archiver follow`).

Belongs here: asking for what `archiver.following` found due. How a post is asked for is the same as in every crawl
(`spiders.posts`); which documents come of it is decided when the run is published, out of its WARCs.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from scrapy.settings import BaseSettings

from archiver import clock
from archiver.following import Due, DuePost, DueSearch
from archiver.layout import FOLLOWING
from archiver.settings import renamed
from spiders.base import ArchiveSpider


class PostSpider(ArchiveSpider):
    """`due` is what to ask for; nothing without it."""

    name = FOLLOWING

    def __init__(self, due: Due | None = None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.due = due or Due()

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        super().update_settings(settings)
        for name, value in renamed(settings, FOLLOWING, "cited posts, asked for again").items():
            settings.set(name, value, priority="spider")

    async def start(self) -> AsyncIterator[Any]:
        posts = self._posts
        if posts is None:
            return
        for target, block in self.due.notes():
            self.crawler.recorder.note(target, "application/json", block, clock.now())  # type: ignore[attr-defined]
        due: list[DuePost | DueSearch] = [*self.due.posts, *self.due.searches]
        for item in due:
            for request in posts.again(item):
                yield request
