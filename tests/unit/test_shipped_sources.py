"""The sources that come with the project: readable, plausible, and at one with the accounts file. Nothing here asks a site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archiver.platforms.accounts import NETWORKS, load_accounts
from archiver.sources import Source, read_sources
from archiver.urls import host_of, same_site

FOLDER = Path(__file__).parents[2] / "spiders/sources"
SOURCES, ERRORS = read_sources(FOLDER)

ARTICLES = {
    "al-jazeera": "https://www.aljazeera.com/news/2025/1/2/some-words-about-a-thing",
    "amu-tv": "https://amu.tv/123456/",
    "ap": "https://apnews.com/article/some-words-0123456789abcdef",
    "azadi-dari": "https://da.azadiradio.com/a/33123456.html",
    "bbc-pashto": "https://www.bbc.com/pashto/articles/c0123456789o",
    "bbc-persian": "https://www.bbc.com/persian/world-51234567",
    "dawn": "https://www.dawn.com/news/1812345/some-words-about-a-thing",
    "express-tribune": "https://tribune.com.pk/story/2512345/some-words-about-a-thing",
    "geo-news": "https://www.geo.tv/latest/512345-some-words-about-a-thing",
    "india-today": "https://www.indiatoday.in/india/story/some-words-about-a-thing-2512345-2025-01-02",
    "indian-express": "https://indianexpress.com/article/india/some-words-about-a-thing-9123456/",
    "khaama": "https://www.khaama.com/some-words-about-a-thing/",
    "ndtv": "https://www.ndtv.com/india-news/some-words-about-a-thing-7123456",
    "pajhwok": "https://pajhwok.com/2025/01/02/some-words-about-a-thing/",
    "reuters": "https://www.reuters.com/world/asia-pacific/some-words-about-a-thing-2025-01-02/",
    "the-hindu": "https://www.thehindu.com/news/national/some-words/article68123456.ece",
    "the-news": "https://www.thenews.com.pk/latest/1212345-some-words-about-a-thing",
    "tolonews": "https://tolonews.com/afghanistan-191234",
    "voa-urdu": "https://www.urduvoa.com/a/some-words-about-a-thing/7123456.html",
}
"""Made up in the form that the site's own addresses have."""


def test_every_shipped_source_is_read_strictly() -> None:
    assert not ERRORS
    assert len(SOURCES) >= 25
    assert {source.language for source in SOURCES} >= {"en", "fa", "ps", "ur"}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_a_shipped_source_says_where_and_how(source: Source) -> None:
    assert source.language
    assert re.fullmatch("[a-z]{2}", source.country or "")
    assert source.discover
    assert source.every >= 900
    assert source.politeness.delay >= 2
    assert source.expect.articles_min >= 1
    assert all(item.url.startswith("https://") for item in source.discover)
    assert not source.articles.wants(source.homepage) or not source.articles.allow
    text = (FOLDER / f"{source.id}.toml").read_text(encoding="utf-8")
    assert source.checked or "nobody has run it live yet" in text, "say that it is from public knowledge"


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_patterns_name_the_sites_own_host(source: Source) -> None:
    host = host_of(source.homepage).removeprefix("www.")
    assert all(re.escape(host) in pattern for pattern in source.articles.allow)
    listed = [item.url for item in source.discover if item.kind in ("listing", "robots")]
    assert all(same_site(url, source.homepage) for url in listed)


@pytest.mark.parametrize("source_id", sorted(ARTICLES))
def test_patterns_let_articles_through(source_id: str) -> None:
    source = next(source for source in SOURCES if source.id == source_id)
    assert source.articles.wants(ARTICLES[source_id])


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.id)
def test_accounts_agree_with_the_accounts_file(source: Source) -> None:
    known = load_accounts()
    for network, username in source.accounts.items():
        assert network in NETWORKS
        entry = known.find(source.name, network)
        assert entry is None or entry.on(network) == username
        owner = known.owner(network, username)
        assert owner is None or owner.kind == "organization"


def test_no_two_sources_share_an_account_or_a_feed() -> None:
    accounts = [(network, name.lower()) for source in SOURCES for network, name in source.accounts.items()]
    feeds = [item.url for source in SOURCES for item in source.discover]
    assert len(set(accounts)) == len(accounts)
    assert len(set(feeds)) == len(feeds)
