"""The demo newspaper keeps its promises: every address answers and the bytes repeat."""

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

import feedparser
import pytest
from lxml import etree, html

from archiver.demo import DemoNewspaper, Outlet, write_sources
from archiver.demo.dates import solar_hijri, spelled
from archiver.demo.outlets import OUTLET_IDS, edition
from archiver.sources import read_source
from tests.unit.asking import get

NOON = datetime(2025, 11, 9, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def newspaper() -> Iterator[DemoNewspaper]:
    with DemoNewspaper(slow_seconds=0.2, huge_bytes=3_000_000, bomb_bytes=80_000_000) as running:
        yield running


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
