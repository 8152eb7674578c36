"""The DOM of a rendered page as the record that its document is read from."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.errors import WarcError
from archiver.models import Capture, CrawlContext
from archiver.models.exchange import Role
from archiver.models.hints import ExtractHints
from archiver.reasons import Reason
from archiver.reextract import extract_warc
from archiver.warc import (
    WarcWriter,
    check_cdxj,
    check_warc,
    read_capture_at,
    read_capture_in,
    read_captures,
)
from archiver.warc.checker.against import check_pointers
from archiver.work import Outcome, extract_capture
from tests.e2e.kit import article
from tests.unit.warc.conftest import exchange, http

Make = Callable[..., WarcWriter]

SHELL = b"<!doctype html><title>News</title><div id=root></div><noscript>Switch scripts on.</noscript>"
FIELDS = (
    "X-Robots-Tag: noarchive",
    "Last-Modified: Wed, 25 Nov 2026 08:00:00 GMT",
    "ETag: 1",
    "Set-Cookie: a=1",
    "X-Odd: a:  b",
)
CONTEXT = CrawlContext(
    role=Role.ARTICLE,
    source="example",
    requested_url="http://example.com/1",
    redirects=(("http://example.com/1", 301),),
    run_id="r1",
    user_agent="Test",
)


class Written:
    """A file with a page, another one, and the DOM of the first."""

    def __init__(
        self, writer: WarcWriter, served: bytes, dom: bytes, documented: bool = True, context: CrawlContext = CONTEXT
    ) -> None:
        pointer = writer.write(exchange(response=http(served, *FIELDS), context=context))
        assert pointer
        beside = CrawlContext(role=Role.REQUISITE, run_id="r1", user_agent="Test")
        writer.write(exchange(response=http(b"x"), url="https://example.com/a.png", context=beside))
        place = writer.path_of(pointer.warc_filename)
        assert place
        self.page = read_capture_at(place, pointer.warc_record_offset, warc_filename=pointer.warc_filename)
        self.pointer = writer.write_dom(self.page, dom, documented)
        (self.sealed,) = writer.close()

    @property
    def path(self) -> Path:
        return self.sealed.path

    def dom(self) -> Capture:
        at = self.pointer.warc_record_offset
        return read_capture_at(self.path, at, warc_filename=self.sealed.key)


DOM = article("Built by a script", extra="<p>é</p>").encode()


def test_every_way_of_reading_gives_the_dom_with_the_pages_context(make_writer: Make) -> None:
    written = Written(make_writer(), SHELL, DOM)
    at, content = written.pointer.warc_record_offset, written.path.read_bytes()
    ranged = read_capture_in(lambda start, size: content[start : start + size], at, warc_filename=written.sealed.key)
    walked = list(read_captures(written.path, warc_filename=written.sealed.key))[-1]
    for capture in (written.dom(), ranged, walked):
        assert capture.pointer == written.pointer
        assert (capture.url, capture.body, capture.context) == (written.page.url, DOM, written.page.context)
        assert capture.header("content-type") == "text/html; charset=utf-8"
        assert (capture.header("x-robots-tag"), capture.header("x-odd")) == ("noarchive", "a:  b")
        assert capture.header("set-cookie") is capture.header("etag") is None, "what is about the served bytes"
    assert written.pointer.fetch_time == written.page.pointer.fetch_time and written.pointer.fetch_status == 200


def test_the_pointer_is_one_member_and_names_the_page_as_served(make_writer: Make) -> None:
    written = Written(make_writer(), SHELL, DOM)
    pointer, served = written.pointer, written.page.pointer
    start = pointer.warc_record_offset
    machine = zlib.decompressobj(16 + zlib.MAX_WBITS)
    member = machine.decompress(written.path.read_bytes()[start : start + pointer.warc_record_length])
    head, _, block = member.partition(b"\r\n\r\n")
    assert machine.eof and not machine.unused_data
    assert pointer.warc_record_id.encode() in head and b"WARC-Type: resource" in head
    assert f"WARC-Page-ID: {served.warc_record_id[9:]}\r\n".encode() in head
    assert hashlib.sha256(block.removesuffix(b"\r\n\r\n")).hexdigest() == pointer.payload_sha256
    refers = pointer.refers_to
    assert refers and (refers.warc_record_id, refers.warc_record_offset, refers.target_uri) == (
        served.warc_record_id,
        served.warc_record_offset,
        written.page.url,
    )


def test_the_file_is_sound_by_our_rules_and_by_others(make_writer: Make) -> None:
    written = Written(make_writer(), SHELL, DOM)
    assert [str(finding) for finding in check_warc(written.path)] == []
    assert check_cdxj(written.sealed.cdxj_path, written.path) == []
    assert check_pointers(written.path, [written.pointer]) == []
    for tool in ("warcio", "fastwarc"):
        command = [str(Path(sys.executable).with_name(tool)), "check", str(written.path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_dom_that_is_kept_to_be_looked_at_is_no_capture(make_writer: Make) -> None:
    written = Written(make_writer(), DOM, DOM, documented=False)
    assert [one.pointer.warc_type for one in read_captures(written.path)] == ["response", "response"]
    with pytest.raises(WarcError, match="not a capture"):
        written.dom()


class Here:
    """Extraction in this process, in the place of a pool."""

    workers = 1

    def submit_capture(self, capture: Capture, hints: ExtractHints) -> Future[Outcome]:
        done: Future[Outcome] = Future()
        done.set_result(extract_capture(capture, hints))
        return done


def outcomes(path: Path) -> list[tuple[str | None, Reason | None]]:
    """(type of the record, Reason) of each page that extraction gives."""
    found = extract_warc(path, Here())  # type: ignore[arg-type]
    return [
        ("resource" if one.outcome.line and b'"warc_type":"resource"' in one.outcome.line else None, one.outcome.reason)
        for one in found
    ]


def test_a_page_without_text_is_read_from_its_dom_and_is_one_page(make_writer: Make) -> None:
    assert outcomes(Written(make_writer(), SHELL, DOM).path) == [("resource", None)]


def test_a_page_without_text_and_without_a_dom_stays_refused(make_writer: Make) -> None:
    assert outcomes(Written(make_writer(), SHELL, DOM, documented=False).path) == [(None, Reason.NO_TEXT)]


def test_a_dom_that_says_no_more_is_the_reason(make_writer: Make) -> None:
    wall = b"<!doctype html><title>Just a moment...</title><div id=challenge-form>Verify you are human</div>"
    assert outcomes(Written(make_writer(), SHELL, wall).path) == [(None, Reason.CHALLENGE)]


def test_a_page_that_a_better_extractor_can_read_is_not_read_twice(make_writer: Make) -> None:
    assert outcomes(Written(make_writer(), DOM, DOM).path) == [(None, None)]


def test_a_dom_that_is_the_one_before_is_no_new_version(make_writer: Make) -> None:
    before = replace(CONTEXT, previous={"payload_sha256": hashlib.sha256(DOM).hexdigest()})
    written = Written(make_writer(), SHELL, DOM, context=before)
    assert outcomes(written.path) == [(None, Reason.UNCHANGED)]
