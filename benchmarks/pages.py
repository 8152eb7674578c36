"""The pages that benchmarks serve: the corpus of real pages beside the project, else the demo newspaper's articles.

Belongs here: pages as (URL, bytes). How they are served is for `benchmarks.site`.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from archiver.urls import absolute

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
HTML = "text/html"


@dataclass(frozen=True, slots=True)
class RealPage:
    """One page: the URL it is asked by (unique, escaped, without fragment) and its bytes as they were once served."""

    url: str
    body: bytes
    content_type: str = HTML


def has_corpus() -> bool:
    return (CORPUS / "gold.jsonl.gz").is_file()


def load_pages(limit: int | None = None) -> list[RealPage]:
    """All pages in the order of their file names, or `limit` of them spread evenly over that order."""
    pages = _corpus() if has_corpus() else _demo()
    if limit is not None and limit < len(pages):
        pages = [pages[index * len(pages) // limit] for index in range(limit)]
    return pages


def _corpus() -> list[RealPage]:
    with gzip.open(CORPUS / "gold.jsonl.gz", "rt", encoding="utf-8") as rows:
        urls = {row["file"]: row["url"] for row in map(json.loads, rows)}
    pages: list[RealPage] = []
    taken: set[str] = set()
    for number, path in enumerate(sorted((CORPUS / "pages").glob("*.gz"))):
        url = absolute(urls.get(f"pages/{path.name}") or "")
        if url is None or urlsplit(url).port or url in taken:
            # No address is known, or several pages share a made-up one: the page gets one of its own.
            url = f"http://page-{number}.corpus.example/article"
        taken.add(url)
        pages.append(RealPage(url, gzip.decompress(path.read_bytes())))
    return pages


def _demo() -> list[RealPage]:
    from archiver.demo import DemoNewspaper

    with DemoNewspaper() as newspaper:
        found = [
            (outlet.id, page)
            for outlet, site in zip(newspaper.outlets, newspaper.sites, strict=True)
            for path in site.paths()
            if (page := site.find(path)) and page.content_type.startswith("text/html")
        ]
    return [
        RealPage(f"http://{outlet}.example/page-{number}", page.body, page.content_type)
        for number, (outlet, page) in enumerate(found)
    ]
