"""The requests of one page: asked about, let through, read, recorded, and only then handed to the page.

Belongs here: interception (the protocol's Fetch domain, before a request leaves and when an answer's head is there), the heads as
they crossed the wire (Network's extra information), and what a page is refused. One object serves all frames and workers of a tab.

A redirect chain has one network id; its hops come in order, and so do their heads.
"""

from __future__ import annotations

import asyncio
import base64
from collections import defaultdict
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import Any
from urllib.parse import urldefrag

from archiver import clock
from archiver.browser import wire
from archiver.browser.asked import Answered, Asked, fields_of, origin_of, posted
from archiver.browser.bodies import Body, read_body
from archiver.browser.cdp import Connection, Event
from archiver.browser.limits import Left, Limits, Permit, Record, Robots
from archiver.browser.proxy import GuardedProxy
from archiver.browser.reasons import reason_of
from archiver.browser.scripts import BEFORE
from archiver.errors import BrowserError, Refused
from archiver.models import CapturePointer, CrawlContext, Exchange, Role
from archiver.models.pointer import OWN_PAGE
from archiver.reasons import Reason

HEADS_WAIT = 3.0
"""Seconds for the extra information about an answer that is there already."""

REDIRECTS = (301, 302, 303, 307, 308)


class Traffic:
    """What a tab asks for. `asked` are recorded URLs beside the document, `left` what was left out."""

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
        self._connection, self._proxy, self._permit, self._record = connection, proxy, permit, record
        self._url, self._context, self._limits = url, context, limits
        self.asked: set[str] = set()
        self.left: list[Left] = []
        self._frame = ""
        self._deadline = 0.0
        self._spent = self._count = 0
        self._closed = False
        self._document: asyncio.Future[Answered] = asyncio.get_running_loop().create_future()
        self._hops: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._requests: dict[str, Asked] = {}
        self._sent: dict[str, asyncio.Queue[dict[str, str]]] = defaultdict(asyncio.Queue)
        self._heads: dict[str, asyncio.Queue[str | None]] = defaultdict(asyncio.Queue)
        self._turns: dict[str, asyncio.Semaphore] = {}
        self._holding: dict[str, asyncio.Semaphore] = {}
        self._under_way: set[str] = set()
        self._changed = monotonic()
        self._tasks: set[asyncio.Future[Any]] = set()
        self._sessions: set[str] = set()

    # The tab's side

    def begin(self, session: str, frame: str, deadline: float) -> None:
        self._frame, self._deadline = frame, deadline
        self._sessions.add(session)

    async def watch(self, session: str, *, worker: bool = False) -> None:
        """Every request of a session (a page, a frame of another site, a worker) goes through here from now on."""
        on, send = self._connection.on, self._connection.send
        self._sessions.add(session)
        on("Fetch.requestPaused", lambda event: self.later(self._paused(event, session)), session)
        on("Network.requestWillBeSentExtraInfo", self._request_head, session)
        on("Network.responseReceivedExtraInfo", self._answer_head, session)
        on("Network.loadingFailed", self._lost, session)
        on("Network.loadingFinished", lambda event: self._done(event["requestId"]), session)
        on("Network.webSocketCreated", self._socket, session)
        on("Target.attachedToTarget", self._child, session)
        await send("Network.enable", session, maxTotalBufferSize=2**20, maxResourceBufferSize=2**20)
        await send("Network.setCacheDisabled", session, cacheDisabled=True)
        if not worker:
            await send("Network.setBypassServiceWorker", session, bypass=True)
            stages = [{"urlPattern": "*", "requestStage": stage} for stage in ("Request", "Response")]
            await send("Fetch.enable", session, patterns=stages)
        await send("Target.setAutoAttach", session, autoAttach=True, waitForDebuggerOnStart=True, flatten=True)

    async def document(self) -> Answered:
        """The page's document. Raises `Refused`."""
        return await asyncio.shield(self._document)

    def failed(self, error: str) -> None:
        """The navigation came to nothing, for a reason that no request told."""
        if not self._document.done():
            self._document.set_exception(Refused(*reason_of(error, self._url, self._proxy)))

    async def quiet(self, seconds: float) -> None:
        """Until nothing has been asked for during so many seconds."""
        while self._under_way or monotonic() - self._changed < seconds:
            await asyncio.sleep(0.05)

    def extend(self, seconds: float) -> None:
        """More time, counted from now, for what a page asks for while its picture is taken."""
        self._deadline = max(self._deadline, monotonic() + seconds)

    def close(self) -> None:
        """What is asked for from here on is refused."""
        self._closed = True

    async def finish(self) -> None:
        """Until what was answered is recorded."""
        while self._tasks:
            await asyncio.wait(self._tasks, timeout=5)

    def end(self) -> None:
        for task in self._tasks:
            task.cancel()
        for session in self._sessions:
            self._connection.forget(session)
        if self._document.done() and not self._document.cancelled():
            self._document.exception()  # somebody has been told, or nobody asked

    def later(self, work: Coroutine[Any, Any, Any] | asyncio.Future[Any]) -> None:
        """Work of this page; a command that the browser refuses, because what it is about has gone, is no trouble."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: asyncio.Future[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, BrowserError) and not self._document.done():
            self._document.set_exception(error)

    def leave(self, url: str, reason: Reason, detail: str) -> None:
        self.left.append(Left(url, reason, detail))

    # Events

    def _request_head(self, event: Event) -> None:
        self._sent[event["requestId"]].put_nowait(event["headers"])

    def _answer_head(self, event: Event) -> None:
        self._heads[event["requestId"]].put_nowait(event.get("headersText"))

    def _socket(self, event: Event) -> None:
        self.leave(str(event["url"]), Reason.NOT_RECORDABLE, "a WebSocket")

    def _lost(self, event: Event) -> None:
        key = event["requestId"]
        asked = self._requests.get(key)
        self._done(key)
        if asked is None or event.get("canceled"):
            return
        reason, detail = reason_of(str(event.get("errorText")), asked.url, self._proxy)
        if asked.main and not self._document.done():
            self._document.set_exception(Refused(reason, detail))
        else:
            self.leave(asked.url, reason, detail)

    def _done(self, key: str) -> None:
        self._requests.pop(key, None)
        self._changed = monotonic()
        self._under_way.discard(key)
        turn = self._holding.pop(key, None)
        if turn is not None:
            turn.release()

    def _child(self, event: Event) -> None:
        self.later(self._adopt(event["sessionId"], event["targetInfo"]["type"]))

    async def _adopt(self, session: str, kind: str) -> None:
        """A frame of another site, or a worker, that waits: watched before its first request."""
        try:
            await self.watch(session, worker=kind != "iframe")
            if kind == "iframe":
                await self._connection.send("Page.enable", session)
                await self._connection.send("Page.addScriptToEvaluateOnNewDocument", session, source=BEFORE)
        finally:
            await self._connection.send("Runtime.runIfWaitingForDebugger", session)

    # Requests

    async def _paused(self, event: Event, session: str) -> None:
        key = event.get("networkId") or event["requestId"]
        if "responseErrorReason" in event:
            await self._connection.send("Fetch.continueRequest", session, requestId=event["requestId"])
        elif "responseStatusCode" in event:
            await self._answered(event, session, key)
        else:
            await self._wanted(event, session, key)

    async def _wanted(self, event: Event, session: str, key: str) -> None:
        request = event["request"]
        url = urldefrag(request["url"])[0]
        main = event.get("resourceType") == "Document" and event["frameId"] == self._frame
        if not url.startswith(("http://", "https://")):
            await self._connection.send("Fetch.continueRequest", session, requestId=event["requestId"])
            return
        self._changed = monotonic()
        self._under_way.add(key)
        try:
            robots = await self._may(url, main)
        except Refused as refused:
            self._refuse(url, key, main, refused)
            await self._connection.send(
                "Fetch.failRequest", session, requestId=event["requestId"], errorReason="BlockedByClient"
            )
            return
        await self._turn(key, url)
        hops = self._hops[key]
        self._requests[key] = Asked(
            url,
            request["method"],
            posted(request),
            clock.now(),
            monotonic(),
            robots,
            main,
            self._about(main, hops, robots),
        )
        self._proxy.let_through(origin_of(url))
        await self._connection.send("Fetch.continueRequest", session, requestId=event["requestId"])

    async def _may(self, url: str, main: bool) -> Robots | None:
        if self._closed or monotonic() > self._deadline:
            raise Refused(Reason.BUDGET_SPENT, "the page's time was spent")
        if main and self._document.done():
            raise Refused(Reason.NOT_RECORDABLE, "the page tried to go elsewhere")
        self._count += 1
        if self._count > self._limits.requests:
            raise Refused(Reason.BUDGET_SPENT, f"a page may make {self._limits.requests} requests")
        if self._spent >= self._limits.size:
            raise Refused(Reason.BUDGET_SPENT, f"a page may have {self._limits.size} bytes")
        return await self._permit(url, main)

    def _refuse(self, url: str, key: str, main: bool, refused: Refused) -> None:
        self._done(key)
        if main and not self._document.done():
            self._document.set_exception(refused)
        elif not self._closed:  # taking its picture makes a page ask again, for another size of window
            self.leave(url, refused.reason, refused.detail)

    async def _turn(self, key: str, url: str) -> None:
        """A few requests of one host at a time. A hop of a chain gives its turn back first."""
        held = self._holding.pop(key, None)
        if held is not None:
            held.release()
        turn = self._turns.setdefault(origin_of(url), asyncio.Semaphore(self._limits.per_host))
        await turn.acquire()
        self._holding[key] = turn

    def _about(self, main: bool, hops: list[tuple[str, int]], robots: Robots | None) -> CrawlContext:
        first = self._context
        if not main:
            via = self._document.result().url if self._document.done() and not self._document.exception() else self._url
            first = CrawlContext(
                role=Role.REQUISITE,
                source=first.source,
                via=via,
                hops_from_seed=first.hops_from_seed + "E",
                run_id=first.run_id,
                user_agent=first.user_agent,
            )
        context = replace(first, robots=robots)
        if not hops:
            return context
        return replace(
            context,
            seed=False,
            via=hops[-1][0],
            hops_from_seed=first.hops_from_seed + "R" * len(hops),
            requested_url=hops[0][0],
            redirects=tuple(hops),
        )

    # Answers

    async def _answered(self, event: Event, session: str, key: str) -> None:
        asked = self._requests.get(key)
        status = int(event["responseStatusCode"])
        if asked is None:  # nothing that was let through: nothing that is let in
            await self._connection.send(
                "Fetch.failRequest", session, requestId=event["requestId"], errorReason="BlockedByClient"
            )
            return
        raw_head = wire.head_bytes(
            await self._head(key), status, event.get("responseStatusText") or "", fields_of(event)
        )
        body = await self._body(event, session, asked, status)
        hop = status in REDIRECTS and any(name.lower() == "location" for name, _ in fields_of(event))
        pointer = await self._keep(asked, key, raw_head, body, self._page_id(asked, hop))
        self._spent += len(body.data)
        if hop:
            self._hops[key].append((asked.url, status))
            if not asked.main:
                self.asked.add(asked.url)
        elif asked.main and not self._document.done():
            self._document.set_result(Answered(asked.url, status, fields_of(event), body.data, pointer))
        else:
            self.asked.add(asked.url)
            if status >= 400 and not asked.url.endswith("/favicon.ico"):  # which no page may have asked for
                self.leave(asked.url, Reason.HTTP_ERROR, f"status {status}")
        await self._hand_over(event, session, body)
        if body.truncated:
            self.leave(asked.url, body.reason, body.detail)

    async def _head(self, key: str) -> str | None:
        with suppress(TimeoutError):
            return await asyncio.wait_for(self._heads[key].get(), HEADS_WAIT)
        return None

    async def _body(self, event: Event, session: str, asked: Asked, status: int) -> Body:
        if status in (*REDIRECTS, 204, 205, 304) or asked.method == "HEAD":
            return Body()
        room = max(0, self._limits.size - self._spent)
        return await read_body(self._connection, session, event, room, max(0.1, self._deadline - monotonic()))

    def _page_id(self, asked: Asked, hop: bool) -> str | None:
        """Of which page an exchange is a part; the redirects that led to it came before there was one."""
        document = self._document.result() if self._document.done() and not self._document.exception() else None
        if document is not None:
            return document.pointer.page_id if document.pointer else None
        return OWN_PAGE if asked.main and not hop else None

    async def _keep(
        self, asked: Asked, key: str, head: bytes, body: Body, page_id: str | None
    ) -> CapturePointer | None:
        sent: dict[str, str] = {}
        if not self._sent[key].empty():
            sent = self._sent[key].get_nowait()
        notes = [wire.NOTE] if sent else [wire.NOTE, "request-fields-not-shown"]
        address = self._proxy.addresses.get(origin_of(asked.url))
        exchange = Exchange(
            url=asked.url,
            method=asked.method,
            request=wire.request_bytes(asked.method, asked.url, sent, asked.body),
            started=asked.started,
            response=wire.answer_bytes(head, body.data, cut=body.truncated is not None),
            duration_ms=round(1000 * (monotonic() - asked.began)),
            ip_address=address,
            truncated=body.truncated,
            closed_by_peer=body.truncated is None,
            notes=tuple(notes),
            context=asked.context,
        )
        return await self._record(exchange, page_id)

    async def _hand_over(self, event: Event, session: str, body: Body) -> None:
        """What was recorded goes on to the page."""
        number = event["requestId"]
        if body.truncated is not None:
            await self._connection.send("Fetch.failRequest", session, requestId=number, errorReason="Aborted")
        elif body.taken:
            await self._connection.send(
                "Fetch.fulfillRequest",
                session,
                requestId=number,
                responseCode=event["responseStatusCode"],
                responseHeaders=wire.page_headers(event.get("responseHeaders", ())),
                body=base64.b64encode(body.data).decode(),
            )
        else:
            await self._connection.send("Fetch.continueRequest", session, requestId=number)
