"""The headline's written order, and what is taken off it."""

from __future__ import annotations

import pytest

from archiver.extract.headline import without_site
from archiver.extract.metadata import read_metadata
from tests.unit.extract.given import URL, document, json_ld, page_of

SITE = '<meta property="og:site_name" content="The Gull">'


def _read(head: str = "", body: str = "<p>x</p>"):
    return read_metadata(page_of(document(head, body)))


def _entry(headline: str) -> str:
    return json_ld({"@type": "NewsArticle", "url": URL, "headline": headline})


def test_the_own_entry_comes_first():
    found = _read(
        _entry("Bridge opens today") + '<meta property="og:title" content="You will not believe this bridge">',
        "<h1>A bridge</h1>",
    )
    assert found.headline == "Bridge opens today"
    assert found.alternative_headline == "You will not believe this bridge"


def test_a_heading_that_differs_is_reported():
    found = _read(_entry("Bridge opens today"), "<h1>Weather for the week</h1>")
    assert any(one.startswith("conflict:headline") for one in found.warnings)


def test_without_an_entry_the_heading_nearest_to_og_title_counts():
    found = _read(
        '<meta property="og:title" content="Bridge opens today | The Gull">' + SITE,
        "<h1>The Gull</h1><h1>Bridge opens today</h1>",
    )
    assert found.headline == "Bridge opens today"


def test_a_heading_that_has_nothing_to_do_with_og_title_gives_way():
    found = _read('<meta property="og:title" content="Bridge opens today">', "<h1>Subscribe now</h1>")
    assert found.headline == "Bridge opens today"


@pytest.mark.parametrize(
    "title",
    ["Bridge opens today - The Gull", "Bridge opens today | World | The Gull", "The Gull: news", "Bridge opens today"],
)
def test_the_title_loses_the_sites_name(title):
    found = _read(f"<title>{title}</title>{SITE}")
    assert "Gull" not in found.headline or title.startswith("The Gull:")


def test_only_the_sites_own_name_is_taken_off():
    assert without_site("Rain - and wind - to come", frozenset(("thegull",))) == "Rain - and wind - to come"
    assert without_site("The Gull | Rain to come", frozenset(("thegull",))) == "Rain to come"


def test_a_cut_headline_is_made_whole_from_the_heading():
    found = _read(
        _entry("The long bridge over the river opens after …"),
        "<h1>The long bridge over the river opens after ten years of work</h1>",
    )
    assert found.headline == "The long bridge over the river opens after ten years of work"


def test_a_kicker_is_left_out_where_og_title_says_so():
    found = _read(
        _entry("Traffic: Bridge opens to all cars today")
        + '<meta property="og:title" content="Bridge opens to all cars today">'
    )
    assert found.headline == "Bridge opens to all cars today"


def test_markup_and_entities_in_a_headline_are_undone():
    assert _read(_entry("Salt <em>&amp; pepper</em> rise")).headline == "Salt & pepper rise"


def test_parts_of_a_heading_do_not_run_together():
    assert _read(body="<h1><span>Traffic</span><span>Bridge opens</span></h1>").headline == "Traffic Bridge opens"
    assert _read(body="<h1>Bridge<br>opens</h1>").headline == "Bridge opens"


def test_a_masthead_is_no_headline():
    body = '<h1><a href="https://news.example/">The Gull</a></h1><h2>Latest</h2><h2>Bridge opens today</h2>'
    assert _read("<title>Bridge opens today « The Gull</title>", body).headline == "Bridge opens today"
    assert _read("<title>The Gull » Blog Archive » Bridge opens today</title>", body).headline == "Bridge opens today"


def test_a_page_without_a_name_has_no_headline():
    assert _read().headline is None
