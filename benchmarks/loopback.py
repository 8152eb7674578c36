"""The recording handler with every host name leading to the loopback site: a setting of the measurement, no change of the product.

Belongs here: where connections go. Host header, TLS name, recorded URL and robots origin stay those of the page.
"""

from __future__ import annotations

from scrapy.crawler import Crawler

from pipelines.download import RecordingDownloadHandler

HANDLER = "benchmarks.loopback.LoopbackDownloadHandler"


class LoopbackDownloadHandler(RecordingDownloadHandler):
    """Settings BENCHMARK_HTTP_PORT and BENCHMARK_HTTPS_PORT: where the site listens on 127.0.0.1."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        settings = crawler.settings
        self._plain, self._secure = settings.getint("BENCHMARK_HTTP_PORT"), settings.getint("BENCHMARK_HTTPS_PORT")

    def destination(self, host: str, port: int) -> tuple[str, int]:
        if host == "127.0.0.1":
            return host, port
        return "127.0.0.1", self._secure if port == 443 else self._plain
