"""Messages between a crawl and its writer process."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.models import CapturePointer, CrawlContext, Exchange, Role, Truncated
from archiver.models.pointer import RefersTo, Tls
from pipelines.writer.messages import after, framed, unframed

WHEN = datetime(2026, 3, 1, 10, 20, 30, 405060, tzinfo=UTC)
EXCHANGE = Exchange(
    url="https://news.example/a",
    method="GET",
    request=b"GET /a HTTP/1.1\r\nHost: news.example\r\n\r\n",
    started=WHEN,
    response=b"HTTP/1.1 200 OK\r\n\r\n" + bytes(range(256)),
    duration_ms=12,
    truncated=Truncated.TIME,
    closed_by_peer=True,
    notes=("tls-close-notify-missing",),
    context=CrawlContext(
        Role.ARTICLE, "news", redirects=(("https://news.example/b", 301),), original=(RefersTo(), "00")
    ),
)
POINTER = CapturePointer(
    warc_filename="a.warc.gz",
    warc_record_offset=1,
    warc_record_length=2,
    warc_record_id="urn:uuid:1",
    warc_type="response",
    fetch_time=WHEN,
    tls=Tls(version="1.3"),
)


@pytest.mark.parametrize(
    "message",
    [
        ("record", (EXCHANGE,)),
        ("record", (replace(EXCHANGE, response=b"", context=CrawlContext()),)),
        ("record", (replace(EXCHANGE, response=b"", response_file=Path(os.devnull)),)),
        (False, (True, POINTER, [])),
        ("close", ()),
    ],
)
def test_a_message_arrives_as_it_was(message: object) -> None:
    received = bytearray(b"".join(framed(message)) + b"next")
    assert unframed(received) == message
    assert received == b"next"


def test_a_pointer_is_still_a_model() -> None:
    _, (_, pointer, _) = unframed(bytearray(b"".join(framed((False, (True, POINTER, []))))))
    assert pointer.model_dump_json() == POINTER.model_dump_json()
    assert pointer.model_fields_set == POINTER.model_fields_set


def test_half_a_message_waits_for_its_rest() -> None:
    whole = b"".join(framed(("record", (EXCHANGE,))))
    received = bytearray()
    for place in range(len(whole)):
        assert unframed(received) is None
        received.append(whole[place])
    assert unframed(received) == ("record", (EXCHANGE,))


def test_what_is_left_of_a_message_that_the_socket_took_in_pieces() -> None:
    parts = framed(("record", (EXCHANGE,)))
    whole = b"".join(parts)
    assert len(parts) == 2, "the body goes as it is"
    for sent in range(len(whole) + 1):
        assert b"".join(after(parts, sent)) == whole[sent:]
