"""Cues in a paragraph: which frames of the cue file match where, and which network each names.

Belongs here: matching. What the words of a frame are is in the cue file, how they become patterns in `cues`; which quotation and which
speaker belong to a cue is for `prose`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from archiver.citations.cues import Cues
from archiver.citations.folding import Folded, fold, letters
from archiver.citations.marks import MASK, Sentence, Span, masked, quoted_spans, sentences
from archiver.models.article import Paragraph

_OVER = re.compile(r"[.!?…؟۔:;؛]\s")
"""Where no frame goes on: its words are parted by spaces and commas alone."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A frame that matched: offsets in the paragraph, the network, the places of the verb and of the speaker."""

    start: int
    end: int
    platform: str
    verb: tuple[int, int] | None
    who: tuple[int, int] | None
    named: bool = True

    @property
    def says(self) -> bool:
        """Whether it says by itself that somebody posted: a verb and the network's name."""
        return self.verb is not None and self.named


@dataclass(slots=True)
class Reading:
    """One paragraph taken apart once."""

    number: int
    paragraph: Paragraph
    spans: list[Span]
    hidden: str
    folded: Folded
    sentences: list[Sentence]
    cues: list[Cue] | None = None


def take_apart(number: int, paragraph: Paragraph, cues: Cues) -> Reading:
    """One paragraph's quotations, sentences and folded text. Where names have no capitals, letters come in one form each."""
    spans = quoted_spans(paragraph.text)
    hidden = masked(paragraph.text, spans)
    return Reading(
        number,
        paragraph,
        spans,
        hidden if cues.capitals else letters(hidden),
        fold(hidden),
        sentences(paragraph.text, spans),
    )


class CueFinder:
    """The cues of paragraphs in one language."""

    def __init__(self, cues: Cues) -> None:
        self.cues = cues

    def names_in(self, text: str) -> list[int]:
        """Where a text holds a network's name, in order. Letters of languages with capitals need no folding for that."""
        if self.cues.capitals:
            return self.cues.named_at(text)
        folded = fold(text)
        return [folded.at[place] for place in self.cues.named_at(folded.text)]

    def cues_in(self, reading: Reading) -> list[Cue]:
        """Every frame that matches and that no trap overlaps, the longest of overlapping ones."""
        if reading.cues is None:
            reading.cues = self._matched(reading)
        return reading.cues

    def _matched(self, reading: Reading) -> list[Cue]:
        text = reading.folded.text
        found: list[Cue] = []
        for start, end in self._clauses(text):
            matches = [match for frame in self.cues.frames for match in frame.finditer(text, start, end)]
            traps = (
                [trap.span() for pattern in self.cues.traps for trap in pattern.finditer(text, start, end)]
                if matches
                else []
            )
            for match in matches:
                anchor = _anchor(match)
                if not any(start < anchor[1] and anchor[0] < end for start, end in traps):
                    found.append(self._cue(match, reading.folded))
        found.sort(key=lambda cue: (cue.start, -cue.end))
        return found

    def _clauses(self, text: str) -> Iterator[tuple[int, int]]:
        """The pieces of a text between marks that no frame goes over, those with a network's name: the rest need not be searched."""
        start = 0
        for end in [*(mark.end() for mark in _OVER.finditer(text)), len(text)]:
            if self.cues.quick.search(text, start, end):
                yield start, end
            start = end

    def _cue(self, match: re.Match[str], folded: Folded) -> Cue:
        groups = match.groupdict()
        start, end = folded.span(*match.span())
        verb = next((folded.span(*match.span(name)) for name in ("verb", "move") if groups.get(name)), None)
        if verb is None and groups.get("tweet") and self.cues.posting and self.cues.posting.fullmatch(match["tweet"]):
            verb = folded.span(*match.span("tweet"))
        printed = (groups.get("platform") or "").strip("\"'«»“”‘’‹›()")
        name = self.cues.network(printed) or "x"
        who = folded.span(*match.span("who")) if groups.get("who") else None
        return Cue(start, end, name, verb, who, named=bool(groups.get("platform")))

    def by_posting(self, reading: Reading, index: int, cues: list[Cue]) -> list[Cue]:
        """A verb that can only mean posting, with the network named in the sentence before."""
        if self.cues.posting is None:
            return []
        sentence = reading.sentences[index]
        spans = [span for span in reading.spans if span.whole and sentence.start <= span.outer_start < sentence.end]
        match = self.cues.posting.search(reading.hidden, sentence.start, sentence.end)
        if not spans or match is None or index == 0 or not _beside(reading.hidden, match.span(), sentence):
            return []
        before = reading.sentences[index - 1]
        named = self.cues.name.search(reading.hidden, before.start, before.end)
        if named is None or any(cue.start <= named.start() < cue.end for cue in cues):
            return []
        network = self.cues.network(named[0])
        return [Cue(match.start(), match.end(), network, match.span(), None, named=False)] if network else []


def _beside(hidden: str, verb: tuple[int, int], sentence: Sentence) -> bool:
    """Whether a quotation stands within four words of the verb."""
    before, after = hidden[sentence.start : verb[0]].split(), hidden[verb[1] : sentence.end].split()
    return any(MASK in word for word in [*before[-4:], *after[:4]])


def _anchor(match: re.Match[str]) -> tuple[int, int]:
    """The part of a frame that a trap must not touch: its network's name, or the network's own word."""
    groups = match.groupdict()
    return (
        match.span("platform")
        if groups.get("platform")
        else match.span("tweet")
        if groups.get("tweet")
        else match.span()
    )


def best_of_a_network(cues: list[Cue]) -> list[Cue]:
    """The cues of one sentence without those that say the same: one a network, with verb and speaker where any has them."""
    best: dict[str, Cue] = {}
    for cue in cues:
        known = best.get(cue.platform)
        if known is None or _rank(cue) > _rank(known):
            best[cue.platform] = cue
    return sorted(best.values(), key=lambda cue: cue.start)


def _rank(cue: Cue) -> tuple[int, int]:
    return (cue.who is not None) + (cue.verb is not None), cue.end - cue.start
