"""SourceSpiderLoader: each source file becomes a Scrapy spider, so that `scrapy list` and `scrapy crawl ID` work."""

from __future__ import annotations

import builtins
from pathlib import Path

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

from archiver.errors import ConfigError
from archiver.sources import Source, read_sources
from archiver.urls import host_of, registered_domain
from spiders.follow import PostSpider
from spiders.news import NewsSpider
from spiders.page import PageSpider
from spiders.probe import ProbeSpider


def spider_of(source: Source) -> type[NewsSpider]:
    """The spider class of one source."""
    return type(f"NewsSpider_{source.id}", (NewsSpider,), {"name": source.id, "source": source, "__module__": __name__})


class SourceSpiderLoader:
    """Reads the folders in ARCHIVER_SOURCES at start. A broken file hides no other; asking for its id gives its errors."""

    def __init__(self, folders: list[str]) -> None:
        self._spiders: dict[str, type[Spider]] = {PageSpider.name: PageSpider, PostSpider.name: PostSpider}
        self.errors: list[ConfigError] = []
        for folder in folders:
            sources, errors = read_sources(Path(folder))
            self._spiders.update({source.id: spider_of(source) for source in sources})
            self.errors += errors

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> SourceSpiderLoader:
        return cls(settings.getlist("ARCHIVER_SOURCES"))

    def load(self, spider_name: str) -> type[Spider]:
        if spider_name == ProbeSpider.name:  # for `archiver sources add`, which gives it what to fill; never listed
            return ProbeSpider
        if spider_name in self._spiders:
            return self._spiders[spider_name]
        about = [str(error) for error in self.errors if f"{spider_name}.toml:" in str(error)]
        raise KeyError("\n".join(about) or f"no source {spider_name!r}; known: {', '.join(self.list())}")

    def list(self) -> list[str]:
        return sorted(self._spiders)

    def find_by_request(self, request: Request) -> builtins.list[str]:
        host = host_of(request.url)
        domain = registered_domain(host) or host
        return [
            name
            for name, spider in self._spiders.items()
            if issubclass(spider, NewsSpider)
            and (registered_domain(host_of(spider.source.homepage)) or host_of(spider.source.homepage)) == domain
        ]
