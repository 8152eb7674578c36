"""One spelling of a date to a moment: ISO, RFC 2822, epoch numbers, numeric and written forms, three calendars.

Belongs here: a string in, a `ParsedDate` or None out. Nothing is guessed: a date without day is no date here, a numeric
date whose order nothing tells is refused, an instant keeps its offset, and days before 1990 or more than two days after
the fetch are refused (pages show birthdays, deadlines and epoch zeros).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from archiver.extract.dates import calendars, names
from archiver.extract.dates.relative import relative
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
_MERIDIEM = r"a\.?\s?m\.?|p\.?\s?m\.?|ق\.?ظ|ب\.?ظ|صباحا|مساء|صبح|عصر|شب|قبل از ظهر|بعد از ظهر|شام|رات|سه پهر|دوپهر|ص|م"
_CLOCK = re.compile(
    r"(?<![\d:.])(\d{1,2})\s?[:.h時]\s?(\d{2})(?:\s?[:.分]\s?(\d{2})(?:[.,](\d{1,9}))?)?(?!\d|\.\d)"
    rf"\s*(?:({_MERIDIEM})(?![^\W\d_]))?"
)
_NIGHT, _NOON = ("شب", "رات"), "دوپهر"
"""Words that reach over midnight ("2 شب" is two in the morning) and over noon."""
_AFTERNOON = frozenset("pبمعشرسد")
"""First letters of the folded words that put an hour after noon ("pm", "مساء", "عصر", "شام", ...)."""
_ISO_CLOCK = re.compile(r"[t\s]\s?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?")
_HOUR_ONLY = re.compile(r"(?<![\d:.])(\d{1,2})\s?(a\.?m\.?|p\.?m\.?)(?![^\W\d_])")
_CLOCK_CJK = re.compile(r"(오전|오후|上午|下午)?\s*(\d{1,2})\s*[時时시点點]\s*(\d{1,2})\s*[分분]")
_OFFSET = re.compile(r"(?:^\s*|\b(?:gmt|utc)\s*)([+\-−])(\d{1,2}):?(\d{2})?(?!\d)")
_ZULU = re.compile(r"^\s?z\b|^\s*\(?(?:utc|gmt)\b(?!\s*[+\-−]\d)")
_ABBREVIATION = re.compile(r"(?<![^\W\d_])([a-zмск]{3,4})(?![^\W\d_])")
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?(?:\.\d+)?")
_UNITED_STATES = re.compile(r"^\s*\(?([ecmp])t\b")
_ODD_OFFSETS = frozenset((-570, -270, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825))
"""Offsets with minutes that clocks really keep or kept: "10:00-11:30" is a range, not a zone."""
_STANDARD = {"e": -300, "c": -360, "m": -420, "p": -480}
"""Minutes east of UTC of ET, CT, MT and PT in winter."""
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
    folded = names.fold(text)
    try:
        found = _read(folded, context)
    except (ValueError, OverflowError):
        return None
    if found is None or not _possible(found.moment, context.fetch_time):
        return None
    return ParsedDate(found.moment, found.precision, found.zoned, " ".join(raw[:RAW_MAX].split()), found.note)


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
    told = relative(text, context.fetch_time)
    if told is not None:
        moment, precision, zoned = told
        return ParsedDate(moment, precision, zoned, text, "date-relative")
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
    """Years 1300 to 1480 are Hijri: solar for Persian and Pashto pages (and hosts), Islamic for Arabic and Urdu ones."""
    if year >= 1900:
        return date(_common_year(year), month, day), None
    language = (context.language or "").lower().split("-")[0]
    if language in ("fa", "ps", "prs", "tg", "ckb") or context.host.endswith((".ir", ".af")):
        solar = calendars.solar_hijri(year, month, day)
        return (solar, None) if solar else None
    if language in ("ar", "ur"):
        lunar = calendars.islamic(year, month, day)
        return (lunar, "date-islamic-tabular") if lunar else None
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
    language = (context.language or "").replace("_", "-").lower()
    primary, _, region = language.partition("-")
    if not primary:
        return None
    if primary != "en":
        return "day"
    if region:
        return "month" if region.startswith(("us", "ph")) else "day"
    suffix = context.host.rsplit(".", 1)[-1]
    return "day" if len(suffix) == 2 and suffix not in ("us", "ph", "io", "co", "tv", "me", "ai") else "month"


def _with_clock(day: date, rest: str, before: str, note: str | None) -> ParsedDate:
    clock, after = _clock_in(rest)
    if clock is None:
        clock, after = _clock_in(before)
        if clock is not None and not after.strip():
            after = rest
    return _join(day, clock, after, note)


Clock = tuple[int, int, "int | None", int]
"""Hour, minute, second or None, microsecond."""


def _clock_in(text: str) -> tuple[Clock | None, str]:
    """The time of day in `text` and what follows it (where a zone would stand)."""
    if match := _ISO_CLOCK.match(text):
        meridiem = re.match(r"\s*([ap])\.?\s?m\b", text[match.end() :])
        hour = _hour(int(match[1]), meridiem[1] if meridiem else None)
        if hour is not None and int(match[2]) < 60:
            after = text[match.end() + (meridiem.end() if meridiem else 0) :]
            return (hour, int(match[2]), int(match[3]) if match[3] else None, _micro(match[4])), after
    if match := _CLOCK_CJK.search(text):
        hour = _hour(int(match[2]), "p" if match[1] in ("오후", "下午") else "a" if match[1] else None)
        if hour is not None and int(match[3]) < 60:
            return (hour, int(match[3]), None, 0), text[match.end() :]
    for match in _CLOCK.finditer(text):
        if text[match.start() - 1 : match.start()] in ("+", "-", "−") and match.start() > 0:
            continue
        hour = _hour(int(match[1]), match[5])
        if hour is None or int(match[2]) > 59 or int(match[3] or 0) > 59:
            continue
        return (hour, int(match[2]), int(match[3]) if match[3] else None, _micro(match[4])), text[match.end() :]
    if match := _HOUR_ONLY.search(text):
        hour = _hour(int(match[1]), match[2])
        if hour is not None:
            return (hour, 0, None, 0), text[match.end() :]
    return None, text


def _hour(hour: int, meridiem: str | None) -> int | None:
    if hour > 24:
        return None
    if not meridiem:
        return hour if hour < 24 else None
    if meridiem.startswith(_NIGHT):
        return 0 if hour == 12 else hour + 12 if 5 <= hour < 12 else hour
    if meridiem.startswith(_NOON) and hour in (10, 11):
        return hour
    if meridiem[0] in _AFTERNOON:
        return hour + 12 if hour < 12 else hour
    return 0 if hour == 12 else hour


def _micro(digits: str | None) -> int:
    return int((digits + "000000")[:6]) if digits else 0


def _join(day: date, clock: Clock | None, after: str, note: str | None) -> ParsedDate:
    if clock is None:
        return ParsedDate(datetime(day.year, day.month, day.day, tzinfo=UTC), "day", False, "", note)
    hour, minute, second, micro = clock
    offset, marked = _zone(after)
    if offset is None and (match := _UNITED_STATES.match(after[:20])):
        offset = _STANDARD[match[1]] + 60 * _summer_time(day)
    zone = timezone(timedelta(minutes=offset)) if offset is not None else UTC
    moment = datetime(day.year, day.month, day.day, hour, minute, second or 0, micro, tzinfo=zone)
    precision: DatePrecision = "second" if second is not None else "minute"
    if offset is None:
        return ParsedDate(moment, "minute", False, "", note or "date-without-zone")
    return ParsedDate(moment, precision, True, "", note or ("date-zone-ambiguous" if marked else None))


def _summer_time(day: date) -> bool:
    """Whether the United States keep daylight saving time on `day` (15 U.S.C. §260a, since 2007; the year before is alike)."""
    march, november = date(day.year, 3, 14), date(day.year, 11, 7)
    begins = march - timedelta(days=(march.weekday() + 1) % 7)
    ends = november - timedelta(days=(november.weekday() + 1) % 7)
    return begins <= day < ends


def _zone(text: str) -> tuple[int | None, bool]:
    """Minutes east of UTC named at the start of `text`, and whether the abbreviation has several readings."""
    text = text[:40]
    if match := _OFFSET.search(text):
        hours, minutes = int(match[2]), int(match[3] or 0)
        total = (hours * 60 + minutes) * (1 if match[1] == "+" else -1)
        if -720 <= total <= 840 and (minutes == 0 or total in _ODD_OFFSETS):
            return total, False
    if _ZULU.search(text):
        return 0, False
    for match in _ABBREVIATION.finditer(text):
        if match[1] in names.ZONES:
            return names.ZONES[match[1]], match[1] in names.AMBIGUOUS_ZONES
        if match.start() > 12:
            break
    return None, False
