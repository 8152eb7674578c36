"""Articles over several URLs: which links are their pages, and what is none."""

from __future__ import annotations

import re

import pytest

from archiver.extract import extract
from archiver.extract.pages import find_pagination
from tests.quality.corpus import capture_of
from tests.unit.extract.given import document, page_of

SITE = "https://news.example"
TEXT = "<p>The harbour board opened the bridge on Monday after ten years of work and three changes of plan.</p>" * 3


def _text(link: str) -> str:
    found = re.search(r"[/=_pe-](\d)(?:/|\.\w+)?$", link)
    return found[1] if found else "1"


def _pagination(path: str, *links: str, head: str = ""):
    """`links` are URLs, whose text is the number in them, or pairs of URL and text."""
    pairs = [(link, _text(link)) if isinstance(link, str) else link for link in links]
    anchors = "".join(f'<a href="{link}">{text}</a>' for link, text in pairs)
    page = page_of(document(head, f"{TEXT}<div class='pages'>{anchors}</div>"), url=SITE + path)
    found = find_pagination(page, page.url)
    return (found.page, found.previous, found.next) if found else None


@pytest.mark.parametrize(
    ("first", "second", "third"),
    [
        ("/2026/the-long-bridge/", "/2026/the-long-bridge/2/", "/2026/the-long-bridge/3/"),
        ("/2026/the-long-bridge", "/2026/the-long-bridge?page=2", "/2026/the-long-bridge?page=3"),
        ("/story?id=77", "/story?id=77&seite=2", "/story?id=77&seite=3"),
        ("/2026/die-bruecke", "/2026/die-bruecke/seite-2", "/2026/die-bruecke/seite-3"),
        (
            "/wirtschaft/die-bruecke-1660.html",
            "/wirtschaft/die-bruecke-1660-p2.html",
            "/wirtschaft/die-bruecke-1660-p3.html",
        ),
        ("/articles/news089.html", "/articles/news089_2.html", "/articles/news089_3.html"),
        ("/content/b4192.htm", "/content/b4192_page_2.htm", "/content/b4192_page_3.htm"),
        ("/stories/1010/43352.html", "/stories/1010/43352_Page2.html", "/stories/1010/43352_Page3.html"),
    ],
)
def test_pages_are_told_by_their_urls(first, second, third):
    assert _pagination(first, second, third) == (1, None, SITE + second)
    assert _pagination(second, first, third) == (2, SITE + first, SITE + third)
    assert _pagination(third, first, second) == (3, SITE + second, None)


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/2026/the-long-bridge", "/2026/the-long-bridge-2026"),
        ("/2026/the-long-bridge", "/2026/the-short-bridge/2/"),
        ("/2026/the-long-bridge", "/2026/the-long-bridge?page=2#comments"),
        ("/2026/the-long-bridge", "/2026/the-long-bridge?page=3"),  # no second page is linked
        ("/2026/the-long-bridge", "https://other.example/2026/the-long-bridge?page=2"),
        ("/news/top-10-bridges", "/news/top-11-bridges"),
        ("/news/1234/12", "/news/1234/13"),  # the next number, but nothing leads back
        ("/2026/11/24", "/2026/11/25"),
        ("/briefing/2026-11-20", "/briefing/2026-11-19"),
        ("/news/flood-2/", ("/news/flood/", "Flood in the valley")),  # the same slug a second time
        ("/news/flood", ("/news/flood-2", "Flood again")),
        ("/news/flood", ("/news/flood-2", "Next story")),
        ("/newsletter/42", ("/newsletter/41", "Previous")),
        ("/news/covid-19", ("/news/covid-18", "18")),  # nothing leads to a first page
        ("/2026/the-long-bridge", ("?page=2", "Older news")),
        ("/2026/the-long-bridge", ("?p=2", "2")),  # where a number alone names a post
        ("/", "/?page=2"),
    ],
)
def test_what_is_no_page_of_the_article(path, link):
    assert _pagination(path, link) is None


def test_the_next_story_is_no_next_page():
    assert _pagination("/2026/the-long-bridge", head='<link rel="next" href="/2026/another-story">') is None


def test_links_of_comments_and_galleries_are_no_pages():
    for mark in ("id='comments'", "class='more-news'", "class='live pager'", "id=gallery", "class='b reviews'"):
        inner = f"<div {mark}><ul><li><div><nav class='pagination'><span><a href='?page=2'>2</a></span></nav></div></li></ul></div>"
        page = page_of(document("", TEXT + inner), url=SITE + "/2026/bridge")
        assert find_pagination(page, page.url) is None, mark


@pytest.mark.parametrize("text", ["2", "Seite 2", "Next page »", "Weiter", "›", "次へ"])
def test_a_link_to_the_next_page_says_so(text):
    assert _pagination("/2026/bridge", ("/2026/bridge?page=2", text)) == (1, None, SITE + "/2026/bridge?page=2")


def test_the_link_element_is_enough():
    head = '<link rel="next" href="/2026/the-long-bridge/2/">'
    assert _pagination("/2026/the-long-bridge/", head=head) == (1, None, f"{SITE}/2026/the-long-bridge/2/")


@pytest.mark.parametrize("number", [1, 2])
def test_a_later_page_is_a_document_of_its_own_although_it_claims_the_firsts_url(number):
    first, second = SITE + "/2026/the-long-bridge", SITE + "/2026/the-long-bridge?page=2"
    head = f'<link rel="canonical" href="{first}"><title>The long bridge opens</title>'
    content = document(head, f"<h1>The long bridge opens</h1>{TEXT}<a href='{first}'>1</a><a href='{second}'>2</a>")
    article = extract(capture_of(content.encode(), (first, second)[number - 1]))
    alone = extract(capture_of(document("", f"<h1>The long bridge opens</h1>{TEXT}").encode(), article.url))
    assert article.id == alone.id
    assert article.pagination is not None and article.pagination.page == number
    assert article.canonical_url == first
