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
    assert _read(body="<h1>Bridge opens<span>20 Nov</span></h1>").headline == "Bridge opens 20 Nov"


def test_figures_of_formulas_stay_with_their_letters():
    assert _read(body="<h1>Plot of 90 m<sup>2</sup> sold</h1>").headline == "Plot of 90 m2 sold"
    assert _read(body="<h1>Too much CO<span>2</span></h1>").headline == "Too much CO2"


def test_a_masthead_is_no_headline():
    body = '<h1><a href="https://news.example/">The Gull</a></h1><h2>Latest</h2><h2>Bridge opens today</h2>'
    assert _read("<title>Bridge opens today « The Gull</title>", body).headline == "Bridge opens today"
    assert _read("<title>The Gull » Blog Archive » Bridge opens today</title>", body).headline == "Bridge opens today"


def test_a_page_without_a_name_has_no_headline():
    assert _read().headline is None


OG = '<meta property="og:title" content="{}">'


def test_an_entry_written_for_search_engines_gives_way_to_what_readers_saw():
    seen, search = "The night the river came over the wall", "Bergen flood: what we know so far"
    head = _entry(search) + OG.format(seen) + f"<title>{search} | The Gull</title>" + SITE
    found = _read(head, f"<h1>{seen}</h1>")
    assert found.headline == seen
    assert any(one.field == "headline" and one.source == "h1" for one in found.field_sources)


@pytest.mark.parametrize(
    ("shared", "heading"),
    [
        ("You will not believe this river", "The night the river came"),  # og:title does not confirm the heading
        ("The night the river came", "Five pictures of the river"),
    ],
)
def test_one_voice_against_the_entry_is_not_enough(shared, heading):
    head = _entry("Bergen flood: what we know") + OG.format(shared) + "<title>Bergen flood: what we know</title>"
    assert _read(head, f"<h1>{heading}</h1>").headline == "Bergen flood: what we know"


def test_an_entry_that_is_neither_the_windows_title_nor_a_part_stands():
    head = _entry("The river comes again") + OG.format("The night the river came") + "<title>A night in Bergen</title>"
    assert _read(head, "<h1>The night the river came</h1>").headline == "The river comes again"


def test_an_entry_that_is_a_part_of_the_heading_gives_way_when_og_title_has_all_of_it():
    whole = "Streaming by listener: musicians ask for a new model"
    head = _entry("Musicians ask for a new model") + OG.format(whole)
    assert _read(head, f"<h1>{whole}</h1>").headline == whole


def test_og_title_that_names_a_section_gives_way_to_the_heading_in_the_title():
    head = OG.format("Press releases") + "<title>Harbour board: Bridge opens to all cars today</title>"
    assert _read(head, "<h1>Bridge opens to all cars today</h1>").headline == "Bridge opens to all cars today"


def test_a_kicker_that_runs_into_the_heading_is_kept_apart_where_og_title_does():
    whole = "Nationwide strike / Unions show their strength in the capital"
    heading = "<h1><span>Nationwide strike</span>Unions show their strength in the capital</h1>"
    found = _read(_entry("Unions show their strength in the capital") + OG.format(whole), heading)
    assert found.headline == whole
    assert found.alternative_headline == "Unions show their strength in the capital"


@pytest.mark.parametrize("kicker", ['<span class="kicker">Traffic:</span>', '<time datetime="2026-05-01">1 May</time>'])
def test_the_line_above_is_no_part_of_the_headline(kicker):
    body = f"<h1>{kicker} <span>Bridge opens to all cars today</span></h1>"
    assert _read(body=body).headline == "Bridge opens to all cars today"


def test_a_heading_of_two_plain_parts_stays_whole():
    body = '<h1><span class="first">Traffic:</span> <span>Bridge opens to all cars today</span></h1>'
    assert _read(body=body).headline == "Traffic: Bridge opens to all cars today"


def test_the_masthead_of_a_replayed_page_is_no_headline():
    link = "https://replay.example/web/20140226054445/http://www.gull.example/"
    body = f'<h1><a href="{link}">The Gull</a></h1><h2>Bridge opens today</h2>'
    assert _read("<title>The Gull » Blog » Bridge opens today</title>", body).headline == "Bridge opens today"
