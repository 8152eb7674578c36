"""Reading discovery documents beside the reactor: a sitemap of fifty megabytes must not stop the crawl.

Belongs here: the one thread of the process that reads them, and what reading one gives. One thread, not one a spider: the reactor
waits for its turn at the interpreter, and with it every connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from archiver.discovery import Entry, discover
from archiver.frontier import Seen
from archiver.models import Capture
from archiver.reasons import Reason
from archiver.sources import Source
from archiver.urls import canonical

HOPS = {"feed": "M", "news-sitemap": "M", "sitemap": "M", "robots": "M", "listing": "L"}

Value = TypeVar("Value")
_threads: list[ThreadPoolExecutor] = []


async def beside(work: Callable[[], Value]) -> Value:
    """What `work` gives, done in the thread; its exceptions are raised here."""
    if not _threads:
        _threads.append(ThreadPoolExecutor(max_workers=1, thread_name_prefix="discovery"))
    return await asyncio.get_running_loop().run_in_executor(_threads[0], work)


@dataclass(slots=True)
class Read:
    """What a discovery document showed. `spellings` are (canonical URL, URL as offered); `children` sitemaps that it names."""

    offers: list[Seen] = field(default_factory=list)
    spellings: list[tuple[str, str]] = field(default_factory=list)
    children: list[Entry] = field(default_factory=list)
    refused: list[tuple[str, Reason, str]] = field(default_factory=list)


def read_document(capture: Capture, kind: str, source: Source) -> Read:
    """The entries of a captured document, sorted by what becomes of them. Raises `Refused`."""
    read = Read()
    elsewhere: list[Entry] = []
    for entry in discover(capture, kind, source.homepage, off_site=elsewhere.append):
        if entry.is_index:
            read.children.append(entry)
        elif _wants(source, entry):
            read.spellings.append((canonical(entry.url), entry.url))
            read.offers.append(_seen(entry, capture.context.hops_from_seed))
        elif entry.kind != "listing":  # a page's menus are no refusals; what a feed offers is
            read.refused.append((entry.url, Reason.DENIED_BY_SOURCE, ""))
    for entry in elsewhere:
        if entry.kind != "listing":  # a page's links to the rest of the web are no refusals
            read.refused.append((entry.url, Reason.OFF_SITE, f"offered by {entry.witness}"))
    return read


def _wants(source: Source, entry: Entry) -> bool:
    """Without patterns of the source, a page's links have to look like articles; what feeds offer does not."""
    articles = source.articles
    return articles.wants(entry.url) and (bool(articles.allow) or entry.kind != "listing" or entry.score > 0)


def _seen(entry: Entry, hops: str) -> Seen:
    return Seen(entry.url, entry.kind, entry.witness, hops + HOPS[entry.kind], entry.claimed_title, entry.claimed_date)
