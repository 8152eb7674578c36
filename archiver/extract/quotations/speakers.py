"""Who says a quotation: the name beside a word of saying, near the marks.

Belongs here: which text around the marks may name a speaker, and reading a name where grammar puts it in languages that write
names with capitals: "said NAME", "NAME said", "according to NAME". Other languages are read by `subjects`. A pronoun, a bare
role or an unclear subject gives None: nothing is guessed. The words are read by `saying`.
"""

from __future__ import annotations

import re

from archiver.extract.quotations.saying import NAME, NAME_WORD, NAME_WORDS_MAX, PARTICLE, Words, known, words_of
from archiver.extract.quotations.subjects import subject_first, verb_first
from archiver.models.article import Speaker

REACH = 240
"""Characters before and after the marks that are looked at."""

_END = re.compile(r"[.!?…؟۔](?:[\s”\"»’)]|$)")
_BIDI = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SECOND_NAME = re.compile(rf"\s+((?:[a-zà-ÿа-яё-]+\s+){{1,3}})(?P<name>{NAME})")
_LINKS = frozenset(
    ["in", "on", "at", "of", "during", "to", "and", "or", "as", "from", "for", "with", "by", "after", "before", "when", "while", "who", "about", "via", "during", "through", "that", "over", "since", "if", "but", "then", "than", "into", "im", "in", "am", "auf", "bei", "und", "oder", "nach", "vor", "mit", "zu", "zur", "über", "als", "dem", "der", "den", "die", "das", "von", "vom", "gegenüber", "an", "en", "dans", "sur", "à", "au", "aux", "et", "ou", "lors", "après", "avant", "avec", "de", "du", "des", "le", "la", "les", "el", "los", "las", "del", "al", "y", "o", "con", "por", "para", "durante", "tras", "ante", "sobre", "a", "nel", "nella", "su", "alla", "allo", "ai", "con", "e", "o", "dopo", "durante", "per", "di", "da", "dal", "в", "на", "и", "по", "во", "с", "при", "для", "от", "к"]
)  # fmt: skip
_FORMS = frozenset(("mr", "mrs", "ms", "dr", "herr", "frau", "m", "mme", "don", "doña", "prof"))
_APPOSED = re.compile(rf"{NAME_WORD}(?:\s+(?:{PARTICLE}\s+)?{NAME_WORD}){{1,3}}")
_ELIDED = re.compile(r"^[LDQldq][’'][a-zà-ÿ]")
_INITIAL = re.compile(r"^(?:[A-ZÄÖÜ]\.|[A-Z][a-z]?\.)$")


def find_speaker(before: str, exact: str, after: str, language: str | None, previous: str = "") -> Speaker | None:
    """The named speaker of a quotation, or None. `before` and `after` are the rest of its paragraph, `previous` the one before
    when the quotation opens its paragraph; a lead-in there counts only when it ends with a colon."""
    words = words_of(known(language))
    head = _BIDI.sub("", before[-REACH:])
    tail = _sentence_start(_BIDI.sub("", after[:REACH]))
    lead = _last_sentence(head)
    if not head.strip() and previous.rstrip().endswith((":", "：")):
        lead = _last_sentence(_BIDI.sub("", previous[-REACH:]))
    if words.order == "capitals":
        return _by_capitals(words, lead, exact, tail)
    if words.order == "verb-first":
        return verb_first(words, lead) or verb_first(words, tail)
    return subject_first(words, lead, closing=False) or subject_first(words, tail, closing=True)


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


def _by_capitals(words: Words, lead: str, exact: str, tail: str) -> Speaker | None:
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


def _beside(words: Words, match: re.Match[str], rest: str) -> Speaker | None:
    return _speaker(words, match["name"], rest, match["small"])


def _speaker(words: Words, raw: str, rest: str, small: str = "") -> Speaker | None:
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


def _modified(words: Words, match: re.Match[str], text: str) -> Speaker | None:
    """`said NAME`, where "said Kyiv resident Svitlana Onop" names the second capitalised group."""
    rest = text[match.end("name") :]
    second = _SECOND_NAME.match(rest)
    if second and not any(word.lower() in _LINKS for word in second[1].split()):
        found = _speaker(words, second["name"], rest[second.end() :])
        if found is None:
            return None
        return Speaker(name=found.name, description=found.description or f"{match['name']} {second[1]}".strip())
    return _speaker(words, match["name"], rest, match["small"])
