"""Dropping the lines that are no text of the article: repeated headlines, bylines, related stories, pleas and tails.

Belongs here: which rule may remove what, and where. The words are in `cues`. Measured rules only: each was kept because it
raised the gate's figure on pages of many outlets, and each is bounded, since a wrong cut loses what a reader came for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from archiver.extract.text import cues
from archiver.extract.text.links import LinkLines, fold

HEAD = 8
"""Lines at the top in which headlines, bylines and dates are looked for."""

TAIL = 12
"""Lines at the end in which pleas and sign-offs may be removed one after the other."""

_OUTER = " \t\u200b\ufeff•·▪►▶→»›>*#|_–—-:…."
_SPACE = re.compile(r"\s+")
_TABLE_RULE = re.compile(r"\|(?:---\|)+")
_SENTENCE_END = re.compile(r"[.!?。！？؟۔।…][\"”’»)\]]*\s*$")


@dataclass(frozen=True, slots=True)
class Line:
    """A block of text: `text` as it will stand in the body, `folded` for the patterns, `link` if it is nearly all link."""

    text: str
    folded: str
    link: bool

    @property
    def sentence(self) -> bool:
        """Whether it reads as running text: long, or ended as a sentence."""
        return len(self.text) > 240 or (len(self.text) > 60 and bool(_SENTENCE_END.search(self.text)))


def clean_lines(raw: list[str], link_lines: LinkLines, headlines: list[str], names: list[str]) -> list[str]:
    """`raw` without what is no text of the article, in order. Markers of embeds pass untouched."""
    lines = [line for text in raw if (line := _line(text, link_lines)) is not None]
    lines = _without_head(lines, headlines, names)
    lines = _without_comments(lines)
    lines = _without_related(lines)
    lines = [line for line in lines if not _is_noise(line)]
    lines = _without_tail(lines, names)
    return [line.text for line in lines]


def _line(text: str, link_lines: LinkLines) -> Line | None:
    text = text.strip()
    if text.startswith("- "):
        text = text[2:].strip()
    if text.startswith("| ") or text.endswith(" |"):
        text = " | ".join(cell.strip() for cell in text.split("|") if cell.strip())
    if not text or _TABLE_RULE.fullmatch(text):
        return None
    folded = _SPACE.sub(" ", text).strip(_OUTER).lower() if len(text) < 400 else ""
    return Line(text, folded, text in link_lines)


def _is_marker(line: Line) -> bool:
    return line.text.startswith("[[post:")


def _without_head(lines: list[Line], headlines: list[str], names: list[str]) -> list[Line]:
    """The first lines without the headline, bylines, dates and reading times."""
    wanted = [folded for headline in headlines if len(folded := fold(headline)) > 8]
    people = {fold(name) for name in names}
    head = [line for line in lines[:HEAD] if not _repeats(line, wanted) and not _is_by_or_date(line, people)]
    return head + lines[HEAD:]


def _repeats(line: Line, headlines: list[str]) -> bool:
    if not line.folded:
        return False
    words = fold(line.text)
    return any(
        words == headline
        or (len(words) > 20 and (words in headline or (headline in words and len(words) < 1.6 * len(headline))))
        for headline in headlines
    )


def _is_by_or_date(line: Line, people: set[str]) -> bool:
    if not line.folded or len(line.text) > 120 or _is_marker(line):
        return False
    if cues.DATELINE.fullmatch(line.folded) or fold(line.text) in people:
        return True
    if len(line.text) > 90 or _SENTENCE_END.search(line.text):
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
    """Everything up to the heading of the comments, if that stands in the second half."""
    for number in range(len(lines) // 2, len(lines)):
        if number and lines[number].folded and cues.COMMENTS.fullmatch(lines[number].folded):
            return lines[:number]
    return lines


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
    """The number of the first line that is no link and no bare title."""
    while number < len(lines) and lines[number].link and not _is_marker(lines[number]):
        number += 1
    return number


def _is_noise(line: Line) -> bool:
    if not line.folded or _is_marker(line):
        return False
    if line.link:
        return True
    if len(line.text) < 90 and (cues.LABEL.fullmatch(line.folded) or cues.CREDIT.fullmatch(line.folded)):
        return True
    return bool(cues.PLEA.match(line.folded)) and len(line.text) < 320


def _without_tail(lines: list[Line], names: list[str]) -> list[Line]:
    people = {fold(name) for name in names}
    while len(lines) > 2 and _is_tail(lines[-1], people):
        lines = lines[:-1]
    return lines


def _is_tail(line: Line, people: set[str]) -> bool:
    if not line.folded or _is_marker(line):
        return False
    return fold(line.text) in people or _is_by_or_date(line, people) or not re.search(r"\w", line.text)
