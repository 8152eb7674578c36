"""A printed quotation beside a post: how much of it the post holds, what the outlet changed, and the verdict.

Belongs here: normalising, the two coverages, the bands, the word-level difference. Where candidates come from and what is stored is
for the resolver. Every number that decides is a constant here.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Literal

from archiver.citations.cues import all_words

VERBATIM, NEAR, PARAPHRASE = 0.85, 0.55, 0.25
"""Least coverage3 of the three bands."""

PARAPHRASE_WORDS = 0.6
"""Least word_coverage of a paraphrase."""

TOO_CLOSE = 0.1
"""Two best candidates nearer than this, both at least a paraphrase, are ambiguous."""

SHORT = 6
"""A quotation of fewer words is `near` at most, and only with author, time and a single candidate."""

BEFORE, AFTER = timedelta(days=3), timedelta(days=1)
"""The window around the article's publication in which a quoted post is expected."""

WORDS_MAX, DIFF_MAX = 2_000, 600
"""Words of one text that are compared, and of one text whose difference is shown, which costs their square."""

Wording = Literal["verbatim", "near", "altered"]
Kind = Literal["verbatim", "near", "paraphrase", "ambiguous", "none"]
Status = Literal["resolved_text", "candidate_paraphrase", "ambiguous", "unresolved"]
AuthorBasis = Literal["username", "accounts", "site", "wikidata"]

_URL = re.compile(
    r"(?:https?://|www\.)\S+|\b(?:t\.co|pic\.(?:twitter|x)\.com)/\S+|\b(?:[a-z0-9-]+\.)+[a-z]{2,}/\S*", re.IGNORECASE
)
"""Links, as they are and as they are shown; a post and its embed differ in them."""
_DROP = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\u0640\u064b-\u065f\u0670'’‘ʼ´`]")
_LETTERS = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "ٱ": "ا", "ہ": "ه", "ھ": "ه", "ۀ": "ه", "ة": "ه"}
)
_PRINTED = re.compile(r"\S+")
_NOT_WORD = re.compile(r"[^\w]+|_+")
_CUT = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.)\s*\]|\(\s*(?:…|\.\.\.)\s*\)|\[[^\]]{1,80}\]|…|\.\.\.)\s*")


def normalised(text: str) -> str:
    """NFKC without URLs, signs, case, apostrophes and punctuation; letters and digits of Arabic script in one form each."""
    folded = unicodedata.normalize("NFKC", _URL.sub(" ", text)).casefold()
    folded = _DROP.sub("", folded).translate(_LETTERS)
    digits = "".join(
        str(unicodedata.digit(char, char)) if char.isdigit() and not char.isascii() else char for char in folded
    )
    return " ".join(_NOT_WORD.sub(" ", digits).split())


def words(text: str) -> list[str]:
    """The normalised words of a text, the first `WORDS_MAX`."""
    return normalised(text).split()[:WORDS_MAX]


def parts_of(quote: str, parts: Sequence[str] = ()) -> list[list[str]]:
    """The quotation's parts as words: as the article splits it, and further at ellipses and editors' brackets."""
    pieces = [piece for part in (parts or [quote]) for piece in _CUT.split(part)]
    return [found for piece in pieces if (found := words(piece))]


def coverage3(quote: Sequence[Sequence[str]], post: Sequence[str]) -> float:
    """Share of the quotation's distinct word 3-grams that the post holds; 3-grams never cross a part. Shorter parts count whole."""
    wanted = {gram for part in quote for gram in _grams(part, 3)}
    if not wanted:
        return 0.0
    sizes = {len(gram) for gram in wanted}
    held = {gram for size in sizes for gram in _grams(post, size)}
    return len(wanted & held) / len(wanted)


def word_coverage(quote: Sequence[Sequence[str]], post: Sequence[str]) -> float:
    """Share of the quotation's distinct words that the post holds."""
    wanted = {word for part in quote for word in part}
    return len(wanted & set(post)) / len(wanted) if wanted else 0.0


def wording(quote: Sequence[Sequence[str]], post: Sequence[str], *, whole: bool = True) -> Wording:
    """How the printed words relate to a post that is known to be the quoted one: every word of each part in order (`verbatim`), changed
    in a number or in a "not" (`altered`), or changed otherwise (`near`). Of a post that is not `whole` nothing is said to be altered."""
    if _in_order(quote, post):
        return "verbatim"
    changed = _changed(quote, post) if whole else set()
    return "altered" if any(word in _negations() or any(map(str.isdigit, word)) for word in changed) else "near"


def _in_order(quote: Sequence[Sequence[str]], post: Sequence[str]) -> bool:
    """Whether each part stands in the post without a gap, one behind the other."""
    line, at = f" {' '.join(post)} ", 0
    for part in quote:
        words_ = f" {' '.join(part)} "
        found = line.find(words_, at)
        if found < 0:
            return False
        at = found + len(words_) - 1
    return bool(quote)


def _changed(quote: Sequence[Sequence[str]], post: Sequence[str]) -> set[str]:
    """Words that were put in, left out or exchanged between the first and the last that both have; what lies between two parts was
    left out openly."""
    printed = [word for part in quote for word in part][:DIFF_MAX]
    edges = set(itertools.accumulate(map(len, quote), initial=0))
    found: set[str] = set()
    for op, a, b, c, d in SequenceMatcher(None, printed, list(post[:DIFF_MAX]), autojunk=False).get_opcodes():
        if op != "equal" and not (op == "insert" and a in edges):
            found.update(printed[a:b], post[c:d])
    return found


def _grams(part: Sequence[str], size: int) -> set[tuple[str, ...]]:
    if len(part) < size:
        return {tuple(part)} if part else set()
    return {tuple(part[at : at + size]) for at in range(len(part) - size + 1)}


@lru_cache(maxsize=1)
def _negations() -> frozenset[str]:
    """The words of all cue files by which a sentence says the opposite, normalised."""
    return frozenset(word for written in all_words("negation") for word in words(written))


# -- the difference for readers


@dataclass(frozen=True, slots=True)
class DiffPart:
    """A run of words: `equal`, `delete` (only printed in the article), `insert` (only in the post) or `replace`. As printed."""

    op: Literal["equal", "delete", "insert", "replace"]
    quote_words: list[str]
    post_words: list[str]


def word_diff(quote: str, post: str) -> list[DiffPart]:
    """What the outlet changed, word by word, from the printed quotation to the post. Spelling is kept, comparison is normalised."""
    left, right = _printed(quote), _printed(post)
    matcher = SequenceMatcher(None, [key for key, _ in left], [key for key, _ in right], autojunk=False)
    found: list[DiffPart] = []
    for op, a, b, c, d in matcher.get_opcodes():
        found.append(DiffPart(op, [word for _, word in left[a:b]], [word for _, word in right[c:d]]))
    return found


def _printed(text: str) -> list[tuple[str, str]]:
    """(normalised, printed) for each printed word that has letters or digits."""
    tokens = [(normalised(token), token) for token in _PRINTED.findall(_URL.sub(" ", text))]
    return [(key, token) for key, token in tokens if key][:DIFF_MAX]


# -- the verdict

_RANK = {"verbatim": 0, "near": 1, "paraphrase": 2, "none": 3}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post that may be the quoted one. `text_complete` False: the text is known to be cut.

    `author_basis` says why its author is the speaker (None: nothing says so). `language` is the post's.
    """

    post_id: str
    text: str
    published: datetime | None = None
    author_basis: AuthorBasis | None = None
    text_complete: bool = True
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A candidate with its numbers; all are kept."""

    candidate: Candidate
    coverage3: float
    word_coverage: float
    kind: Kind
    author_agrees: bool
    time_fits: bool | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` is the band of the best candidate, `status` what the citation becomes, `post_id` set only where a post is linked.

    `reason` is a sentence for readers. `scored` holds every candidate, best first.
    """

    kind: Kind
    status: Status
    post_id: str | None
    reason: str
    scored: list[Scored]
    diff: list[DiffPart]


def judge(
    quote: str,
    candidates: Sequence[Candidate],
    *,
    parts: Sequence[str] = (),
    published: datetime | None = None,
    language: str | None = None,
) -> Verdict:
    """Which candidate the quotation was taken from, if any. `published` is the article's moment, `language` the quotation's.

    A post is linked only when it is `verbatim` or `near`, its author agrees, its time fits and its text is whole. A paraphrase is
    never linked; neither is one of two that are equally near.
    """
    printed = parts_of(quote, parts)
    scored = sorted(
        (_score(printed, candidate, published, language) for candidate in candidates),
        key=lambda one: (
            _RANK[one.kind],
            -one.coverage3,
            -one.word_coverage,
            not one.author_agrees,
            one.candidate.post_id,
        ),
    )
    count = sum(len(part) for part in printed)
    best = scored[0] if scored else None
    if best is None or best.kind == "none":
        return Verdict("none", "unresolved", None, "no candidate holds the quoted words", scored, _diff(quote, best))
    if _ambiguous(scored):
        return Verdict("ambiguous", "ambiguous", None, "two posts are equally near", scored, _diff(quote, best))
    if not best.candidate.text_complete and best.kind != "verbatim":
        reason = "the post's text is cut, which gives a lower bound only; its full text is needed"
        return Verdict(best.kind, "unresolved", None, reason, scored, _diff(quote, best))
    if best.kind == "paraphrase":
        reason = "the same author's post says it in other words: the quotation was reworded"
        return Verdict("paraphrase", "candidate_paraphrase", None, reason, scored, _diff(quote, best))
    return _linked(quote, best, scored, count)


def _linked(quote: str, best: Scored, scored: list[Scored], count: int) -> Verdict:
    """The verdict for a best candidate that is `verbatim` or `near`: linked, or why not."""
    kind: Kind = best.kind
    problem = None
    if count < SHORT:
        kind = "near"
        if len([one for one in scored if one.kind != "none"]) > 1:
            problem = "the quotation is too short to choose among several posts"
    if not best.author_agrees:
        problem = "nothing says that the post's author is the quoted speaker"
    elif best.time_fits is None:
        problem = "the time of the post or of the article is unknown"
    elif not best.time_fits:
        problem = "the post was not published in the days around the article"
    if problem:
        return Verdict(kind, "unresolved", None, problem, scored, _diff(quote, best))
    return Verdict(
        kind, "resolved_text", best.candidate.post_id, "the post holds the quoted words", scored, _diff(quote, best)
    )


def _diff(quote: str, best: Scored | None) -> list[DiffPart]:
    return word_diff(quote, best.candidate.text) if best else []


def _score(printed: list[list[str]], candidate: Candidate, published: datetime | None, language: str | None) -> Scored:
    post = words(candidate.text)
    three, single = coverage3(printed, post), word_coverage(printed, post)
    agrees = candidate.author_basis is not None
    kind = band(three, single, author_agrees=agrees)
    fits = time_fits(candidate.published, published)
    if kind == "none" and agrees and fits and _other_language(language, candidate.language) and _shares(printed, post):
        kind = "paraphrase"
    return Scored(candidate, round(three, 4), round(single, 4), kind, agrees, fits)


def band(three: float, single: float, *, author_agrees: bool) -> Kind:
    """The band of two coverages. A paraphrase needs an author who agrees."""
    if three >= VERBATIM:
        return "verbatim"
    if three >= NEAR:
        return "near"
    if three >= PARAPHRASE and single >= PARAPHRASE_WORDS and author_agrees:
        return "paraphrase"
    return "none"


def time_fits(post: datetime | None, article: datetime | None) -> bool | None:
    """Whether the post is from three days before to one day after the article; None when either moment is unknown."""
    if post is None or article is None:
        return None
    return article - BEFORE <= post <= article + AFTER


def _ambiguous(scored: list[Scored]) -> bool:
    if len(scored) < 2:
        return False
    first, second = scored[0], scored[1]
    return first.kind != "none" and second.kind != "none" and first.coverage3 - second.coverage3 < TOO_CLOSE


def _shares(printed: list[list[str]], post: list[str]) -> bool:
    """Whether texts in two languages name the same things: a number of two digits, or two longer words in the same letters."""
    common = {word for part in printed for word in part} & set(post)
    return any(word.isdecimal() and len(word) >= 2 for word in common) or sum(len(word) >= 4 for word in common) >= 2


def _other_language(left: str | None, right: str | None) -> bool:
    return bool(left and right) and str(left).split("-")[0].lower() != str(right).split("-")[0].lower()
