"""Exchanges and writers for the WARC tests: injected clock and record ids, and a second reader for every file written."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator
from warcio.checker import Checker

from archiver.models import Exchange
from archiver.warc import WarcInfo, WarcWriter
from archiver.warc.warcio_brotli import install

install()

INFO = WarcInfo(
    software="news-archiver/0.1 test",
    operator="Archive desk <archive@example.org>",
    user_agent="NewsArchiver/0.1 (+https://example.org/bot)",
    run_id="r1",
    source="example",
    description="Test crawl",
)
START = datetime(2026, 11, 24, 12, 0, 0, 123456, UTC)
REQUEST = b"GET /news/1 HTTP/1.1\r\nHost: example.com\r\nAccept-Encoding: gzip, deflate\r\n\r\n"
PAGE = b"<html><title>Caf\xc3\xa9</title>" + b"<p>Some text of the page, which goes on.</p>" * 40 + b"</html>"


class Clock:
    """A clock that tests move."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def counted_ids() -> Callable[[], str]:
    numbers = iter(range(1, 10_000_000))
    return lambda: f"urn:uuid:00000000-0000-4000-8000-{next(numbers):012d}"


def http(body: bytes = PAGE, *lines: str, status: str = "HTTP/1.1 200 OK", length: bool = True) -> bytes:
    """A whole response with a right Content-Length unless told otherwise."""
    fields = ["Content-Type: text/html; charset=utf-8", *lines]
    if length:
        fields.append(f"Content-Length: {len(body)}")
    return "\r\n".join([status, *fields, "", ""]).encode("latin-1") + body


def exchange(url: str = "https://example.com/news/1", **changes: Any) -> Exchange:
    values: dict[str, Any] = {"url": url, "method": "GET", "request": REQUEST, "started": START, "response": http()}
    return Exchange(**(values | changes))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_writer(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., WarcWriter]]:
    """Makes writers in `tmp_path / "spool"`; at the end every file they sealed is read by others (see `second_opinion`)."""
    made: list[WarcWriter] = []

    def make(**changes: Any) -> WarcWriter:
        values: dict[str, Any] = {"info": INFO, "clock": clock, "new_id": counted_ids()} | changes
        made.append(WarcWriter(tmp_path / "spool", values.pop("series", "example"), **values))
        return made[-1]

    yield make
    for writer in made:
        for sealed in writer.close():
            if sealed.path.exists():
                second_opinion(sealed.path)


def second_opinion(path: Path) -> int:
    """Read with FastWARC and judge with `warcio check`; the number of records both saw."""
    with path.open("rb") as file:
        records = sum(1 for record in ArchiveIterator(file, verify_digests=True) if record.reader.read() is not None)
    out = io.StringIO()
    checker = Checker(_CheckArguments(path))
    with contextlib.redirect_stdout(out):
        checker.process_all()
    assert checker.exit_value == 0, out.getvalue()
    return records


class _CheckArguments:
    def __init__(self, path: Path) -> None:
        self.inputs, self.verbose = [str(path)], True


def blocks(path: Path) -> list[tuple[str, bytes]]:
    """(type, block) of every record, read by FastWARC."""
    with path.open("rb") as file:
        return [(r.headers["WARC-Type"], r.reader.read()) for r in ArchiveIterator(file, parse_http=False)]


def heads(path: Path) -> list[list[tuple[str, str]]]:
    with path.open("rb") as file:
        return [list(r.headers) for r in ArchiveIterator(file, parse_http=False)]
