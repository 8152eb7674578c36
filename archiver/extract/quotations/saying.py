"""The words of saying of each language, made into patterns (`data/saying.toml`).

Belongs here: reading the tables and what a name looks like. Where a name stands beside these words is for `speakers` and
`subjects`.
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

NAME_WORDS_MAX = 7
NAME_WORD = r"(?:[^\W\d_a-zà-ÿа-я](?:[\w’'.-]|·)*)"
PARTICLE = r"(?:von der|von dem|van der|van den|van de|de la|de los|de las|del|della|di|da|dos?|das|du|de|von|van|zur?|bin|ibn|al|el|la|le|of|for|ter|ten|y|e)"
NAME = rf"(?:(?:(?:Von|Van) (?:der|den|de) |De la )?{NAME_WORD}(?:\s+(?:{PARTICLE}\s+){{0,2}}{NAME_WORD}){{0,6}})"
_PLACED = "on|in|at|to|via|during|auf|im|am|bei|gegenüber|über|sur|dans|à|lors|en|a|al|su|sul|nel|durante|в|на|во|через"
"""Words that begin where and to whom something was said: "wrote Lee on X: …"."""


class Words(NamedTuple):
    """The words of one language. `order`: `capitals`, `subject-first` or `verb-first`."""

    order: str
    after: re.Pattern[str] | None
    said_name: re.Pattern[str] | None
    name_said: re.Pattern[str] | None
    before: re.Pattern[str] | None
    according: re.Pattern[str] | None
    verbs: re.Pattern[str]
    bounds: re.Pattern[str]
    pronoun_said: re.Pattern[str] | None
    nobody: frozenset[str]
    roles: frozenset[str]
    heads: frozenset[str]
    nouns_have_capitals: bool
    behind: re.Pattern[str] | None = None
    relayed: re.Pattern[str] | None = None
    addressed: re.Pattern[str] | None = None
    to: str = ""
    genitive: str = ""
    complements: frozenset[str] = frozenset()
    whole: frozenset[str] = frozenset()
    institutions: frozenset[str] = frozenset()
    possessive: frozenset[str] = frozenset()

    def is_role(self, word: str) -> bool:
        """Whether a word is a title; in German also as the end of a compound ("Gemeindepräsidentin")."""
        bare = word.lower().strip(".,’'")
        if bare in self.roles or bare.rsplit("-", 1)[-1] in self.roles:
            return True
        return self.nouns_have_capitals and any(len(role) > 4 and bare.endswith(role) for role in self.roles)


def known(language: str | None) -> str:
    primary = (language or "").lower().replace("_", "-").split("-")[0]
    primary = {"prs": "fa", "pus": "ps", "tg": "fa"}.get(primary, primary)
    return primary if primary in _raw() else "any"


@lru_cache(maxsize=1)
def _raw() -> dict[str, Any]:
    return tomllib.loads((files("archiver.extract") / "data" / "saying.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=32)
def words_of(language: str) -> Words:
    raw = _raw()
    if language == "any":
        cased = [one for one in raw.values() if one["order"] == "capitals"]
        table: dict[str, Any] = {"order": "capitals"}
        for key in ("verbs", "auxiliaries", "according", "nobody", "roles", "that", "pronouns"):
            table[key] = sorted({word for one in cased for word in one.get(key, [])})
    else:
        table = raw[language]
    verbs = _either(table["verbs"])
    nobody, roles = frozenset(table.get("nobody", [])), frozenset(table.get("roles", []))
    according = _either(table.get("according", [])) if table.get("according") else None
    bounds = (
        re.compile(rf"\s*[،,:؛]\s*|(?:(?<=\s)|^)(?:{_either(table['bounds'])})(?=\s|$)")
        if table.get("bounds")
        else re.compile(r"[,:;]")
    )
    if table["order"] != "capitals":
        bare = re.compile(rf"(?:(?<=[\s،,«»\"”“:؛])|^)(?:{verbs})(?=[\s،,:؛.«\"“”»۔]|$)")
        starts = re.compile(rf"(?:(?<=\s)|^)(?:{according})\s+") if according else None
        return Words(
            table["order"],
            None,
            None,
            None,
            None,
            starts,
            bare,
            bounds,
            None,
            nobody,
            roles,
            frozenset(table.get("heads", [])),
            False,
            **_further(table),
        )
    auxiliary = rf"(?:(?:{_either(table['auxiliaries'])})\s+){{0,2}}" if table.get("auxiliaries") else ""
    say = rf"(?i:{auxiliary}(?:{verbs}))"
    # In German a comma before the verb ends a clause: "Auf die Frage, wie es war, sagte er".
    described = r"(?P<rest>(?!))?" if language == "de" else r"(?P<rest>,\s+[^,.;:“”\"«»]{3,120},)?"
    small = r"(?P<small>(?:(?i:the|der|die|das|el|la|los|le|les|il|lo|un|une|una|ein|eine)\s+)?(?:[a-zà-ÿа-яё’'-]+\s+){0,3})"
    that = rf"(?:\s+(?:{_either(table['that'])}))?" if table.get("that") else ""
    return Words(
        "capitals",
        re.compile(
            rf"(?:^|[\s,;–—-]){say}\s+{small}(?P<name>{NAME})(?:,\s+[^,.;:“”\"«»]{{3,120}},?)?(?:\s+(?:{_PLACED})\s[^“”\"«»„.:]{{1,80}})?\s*:$"
        ),
        re.compile(rf"^[\s,;–—-]*(?:(?i:so)\s+)?{say}\s+{small}(?P<name>{NAME})"),
        re.compile(rf"^[\s,;–—-]*{small}(?P<name>{NAME}){described}\s+{say}(?![\w])"),
        re.compile(
            rf"(?:^|(?<=[\s,;–—(-]))(?P<small>(?:[a-zà-ÿа-яё’'-]+\s+){{0,3}})(?P<name>{NAME}){described}\s+{say}(?!\w)[^“”\"«»„.]{{0,80}}{that}[\s:,]*$"
        ),
        re.compile(rf"(?i:(?<!\w)(?:{according}))\s*{small}(?P<name>{NAME})"),
        re.compile(verbs),
        bounds,
        re.compile(
            rf"(?i:^[\s,;–—-]*(?:(?:{_either(table['pronouns'])})\s+{say}|{say}\s+(?:{_either(table['pronouns'])}))(?!\w))"
        ),
        nobody,
        roles,
        frozenset(),
        language == "de",
    )


def _further(table: dict[str, Any]) -> dict[str, Any]:
    """What only some of the languages without capitals have."""
    out: dict[str, Any] = {
        key: frozenset(table.get(key, [])) for key in ("complements", "whole", "institutions", "possessive")
    }
    out |= {key: table.get(key, "") for key in ("to", "genitive")}
    if table.get("behind"):
        out["behind"] = re.compile(rf"(?<=\s)(?:{_either(table['behind'])})(?=[\s،,:؛.«\"“”»’‘۔]|$)")
    if table.get("relayed"):
        out["relayed"] = re.compile(
            rf"(?:.*\s|^){table['relayed']['opens']}\s+(?P<name>[^،,:؛«»\"“”]{{2,100}}?)\s+(?:{_either(table['relayed']['closes'])})(?=[\s،:]|$)"
        )
    if table.get("addressees"):
        named = rf"\S+\s+(?:{_either(table['media'])})"
        out["addressed"] = re.compile(
            rf"(?:\s+{table['genitive']}(?:\s+\S+){{0,3}}?)?\s+(?:{_either(table['addressees'])}|{named})$"
        )
    return out


def _either(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))
