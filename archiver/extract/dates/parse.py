"""One spelling of a date to a moment: ISO, RFC 2822, epoch numbers, numeric and written forms, three calendars.

Belongs here: a string in, a `ParsedDate` or None out. Nothing is guessed: a date without day is no date here, a numeric
date whose order nothing tells is refused, an instant keeps its offset, and days before 1990 or more than two days after
the fetch are refused (pages show birthdays, deadlines and epoch zeros).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone

from archiver.extract.dates import calendars, names, relative
from archiver.extract.dates.clock import Clock, clock_in, zone_in
from archiver.models.article import DatePrecision

RAW_MAX = 200
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
FUTURE = timedelta(days=2)

_ISO = re.compile(
    r"(?<!\d)(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.\s?(\d{1,2})\.\s?(\d{1,2})\.?|(\d{2})(\d{2}))(?!\d)"
)
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d{2})(\d{2})t?(\d{2})(\d{2})(\d{2})?(?!\d)")
_CJK = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?!\d)")
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?(?:\.\d+)?")
_SOLAR_LANGUAGES, _LUNAR_LANGUAGES = ("fa", "ps", "prs", "tg", "ckb"), ("ar", "ur")
_EASTERN = re.compile("[\u0660-\u0669\u06f0-\u06f9]|[\u0620-\u064a\u0670-\u06d3]{2}")
"""Digits or a word of the Arabic script: whatever a template declares, no English or German page writes its dates so."""
_ARABIC_SCRIPT = "und-Arab"
"""In place of a language: some language of the Arabic script."""
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")
_DAY_BEFORE = re.compile(
    r"(?<![\d:])(\d{1,2})\s?(?:st|nd|rd|th|er|º|ª|°|\.|-?а|-?е)?\s*(?:de|of|do|da|d[’']|د|ی|ِ|م|ቀን)?\s*[\-–/,.،]?\s*$"
)
_DAY_AFTER = re.compile(r"^\.?\s*(?:د\s)?(\d{1,2})(?:st|nd|rd|th|mh|-?ku|\.)?(?![\d:])")
_YEAR_AFTER = re.compile(r"^\.?\s*(?:de|del|do|da|سنه|سال)?\s*[,\-–/.،’']?\s*(?:de\s)?(\d{4}|\d{2})(?![\d:h])")


@dataclass(frozen=True, slots=True)
class DateContext:
    """What helps to read a date: when the page was fetched, its language (BCP 47) and its host (for ccTLDs)."""

    fetch_time: datetime
    language: str | None = None
    host: str = ""


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """`moment` is aware. `zoned` says that the source named a zone; `raw` is the source's spelling.

    `precision` `day` means that only the calendar day is known; the moment is then UTC midnight of that day.
    `note` is a warning code or None.
    """

    moment: datetime
    precision: DatePrecision
    zoned: bool
    raw: str
    note: str | None = None


def parse_date(raw: str, context: DateContext) -> ParsedDate | None:
    """`raw` as a date; None when it is none, impossible, or ambiguous."""
    text = raw[:RAW_MAX].strip()
    if not text:
        return None
    if "&" in text:
        text = html.unescape(text)
    if _primary(context.language) not in (*_SOLAR_LANGUAGES, *_LUNAR_LANGUAGES) and _EASTERN.search(text):
        context = replace(context, language=_ARABIC_SCRIPT)  # the page's template lies about its language, or is silent
    try:
        found = _read(names.fold(text), context)
    except (ValueError, OverflowError):
        return None
    if found is None or not _possible(found.moment, context.fetch_time):
        return None
    return ParsedDate(found.moment, found.precision, found.zoned, " ".join(raw[:RAW_MAX].split()), found.note)


def _primary(language: str | None) -> str:
    return (language or "").replace("_", "-").lower().partition("-")[0]


def _possible(moment: datetime, fetch_time: datetime) -> bool:
    return EARLIEST <= moment <= fetch_time + FUTURE


def _read(text: str, context: DateContext) -> ParsedDate | None:
    if match := _EPOCH.fullmatch(text):
        return ParsedDate(datetime.fromtimestamp(int(match[1]), UTC), "second", True, text)
    if match := _COMPACT.search(text):
        day = date(int(match[1]), int(match[2]), int(match[3]))
        clock = (int(match[4]), int(match[5]), int(match[6]) if match[6] else None, 0)
        return _join(day, clock, text[match.end() :], None)
    for reader in (_iso, _cjk, _written, _numeric):
        found = reader(text, context)
        if found is not None:
            day, rest, before, note = found
            return _with_clock(day, rest, before, note)
    told = relative.counted(text, context.fetch_time)
    if told is not None:
        moment, precision, zoned = told
        return ParsedDate(moment, precision, zoned, text, "date-relative")
    if (named := relative.named_day(text, context.fetch_time)) is not None:
        return _with_clock(*named, "date-relative")
    return None


Found = tuple[date, str, str, "str | None"]
"""A day, the text after it, the text before it, and a warning code."""


def _iso(text: str, context: DateContext) -> Found | None:
    match = _ISO.search(text)
    if not match:
        return None
    year, month, day = (int(part) for part in match.groups() if part is not None)
    built = _in_some_calendar(year, month, day, context)
    return (built[0], text[match.end() :], text[: match.start()], built[1]) if built else None


def _in_some_calendar(year: int, month: int, day: int, context: DateContext) -> tuple[date, str | None] | None:
    """Years 1300 to 1480 are Hijri where the Arabic script is written: solar first on Persian and Pashto pages (and hosts),
    Islamic first on Arabic and Urdu ones. The two are 42 years apart, so that only one of them can be a day of this archive."""
    if year >= 1900:
        return date(_common_year(year), month, day), None
    language = _primary(context.language)
    known = language in (*_SOLAR_LANGUAGES, *_LUNAR_LANGUAGES) or context.language == _ARABIC_SCRIPT
    solar, lunar = (calendars.solar_hijri, None), (calendars.islamic, "date-islamic-tabular")
    if not known and not context.host.endswith((".ir", ".af")):
        return None
    for calendar, note in (lunar, solar) if language in _LUNAR_LANGUAGES else (solar, lunar):
        built = calendar(year, month, day)
        if built and _possible(datetime(built.year, built.month, built.day, tzinfo=UTC), context.fetch_time):
            return built, note
    return None


def _cjk(text: str, context: DateContext) -> Found | None:
    match = _CJK.search(text)
    if not match:
        return None
    return date(int(match[1]), int(match[2]), int(match[3])), text[match.end() :], text[: match.start()], None


def _written(text: str, context: DateContext) -> Found | None:
    """Day, month name and year in any order that languages use. The first reading in Gregorian wins over other calendars."""
    other: Found | None = None
    for match in names.month_pattern().finditer(text):
        found = _around(text, match, names.month_table()[match[0]])
        if found is None:
            continue
        calendar, result = found
        if calendar == names.GREGORIAN:
            return result
        other = other or result
    return other


def _around(text: str, match: re.Match[str], month: tuple[str, int]) -> tuple[str, Found] | None:
    before, after = text[: match.start()], text[match.end() :]
    calendar, number = month
    day_match = _DAY_BEFORE.search(before)
    if day_match:
        head = before[: day_match.start()]
        year_match = _YEAR_AFTER.match(after)
        if year_match:
            tail = after[year_match.end() :]
        else:
            year_match = _YEAR.search(after) or _YEAR.search(head)
            tail = after
        if year_match is None:
            return None
        day, year = int(day_match[1]), _full_year(year_match[1], calendar)
    else:
        day_match = _DAY_AFTER.match(after)
        if not day_match:
            return None
        head, tail = before, after[day_match.end() :]
        year_match = _YEAR.search(tail) or _YEAR.search(before)
        if year_match is None:
            return None
        if year_match.string is tail:
            tail = tail[: year_match.start()] + " " + tail[year_match.end() :]
        day, year = int(day_match[1]), _full_year(year_match[1], calendar)
    return _dated(calendar, year, number, day, tail, head)


def _dated(calendar: str, year: int, month: int, day: int, tail: str, head: str) -> tuple[str, Found] | None:
    if calendar == names.SOLAR:
        solar = calendars.solar_hijri(year, month, day)
        return (calendar, (solar, tail, head, None)) if solar else None
    if calendar == names.ISLAMIC:
        lunar = calendars.islamic(year, month, day)
        return (calendar, (lunar, tail, head, "date-islamic-tabular")) if lunar else None
    try:
        return calendar, (date(_common_year(year), month, day), tail, head, None)
    except ValueError:
        return None


def _common_year(year: int) -> int:
    """Thai pages count Buddhist years with Gregorian months and days: 2567 is 2024."""
    return year - 543 if 2500 <= year < 2700 else year


def _full_year(text: str, calendar: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < 70 else 1900) if calendar == names.GREGORIAN else 1400 + year


def _numeric(text: str, context: DateContext) -> Found | None:
    match = _NUMERIC.search(text)
    if not match:
        return None
    first, mark, second, year = int(match[1]), match[2], int(match[3]), _full_year(match[4], names.GREGORIAN)
    if len(match[4]) == 4 and year < 1900:
        built = _in_some_calendar(year, second, first, context)
        return (built[0], text[match.end() :], text[: match.start()], built[1]) if built else None
    order = _order(first, second, mark, context)
    if order is None:
        return None
    day, month = (first, second) if order == "day" else (second, first)
    return date(year, month, day), text[match.end() :], text[: match.start()], None


def _order(first: int, second: int, mark: str, context: DateContext) -> str | None:
    """Which of two numbers is the day: what only one reading allows, then the mark, the language, the country of the host."""
    if first > 12 or second > 12:
        return "day" if first > 12 else "month"
    if mark == "." or first == second:
        return "day"
    primary, _, region = (context.language or "").replace("_", "-").lower().partition("-")
    if not primary:
        return None
    if primary != "en":
        return "day"
    if region:
        return "month" if region.startswith(("us", "ph")) else "day"
    suffix = context.host.rsplit(".", 1)[-1]
    return "day" if len(suffix) == 2 and suffix not in ("us", "ph", "io", "co", "tv", "me", "ai") else "month"


def _with_clock(day: date, rest: str, before: str, note: str | None) -> ParsedDate:
    clock, after = clock_in(rest)
    if clock is None:
        clock, after = clock_in(before)
        if clock is not None and not after.strip():
            after = rest
    return _join(day, clock, after, note)


def _join(day: date, clock: Clock | None, after: str, note: str | None) -> ParsedDate:
    if clock is None:
        return ParsedDate(datetime(day.year, day.month, day.day, tzinfo=UTC), "day", False, "", note)
    hour, minute, second, micro = clock
    offset, marked = zone_in(after, day)
    zone = timezone(timedelta(minutes=offset)) if offset is not None else UTC
    moment = datetime(day.year, day.month, day.day, hour, minute, second or 0, micro, tzinfo=zone)
    precision: DatePrecision = "second" if second is not None else "minute"
    if offset is None:
        return ParsedDate(moment, "minute", False, "", note or "date-without-zone")
    return ParsedDate(moment, precision, True, "", note or ("date-zone-ambiguous" if marked else None))
