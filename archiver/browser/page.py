"""One page: opened, scrolled, waited for, and taken down as DOM and picture, within limits.

Belongs here: the life of a tab. Requests and answers are `traffic`'s matter.
"""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic

from archiver.browser.asked import Answered
from archiver.browser.cdp import Connection, Event
from archiver.browser.limits import Left, Limits, Permit, Record
from archiver.browser.proxy import GuardedProxy
from archiver.browser.scripts import BEFORE, DOM, SCROLL
from archiver.browser.traffic import Traffic
from archiver.errors import BrowserError, Refused
from archiver.models import CrawlContext
from archiver.reasons import Reason

__all__ = ["Left", "Limits", "Permit", "Record", "Rendered", "Tab"]

WIDTH, HEIGHT = 1280, 900
QUIET = 0.5
"""Seconds without a request after which a page is taken to be complete."""

QUIET_MAX = 9.0
"""Seconds that such a pause is waited for: there are pages that ask for news all the time."""

AFTER_MAX = 15.0
"""Seconds for DOM and picture, beyond the page's own time."""


@dataclass(slots=True)
class Rendered:
    """A page that was opened. `answered` is its document; `asked` are the URLs recorded beside it; `left` what was left out.

    `dom` is HTML, `view` the window and `whole` the whole page as PNG; None when they could not be taken.
    """

    answered: Answered
    asked: set[str] = field(default_factory=set)
    left: list[Left] = field(default_factory=list)
    dom: str | None = None
    view: bytes | None = None
    whole: bytes | None = None


class Tab:
    """One page in one profile. `attached` is set by the browser with (session, target)."""

    def __init__(
        self,
        connection: Connection,
        proxy: GuardedProxy,
        url: str,
        context: CrawlContext,
        permit: Permit,
        record: Record,
        limits: Limits,
    ) -> None:
        self._connection, self._url, self._limits = connection, url, limits
        self._traffic = Traffic(connection, proxy, url, context, permit, record, limits)
        self.attached: asyncio.Future[tuple[str, str]] = asyncio.get_running_loop().create_future()
        self._loaded = asyncio.Event()
        self._session = ""

    def opened(self, kind: str, url: str) -> None:
        """The page tried to open something of its own."""
        self._traffic.leave(url or self._url, Reason.NOT_RECORDABLE, f"the page opened a {kind.replace('_', ' ')}")

    def end(self) -> None:
        self._traffic.end()

    async def run(self) -> Rendered:
        """Raises `Refused` when the document cannot be had, `BrowserError` when the browser fails."""
        try:
            session, target = await asyncio.wait_for(self.attached, 15)
        except TimeoutError:
            raise BrowserError("Chromium opened no tab within 15 s") from None
        self._session = session
        deadline = monotonic() + self._limits.time
        self._traffic.begin(session, target, deadline)
        await self._prepare(session)
        self._connection.on("Page.loadEventFired", lambda event: self._loaded.set(), session)
        self._connection.on("Page.javascriptDialogOpening", self._dialog, session)
        await self._go(deadline)
        await self._settle(deadline)
        self._traffic.extend(AFTER_MAX)
        rendered = await self._take()
        self._traffic.close()
        await self._traffic.finish()
        return rendered

    async def _prepare(self, session: str) -> None:
        send = self._connection.send
        await self._window(HEIGHT)
        await send("Page.enable", session)
        await self._traffic.watch(session)
        await send("Page.addScriptToEvaluateOnNewDocument", session, source=BEFORE)
        await send("Runtime.runIfWaitingForDebugger", session)

    async def _window(self, height: int) -> None:
        size = {"width": WIDTH, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self._connection.send("Emulation.setDeviceMetricsOverride", self._session, **size)

    def _dialog(self, event: Event) -> None:
        self._traffic.later(self._connection.send("Page.handleJavaScriptDialog", self._session, accept=False))

    async def _go(self, deadline: float) -> None:
        """The document: recorded, or a Reason. The page then goes on loading."""
        going = asyncio.ensure_future(
            self._connection.send("Page.navigate", self._session, within=self._limits.time, url=self._url)
        )
        self._traffic.later(going)
        answered = asyncio.ensure_future(self._traffic.document())
        await asyncio.wait(
            {going, answered}, timeout=max(0.1, deadline - monotonic()), return_when=asyncio.FIRST_COMPLETED
        )
        if not answered.done() and going.done():
            with suppress(BrowserError):
                if error := going.result().get("errorText"):
                    self._traffic.failed(str(error))
        try:
            await asyncio.wait_for(answered, max(0.1, deadline - monotonic()))
        except TimeoutError:
            raise Refused(Reason.TIMEOUT, f"no answer within {self._limits.time:g} s") from None

    async def _settle(self, deadline: float) -> None:
        """Loaded, scrolled to its end and back, and quiet; or out of time, which is counted."""
        try:
            async with asyncio.timeout(max(0.1, deadline - monotonic())):
                await self._loaded.wait()
                if self._limits.scroll:
                    with suppress(BrowserError):
                        await self._evaluate(SCROLL % (self._limits.height, 0.4 * self._limits.time))
                await self._calm(QUIET_MAX)
        except TimeoutError:
            self._traffic.leave(self._url, Reason.BUDGET_SPENT, f"the page was not done after {self._limits.time:g} s")
            with suppress(BrowserError):
                await self._connection.send("Page.stopLoading", self._session, within=5)
            self._traffic.close()

    async def _calm(self, at_most: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._traffic.quiet(QUIET), at_most)

    async def _evaluate(self, source: str) -> object:
        answer = await self._connection.send(
            "Runtime.evaluate",
            self._session,
            within=0.5 * self._limits.time + 1,
            expression=source,
            awaitPromise=True,
            returnByValue=True,
        )
        return answer["result"].get("value")

    async def _take(self) -> Rendered:
        traffic = self._traffic
        rendered = Rendered(await traffic.document(), traffic.asked, traffic.left)
        with suppress(BrowserError, TimeoutError):
            async with asyncio.timeout(AFTER_MAX):
                dom = await self._evaluate(DOM)
                rendered.dom = dom if isinstance(dom, str) and len(dom) <= self._limits.size else None
                rendered.view = await self._picture(WIDTH, HEIGHT)
                height = await self._height()
                await self._window(
                    height
                )  # by itself it would be enlarged for the picture alone, and ask for other images
                await self._calm(QUIET_MAX / 3)
                rendered.whole = await self._picture(WIDTH, height)
        if rendered.whole is None:
            traffic.leave(self._url, Reason.TIMEOUT, f"no picture of the page within {AFTER_MAX:g} s")
        return rendered

    async def _height(self) -> int:
        metrics = await self._connection.send("Page.getLayoutMetrics", self._session)
        return max(HEIGHT, min(self._limits.height, int(metrics["cssContentSize"]["height"])))

    async def _picture(self, width: int, height: int) -> bytes:
        answer = await self._connection.send(
            "Page.captureScreenshot",
            self._session,
            format="png",
            clip={"x": 0, "y": 0, "width": width, "height": height, "scale": 1},
        )
        return base64.b64decode(answer["data"])
