"""The gallery of the demo newspaper misbehaves as it says."""

from __future__ import annotations

import http.client
import re
import time
import zlib
from collections.abc import Iterator
from urllib.parse import urljoin

import brotli
import pytest
import zstandard
from lxml import etree, html

from archiver.demo import GALLERY, DemoNewspaper
from archiver.demo.gallery.codings import stored_brotli, stored_zstd
from archiver.reasons import Reason
from tests.unit.asking import gallery, get, raw


@pytest.fixture(scope="module")
def newspaper() -> Iterator[DemoNewspaper]:
    with DemoNewspaper(slow_seconds=0.2, huge_bytes=3_000_000, bomb_bytes=80_000_000) as running:
        yield running


def test_the_gallery_lists_quick_ones_apart_from_slow_ones(newspaper: DemoNewspaper) -> None:
    base = newspaper.outlets[0].base_url
    quick = html.fromstring(get(urljoin(base, "/gallery/")).body).xpath("//ul[@class='cards']//a/@href")
    slow = html.fromstring(get(urljoin(base, "/gallery/slow/")).body).xpath("//ul[@class='cards']//a/@href")
    assert quick == [f"/gallery/{entry.name}" for entry in GALLERY.values() if not entry.slow] + ["/gallery/slow/"]
    assert slow == [f"/gallery/{entry.name}" for entry in GALLERY.values() if entry.slow]
    assert get(urljoin(base, "/gallery/no-such-thing")).status == 404
    assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in GALLERY)


def test_every_quick_page_of_the_gallery_answers_within_two_seconds(newspaper: DemoNewspaper) -> None:
    for entry in GALLERY.values():
        if not entry.slow:
            started = time.monotonic()
            raw(newspaper, entry.name)
            assert time.monotonic() - started < 2, entry.name


def test_the_gallery_covers_what_an_archive_has_to_survive() -> None:
    expected = {entry.reason for entry in GALLERY.values()}
    assert {
        None,
        Reason.REDIRECT_LOOP,
        Reason.HTTP_ERROR,
        Reason.SOFT_404,
        Reason.THROTTLED,
        Reason.TIMEOUT,
    } <= expected
    assert {Reason.DISCONNECTED, Reason.BROKEN_RESPONSE, Reason.TOO_LARGE, Reason.NOT_HTML, Reason.EMPTY} <= expected
    assert {Reason.CHALLENGE, Reason.CONSENT_WALL, Reason.LOGIN_WALL, Reason.PRIVATE_ADDRESS} <= expected


def test_the_redirect_chain_has_five_statuses_and_ends_at_an_article(newspaper: DemoNewspaper) -> None:
    url, statuses = urljoin(newspaper.outlets[0].base_url, "/gallery/redirect-chain"), []
    while (answer := get(url)).status != 200:
        statuses.append(answer.status)
        url = urljoin(url, answer.headers["Location"])
    assert statuses == [301, 302, 303, 307, 308]
    assert b"Five doors and a room" in answer.body


def test_the_redirect_loop_comes_back(newspaper: DemoNewspaper) -> None:
    assert gallery(newspaper, "redirect-loop").headers["Location"] == "/gallery/redirect-loop-back"
    assert gallery(newspaper, "redirect-loop-back").headers["Location"] == "/gallery/redirect-loop"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("gone-410", 410),
        ("not-found", 404),
        ("forbidden-403", 403),
        ("throttled-429", 429),
        ("always-503", 503),
        ("soft-404", 200),
    ],
)
def test_statuses_are_as_the_names_say(newspaper: DemoNewspaper, name: str, status: int) -> None:
    assert gallery(newspaper, name).status == status


def test_server_error_recovers_on_the_second_try() -> None:
    with DemoNewspaper() as fresh:
        first, second = gallery(fresh, "server-error"), gallery(fresh, "server-error")
    assert (first.status, first.headers["Retry-After"], second.status) == (503, "1", 200)


def test_stalled_pages_send_something_and_then_nothing(newspaper: DemoNewspaper) -> None:
    body = raw(newspaper, "stalled-body", timeout=0.4)
    promised = int(re.search(rb"Content-Length: (\d+)", body)[1])  # type: ignore[index]
    assert 0 < len(body.partition(b"\r\n\r\n")[2]) < promised
    assert raw(newspaper, "stalled-head", timeout=0.4) == b"HTTP/1.1 200 OK\r\n"


def test_never_ending_goes_on_past_any_limit(newspaper: DemoNewspaper) -> None:
    assert len(raw(newspaper, "never-ending", limit=5_000_000)) >= 5_000_000


def test_broken_framings_break_a_client(newspaper: DemoNewspaper) -> None:
    for name in ("truncated-body", "truncated-chunk", "bad-chunk", "bad-status-line", "hang-up"):
        with pytest.raises((http.client.HTTPException, ConnectionError)):
            gallery(newspaper, name)


def test_slow_waits_and_huge_page_keeps_its_length(newspaper: DemoNewspaper) -> None:
    started = time.monotonic()
    assert gallery(newspaper, "slow").status == 200
    assert time.monotonic() - started >= 0.2
    assert len(gallery(newspaper, "huge-page").body) == 3_000_000


def test_the_zip_bomb_is_small_and_unpacks_to_what_was_asked(newspaper: DemoNewspaper) -> None:
    body = gallery(newspaper, "zip-bomb").body
    assert len(body) < 200_000
    machine, size = zlib.decompressobj(31), 0
    piece = machine.decompress(body, 2**20)
    while piece:
        size += len(piece)
        piece = machine.decompress(machine.unconsumed_tail, 2**20)
    assert size == 80_000_000 // 2**20 * 2**20
    assert machine.eof


def test_charsets_are_what_the_pages_really_use(newspaper: DemoNewspaper) -> None:
    assert "صيادو" in gallery(newspaper, "windows-1256").body.decode("cp1256")
    assert gallery(newspaper, "windows-1256-in-meta").headers["Content-Type"] == "text/html"
    assert "“quotes”" in gallery(newspaper, "utf-16").body.decode("utf-16")
    wrong = gallery(newspaper, "wrong-charset")
    assert wrong.headers["Content-Type"].endswith("iso-8859-1") and "“quotes”" in wrong.body.decode()
    assert gallery(newspaper, "nul-bytes").body.count(b"\x00") > 5
    assert gallery(newspaper, "no-content-type").headers["Content-Type"] is None
    etree.fromstring(gallery(newspaper, "xhtml").body)


def test_odd_heads_cross_the_wire_as_written(newspaper: DemoNewspaper) -> None:
    assert len(gallery(newspaper, "header-20k").headers["X-Long"]) == 20_000
    assert b"X-Folded: first part\r\n second part\r\n\tthird part\r\n" in raw(newspaper, "folded-header")
    assert b"SET-COOKIE:   c=3  \r\nX-Empty:\r\n" in raw(newspaper, "repeated-headers")
    assert b"J\xf6rg M\xfcller, Stra\xdfe 5" in raw(newspaper, "latin-1-header")
    assert raw(newspaper, "odd-reason").startswith(b"HTTP/1.1 200 Everything is fine, thanks\r\n")
    assert raw(newspaper, "empty-reason").startswith(b"HTTP/1.1 200 \r\n")
    assert b"\r" not in raw(newspaper, "bare-lf").partition(b"\n\n")[0]
    assert raw(newspaper, "early-hints").startswith(b"HTTP/1.1 103 Early Hints\r\n")
    assert raw(newspaper, "http-10").startswith(b"HTTP/1.0 200 OK\r\n")
    assert raw(newspaper, "chunk-extensions").endswith(b"0\r\nX-Checked: yes\r\n\r\n")
    assert len(raw(newspaper, "empty").partition(b"\r\n\r\n")[2]) == 0


def test_unasked_codings_are_valid_streams(newspaper: DemoNewspaper) -> None:
    assert b"<h1>" in brotli.decompress(gallery(newspaper, "brotli-unasked").body)
    assert b"<h1>" in zstandard.ZstdDecompressor().decompress(gallery(newspaper, "zstd-unasked").body)
    for size in (0, 1, 65_535, 65_536, 65_537, 131_072, 300_001):
        content = bytes(range(256)) * (size // 256 + 1)
        content = content[:size]
        assert brotli.decompress(stored_brotli(content)) == content
        assert zstandard.ZstdDecompressor().decompress(stored_zstd(content)) == content


def test_the_duplicate_has_the_same_bytes_at_both_addresses(newspaper: DemoNewspaper) -> None:
    assert gallery(newspaper, "duplicate").body == gallery(newspaper, "duplicate-again").body
