"""What a probe asks next, what it makes of the answers, and the file that comes of it; captures are made, nothing is fetched."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from archiver.errors import ConfigError, WarcError
from archiver.fixtures import compare_fixture, extract_fixture, write_fixture
from archiver.models import Capture
from archiver.models.hints import ExtractHints
from archiver.probe import FEEDS_MAX, Ask, Probe, default_id, toml_of
from archiver.sources import check_id, read_source
from archiver.warc import excerpt, read_captures
from tests.unit.making import answer, capture, exchange, page, write_warc

SITE = "https://www.example.co.uk/"
HOME = """<html lang="en-GB"><head><title>Home - The Example</title><meta property="og:site_name" content='The "Example" Times'>
<meta name="twitter:site" content="@exampletimes"><link rel="alternate" type="application/rss+xml" href="/feed" title="All">
<link rel="alternate" type="application/rss+xml" href="/comments/feed" title="Comments"></head><body>
<a href="/news/some-words-about-it-20261"><h2>Some words about it and about more</h2></a></body></html>"""
FEED = '<rss version="2.0"><channel>' + "".join(
    f"<item><title>T{number}</title><link>{SITE}news/some-words-{number}</link></item>"
    for number in range(20261, 20269)
)
ROBOTS = "Sitemap: /sitemap.xml\nSitemap: /news-index.xml\n" + "\n".join(
    f"Sitemap: /s{number}.xml" for number in range(9)
)
INDEX = "<sitemapindex>" + "".join(f"<sitemap><loc>{SITE}n{year}.xml</loc></sitemap>" for year in range(2010, 2027))


def answered(text: str, url: str, status: int = 200) -> Capture:
    return capture(text.encode(), url=url, status=status, kind=None)


def probed() -> Probe:
    """A probe that has seen the home page and the feed."""
    probe = Probe(SITE)
    home, _ = probe.first()
    (feed,) = probe.take(home, answered(HOME, SITE))
    assert feed == Ask("feed", SITE + "feed")
    assert probe.take(feed, answered(FEED + "</channel></rss>", feed.url)) == []
    return probe


def test_the_file_says_what_was_seen(tmp_path: Path) -> None:
    text = toml_of(probed(), "example")
    (tmp_path / "example.toml").write_text(text, encoding="utf-8")
    source = read_source(tmp_path / "example.toml")
    assert (source.name, source.language, source.country) == ('The "Example" Times', "en", "gb")
    assert source.accounts == {"x": "exampletimes"}
    assert [(item.kind, item.url) for item in source.discover] == [("feed", SITE + "feed")]
    assert source.articles.wants(SITE + "news/a-20261")
    assert not source.articles.wants(SITE)
    assert "8 articles seen: All" in text
    assert not source.checked


def test_robots_leads_to_news_sitemaps_first_and_an_index_to_its_newest_children() -> None:
    probe = probed()
    asks = probe.take(Ask("robots", SITE + "robots.txt"), answered(ROBOTS, SITE + "robots.txt"))
    assert asks[0] == Ask("news-sitemap", SITE + "news-index.xml")
    assert len(asks) == 4
    children = probe.take(asks[0], answered(INDEX, asks[0].url))
    assert [child.url for child in children] == [SITE + "n2026.xml", SITE + "n2025.xml"]
    rows = f"<urlset><url><loc>{SITE}news/some-words-30000</loc><news><title>T</title></news></url></urlset>"
    assert probe.take(children[0], answered(rows, children[0].url)) == []
    assert probe.take(children[1], answered(INDEX, children[1].url)) == [], "no index inside an index"
    told = tomllib.loads(toml_of(probe, "example"))["discover"]
    assert told[1] == {"kind": "news-sitemap", "url": SITE + "news-index.xml"}


def test_nothing_is_asked_for_twice_and_feeds_have_a_limit() -> None:
    links = "".join(f'<link rel="alternate" type="application/rss+xml" href="/feed{number}">' for number in range(50))
    probe = Probe(SITE)
    asks = probe.take(probe.first()[0], answered(f"<html><title>E</title>{links}", SITE))
    assert len(asks) == FEEDS_MAX
    assert probe.first() == []
    assert len(probe.more()) == 4
    assert probe.more() == []


def test_what_cannot_be_used_is_said() -> None:
    probe = probed()
    probe.take(Ask("feed", SITE + "x"), answered("<html>no feed</html>", SITE + "x"))
    probe.take(Ask("feed", SITE + "y"), answered("gone", SITE + "y", status=410))
    assert [problem.partition(": ")[2].partition(":")[0] for problem in probe.problems] == [
        "feed-unreadable",
        "http-error",
    ]
    assert not Probe(SITE).more(), "a site that was not reached is left alone"


@pytest.mark.parametrize("name", ['"', "'''", "\\", "]\n[x]\n", "\u202eabc", "a\x7fb", "x" * 5000, "# no comment"])
def test_no_name_breaks_the_file(name: str) -> None:
    probe = probed()
    probe.name = name
    probe.offers[SITE + "feed"].title = "t # ' \" x"
    assert tomllib.loads(toml_of(probe, "example"))["name"] == name


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.bbc.co.uk/persian", "bbc"),
        ("https://8am.media/", "8am"),
        ("http://127.0.0.1:80/", "127-0-0-1"),
        ("http://localhost/", "localhost"),
    ],
)
def test_an_id_comes_from_the_host(url: str, name: str) -> None:
    assert check_id(default_id(url)) == name


def test_a_taken_id_is_refused() -> None:
    with pytest.raises(ConfigError, match="taken by the crawler itself"):
        check_id("probe")


def test_an_excerpt_holds_one_capture_and_gives_its_document(tmp_path: Path) -> None:
    urls = [f"https://example.org/news/{number}" for number in range(3)]
    sealed = write_warc(tmp_path, *(exchange(url, answer(page(f"Headline {url[-1]} of the day"))) for url in urls))
    wanted = list(read_captures(sealed.path))[1]
    document = write_fixture(tmp_path / "f", excerpt(sealed.path, wanted.pointer.warc_record_id), ExtractHints())
    (kept,) = read_captures(tmp_path / "f/page.warc.gz")
    assert (kept.url, kept.body, kept.head) == (wanted.url, wanted.body, wanted.head)
    assert kept.pointer.warc_record_id == wanted.pointer.warc_record_id
    assert (kept.method, kept.context) == (wanted.method, wanted.context)
    assert document["headline"] == "Headline 1 of the day"
    assert extract_fixture(tmp_path / "f", ExtractHints()) == document
    assert compare_fixture(tmp_path / "f", ExtractHints()) == []
    pruned = compare_fixture(tmp_path / "f", ExtractHints(prune_xpath=["//p[1]"]))
    assert "article_body" in {difference.field for difference in pruned}
    with pytest.raises(WarcError, match="there is no record"):
        excerpt(sealed.path, "urn:uuid:none")
