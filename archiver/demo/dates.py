"""How the outlets write dates: Solar Hijri and Gregorian, with digits and month names of each language.

Belongs here: spelling of a moment for readers. What machines read is `datetime.isoformat`.
"""

from __future__ import annotations

from datetime import date, datetime

from archiver.demo.outlets import labels

_EASTERN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
_ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")


_ANCHOR_YEAR, _ANCHOR = 1400, date(2021, 3, 21).toordinal()
_LEAP_REMAINDERS = frozenset({1, 5, 9, 13, 17, 22, 26, 30})  # of the year modulo 33; holds for 1244 to 1472


def solar_hijri(moment: date) -> tuple[int, int, int]:
    """(year, month, day) of the Solar Hijri calendar, counted from 1 Hamal 1400 (21 March 2021)."""
    year, days = _ANCHOR_YEAR, moment.toordinal() - _ANCHOR
    while days < 0:
        year -= 1
        days += _year_length(year)
    while days >= _year_length(year):
        days -= _year_length(year)
        year += 1
    if days < 186:
        return year, days // 31 + 1, days % 31 + 1
    return year, (days - 186) // 30 + 7, (days - 186) % 30 + 1


def spelled(moment: datetime, language: str) -> str:
    """Date and time as the outlet prints them for readers of `language` (fa and ps: Solar Hijri)."""
    clock = f"{moment:%H:%M}"
    if language in ("fa", "ps"):
        year, month, day = solar_hijri(moment.date())
        return f"{day} {_months(language)[month - 1]} {year}، {clock}".translate(_EASTERN)
    name = _months(language)[moment.month - 1]
    if language == "ur":
        return f"{moment.day} {name} {moment.year}، {clock}"
    if language == "ar":
        return f"{moment.day} {name} {moment.year} - {clock}".translate(_ARABIC)
    return f"{name} {moment.day}, {moment.year} {clock} {zone(moment)}"


def zone(moment: datetime) -> str:
    """`UTC+4:30` of an aware datetime."""
    offset = moment.utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset else 0
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def _months(language: str) -> list[str]:
    names: list[str] = labels()[language]["months"]
    return names


def _year_length(year: int) -> int:
    return 366 if year % 33 in _LEAP_REMAINDERS else 365
