"""Hosts: what a run knows of the hosts it asks, and whose turn it is there.

Belongs here: what all spiders of a run share. Scrapy paces each spider by itself; but a host is one host, whether one source is on it
or three (the languages of a broadcaster, the networks that every article's posts are on), and its rules are about the crawler as a
whole. So a request that its own spider lets go takes a turn here as well, before it reaches the wire.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from time import monotonic
from weakref import WeakValueDictionary

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest

from archiver.politeness import Backoff
from archiver.reasons import Reason
from archiver.urls import host_of


class ConductRefused(IgnoreRequest):
    """A URL that is not asked for out of regard for its host."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


class Turns:
    """The turns at one host: `room` requests at a time, `delay` seconds between the starts of any two, in the order of asking."""

    def __init__(self) -> None:
        self._active = 0
        self._last = self._rests = float("-inf")
        self._waiting: deque[tuple[asyncio.Future[None], int, float]] = deque()
        self._alarm: asyncio.TimerHandle | None = None

    async def enter(self, room: int, delay: float) -> None:
        """Waits for a turn; `leave` gives it back. `room` and `delay` are those of who asks: the slower one has the last word."""
        if not self._waiting and self._pause(delay) <= 0 and self._active < room:
            self._begin()
            return
        mine = asyncio.get_running_loop().create_future()
        self._waiting.append((mine, room, delay))
        self._look()
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """The next one is let in a turn of the loop later, when the answer's pace (Retry-After) has been read."""
        self._active -= 1
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._look)

    def sent(self) -> None:
        """A request of somebody inside goes out only now (its connection had to be opened): the delay counts from here."""
        self._last = monotonic()

    def rest(self, seconds: float) -> None:
        """Nobody has a turn for so long."""
        self._rests = max(self._rests, monotonic() + seconds)

    def _pause(self, delay: float) -> float:
        return max(self._last + delay, self._rests) - monotonic()

    def _begin(self) -> None:
        self._active += 1
        self._last = monotonic()

    def _look(self) -> None:
        while self._waiting:
            mine, room, delay = self._waiting[0]
            if mine.done():  # cancelled
                self._waiting.popleft()
                continue
            if self._active >= room:
                return
            if (pause := self._pause(delay)) > 0:
                self._wake(pause)
                return
            self._waiting.popleft()
            self._begin()
            mine.set_result(None)

    def _wake(self, seconds: float) -> None:
        if self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_later(seconds, self._rung)

    def _rung(self) -> None:
        self._alarm = None
        self._look()


class Hosts:
    """What a run has learnt of its hosts. One a run, shared by its spiders, made on first use."""

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.forbidden_max = settings.getint("ARCHIVER_FORBIDDEN_MAX")
        self.backoff = Backoff(settings.getfloat("DOWNLOAD_DELAY"), settings.getfloat("ARCHIVER_WAIT_MAX"))
        self.forbidden: Counter[str] = Counter()
        self.closed: dict[str, tuple[Reason, str]] = {}
        self._turns: dict[str, Turns] = {}
        self._delays: dict[str, float] = {}
        self._all = asyncio.Semaphore(settings.getint("CONCURRENT_REQUESTS") or 1)

    @classmethod
    def of(cls, crawler: Crawler) -> Hosts:
        hosts: Hosts | None = getattr(crawler, "hosts", None)
        if hosts is None:
            run = str(crawler.settings["ARCHIVER_RUN_ID"]), str(crawler.settings["ARCHIVER_SPOOL"])
            hosts = _of_runs.get(run)
            if hosts is None:
                hosts = _of_runs[run] = cls(crawler)
            crawler.hosts = hosts  # type: ignore[attr-defined]
        return hosts

    def refuse_closed(self, url: str) -> None:
        """Raises `ConductRefused` for a URL of a host that is left alone for the rest of the run."""
        if closed := self.closed.get(host_of(url)):
            raise ConductRefused(*closed)

    def slow_down(self, name: str, delay: float) -> None:
        """robots.txt asks for `delay` seconds between requests to a host, of all spiders, those included that have not asked yet."""
        self._delays[name] = max(delay, self._delays.get(name, 0.0))

    def turns(self, host: str) -> Turns:
        found = self._turns.get(host)
        if found is None:
            found = self._turns[host] = Turns()
        return found

    @asynccontextmanager
    async def turn(self, crawler: Crawler, request: Request) -> AsyncIterator[Callable[[], None]]:
        """A request's time on the wire, as its spider's slot for the host wants it and as the run has room for it. Whose `pace` (seconds,
        in its meta) is told is alone at its host, and so far behind the one before.

        What it gives is called when the request is written, from where the delay to the next one counts.

        Raises `ConductRefused` when the host has closed while the request was waiting, or what its meta calls `rests` says something.
        """
        downloader = crawler.engine.downloader if crawler.engine else None
        name = str(request.meta.get("download_slot"))
        slot = downloader.slots.get(name) if downloader else None
        if slot is None:  # not asked through a downloader
            yield lambda: None
            return
        turns = self.turns(name)
        pace: float | None = request.meta.get("pace")
        room = slot.concurrency if pace is None else 1
        await turns.enter(room, max(slot.delay, self._delays.get(name, 0.0), pace or 0.0))
        try:
            self.refuse_closed(request.url)  # it was well when this request left the scheduler
            if (rests := request.meta.get("rests")) and rests():
                raise ConductRefused(Reason.HOST_PAUSED, "its endpoint was to be left alone when its turn came")
            async with self._all:
                yield turns.sent
        finally:
            turns.leave()


_of_runs: WeakValueDictionary[tuple[str, str], Hosts] = WeakValueDictionary()
