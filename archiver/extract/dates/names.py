"""Words that dates are written with: digits, month names (`data/months.toml`), abbreviations of zones."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from importlib.resources import files

GREGORIAN, SOLAR, ISLAMIC = "gregorian", "solar_hijri", "islamic"

_DIGIT_BLOCKS = "٠۰०০๐੦૦೦௦౦൦០၀０"
DIGITS = {ord(zero) + value: str(value) for zero in _DIGIT_BLOCKS for value in range(10)}
"""Decimal digits of the scripts that news is written in, for `str.translate`."""

_DROPPED = {
    ord(char): None
    for char in "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\u00ad\u0640"
}
_SPACED = {ord(char): " " for char in "\u00a0\u202f\u2009\u2007\u200c\u3000"}
_LETTERS = {
    ord("ي"): "ی",
    ord("ى"): "ی",
    ord("ئ"): "ئ",
    ord("ك"): "ک",
    ord("أ"): "ا",
    ord("إ"): "ا",
    ord("آ"): "ا",
    ord("ٱ"): "ا",
    ord("ة"): "ه",
    ord("ۀ"): "ه",
    ord("ہ"): "ه",
    ord("ھ"): "ه",
    ord("ۃ"): "ه",
}
_TABLE = DIGITS | _DROPPED | _SPACED | _LETTERS
_MARKS = re.compile("[\u064b-\u0655\u0670\u0307]")
_SPACE = re.compile(r"\s+")


def fold(text: str) -> str:
    """Lower case, ASCII digits, one spelling of Arabic-script letters, no vowel signs or bidi controls: for matching only."""
    out = unicodedata.normalize("NFC", text.lower()).translate(_TABLE)
    return _SPACE.sub(" ", _MARKS.sub("", out)).strip()


@lru_cache(maxsize=1)
def month_table() -> dict[str, tuple[str, int]]:
    """Folded month name to (calendar, number). A Gregorian reading wins where two calendars share a word."""
    raw = tomllib.loads((files("archiver.extract") / "data" / "months.toml").read_text(encoding="utf-8"))
    table: dict[str, tuple[str, int]] = {}
    for calendar in (GREGORIAN, SOLAR, ISLAMIC):
        for number, names in raw[calendar].items():
            for name in names:
                table.setdefault(fold(name), (calendar, int(number)))
    return table


@lru_cache(maxsize=1)
def month_pattern() -> re.Pattern[str]:
    """Any month name as a whole word of folded text, longest first."""
    names = sorted(month_table(), key=len, reverse=True)
    return re.compile(r"(?<![^\W\d_])(?:" + "|".join(re.escape(name) for name in names) + r")(?![^\W\d_])")


ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "bst": 60, "west": 60, "ist": 330, "cet": 60, "mez": 60, "cest": 120, "mesz": 120, "eet": 120,
    "eest": 180, "msk": 180, "мск": 180, "trt": 180, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360,
    "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600, "brt": -180, "art": -180, "jst": 540, "kst": 540, "hkt": 480,
    "sgt": 480, "pkt": 300, "aft": 270, "irst": 210, "sast": 120, "eat": 180, "wat": 60, "cat": 120, "aest": 600, "aedt": 660, "awst": 480,
    "acst": 570, "acdt": 630, "nzst": 720, "nzdt": 780, "nst": -210, "ndt": -150, "ast": -240, "adt": -180, "wib": 420,
}  # fmt: skip
"""Zone abbreviations in minutes east of UTC. `ist` and `cst` follow the reading that news pages use most (India, US Central)."""
AMBIGUOUS_ZONES = frozenset({"ist", "cst", "bst", "ast"})
"""Abbreviations that several countries use: the offset is taken, and the reading is marked."""
