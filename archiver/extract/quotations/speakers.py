"""Who says a quotation: the name beside a word of saying, near the marks.

Belongs here: reading a name where grammar puts it: "said NAME", "NAME said", "according to NAME" for languages that write
names with capitals; the subject before the verb for Persian, Dari, Pashto and Urdu; after it for Arabic. A pronoun, a bare
role or an unclear subject gives None: nothing is guessed. The words are data (`data/saying.toml`).
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from archiver.models.article import Speaker

REACH = 240
"""Characters before and after the marks that are looked at."""
NAME_WORDS_MAX = 7

_END = re.compile(r"[.!?…؟۔](?:[\s”\"»’)]|$)")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_NAME_WORD = r"(?:[^\W\d_a-zà-ÿа-я](?:[\w’'.-]|·)*)"
_PARTICLE = r"(?:von der|von dem|van der|van den|van de|de la|de los|de las|del|della|di|da|dos?|das|du|de|von|van|zur?|bin|ibn|al|el|la|le|of|for|ter|ten|y|e)"
NAME = rf"(?:(?:(?:Von|Van) (?:der|den|de) |De la )?{_NAME_WORD}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_NAME_WORD}){{0,6}})"
_SECOND_NAME = re.compile(rf"\s+((?:[a-zà-ÿа-яё-]+\s+){{1,3}})(?P<name>{NAME})")
_LINKS = frozenset(
    ["in", "on", "at", "of", "during", "to", "and", "or", "as", "from", "for", "with", "by", "after", "before", "when", "while", "who", "about", "via", "during", "through", "that", "over", "since", "if", "but", "then", "than", "into", "im", "in", "am", "auf", "bei", "und", "oder", "nach", "vor", "mit", "zu", "zur", "über", "als", "dem", "der", "den", "die", "das", "von", "vom", "gegenüber", "an", "en", "dans", "sur", "à", "au", "aux", "et", "ou", "lors", "après", "avant", "avec", "de", "du", "des", "le", "la", "les", "el", "los", "las", "del", "al", "y", "o", "con", "por", "para", "durante", "tras", "ante", "sobre", "a", "nel", "nella", "su", "alla", "allo", "ai", "con", "e", "o", "dopo", "durante", "per", "di", "da", "dal", "в", "на", "и", "по", "во", "с", "при", "для", "от", "к"]
)  # fmt: skip
_FORMS = frozenset(("mr", "mrs", "ms", "dr", "herr", "frau", "m", "mme", "don", "doña", "prof"))
_PLACED = "on|in|at|to|via|during|auf|im|am|bei|gegenüber|über|sur|dans|à|lors|en|a|al|su|sul|nel|durante|в|на|во|через"
"""Words that begin where and to whom something was said: "wrote Lee on X: …"."""
_APPOSED = re.compile(rf"{_NAME_WORD}(?:\s+(?:{_PARTICLE}\s+)?{_NAME_WORD}){{1,3}}")
_THIS = re.compile(r"^[\s؛،.]*(?:این|ین)\s+(?:را|مطلب را|سخن را|جمله را|سخنان را)\s+")
"""Persian puts "this" before the subject when the quotation comes first: «…»؛ این را NAME گفت."""
_ELIDED = re.compile(r"^[LDQldq][’'][a-zà-ÿ]")
_INITIAL = re.compile(r"^(?:[A-ZÄÖÜ]\.|[A-Z][a-z]?\.)$")


class _Words(NamedTuple):
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

    def is_role(self, word: str) -> bool:
        """Whether a word is a title; in German also as the end of a compound ("Gemeindepräsidentin")."""
        bare = word.lower().strip(".,’'")
        if bare in self.roles or bare.rsplit("-", 1)[-1] in self.roles:
            return True
        return self.nouns_have_capitals and any(len(role) > 4 and bare.endswith(role) for role in self.roles)


def find_speaker(before: str, exact: str, after: str, language: str | None, previous: str = "") -> Speaker | None:
    """The named speaker of a quotation, or None. `before` and `after` are the rest of its paragraph, `previous` the one before
    when the quotation opens its paragraph; a lead-in there counts only when it ends with a colon."""
    words = _words(_known(language))
    head = _BIDI.sub("", before[-REACH:])
    tail = _sentence_start(_BIDI.sub("", after[:REACH]))
    lead = _last_sentence(head)
    if not head.strip() and previous.rstrip().endswith((":", "：")):
        lead = _last_sentence(_BIDI.sub("", previous[-REACH:]))
    if words.order == "capitals":
        return _by_capitals(words, lead, exact, tail)
    if words.order == "verb-first":
        return _verb_first(words, lead) or _verb_first(words, tail)
    return _subject_first(words, lead, closing=False) or _subject_first(words, tail, closing=True)


def _last_sentence(text: str) -> str:
    """What stands between the last full stop and the opening mark; initials ("J. Smith") end no sentence."""
    text = text.rstrip()
    if text[-1:] in tuple(".!?…؟۔"):
        return ""  # the sentence before is over: whoever spoke there need not speak here
    start = 0
    for match in _END.finditer(text):
        word = text[: match.start() + 1].rsplit(None, 1)[-1] if text[: match.start() + 1].split() else ""
        if not _INITIAL.match(word) and word not in _TITLES and match.end() < len(text):
            start = match.end()
    return text[start:].strip()


def _sentence_start(text: str) -> str:
    """What follows the closing mark up to the end of its sentence, and nothing of the next."""
    text = text.lstrip(" \u00a0")
    for match in _END.finditer(text):
        word = text[: match.start() + 1].rsplit(None, 1)[-1] if text[: match.start() + 1].split() else ""
        if not _INITIAL.match(word) and word not in _TITLES:
            return text[: match.start()]
    return text


_TITLES = frozenset(
    (
        "Mr.",
        "Mrs.",
        "Ms.",
        "Dr.",
        "Prof.",
        "Sen.",
        "Rep.",
        "Gov.",
        "Gen.",
        "Lt.",
        "Col.",
        "Sgt.",
        "St.",
        "Jr.",
        "Sr.",
        "M.",
        "Mme.",
        "Sr.",
        "Sra.",
    )
)


def _by_capitals(words: _Words, lead: str, exact: str, tail: str) -> Speaker | None:
    """Order: what follows the marks ("…," said X), then what leads in (X said: "…), then "according to X" on either side."""
    assert words.said_name and words.name_said and words.before and words.according
    if words.pronoun_said and words.pronoun_said.match(tail):
        return None
    ended = exact.rstrip()[-1:] in tuple(",.!?…") or tail[:1] in tuple(",;–—-") or not lead
    if ended:
        if (match := words.said_name.match(tail)) and (speaker := _modified(words, match, tail)):
            return speaker
        if (match := words.name_said.match(tail)) and (speaker := _beside(words, match, match["rest"] or "")):
            return speaker
    match = words.according.search(tail[:160])
    if match and match.start() < 12 and (speaker := _beside(words, match, tail[match.end("name") :])):
        return speaker
    if (match := words.before.search(lead)) and (speaker := _beside(words, match, match["rest"] or "")):
        return speaker
    if (
        words.after
        and (match := words.after.search(lead))
        and (speaker := _beside(words, match, lead[match.end("name") :]))
    ):
        return speaker
    if match := words.according.search(lead):
        return _beside(words, match, lead[match.end("name") :])
    return None


def _beside(words: _Words, match: re.Match[str], rest: str) -> Speaker | None:
    return _speaker(words, match["name"], rest, match["small"])


def _speaker(words: _Words, raw: str, rest: str, small: str = "") -> Speaker | None:
    """The name without leading articles and roles, with what stands in apposition; None for pronouns and bare roles."""
    parts = raw.strip(" ,;:").split()
    while parts and parts[-1].lower() in words.nobody:
        parts.pop()
    while parts and parts[0].lower() in words.nobody:
        parts.pop(0)
    # "Indian Defense Minister Rajnath Singh": the name begins after the last title.
    title = max((place for place, part in enumerate(parts[:-1]) if words.is_role(part)), default=-1)
    taken, parts = parts[: title + 1], parts[title + 1 :]
    described = re.match(r",\s+([^,.;:“”\"«»„]{3,120}?)(?:,|$|\.|;)", rest)
    if described and _APPOSED.fullmatch(described[1]) and (small or taken) and not taken[2:]:
        # "El presidente del Gobierno, Pedro Sánchez, dijo": the name is the apposition.
        return Speaker(name=described[1], description=" ".join([*small.split(), *raw.split()]) or None)
    before = small.split()
    if before and not taken and words.nouns_have_capitals and len(parts) == 3:
        taken, parts = parts[:1], parts[1:]  # "der deutsche Radprofi Karl Groß": article, noun, first name, surname
    if before and not taken and not words.is_role(before[-1]) and (len(parts) == 1 or words.nouns_have_capitals):
        return None  # "the fan", "la ONG", "der Tessiner Ständerat": a common noun or half a description, not a name
    if not parts or len(parts) > NAME_WORDS_MAX or words.is_role(parts[-1]):
        return None
    name = " ".join(parts)
    if name.endswith("."):
        name = name if _INITIAL.match(parts[-1]) or parts[-1] in _TITLES else name.rstrip(".")
    if name.endswith(("’s", "'s")) or _ELIDED.match(name):
        return None
    if sum(char.isalpha() for char in name) < 2:
        return None
    shown = " ".join(
        word
        for word in [*(before if before and words.is_role(before[-1]) else []), *taken]
        if word.lower().strip(".") not in _FORMS
    )
    description = described[1].strip() if described else shown
    return Speaker(name=name, description=description or None)


def _modified(words: _Words, match: re.Match[str], text: str) -> Speaker | None:
    """`said NAME`, where "said Kyiv resident Svitlana Onop" names the second capitalised group."""
    rest = text[match.end("name") :]
    second = _SECOND_NAME.match(rest)
    if second and not any(word.lower() in _LINKS for word in second[1].split()):
        found = _speaker(words, second["name"], rest[second.end() :])
        if found is None:
            return None
        return Speaker(name=found.name, description=found.description or f"{match['name']} {second[1]}".strip())
    return _speaker(words, match["name"], rest, match["small"])


def _subject_first(words: _Words, text: str, *, closing: bool) -> Speaker | None:
    """Persian, Dari, Pashto, Urdu: the subject opens the sentence and ends at the first particle, comma or verb."""
    if not text:
        return None
    if words.according and (match := words.according.search(text)):
        return _bounded(words, text[match.end() :], None)
    text = _THIS.sub("", text) if closing else text
    verb = words.verbs.search(text)
    if verb is None or (not closing and len(text) - verb.end() > 90):
        return None
    return _bounded(words, text[: verb.start()].lstrip("،,؛- –—"), verb)


def _verb_first(words: _Words, text: str) -> Speaker | None:
    """Arabic: the subject follows the verb and ends at the first preposition, comma or colon."""
    if not text:
        return None
    if words.according and (match := words.according.search(text)):
        return _bounded(words, text[match.end() :], None)
    verb = words.verbs.search(text)
    return _bounded(words, text[verb.end() :], verb) if verb else None


def _bounded(words: _Words, text: str, verb: re.Match[str] | None) -> Speaker | None:
    """The subject at the start of `text`: up to the first word or mark that cannot belong to it, less titles."""
    text = text.strip()
    bound = words.bounds.search(text)
    subject = (text[: bound.start()] if bound else text).strip(" ،,:؛-–—")
    apposed = None
    if bound and bound[0].strip() in ("،", ","):
        described = re.match(r"([^،,.؛:]{3,100})[،,]", text[bound.end() :])
        apposed = described[1].strip() if described else None
    parts = subject.split()
    if not parts or parts[0] in words.nobody or any(char in subject for char in '«»“”"!?؟'):
        return None
    if parts[0] in words.heads:
        return _headed(words, parts, apposed)
    title = max((place for place, part in enumerate(parts[:-1]) if part in words.roles), default=-1)
    taken, parts = parts[: title + 1], parts[title + 1 :]
    if len(parts) > NAME_WORDS_MAX or parts[-1] in words.roles:
        return None
    return Speaker(name=" ".join(parts), description=apposed or " ".join(taken) or None)


def _headed(words: _Words, parts: list[str], apposed: str | None) -> Speaker | None:
    """A subject that opens with an office ("spokesman of ..."): its name stands in apposition, or, in Arabic, after the
    office's definite words ("وزير الخارجية التركي NAME"); without either nobody is named."""
    if apposed and 1 < len(apposed.split()) <= 4 and apposed.split()[0] not in words.heads:
        return Speaker(name=apposed, description=" ".join(parts))
    if words.order != "verb-first":
        return None
    after = 1
    while after < len(parts) and parts[after].startswith("ال"):
        after += 1
    if (after == 1 and not parts[0].startswith("ال")) or not 1 < len(parts) - after <= 4:
        return None
    if parts[after] in words.nobody:
        return None
    return Speaker(name=" ".join(parts[after:]), description=" ".join(parts[:after]))


def _known(language: str | None) -> str:
    primary = (language or "").lower().replace("_", "-").split("-")[0]
    primary = {"prs": "fa", "pus": "ps", "tg": "fa"}.get(primary, primary)
    return primary if primary in _raw() else "any"


@lru_cache(maxsize=1)
def _raw() -> dict[str, Any]:
    return tomllib.loads((files("archiver.extract") / "data" / "saying.toml").read_text(encoding="utf-8"))


@lru_cache(maxsize=32)
def _words(language: str) -> _Words:
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
        return _Words(
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
        )
    auxiliary = rf"(?:(?:{_either(table['auxiliaries'])})\s+){{0,2}}" if table.get("auxiliaries") else ""
    say = rf"(?i:{auxiliary}(?:{verbs}))"
    # In German a comma before the verb ends a clause: "Auf die Frage, wie es war, sagte er".
    described = r"(?P<rest>(?!))?" if language == "de" else r"(?P<rest>,\s+[^,.;:“”\"«»]{3,120},)?"
    small = r"(?P<small>(?:(?i:the|der|die|das|el|la|los|le|les|il|lo|un|une|una|ein|eine)\s+)?(?:[a-zà-ÿа-яё’'-]+\s+){0,3})"
    that = rf"(?:\s+(?:{_either(table['that'])}))?" if table.get("that") else ""
    return _Words(
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


def _either(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))
