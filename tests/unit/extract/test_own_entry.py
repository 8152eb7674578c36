"""Whose data it is: entries and items of videos, teasers and other articles do not speak for the page."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archiver.extract.metadata import read_metadata
from archiver.extract.structured import strangers
from archiver.extract.structured.likeness import lead_apart
from tests.unit.extract.given import URL, document, json_ld, page_of

TITLE = "Council to decide on the old station in spring"
SHOWN = f'<meta property="og:title" content="{TITLE}"><meta property="og:type" content="article">'
OWN_TIME = '<meta property="article:published_time" content="2026-03-08T10:00:00Z">'


def _read(block: object, body: str, head: str = ""):
    return read_metadata(page_of(document(head + json_ld(block), body)))


@pytest.mark.parametrize(
    "block",
    [
        {"@type": "VideoObject", "name": "Trailer for the new film", "description": "A trailer"},
        {"@type": "VideoObject", "name": "Trailer for the new film", "url": URL},
        {"@type": "AudioObject", "name": "Listen to this article"},
        {"@type": "ImageObject", "description": "A dog"},
        {"@type": "Event", "name": "Concert in the town hall"},
        {"@graph": [{"@type": "VideoObject", "name": "First"}, {"@type": "VideoObject", "name": "Second"}]},
    ],
)
def test_a_work_within_an_article_does_not_speak_for_it(block):
    found = _read({**block, "uploadDate": "2020-01-01T00:00:00Z"}, body=f"<h1>{TITLE}</h1>", head=SHOWN + OWN_TIME)
    assert (found.headline, found.description) == (TITLE, None)
    assert found.date_published == datetime(2026, 3, 8, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("block", "head", "body"),
    [
        ({"@type": "VideoObject", "name": TITLE}, "", f"<h1>{TITLE}</h1>"),
        (
            {"@type": "VideoObject", "name": f"{TITLE}: the video of the debate"},
            f'<meta property="og:title" content="{TITLE}">',
            "",
        ),
        ({"@type": "VideoObject", "url": URL, "name": "The station debate"}, "", f"<h1>{TITLE}</h1>"),
        ({"@type": "VideoObject", "url": URL}, "", f"<h1>{TITLE}</h1>"),
        ({"@type": "Recipe", "name": "Pizza"}, "", "<h1>Pizza</h1>"),
        ({"@type": "VideoObject", "name": "Anything"}, "", "<p>A page without any title.</p>"),
    ],
)
def test_a_page_about_a_video_is_described_by_it(block, head, body):
    found = _read({**block, "uploadDate": "2026-02-01T00:00:00Z"}, body=body, head=head)
    assert found.date_published == datetime(2026, 2, 1, tzinfo=UTC)


OTHER = {
    "@type": "NewsArticle",
    "datePublished": "2026-03-09T08:15:00+01:00",
    "url": "https://news.example/sport/dogs-win-cup",
    "headline": "Another matter altogether",
    "author": {"@type": "Person", "name": "Bob Ray"},
}


def test_the_only_entry_is_not_taken_when_url_and_title_are_anothers():
    found = _read(OTHER, body=f"<h1>{TITLE}</h1>", head=SHOWN)
    assert (found.headline, found.authors, found.date_published_source) == (TITLE, [], None)
    assert "json-ld-own-entry-unclear" in found.warnings


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "http://www.cdn.example/amp/story-of-the-day.html?ref=x"},  # the same words elsewhere
        {"url": "https://news.example/p/story-17"},
        {"url": "https://news.example/"},
        {"url": "https://news.example/a/b"},
        {"url": "a-number-of-theirs"},
        {"headline": "Why the council waits"},  # the other URL, but a common word
        {"headline": None},
    ],
)
def test_the_only_entry_is_taken_when_url_or_title_may_be_the_pages(changed):
    found = _read({**OTHER, **changed}, body=f"<h1>{TITLE}</h1>", head=SHOWN)
    assert [author.name for author in found.authors] == ["Bob Ray"]
    assert found.date_published == datetime(2026, 3, 9, 7, 15, tzinfo=UTC)


def test_numbers_and_ideographs_of_addresses_and_titles_are_compared():
    assert not lead_apart("https://a.example/x/123456", ["https://b.example/article?id=123456"])
    assert not lead_apart("https://a.example/%E6%A9%8B", ["https://a.example/新橋"])
    assert lead_apart("https://a.example/x/123456", ["https://b.example/article?id=654321"])
    assert not strangers("橋が開通", ["新しい橋"])
    assert strangers("橋が開通", ["新聞社"])
    assert not strangers("Up", ["Rain ahead"])


def _item(headline: str, date: str, tag: str = "div", kind: str = "NewsArticle") -> str:
    return (
        f'<{tag} itemscope itemtype="http://schema.org/{kind}"><h3 itemprop="headline">{headline}</h3>'
        f'<meta itemprop="datePublished" content="{date}T10:00:00Z"></{tag}>'
    )


TEASER = _item("Dogs run wild in the park", "2020-01-01")


def test_the_microdata_of_a_teaser_before_the_article_is_not_the_articles():
    found = read_metadata(page_of(document(SHOWN, TEASER + f"<h1>{TITLE}</h1>" + _item(TITLE, "2026-03-08"))))
    assert (found.headline, found.date_published.year) == (TITLE, 2026)


def test_the_microdata_of_teasers_alone_is_nobodys():
    url = "https://news.example/story-of-the-day"
    for body in (f"<h1>{TITLE}</h1>{TEASER}", f"<h1>{TITLE}</h1><div itemscope itemtype='x/WebPage'>{TEASER}</div>"):
        found = read_metadata(page_of(document(SHOWN, body), url))
        assert (found.headline, found.date_published) == (TITLE, None)
    page_item = "<div itemscope itemtype='x/WebPage'><h3 itemprop='headline'>Dogs run wild</h3></div>"
    assert read_metadata(page_of(document(SHOWN, f"<h1>{TITLE}</h1>{page_item}"), url)).headline == TITLE


@pytest.mark.parametrize(
    ("head", "heading"),
    [
        ("", "<h1>The Gull of Harlow town</h1>"),  # a masthead that nothing repeats
        ('<meta property="og:title" content="The Gull">', "<h1>The Gull</h1>"),  # the site's name, not a title
        ('<meta property="og:title" content="Five pictures from Bergen">', "<h1>Latest news from Harlow</h1>"),
        ('<meta property="og:title" content="Wild dogs seen near Harlow">', "<h1>Wild dogs seen near Harlow</h1>"),
    ],
)
def test_an_item_stands_where_the_page_does_not_agree_on_another_title(head, heading):
    found = read_metadata(page_of(document(head, heading + TEASER)))
    assert found.date_published == datetime(2020, 1, 1, 10, 0, tzinfo=UTC)


def test_an_item_without_a_headline_stands_before_one_within_it():
    inner = f'<div itemscope><span itemprop="headline">{TITLE}</span></div>'
    body = f'<div itemscope itemtype="x/Article"><meta itemprop="datePublished" content="2026-03-01T10:00:00Z">{inner}</div>'
    assert read_metadata(page_of(document(SHOWN, body))).date_published.day == 1
