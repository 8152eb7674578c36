"""Dates: spellings, calendars, zones, precision. What pages show of them is in `test_dates_of_pages`."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from htmldate import extractors as htmldate_extractors
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.extract.dates import DateContext, parse_date
from archiver.extract.dates.calendars import islamic, solar_hijri
from archiver.extract.dates.fallback import url_day
from tests.unit.extract.given import FETCHED


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
