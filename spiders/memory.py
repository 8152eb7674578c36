"""Memory: what a NewsSpider remembers between runs, through the frontier.

Belongs here: the questions of one spider in one run (is this feed due, which articles are wanted) and what it tells the frontier
while it runs: URLs that were seen, and polls. What fetches gave is learnt from the spool when the run is published
(`archiver.frontier.marks`), so that a killed run's URLs are due again or known, never both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from scrapy.http import Response
from scrapy.settings import BaseSettings

from archiver.discovery import Entry, changed_at
from archiver.errors import RecordingError
from archiver.frontier import Feed, Frontier, Known, Poll, Seen
from archiver.frontier.rows import key_of
from archiver.frontier.schedule import EARLY
from archiver.models import CapturePointer, CrawlContext, RefersTo
from archiver.sources import Discover, Source

CONDITIONAL = frozenset({"feed", "news-sitemap", "sitemap"})
"""Kinds that are asked for on condition that they changed; pages are always fetched whole, so that the digest decides."""

DOUBT = timedelta(days=1)


class Memory:
    """The frontier as one run of `source` sees it. `now` is when the run began: all its decisions speak of that moment.

    A frontier that fails is told to `fail`, which stops the run; the answers are empty from then on.
    """

    def __init__(self, settings: BaseSettings, source: Source, fail: Callable[[RecordingError], None]) -> None:
        self.source = source
        self.now: datetime = settings["ARCHIVER_STARTED"]
        self.due_only = settings.getbool("ARCHIVER_DUE_ONLY")
        self._waiting: frozenset[int] = settings["ARCHIVER_WAITING"]
        self._fail = fail
        self._frontier = Frontier(settings["ARCHIVER_FRONTIER"], settings["ARCHIVER_PLAN"])
        self.unread = 0
        """Entries that unread discovery documents had when they were last read."""

    def close(self) -> None:
        self._frontier.close()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        try:
            yield
        except RecordingError as error:
            self._fail(error)

    def _feed(self, url: str) -> Feed | None:
        with self._guard():
            return self._frontier.feed(self.source.id, url)
        return None

    def _polled(self, poll: Poll, fresh: int = 0) -> None:
        with self._guard():
            self._frontier.polled(self.source.id, poll, fresh, self.source.every)

    def skips(self, item: Discover) -> bool:
        """Whether a discovery document is left alone in this run, because its next poll is not due."""
        known = self._feed(item.url)
        if not self.due_only or known is None or known.is_due(self.now):
            return False
        self.unread += known.entries
        return True

    def conditions(self, kind: str, url: str) -> dict[str, str]:
        """The request headers that make an unchanged document a 304.

        Only where a published record holds the very bytes that the validators belong to: a 304 is then evidence, a revisit of that.
        """
        known = self._feed(url) if kind in CONDITIONAL else None
        original = self.original_of_document(url) if known and known.sha256 else None
        return _conditions(known) if known and original and original[1] == known.sha256 else {}

    def unchanged_child(self, entry: Entry) -> bool:
        """Whether an index says that this sitemap is as it was when it was last read. Many dates are whole days: a day's doubt."""
        known, changed = self._feed(entry.url), changed_at(entry)
        if not known or known.failures or not known.next_poll or known.pause is None or not changed:
            return False
        read_at = known.next_poll - timedelta(seconds=known.pause)
        return changed + DOUBT < read_at

    def original(self, url: str) -> tuple[RefersTo, str] | None:
        """The published record that an unchanged answer of this URL is a revisit of."""
        with self._guard():
            found = self._frontier.original(url)
            return found.as_context() if found else None
        return None

    def original_of_document(self, url: str) -> tuple[RefersTo, str] | None:
        """The same for a discovery document, which may have answered from elsewhere."""
        known = self._feed(url)
        return self.original(known.answered or url) if known else None

    def original_of(self, url: str, known: Known) -> tuple[RefersTo, str] | None:
        """The same for an article: only of the version that is known, for a revisit's document is made without the body."""
        found = self.original(url) if known.version else None
        return found if found and known.version and found[1] == known.version.payload_sha256 else None

    def read(self, kind: str, response: Response, offers: list[Seen], *, index: bool = False) -> None:
        """A discovery document was read: its URLs are known from now on, and only then its validators.

        An `index` is read whole each time and often: whether it changed says little about its children.
        """
        fresh = -1
        with self._guard():
            fresh = self._frontier.see(self.source.id, offers, self.now)
        if fresh < 0:
            return
        etag, modified = (None if index else _header(response, name) for name in ("ETag", "Last-Modified"))
        url = asked_for(response)
        pointer: CapturePointer | None = response.meta.get("capture")
        sha256 = pointer.payload_sha256 if pointer and not pointer.truncated else None
        poll = Poll(url, kind, self.now, len(offers), etag=etag, last_modified=modified, sha256=sha256)
        poll = replace(poll, answered=response.url if response.url != url else None)
        self._polled(poll, fresh or int(index))

    def unchanged(self, kind: str, response: Response) -> None:
        """A discovery document answered 304."""
        url = asked_for(response)
        known = self._feed(url)
        self.unread += known.entries if known else 0
        self._polled(Poll(url, kind, self.now))

    def failed(self, kind: str, url: str) -> None:
        """A discovery document could not be had or read."""
        self._polled(Poll(url, kind, self.now, failed=True))

    def wanted(self, offered: Iterable[str]) -> tuple[dict[str, Known], int]:
        """(the URLs to fetch now: those that were offered and are due under their spelling, then all others that are due;
        how many of the offered ones are not due)."""
        with self._guard():
            return self._wanted(offered, self.now + EARLY)
        return {}, 0

    def _wanted(self, offered: Iterable[str], limit: datetime) -> tuple[dict[str, Known], int]:
        rows = self._frontier.look(offered)
        found: dict[str, Known] = {}
        taken: set[str] = set()
        not_due = 0
        for url, known in rows.items():
            if known.url in taken:
                continue  # http and https, with and without www: one URL
            taken.add(known.url)
            if known.is_due(limit) and known.source == self.source.id and not self._waits(known):
                found[url] = known
            else:
                not_due += 1
        for known in self._frontier.due(self.source.id, limit):
            if known.url not in taken and self.source.articles.wants(known.url) and not self._waits(known):
                found[known.url] = known
        return found, not_due

    def _waits(self, known: Known) -> bool:
        """Whether the URL was fetched by a run that lies in the spool: the frontier learns of that when it is published."""
        return bool(self._waiting) and key_of(known.url) in self._waiting


def recall(settings: BaseSettings, urls: list[str]) -> dict[str, CrawlContext]:
    """For those of the pages that some source knows, what an article request says of the version before it; by URL as given.

    A captured page is then the next version of its article, or a revisit. Raises `RecordingError`.
    """
    with Frontier(settings["ARCHIVER_FRONTIER"], settings["ARCHIVER_PLAN"]) as frontier:
        return {url: _recalled(frontier, url, known) for url, known in frontier.look(urls).items()}


def _recalled(frontier: Frontier, url: str, known: Known) -> CrawlContext:
    if known.version is None:
        return CrawlContext(previous={}, discovered=known.discovered)
    found = frontier.original(url)
    same = found is not None and found.sha256 == known.version.payload_sha256
    return CrawlContext(
        previous=known.version.as_previous(),
        discovered=known.discovered,
        original=found.as_context() if found and same else None,
    )


def asked_for(response: Response) -> str:
    """Where the redirects to a response began: the URL by which a discovery document is known."""
    redirects: list[str] = response.meta.get("redirect_urls", [])
    return redirects[0] if redirects else response.url


def _conditions(known: Feed) -> dict[str, str]:
    found = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in found.items() if value}


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
