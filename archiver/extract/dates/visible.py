"""Dates that the page shows to readers: `time` elements and labels such as "Published 3 May 2024, 10:20".

Belongs here: finding the label of this article among those of teasers, comments and asides. Reading it is `parse`'s work.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

from lxml.html import HtmlElement

from archiver.extract.dates import names, relative
from archiver.extract.dates.choose import Candidate
from archiver.extract.dates.elsewhere import NAME_MAX, elsewhere, in_card, marks_of
from archiver.extract.dates.parse import DateContext, parse_date
from archiver.extract.structured import text_of

_LABEL_MARK = re.compile(r"date|time|publish|posted|byline|meta|info|datum|fecha|data", re.IGNORECASE)
_NO_LABELS = frozenset(
    ("script", "style", "body", "html", "article", "main", "meta", "time", "img", "link", "iframe", "svg", "input")
)
_CONTROLS = ("a", "button", "option", "label")
"""What a reader presses: "Today" there filters a list."""
LABELS_MAX = 150
LABEL_LENGTH_MAX = 160
SHOWN_MAX = 25
"""Labels above the heading, and as many below it, that are tried."""

_TEXT_TAGS = (
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "p",
    "span",
    "div",
    "em",
    "b",
    "i",
    "strong",
    "small",
    "li",
    "td",
    "a",
    "font",
    "nobr",
    "dd",
    "center",
)
_CAPTION_TAGS = ("strong", "b", "dt", "th", "td", "span", "label", "p", "div", "em")
_DATE_LIKE = re.compile(r"\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2}|(?:19|20|13|14)\d{2}|[۰-۹٠-٩]{4}|\d [^\W\d]{2,}")
NEAR = 120
"""Elements between the headline and a bare date; farther away stand other articles' dates and today's."""
BARE_MAX = 60
CHANGED_MAX = 4000
"""Elements that are searched for days of a change: only where a page declares no date of publication."""
CHANGE_BEFORE_MAX, CHANGE_WORDS_MAX = 12, 4
"""Letters before the mark of a change and words from there to the date: in a sentence of the story there are more."""
_AFTER_DATE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_STRONG_MARK = re.compile(r"date|time|publish|posted|datum|fecha", re.IGNORECASE)


class Labels(NamedTuple):
    """Visible dates, apart by what their marks say."""

    published: list[Candidate]
    modified: list[Candidate]


def time_candidates(elements: Iterable[HtmlElement], heading: HtmlElement | None, *, modified: bool) -> list[Candidate]:
    """Up to two `time` elements of this article that are (or are not) marked as the date of a change."""
    out: list[Candidate] = []
    around = frozenset(heading.iterancestors()) if heading is not None else frozenset()
    for element in elements:
        text = text_of(element, 200)
        if _marked_modified(element, text) is not modified or elsewhere(element, heading, lists=True):
            continue
        if around and in_card(element, around):
            continue
        raw = element.get("datetime") or element.get("content") or text
        if raw:
            out.append(Candidate(raw, "time-element", "time-element"))
            if text and text != raw and ":" not in raw:
                out.append(Candidate(text, "time-element", "time-element text"))
        if len(out) >= 4:
            break
    return out


def label_candidates(tree: HtmlElement, heading: HtmlElement | None = None) -> Labels:
    """Short labels with a date-like class or id: from the heading on in document order, then those before it.

    The caller keeps the first that can be read. Above the heading stand today's date and the times of tickers more often than
    the article's.
    """
    above, below = Labels([], []), Labels([], [])
    out = below if heading is None else above
    for element in itertools.islice(_labels(tree, heading), LABELS_MAX):
        if element is heading:
            out = below
            continue
        text = text_of(element, LABEL_LENGTH_MAX * 2, apart=True).replace("\n", " ")
        if not _may_date(element, text):
            continue
        for modified, found in enumerate(out):
            part = _part(text, modified=bool(modified))
            marked = _marked_modified(element, part) or bool(modified and part != text)
            if len(found) < SHOWN_MAX and marked is bool(modified) and not elsewhere(element, heading, lists=False):
                found.append(Candidate(part, "text", "text label"))
        if len(below.published) >= SHOWN_MAX:
            break
    return Labels(below.published + above.published, below.modified + above.modified)


def _may_date(element: HtmlElement, text: str) -> bool:
    if _has_digit(text):
        return 5 <= len(text) <= LABEL_LENGTH_MAX
    if element.tag in _CONTROLS:
        return False
    return (
        2 <= len(text) <= LABEL_LENGTH_MAX and bool(_STRONG_MARK.search(marks_of(element))) and relative.is_phrase(text)
    )


def _part(text: str, *, modified: bool) -> str:
    """ "Published 3 May | Updated 4 May", in either order, without the half that is not asked for.

    A mark stands before its date, or after it in languages that write so ("2025年11月20日 公開"). A date before the first mark is
    that of the publication.
    """
    marks = list(_marks().finditer(text.lower()))
    other = any(mark.lastgroup == ("published" if modified else "modified") for mark in marks)
    if not other and not (modified and marks and _has_digit(text[: marks[0].start()])):
        return text
    kinds = ["", *(mark.lastgroup or "" for mark in marks)]
    edges = [0, *(mark.start() for mark in marks), len(text)]
    pieces = [text[begin:end] for begin, end in itertools.pairwise(edges)]
    both = any(mark.lastgroup != marks[0].lastgroup for mark in marks)
    if both and _AFTER_DATE.match(marks[0][0]) and _has_digit(pieces[0]) and not _has_digit(pieces[-1]):
        kinds = [*kinds[1:], ""]
        pieces = [
            piece.removeprefix(mark) for piece, mark in zip(pieces, ["", *(one[0] for one in marks)], strict=True)
        ]
    for wanted in ("modified",) if modified else ("published", ""):
        for kind, piece in zip(kinds, pieces, strict=True):
            if kind == wanted and _has_digit(piece) and (kind or len(piece) > 8):
                return piece.strip(" -–|·•/,;")
    return text


def _has_digit(text: str) -> bool:
    return any(char.isdigit() for char in text)


@lru_cache(maxsize=1)
def _marks() -> re.Pattern[str]:
    """Parts of words that mark a date as that of the change (group `modified`) or of the publication (`published`)."""
    marks = _data()["marks"]
    groups = ("|".join(re.escape(word) for word in marks[kind]) for kind in ("modified", "published"))
    return re.compile("(?P<modified>{})|(?P<published>{})".format(*groups))


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    return tomllib.loads((files("archiver.extract") / "data" / "relative.toml").read_text(encoding="utf-8"))


def _labels(tree: HtmlElement, heading: HtmlElement | None) -> Iterator[HtmlElement]:
    """Elements that are marked like labels of dates, and the heading where it stands."""
    for element in tree.iter("*"):
        if element is heading or (
            any((value := element.get(name)) and _is_label(value) for name in ("class", "id", "data-testid"))
            and element.tag not in _NO_LABELS
        ):
            yield element


@lru_cache(maxsize=8192)
def _is_label(marks: str) -> bool:
    return bool(_LABEL_MARK.search(marks[:300]))


def captioned_candidates(tree: HtmlElement, heading: HtmlElement | None) -> list[Candidate]:
    """Dates that stand beside a caption ("Datum", "تاریخ نشر"): in the same element, after it, or in the next one."""
    out: list[Candidate] = []
    for element in tree.iter(*_CAPTION_TAGS):
        text = element.text
        if not text or len(text) > 60 or names.fold(text).strip(" :-–|") not in _captions():
            continue
        after = element.getnext()
        beside = [element.tail, text_of(after, 200) if after is not None and isinstance(after.tag, str) else None]
        value = next((one for one in beside if one and _has_digit(one)), None)
        if value and not elsewhere(element, heading, lists=False):
            out.append(Candidate(" ".join(value.split())[:LABEL_LENGTH_MAX], "text", "captioned text"))
        if len(out) >= 5:
            break
    return out


@lru_cache(maxsize=1)
def _captions() -> frozenset[str]:
    return frozenset(names.fold(word) for word in _data()["captions"]["published"])


def bare_candidates(tree: HtmlElement, heading: HtmlElement | None) -> list[Candidate]:
    """Elements near the heading whose whole text is little more than a date; nearest first. [] without a heading."""
    if heading is None:
        return []
    found: list[tuple[int, str]] = []
    place, at = 0, None
    for place, element in enumerate(tree.iter(*_TEXT_TAGS)):
        if element is heading:
            at = place
        if at is not None and place > at + NEAR:
            break
        text = element.text
        if not text or len(text) > 300 or not _DATE_LIKE.search(text):
            continue
        text = _part(" ".join(text.split()), modified=False)
        if not 6 <= len(text) <= BARE_MAX or _marked_modified(element, text):
            continue
        if not elsewhere(element, heading, lists=False):
            found.append((place, text))
    if at is None:
        return []
    near = sorted((abs(one - at), text) for one, text in found if abs(one - at) <= NEAR)
    return [Candidate(text, "text", "text near headline") for _, text in near[:10]]


def changed_days(tree: HtmlElement, context: DateContext) -> frozenset[date]:
    """Days that any short text marks as those of a change ("Last updated: 3 May 2026"), whatever holds it."""
    found = (parse_date(_part(text, modified=True), context) for _, text in _changed(tree))
    return frozenset(one.moment.date() for one in found if one)


def changed_candidates(tree: HtmlElement, heading: HtmlElement | None) -> list[Candidate]:
    """Dates of a change that stand in no element marked as a label, with little more than their mark."""
    out: list[Candidate] = []
    for element, text in _changed(tree):
        part = _part(text, modified=True)
        mark = _marks().search(part.lower())
        if mark is None or mark.lastgroup != "modified" or mark.start() > CHANGE_BEFORE_MAX or len(part) > BARE_MAX:
            continue
        words = re.split(r"\d", part[mark.end() :], maxsplit=1)[0].split()
        if len(words) <= CHANGE_WORDS_MAX and not elsewhere(element, heading, lists=False):
            out.append(Candidate(part, "text", "text of change"))
    return out[:SHOWN_MAX]


def _changed(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Elements that begin with the mark of a change, and the text in or beside them that holds its date."""
    for element in itertools.islice(tree.iter(*_TEXT_TAGS, "time"), CHANGED_MAX):
        text = element.text
        if not text or not (mark := _marks().search(text[:LABEL_LENGTH_MAX].lower())) or mark.lastgroup != "modified":
            continue
        whole, after = text_of(element, LABEL_LENGTH_MAX * 2, apart=True), element.getnext()
        if not _has_digit(whole):
            whole += " " + (element.tail or "").strip()
        if not _has_digit(whole) and after is not None and isinstance(after.tag, str):
            whole += " " + text_of(after, LABEL_LENGTH_MAX)
        if len(whole) <= LABEL_LENGTH_MAX:
            yield element, " ".join(whole.split())


def _marked_modified(element: HtmlElement, text: str) -> bool:
    """Whether the nearest mark says that `text` of `element` is the date of a change.

    In this order: its own words, its own attributes, what stands right before it, the beginning of its parent,
    the box before its own where the two begin alike ("<dt>Updated</dt><dd><time>").
    """
    if mark := _marks().search(text[:60].lower()):
        return mark.lastgroup == "modified"
    own = " ".join(filter(None, (element.get("class"), element.get("itemprop"), element.get("id")))).lower()
    if "published" in own:
        return False  # "updated published": one element for both, as long as nothing was changed
    if any(mark.lastgroup == "modified" for mark in _marks().finditer(own)):
        return True
    before, above = element.getprevious(), element.getparent()
    near = []
    if before is not None:
        near = [(before.tail or "")[-40:], (before.text or "")[:40] if isinstance(before.tag, str) else ""]
    if above is not None:
        near.append((above.text or "")[:60])
        box = above.getprevious() if before is None and not near[0].strip() else None
        if box is not None and isinstance(box.tag, str) and not _has_digit(caption := text_of(box, NAME_MAX + 1)):
            near.append(caption if len(caption) <= NAME_MAX else "")
    for words in near:
        if marks := list(_marks().finditer(words.lower())):
            return marks[-1].lastgroup == "modified"
    marked = _marks().search((above.get("class") or "").lower()) if above is not None else None
    return marked is not None and marked.lastgroup == "modified"
