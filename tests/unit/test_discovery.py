"""Feeds, sitemaps and listings: entries in order with their witness, and a Reason for what cannot be read."""

from __future__ import annotations

import gzip
import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.discovery import ENTRIES_MAX, Entry, article_pattern, choose_children, discover, find_feeds
from archiver.discovery.pages import score_of
from archiver.errors import Refused
from archiver.page import parse_page
from archiver.reasons import Reason
from tests.unit.making import capture

SITE = "https://example.org/"
KINDS = ["feed", "news-sitemap", "sitemap", "robots", "listing"]
CORPUS = Path(__file__).parents[3] / "shared/corpus"
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>E</title>
<item><title>One &amp; only</title><link>https://example.org/1</link><pubDate>Tue, 24 Nov 2026 10:00:00 +0430</pubDate></item>
<item><title>Two</title><guid isPermaLink="true">https://example.org/2</guid></item>
<item><title>Advertisement</title><link>https://shop.example.com/x</link></item>
<item><title>One again</title><link>https://example.org/1</link></item>
<item><title>No address</title></item>
<item><link>  /relative </link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title><link href="https://example.org/a"/>
<updated>2026-11-24T10:00:00Z</updated></entry></feed>"""
NEWS = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc> https://example.org/n1 </loc><news:news><news:publication_date>2026-11-24</news:publication_date><news:title>N1</news:title></news:news></url>
<url><loc>https://example.org/n2</loc><lastmod>2026-11-23</lastmod></url><url><lastmod>2026</lastmod></url></urlset>"""
INDEX = """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>https://example.org/s1.xml</loc></sitemap></sitemapindex>"""
PAGE = """<html><base href="/section/"><a href="one">One  <b>story</b></a><a href="https://other.example.com/x">x</a>
<a href="javascript:void(0)">no</a><a>none</a><a href="/two#c">Two</a><a href="mailto:a@example.org">m</a><a href="http://[bad">b</a></html>"""


def urls(content: str | bytes, kind: str, label: str | None = "application/xml") -> list[str]:
    body = content if isinstance(content, bytes) else content.encode()
    return [entry.url for entry in discover(capture(body, url=SITE + "source", kind=label), kind)]


def test_a_feed_gives_its_entries_in_order_each_once() -> None:
    assert urls(RSS, "feed", label="application/rss+xml") == [SITE + "1", SITE + "2", SITE + "relative"]
    assert urls(ATOM, "feed", label="application/atom+xml") == [SITE + "a"]


def test_an_entry_says_what_its_witness_claimed() -> None:
    entry = discover(capture(RSS.encode(), url=SITE + "feed.xml", kind="application/rss+xml"), "feed")[0]
    assert (entry.kind, entry.witness) == ("feed", SITE + "feed.xml")
    assert (entry.claimed_title, entry.claimed_date) == ("One & only", "Tue, 24 Nov 2026 10:00:00 +0430")


def test_sitemaps_plain_and_packed() -> None:
    entries = discover(capture(NEWS.encode(), url=SITE, kind="application/xml"), "news-sitemap")
    assert [(e.url, e.claimed_title, e.claimed_date) for e in entries] == [
        (SITE + "n1", "N1", "2026-11-24"),
        (SITE + "n2", None, "2026-11-23"),
    ]
    assert urls(gzip.compress(NEWS.encode()), "sitemap", label="application/octet-stream") == [SITE + "n1", SITE + "n2"]
    (index,) = discover(capture(INDEX.encode(), url=SITE, kind="application/xml"), "sitemap")
    assert index.is_index


def test_a_listing_gives_the_links_of_the_site() -> None:
    entries = discover(capture(PAGE.encode(), url=SITE + "x"), "listing")
    assert [(e.url, e.claimed_title) for e in entries] == [(SITE + "section/one", "One story"), (SITE + "two", "Two")]


@pytest.mark.parametrize(
    ("content", "kind", "reason"),
    [
        (b"", "feed", Reason.EMPTY),
        (b" \n", "sitemap", Reason.EMPTY),
        (b"", "listing", Reason.EMPTY),
        (b"<html><p>404 not found</html>", "feed", Reason.FEED_UNREADABLE),
        (b"<html><p>404 not found</html>", "sitemap", Reason.FEED_UNREADABLE),
        (b"\x00\x01\x02", "feed", Reason.FEED_UNREADABLE),
        (b"\x00\x01\x02", "sitemap", Reason.FEED_UNREADABLE),
        (b"\x1f\x8b\x08rubbish", "sitemap", Reason.FEED_UNREADABLE),
        (gzip.compress(bytes(70 * 2**20)), "sitemap", Reason.TOO_LARGE),
    ],
)
def test_what_cannot_be_read_has_a_reason(content: bytes, kind: str, reason: Reason) -> None:
    with pytest.raises(Refused) as caught:
        discover(capture(content, url=SITE, kind=None), kind)
    assert caught.value.reason is reason
    assert caught.value.detail


def test_half_a_feed_is_not_taken_for_a_whole_one() -> None:
    with pytest.raises(Refused) as caught:
        discover(capture(RSS.encode(), url=SITE, truncated="disconnect"), "feed")
    assert caught.value.reason is Reason.TRUNCATED


def test_entities_are_never_fetched_or_expanded() -> None:
    bomb = '<!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;">]>'
    outside = '<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    for head, name in ((bomb, "c"), (outside, "x")):
        text = head + f"<urlset><url><loc>https://example.org/&{name};</loc></url></urlset>"
        assert all("root" not in url and "aaaa" not in url for url in urls(text, "sitemap"))


def test_a_sitemap_of_a_million_is_cut_at_the_limit() -> None:
    text = (
        "<urlset>"
        + "".join(f"<url><loc>https://example.org/{n}</loc></url>" for n in range(ENTRIES_MAX + 10))
        + "</urlset>"
    )
    assert len(urls(text, "sitemap")) == ENTRIES_MAX


@given(st.binary(max_size=300), st.sampled_from(KINDS))
def test_no_bytes_break_discovery(content: bytes, kind: str) -> None:
    try:
        discover(capture(content, url=SITE, kind=None), kind)
    except Refused as refused:
        assert refused.reason in Reason


@pytest.mark.parametrize("folder", ["feeds", "robots"])
def test_every_file_of_the_corpus_is_read_or_refused_with_a_reason_in_less_than_a_second(folder: str) -> None:
    files = sorted(path for path in (CORPUS / folder).rglob("*") if path.is_file())
    if not files:
        pytest.skip(f"{CORPUS / folder}: the corpus is not beside this checkout")
    read = 0
    for path in files:
        content = path.read_bytes()
        for kind in KINDS if folder == "feeds" else ["robots"]:
            started = time.process_time()
            try:
                elsewhere: list[Entry] = []
                found = discover(capture(content, url=SITE + "x", kind=None), kind, off_site=elsewhere.append)
                read += bool(found or elsewhere)
            except Refused as refused:
                assert refused.detail, path
            assert time.process_time() - started < 1, path
    assert read > 10


def test_rdf_and_json_feeds() -> None:
    rdf = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
    <channel><title>E</title></channel><item rdf:about="x"><title>R</title><link>https://example.org/r</link></item></rdf:RDF>"""
    assert urls(rdf, "feed", label="application/rdf+xml") == [SITE + "r"]
    rows = [
        {"id": "1", "url": "/j1?a=1&amp;b=2", "title": "J  1", "date_published": "2026-11-24T10:00:00Z"},
        {"id": "https://example.org/j2", "date_modified": "2026-11-23"},
        {"id": "urn:3", "url": 7},
        "nothing",
    ]
    text = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "E", "items": rows})
    found = discover(capture(b"\xef\xbb\xbf" + text.encode(), url=SITE + "feed.json", kind=None), "feed")
    assert [(entry.url, entry.claimed_title, entry.claimed_date) for entry in found] == [
        (SITE + "j1?a=1&b=2", "J 1", "2026-11-24T10:00:00Z"),
        (SITE + "j2", None, "2026-11-23"),
    ]
    for other in ("{}", '{"items": []}', "[" * 100_000, '{"version": ' + "9" * 100_000 + "}", '{"a":' * 100_000):
        with pytest.raises(Refused):
            urls(other, "feed", label="application/json")


def test_names_that_are_no_addresses_are_no_links() -> None:
    text = """<rss version="2.0"><channel><item><title>a</title><guid isPermaLink="false">12345</guid></item>
    <item><guid isPermaLink="false">https://example.org/3</guid></item></channel></rss>"""
    assert urls(text, "feed") == [SITE + "3"]


def test_what_was_escaped_twice_is_read_as_it_was_meant() -> None:
    text = """<rss version="2.0"><channel><item><title>&lt;b&gt;Wind&lt;/b&gt; &amp;amp; water</title>
    <link>https://example.org/?a=1&amp;amp;b=2</link></item></channel></rss>"""
    (entry,) = discover(capture(text.encode(), url=SITE, kind="application/rss+xml"), "feed")
    assert (entry.url, entry.claimed_title) == (SITE + "?a=1&b=2", "Wind & water")


def test_a_counters_address_gives_way_to_the_articles_own() -> None:
    text = """<rss version="2.0" xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"><channel><item>
    <link>https://counter.example.com/~r/1</link><feedburner:origLink>https://example.org/1</feedburner:origLink></item></channel></rss>"""
    assert urls(text, "feed") == [SITE + "1"]


def test_whole_articles_in_a_feed_cost_nothing() -> None:
    body = "<![CDATA[" + "<p>" + "text " * 20_000 + "]]>"
    item = f"<item><link>https://example.org/%d</link><description>{'more ' * 9000}</description><content>{body}</content></item>"
    text = '<rss version="2.0"><channel>' + "".join(item % number for number in range(100)) + "</channel></rss>"
    started = time.process_time()
    assert len(urls(text, "feed")) == 100
    assert time.process_time() - started < 2


def test_a_flood_of_tags_is_refused() -> None:
    with pytest.raises(Refused) as caught:
        urls("<rss><channel>" + "<item>" * 500_000, "feed")
    assert caught.value.reason is Reason.TOO_LARGE
    with pytest.raises(Refused) as caught:
        urls("<rss><channel " + " ".join(f'a{number}="1"' for number in range(50_000)) + "><item>", "feed")
    assert caught.value.reason is Reason.TOO_LARGE


def test_extensions_of_a_sitemap_do_not_hide_the_page() -> None:
    text = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"
    xmlns:xhtml="http://www.w3.org/1999/xhtml"><url><loc>https://example.org/a</loc><image:image><image:loc>https://example.org/a.jpg
    </image:loc><image:title>Picture</image:title></image:image><xhtml:link rel="alternate" hreflang="fa" href="https://example.org/fa/a"/>
    </url></urlset>"""
    (entry,) = discover(capture(text.encode(), url=SITE, kind="application/xml"), "sitemap")
    assert (entry.url, entry.claimed_title) == (SITE + "a", None)


def test_sitemaps_in_other_forms() -> None:
    plain = f"{SITE}1\r\n{SITE}2\n\nnot one\n"
    assert urls(plain, "sitemap", label="text/plain") == [SITE + "1", SITE + "2"]
    assert urls(RSS, "sitemap") == urls(RSS, "feed")
    assert urls(NEWS, "feed") == urls(NEWS, "news-sitemap")
    assert urls("\ufeff\n\n" + NEWS, "sitemap") == [SITE + "n1", SITE + "n2"]
    assert urls(NEWS.encode("utf-16"), "sitemap") == [SITE + "n1", SITE + "n2"]
    wrong = NEWS.replace('version="1.0"', 'version="1.0" encoding="utf-16"').replace("N1", "\u0645\u0627")
    assert urls(wrong, "sitemap") == [SITE + "n1", SITE + "n2"]
    assert urls(NEWS.replace("N1", "A & B \x02 &nbsp;"), "sitemap") == [SITE + "n1", SITE + "n2"]


def test_a_servers_warnings_before_a_sitemap_are_passed_over() -> None:
    for before in ("<b>Warning</b>: Undefined variable $x<br />\n", "Notice: 3 in /index.php\n", "\ufeff\ufeff"):
        assert urls(before + NEWS, "news-sitemap") == [f"{SITE}n1", f"{SITE}n2"]


def test_numbers_that_are_no_characters_cost_no_feed() -> None:
    title = "A &#x110000; &#99999999999; &#0; &#xD800; &#233; &#xe9; &amp; B &bogus;"
    feed = f"<rss version='2.0'><channel><item><title>{title}</title><link>{SITE}1</link></item></channel></rss>"
    (entry,) = discover(capture(feed.encode(), url=SITE + "source", kind="application/xml"), "feed")
    assert (entry.url, entry.claimed_title) == (f"{SITE}1", "A \ufffd \ufffd \ufffd \ufffd é é & B &bogus;")


def test_a_robots_file_names_sitemaps() -> None:
    text = b"User-agent: *\r\nDisallow: /sitemap: x\r\n sItEmAp : https://example.org/a.xml # all\r\nSitemap: /b.xml\rSitemap:\nSitemap: https://example.org/a.xml"
    entries = discover(capture(text, url=SITE + "robots.txt", kind="text/plain"), "robots")
    assert [(entry.url, entry.is_index) for entry in entries] == [(SITE + "a.xml", True), (SITE + "b.xml", True)]


def child(name: str, date: str | None = None) -> Entry:
    return Entry(SITE + name, "sitemap", SITE + "index.xml", claimed_date=date, is_index=True)


def test_the_newest_children_of_an_index_are_asked_for() -> None:
    dated = [child(f"{year}.xml", f"{year}-06-01T00:00:00+04:30") for year in range(2010, 2027)]
    assert [entry.claimed_date for entry in choose_children(dated, 2)] == [
        "2026-06-01T00:00:00+04:30",
        "2025-06-01T00:00:00+04:30",
    ]
    named = [child(f"posts-{year}-{month:02}.xml") for year in (2025, 2026) for month in range(1, 12)]
    assert [entry.url for entry in choose_children(named, 1)] == [SITE + "posts-2026-11.xml"]
    bare = [child(f"map{number}.xml") for number in range(1, 10)]
    assert [entry.url[-8:] for entry in choose_children(bare, 3)] == ["map1.xml", "map9.xml", "map2.xml"]
    assert choose_children(dated, 1, known=lambda entry: "2026" in entry.url)[0].url == SITE + "2025.xml"
    assert choose_children([child("x.xml", "2026-02-31"), child("y.xml", "soon")], 2)


def test_the_most_article_like_links_come_first() -> None:
    page = """<nav><a href="/politics">Politics</a><a href="/2026/11/24/a-nav-entry-with-words">Nav</a></nav><a href="/about">About us</a>
    <a href="/"><img></a><main><article><a href="/news/ferry-service-resumes-after-storm"><img></a>
    <h2><a href="/news/ferry-service-resumes-after-storm">Ferry service resumes after a week of storms in the strait</a></h2></article>
    <a href="/fa/1404">آغاز دوبارهٔ رفت‌وآمد کشتی‌ها پس از یک هفته توفان</a></main><footer><a href="/terms">Terms</a></footer>"""
    entries = discover(capture(page.encode(), url=SITE + "home"), "listing")
    assert [entry.url for entry in entries][:2] == [SITE + "news/ferry-service-resumes-after-storm", SITE + "fa/1404"]
    assert entries[0].claimed_title == "Ferry service resumes after a week of storms in the strait"
    scores = {entry.url: entry.score for entry in entries}
    for path in ("", "about", "terms", "politics"):
        assert scores[SITE + path] <= 0 < scores[SITE + "fa/1404"]


def test_addresses_of_articles_score_above_addresses_of_sections() -> None:
    articles = ("2026/11/24/x", "news/1234567", "story/the-wind-turned-at-last", "?p=123456", "a/b/article12345.html")
    others = ("", "tag/the-wind-turned-at-last", "author/some-one-or-other", "a/b/photo12345.jpg", "search?q=2026")
    assert min(score_of(SITE + path, None) for path in articles) > 2
    assert max(score_of(SITE + path, None) for path in others) <= 3
    assert all(score_of(SITE + path, "x") <= 2 for path in others)


def test_a_page_names_its_feeds() -> None:
    page = """<base href="/fa/"><link rel="alternate" type="application/rss+xml" title="All  news" href="feed/">
    <link rel="alternate" type="application/json" href="/wp-json/posts/1"><link rel="alternate" hreflang="en" href="/en/">
    <link rel="stylesheet" type="text/css" href="/feed.css"><a href="/rss/world.xml">World</a><a href="/feedback">Feedback</a>
    <link rel="alternate feed" type="application/feed+json" href="https://example.org/feed.json"><a href="feed/">RSS</a>"""
    found = find_feeds(parse_page(capture(page.encode(), url=SITE)))
    assert [(feed.url, feed.title) for feed in found] == [
        (SITE + "fa/feed/", "All news"),
        (SITE + "feed.json", None),
        (SITE + "rss/world.xml", "World"),
    ]


@pytest.mark.parametrize(
    ("paths", "pattern"),
    [
        ("2026/11/24/a 2026/1/2/b 2026/11/23/c", r"/\d{4}/\d{1,2}/\d{1,2}/[^/]+"),
        ("news/1234567/wind news/1234568/rain news/1234569/sun", r"/news/\d{4,}(?:/|$)"),
        ("world/wind-turned-99881 sport/rain-fell-99882 world/sun-came-out-99883", r"-\d{4,}(?:\.s?html?)?/?$"),
        ("the-wind-turned rain-fell-today sun-came-out-again", r"/[^/]+(?:-[^/-]+){2,}/?$"),
        ("a b c", None),
        ("2026/11/24/a", None),
    ],
)
def test_articles_of_a_site_have_a_shape_in_common(paths: str, pattern: str | None) -> None:
    assert article_pattern([SITE + path for path in paths.split()]) == pattern


LAUGHS = (
    "<!DOCTYPE x ["
    + '<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
)
"""Eleven entities that would be two hundred thousand million letters."""


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (
            f"{LAUGHS}<rss version='2.0'><channel><item><title>&l11;</title><link>{SITE}1</link></item></channel></rss>",
            "feed",
        ),
        (f"{LAUGHS}<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='{SITE}&l11;'/></entry></feed>", "feed"),
        (f"{LAUGHS}<urlset><url><loc>{SITE}&l11;</loc></url></urlset>", "sitemap"),
        ('<rss version="2.0"><channel>' + "<item><a>" * 29_000, "feed"),
        ('<!DOCTYPE u [<!ENTITY a "' + "a" * 8000 + '">]><rss><channel><item><title>' + "&a;" * 9000, "feed"),
        ('{"version":"https://jsonfeed.org/version/1","items":[' + '{"id":"x"},' * 900_000 + "{}]}", "feed"),
        ("<urlset><url>" + "<a/>" * 4_000_000, "sitemap"),
        ("<urlset><url " + " ".join(f'a{number}="1"' for number in range(200_000)) + "/>", "sitemap"),
        ("<urlset>" + "<url>" * 1_000_000, "sitemap"),
        (f"{SITE}1\n" * 2_000_000, "sitemap"),
        (f"{SITE}1" + "1" * 20_000_000, "sitemap"),
        (gzip.compress(b"<urlset>" + b"<" * 60_000_000), "sitemap"),
        ("Sitemap: /a\n" * 40_000, "robots"),
        ("<rss>" + "&" * 2_500_000, "feed"),
        ("<rss version='2.0'><channel><item><title>" + "&#99999999;" * 250_000, "feed"),
        ("<div>" * 200 + '<a href="/x">y</a>' * 50_000, "listing"),
    ],
)
def test_hostile_documents_cost_seconds_at_most(content: str | bytes, kind: str) -> None:
    started = time.process_time()
    try:
        assert len(urls(content, kind)) <= 1
    except Refused as refused:
        assert refused.reason in (Reason.TOO_LARGE, Reason.FEED_UNREADABLE)
    assert time.process_time() - started < 8
