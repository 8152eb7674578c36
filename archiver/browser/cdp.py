"""The debugging protocol over a pair of pipes: commands with answers, and events by session.

Belongs here: framing (one JSON text, then a zero byte), matching answers to commands, and handing out events. What is commanded is
for the other modules. The pipes are Chromium's file descriptors 3 and 4: nobody else on the machine can reach them.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from typing import Any

from archiver.errors import BrowserError

Event = dict[str, Any]
Handler = Callable[[Event], None]

ANSWER_MAX = 30.0
"""Seconds for the answer to a command, where the caller gives no other time."""


class Connection(asyncio.Protocol):
    """One browser. `on` registers what is called for an event of a session ("" is the browser itself)."""

    def __init__(self) -> None:
        self._number = 0
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._handlers: dict[tuple[str, str], Handler] = {}
        self._received: list[bytes] = []
        self._out: asyncio.WriteTransport | None = None
        self._in: asyncio.ReadTransport | None = None
        self.closed = asyncio.Event()

    async def open(self, read: int, write: int) -> None:
        """Takes over both descriptors."""
        loop = asyncio.get_running_loop()
        self._in, _ = await loop.connect_read_pipe(lambda: self, os.fdopen(read, "rb", 0))
        self._out, _ = await loop.connect_write_pipe(asyncio.Protocol, os.fdopen(write, "wb", 0))

    async def send(
        self, method: str, session: str = "", *, within: float = ANSWER_MAX, **parameters: Any
    ) -> dict[str, Any]:
        """The answer's `result`. Raises `BrowserError` when the browser refuses, is gone, or does not answer in time."""
        if self._out is None or self.closed.is_set():
            raise BrowserError(f"{method}: Chromium is gone")
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[self._number] = answer
        number = self._number
        self._out.write(json.dumps(message).encode() + b"\0")
        try:
            return await asyncio.wait_for(answer, within)
        except TimeoutError:
            raise BrowserError(f"{method}: no answer from Chromium within {within:g} s") from None
        finally:
            self._waiting.pop(number, None)

    def on(self, method: str, handler: Handler, session: str = "") -> None:
        self._handlers[session, method] = handler

    def forget(self, session: str) -> None:
        """Events of a session that has ended are nobody's."""
        self._handlers = {key: handler for key, handler in self._handlers.items() if key[0] != session}

    def close(self) -> None:
        for transport in (self._in, self._out):
            if transport is not None:
                transport.close()

    def data_received(self, data: bytes) -> None:
        """asyncio's: bytes from the browser."""
        *whole, rest = data.split(b"\0")
        for piece in whole:
            self._received.append(piece)
            message, self._received = b"".join(self._received), []
            self._take(json.loads(message))
        if rest:
            self._received.append(rest)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set()
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(BrowserError("Chromium ended while a page was open"))

    def _take(self, message: dict[str, Any]) -> None:
        if "id" not in message:
            handler = self._handlers.get((message.get("sessionId", ""), message["method"]))
            if handler is not None:
                handler(message["params"])
            return
        answer = self._waiting.get(message["id"])
        if answer is None or answer.done():
            return
        if "error" in message:
            answer.set_exception(BrowserError(f"Chromium refuses: {message['error'].get('message')}"))
        else:
            answer.set_result(message["result"])
