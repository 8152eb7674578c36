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
        ("2 hours ago", FETCHED - timedelta(hours=2), "day"),
        ("vor 3 Stunden", FETCHED - timedelta(hours=3), "day"),
        ("il y a 2 heures", FETCHED - timedelta(hours=2), "day"),
        ("hace 2 horas", FETCHED - timedelta(hours=2), "day"),
        ("۲ ساعت پیش", FETCHED - timedelta(hours=2), "day"),
        ("قبل ساعتين", FETCHED - timedelta(hours=2), "day"),
        ("منذ دقيقة", FETCHED - timedelta(minutes=1), "minute"),
        ("just now", FETCHED, "minute"),
        ("منذ 3 ساعات", FETCHED - timedelta(hours=3), "day"),
        ("2 گھنٹے پہلے", FETCHED - timedelta(hours=2), "day"),
        ("3 days ago", datetime(2026, 3, 7, tzinfo=UTC), "day"),
        ("yesterday", datetime(2026, 3, 9, tzinfo=UTC), "day"),
        ("heute", datetime(2026, 3, 10, tzinfo=UTC), "day"),
    ],
)
def test_relative_dates_count_from_the_fetch(raw, moment, precision):
    found = _parse(raw)
    assert (found.moment, found.precision, found.note) == (moment, precision, "date-relative")


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
