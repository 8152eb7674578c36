"""Dates: spellings, calendars, zones, precision, and the choice among places."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from htmldate import extractors as htmldate_extractors
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.dates import Candidate, DateContext, choose, parse_date
from archiver.extract.dates.calendars import islamic, solar_hijri
from archiver.extract.dates.fallback import url_day
from archiver.extract.metadata import read_metadata
from archiver.models.exchange import CrawlContext
from tests.unit.extract.given import FETCHED, document, json_ld, page_of


def _parse(raw: str, language: str | None = None, host: str = "news.example"):
    return parse_date(raw, DateContext(FETCHED, language, host))


def _z(hours: float) -> timezone:
    return timezone(timedelta(hours=hours))


@pytest.mark.parametrize(
    ("raw", "language", "moment", "precision"),
    [
        ("2026-03-09T08:15:00+01:00", None, datetime(2026, 3, 9, 7, 15, tzinfo=UTC), "second"),
        ("2026-03-09T08:15Z", None, datetime(2026, 3, 9, 8, 15, tzinfo=UTC), "minute"),
        ("2026-03-09 08:15:00.123456 +0330", None, datetime(2026, 3, 9, 4, 45, 0, 123456, tzinfo=UTC), "second"),
        ("2026-03-09T08:15:00.000-0500", None, datetime(2026, 3, 9, 13, 15, tzinfo=UTC), "second"),
        ("20260309T081500Z", None, datetime(2026, 3, 9, 8, 15, tzinfo=UTC), "second"),
        ("2026/03/09", None, datetime(2026, 3, 9, tzinfo=UTC), "day"),
        ("20260309", None, datetime(2026, 3, 9, tzinfo=UTC), "day"),
        ("Mon, 09 Mar 2026 08:15:30 GMT", None, datetime(2026, 3, 9, 8, 15, 30, tzinfo=UTC), "second"),
        ("Mon Mar 09 08:15:30 EST 2026", None, datetime(2026, 3, 9, 13, 15, 30, tzinfo=UTC), "second"),
        ("Tue Mar 03 2026 13:00:00 GMT+0100 (CET)", None, datetime(2026, 3, 3, 12, 0, tzinfo=UTC), "second"),
        ("March 9, 2026 8:15 p.m. EDT", "en", datetime(2026, 3, 10, 0, 15, tzinfo=UTC), "minute"),
        ("9 March 2026, 11 AM ET", "en", datetime(2026, 3, 9, 15, 0, tzinfo=UTC), "minute"),
        ("February 9, 2026 11:00 am PT", "en", datetime(2026, 2, 9, 19, 0, tzinfo=UTC), "minute"),
        ("1767225600", None, datetime(2026, 1, 1, tzinfo=UTC), "second"),
        ("1767225600000", None, datetime(2026, 1, 1, tzinfo=UTC), "second"),
        ("9. März 2026", "de", datetime(2026, 3, 9, tzinfo=UTC), "day"),
        ("Veröffentlicht am 09.03.2026", "de", datetime(2026, 3, 9, tzinfo=UTC), "day"),
        ("1er mars 2026", "fr", datetime(2026, 3, 1, tzinfo=UTC), "day"),
        ("9 de febrero de 2026", "es", datetime(2026, 2, 9, tzinfo=UTC), "day"),
        ("9 февраля 2026", "ru", datetime(2026, 2, 9, tzinfo=UTC), "day"),
        ("2026年2月9日", "ja", datetime(2026, 2, 9, tzinfo=UTC), "day"),
        ("٩ فبراير ٢٠٢٦", "ar", datetime(2026, 2, 9, tzinfo=UTC), "day"),
        ("۹ فبروری ۲۰۲۶", "fa", datetime(2026, 2, 9, tzinfo=UTC), "day"),
        ("9 فروری 2026", "ur", datetime(2026, 2, 9, tzinfo=UTC), "day"),
        ("۱۲ حمل ۱۴۰۳", "fa-AF", datetime(2024, 3, 31, tzinfo=UTC), "day"),
        ("۱ فروردین ۱۴۰۴", "fa", datetime(2025, 3, 21, tzinfo=UTC), "day"),
        ("۱۴۰۳/۱۲/۳۰", "fa", datetime(2025, 3, 20, tzinfo=UTC), "day"),
        ("د ۱۴۰۴ کال د لیندۍ ۱۲", "ps", datetime(2025, 12, 3, tzinfo=UTC), "day"),
        ("10 رمضان 1446", "ar", datetime(2025, 3, 10, tzinfo=UTC), "day"),
        ("2026. 2. 9. 10:30", "ko", datetime(2026, 2, 9, 10, 30, tzinfo=UTC), "minute"),
        ("الاثنين 9 فبراير 2026 - 10:30 مساء", "ar", datetime(2026, 2, 9, 22, 30, tzinfo=UTC), "minute"),
        ("9 فروری 2026، 10:30 شام", "ur", datetime(2026, 2, 9, 22, 30, tzinfo=UTC), "minute"),
        ("17 พฤศจิกายน 2566", "th", datetime(2023, 11, 17, tzinfo=UTC), "day"),
        ("۱۴۰۳/۰۲/۱۵ - ۱۰:۳۰", "fa", datetime(2024, 5, 4, 10, 30, tzinfo=UTC), "minute"),
    ],
)
def test_a_spelling_becomes_its_moment(raw, language, moment, precision):
    found = _parse(raw, language)
    assert found is not None
    assert (found.moment, found.precision) == (moment, precision)


def test_an_instant_keeps_its_offset():
    found = _parse("2026-03-08T23:30:00-05:00")
    assert found.moment.utcoffset() == timedelta(hours=-5)
    assert found.moment.astimezone(UTC).date() == date(2026, 3, 9)


def test_a_clock_without_zone_is_read_as_utc_and_says_so():
    found = _parse("2026-03-09T08:15:30")
    assert (found.moment, found.precision, found.note) == (
        datetime(2026, 3, 9, 8, 15, 30, tzinfo=UTC),
        "minute",
        "date-without-zone",
    )


def test_an_islamic_date_says_that_it_is_tabular():
    assert _parse("10 رمضان 1446", "ar").note == "date-islamic-tabular"


@pytest.mark.parametrize(
    ("raw", "language", "host", "day"),
    [
        ("03/04/2025", "en-US", "news.example", date(2025, 3, 4)),
        ("03/04/2025", "en-GB", "news.example", date(2025, 4, 3)),
        ("03/04/2025", "en", "paper.co.uk", date(2025, 4, 3)),
        ("03/04/2025", "en", "paper.com", date(2025, 3, 4)),
        ("03/04/2025", "fr", "paper.com", date(2025, 4, 3)),
        ("25/12/2025", None, "paper.com", date(2025, 12, 25)),
        ("12/25/2025", "en-GB", "paper.com", date(2025, 12, 25)),
        ("03.04.2025", None, "paper.com", date(2025, 4, 3)),
    ],
)
def test_numeric_order_follows_language_and_country(raw, language, host, day):
    assert _parse(raw, language, host).moment.date() == day


def test_an_order_that_nothing_tells_is_refused():
    assert _parse("03/04/2025") is None


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "soon",
        "1970-01-01",
        "1989-12-31",
        "2026-03-14",
        "2099-01-01T00:00:00Z",
        "2026-13-45",
        "0",
        "31 February 2025",
        "March 2026",
        "۱۴۰۳/۱۲/۳۱",
        "12345",
    ],
)
def test_impossible_dates_are_refused(raw):
    assert _parse(raw, "fa") is None


@pytest.mark.parametrize(
    ("raw", "moment", "precision"),
    [
        ("5 minutes ago", FETCHED - timedelta(minutes=5), "minute"),
        ("2 hours ago", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("vor 3 Stunden", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("il y a 2 heures", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("hace 2 horas", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("۲ ساعت پیش", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("قبل ساعتين", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("منذ دقيقة", FETCHED - timedelta(minutes=1), "minute"),
        ("just now", FETCHED, "minute"),
        ("منذ 3 ساعات", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("2 گھنٹے پہلے", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("an hour ago", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("hace una hora", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("یک ساعت پیش", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("час назад", datetime(2026, 3, 10, tzinfo=UTC), "day"),
        ("13 hours ago", datetime(2026, 3, 9, tzinfo=UTC), "day"),
        ("вчера в 22:15", datetime(2026, 3, 9, 22, 15, tzinfo=UTC), "minute"),
        ("heute, 10:20 Uhr", datetime(2026, 3, 10, 10, 20, tzinfo=UTC), "minute"),
        ("Yesterday at 9:05 pm", datetime(2026, 3, 9, 21, 5, tzinfo=UTC), "minute"),
        ("3 days ago", datetime(2026, 3, 7, tzinfo=UTC), "day"),
        ("yesterday", datetime(2026, 3, 9, tzinfo=UTC), "day"),
        ("heute", datetime(2026, 3, 10, tzinfo=UTC), "day"),
    ],
)
def test_relative_dates_count_from_the_fetch(raw, moment, precision):
    found = _parse(raw)
    assert (found.moment, found.precision, found.note) == (moment, precision, "date-relative")


@pytest.mark.parametrize("raw", ["несколько часов назад", "many hours", "the day before"])
def test_an_uncounted_time_is_no_date(raw):
    assert _parse(raw) is None


@pytest.mark.parametrize(
    ("raw", "clock"),
    [
        ("20 نوفمبر 2025 10:30 م", "22:30"),
        ("20 نوفمبر 2025 10:30 ص", "10:30"),
        ("20 نوفمبر 2025 12:30 ص", "00:30"),
        ("20 نوفمبر 2025 12:30 مساء", "12:30"),
        ("20 نوفمبر 2025 م 10:30", "10:30"),  # the letter belongs to the year
        ("20 نوفمبر 2025 10:30 مشاهدة", "10:30"),  # a word that begins like one
        ("۱۴۰۴/۰۸/۲۹ ۵:۳۰ ب.ظ", "17:30"),
        ("۱۴۰۴/۰۸/۲۹ ۵:۳۰ ق.ظ", "05:30"),
        ("۱۴۰۴/۰۸/۲۹ ۵:۳۰ بعدازظهر", "17:30"),
        ("۱۴۰۴/۰۸/۲۹ ساعت ۲:۱۰ شب", "02:10"),
        ("۱۴۰۴/۰۸/۲۹ ساعت ۱۰:۱۰ شب", "22:10"),
        ("20 نومبر 2025 5:30 شام", "17:30"),
        ("20 نومبر 2025 شام 5:30 بجے", "17:30"),
        ("20 نومبر 2025 صبح 5:30 بجے", "05:30"),
        ("2025.11.20. 오후 9:30", "21:30"),
        ("2025년 11월 20일 오전 12:05", "00:05"),
        ("2025年11月20日下午9:30", "21:30"),
        ("2025年11月20日 下午9点", "21:00"),
        ("2025年11月20日 午後9時30分", "21:30"),
        ("2025年11月20日 21時30分", "21:30"),
        ("20 novembre 2025 à 9h", "09:00"),
        ("20 novembre 2025 à 9h05", "09:05"),
        ("20.11.2025, 9 Uhr", "09:00"),
        ("20 novembre 2025 ore 9", "09:00"),
        ("20 November 2025, 9 pm", "21:00"),
        ("20/11/2025 9:30 p. m.", "21:30"),
        ("20. November 2025, 5 Heftseiten", None),
        ("20 نوفمبر 2025 - 5 مقالات", None),
    ],
)
def test_the_half_of_the_day_is_told_by_a_word_on_either_side(raw, clock):
    found = _parse(raw, "fa" if "۱۴۰۴" in raw else None)
    assert found.moment.date() == date(2025, 11, 20)
    assert (f"{found.moment:%H:%M}" if found.precision == "minute" else None) == clock


@pytest.mark.parametrize(
    ("raw", "hours"),
    [
        ("20 نوفمبر 2025 21:30 (توقيت غرينتش)", 0),
        ("20 نوفمبر 2025 21:30 بتوقيت غرينتش +3", 3),
        ("20 نوفمبر 2025 21:30 بتوقيت مكة المكرمة", 3),
        ("۲۰ نوامبر ۲۰۲۵ ۲۱:۳۰ به وقت گرینویچ", 0),
        ("۲۰ نوامبر ۲۰۲۵ ۲۱:۳۰ به وقت کابل", 4.5),
        ("11/20/2025 9:30 p.m. CT", -6),
        ("11/20/2025 9:30 PM ET", -5),
    ],
)
def test_a_zone_in_words_is_read(raw, hours):
    found = _parse(raw)
    assert (found.moment, found.zoned) == (datetime(2025, 11, 20, 21, 30, tzinfo=_z(hours)), True)


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("الخميس 20 نونبر 2025", date(2025, 11, 20)),
        ("20 دجنبر 2024", date(2024, 12, 20)),
        ("20 شتنبر 2025", date(2025, 9, 20)),
        ("20 غشت 2025", date(2025, 8, 20)),
        ("20 يوليوز 2025", date(2025, 7, 20)),
        ("۲۰ سپټمبر ۲۰۲۵", date(2025, 9, 20)),
        ("۲۰ اکټوبر ۲۰۲۵", date(2025, 10, 20)),
        ("۲۰ اګست ۲۰۲۵", date(2025, 8, 20)),
        ("۲۰ اګسټ ۲۰۲۵", date(2025, 8, 20)),
        ("۲۰ جولایي ۲۰۲۵", date(2025, 7, 20)),
        ("د ۱۴۰۴ کال د تلې ۱۲", date(2025, 10, 4)),
        ("د ۱۴۰۳ کال د سلواغې ۱۲", date(2025, 1, 31)),
    ],
)
def test_months_of_the_maghreb_and_in_pashto(raw, day):
    assert _parse(raw).moment.date() == day


@pytest.mark.parametrize("language", [None, "en-US", "ar", "fa"])
def test_a_persian_date_needs_no_right_declaration(language):
    found = _parse("۱۴۰۴/۰۸/۲۴ - ۱۰:۳۰", language)
    assert (found.moment, found.note) == (datetime(2025, 11, 15, 10, 30, tzinfo=UTC), "date-without-zone")


@pytest.mark.parametrize(
    ("raw", "language", "day"),
    [
        ("تاریخ: 1404/08/24", "en-US", date(2025, 11, 15)),
        ("1404/08/24", "fa", date(2025, 11, 15)),
        ("١٤٤٧/٠٥/٢٩", None, date(2025, 11, 20)),
        ("٠٥/١١/٢٠٢٥", None, date(2025, 11, 5)),
        ("۰۵/۱۱/۲۰۲۵", "en-US", date(2025, 11, 5)),
        ("1404/08/24", "en-US", None),
        ("1404/08/24", None, None),
        ("۱۴۰۹/۰۸/۲۴", "fa", None),  # neither calendar has had that day, or had it since 1990
    ],
)
def test_the_script_around_a_number_counts_more_than_the_template(raw, language, day):
    found = _parse(raw, language)
    assert (found.moment.date() if found else None) == day


def test_calendars_agree_with_known_days():
    assert solar_hijri(1357, 11, 22) == date(1979, 2, 11)
    assert solar_hijri(1403, 12, 30) == date(2025, 3, 20)
    assert solar_hijri(1404, 12, 30) is None
    assert islamic(1446, 1, 1) == date(2024, 7, 8)
    assert islamic(1445, 9, 1) == date(2024, 3, 11)


def test_solar_days_follow_each_other():
    day = solar_hijri(1380, 1, 1)
    for year in range(1380, 1420):
        for month in range(1, 13):
            for number in range(1, 32):
                found = solar_hijri(year, month, number)
                if found is not None:
                    assert found == day
                    day += timedelta(days=1)


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


def test_days_in_urls_are_found_and_numbers_are_not():
    assert url_day("https://n.example/2026/03/09/x")[0] == date(2026, 3, 9)
    assert url_day("https://n.example/x-20260309.html")[0] == date(2026, 3, 9)
    assert url_day("https://n.example/2026/mar/9/x")[0] == date(2026, 3, 9)
    assert url_day("https://n.example/id/120260309123") is None
    assert url_day("https://n.example/2026/13/40/") is None


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80), st.sampled_from([None, "en", "de", "fa", "ar", "ur"]))
def test_any_text_is_a_date_or_none(raw, language):
    found = _parse(raw, language)
    assert found is None or found.moment.tzinfo is not None


@settings(max_examples=200, deadline=None)
@given(st.datetimes(min_value=datetime(1991, 1, 1), max_value=datetime(2026, 3, 1)), st.integers(-12, 14))
def test_every_iso_instant_is_read_back(moment, hours):
    aware = moment.replace(tzinfo=_z(hours))
    assert _parse(aware.isoformat()).moment == aware


def test_a_date_only_in_the_text_is_found_without_loading_every_language_of_dateparser():
    """Preparing dateparser takes longer than reading fifty pages; our own reader of spellings answers htmldate."""
    program = (
        "import sys\n"
        "from datetime import datetime, UTC\n"
        "from lxml import html\n"
        "from archiver.extract.dates.fallback import htmldate_day\n"
        "tree = html.fromstring('<html><body><h1>A</h1><p>Ciclismo | 13 abril de 2022</p><p>Text.</p></body></html>')\n"
        "print(htmldate_day(tree, 'https://n.example/a', datetime(2026, 3, 9, tzinfo=UTC)))\n"
        "print('dateparser.date' in sys.modules)\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == ["2022-04-13 00:00:00+00:00", "False"]


@pytest.mark.parametrize("spelling", ["Updated: 19 April 2022", "15 avril, 2 et 6 Mai 19", "Copyright 2023 - 5", ""])
def test_a_spelling_in_the_text_that_says_something_else_is_no_date(spelling):
    assert htmldate_extractors.get_external_parser().get_date_data(spelling) == {"date_obj": None}
