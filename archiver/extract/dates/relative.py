"""Dates told relative to the fetch: "2 hours ago", "vor 3 Stunden", "دو ساعت پیش", "yesterday at 10:30".

Belongs here: counted units before now, today and yesterday, in the languages of `data/relative.toml`.
"""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from archiver.extract.dates import names
from archiver.models.article import DatePrecision

_UNIT_MINUTES = {"second": 0, "minute": 1, "hour": 60, "day": 1440, "week": 10080}
_SHORT_MAX = 80
"""A relative date is a short label; in longer text "two days ago" is part of the story."""
_PHRASE_MAX = 40


class _Words(NamedTuple):
    counted: re.Pattern[str]
    units: dict[str, str]
    numbers: dict[str, int]
    ago: re.Pattern[str]
    bare: re.Pattern[str]
    bare_ago: re.Pattern[str]
    duals: dict[str, str]
    now: re.Pattern[str]
    days: dict[str, int]
    day_words: re.Pattern[str]


def counted(text: str, fetch_time: datetime) -> tuple[datetime, DatePrecision, bool] | None:
    """(moment, precision, zoned) of folded `text` that counts back from now, or None.

    Minutes are exact to the minute. Hours and coarser units tell only the day ("3 hours ago" is any minute of an hour), and a
    day is its UTC midnight like every other.
    """
    if len(text) > _SHORT_MAX:
        return None
    words = _words()
    now = fetch_time.astimezone(UTC)
    if words.now.search(text):
        return now.replace(second=0, microsecond=0), "minute", True
    if words.ago.search(text) and (found := _count(words, text)):
        return _before(now, *found)
    return None


def named_day(text: str, fetch_time: datetime) -> tuple[date, str, str] | None:
    """(day, text after its word, text before it) of "yesterday" or "heute" in folded `text`: a clock may stand beside."""
    words = _words()
    match = words.day_words.search(text) if len(text) <= _SHORT_MAX else None
    if match is None:
        return None
    day = fetch_time.astimezone(UTC).date() - timedelta(days=words.days[match[0]])
    return day, text[match.end() :], text[: match.start()]


def is_phrase(text: str) -> bool:
    """Whether `text` without digits is a relative date and little more: "an hour ago", "hace una hora", "yesterday"."""
    folded, words = names.fold(text[:_SHORT_MAX]), _words()
    if len(folded) > _PHRASE_MAX:
        return False
    return bool(words.day_words.fullmatch(folded) or (words.ago.search(folded) and _count(words, folded)))


def _count(words: _Words, text: str) -> tuple[int, str] | None:
    """(number, unit): "3 hours", Arabic's dual ("ساعتين"), or a unit alone after "منذ" or, as first word, before "назад"."""
    if match := words.counted.search(text):
        return (int(match[1]) if match[1].isdigit() else words.numbers.get(match[1], 1)), words.units[match[2]]
    match = words.bare.search(text) or words.bare_ago.search(text)
    if match is None:
        return None
    return (2, words.duals[match[1]]) if match[1] in words.duals else (1, words.units[match[1]])


def _before(now: datetime, count: int, unit: str) -> tuple[datetime, DatePrecision, bool] | None:
    if count > 1000 or unit not in _UNIT_MINUTES:
        return None
    moment = now - timedelta(minutes=count * _UNIT_MINUTES[unit])
    if unit in ("second", "minute"):
        return moment.replace(second=0, microsecond=0), "minute", True
    return _midnight(moment), "day", False


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


@lru_cache(maxsize=1)
def _words() -> _Words:
    raw = tomllib.loads((files("archiver.extract") / "data" / "relative.toml").read_text(encoding="utf-8"))
    units = {names.fold(word): unit for unit, words in raw["units"].items() for word in words}
    numbers = {names.fold(word): int(number) for number, words in raw["numbers"].items() for word in words}
    days = {names.fold(word): int(number) for number, words in raw["days"].items() for word in words}
    duals = {names.fold(word): unit for unit, words in raw["duals"].items() for word in words}
    ago = [names.fold(word) for word in raw["ago"]]
    return _Words(
        re.compile(rf"(?<!\w)(\d{{1,4}}|{_either(numbers)})\s?({_either(units)})(?![^\W\d_])"),
        units,
        numbers,
        _pattern(ago),
        re.compile(
            rf"(?<!\w)(?:{_either(names.fold(word) for word in raw['before'])})\s({_either({**units, **duals})})(?![^\W\d_])"
        ),
        re.compile(rf"(?:^|[:|•·,–-] ?)({_either(units)}) (?:{_either(ago)})(?![^\W\d_])"),
        duals,
        re.compile(rf"^(?:{_either(names.fold(word) for word in raw['now'])})$"),
        days,
        _pattern(days),
    )


def _either(words: object) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


def _pattern(words: object) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{_either(words)})(?![^\W\d_])")
