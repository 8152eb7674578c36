"""Feeds, sitemaps and listings: entries in order with their witness, and a Reason for what cannot be read."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.discovery import ENTRIES_MAX, discover
from archiver.errors import Refused
from archiver.reasons import Reason
from tests.unit.making import NOON, capture

SITE = "https://example.org/"
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
    assert entry.as_discovered(NOON) == {
        "kind": "feed",
        "url": SITE + "feed.xml",
        "seen_at": "2026-11-24T12:00:00Z",
        "claimed_title": "One & only",
        "claimed_date": "Tue, 24 Nov 2026 10:00:00 +0430",
    }


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


@given(st.binary(max_size=300), st.sampled_from(["feed", "sitemap", "news-sitemap", "listing"]))
def test_no_bytes_break_discovery(content: bytes, kind: str) -> None:
    try:
        discover(capture(content, url=SITE, kind=None), kind)
    except Refused as refused:
        assert refused.reason in Reason
