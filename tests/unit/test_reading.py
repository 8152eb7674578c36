"""Reading discovery documents beside the reactor."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from archiver.sources import Source
from spiders.reading import Read, beside, read_document
from tests.unit.making import capture

SITE = "https://example.org/"
ROWS = 10_000
SOURCE = Source.model_validate(
    {
        "id": "example",
        "name": "Example",
        "homepage": SITE,
        "language": "en",
        "country": "gb",
        "every": "30m",
        "discover": [{"kind": "sitemap", "url": f"{SITE}map.xml"}],
        "articles": {"deny": ["/live/"]},
    }
)


def test_entries_are_sorted_by_what_becomes_of_them() -> None:
    links = [f"{SITE}news/1?utm_source=x", f"{SITE}live/2", "https://shop.example.com/x"]
    items = "".join(f"<item><link>{link}</link></item>" for link in links)
    feed = f"<rss version='2.0'><channel>{items}</channel></rss>".encode()
    read = read_document(capture(feed, url=f"{SITE}rss.xml", kind="application/rss+xml"), "feed", SOURCE)
    assert read.spellings == [(f"{SITE}news/1", f"{SITE}news/1?utm_source=x")]
    assert [(seen.url, seen.hops) for seen in read.offers] == [(f"{SITE}news/1?utm_source=x", "M")]
    assert [(url, reason.value) for url, reason, _ in read.refused] == [
        (f"{SITE}live/2", "denied-by-source"),
        ("https://shop.example.com/x", "off-site"),
    ]


def test_a_sitemap_of_fifty_megabytes_does_not_stop_the_crawl(tmp_path: Path) -> None:
    row = "<url><loc>https://example.org/news/2026/11/headline-{}</loc><note>" + "x" * 4700 + "</note></url>\n"
    rows = "".join(row.format(number) for number in range(ROWS))
    body = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{rows}</urlset>".encode()
    assert len(body) > 45_000_000
    big = capture(body, url=f"{SITE}map.xml", kind="text/xml")
    gaps: list[float] = []

    async def tick() -> None:
        last = time.monotonic()
        while True:
            await asyncio.sleep(0.01)
            now = time.monotonic()
            gaps.append(now - last)
            last = now

    async def crawl() -> tuple[Read, float]:
        ticking = asyncio.ensure_future(tick())
        began = time.monotonic()
        read = await beside(lambda: read_document(big, "sitemap", SOURCE))
        ticking.cancel()
        return read, time.monotonic() - began

    read, seconds = asyncio.run(crawl())
    assert len(read.offers) == ROWS
    assert len(gaps) >= 10, "the loop took its turns all the while"
    assert max(gaps) < max(0.5, seconds / 3)
