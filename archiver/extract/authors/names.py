"""Names: a byline split into single names, each without "By", titles, roles, dates and handles.

Belongs here: strings in, names and their kind out. The word lists are data (`data/bylines.toml`); nothing is known about
single sites. What cannot be a name gives None: no author is better than a wrong one.
"""

from __future__ import annotations

import html
import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Literal, NamedTuple

from archiver.extract.dates.names import GREGORIAN, month_table

NAME_MAX = 80
BYLINE_MAX = 600
PEOPLE_MAX = 40

Kind = Literal["person", "organization"]

_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad]")
_ADDRESS = re.compile(r"https?:\S+|www\.\S+|\S*@\S*|\S*://\S*")
_BRACKETS = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]|\{[^{}]{0,80}\}")
_DOMAIN = re.compile(r"\w\.(?:com|org|net|de|at|ch|co|tv|info|ir|af|pk|uk|fr|es|it|eu|ru|io|news|online)\b")
_WRAPPED = re.compile(r"[(\[（【][^()\[\]（）【】]*[)\]）】]")
_DATE = re.compile(
    r"(?<!\w)(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}[:.h]\d{2}(?!\d)|\d{1,2}\.? [^\W\d]{3,12}\.?,? \d{4}|[^\W\d]{3,12}\.? \d{1,2},? \d{4}).*$",
    re.DOTALL,
)
_SEPARATORS = re.compile(r"\s*(?:[;|•·/\n\t]|\s[–—-]\s|、|，|；|،)\s*")
_COMMA = re.compile(r"\s*,\s*")
_EDGES = " \t\r\n,;:|/–—-•·.\"'“”«»<>،؛*_=+~"
_LETTER = re.compile(r"[^\W\d_]")
_NOT_ALNUM = re.compile(r"[\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_UNCASED = re.compile(r"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\ufb50-\ufeff]")
_PARTICLES = frozenset(
    [
        "de",
        "da",
        "do",
        "dos",
        "das",
        "del",
        "della",
        "di",
        "du",
        "des",
        "la",
        "le",
        "van",
        "von",
        "der",
        "den",
        "ter",
        "ten",
        "zu",
        "zum",
        "zur",
        "y",
        "e",
        "al",
        "el",
        "bin",
        "ibn",
        "abu",
        "af",
        "av",
        "und",
        "of",
        "st",
        "san",
        "d'",
        "l'",
    ]
)


class _Words(NamedTuple):
    prefix: re.Pattern[str]
    joiner: re.Pattern[str]
    roles: frozenset[str]
    surname_roles: frozenset[str]
    organisations: frozenset[str]
    acronyms: frozenset[str]
    titles: frozenset[str]
    stop: re.Pattern[str]
    nothing: frozenset[str]
    calendar: re.Pattern[str]
    picture: re.Pattern[str]
    middle: re.Pattern[str]
    opening: re.Pattern[str]


@lru_cache(maxsize=1)
def _words() -> _Words:
    raw = tomllib.loads((files("archiver.extract") / "data" / "bylines.toml").read_text(encoding="utf-8"))
    prefixes, labels = _either(raw["prefixes"]), _either(raw["colon_prefixes"])
    return _Words(
        re.compile(
            rf"^(?:(?:{prefixes})(?:\s*[:：،]\s*|\s+(?=\S)|(?=[:：]))|(?:{labels})\s*[:：]\s*(?=\S))", re.IGNORECASE
        ),
        re.compile(rf"\s+(?:{_either(raw['joiners'])})\s+|\s*&\s*", re.IGNORECASE),
        frozenset(raw["roles"]),
        frozenset(raw["surname_roles"]),
        frozenset(raw["organisations"]),
        frozenset(raw["acronyms"]),
        frozenset(raw["titles"]),
        re.compile(
            rf"(?:^|(?<=[\s,.]))(?:(?i:{_either(raw['stops'])})|{_either(raw['prepositions'])})(?![^\W_]).*$", re.DOTALL
        ),
        frozenset(raw["nothing"]),
        _calendar(raw["weekdays"]),
        re.compile(rf"(?<![^\W_])(?:{_either(raw['pictures'])})\s*(?:[:/©]|by\b|von\b|par\b)", re.IGNORECASE),
        re.compile(r"^([^\W\d_]+(?: [^\W\d_]+)?) (?:by|von|par|por) (?=[^\W\d_])"),
        re.compile(rf"(?i:{_either(raw['openings'])})(?:\s*[:：]|\s+(?=[^\W\d_a-z])|\s*$)"),
    )


def _calendar(weekdays: list[str]) -> re.Pattern[str]:
    """A month with a number, or a weekday, and all that follows: bylines often run on into the date."""
    months = _either([name for name, (calendar, _) in month_table().items() if calendar == GREGORIAN and len(name) > 2])
    return re.compile(
        rf"(?<![^\W_])(?:(?:{months})\.? \d{{1,4}}|\d{{1,2}}(?:st|nd|rd|th|\.)?,? (?:de )?(?:{months})(?![^\W_])|(?:{_either(weekdays)})(?![^\W_])).*$",
        re.IGNORECASE | re.DOTALL,
    )


def _either(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def split_names(text: str, declared: bool = False) -> list[str]:
    """The single names in a byline or author string, cleaned, in order, without repeats.

    `declared`: the string stood where only a name may stand, so one word in small letters (a user name) counts.
    """
    prepared = _prepare(text)
    if (pictures := _words().picture.search(prepared)) and pictures.start() > 3:
        prepared = prepared[: pictures.start()]
    out: list[str] = []
    for piece in _pieces(prepared):
        if _words().picture.match(piece):
            break
        if out and all(word.strip(".,") in _words().roles for word in piece.lower().split()):
            continue
        name = clean_name(piece, declared)
        if name and fold_name(name) not in {fold_name(one) for one in out}:
            out.append(name)
        if len(out) >= PEOPLE_MAX:
            break
    return out


def _prepare(text: str) -> str:
    text = text[:BYLINE_MAX]
    if "&" in text and ";" in text:
        text = html.unescape(text)
    text = _ADDRESS.sub(" ", _INVISIBLE.sub("", text))
    text = _BRACKETS.sub(" ", text.strip()[1:-1] if _WRAPPED.fullmatch(text.strip()) else text)
    return re.sub(r"[^\S\n\t]+", " ", text.replace("\u200c", " ")).strip(_EDGES)


def _pieces(text: str) -> list[str]:
    """`text` split at separators, commas and joining words where both sides can be names."""
    pieces: list[str] = []
    for part in _SEPARATORS.split(_strip_prefix(text)):
        for clause in _by_commas(part):
            pieces.extend(_by_joiners(clause))
    return [piece for piece in pieces if piece]


def _by_commas(part: str) -> list[str]:
    """Comma parts; a part after a name that is a role, a suffix or a place of work is dropped; "Last, First" is turned round."""
    parts = [piece for piece in _COMMA.split(part) if piece]
    if len(parts) < 2:
        return parts
    if len(parts) == 2 and all(len(piece.split()) == 1 and _cased(piece) for piece in parts) and not has_role(part):
        return [f"{parts[1]} {parts[0]}"] if not is_organisation(part) else parts
    kept = [parts[0]]
    for piece in parts[1:]:
        bare = _words().joiner.sub(" ", f" {piece} ").strip()
        if has_role(piece) or bare.lower().strip(".") in ("jr", "sr", "phd", "md", "ii", "iii", "ph.d"):
            continue
        kept.append(piece)
    return kept


def _by_joiners(clause: str) -> list[str]:
    """`clause` split at "and" and its kin where every side is name-like: "Haus und Garten" stays whole."""
    pieces = [piece.strip(_EDGES) for piece in _words().joiner.split(f" {clause.strip()} ".replace("  ", " "))]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) < 2:
        leading = re.sub(r"^(?:and|und|et|y|e|&|with|mit|و|اور|او|и)\s+", "", clause.strip(), flags=re.IGNORECASE)
        return [leading]
    if all(len(piece.split()) >= 2 or is_organisation(piece) or _UNCASED.search(piece) for piece in pieces):
        return pieces
    return [clause]


def _strip_prefix(text: str) -> str:
    for _ in range(3):
        shorter = _words().prefix.sub("", text, count=1).strip(_EDGES)
        if shorter == text or not shorter:
            break
        text = shorter
    return text


def clean_name(piece: str, declared: bool = False) -> str | None:
    """One name without what does not belong to it; None when nothing name-like is left. `declared` as in `split_names`."""
    name = _prepare(piece).replace("\n", " ").replace("\t", " ")
    name = _words().calendar.sub("", _DATE.sub("", name)).strip(_EDGES)
    name = _after_preposition(_strip_prefix(name))
    name = _words().stop.sub("", name).strip(_EDGES) if len(name.split()) > 1 else name
    name = _drop_titles(_drop_roles(name)).strip(_EDGES + "()")
    name = " ".join(name.split())
    if not 2 <= len(name) <= NAME_MAX or name.lower() in _words().nothing or _words().prefix.fullmatch(name + ":"):
        return None
    if name[0].isdigit() and not declared:
        return None
    letters = len(_LETTER.findall(name))
    if letters < 2 or letters < len(name) * 0.55:
        return None
    words = name.split()
    if len(words) > 8 or (
        len(words) > 5 and not is_organisation(name) and not any(one.lower() in _PARTICLES for one in words)
    ):
        return None
    if len(words) == 1 and not declared and not _cased(name) and not _UNCASED.search(name):
        return None
    return name


def _after_preposition(name: str) -> str:
    """ "capital von Jemima Kelly", "Reviewed by Ann Lee": small words before the preposition are no name."""
    match = _words().middle.match(name)
    return name[match.end() :] if match and not match[1].istitle() else name


def looks_like_people(found: list[str]) -> bool:
    """Whether every name has two to five words with capitals (or a script without them): for places that only look like bylines."""
    for name in found:
        words = name.split()
        if _CJK.search(name) and 2 <= len(name) <= 6:
            continue
        if is_organisation(name) or not 2 <= len(words) <= 5:
            return False
        if not _UNCASED.search(name) and not all(_cased(word) or word.lower() in _PARTICLES for word in words):
            return False
    return bool(found)


def is_label(text: str) -> bool:
    """Whether `text` is nothing but the opening of a byline."""
    found = _words().opening.match(text.strip(" \u00a0-–—([（【"))
    return found is not None and found.end() >= len(text.strip())


def opens_like_byline(text: str) -> bool:
    """Whether `text` begins with "By", "Autor:" and their kin, white space and a dash before them left aside."""
    return bool(_words().opening.match(text[:500].lstrip(" \t\r\n\u00a0-–—([（【")[:40]))


def _drop_titles(name: str) -> str:
    words = name.split()
    while len(words) > 2 and words[0].lower() in _words().titles and words[0] != "M.":
        words = words[1:]
    if len(words) == 2 and words[0].lower() in _words().titles and words[0].endswith("."):
        words = words[1:]
    return " ".join(words)


def _drop_roles(name: str) -> str:
    """Trailing lower-case or role words after two name words ("Ann Lee political reporter") go; a name of roles only stays."""
    words = name.split()
    if len(words) < 3 or _UNCASED.search(name):
        return name
    for place in range(2, len(words)):
        if words[place].lower().strip(".,") in _words().roles and not any(
            is_organisation(word) for word in words[:place]
        ):
            return " ".join(words[:place])
    return name


def has_role(text: str) -> bool:
    """Whether a piece of a byline is a role ("Science Editor", "Washington correspondent") and not a name ("Bob Head")."""
    words = [word.strip(".,()") for word in text.lower().split()]
    roles = [word for word in words if word in _words().roles]
    return len(roles) == len(words) or any(word not in _words().surname_roles for word in roles)


def is_organisation(name: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether a name is a desk, an agency or a company rather than a person. `known`: folded names of publisher and site."""
    if fold_name(name) in known:
        return True
    words = [word.strip(".,()'’\"") for word in name.lower().split()]
    if any(word in _words().organisations for word in words):
        return True
    if any(
        word.lower().strip(".,()") in _words().acronyms and (word.isupper() or word.islower()) for word in name.split()
    ):
        return True
    if len(words) < 4 and (
        fold_name(words[0]) in known or any(word.isupper() and fold_name(word) in known for word in name.split())
    ):
        return True
    if len(words) == 1:
        return bool(_DOMAIN.search(name.lower())) or (
            name.isupper() and 2 <= len(name) <= 5 and not _UNCASED.search(name)
        )
    return bool(_DOMAIN.search(name.lower()))


def kind_of(name: str, declared: Kind | None, known: frozenset[str]) -> Kind:
    """`organization` where the name says so; else what was declared; else `person`."""
    if is_organisation(name, known):
        return "organization"
    return declared or "person"


def _cased(word: str) -> bool:
    return bool(word) and word[0].isupper()


def fold_name(name: str) -> str:
    """Letters and digits of a name in lower case, for comparing."""
    return _NOT_ALNUM.sub("", name.lower())
