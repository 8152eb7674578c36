"""The demo newspaper keeps its promises: every address answers, the bytes repeat, and the gallery misbehaves as described."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
import struct
import subprocess
import sys
import time
import tomllib
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import brotli
import feedparser
import pytest
import zstandard
from lxml import etree, html

from archiver.demo import GALLERY, DemoNewspaper, Outlet, write_sources
from archiver.demo.dates import solar_hijri, spelled
from archiver.demo.gallery.codings import stored_brotli, stored_zstd
from archiver.demo.outlets import OUTLET_IDS, edition
from archiver.reasons import Reason
from archiver.sources import read_source

NOON = datetime(2025, 11, 9, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def newspaper() -> Iterator[DemoNewspaper]:
    with DemoNewspaper(slow_seconds=0.2, huge_bytes=3_000_000, bomb_bytes=80_000_000) as running:
        yield running


class Answer:
    def __init__(self, answer: http.client.HTTPResponse, body: bytes) -> None:
        self.status, self.headers, self.reason, self.body = answer.status, answer.msg, answer.reason, body


def get(url: str, *, method: str = "GET", **headers: str) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    try:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), headers=fields)
        answer = connection.getresponse()
        return Answer(answer, answer.read())
    finally:
        connection.close()


def raw(newspaper: DemoNewspaper, name: str, limit: int = 10_000_000, timeout: float = 5) -> bytes:
    """Everything the server sends for one page of the gallery until it closes, `limit` is reached or `timeout` passes."""
    parts = urlsplit(newspaper.outlets[0].base_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=timeout) as connection:
        connection.sendall(
            f"GET /gallery/{name} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
        )
        received = bytearray()
        while len(received) < limit:
            try:
                piece = connection.recv(65536)
            except TimeoutError:
                break
            if not piece:
                break
            received += piece
    return bytes(received)


def listed(outlet: Outlet) -> list[str]:
    return [
        outlet.base_url,
        outlet.feed_url,
        outlet.news_sitemap_url,
        urljoin(outlet.base_url, "/robots.txt"),
        *outlet.section_urls,
        *outlet.article_urls,
    ]


def test_every_listed_url_answers_200_and_gzip_is_sent_when_asked(newspaper: DemoNewspaper) -> None:
    for outlet in newspaper.outlets:
        for url in listed(outlet):
            plain, packed = get(url), get(url, Accept_Encoding="gzip")
            assert (plain.status, packed.status) == (200, 200), url
            assert plain.headers["Content-Encoding"] is None
            assert packed.headers["Content-Encoding"] == "gzip"
            assert gzip.decompress(packed.body) == plain.body
            assert plain.headers["ETag"] != packed.headers["ETag"]


def test_there_are_at_least_44_articles_in_five_languages(newspaper: DemoNewspaper) -> None:
    pieces = [piece for site in newspaper.sites for piece in site.edition.pieces]
    assert len(pieces) >= 44
    assert len({piece.slug for piece in pieces}) == len(pieces)
    assert {piece.language for piece in pieces} == {"en", "fa", "ps", "ur", "ar"}
    for piece in pieces:
        assert 5 <= len(piece.blocks) <= 12, piece.slug
        assert piece.caption and piece.dek and piece.authors and len(piece.keywords) >= 3


def test_the_same_clock_and_ports_give_the_same_bytes() -> None:
    def everything(ports: tuple[int, int, int]) -> tuple[tuple[int, ...], dict[str, bytes]]:
        with DemoNewspaper(ports=ports, clock=lambda: NOON) as running:
            bodies = {
                url: get(url, Accept_Encoding="gzip").body for outlet in running.outlets for url in listed(outlet)
            }
            bodies |= {url: get(url).body for url in requisites(running, running.outlets[0].article_urls[0])}
            chosen = tuple(urlsplit(outlet.base_url).port or 0 for outlet in running.outlets)
            return chosen, bodies

    ports, first = everything((0, 0, 0))
    again, second = everything(ports)  # type: ignore[arg-type]
    assert again == ports
    assert first == second


def test_the_clock_moves_the_dates() -> None:
    early, late = (edition("demo-courier", "http://x/", NOON.replace(year=year)) for year in (2024, 2025))
    assert early.pieces[0].published.year == 2024
    assert late.pieces[0].published.year == 2025
    assert early.pieces[0].published.utcoffset() == late.moment.utcoffset()


def test_feeds_parse_and_name_the_newest_articles(newspaper: DemoNewspaper) -> None:
    versions = set()
    for outlet in newspaper.outlets:
        feed = feedparser.parse(get(outlet.feed_url).body)
        assert not feed.bozo
        versions.add(feed.version)
        assert [entry.link for entry in feed.entries] == list(outlet.article_urls[:12])
        assert all(entry.published_parsed and entry.title for entry in feed.entries)
    assert versions == {"rss20", "atom10"}


def test_news_sitemaps_name_every_article_with_its_time(newspaper: DemoNewspaper) -> None:
    spaces = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}
    for outlet in newspaper.outlets:
        tree = etree.fromstring(get(outlet.news_sitemap_url).body)
        assert tuple(tree.xpath("//s:loc/text()", namespaces=spaces)) == outlet.article_urls
        times = [datetime.fromisoformat(text) for text in tree.xpath("//n:publication_date/text()", namespaces=spaces)]
        assert len(times) == len(outlet.article_urls)
        assert all(time.tzinfo for time in times)


def test_robots_names_the_sitemap_and_closes_print_pages(newspaper: DemoNewspaper) -> None:
    for outlet in newspaper.outlets:
        rules = get(urljoin(outlet.base_url, "/robots.txt")).body.decode()
        assert f"Sitemap: {outlet.news_sitemap_url}" in rules
        assert "Disallow: /print/" in rules


def test_an_unchanged_page_answers_304_to_its_validators(newspaper: DemoNewspaper) -> None:
    url = newspaper.outlets[1].article_urls[0]
    first = get(url)
    for fields in ({"If_None_Match": first.headers["ETag"]}, {"If_Modified_Since": first.headers["Last-Modified"]}):
        again = get(url, **fields)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    assert get(url, If_None_Match='"other"', If_Modified_Since=first.headers["Last-Modified"]).status == 200
    assert get(url, If_Modified_Since="yesterday").status == 200


def test_head_has_the_fields_of_get_and_no_body(newspaper: DemoNewspaper) -> None:
    url = newspaper.outlets[2].article_urls[0]
    head, whole = get(url, method="HEAD"), get(url)
    assert head.body == b""
    assert head.headers.items() == whole.headers.items()


def test_a_connection_is_kept_alive_over_many_pages(newspaper: DemoNewspaper) -> None:
    outlet = newspaper.outlets[0]
    connection = http.client.HTTPConnection(urlsplit(outlet.base_url).netloc, timeout=5)
    connection.connect()
    mine = connection.sock.getsockname()
    framings = set()
    for url in outlet.article_urls[:6]:
        connection.request("GET", urlsplit(url).path)
        answer = connection.getresponse()
        assert answer.read().endswith(b"</html>\n")
        framings.add("chunked" if answer.getheader("Transfer-Encoding") else "length")
        assert connection.sock.getsockname() == mine
    connection.close()
    assert framings == {"chunked", "length"}


def test_an_http_10_client_gets_no_chunks(newspaper: DemoNewspaper) -> None:
    parts = urlsplit(newspaper.outlets[0].base_url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert f"Content-Length: {len(body)}".encode() in head


def requisites(newspaper: DemoNewspaper, page_url: str) -> set[str]:
    """Images, srcset candidates, lazy images, styles, scripts, icons and fonts of one page, and what its CSS names."""
    tree = html.fromstring(get(page_url).body, base_url=page_url)
    found = set(tree.xpath("//img/@src | //img/@data-src | //script/@src | //*[@id='latest']/@data-src"))
    found |= set(tree.xpath("//link[contains('stylesheet icon shortcut icon preload', @rel)]/@href"))
    for candidates in tree.xpath("//@srcset | //@data-srcset"):
        found |= {candidate.split()[0] for candidate in candidates.split(",")}
    urls = {urljoin(page_url, name) for name in found if not name.startswith("data:")}
    for sheet in [url for url in urls if url.endswith(".css")] + [urljoin(page_url, "/static/base.css")]:
        names = re.findall(rb"url\([\"']?([^\"')]+)|@import [\"']([^\"']+)", get(sheet).body)
        urls |= {urljoin(sheet, (left or right).decode()) for left, right in names}
    return urls


def test_every_requisite_of_an_article_exists_on_its_own_outlet(newspaper: DemoNewspaper) -> None:
    for outlet in newspaper.outlets:
        found = requisites(newspaper, outlet.article_urls[0])
        kinds = {url.rpartition(".")[2] for url in found}
        assert {"png", "css", "js", "svg", "ico", "woff"} <= kinds
        for url in found:
            assert url.startswith(outlet.base_url)
            assert get(url).status == 200, url


def test_a_script_fetches_json_and_a_picture_element_offers_sources(newspaper: DemoNewspaper) -> None:
    outlet = newspaper.outlets[0]
    assert b'fetch("/api/latest.json")' in get(urljoin(outlet.base_url, "/static/site.js")).body
    latest = json.loads(get(urljoin(outlet.base_url, "/api/latest.json")).body)
    assert [urljoin(outlet.base_url, item["url"]) for item in latest["items"]] == list(outlet.article_urls[:5])
    tree = html.fromstring(get(outlet.article_urls[0]).body)
    assert tree.xpath("//picture/source/@srcset") and tree.xpath("//picture//img/@srcset")


def test_pictures_are_valid_png_of_the_promised_size(newspaper: DemoNewspaper) -> None:
    slug = newspaper.sites[0].edition.pieces[0].slug
    for width in (320, 640, 960):
        content = get(urljoin(newspaper.outlets[0].base_url, f"/media/{slug}-{width}.png")).body
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", content[16:24]) == (width, width * 9 // 16)
        start = content.index(b"IDAT")
        (length,) = struct.unpack(">I", content[start - 4 : start])
        assert len(zlib.decompress(content[start + 4 : start + 4 + length])) == (width + 1) * (width * 9 // 16)
    assert get(urljoin(newspaper.outlets[0].base_url, "/media/unknown-640.png")).status == 404
    assert get(urljoin(newspaper.outlets[0].base_url, f"/media/{slug}-123456789.png")).status == 404


def test_the_three_outlets_declare_their_metadata_in_three_ways(newspaper: DemoNewspaper) -> None:
    courier, hindukush, indus = (html.fromstring(get(outlet.article_urls[0]).body) for outlet in newspaper.outlets)
    (block,) = courier.xpath("//script[@type='application/ld+json']/text()")
    (article,) = [node for node in json.loads(block)["@graph"] if node["@type"] == "NewsArticle"]
    assert datetime.fromisoformat(article["datePublished"]).tzinfo
    assert article["headline"] == courier.xpath("string(//h1)")
    assert hindukush.xpath("//*[@itemprop='datePublished']/@datetime") and not hindukush.xpath("//script[@type]")
    assert hindukush.xpath("//meta[@property='article:published_time']")
    assert not indus.xpath("//*[@itemprop] | //script[@type]")
    assert datetime.fromisoformat(indus.xpath("//time/@datetime")[0]).tzinfo


def test_the_quotations_without_links_are_in_the_story_of_the_talks(newspaper: DemoNewspaper) -> None:
    (url,) = [url for url in newspaper.outlets[0].article_urls if "drone-pact" in url]
    (content,) = html.fromstring(get(url).body.decode()).xpath("//div[@class='entry-content']")
    text = content.text_content()
    assert (
        "“For the first time, Pakistan acknowledged that it cannot break its agreement with the US,” TOLO News posted on X"
        in text
    )
    assert (
        "“Pakistan admitting US conducts drone strikes from its territory is deeply revealing. "
        "It was once the biggest casualty of Obama’s drone wars.”" in text
    )
    assert not content.xpath(".//p//a")


def test_posts_are_embedded_and_linked_somewhere(newspaper: DemoNewspaper) -> None:
    pages = b"".join(get(url).body for outlet in newspaper.outlets for url in outlet.article_urls)
    assert b'class="twitter-tweet"' in pages
    assert b'class="bluesky-embed"' in pages
    assert b"<p>The factory has kept silent" in pages and b'href="https://x.com/demo_softfloors/status/' in pages


def test_pages_load_nothing_from_other_hosts(newspaper: DemoNewspaper) -> None:
    for outlet in newspaper.outlets:
        for url in [outlet.base_url, *outlet.article_urls]:
            tree = html.fromstring(get(url).body)
            loaded = tree.xpath(
                "//@src | //@srcset | //@data-src | //link[@rel!='canonical' and @rel!='alternate']/@href"
            )
            assert not [name for name in loaded if "//" in name], url


def test_solar_hijri_dates_are_right_at_the_edges_of_the_year() -> None:
    assert solar_hijri(date(2025, 3, 20)) == (1403, 12, 30)
    assert solar_hijri(date(2025, 3, 21)) == (1404, 1, 1)
    assert solar_hijri(date(2025, 11, 9)) == (1404, 8, 18)
    assert solar_hijri(date(2021, 3, 20)) == (1399, 12, 30)
    assert solar_hijri(date(1979, 2, 11)) == (1357, 11, 22)
    assert spelled(NOON, "fa") == "۱۸ عقرب ۱۴۰۴، ۱۲:۰۰"


def test_write_sources_gives_one_valid_file_an_outlet_whose_patterns_fit(
    tmp_path: Path, newspaper: DemoNewspaper
) -> None:
    paths = write_sources(tmp_path / "sources", [outlet.base_url for outlet in newspaper.outlets])
    assert [path.stem for path in paths] == list(OUTLET_IDS)
    for path, outlet in zip(paths, newspaper.outlets, strict=True):
        source = tomllib.loads(path.read_text(encoding="utf-8"))
        assert source["homepage"] == outlet.base_url
        assert source["expect"]["articles_min"] == len(outlet.article_urls)
        assert {entry["kind"] for entry in source["discover"]} == {"feed", "news-sitemap", "listing"}
        assert all(get(entry["url"]).status == 200 for entry in source["discover"])
        articles = read_source(path).articles
        assert all(articles.wants(url) for url in outlet.article_urls)
        assert not any(articles.wants(url) for url in [outlet.base_url, *outlet.section_urls])


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


def gallery(newspaper: DemoNewspaper, name: str, **headers: str) -> Answer:
    return get(urljoin(newspaper.outlets[0].base_url, f"/gallery/{name}"), **headers)


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


def test_requests_are_logged_and_stop_ends_pages_that_never_end() -> None:
    running = DemoNewspaper()
    running.start()
    get(running.outlets[2].base_url, User_Agent="probe/1")
    parts = urlsplit(running.outlets[0].base_url)
    waiting = socket.create_connection((parts.hostname, parts.port), timeout=5)
    waiting.sendall(b"GET /gallery/stalled-head HTTP/1.1\r\nHost: x\r\n\r\n")
    assert waiting.recv(100).startswith(b"HTTP/1.1 200")
    started = time.monotonic()
    running.stop()
    assert waiting.recv(100) == b""
    waiting.close()
    assert time.monotonic() - started < 2
    assert running.requests[0] == ("demo-indus", "GET", "/", "probe/1")
    assert running.outlets == []


def test_an_ipv6_address_is_served_and_written_in_brackets() -> None:
    running = DemoNewspaper(host="::1")
    try:
        running.start()
    except OSError as error:
        pytest.skip(f"no IPv6 loopback here: {error}")
    try:
        base = running.outlets[0].base_url
        assert base.startswith("http://[::1]:")
        assert get(base).status == 200
        with pytest.raises(RuntimeError):
            running.start()
    finally:
        running.stop()


def test_the_module_runs_prints_addresses_and_writes_sources(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "archiver.demo", "--sources", str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(7)]
        (url,) = re.findall(r"http://127\.0\.0\.1:\d+/", lines[0])
        assert get(url).status == 200
        assert len(list(tmp_path.glob("*.toml"))) == 3
    finally:
        process.terminate()
        process.wait(5)
    assert process.returncode == 0
