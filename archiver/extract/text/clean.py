"""Dropping the lines that are no text of the article: repeated headlines, bylines, related stories, pleas and tails.

Belongs here: which rule may remove what, and where. The words are in `cues`. Measured rules only: each was kept because it
raised the gate's figure on pages of many outlets, and each is bounded, since a wrong cut loses what a reader came for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archiver.extract.text import cues
from archiver.extract.text.links import PageLinks, dense, fold

HEAD = 8
"""Lines at the top in which headlines, bylines and dates are looked for."""

KICKER = 60
"""Letters of kicker or site name that may stand beside the headline."""

SIGN_OFF = 4
"""Lines at the end in which sources, agencies, contributors and authors' portraits are looked for."""

LINE_MAX = 400
"""Characters from which on a line is running text and no pattern looks at it."""

_OUTER = " \t\u200b\ufeff•·▪►▶→»›>*#|_–—-:…."
_SPACE = re.compile(r"\s+")
_TABLE_RULE = re.compile(r"\|(?:---\|)+")
SENTENCE_END = re.compile(r"[.!?。！？؟۔।…][\"”’»«“‘›‹」』)\]]*\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """A block of text: `text` as it will stand in the body, `folded` for the patterns, `link` if it is nearly all link."""

    text: str
    folded: str
    link: bool

    @property
    def sentence(self) -> bool:
        """Whether it reads as running text: long, or ended as a sentence."""
        return len(self.text) > 240 or (len(self.text) > 60 and bool(SENTENCE_END.search(self.text)))


class Cleaner:
    """One page's knowledge of what is no text: what it calls itself, and who wrote it."""

    def __init__(self, headlines: list[str], names: list[str]) -> None:
        self._headlines = {found for headline in headlines if len(found := dense(headline)) >= 10}
        self._people = {fold(name) for name in names}

    def clean(self, raw: list[str], links: PageLinks) -> list[str]:
        """`raw` (undecorated) without what is no text of the article, in order. Markers of embeds pass untouched."""
        lines = [_line(text, links) for text in raw]
        lines = _without_head(lines, self._headlines, self._people)
        lines = _without_comments(lines)
        lines = _without_neighbours(lines)
        lines = _without_related(lines)
        lines = [line for line in lines if not _is_noise(line)]
        return [line.text for line in _without_tail(lines, self._people)]


def undecorated(text: str) -> str:
    """The line without what trafilatura adds: list dashes, table bars; "" for a table's rule."""
    text = text.strip()
    if text.startswith("- "):
        text = text[2:].strip()
    if text.startswith("|") or text.endswith(" |"):
        if _TABLE_RULE.fullmatch(text):
            return ""
        text = " | ".join(cell for part in text.split("|") if (cell := part.strip()))
    return text


def _line(text: str, links: PageLinks) -> Line:
    if len(text) >= LINE_MAX:
        return Line(text, "", False)
    return Line(text, _SPACE.sub(" ", text).strip(_OUTER).lower(), text in links)


def _is_marker(line: Line) -> bool:
    return line.text.startswith("[[post:")


def _without_head(lines: list[Line], headlines: set[str], people: set[str]) -> list[Line]:
    """The first lines without the headline, bylines, dates and reading times."""
    head = [
        line
        for number, line in enumerate(lines[:HEAD])
        if not _repeats(line, headlines)
        and not _is_by_or_date(line, people)
        and not (number < 2 and _is_kicked(line, headlines))
    ]
    return head + lines[HEAD:]


def _repeats(line: Line, headlines: set[str]) -> bool:
    """Whether a line is the headline or the greater part of one. A headline inside a longer line may be part of a sentence."""
    if not line.folded:
        return False
    letters = dense(line.text)
    if letters in headlines:
        return True
    return len(letters) >= 12 and any(
        len(letters) >= 0.4 * len(headline) and letters in headline for headline in headlines
    )


def _is_kicked(line: Line, headlines: set[str]) -> bool:
    """Whether a line at the very top is the headline with a kicker before or the site's name behind it."""
    if not line.folded or SENTENCE_END.search(line.text):
        return False
    letters = dense(line.text)
    return any(
        len(letters) <= len(known) + KICKER and (letters.endswith(known) or letters.startswith(known))
        for known in headlines
        if len(known) >= 20
    )


def _is_by_or_date(line: Line, people: set[str]) -> bool:
    if not line.folded or len(line.text) > 120 or _is_marker(line):
        return False
    if cues.DATELINE.fullmatch(line.folded) or fold(line.text) in people:
        return True
    if len(line.text) > 90 or SENTENCE_END.search(line.text):
        return False
    return bool(cues.BYLINE.fullmatch(line.folded)) and (
        _looks_like_names(line.text) or any(name in fold(line.text) for name in people)
    )


def _looks_like_names(text: str) -> bool:
    """Whether the words after the first are mostly capitalised, as names are, in scripts that have capitals."""
    words = [
        word
        for word in re.findall(r"[^\W\d_]{2,}", text)[1:]
        if word.lower() not in ("and", "und", "et", "y", "e", "in", "der")
    ]
    return bool(words) and sum(not word[0].islower() for word in words) >= 0.7 * len(words)


def _without_comments(lines: list[Line]) -> list[Line]:
    """Everything up to the heading of the comments, if enough stands before it to be the article."""
    total = sum(len(line.text) for line in lines)
    before = 0
    for number, line in enumerate(lines):
        if before > max(400, total // 4) and line.folded and cues.COMMENTS.fullmatch(line.folded):
            return lines[:number]
        before += len(line.text)
    return lines


def _without_neighbours(lines: list[Line]) -> list[Line]:
    """Without "previous article" and "next article" and their titles, in the second half of the text."""
    total = sum(len(line.text) for line in lines)
    kept: list[Line] = []
    before, title_follows = 0, False
    for line in lines:
        match = cues.NEIGHBOUR.match(line.folded) if line.folded and before > total // 2 else None
        drop = match is not None or (title_follows and not line.sentence and not _is_marker(line))
        title_follows = match is not None and not match["title"]
        before += len(line.text)
        if not drop:
            kept.append(line)
    return kept


def _without_related(lines: list[Line]) -> list[Line]:
    """Without "read more" lines, and without the list of links or titles under a heading of that kind."""
    kept: list[Line] = []
    number = 0
    while number < len(lines):
        line = lines[number]
        if line.folded and len(line.text) < 200 and cues.RELATED_TITLE.fullmatch(line.folded) and not line.sentence:
            number += 1
            continue
        if line.folded and len(line.text) < 90 and cues.RELATED.fullmatch(line.folded):
            number = _after_list(lines, number + 1)
            continue
        kept.append(line)
        number += 1
    return kept


def _after_list(lines: list[Line], number: int) -> int:
    """The number of the first line behind the list: links, and what stands between two links and is no running text."""
    while True:
        ahead = next((n for n in range(number, min(number + 3, len(lines))) if lines[n].link), None)
        if ahead is None or any(_is_marker(line) or len(line.text) > 200 for line in lines[number:ahead]):
            return number
        number = ahead + 1


def _is_noise(line: Line) -> bool:
    if not line.folded or _is_marker(line):
        return False
    if line.link:
        return True
    if len(line.text) < 90 and (cues.LABEL.fullmatch(line.folded) or cues.CREDIT.fullmatch(line.folded)):
        return True
    return bool(cues.PLEA.match(line.folded)) and len(line.text) < 320


def _without_tail(lines: list[Line], people: set[str]) -> list[Line]:
    """Without sources, agencies, contributors, authors' portraits and rules at the end."""
    full = {name for name in people if " " in name.strip()}
    for _ in range(SIGN_OFF):
        if len(lines) < 3 or not _is_tail(lines[-1], full):
            break
        lines = lines[:-1]
    return lines


def _is_tail(line: Line, people: set[str]) -> bool:
    if _is_marker(line) or not line.folded:
        return False
    words = fold(line.text)
    if any(words.startswith(name) for name in people):
        return len(line.text) < 300
    return bool(cues.SIGN_OFF.fullmatch(line.folded)) or _is_by_or_date(line, people) or not words.strip()
