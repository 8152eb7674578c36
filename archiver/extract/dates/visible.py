"""Dates that the page shows to readers: `time` elements and labels such as "Published 3 May 2024, 10:20".

Belongs here: finding the label of this article among those of teasers, comments and asides. Reading it is `parse`'s work.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files

from lxml.html import HtmlElement

from archiver.extract.dates import names
from archiver.extract.dates.choose import Candidate
from archiver.extract.structured import text_of

_LABEL_MARK = re.compile(r"date|time|publish|posted|byline|meta|info|datum|fecha|data", re.IGNORECASE)
_NO_LABELS = frozenset(
    ("script", "style", "body", "html", "article", "main", "meta", "time", "img", "link", "iframe", "svg", "input")
)
LABELS_MAX = 150
LABEL_LENGTH_MAX = 160

_MODIFIED = (
    "modif", "updat", "aktualis", "bijgewerkt", "actualiz", "aggiornat", "oppdatert", "uppdaterad", "mis à jour", "maj ", "stand:", "обновл",
    "به روز", "به‌روز", "تحديث", "اپ ڈیٹ", "更新",
)  # fmt: skip
_ELSEWHERE = (
    "related", "sidebar", "comment", "teaser", "recommend", "widget", "footer", "promo", "popular", "latest", "newsletter", "more-", "card",
    "weather", "event", "ticker", "archive", "calendar",
)  # fmt: skip
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
_CHROME = ("aside", "footer", "nav")


def time_candidates(elements: Iterable[HtmlElement], *, modified: bool) -> list[Candidate]:
    """Up to two `time` elements of this article that are (or are not) marked as the date of a change."""
    out: list[Candidate] = []
    for element in elements:
        text = text_of(element, 200)
        if _marked_modified(element, text) is not modified or _elsewhere(element, lists=True):
            continue
        raw = element.get("datetime") or element.get("content") or text
        if raw:
            out.append(Candidate(raw, "time-element", "time-element"))
            if text and text != raw and ":" not in raw:
                out.append(Candidate(text, "time-element", "time-element text"))
        if len(out) >= 4:
            break
    return out


def label_candidates(tree: HtmlElement, *, modified: bool = False) -> list[Candidate]:
    """Short labels with a date-like class or id, in document order; the caller keeps the first that can be read."""
    out: list[Candidate] = []
    for element in itertools.islice(_labels(tree), LABELS_MAX):
        text = text_of(element, LABEL_LENGTH_MAX * 2, apart=True).replace("\n", " ")
        if not 5 <= len(text) <= LABEL_LENGTH_MAX or not any(char.isdigit() for char in text):
            continue
        text = _first_of_two(text)
        if _marked_modified(element, text) is modified and not _elsewhere(element, lists=False):
            out.append(Candidate(text, "text", "text label"))
        if len(out) >= 25:
            break
    return out


def _first_of_two(text: str) -> str:
    """ "Published 3 May | Updated 4 May" without its second half."""
    lowered = text.lower()
    for word in _MODIFIED:
        at = lowered.find(word)
        if at > 8 and any(char.isdigit() for char in text[:at]):
            return text[:at]
    return text


def _labels(tree: HtmlElement) -> Iterator[HtmlElement]:
    for element in tree.iter("*"):
        if (
            any((value := element.get(name)) and _is_label(value) for name in ("class", "id", "data-testid"))
            and element.tag not in _NO_LABELS
        ):
            yield element


@lru_cache(maxsize=8192)
def _is_label(marks: str) -> bool:
    return bool(_LABEL_MARK.search(marks[:300]))


def captioned_candidates(tree: HtmlElement) -> list[Candidate]:
    """Dates that stand beside a caption ("Datum", "تاریخ نشر"): in the same element, after it, or in the next one."""
    out: list[Candidate] = []
    for element in tree.iter(*_CAPTION_TAGS):
        text = element.text
        if not text or len(text) > 60 or names.fold(text).strip(" :-–|") not in _captions():
            continue
        after = element.getnext()
        beside = [element.tail, text_of(after, 200) if after is not None and isinstance(after.tag, str) else None]
        value = next((one for one in beside if one and any(char.isdigit() for char in one)), None)
        if value and not _elsewhere(element, lists=False):
            out.append(Candidate(" ".join(value.split())[:LABEL_LENGTH_MAX], "text", "captioned text"))
        if len(out) >= 5:
            break
    return out


@lru_cache(maxsize=1)
def _captions() -> frozenset[str]:
    raw = tomllib.loads((files("archiver.extract") / "data" / "relative.toml").read_text(encoding="utf-8"))
    return frozenset(names.fold(word) for word in raw["captions"]["published"])


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
        text = " ".join(text.split())
        if 6 <= len(text) <= BARE_MAX and not _marked_modified(element, text) and not _elsewhere(element, lists=False):
            found.append((place, text))
    if at is None:
        return []
    near = sorted((abs(one - at), text) for one, text in found if abs(one - at) <= NEAR)
    return [Candidate(text, "text", "text near headline") for _, text in near[:10]]


def _marked_modified(element: HtmlElement, text: str) -> bool:
    near = element.getparent()
    marks = [element.get("class"), element.get("itemprop"), element.get("id"), text[:60]]
    if near is not None:
        marks += [near.get("class"), (near.text or "")[:60]]
    before = element.getprevious()
    if before is not None:
        marks += [(before.tail or "")[-40:], (before.text or "")[:40] if isinstance(before.tag, str) else None]
    label = " ".join(filter(None, marks)).lower()
    if "published" in (element.get("class") or "").lower():
        return False  # "updated published": one element for both, as long as nothing was changed
    return any(word in label for word in _MODIFIED)


def _elsewhere(element: HtmlElement, *, lists: bool) -> bool:
    """Whether `element` stands in a part of the page that belongs to other articles or to nobody."""
    for hops, above in enumerate(element.iterancestors()):
        if above.tag in _CHROME or (lists and above.tag == "li"):
            return True
        marks = f"{above.get('class') or ''} {above.get('id') or ''}".lower()
        if hops < 7 and above.tag not in ("body", "html") and any(word in marks for word in _ELSEWHERE):
            return True
        if hops > 14 or above.tag in ("article", "main", "body"):
            return False
    return False
