"""The body of an answer, as exactly as the browser gives it, and never more of it than there is room for.

Belongs here: which way a body is read. A small one of known length is asked for whole; every other one, packed ones above all, is
read as a stream, so that a few bytes that unpack to gigabytes fill no memory.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from time import monotonic
from typing import Any

from archiver.browser.cdp import Connection, Event
from archiver.errors import BrowserError
from archiver.models import Truncated
from archiver.reasons import Reason

WHOLE_MAX = 2**20
"""Bytes of a body that is asked for in one piece."""

PIECE = 2**18

LOST_WITHIN = 2.0
"""Seconds that closing a stream may take."""


@dataclass(slots=True)
class Body:
    """`data` is content-decoded. `taken`: the page gets it from us. `truncated` with `reason` and `detail`: there was more."""

    data: bytes = b""
    taken: bool = False
    truncated: Truncated | None = None
    reason: Reason = Reason.TRUNCATED
    detail: str = ""


async def read_body(connection: Connection, session: str, event: Event, room: int, seconds: float) -> Body:
    """The body of a paused answer, at most `room` bytes of it, within `seconds`."""
    fields = {field["name"].lower(): field["value"] for field in event.get("responseHeaders", ())}
    if fields.get("content-type", "").lower().startswith("text/event-stream"):
        return Body(b"", False, Truncated.UNSPECIFIED, Reason.NOT_RECORDABLE, "a stream of events has no end")
    length, packed = fields.get("content-length", ""), fields.get("content-encoding", "identity") != "identity"
    size = int(length) if length.isascii() and length.isdigit() and len(length) < 19 else None
    if size is not None and not packed and size > room:
        return Body(b"", False, Truncated.LENGTH, Reason.TOO_LARGE, f"{size} bytes; {room} are left for this page")
    if size is not None and not packed and size <= WHOLE_MAX:
        return await _whole(connection, session, event, seconds)
    return await _streamed(connection, session, event, room, seconds)


async def _whole(connection: Connection, session: str, event: Event, seconds: float) -> Body:
    try:
        got = await connection.send("Fetch.getResponseBody", session, within=seconds, requestId=event["requestId"])
    except BrowserError as error:
        return Body(b"", False, Truncated.DISCONNECT, Reason.DISCONNECTED, str(error)[:200])
    return Body(base64.b64decode(got["body"]) if got["base64Encoded"] else got["body"].encode("latin-1", "replace"))


async def _streamed(connection: Connection, session: str, event: Event, room: int, seconds: float) -> Body:
    pieces: list[bytes] = []
    ends, length = monotonic() + seconds, 0
    stream: str | None = None
    try:
        taken = await connection.send("Fetch.takeResponseBodyAsStream", session, requestId=event["requestId"])
        stream = taken["stream"]
        while True:
            left = ends - monotonic()
            if left <= 0:
                return _cut(
                    pieces, Truncated.TIME, Reason.TIMEOUT, "the body was not whole when the page's time was spent"
                )
            got = await connection.send("IO.read", session, within=left, handle=stream, size=PIECE)
            piece = _piece(got)
            length += len(piece)
            if length > room:
                pieces.append(piece[: len(piece) - (length - room)])
                return _cut(
                    pieces, Truncated.LENGTH, Reason.TOO_LARGE, f"more than the {room} bytes left for this page"
                )
            pieces.append(piece)
            if got["eof"]:
                return Body(b"".join(pieces), True)
    except BrowserError as error:
        late = monotonic() >= ends
        why = (Truncated.TIME, Reason.TIMEOUT) if late else (Truncated.DISCONNECT, Reason.DISCONNECTED)
        return _cut(pieces, *why, str(error)[:200])
    finally:
        if stream is not None:
            await _closed(connection, session, stream)


async def _closed(connection: Connection, session: str, stream: str) -> None:
    try:
        await connection.send("IO.close", session, within=LOST_WITHIN, handle=stream)
    except BrowserError:
        return  # it went with the request


def _piece(got: dict[str, Any]) -> bytes:
    data = got.get("data", "")
    return base64.b64decode(data) if got.get("base64Encoded") else data.encode("latin-1", "replace")


def _cut(pieces: list[bytes], how: Truncated, reason: Reason, detail: str) -> Body:
    return Body(b"".join(pieces), False, how, reason, detail)
