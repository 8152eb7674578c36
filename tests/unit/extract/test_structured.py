"""Structured data: JSON-LD in the shapes that pages use and break, the choice of the own entry, microdata, meta tags."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from archiver.extract.metadata import read_metadata
from archiver.extract.structured import read_graph, sweep
from archiver.extract.structured.blocks import load
from archiver.extract.structured.jsonld import url_key
from tests.unit.extract.given import URL, document, json_ld, page_of

ARTICLE = {
    "@type": "NewsArticle",
    "url": URL,
    "headline": "The bridge opens",
    "datePublished": "2026-03-09T08:15:00+01:00",
}


def _read(*blocks: object, body: str = "<h1>The bridge opens</h1>", head: str = ""):
    return read_metadata(page_of(document(head + "".join(json_ld(block) for block in blocks), body)))


@pytest.mark.parametrize(
    "block",
    [
        ARTICLE,
        [{"@type": "WebSite", "name": "News"}, ARTICLE],
        {"@graph": [{"@type": "WebPage", "url": URL}, ARTICLE]},
        {"@type": "WebPage", "mainEntity": ARTICLE},
        {"@type": "WebPage", "mainEntityOfPage": [ARTICLE]},
        {"@graph": [{"@type": "WebPage", "mainEntity": {"@id": "#a"}}, {**ARTICLE, "@id": "#a"}]},
        {**ARTICLE, "@type": ["NewsArticle", "Article"]},
        {**ARTICLE, "@type": "http://schema.org/NewsArticle"},
        [[ARTICLE]],
    ],
)
def test_an_article_is_found_in_every_shape_of_json_ld(block):
    found = _read(block)
    assert found.headline == "The bridge opens"
    assert found.date_published == datetime(2026, 3, 9, 7, 15, tzinfo=UTC)
    assert found.date_published_source == "json-ld"


def test_of_several_entries_the_one_with_the_pages_url_counts():
    other = {
        **ARTICLE,
        "url": "https://news.example/other",
        "headline": "Another",
        "datePublished": "2020-01-01T00:00:00Z",
    }
    found = _read(other, other, ARTICLE, other)
    assert (found.headline, found.date_published.year) == ("The bridge opens", 2026)


def test_list_pages_items_are_nobodys_own_entry():
    items = [
        {"@type": "ListItem", "item": {**ARTICLE, "url": f"https://news.example/{n}", "headline": f"No {n}"}}
        for n in range(5)
    ]
    found = _read({"@type": "ItemList", "itemListElement": items}, body="<h1>Latest</h1>")
    assert found.headline == "Latest"
    assert found.date_published is None or found.date_published_source != "json-ld"


def test_references_lead_to_the_author_and_the_publisher():
    graph = [
        {**ARTICLE, "author": {"@id": "#p"}, "publisher": {"@id": "#o"}},
        {"@id": "#p", "@type": "Person", "name": "Sara Haidari", "url": "/people/sara"},
        {"@id": "#o", "@type": "Organization", "name": "News Example"},
    ]
    found = _read({"@graph": graph})
    assert [(author.name, author.url) for author in found.authors] == [
        ("Sara Haidari", "https://news.example/people/sara")
    ]
    assert found.publisher.name == "News Example"


def test_a_page_entry_with_a_headline_speaks_for_itself():
    found = _read({"@type": "WebPage", "url": URL, "headline": "Rain ahead", "author": "Ann Lee"}, body="<h1>Menu</h1>")
    assert (found.headline, found.authors[0].name) == ("Rain ahead", "Ann Lee")
    assert (
        _read({"@type": "WebPage", "url": URL, "name": "Rain ahead - News"}, body="<h1>Rain ahead</h1>").headline
        == "Rain ahead"
    )


def test_cyclic_references_end():
    found = _read(
        {"@graph": [{**ARTICLE, "author": {"@id": "#a"}}, {"@id": "#a", "author": {"@id": "#a"}}, {"@id": "#b"}]}
    )
    assert found.headline == "The bridge opens"


@pytest.mark.parametrize(
    "text",
    [
        '{"@type":"NewsArticle","headline":"The bridge opens",}',
        '// <![CDATA[\n{"@type":"NewsArticle","headline":"The bridge opens"}\n// ]]>',
        '<!-- {"@type":"NewsArticle","headline":"The bridge opens"} -->',
        '{"@type":"NewsArticle", /* a comment */ "headline":"The bridge opens"};',
        '{"@type":"NewsArticle","headline":"The bridge\n opens"}',
        '{"@type":"NewsArticle","headline":"The bridge opens","x":"it\\\'s"}',
        "{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;headline&quot;:&quot;The bridge opens&quot;}",
        '{"@type":"WebSite","name":"N"}{"@type":"NewsArticle","headline":"The bridge opens"}',
        '{"@type":"NewsArticle","headline":"The bridge opens","description":"he said "no" to it","url":"u"}',
    ],
)
def test_broken_json_that_tools_still_read_is_read(text):
    found = _read(text, body="<p>Nothing else.</p>")
    assert found.headline == "The bridge opens"


def test_repairs_are_visible_as_warnings():
    assert any(
        one.startswith("json-ld-repaired") for one in _read('{"@type":"NewsArticle","headline":"A b c",}').warnings
    )
    assert any(one.startswith("json-ld-unreadable") for one in _read("{{{").warnings)


def test_entities_in_json_ld_are_undone():
    assert _read({**ARTICLE, "headline": "Salt &amp;amp; pepper&#39;s day"}, body="").headline == "Salt & pepper's day"


def test_raw_twins_are_kept():
    found = _read(ARTICLE, head='<meta property="og:title" content="T"><meta property="og:type" content="article">')
    assert json.loads(found.structured.json_ld[0])["headline"] == "The bridge opens"
    assert [(one.property, one.content) for one in found.structured.open_graph] == [
        ("og:title", "T"),
        ("og:type", "article"),
    ]


def test_microdata_speaks_where_json_ld_is_silent():
    body = """<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">Rain ahead</h1>
      <span itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Ana Ruiz</b></span>
      <meta itemprop="datePublished" content="2026-03-08T10:00:00Z"></div>
      <div itemscope itemtype="https://schema.org/Comment"><span itemprop="author">Troll</span></div>"""
    found = read_metadata(page_of(document(body=body)))
    assert (found.headline, [author.name for author in found.authors]) == ("Rain ahead", ["Ana Ruiz"])
    assert found.date_published == datetime(2026, 3, 8, 10, 0, tzinfo=UTC)
    assert found.date_published_source == "meta"


def test_every_field_names_its_origin():
    found = _read(
        {**ARTICLE, "author": "Sara Haidari", "description": "D.", "articleSection": "World", "keywords": "a, b"}
    )
    origins = {one.field: one.source for one in found.field_sources}
    assert origins["headline"] == "json-ld headline"
    assert origins["authors"] == "json-ld author"
    assert origins["date_published"] == "json-ld datePublished"
    assert origins["language"] == "html lang"
    assert found.keywords == ["a", "b"]


def test_sources_that_disagree_are_reported():
    head = '<meta property="article:published_time" content="2026-02-01T00:00:00Z">'
    found = _read(ARTICLE, head=head)
    assert found.date_published.month == 3
    assert any(one.startswith("conflict:date_published") for one in found.warnings)


def test_addresses_are_absolute():
    head = '<link rel="canonical" href="/world/2026/story-of-the-day"><link rel="amphtml" href="amp">'
    found = _read(head=head)
    assert found.canonical_url == URL
    assert found.amp_url == "https://news.example/world/2026/amp"


def test_the_tree_is_left_as_it_was():
    page = page_of(
        document(json_ld(ARTICLE), "<article><h1>T</h1><time datetime='2026-01-01'>1 Jan</time><p>x</p></article>")
    )
    before = etree.tostring(page.tree)
    read_metadata(page)
    assert etree.tostring(page.tree) == before


def test_paywall_is_read_with_its_evidence():
    parts = {"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".locked"}
    found = _read({**ARTICLE, "isAccessibleForFree": "False", "hasPart": parts})
    assert found.is_accessible_for_free is False
    assert found.paywall.detected
    assert found.paywall.evidence == ["json-ld isAccessibleForFree=false", "json-ld hasPart cssSelector=.locked"]
    tier = _read(head='<meta property="article:content_tier" content="locked">')
    assert tier.paywall.detected and tier.is_accessible_for_free is False
    metered = _read(head='<meta property="article:content_tier" content="metered">')
    assert not metered.paywall.detected and metered.paywall.evidence
    free = _read({**ARTICLE, "isAccessibleForFree": True})
    assert free.is_accessible_for_free is True and not free.paywall.evidence
    assert _read(ARTICLE).is_accessible_for_free is None


def test_rights_come_from_headers_meta_and_entries():
    head = '<meta name="robots" content="noarchive, max-snippet:-1"><meta name="tdm-policy" content="https://news.example/tdm">'
    headers = (("TDM-Reservation", "1"), ("X-Robots-Tag", "noindex"), ("Content-Usage", "train-ai=n"))
    entry = {
        **ARTICLE,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "copyrightYear": 2026,
        "copyrightHolder": {"name": "N Ltd"},
    }
    rights = read_metadata(page_of(document(head + json_ld(entry)), headers=headers)).rights
    assert rights.license == "https://creativecommons.org/licenses/by/4.0/"
    assert rights.copyright_notice == "© 2026 N Ltd"
    assert (rights.tdm_reservation, rights.tdm_policy) == ("1", "https://news.example/tdm")
    assert (rights.content_usage, rights.x_robots_tag) == ("train-ai=n", "noindex")
    assert rights.robots_meta == "noarchive, max-snippet:-1" and rights.archiving_restricted


def test_a_noarchive_for_one_search_engine_restricts_no_archive():
    def restricted(head: str = "", headers: tuple[tuple[str, str], ...] = ()) -> bool:
        return read_metadata(page_of(document(head), headers=headers)).rights.archiving_restricted

    assert restricted('<meta name="robots" content="index, noarchive">')
    assert restricted(headers=(("X-Robots-Tag", "noarchive"),))
    assert restricted(headers=(("X-Robots-Tag", "unavailable_after: 25 Jun 2030 15:00:00 PST, noarchive"),))
    assert restricted('<meta name="archive.org_bot" content="noarchive">')
    assert not restricted('<meta name="googlebot-news" content="noarchive">')
    assert not restricted(headers=(("X-Robots-Tag", "otherbot: noarchive"),))
    assert not restricted('<meta name="robots" content="none">')


def test_urls_are_compared_without_what_does_not_name_the_page():
    assert (
        url_key("https://www.news.example/a/b/?utm=1#x")
        == url_key("http://news.example/a/b")
        == url_key("https://m.news.example/A/b/amp")
    )
    assert url_key("https://news.example/") is None
    assert url_key("https://news.example/?p=1") != url_key("https://news.example/?p=2")
    assert url_key("http://[broken") is None


def test_a_block_of_any_size_and_depth_is_bounded():
    assert load("[" * 100_000)[0] == []
    assert load('{"a":' * 50_000 + "1" + "}" * 50_000)[0] == []
    assert load("9" * 5000)[1] == "unreadable"
    wide = json.dumps([{"@type": "Thing", "@id": str(n)} for n in range(60_000)])
    assert read_graph([wide], [], []).own == []


@pytest.mark.parametrize(
    "part",
    [
        "/*",
        "<!--",
        '"',
        "\\",
        ",",
        " ",
        "{",
        "[",
        "//",
        '"a":',
        "&quot;",
        '{"@type":"NewsArticle","headline":"',
        ";",
        "]]>",
    ],
)
def test_a_hostile_block_takes_no_long_time(part):
    started = time.process_time()
    load("{" + part * (1_000_000 // len(part)) + "x")
    load(part * (1_000_000 // len(part)))
    assert time.process_time() - started < 5


def test_deep_nesting_of_items_takes_no_long_time():
    body = "<div>" * 3000 + '<span itemprop="headline">x</span><img src="/a.jpg">' * 2000
    started = time.process_time()
    read_metadata(page_of(document(body=body)))
    assert time.process_time() - started < 5


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.sampled_from(["2026-01-01", "#a", URL, "By A B"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(
            ["@type", "@id", "@graph", "@value", "@list", "headline", "author", "name", "url", "datePublished", "image", "width", "keywords",
             "publisher", "isAccessibleForFree", "hasPart", "license", "mainEntity", "mainEntityOfPage", "inLanguage", "video", "articleSection"]
        ),
        inner | st.sampled_from(["NewsArticle", "Person", "WebPage", "ImageObject"]),
        max_size=6,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                "author",
                "image",
                "headline",
                "publisher",
                "datePublished",
                "keywords",
                "inLanguage",
                "hasPart",
                "license",
                "video",
                "@id",
                "url",
            ]
        ),
        VALUES,
        max_size=8,
    )
)
def test_wrong_types_in_json_ld_never_crash(entry):
    read_metadata(page_of(document(json_ld(json.dumps({"@type": "NewsArticle", **entry}).replace("</", "<\\/")))))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_in_a_block_is_read_or_reported(text):
    documents, repair = load(text)
    assert documents or repair


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "og:title",
                    "author",
                    "date",
                    "article:published_time",
                    "og:image",
                    "og:image:width",
                    "robots",
                    "keywords",
                ]
            ),
            st.text(max_size=60),
        ),
        max_size=12,
    )
)
def test_any_meta_content_is_read(pairs):
    from html import escape

    read_metadata(
        page_of(document("".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in pairs)))
    )


def test_one_pass_gathers_in_document_order():
    page = page_of(
        document(
            '<title>T</title><meta name="a" content="1"><meta name="A" content="2"><link rel="Canonical x" href="/c">'
        )
    )
    found = sweep(page.tree)
    assert (found.title, found.meta["a"], found.links[0].rel) == ("T", ["1", "2"], frozenset(("canonical", "x")))


@pytest.mark.parametrize("prefix", ["schema:", "http://schema.org/", "https://schema.org/"])
def test_properties_are_read_with_the_vocabularys_name(prefix):
    node = {f"{prefix}{key}": value for key, value in ARTICLE.items() if key != "@type"}
    author = {"@type": f"{prefix}Person", f"{prefix}name": "Ann Lee"}
    found = _read({"@type": f"{prefix}NewsArticle", **node, f"{prefix}author": author}, body="")
    assert (found.headline, [one.name for one in found.authors]) == ("The bridge opens", ["Ann Lee"])
    assert found.date_published_source == "json-ld"


def test_a_prefix_within_a_text_stays():
    said = 'He wrote "schema:name": and "schema:x"'
    assert _read({**ARTICLE, "description": said}).description == said
