"""Calendar arithmetic: Solar Hijri and Islamic days as Gregorian dates.

Belongs here: numbers to `date`. Names of months are in `data/months.toml`, read by `names`.
"""

from __future__ import annotations

from datetime import date, timedelta

_SOLAR_LEAP = frozenset((1, 5, 9, 13, 17, 22, 26, 30))
"""Leap years of the 33-year cycle that follows the observed equinox from 1206 to 1497 (1790 to 2119)."""
_SOLAR_ANCHOR = (1400, date(2021, 3, 21))
_ISLAMIC_EPOCH = 1948440
"""Julian day number of 1 Muharram 1 in the civil tabular calendar (16 July 622, Julian)."""
_ISLAMIC_LEAP = frozenset((2, 5, 7, 10, 13, 16, 18, 21, 24, 26, 29))
_JULIAN_DAY_OF_ORDINAL_ZERO = 1721425


def solar_hijri(year: int, month: int, day: int) -> date | None:
    """The Gregorian date of a Solar Hijri one (Iran, Afghanistan); None outside 1300 to 1480 or for days that do not exist."""
    if not (1300 <= year <= 1480 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    length = 31 if month <= 6 else 30 if month < 12 or _is_solar_leap(year) else 29
    if day > length:
        return None
    anchor_year, anchor = _SOLAR_ANCHOR
    if year >= anchor_year:
        days = sum(366 if _is_solar_leap(one) else 365 for one in range(anchor_year, year))
    else:
        days = -sum(366 if _is_solar_leap(one) else 365 for one in range(year, anchor_year))
    return anchor + timedelta(days=days + _days_before_solar_month(month) + day - 1)


def islamic(year: int, month: int, day: int) -> date | None:
    """The Gregorian date of an Islamic one by the civil tabular calendar; moon sighting can differ by a day or two."""
    if not (1350 <= year <= 1500 and 1 <= month <= 12 and 1 <= day <= 30):
        return None
    leap = sum(1 for one in range(1, (year - 1) % 30 + 1) if one in _ISLAMIC_LEAP) + (year - 1) // 30 * 11
    julian = _ISLAMIC_EPOCH + (year - 1) * 354 + leap + (month - 1) * 29 + month // 2 + day - 1
    return date.fromordinal(julian - _JULIAN_DAY_OF_ORDINAL_ZERO)


def _is_solar_leap(year: int) -> bool:
    return year % 33 in _SOLAR_LEAP


def _days_before_solar_month(month: int) -> int:
    return (month - 1) * 31 if month <= 7 else 186 + (month - 7) * 30
