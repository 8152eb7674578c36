"""Who says a quotation, where no capitals mark names: the subject before the verb (Persian, Dari, Pashto, Urdu) or after it (Arabic).

Belongs here: where a subject begins and ends, and which of its words are an office. Words are data (`data/saying.toml`). An
office without a name, a pronoun or an unclear subject gives None: nothing is guessed.
"""

from __future__ import annotations

import re

from archiver.extract.quotations.saying import NAME_WORDS_MAX, Words
from archiver.models.article import Speaker

_THIS = re.compile(r"^[\s؛،.]*(?:این|ین)\s+(?:را|مطلب را|سخن را|جمله را|سخنان را)\s+")
"""Persian puts "this" before the subject when the quotation comes first: «…»؛ این را NAME گفت."""


_HARAKAT = re.compile("[\u064b-\u0652\u0670]")
CLOSE = 90
"""Characters that may stand between the words of saying and the marks that follow."""
AND = "و"


def subject_first(words: Words, text: str, *, closing: bool) -> Speaker | None:
    """Persian, Dari, Pashto, Urdu: the subject opens the sentence and ends at the first particle, comma or verb."""
    if not text:
        return None
    if words.according and (match := words.according.search(text)):
        return _bounded(words, text[match.end() :], None)
    text = _THIS.sub("", text) if closing else text
    verb = words.verbs.search(text)
    behind = words.behind.search(text) if words.behind else None
    if behind and not (verb and behind.end() <= verb.start()):
        far = behind.start() > CLOSE if closing else len(text) - behind.end() > CLOSE
        return None if far else _before(words, text[: behind.start()])
    if verb is None or (not closing and len(text) - verb.end() > CLOSE):
        return None
    subject = text[behind.end() if behind else 0 : verb.start()]
    return _bounded(words, subject.lstrip("،,؛- –—"), verb)


def verb_first(words: Words, text: str) -> Speaker | None:
    """Arabic: the subject follows the verb and ends at the first preposition, comma or colon."""
    if not text:
        return None
    if words.relayed and (match := words.relayed.search(text)):
        return _bounded(words, match["name"], None) if len(text) - match.end() <= CLOSE else None
    if words.according and (match := words.according.search(text)):
        return _bounded(words, text[match.end() :], None)
    verb = words.verbs.search(text)
    return _bounded(words, text[verb.end() :], verb) if verb else None


def _before(words: Words, text: str) -> Speaker | None:
    """The name that ends `text`, before "according to": from the last word or mark that cannot belong to it."""
    for bound in words.bounds.finditer(text):
        if text[bound.end() :].strip():
            start = bound.end()
            text = " " * start + text[start:]
    parts = text.strip(" ،,:؛-–—").split()
    opened = bool(words.genitive) and parts[:1] == [words.genitive]
    if words.genitive and not opened:
        return None
    parts = parts[1:] if opened else parts
    if not parts or parts[0] in words.nobody or parts[-1] in words.nobody or _quotes(" ".join(parts)):
        return None
    end = _office_end(words, parts)
    if any(part in words.possessive for part in parts[end:]) or not 0 < len(parts) - end <= NAME_WORDS_MAX:
        return None
    if opened and (end or parts[-1] in words.institutions):
        parts, end = [words.genitive, *parts], end + 1 if end else 0
    return Speaker(name=" ".join(parts[end:]), description=" ".join(parts[:end]) or None)


def _bounded(words: Words, text: str, verb: re.Match[str] | None) -> Speaker | None:
    """The subject at the start of `text`: up to the first word or mark that cannot belong to it, less titles."""
    text = text.strip()
    bound = words.bounds.search(text)
    subject = (text[: bound.start()] if bound else text).strip(" ،,:؛-–—")
    apposed = None
    if bound and bound[0].strip() in ("،", ","):
        described = re.match(r"([^،,.؛:]{3,100})[،,]", text[bound.end() :])
        apposed = described[1].strip() if described else None
    if bound and words.addressed and bound[0].strip() == words.to:
        addressee = words.addressed.search(subject)
        subject = subject[: addressee.start()] if addressee else ""  # whose name ends where is not told
    parts = subject.split()
    if not parts or parts[0] in words.nobody or _quotes(subject):
        return None
    if parts[0] in words.heads:
        return _headed(words, parts, apposed)
    end = _office_end(words, parts)
    taken, parts = parts[:end], parts[end:]
    if not 0 < len(parts) <= NAME_WORDS_MAX:
        return None
    behind = _office_start(words, parts, 1 if taken else 2)
    if behind:
        taken, parts = [*taken, *parts[behind:]], parts[:behind]
    return Speaker(name=" ".join(parts), description=apposed or " ".join(taken) or None)


def _quotes(subject: str) -> bool:
    return any(char in subject for char in '«»“”"!?؟')


def _office_end(words: Words, parts: list[str]) -> int:
    """How many words lead up to the name: those up to the last title, and what it is the title of."""
    end = 0
    bare = [_HARAKAT.sub("", part) for part in parts]
    for place, part in enumerate(bare):
        if part in words.roles or (place and f"{bare[place - 1]} {part}" in words.roles):
            end = place + 1
    while 0 < end < len(bare) and bare[end] in words.complements:
        end += 1
    return end


def _office_start(words: Words, parts: list[str], least: int) -> int | None:
    """Where an office begins that stands behind the name without a comma ("NAME وزیر امور خارجه")."""
    if parts[0] in words.institutions:
        return None
    place = next((number for number, part in enumerate(parts) if part in words.heads), None)
    return place if place is not None and least <= place <= 4 and AND not in parts[:place] else None


def _headed(words: Words, parts: list[str], apposed: str | None) -> Speaker | None:
    """A subject that opens with an office ("spokesman of ..."): its name stands in apposition, or after the words that the office
    is made of: known ones, in Arabic also definite ones ("وزير الخارجية التركي NAME"). Without either nobody is named."""
    if apposed and 1 < len(apposed.split()) <= 4 and apposed.split()[0] not in words.heads:
        return Speaker(name=apposed, description=" ".join(parts))
    arabic = words.order == "verb-first"
    after = 1
    while after < len(parts) and (
        parts[after] in words.complements or (parts[after].startswith("ال") if arabic else parts[after] in words.heads)
    ):
        after += 1
    whole = parts[0].startswith("ال") if arabic else parts[0] in words.whole
    if (after == 1 and not whole) or not 1 < len(parts) - after <= 4:
        return None
    rest = parts[after:]
    if any(part in words.nobody or (not arabic and (part in words.complements or part == AND)) for part in rest):
        return None
    return Speaker(name=" ".join(rest), description=" ".join(parts[:after]))
