"""Who speaks: the person or organisation beside the verb of a sentence, with pronouns and short names led back to full ones.

Belongs here: names in sentences. Two ways, by the cue file: languages with capitals are read from the verb outwards; in the
others the frame itself says where the speaker stands (`{who}`).
"""

from __future__ import annotations

import re

from archiver.citations.cues import Cues
from archiver.citations.folding import folded
from archiver.citations.marks import MASK
from archiver.citations.names import OUTER, RUN, Names, is_capital, trimmed
from archiver.models.article import CitationSpeaker

NAME_MAX = 12
"""Words of a printed speaker that are kept."""

_TOKEN = re.compile(rf"[^\s{MASK}]+|{MASK}+")
_PARTICLES = frozenset(
    ("de", "da", "di", "del", "della", "der", "den", "van", "von", "zu", "zur", "bin", "ibn", "al", "el", "la", "le", "ter", "of", "the", "for",
     "and", "du", "dos", "das")
)  # fmt: skip
_OPENING = frozenset('“«"„‘')
_PARENTHESIS = re.compile(r"\([^()]{1,60}\)")
_TITLE = re.compile(r"[“«\"„‘][^“”«»\"„‘’]{1,40}[”»\"“’]")


_ACCOUNT = re.compile(r"\s*\(@[\w.-]+\)?")
"""The account that is printed behind a name."""


def by_capitals(hidden: str, verb: tuple[int, int] | None, cue: int, cues: Cues) -> tuple[str, str] | None:
    """(name, form) of the speaker in one sentence (quotations masked): form is `name`, `phrase` or `pronoun`; None without one.

    `verb` is the place of the verb of speech, `cue` that of the cue. Without a verb the name nearest before the cue counts.
    """
    text = _PARENTHESIS.sub(lambda match: " " * len(match[0]), cues.name.sub(lambda match: "~" * len(match[0]), hidden))
    text = _TITLE.sub(lambda match: MASK * len(match[0]), text)
    if verb is None:
        return _nearest(text[:cue], cues) or _by(text, cues)
    before, after = (part.replace("—", " , ").replace("–", " , ") for part in (text[: verb[0]], text[verb[1] :]))
    if before.rstrip()[-1:] in (",", MASK) and (right := _right(after, cues)) is not None:
        return right
    found = _left(before, cues) or _right(after, cues) or _by(text, cues)
    if found and found[1] == "phrase" and cues.post and cues.post.search(found[0].split()[-1]):
        # "a message" wrote nothing: its owner did, or whoever stands before it
        return _owner(found[0]) or _nearest(text[:cue], cues) or _behind(after, cues)
    return found


def _behind(after: str, cues: Cues) -> tuple[str, str] | None:
    """The subject of the main clause behind the place of posting: "In a statement posted on X, Mayor Karimi said"."""
    verbs = {word.lower() for name in ("verb", "speech") for word in cues.written.words.get(name, ())}
    comma = after.find(", ")
    if not 0 <= comma < 80:
        return None
    tokens = _TOKEN.findall(after[comma + 2 :])[: 2 * NAME_MAX]
    at = next((at for at, token in enumerate(tokens) if _bare(token).lower() in verbs), None)
    return _left(" ".join(tokens[:at]), cues) if at else None


def _by(text: str, cues: Cues) -> tuple[str, str] | None:
    """The author who is named behind the post: "reads a post on X by the engineer Tom Abara"."""
    if not cues.speaker.by or cues.post is None:
        return None
    lead = "|".join(map(re.escape, cues.speaker.by))
    found = re.search(rf"(?i:{cues.post.pattern})(?:\s+[^\s,;{MASK}]+){{0,6}}?\s+(?:{lead})\s+", text)
    return _right(text[found.end() :], cues) if found else None


def _owner(phrase: str) -> tuple[str, str] | None:
    """Whose post it is: "The minister" of "The minister's tweet"."""
    owned = re.match(r"(.+?)['’]s? \w+$", phrase)
    return (
        (owned[1], "name" if owned[1][:1].isupper() and not owned[1].startswith("The ") else "phrase")
        if owned
        else None
    )


def _nearest(before: str, cues: Cues) -> tuple[str, str] | None:
    words = [_bare(token) for token in _TOKEN.findall(before) if token[0] != MASK]
    run = _capital_run(words, cues)
    return (" ".join(words[run[0] : run[1]]), "name") if run else None


def _left(before: str, cues: Cues) -> tuple[str, str] | None:
    """The subject that ends right before the verb."""
    clause = {word.lower() for word in cues.speaker.clause}
    between = {word.lower() for word in cues.speaker.between}
    pronouns = {word.lower() for word in cues.speaker.pronouns}
    whole = _TOKEN.findall(before)
    tokens = list(whole)
    while tokens and _bare(tokens[-1]).lower() in between:
        tokens.pop()
    apposed = any(token.endswith(",") for token in whole[len(tokens) :])
    if tokens and apposed and not tokens[-1].endswith(",") and (outer := _before_apposition(whole)):
        tokens = outer  # "The minister, posting to her account on Sunday, said"
    if not tokens or tokens[-1][0] == MASK:
        return None
    if tokens[-1].endswith(","):
        tokens = _before_apposition(tokens)
        if not tokens:
            return None
    last = _bare(tokens[-1])
    if last.lower() in pronouns:
        return _after_who(tokens, last, cues) if last.lower() == "who" else (last, "pronoun")
    if last.lower() in clause:
        return None
    return _phrase(tokens, clause, cues)


def _after_who(tokens: list[str], last: str, cues: Cues) -> tuple[str, str]:
    rest = " ".join(tokens[:-1])
    return _left(rest.rstrip(","), cues) or (last, "pronoun")


def _before_apposition(tokens: list[str]) -> list[str]:
    """Tokens without "..., the secretary of state," at their end; [] when the comma ends no apposition."""
    for at in range(len(tokens) - 2, max(-1, len(tokens) - 16), -1):
        if tokens[at][0] == MASK:
            return []
        if tokens[at].endswith(","):
            inner = [_bare(token) for token in tokens[at + 1 :]]
            if len(inner) >= 2 and all(map(is_capital, inner)):
                return inner  # "the policy chief, Kaja Kallas,": the name stands second
            return [token for token in (*tokens[:at], tokens[at].rstrip(",")) if token]
    return []


def _phrase(tokens: list[str], clause: set[str], cues: Cues) -> tuple[str, str] | None:
    """The noun phrase at the end of `tokens`: a name, with its title, or a description such as "the ministry"."""
    taken: list[str] = []
    for token in reversed(tokens):
        bare = _bare(token)
        if token[0] in (MASK, "~") or bare.lower() in clause or len(taken) >= NAME_MAX:
            break
        if taken and token[-1:] in ",;:—–(" and token[-2:] not in (".,",):
            break
        taken.insert(0, bare)
    return _name_in(taken, cues)


def _name_in(words: list[str], cues: Cues) -> tuple[str, str] | None:
    """The speaker among the words of one phrase, read from its end."""
    words = [word for word in words if word]
    if not words or all(word in cues.speaker.no_names for word in words):
        return None
    run = _capital_run(words, cues)
    if run and run[1] == len(words):
        start = run[0]
        if (
            start >= 2
            and words[start - 1].lower() in ("in", "at")
            and words[start - 2].lower() in cues.speaker.organisations
        ):
            outer = _capital_run(words[: start - 1], cues) if is_capital(words[start - 2]) else None
            start = outer[0] if outer else start - 2
            return " ".join(words[start:]), "name"
        if start >= 2 and words[start - 1].lower() in ("at", "of", "from", "for") and words[start - 2].islower():
            described = _from_article(words)
            if len(words) - len(described) <= start - 2 and len(described) < NAME_MAX and described[0].islower():
                return " ".join(described), "phrase"  # "the mayor of Larkhill"
            if words[start - 2].endswith("s"):
                return " ".join(words[start - 2 :]), "phrase"
        return " ".join(words[start:]), "name"
    last = words[-1].lower()
    if last in cues.speaker.organisations and (run or len(words) > 1):
        return " ".join(_from_article(words)), "phrase"
    if run and run[1] < len(words) and re.search(r"['’]s?$", words[run[1] - 1]):
        return " ".join(words[run[0] :]), "phrase"
    if run and run[1] >= len(words) - 2:
        return " ".join(words[run[0] : run[1]]), "name"
    if len(words[-1]) > 3 and any(letter.isdigit() for letter in words[-1]):
        return words[-1], "name"
    return " ".join(_from_article(words)), "phrase"


def _from_article(words: list[str]) -> list[str]:
    """From the article on that begins the phrase: "a spokesman for the union" begins with its first."""
    articles = [at for at, word in enumerate(words) if word.lower() in ("the", "a", "an")]
    if not articles:
        return words[-4:]
    at = articles[-1]
    for outer in reversed(articles[:-1]):
        if at - outer > 4 or words[at - 1].lower() not in ("of", "for", "at", "from"):
            break
        at = outer
    return words[at:]


def _capital_run(words: list[str], cues: Cues) -> tuple[int, int] | None:
    """(start, end) of the last run of capitalised words that can be a name, particles inside it included."""
    no_names = set(cues.speaker.no_names)
    end = next(
        (at + 1 for at in range(len(words) - 1, -1, -1) if is_capital(words[at]) and words[at] not in no_names), None
    )
    if end is None:
        return None
    start = end - 1
    while start > 0:
        if is_capital(words[start - 1]) and words[start - 1] not in no_names:
            start -= 1
        elif (
            words[start - 1].lower() in _PARTICLES
            and start > 1
            and is_capital(words[start - 2])
            and words[start - 2] not in no_names
            and words[start - 1] not in ("and", "the")
        ):
            start -= 2
        else:
            break
    return start, end


def _right(after: str, cues: Cues) -> tuple[str, str] | None:
    """The subject of an inverted clause: "wrote Jeff Bezos on X"."""
    stop = {word.lower() for word in cues.speaker.stop}
    pronouns = {word.lower() for word in cues.speaker.pronouns}
    taken: list[str] = []
    for token in _TOKEN.findall(after)[:NAME_MAX]:
        bare = _bare(token)
        if token[0] == MASK or not bare or bare.lower() in stop:
            break
        if not taken and bare.lower() in pronouns:
            return bare, "pronoun"
        taken.append(bare)
        if token[-1] in ",.;:)":
            break
    if not taken:
        return None
    if not any(is_capital(word) for word in taken):
        last = taken[-1].lower()
        named = taken[0].lower() in ("the", "a", "one") and len(taken) <= 6 and last in cues.speaker.organisations
        return (" ".join(taken), "phrase") if named else None
    run = _capital_run(taken, cues)
    return (" ".join(taken[run[0] : run[1]]), "name") if run else None


def _bare(token: str) -> str:
    word = token.strip(OUTER.replace(".", ""))
    return word if re.search(r"\.\w", word) or len(word) <= 4 else word.rstrip(".")


# -- from what is printed to the person


def settle(found: tuple[str, str] | None, before: list[str], names: Names, cues: Cues) -> CitationSpeaker | None:
    """The speaker as a document shows it. `before` are the sentences before, nearest first, for pronouns and missing subjects."""
    if found is None:
        person = _last_person(before, names, cues)
        return CitationSpeaker(name=person, kind="person") if person else None
    printed, form = found
    if form == "pronoun" or (form == "phrase" and _is_description(printed, cues)):
        person = _last_person(before, names, cues)
        if person:
            return CitationSpeaker(name=person, kind="person", description=None if form == "pronoun" else printed)
        return CitationSpeaker(name=printed, kind=None) if form == "phrase" else None
    if form == "phrase":
        return CitationSpeaker(
            name=re.sub(r"^(?:an?|The) ", lambda m: m[0].lower(), printed), kind=_kind(printed, cues)
        )
    words = printed.split()
    titles = set(cues.speaker.titles)
    bare = trimmed(words, titles) or words
    if cues.language == "de" and len(bare) > 2 and not any(word in _PARTICLES for word in bare):
        bare = bare[-2:]
    name = re.sub(r"['’]s$", "", " ".join(bare))
    if len(bare) == 1 and sum(letter.isupper() for letter in name) < 2:
        name = names.full(name)
    title = " ".join(words[: len(words) - len(bare)]) or None
    return CitationSpeaker(
        name=name, kind=_kind(name, cues) or ("person" if len(name.split()) > 1 else None), description=title
    )


def _kind(name: str, cues: Cues) -> str | None:
    words = [word.lower() for word in name.split()]
    return "organization" if any(word in cues.speaker.organisations for word in words) else None


def _is_description(printed: str, cues: Cues) -> bool:
    """Whether "the singer", "the U.S. secretary of state" stands for somebody named before. An organisation names itself."""
    words = printed.split()
    if len(words) == 1 and words[0].islower() and words[0].isalpha():
        return not _kind(printed, cues)
    if not words or words[0].lower() not in ("the", "der", "die", "das", "el", "la", "le", "il", "lo"):
        return False
    named = re.search(r"\s(?:of|for|at|from)\s+(?:the\s+)?[A-Z]", printed)
    return not _kind(printed, cues) and not named  # "the mayor of Larkhill" is nobody who was named before


def _last_person(before: list[str], names: Names, cues: Cues) -> str | None:
    """The first full name of the nearest sentence that has one, or a single name whose full form the text prints."""
    drop = set(cues.speaker.no_names) | set(cues.speaker.titles)
    for sentence in before[:4]:
        for match in RUN.finditer(sentence):
            words = [_plain_name(word) for word in trimmed(match[0].split(), drop)]
            if (
                not words
                or cues.name.search(match[0])
                or all(len(word) > 2 and word.isupper() for word in words)
                or sentence[match.start() - 1 : match.start()] in _OPENING
            ):
                continue
            if len(words) >= 2:
                return " ".join(words[-2:] if cues.language == "de" and len(words) > 2 else words)
            if names.known(words[0]):
                return names.full(words[0])
    return None


def _plain_name(word: str) -> str:
    return re.sub(r"['’]s$", "", word.strip(OUTER))


def by_order(who: str, cues: Cues, *, last: bool, apposed: bool) -> CitationSpeaker | None:
    """The speaker that a frame's `{who}` caught, without the words that lead in and the markers that end it.

    `last`: it stood at the frame's end, so a clause may follow; else one may lead in. `apposed`: a comma closes it, so that
    "Name, the ministry's spokesman" is a name with its description.
    """
    clause = _folded_set(cues.speaker.clause)
    words = who.split()
    marks = [at for at, word in enumerate(words) if folded(word).strip(OUTER) in clause]
    if marks:
        words = words[: marks[0]] if last else words[marks[-1] + 1 :] or _before_object(words[: marks[-1]], cues)
    segments = [part.split() for part in re.split(r"[,،]\s+", " ".join(words))]
    kept = [stripped for part in segments if (stripped := _stripped(part, cues))]
    if not kept:
        return None
    if len(segments) > len(kept) >= 2 and not _stripped(segments[-1], cues) and not _leads_in(segments[0], cues):
        apposed = True  # "Name, the ministry's spokesman, on Sunday"
    chosen = kept[0] if apposed or last else kept[-1]
    name = _ACCOUNT.sub("", " ".join(chosen)).strip(OUTER + " ")
    plain = folded(name)
    if len(name) < 2 or plain in _folded_set(cues.speaker.pronouns):
        return None
    described = " ".join(" ".join(part) for part in kept[1:]) if apposed and len(kept) > 1 else None
    kind = "organization" if any(word in plain.split() for word in _folded_set(cues.speaker.organisations)) else None
    return CitationSpeaker(name=name, kind=kind, description=described)


def _before_object(words: list[str], cues: Cues) -> list[str]:
    """The name in front of "this sentence", the object that ends a part: what stands before the last word that leads in."""
    skip = _folded_set(cues.speaker.skip)
    starts = [at for at, word in enumerate(words) if at and folded(word).strip(OUTER) in skip]
    return words[: starts[-1]] if starts else []


def _leads_in(words: list[str], cues: Cues) -> bool:
    """Whether a part of the sentence begins with a word that is no part of a name."""
    return bool(words) and folded(words[0]).strip(OUTER) in _folded_set(cues.speaker.skip)


def _stripped(words: list[str], cues: Cues) -> list[str]:
    """Without the words that are no part of a name at both ends."""
    skip = _folded_set(cues.speaker.skip)
    ending = [*cues.speaker.before, *cues.written.words.get("post", [])]
    while words and folded(words[0]).strip(OUTER) in skip:
        words = words[1:]
    while words and _is_one_of(words[-1].strip(OUTER), ending):
        words = words[:-1]
    return words


def _is_one_of(word: str, listed: list[str]) -> bool:
    """Whether a word is a listed one once letters have one form each. A dotted ye at the end is no alif maqsura: the name Ali is not the
    word for "on"."""
    if folded(word) not in _folded_set(listed):
        return False
    return not word.endswith("ي") or any(folded(word) == folded(other) and not other.endswith("ى") for other in listed)


def _folded_set(words: list[str]) -> frozenset[str]:
    return frozenset(folded(word) for word in words)
