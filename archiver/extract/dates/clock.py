"""The time of day beside a date, and the zone beside the time.

Belongs here: folded text without its day in; hour, minute and minutes east of UTC out. The words ("pm", "مساء", "오후", "Uhr") are
data (`data/clock.toml`), the abbreviations of zones are in `names`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

from archiver.extract.dates import names

_FIRST = re.compile(r"[t\s]\s?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?(?!\d)")
"""A clock right after the day, as ISO 8601 writes it."""
_ANYWHERE = re.compile(r"(?<![\d:.])(\d{1,2})\s?[:.h時]\s?(\d{2})(?:\s?[:.分]\s?(\d{2})(?:[.,](\d{1,9}))?)?(?!\d|\.\d)")
_CJK = re.compile(r"(?<!\d)(\d{1,2})\s*[時时시点點]\s*(\d{1,2})\s*[分분]")
_OFFSET = re.compile(r"(?:^\s*|\b(?:gmt|utc)\s*)([+\-−])(\d{1,2}):?(\d{2})?(?!\d)")
_ZULU = re.compile(r"^\s?z\b|^\s*\(?(?:utc|gmt)\b(?!\s*[+\-−]\d)")
_ABBREVIATION = re.compile(r"(?<![^\W\d_])([a-zмск]{3,4})(?![^\W\d_])")
_UNITED_STATES = re.compile(r"^\s*\(?([ecmp])t\b")
_ODD_OFFSETS = frozenset((-570, -270, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825))
"""Offsets with minutes that clocks really keep or kept: "10:00-11:30" is a range, not a zone."""
_STANDARD = {"e": -300, "c": -360, "m": -420, "p": -480}
"""Minutes east of UTC of ET, CT, MT and PT in winter."""
_UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")

Clock = tuple[int, int, "int | None", int]
"""Hour, minute, second or None, microsecond."""


class _Words(NamedTuple):
    after: re.Pattern[str]
    before: re.Pattern[str]
    halves: tuple[tuple[str, re.Pattern[str]], ...]
    hour: re.Pattern[str]
    zones: tuple[tuple[str, re.Pattern[str]], ...]


def clock_in(text: str) -> tuple[Clock | None, str]:
    """The time of day in folded `text` and what follows it (where a zone would stand); (None, `text`) without one."""
    if (match := _FIRST.match(text)) and (found := _told(text, match)):
        return found
    for match in _CJK.finditer(text):
        if found := _told(text, match):
            return found
    for match in _ANYWHERE.finditer(text):
        if text[match.start() - 1 : match.start()] in ("+", "-", "−") and match.start() > 0:
            continue
        if found := _told(text, match):
            return found
    for match in _words().hour.finditer(text):
        if found := _told(text, match, (match[1] or match[2] or match[3],)):
            return found
    return None, text


def _told(text: str, match: re.Match[str], parts: tuple[str | None, ...] | None = None) -> tuple[Clock, str] | None:
    """The clock of `match` (its `parts`) with the half of the day that a word after it, else one before it, tells."""
    words, end = _words(), match.end()
    parts = (*(parts or match.groups()), None, None, None)[:4]
    half = words.after.match(text, end)
    if half:
        end = half.end()
    else:
        half = words.before.search(text[max(0, match.start() - 20) : match.start()])
    hour = _hour(int(parts[0] or 0), half[1] if half else None)
    if hour is None or int(parts[1] or 0) > 59 or int(parts[2] or 0) > 59:
        return None
    return (hour, int(parts[1] or 0), int(parts[2]) if parts[2] else None, _micro(parts[3])), text[end:]


def _hour(hour: int, word: str | None) -> int | None:
    if hour > 24:
        return None
    if not word:
        return hour if hour < 24 else None
    half = next((name for name, pattern in _words().halves if pattern.fullmatch(word)), "morning")
    if half == "night":
        return 0 if hour in (12, 24) else hour + 12 if 5 <= hour < 12 else hour
    if half == "noon" and hour in (10, 11):
        return hour
    if half in ("afternoon", "noon"):
        return hour + 12 if hour < 12 else hour % 24
    return 0 if hour in (12, 24) else hour


def _micro(digits: str | None) -> int:
    return int((digits + "000000")[:6]) if digits else 0


def zone_in(text: str, day: date) -> tuple[int | None, bool]:
    """Minutes east of UTC named at the start of `text` on `day`, and whether the abbreviation has several readings."""
    offset, marked = _zone(_spelled(text[:40]))
    if offset is None and (match := _UNITED_STATES.match(text[:20])):
        offset = _STANDARD[match[1]] + 60 * _summer_time(day)
    return offset, marked


def _spelled(text: str) -> str:
    """`text` with a zone in words ("توقيت غرينتش", Greenwich) as its abbreviation."""
    if text.isascii() and "greenwich" not in text:
        return text
    for short, pattern in _words().zones:
        text = pattern.sub(short, text)
    return text


def _zone(text: str) -> tuple[int | None, bool]:
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


def _summer_time(day: date) -> bool:
    """Whether the United States keep daylight saving time on `day` (15 U.S.C. §260a, since 2007; the year before is alike)."""
    march, november = date(day.year, 3, 14), date(day.year, 11, 7)
    begins = march - timedelta(days=(march.weekday() + 1) % 7)
    ends = november - timedelta(days=(november.weekday() + 1) % 7)
    return begins <= day < ends


@lru_cache(maxsize=1)
def _words() -> _Words:
    raw = tomllib.loads((files("archiver.extract") / "data" / "clock.toml").read_text(encoding="utf-8"))
    halves = {half: [names.fold(word) for word in words] for half, words in raw["halves"].items()}
    every = [word for words in halves.values() for word in words]
    whole = [word for word in every if len(word) > 1]
    only_after = {names.fold(word) for word in raw["after_only"]}
    before = [word for word in every if word not in only_after]
    hours = raw["hours"]
    return _Words(
        re.compile(rf"\s*({_either(every)})(?![^\W\d_])\.?"),
        re.compile(rf"({_either(before, start=True)})[\s,،]*$"),
        tuple((half, re.compile(_either(words))) for half, words in halves.items()),
        re.compile(
            rf"(?<![\d:.,/\-−+])(?:(?:{_either(map(names.fold, hours['before']), start=True)})\s?(\d{{1,2}})(?![\d:.,/%]|\s?[^\W\d_])"
            rf"|(\d{{1,2}})(?=\s?(?:{_either(whole)})(?![^\W\d_]))"
            rf"|(\d{{1,2}})\s?(?:{_either(map(names.fold, hours['after']))})(?![^\W_]))"
        ),
        tuple((short, re.compile(_either(map(names.fold, words)))) for short, words in raw["zones"].items()),
    )


def _either(words: Iterable[str], *, start: bool = False) -> str:
    """Any of the folded `words`; with `start` never in the middle of a word, except in scripts that write without spaces."""
    spelled = []
    for word in sorted(words, key=len, reverse=True):
        pattern = re.escape(word).replace(r"\.", r"\.?\s?").replace(r"\ ", r"\s?")
        pattern = pattern.removesuffix(r"\.?\s?") + (r"\.?" if word.endswith(".") else "")
        spelled.append(pattern if not start or _UNSPACED.match(word) else rf"(?<![^\W\d_]){pattern}")
    return "|".join(spelled)
