"""Names: a byline split into single names, each without "By", titles, roles, dates and handles.

Belongs here: strings in, names and their kind out. The word lists are data (`data/bylines.toml`); nothing is known about
single sites. What cannot be a name gives None: no author is better than a wrong one.
"""

from __future__ import annotations

import html
import re
from typing import Literal

from archiver.extract.authors.words import fold_name, is_place, lists, same

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
    r"(?<!\w)(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[:.h]\d{2}(?!\d)|\d{1,2}\.? [^\W\d]{3,12}\.?,? \d{4}|[^\W\d]{3,12}\.? \d{1,2},? \d{4}).*$",
    re.DOTALL,
)
_SEPARATORS = re.compile(r"\s*(?:[;|•·/\n\t]|\s[–—-]\s|、|，|；|،)\s*")
_COMMA = re.compile(r"\s*,\s*")
_EDGES = " \t\r\n,;:|/–—-•·.\"'“”«»<>،؛*_=+~"
_LETTER = re.compile(r"[^\W\d_]")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_UNCASED = re.compile(r"[\u0590-\u08ff\u0900-\u0dff\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\ufb50-\ufeff]")
_TAGS_APART = re.compile(r"</\w+>\s*<\w[^<>]*>")
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*(?:>|$)")
_NOT_ARABIC = re.compile(r"[^\s\u0621-\u0652.\-]")
"""Letters that Arabic does not have: Persian, Urdu and Pashto write "and" apart."""


def split_names(text: str, declared: bool = False) -> list[str]:
    """The single names in a byline or author string, cleaned, in order, without repeats.

    `declared`: the string stood where only a name may stand, so one word in small letters (a user name) counts.
    """
    prepared = _prepare(text)
    if "/" in prepared:
        prepared = lists().slash_date.sub(" | ", prepared)
    if (pictures := lists().picture.search(prepared)) and pictures.start() > 3:
        prepared = prepared[: pictures.start()]
    out: list[str] = []
    for piece in _pieces(prepared):
        if lists().picture.match(piece):
            break
        if out and (_all_roles(piece) or lists().helper.match(piece)):
            continue
        name = clean_name(piece, declared)
        if out and (is_place(piece) or (name and is_place(name))):
            continue
        if name and fold_name(name) not in {fold_name(one) for one in out}:
            out.append(name)
        if len(out) >= PEOPLE_MAX:
            break
    return _without_dateline(out)


def _all_roles(piece: str) -> bool:
    return all(word.strip(".,") in lists().roles for word in same(piece).split())


def _without_dateline(found: list[str]) -> list[str]:
    """ "Kabul - Ann Lee": a place before a full name goes, unless people are called so as well ("Sydney, Ann Lee")."""
    if len(found) > 1 and is_place(found[0]) and fold_name(same(found[0])) not in lists().given_places:
        rest = found[1:]
        if all(len(name.split()) > 1 and not is_organisation(name) for name in rest):
            return rest
    return found


def _prepare(text: str) -> str:
    text = text[: 4 * BYLINE_MAX]
    if "&" in text and ";" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(" ", _TAGS_APART.sub("; ", text))
    text = text[:BYLINE_MAX]
    text = _ADDRESS.sub(" ", _INVISIBLE.sub("", text))
    text = _BRACKETS.sub(" ", text.strip()[1:-1] if _WRAPPED.fullmatch(text.strip()) else text)
    return re.sub(r"[^\S\n\t]+", " ", text.replace("\u200c", " ")).strip(_EDGES)


def _pieces(text: str) -> list[str]:
    """`text` split at separators, commas and joining words where both sides can be names."""
    pieces: list[str] = []
    for part in _SEPARATORS.split(_strip_prefix(text)):
        for clause in _by_commas(part):
            for piece in _by_joiners(_drop_lead(clause)):
                pieces.extend(_by_waw(piece, bool(pieces)))
    return [piece for piece in pieces if piece]


def _by_waw(piece: str, following: bool) -> list[str]:
    """ "أحمد علي وسارة حسن" in two: Arabic writes "and" as a prefix. Only between full names or organisations, and not where
    the letter belongs to the name ("وليد"). `following`: a name stood before `piece`, so that its first word may bear the prefix."""
    if "و" not in piece or _NOT_ARABIC.search(piece):
        return [piece]
    found, out, start = piece.split(), [], 0
    for place, word in enumerate(found):
        if len(word) < 4 or word[0] != "و" or same(word) in lists().waw_names or is_organisation(word):
            continue
        before, after = found[start:place], [word[1:], *found[place + 1 :]]
        if not (_is_whole(before) or (place == 0 and following)) or not _is_whole(after):
            continue
        out.append(" ".join(before))
        found[place], start = word[1:], place
    return [one for one in (*out, " ".join(found[start:])) if one]


def _is_whole(found: list[str]) -> bool:
    return len(found) > 1 or (bool(found) and is_organisation(found[0]))


def _by_commas(part: str) -> list[str]:
    """Comma parts; a part after a name that is a role, a suffix or a place of work is dropped; "Last, First" is turned round."""
    parts = [piece for piece in _COMMA.split(part) if piece]
    if len(parts) < 2:
        return parts
    if len(parts) == 2 and all(len(piece.split()) == 1 and _cased(piece) for piece in parts) and not has_role(part):
        if is_place(parts[1]) and fold_name(same(parts[1])) not in lists().given_places:
            return parts
        return [f"{parts[1]} {parts[0]}"] if not is_organisation(part) else parts
    kept = [parts[0]]
    for piece in parts[1:]:
        bare = lists().joiner.sub(" ", f" {piece} ").strip()
        if has_role(piece) or bare.lower().strip(".") in ("jr", "sr", "phd", "md", "ii", "iii", "ph.d"):
            continue
        kept.append(piece)
    return kept


def _by_joiners(clause: str) -> list[str]:
    """`clause` split at "and" and its kin where every side is name-like: "Haus und Garten" stays whole."""
    pieces = [piece.strip(_EDGES) for piece in lists().joiner.split(f" {clause.strip()} ".replace("  ", " "))]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) < 2:
        leading = re.sub(r"^(?:and|und|et|y|e|&|with|mit|و|اور|او|и)\s+", "", clause.strip(), flags=re.IGNORECASE)
        return [leading]
    placed = [is_place(piece) for piece in pieces]
    if not all(placed) and all(
        place or len(piece.split()) >= 2 or is_organisation(piece) or _UNCASED.search(piece)
        for piece, place in zip(pieces, placed, strict=True)
    ):
        return pieces
    return [clause]


def _strip_prefix(text: str) -> str:
    for _ in range(3):
        shorter = lists().prefix.sub("", text, count=1).strip(_EDGES)
        if shorter == text or not shorter:
            break
        text = shorter
    return text


def clean_name(piece: str, declared: bool = False) -> str | None:
    """One name without what does not belong to it; None when nothing name-like is left. `declared` as in `split_names`."""
    name = _prepare(piece).replace("\n", " ").replace("\t", " ")
    dated = lists().calendar.sub("", _DATE.sub("", name)).strip(_EDGES)
    name = lists().day_word.sub("", dated) if dated != name else name
    name = _after_preposition(_drop_lead(_strip_prefix(name)))
    if len(name.split()) > 1 or (not declared and lists().stop.match(name)):
        name = lists().stop.sub("", name).strip(_EDGES)
    name = _drop_titles(_drop_place(_drop_roles(name))).strip(_EDGES + "()")
    name = " ".join(name.split())
    if not 2 <= len(name) <= NAME_MAX or name.lower() in lists().nothing or lists().prefix.fullmatch(name + ":"):
        return None
    if name[0].isdigit() and not declared:
        return None
    letters = len(_LETTER.findall(name))
    if letters < 2 or letters < len(name) * 0.55:
        return None
    words = name.split()
    if len(words) > 8 or (
        len(words) > 5 and not is_organisation(name) and not any(one.lower() in lists().particles for one in words)
    ):
        return None
    if len(words) == 1 and not declared and not _cased(name) and not _UNCASED.search(name):
        return None
    return name


def _after_preposition(name: str) -> str:
    """ "capital von Jemima Kelly", "Reviewed by Ann Lee": small words before the preposition are no name."""
    match = lists().middle.match(name)
    return name[match.end() :] if match and not match[1].istitle() else name


def looks_like_people(found: list[str]) -> bool:
    """Whether every name has two to five words with capitals (or a script without them): for places that only look like bylines."""
    for name in found:
        words = name.split()
        if _CJK.search(name) and 2 <= len(name) <= 6:
            continue
        if is_organisation(name) or not 2 <= len(words) <= 5:
            return False
        if not _UNCASED.search(name) and not all(_cased(word) or word.lower() in lists().particles for word in words):
            return False
    return bool(found)


def is_label(text: str) -> bool:
    """Whether `text` is nothing but the opening of a byline."""
    found = lists().opening.match(text.strip(" \u00a0-–—([（【"))
    return found is not None and found.end() >= len(text.strip())


def opens_like_byline(text: str) -> bool:
    """Whether `text` begins with "By", "Autor:" and their kin, white space and a dash before them left aside."""
    return bool(lists().opening.match(text[:500].lstrip(" \t\r\n\u00a0-–—([（【")[:40]))


def _drop_titles(name: str) -> str:
    words = name.split()
    while len(words) > 2 and words[0].lower() in lists().titles and words[0] != "M.":
        words = words[1:]
    if len(words) == 2 and words[0].lower() in lists().titles and words[0].endswith("."):
        words = words[1:]
    return " ".join(words)


def _drop_lead(name: str) -> str:
    """ "unserem Korrespondenten in Moskau Anna Berg": what stands before a name and is no part of it goes; "" for nothing but roles.

    A role in capitals needs "our" before it: "Science Lee" is a name, as far as anyone can tell.
    """
    found = name.split()
    told = [word.strip(".,") for word in same(name).split()]
    if len(told) != len(found) or not found or (told[0] not in lists().beside_roles and told[0] not in lists().roles):
        return name
    opening = next((place for place, word in enumerate(told) if word not in lists().beside_roles), len(told))
    end = next(
        (at for at, word in enumerate(told) if word not in lists().roles and word not in lists().beside_roles),
        len(told),
    )
    uncased = bool(_UNCASED.search(found[0]))
    if is_organisation(" ".join(found[:end])):
        return name
    if end == len(told):
        lone = len(told) == 1 and (told[0] in lists().surname_roles or (opening and not uncased))
        return name if lone else ""
    if end == opening or (not opening and not uncased and found[0][0].isupper()):
        return name
    rest = found[end:]
    for size in (2, 3):
        if lists().from_place.match(" ".join(rest[:size])) and is_place(" ".join(rest[:size])):
            rest = rest[size:]
            break
    return " ".join(rest) if len(rest) != 1 else name


def _drop_place(name: str) -> str:
    """ "Ana Ruiz desde Madrid": a place after a full name and a small word goes."""
    found = name.split()
    for size in (1, 2):
        cut = len(found) - size - 1
        if cut >= 2 and found[cut] in lists().place_words and is_place(" ".join(found[cut + 1 :])):
            return " ".join(found[:cut])
    return name


def _drop_roles(name: str) -> str:
    """Trailing lower-case or role words after two name words ("Ann Lee political reporter") go; a name of roles only stays."""
    words = name.split()
    if len(words) < 3 or _UNCASED.search(name):
        return name
    for place in range(2, len(words)):
        if words[place].lower().strip(".,") in lists().roles and not any(
            is_organisation(word) for word in words[:place]
        ):
            return " ".join(words[:place])
    return name


def has_role(text: str) -> bool:
    """Whether a piece of a byline is a role ("Science Editor", "Washington correspondent") and not a name ("Bob Head")."""
    words = [word.strip(".,()") for word in same(text).split()]
    roles = [word for word in words if word in lists().roles]
    return len(roles) == len(words) or any(word not in lists().surname_roles for word in roles)


def is_organisation(name: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether a name is a desk, an agency or a company rather than a person. `known`: folded names of publisher and site."""
    told = same(name)
    words = [word.strip(".,()'’\"") for word in told.split()]
    if not words:
        return False
    if any(word in lists().organisations for word in words):
        return True
    if fold_name(told) in lists().agencies or lists().agency.search(told):
        return True
    if any(
        word.lower().strip(".,()") in lists().acronyms and (word.isupper() or word.islower()) for word in name.split()
    ):
        return True
    if is_publisher(name, known):
        return True
    if len(words) == 1:
        return bool(_DOMAIN.search(name.lower())) or (
            name.isupper() and 2 <= len(name) <= 5 and not _UNCASED.search(name)
        )
    return bool(_DOMAIN.search(name.lower()))


def is_publisher(name: str, known: frozenset[str]) -> bool:
    """Whether `name` is a known one, or a short one built on it ("Gull Radio" of the Gull)."""
    if fold_name(name) in known:
        return True
    found = name.split()
    return 0 < len(found) < 4 and (
        fold_name(found[0]) in known or any(word.isupper() and fold_name(word) in known for word in found)
    )


def kind_of(name: str, declared: Kind | None, known: frozenset[str]) -> Kind:
    """`organization` where the name says so; else what was declared; else `person`."""
    if declared == "person" and fold_name(name) not in known and _bears_surname(name):
        return "person"
    if is_organisation(name, known):
        return "organization"
    return declared or "person"


def _bears_surname(name: str) -> bool:
    """ "Emily Post", "Frank B. Press": a first name before a surname that papers and agencies bear as well."""
    found = name.split()
    if len(found) == 3 and len(found[1].rstrip(".")) == 1:
        del found[1]
    return (
        len(found) == 2
        and all(word.istitle() for word in found)
        and found[1].lower() in lists().surnames
        and found[0].lower() in lists().given
    )


def _cased(word: str) -> bool:
    return bool(word) and word[0].isupper()
