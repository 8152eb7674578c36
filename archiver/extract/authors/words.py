"""Words around names: the lists of `data/bylines.toml` and `data/places.toml` as sets and compiled patterns, read once.

Belongs here: loading and folding of words. What is done with them is `names`' business.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from archiver.extract.dates.names import GREGORIAN, month_table

_NOT_ALNUM = re.compile(r"[\W_]+")
_SAME = str.maketrans(
    "يىكہھۀةأإآٱېۍګ", "ییکههههااااییگ", "\u200c\u0640\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0654"
)
"""Letters that Arabic, Persian, Urdu and Pashto keyboards write differently; vowel marks go."""
_LABEL_MIN = 5


class Lists(NamedTuple):
    """The lists; sets hold words in lower case (`organisations`, `agencies`, `roles`, `places`: as `same` gives them)."""

    prefix: re.Pattern[str]
    joiner: re.Pattern[str]
    roles: frozenset[str]
    beside_roles: frozenset[str]
    surname_roles: frozenset[str]
    organisations: frozenset[str]
    agencies: frozenset[str]
    agency: re.Pattern[str]
    acronyms: frozenset[str]
    surnames: frozenset[str]
    given: frozenset[str]
    titles: frozenset[str]
    particles: frozenset[str]
    stop: re.Pattern[str]
    nothing: frozenset[str]
    calendar: re.Pattern[str]
    day_word: re.Pattern[str]
    slash_date: re.Pattern[str]
    picture: re.Pattern[str]
    middle: re.Pattern[str]
    opening: re.Pattern[str]
    helper: re.Pattern[str]
    waw_names: frozenset[str]
    places: frozenset[str]
    given_places: frozenset[str]
    from_place: re.Pattern[str]
    place_words: frozenset[str]


@lru_cache(maxsize=1)
def lists() -> Lists:
    """All lists, from the package's data."""
    raw, places = _read("bylines"), _read("places")
    genres = either(raw["genres"])
    prefixes, labels = either(raw["prefixes"]), f"{either(raw['colon_prefixes'])}|{genres}"
    long = either([word for word in raw["openings"] if len(word) >= _LABEL_MIN])
    written = (
        rf"(?:(?:{either(raw['articles'])})\s+)?(?:{genres})\s+(?:by|von|vom|par|por|de|di|van|av|af)\s+(?=\S+\s+\S)"
    )
    return Lists(
        prefix=re.compile(
            rf"^(?:(?:{prefixes})(?:\s*[:：،]\s*|\s+(?=\S)|(?=[:：]))|(?:{long})\s*,\s*(?=\S)"
            rf"|(?:{labels})\s*[:：]\s*(?=\S)|{written})",
            re.IGNORECASE,
        ),
        joiner=re.compile(rf"\s+(?:{either(raw['joiners'])})\s+|\s*&\s*", re.IGNORECASE),
        roles=_same_set(raw["roles"]),
        beside_roles=_same_set(raw["beside_roles"]),
        surname_roles=frozenset(raw["surname_roles"]),
        organisations=_same_set(raw["organisations"]),
        agencies=frozenset(fold_name(same(word)) for word in raw["agencies"]),
        agency=re.compile(rf"(?<!\w)(?:{either([same(word) for word in raw['agency_phrases']])})(?!\w)"),
        acronyms=frozenset(raw["acronyms"]),
        surnames=frozenset(raw["surname_organisations"]),
        given=frozenset(raw["given"]),
        titles=frozenset(raw["titles"]),
        particles=frozenset(raw["particles"]),
        stop=re.compile(
            rf"(?:^|(?<=[\s,.]))(?:(?i:{either(raw['stops'])})|{either(raw['prepositions'])})(?![^\W_]).*$", re.DOTALL
        ),
        nothing=frozenset(raw["nothing"]),
        calendar=_calendar(raw["weekdays"]),
        day_word=re.compile(rf"(?:^|\s)(?:{either(raw['day_words'])})\s*$", re.IGNORECASE),
        slash_date=re.compile(
            rf"(?:(?<!\S)(?:{either(raw['day_words'])})\s+)?(?<![\w/])\d{{1,4}}/\d{{1,2}}(?:/\d{{1,4}})?(?![\w/])",
            re.IGNORECASE,
        ),
        picture=re.compile(rf"(?<![^\W_])(?:{either(raw['pictures'])})\s*(?:[:/©]|by\b|von\b|par\b)", re.IGNORECASE),
        middle=re.compile(r"^([^\W\d_]+(?: [^\W\d_]+)?) (?:by|von|par|por) (?=[^\W\d_])"),
        opening=re.compile(rf"(?i:{either(raw['openings'])})(?:\s*[:：]|\s+(?=[^\W\d_a-z])|\s*[,،]?\s*$)"),
        helper=re.compile(rf"^(?:{either(raw['helpers'])})(?:\s*[:：]|\s+(?=\S))", re.IGNORECASE),
        waw_names=_same_set(raw["waw_names"]),
        places=_listed(places, "latin", "cyrillic", "arabic", "cjk"),
        given_places=_listed(places, "given"),
        from_place=re.compile(rf"^(?:{either(raw['place_words'])})\s+", re.IGNORECASE),
        place_words=frozenset(raw["place_words"]),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("archiver.extract") / "data" / f"{name}.toml").read_text(encoding="utf-8"))


def _listed(raw: dict[str, Any], *keys: str) -> frozenset[str]:
    return frozenset(fold_name(same(one)) for key in keys for one in raw[key].split(";"))


def _same_set(listed: list[str]) -> frozenset[str]:
    return frozenset(same(word) for word in listed)


def _calendar(weekdays: list[str]) -> re.Pattern[str]:
    """A month with a number, or a weekday, and all that follows: bylines often run on into the date."""
    months = either([name for name, (calendar, _) in month_table().items() if calendar == GREGORIAN and len(name) > 2])
    return re.compile(
        rf"(?<![^\W_])(?:(?:{months})\.? \d{{1,4}}|\d{{1,2}}(?:st|nd|rd|th|\.)?,? (?:de )?(?:{months})(?![^\W_])|(?:{either(weekdays)})(?![^\W_])).*$",
        re.IGNORECASE | re.DOTALL,
    )


def either(listed: list[str]) -> str:
    """An alternation of `listed` for a pattern, longest first."""
    return "|".join(re.escape(word) for word in sorted(listed, key=len, reverse=True))


def same(text: str) -> str:
    """`text` in lower case with one spelling for letters that Arabic-script keyboards write in several ways: for comparing."""
    return text.lower().translate(_SAME)


def fold_name(name: str) -> str:
    """Letters and digits of a name in lower case, for comparing."""
    return _NOT_ALNUM.sub("", name.lower())


def is_place(piece: str) -> bool:
    """Whether `piece` is nothing but the name of a city or a country, a small word before it ("in Berlin") left aside."""
    told = lists().places
    return fold_name(same(piece)) in told or fold_name(same(lists().from_place.sub("", piece.strip(), count=1))) in told
