"""Dates of pages: the choice among places, the labels that readers see, and what belongs to other stories."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from archiver.extract.dates import Candidate, DateContext, choose
from archiver.extract.metadata import read_metadata
from archiver.models.exchange import CrawlContext
from tests.unit.extract.given import FETCHED, document, json_ld, page_of


def test_a_finer_candidate_of_the_same_day_gives_the_moment():
    chosen = choose(
        [Candidate("2026-03-09", "json-ld", "a"), Candidate("2026-03-09T20:15:00+01:00", "meta", "b")],
        DateContext(FETCHED),
    )
    assert (chosen.source, chosen.date.moment) == ("meta", datetime(2026, 3, 9, 19, 15, tzinfo=UTC))


def test_a_zone_settles_a_clock_without_one():
    chosen = choose(
        [Candidate("2026-03-09T20:15:00", "json-ld", "a"), Candidate("2026-03-09T20:15:00-05:00", "meta", "b")],
        DateContext(FETCHED),
    )
    assert chosen.date.moment.astimezone(UTC) == datetime(2026, 3, 10, 1, 15, tzinfo=UTC)


def test_two_full_instants_never_replace_each_other():
    chosen = choose(
        [Candidate("2026-03-09T20:15:00Z", "json-ld", "a"), Candidate("2026-03-05T20:15:00Z", "meta", "b")],
        DateContext(FETCHED),
    )
    assert (chosen.source, chosen.conflict) == ("json-ld", "b")


def test_published_and_modified_are_never_filled_from_each_other():
    only_modified = read_metadata(
        page_of(
            document(json_ld({"@type": "NewsArticle", "headline": "H", "dateModified": "2026-03-09T08:00:00Z"})),
            url="https://news.example/a",
        )
    )
    assert only_modified.date_modified is not None and only_modified.date_published is None
    only_published = read_metadata(
        page_of(document('<meta property="article:published_time" content="2026-03-09T08:00:00Z">'))
    )
    assert only_published.date_published is not None and only_published.date_modified is None


def test_a_time_element_marked_as_update_is_the_modification():
    body = '<article><h1>H</h1><time class="published" datetime="2026-03-01T08:00:00Z">1 March</time><p>Updated <time class="updated" datetime="2026-03-02T09:00:00Z">2 March</time></p></article>'
    found = read_metadata(page_of(document(body=body)))
    assert (found.date_published.day, found.date_published_source) == (1, "time-element")
    assert (found.date_modified.day, found.date_modified_source) == (2, "time-element")


def test_teasers_dates_are_not_the_articles():
    body = '<div class="related"><time datetime="2020-01-01">x</time></div><article><h1>H</h1><time datetime="2026-03-01T08:00:00Z">x</time></article>'
    assert read_metadata(page_of(document(body=body))).date_published.year == 2026


def test_a_feed_gives_the_date_that_the_page_lacks():
    context = CrawlContext(
        discovered=(
            {"kind": "feed", "url": "https://news.example/rss", "claimed_date": "Mon, 09 Mar 2026 08:15:30 GMT"},
        )
    )
    found = read_metadata(page_of(document(), url="https://news.example/a", context=context))
    assert (found.date_published, found.date_published_source) == (datetime(2026, 3, 9, 8, 15, 30, tzinfo=UTC), "feed")


def test_a_sitemaps_last_change_is_no_publication():
    context = CrawlContext(
        discovered=({"kind": "sitemap", "url": "https://news.example/s.xml", "claimed_date": "2026-03-09"},)
    )
    assert read_metadata(page_of(document(), url="https://news.example/a", context=context)).date_published is None


def test_the_url_gives_the_day_and_a_label_the_minute():
    url = "https://news.example/2026/03/09/story"
    plain = read_metadata(page_of(document(), url=url))
    assert (plain.date_published_source, plain.date_published_precision, plain.date_published_raw) == (
        "url",
        "day",
        "2026/03/09",
    )
    shown = read_metadata(page_of(document(body='<h1>H</h1><p class="date">9 March 2026, 14:05 GMT</p>'), url=url))
    assert (shown.date_published, shown.date_published_source) == (datetime(2026, 3, 9, 14, 5, tzinfo=UTC), "text")


def test_a_label_with_two_dates_gives_the_first_for_publication():
    body = '<h1>H</h1><p class="date">Published: 12:45 GMT, 3 March 2026 | Updated: 13:00 GMT, 4 March 2026</p>'
    found = read_metadata(page_of(document(body=body), url="https://news.example/a"))
    assert found.date_published == datetime(2026, 3, 3, 12, 45, tzinfo=UTC)


def test_a_captioned_date_is_found():
    body = "<h1>H</h1><ul><li><strong>Datum</strong> 03.03.2026</li></ul>"
    assert read_metadata(page_of(document(body=body), url="https://news.example/a")).date_published == datetime(
        2026, 3, 3, tzinfo=UTC
    )


def test_a_dari_label_is_read_in_its_calendar():
    found = read_metadata(
        page_of(
            document(body='<h1>خبر</h1><span class="date">۱۲ حوت ۱۴۰۴</span>', lang=' lang="fa-AF"'),
            url="https://news.example/a",
        )
    )
    assert (found.date_published, found.date_published_raw) == (datetime(2026, 3, 3, tzinfo=UTC), "۱۲ حوت ۱۴۰۴")


_TODAY = "Tuesday, March 10, 2026"


def _read_label(body: str, lang: str = "en"):
    head = "<title>Council decides on the old station</title>"
    return read_metadata(page_of(document(head, body, lang=f' lang="{lang}"'), url="https://news.example/a"))


@pytest.mark.parametrize(
    "above",
    [
        f'<header class="site-header"><div class="topbar-date">{_TODAY}</div></header>',
        f'<header><time datetime="2026-03-10">{_TODAY}</time></header>',
        f'<div role="banner"><p class="date">{_TODAY}</p></div>',
        f'<div class="topbar"><span class="date">{_TODAY}</span></div>',
        f'<div><span class="date">{_TODAY}</span></div>',
        '<header><h1 class="logo">The Daily</h1><span class="date">Today</span></header>',
    ],
)
def test_todays_date_above_the_headline_is_not_the_articles(above):
    story = '<main><article><h1>Council decides on the old station</h1><p class="published">20 February 2026</p><p>Text.</p></article></main>'
    assert _read_label(above + story).date_published == datetime(2026, 2, 20, tzinfo=UTC)
    alone = "<main><article><h1>Council decides on the old station</h1><p>Text.</p></article></main>"
    if above.startswith(("<header", '<div role="banner"', '<div class="topbar"')):
        assert _read_label(above + alone).date_published is None


@pytest.mark.parametrize(
    "body",
    [
        '<article><header><span class="date">20 February 2026</span><h1>Council decides</h1></header><p>Text.</p></article>',
        '<header><h1>Council decides</h1><span class="date">20 February 2026</span></header><p>Text.</p>',
        '<header><h2>Council decides</h2><span class="date">20 February 2026</span></header><p>Text.</p>',
        '<h1>Council decides</h1><header class="entry"><span class="date">20 February 2026</span></header><p>Text.</p>',
        '<div><span class="date">20 February 2026</span></div><h1>Council decides</h1><p>Text.</p>',
    ],
)
def test_the_articles_own_header_keeps_its_date(body):
    assert _read_label(body).date_published == datetime(2026, 2, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("label", "lang"),
    [
        ('<span class="publish-date">Aktualisiert: 21.02.2026, 10:00 Uhr</span>', "de"),
        ('<p class="date">Stand: 21.02.2026</p>', "de"),
        ("<p>Last updated: 21 February 2026</p>", "en"),
        ("<p>Last updated: <span>21 February 2026</span></p>", "en"),
        ("<p><b>Last updated</b> 21 February 2026</p>", "en"),
        ("<p>اپ ڈیٹ 21 فروری 2026</p>", "ur"),
        ('<div class="date">更新日:2026年2月21日</div>', "ja"),
    ],
)
def test_a_shown_date_of_change_is_never_the_publication(label, lang):
    assert _read_label(f"<h1>Council decides</h1>{label}<p>Text.</p>", lang).date_published is None


@pytest.mark.parametrize("box", ['<p class="date">{}</p>', "<p>{}</p>"])
@pytest.mark.parametrize(
    ("label", "lang", "clock"),
    [
        ("Stand: 21.02.2026, 09:30 Uhr", "de", True),
        ("Aktualisiert am 21.02.2026", "de", False),
        ("Updated: 21 February 2026", "en", False),
        ("Last updated on Saturday, February 21, 2026 09:30 GMT", "en", True),
        ("Mis à jour le 21 février 2026 à 09h30", "fr", True),
        ("Actualizado: 21/02/2026 09:30 h", "es", True),
        ("Güncelleme: 21.02.2026 09:30", "tr", True),
        ("آخر تحديث: 21 فبراير 2026", "ar", False),
        ("更新日:2026年2月21日", "ja", False),
    ],
)
def test_a_shown_date_of_change_is_the_modification(box, label, lang, clock):
    found = _read_label(f"<h1>Council decides</h1>{box.format(label)}<p>Text.</p>", lang)
    at = datetime(2026, 2, 21, 9 * clock, 30 * clock, tzinfo=UTC)
    assert (found.date_published, found.date_modified) == (None, at)
    assert (found.date_modified_raw, found.date_modified_source) == (label, "text")
    assert found.date_modified_precision == ("minute" if clock else "day")


def test_a_shown_date_of_change_yields_to_a_declared_one_and_to_a_declared_publication():
    label = '<h1>H</h1><p class="date">Updated: 21 February 2026</p>'
    declared = '<meta property="article:{}_time" content="2026-02-22T08:00:00Z">'
    changed = read_metadata(page_of(document(declared.format("modified"), label), url="https://news.example/a"))
    assert (changed.date_modified.day, changed.date_modified_source) == (22, "meta")
    published = read_metadata(page_of(document(declared.format("published"), label), url="https://news.example/a"))
    assert (published.date_published.day, published.date_modified) == (22, None)


@pytest.mark.parametrize(
    "text",
    [
        '<div class="related"><p class="date">Updated: 21 February 2026</p></div>',
        "<aside><p>Updated: 21 February 2026</p></aside>",
        "<p>The ministry updated its guidance on 21 February 2026.</p>",
        "<p>Updated guidance came into force on 21 February 2026.</p>",
    ],
)
def test_a_change_of_something_else_is_no_modification(text):
    assert _read_label(f"<h1>Council decides</h1>{text}").date_modified is None


@pytest.mark.parametrize(
    "story",
    [
        '<aside><a href="/x">Other</a> {}</aside>',
        '<article><h3><a href="/x">Other</a></h3>{}</article>',
        "<article><p>A comment</p>{}</article>",
        '<div><div><h3><a href="/x">Other</a></h3></div><p>{}</p></div>',
        '<a href="/x"><h3>Other</h3>{}</a>',
    ],
)
@pytest.mark.parametrize("value", ["1h ago", "2026-01-02T08:00:00Z"])
def test_a_time_of_another_story_is_no_conflict(story, value):
    head = json_ld({"@type": "NewsArticle", "headline": "Council", "datePublished": "2026-03-01T08:00:00Z"})
    own = '<article><h1>Council</h1><time datetime="2026-03-01T08:00:00Z">1 March</time><p>Text.</p>{}</article>{}'
    other = story.format(f'<time datetime="{value}">x</time>')
    for body in (own.format("", other), own.format(other, "")):
        found = read_metadata(page_of(document(head, body)))
        assert (found.date_published.day, found.warnings) == (1, [])


def test_a_relative_time_never_contradicts_a_declared_date():
    head = json_ld({"@type": "NewsArticle", "headline": "Council", "datePublished": "2026-03-01T08:00:00Z"})
    body = "<h1>Council</h1><p><time>1h ago</time></p>{}"
    assert read_metadata(page_of(document(head, body.format("")))).warnings == []
    absolute = read_metadata(page_of(document(head, body.format('<p><time datetime="2026-01-02">x</time></p>'))))
    assert absolute.warnings == ["conflict:date_published: json-ld datePublished / time-element"]


def test_the_small_boxes_of_the_article_itself_keep_their_time():
    linked = '<header><h1><a href="/a">Council</a></h1><h2>Deck</h2><p><time datetime="2026-02-20T21:30Z">x</time></p></header>'
    own = '<h1>Council</h1><article><time datetime="2026-02-20T21:30Z">x</time><p>Text.</p></article>'
    for body in (linked, own):
        assert _read_label(body).date_published == datetime(2026, 2, 20, 21, 30, tzinfo=UTC)


@pytest.mark.parametrize("at", ["", "2026-02-20T21:30:00Z"])
@pytest.mark.parametrize(
    "line",
    [
        "<div>Updated:</div><div>{}</div><div>Original:</div><div>{}</div>",
        "<dl><dt><b>Updated</b></dt><dd>{}</dd><dt>Published</dt><dd>{}</dd></dl>",
    ],
)
def test_a_time_in_a_box_of_its_own_has_the_mark_of_the_box_before(line, at):
    times = (f'<time datetime="{one}">x</time>' for one in ("2026-02-21T08:00Z", "2026-02-20T21:30Z"))
    head = json_ld({"@type": "NewsArticle", "headline": "H", "datePublished": at}) if at else ""
    found = read_metadata(page_of(document(head, "<h1>H</h1>" + line.format(*times)), url="https://news.example/a"))
    assert (found.date_published.day, found.date_modified.day, found.warnings) == (20, 21, [])


@pytest.mark.parametrize(
    "label",
    [
        "Actualizado: 21/02/2026 10:00 h / Publicado: 20/02/2026 21:30 h",
        "Publicado: 20/02/2026 21:30 h / Actualizado: 21/02/2026 10:00 h",
        "20/02/2026 21:30 | Updated 21/02/2026",
        "입력 2026.02.20 오후 9:30 수정 2026.02.21 오전 8:00",
        "2026年2月20日21時30分 公開 / 2026年2月21日 更新",
        "2026年2月21日 更新 / 2026年2月20日21時30分 公開",
    ],
)
def test_of_two_dates_in_one_label_the_marked_one_is_taken(label):
    found = _read_label(f'<h1>Council decides</h1><p class="date">{label}</p>', "es")
    assert found.date_published == datetime(2026, 2, 20, 21, 30, tzinfo=UTC)
    assert found.date_modified.date() == date(2026, 2, 21)


@pytest.mark.parametrize(
    "line",
    [
        "Mis à jour le {} - Publié le {}",
        "<span>Updated</span> {} <span>Published</span> {}",
        'Updated {} <b>by us</b> <i class="published">first</i> {}',
    ],
)
def test_each_time_element_has_the_mark_right_before_it(line):
    changed, first = (f'<time datetime="{at}">x</time>' for at in ("2026-02-21T08:00Z", "2026-02-20T21:30Z"))
    if 'class="published"' in line:
        first = first.replace("<time", '<time class="published"')
    found = _read_label(f"<h1>H</h1><p>{line.format(changed, first)}</p>")
    assert (found.date_published, found.date_modified) == (
        datetime(2026, 2, 20, 21, 30, tzinfo=UTC),
        datetime(2026, 2, 21, 8, 0, tzinfo=UTC),
    )


def test_a_time_in_the_list_of_the_byline_counts_and_one_in_a_list_of_teasers_does_not():
    meta = '<h1>H</h1><ul><li>Ann Lee</li><li><time datetime="2026-02-20T21:30Z">18 days ago</time></li></ul>'
    assert _read_label(meta).date_published == datetime(2026, 2, 20, 21, 30, tzinfo=UTC)
    teaser = '<li><a href="/x">Another story and its rather long title</a> <time datetime="2026-01-02">x</time></li>'
    for teasers in (teaser, teaser * 3):
        assert _read_label(f"<h1>H</h1><ul>{teasers}</ul>").date_published_source != "time-element"


@pytest.mark.parametrize(
    ("label", "day"),
    [
        ('<span class="date">hace una hora</span>', 10),
        ('<span class="date">yesterday</span>', 9),
        ('<span class="date">أمس</span>', 9),
        ('<span class="info">Today</span>', None),  # no mark of a date
        ('<a class="date-filter">Today</a>', None),
        ('<p class="date">Yesterday was a long day for all</p>', None),
    ],
)
def test_a_label_without_digits_is_a_relative_date_or_none(label, day):
    found = _read_label(f"<h1>Council decides</h1>{label}<p>Text.</p>").date_published
    assert found == (datetime(2026, 3, day, tzinfo=UTC) if day else None)


def test_the_headlines_script_refutes_a_template_left_in_english():
    body = '<h1>{}</h1><p class="date">05/02/2026</p>'
    russian = _read_label(body.format("Городской совет решил судьбу старого вокзала"), "en-US")
    assert russian.date_published == datetime(2026, 2, 5, tzinfo=UTC)
    english = _read_label(body.format("Council decides on the old station").replace("05/02", "02/05"), "en-US")
    assert english.date_published == datetime(2026, 2, 5, tzinfo=UTC)
