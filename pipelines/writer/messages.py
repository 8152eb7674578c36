"""The messages between a crawl and its writer process: one for each capture, so their cost counts.

Belongs here: how a message becomes bytes and is found again. Both ends are this program, forked: pickles are trusted.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from operator import attrgetter
from typing import Any

from archiver.models import CapturePointer, CrawlContext, Exchange, Role

Buffer = bytes | memoryview

_LENGTHS = struct.Struct("!QQ")


def framed(message: object) -> list[Buffer]:
    """A message as it goes over the socket: two lengths and a pickle, and the body of an answer, which is copied by nobody."""
    buffer, bodies = io.BytesIO(), list[pickle.PickleBuffer]()
    buffer.write(_LENGTHS.pack(0, 0))
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL, buffer_callback=bodies.append)
    pickler.dispatch_table = _REDUCTIONS
    pickler.dump(message)
    (body,) = bodies or (b"",)  # a message has one Exchange at most
    raw = memoryview(body)
    buffer.seek(0)
    buffer.write(_LENGTHS.pack(len(buffer.getbuffer()) - _LENGTHS.size, len(raw)))
    return [buffer.getvalue(), raw] if raw else [buffer.getvalue()]


def unframed(received: bytearray) -> Any:
    """The first message of `received`, which loses it; None while it is not whole."""
    if len(received) < _LENGTHS.size:
        return None
    pickled, body = _LENGTHS.unpack_from(received)
    middle = _LENGTHS.size + pickled
    end = middle + body
    if len(received) < end:
        return None
    with memoryview(received) as whole:
        bodies = [bytes(whole[middle:end])] if body else []
        message = pickle.loads(whole[_LENGTHS.size : middle], buffers=bodies)
    del received[:end]
    return message


def after(parts: list[Buffer], sent: int) -> list[Buffer]:
    """The parts without their first `sent` bytes."""
    left: list[Buffer] = []
    for part in parts:
        if sent < len(part):
            left.append(memoryview(part)[sent:])
        sent = max(0, sent - len(part))
    return left


# What is pickled a million times is taken apart to plain values first: a date or an enum costs more than all the rest.

_exchange_values = attrgetter(
    *(field.name for field in fields(Exchange) if field.name not in ("started", "response", "context"))
)
_context_values = attrgetter(*(field.name for field in fields(CrawlContext) if field.name != "role"))


def _exchange(one: Exchange) -> tuple[Callable[..., Exchange], tuple[Any, ...]]:
    context = one.context
    role = None if context.role is None else context.role.value
    response = pickle.PickleBuffer(one.response) if one.response else b""
    return _exchange_of, (one.started.isoformat(), response, _exchange_values(one), role, _context_values(context))


def _exchange_of(
    started: str, response: bytes, values: tuple[Any, ...], role: str | None, context: tuple[Any, ...]
) -> Exchange:
    url, method, request, *others = values
    made = Exchange(url, method, request, datetime.fromisoformat(started), response, *others)
    made.context = CrawlContext(None if role is None else Role(role), *context)
    return made


def _pointer(one: CapturePointer) -> tuple[Callable[..., CapturePointer], tuple[Any, ...]]:
    return _pointer_of, (one.fetch_time.isoformat(), {**one.__dict__, "fetch_time": None}, one.__pydantic_fields_set__)


def _pointer_of(fetched: str, values: dict[str, Any], given: set[str]) -> CapturePointer:
    """A pointer that was validated in the other process."""
    values["fetch_time"] = datetime.fromisoformat(fetched)
    made = CapturePointer.__new__(CapturePointer)
    made.__setstate__(
        {"__dict__": values, "__pydantic_fields_set__": given, "__pydantic_extra__": None, "__pydantic_private__": None}
    )
    return made


_REDUCTIONS: dict[type, Callable[[Any], Any]] = {Exchange: _exchange, CapturePointer: _pointer}
