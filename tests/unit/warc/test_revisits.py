"""When an answer is written as a revisit, and what the revisit says."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from archiver.models import CrawlContext, Exchange, RefersTo, Truncated
from archiver.warc import WarcWriter, check_cdxj, check_warc, read_captures
from tests.unit.warc.conftest import PAGE, REQUEST, START, Clock, exchange, http

Make = Callable[..., WarcWriter]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"response": http(status="HTTP/1.1 404 Gone")}, "another status"),
        ({"response": http(b"short")}, "too short to save anything"),
        ({"response": http()[:-10], "truncated": Truncated.LENGTH}, "cut"),
        ({"method": "POST"}, "another method"),
        ({"response": http(PAGE + b"!")}, "another body"),
        ({"response": http(status="HTTP/1.1 301 Moved")}, "a redirect"),
    ],
)
def test_a_revisit_is_written_only_where_the_conditions_hold(
    change: dict[str, Any], why: str, make_writer: Make
) -> None:
    writer = make_writer()
    first, second = writer.write(exchange()), writer.write(exchange(**change))
    third = writer.write(exchange(**change))
    assert first and second and third
    assert second.warc_type == "response", why
    assert third.warc_type == ("revisit" if why == "another body" else "response")


def test_a_revisit_names_its_original_to_the_last_digit(make_writer: Make) -> None:
    writer = make_writer()
    first = writer.write(exchange())
    second = writer.write(exchange("https://example.com/copy", started=START + timedelta(seconds=5)))
    assert first and second and second.refers_to
    assert second.refers_to.date == START
    assert second.refers_to.target_uri == "https://example.com/news/1"
    assert second.refers_to.warc_record_id == first.warc_record_id
    assert second.refers_to.warc_record_offset == first.warc_record_offset
    assert second.truncated is None


CONDITIONAL = b'GET /feed.xml HTTP/1.1\r\nHost: example.com\r\nIf-None-Match: "1"\r\n\r\n'
NOT_MODIFIED = http(b"", 'ETag: "1"', status="HTTP/1.1 304 Not Modified", length=False)
EARLIER = RefersTo(
    target_uri="https://example.com/feed.xml",
    date=START - timedelta(hours=1),
    warc_filename="warc/example/dt=2026-11-24/example-20261124110000000-00000-r0.warc.gz",
    warc_record_offset=500,
    warc_record_length=900,
    warc_record_id="urn:uuid:12345678-1234-4234-8234-123456789001",
)


def not_modified(**changes: Any) -> Exchange:
    values: dict[str, Any] = {
        "request": CONDITIONAL,
        "response": NOT_MODIFIED,
        "context": CrawlContext(original=(EARLIER, "ab" * 32)),
    }
    return exchange(**({"url": "https://example.com/feed.xml"} | values | changes))


def test_a_304_that_was_asked_for_is_a_server_not_modified_revisit(make_writer: Make) -> None:
    writer = make_writer()
    pointer = writer.write(not_modified())
    (sealed,) = writer.close()
    assert pointer
    (capture,) = read_captures(sealed.path, warc_filename=sealed.key)
    assert capture.pointer == pointer, "the reader gives the writer's pointer"
    assert (pointer.warc_type, pointer.fetch_status, pointer.payload_digest) == ("revisit", 304, None)
    assert (pointer.payload_sha256, pointer.truncated) == ("ab" * 32, None), "of the body that it stands for"
    assert pointer.refers_to == EARLIER
    assert capture.head == NOT_MODIFIED
    with sealed.path.open("rb") as file:
        (record,) = [record for record in ArchiveIterator(file) if record.record_type is WarcRecordType.revisit]
    fields = dict(record.headers)
    assert fields["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert (fields["WARC-Refers-To"], fields["WARC-Refers-To-Target-URI"]) == (
        f"<{EARLIER.warc_record_id}>",
        EARLIER.target_uri,
    )
    assert fields["WARC-Refers-To-Date"] == "2026-11-24T11:00:00.123456Z"
    assert not {"WARC-Payload-Digest", "WARC-Truncated"} & set(fields)
    (line,) = gzip.decompress(
        sealed.path.with_name(sealed.path.name.replace(".warc.gz", ".cdxj.gz")).read_bytes()
    ).splitlines()
    indexed = json.loads(line.split(b" ", 2)[2])
    assert (indexed["mime"], indexed["status"], "digest" in indexed) == ("warc/revisit", "304", False)
    assert [str(f) for f in check_warc(sealed.path, key=sealed.key) if f.severity == "error"] == []
    assert check_cdxj(sealed.cdxj_path, sealed.path) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"request": REQUEST}, "nobody asked on a condition"),
        ({"context": CrawlContext()}, "no original is known"),
        ({"url": "https://example.com/other.xml"}, "the original is of another URL"),
        ({"truncated": Truncated.DISCONNECT}, "cut"),
        ({"response": http(status="HTTP/1.1 412 Precondition Failed")}, "another status"),
    ],
)
def test_other_304s_are_recorded_as_they_came(change: dict[str, Any], why: str, make_writer: Make) -> None:
    pointer = make_writer().write(not_modified(**change))
    assert pointer and pointer.warc_type == "response", why


def test_a_cut_original_is_never_referred_to(make_writer: Make) -> None:
    writer = make_writer()
    writer.write(exchange(truncated=Truncated.DISCONNECT))
    again = writer.write(exchange())
    assert again and again.warc_type == "response"


def test_originals_are_forgotten_with_their_file(make_writer: Make, clock: Clock) -> None:
    writer = make_writer()
    writer.write(exchange())
    clock.forward(1800)
    second = writer.write(exchange())
    assert second and second.warc_type == "response"
    assert len(writer.sealed) == 1
