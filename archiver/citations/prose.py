"""Posts that an article only quotes in words: "the ministry posted on X".

Belongs here: putting a cue, a quotation and a speaker together. The words are in the cue files, marks and sentences in `marks`,
cues in `frames`, names in `speakers`. A rule layer: the network's name is the anchor, and nothing is cited without one in the sentence or the one before.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator

from archiver.citations.cues import Cues, cues_of, languages_for
from archiver.citations.frames import Cue, CueFinder, Reading, best_of_a_network, take_apart
from archiver.citations.marks import MASK, Sentence, Span
from archiver.citations.names import names_of, username_in
from archiver.citations.places import dense
from archiver.citations.speakers import by_capitals, by_order, settle
from archiver.models.article import Citation, CitationSpeaker, Evidence, Paragraph, Position, QuoteSpan

PARAGRAPH_MAX = 6_000
"""Characters of one paragraph that are read at once."""

_SENTENCE_END = re.compile(r"[.!?؟۔][»”’\"')\]]*\s+")

TEXT_MAX = 150_000
"""Characters of one article's paragraphs with a network's name that are read closely."""

QUOTES_MAX = 300

SHORT = 14
"""Words of a sentence that only attributes the quotation before it."""

REACH = 8
"""Words that may stand between the cue or its verb and the word that opens reported speech."""


def quotations(
    body: str, paragraphs: list[Paragraph], language: str | None, blocks: Callable[[], frozenset[str]] = frozenset
) -> list[Citation]:
    """Citations of kind quote in the order of the text; `quote` is None where the article only says that somebody posted.

    `blocks` gives the letters of paragraphs that the page sets apart as quotations (see `places.dense`).
    """
    found: dict[tuple[object, ...], Citation] = {}
    for code in languages_for(language, body):
        for citation in _Reader(cues_of(code), body, paragraphs, blocks).citations():
            place = citation.position.paragraph if citation.position else None
            found.setdefault((place, citation.context, citation.platform), citation)
    return list(found.values())[:QUOTES_MAX]


def _pieces(paragraph: Paragraph) -> Iterator[Paragraph]:
    """A paragraph that is too long to be read at once, in pieces that end with a sentence where one ends."""
    text, at = paragraph.text, 0
    while at < len(text):
        end = len(text)
        if end - at > PARAGRAPH_MAX:
            ends = [match.end() for match in _SENTENCE_END.finditer(text, at + PARAGRAPH_MAX // 2, at + PARAGRAPH_MAX)]
            end = ends[-1] if ends else at + PARAGRAPH_MAX
        yield Paragraph(text=text[at:end], start=paragraph.start + at, end=paragraph.start + end)
        at = end


class _Reader:
    def __init__(
        self, cues: Cues, body: str, paragraphs: list[Paragraph], blocks: Callable[[], frozenset[str]]
    ) -> None:
        self.cues, self.body, self.paragraphs, self.blocks = cues, body, paragraphs, blocks
        self.used: set[tuple[int, int]] = set()
        self.finder = CueFinder(cues)
        self._readings: dict[int, Reading] = {}

    def citations(self) -> list[Citation]:
        found: list[Citation] = []
        names = self.finder.names_in(self.body)
        read = 0
        for number, paragraph in enumerate(self.paragraphs) if names else ():
            for piece in [paragraph] if paragraph.end - paragraph.start <= PARAGRAPH_MAX else _pieces(paragraph):
                named = bisect_left(names, piece.start) < bisect_left(names, piece.end)
                if named and read < TEXT_MAX:
                    read += piece.end - piece.start
                    whole = piece is paragraph
                    found += self._paragraph(self._reading(number) if whole else take_apart(number, piece, self.cues))
        return found

    def _reading(self, number: int) -> Reading:
        if number not in self._readings:
            self._readings[number] = take_apart(number, self.paragraphs[number], self.cues)
        return self._readings[number]

    def _paragraph(self, reading: Reading) -> Iterator[Citation]:
        cues = self.finder.cues_in(reading)
        for index, sentence in enumerate(reading.sentences):
            here = [cue for cue in cues if sentence.start <= cue.start < sentence.end]
            if not here:
                here = self.finder.by_posting(reading, index, cues)
            for cue in best_of_a_network(here)[:1]:
                citation = self._citation(
                    reading, index, cue, [other for other in here if other.platform == cue.platform]
                )
                if citation is not None:
                    yield citation

    # -- one citation

    def _citation(self, reading: Reading, index: int, cue: Cue, alike: list[Cue]) -> Citation | None:
        """`alike` are all cues of the sentence for the same network: another frame may have caught the speaker."""
        sentence = reading.sentences[index]
        quote = self._direct(reading, index, cue)
        reported = self._reported(reading, sentence, cue) if quote is None else None
        if quote is None and reported is None and not cue.says:
            return None
        speaker = self._speaker(reading, index, [cue, *alike])
        text = reading.paragraph.text[sentence.start : sentence.end].strip()
        base = reading.paragraph.start
        chosen = quote or reported
        return Citation(
            kind="quote",
            platform=cue.platform,
            position=Position(start=chosen.start if chosen else base + cue.start, paragraph=reading.number),
            context=text[:600],
            evidence=Evidence(markup="prose", attribute=self.cues.language),
            quote=chosen,
            cue=reading.paragraph.text[cue.start : cue.end].strip()[:200],
            speaker=speaker,
            username=username_in(reading.hidden[sentence.start : sentence.end]),
        )

    def _direct(self, reading: Reading, index: int, cue: Cue) -> QuoteSpan | None:
        sentence = reading.sentences[index]
        inside = [span for span in reading.spans if span.whole and sentence.start <= span.outer_start < sentence.end]
        inside = [span for span in inside if not _is_name(span, reading.paragraph.text)]
        parts = self._parts(inside, cue, reading)
        if parts:
            return self._joined(reading, self._continued(reading, index, parts))
        if parts := self._neighbour(reading, index, cue):
            return self._joined(reading, parts)
        return self._following(reading, sentence)

    def _parts(self, inside: list[Span], cue: Cue, reading: Reading) -> list[Span]:
        """The quotation nearest to the cue, with its other half when the cue splits it."""
        if not inside:
            return []
        before = [span for span in inside if span.outer_end <= cue.start]
        after = [
            span
            for span in inside
            if span.outer_start >= cue.end and not self._other_speaks(reading.hidden[cue.end : span.outer_start], cue)
        ]
        within = [span for span in inside if cue.start <= span.outer_start < cue.end]
        if within:
            return within[:1]
        if before and after:
            head, tail = before[-1], after[0]
            if head.outer_start == 0 or not reading.hidden[: head.outer_start].strip() or head.text[-1:] not in ".!?":
                return (
                    [head, tail]
                    if _is_split(reading.hidden, head, tail)
                    else [_nearer(cue, head, tail, reading.hidden)]
                )
            return [_nearer(cue, head, tail, reading.hidden)]
        if after:
            return [after[0], *_chain(after, reading.hidden)]
        return before[-1:]

    def _other_speaks(self, between: str, cue: Cue) -> bool:
        """Whether a new clause with its own subject and verb stands between the cue and a quotation: "..., and the bank said"."""
        if cue.verb is None or not self.cues.capitals:
            return False
        found = re.search(r"[,;]\s+(?:and|but|while|whereas|und|aber|et|mais|y|pero|e|ma|и|а)\s+(.*)$", between)
        verb = self.cues.verb.search(found[1]) if found else None
        return verb is not None and len(found[1][: verb.start()].split()) >= 2 if found else False

    def _continued(self, reading: Reading, index: int, parts: list[Span]) -> list[Span]:
        """The quotation that goes on behind the sentence: a next sentence that is nothing but a quotation."""
        for following in reading.sentences[index + 1 : index + 4]:
            inside = [
                span for span in reading.spans if following.start <= span.outer_start < following.end and span.whole
            ]
            rest = reading.hidden[following.start : following.end].replace(MASK, "").strip(" \n.,;:!?…")
            if len(inside) != 1 or rest or parts[-1].outer_end > inside[0].outer_start:
                break
            parts = [*parts, inside[0]]
        return parts

    def _neighbour(self, reading: Reading, index: int, cue: Cue) -> list[Span]:
        """A quotation in the next sentence that goes on with the same speaker, or a bare one in the sentence before."""
        for step in (1, -1):
            other = index + step
            if not 0 <= other < len(reading.sentences):
                continue
            sentence = reading.sentences[other]
            inside = [
                span for span in reading.spans if span.whole and sentence.start <= span.outer_start < sentence.end
            ]
            hidden = reading.hidden[sentence.start : sentence.end]
            if not inside or self._has_cue(reading, sentence):
                continue
            rest = hidden.replace(MASK, "").strip(" \n.,;:!?…")
            own = reading.hidden[reading.sentences[index].start : reading.sentences[index].end]
            if step == 1 and (
                (self._goes_on(hidden, rest) and self._within(reading, index, cue))
                or (not rest and own.rstrip()[-1:] == ":")
            ):
                return inside[:1]
            if step == -1 and not rest and len(own.split()) <= SHORT:
                return inside[:1]
        return []

    def _goes_on(self, hidden: str, rest: str) -> bool:
        """Whether a sentence goes on with the same speaker: a pronoun and a verb of speech, or the verb alone."""
        words = rest.split()
        pronouns = {word.lower() for word in self.cues.speaker.pronouns}
        starts = bool(words) and (words[0].lower().strip(",") in pronouns)
        return bool(self.cues.verb.search(hidden)) and (starts or len(words) <= 3)

    def _within(self, reading: Reading, index: int, cue: Cue) -> bool:
        """Whether the sentence tells what somebody posted ("in a tweet, she said ..."), and not about posts."""
        if cue.says or self.cues.within is None:
            return cue.says
        before = reading.hidden[reading.sentences[index].start : cue.end].split()[-8:]
        return any(self.cues.within.fullmatch(word) for word in before)

    def _has_cue(self, reading: Reading, sentence: Sentence) -> bool:
        return any(sentence.start <= cue.start < sentence.end for cue in self.finder.cues_in(reading))

    def _following(self, reading: Reading, sentence: Sentence) -> QuoteSpan | None:
        """The next paragraph, when this one ends with the cue and a colon and the next is a quotation by itself."""
        if reading.paragraph.text[sentence.start :].rstrip()[-1:] != ":" or reading.number + 1 >= len(self.paragraphs):
            return None
        following = self._reading(reading.number + 1)
        spans = [span for span in following.spans if span.whole]
        if spans and spans[0].outer_start == 0:
            return self._joined(following, spans[:1])
        text = following.paragraph.text
        if 3 <= len(text.split()) <= 400 and dense(text) in self.blocks():
            start = following.paragraph.start
            return self._unused(QuoteSpan(text=text, start=start, end=start + len(text), form="direct"))
        return None

    def _joined(self, reading: Reading, parts: list[Span]) -> QuoteSpan | None:
        parts = [span for span in parts if (reading.paragraph.start + span.start, 0) not in self.used]
        if not parts:
            return None
        self.used.update((reading.paragraph.start + span.start, 0) for span in parts)
        base = reading.paragraph.start
        texts = [span.text for span in parts]
        return QuoteSpan(
            text=" ".join(texts),
            start=base + parts[0].start,
            end=base + parts[-1].end,
            parts=texts if len(texts) > 1 else [],
            form="direct",
        )

    def _unused(self, quote: QuoteSpan) -> QuoteSpan | None:
        if (quote.start, quote.end) in self.used:
            return None
        self.used.add((quote.start, quote.end))
        return quote

    def _reported(self, reading: Reading, sentence: Sentence, cue: Cue) -> QuoteSpan | None:
        """The clause behind "that" and its like, to the end of the sentence."""
        if self.cues.that is None:
            return None
        lo = reading.folded.text
        offset = max(cue.end if cue.verb is None else min(cue.end, cue.verb[1]), sentence.start)
        for match in self.cues.that.finditer(lo):
            start, end = reading.folded.span(*match.span())
            if start < offset or end > sentence.end or not self._opens_speech(reading, cue, offset, start):
                continue
            clause = reading.paragraph.text[end : sentence.end]
            stripped = clause.strip().rstrip(".۔؟!؛،,").strip()
            if len(stripped.split()) < 2:
                return None
            at = reading.paragraph.start + end + len(clause) - len(clause.lstrip())
            return self._unused(QuoteSpan(text=stripped, start=at, end=at + len(stripped), form="reported"))
        return None

    def _opens_speech(self, reading: Reading, cue: Cue, offset: int, at: int) -> bool:
        """Whether a "that" at `at` opens what was said: a verb of speech or the cue shortly before it, and no noun it describes."""
        verbs = list(self.cues.verb.finditer(reading.hidden, offset, at))
        since = reading.hidden[
            max([match.end() for match in verbs] + [offset if at < cue.end else max(cue.end, offset)]) : at
        ]
        if len(since.split()) > REACH or (cue.verb is None and not verbs):
            return False
        last = since.split()[-1:] or [""]
        return not (self.cues.capitals and self.cues.post and self.cues.post.fullmatch(last[0]))

    def _speaker(self, reading: Reading, index: int, cues: list[Cue]) -> CitationSpeaker | None:
        text = reading.paragraph.text
        for cue in cues:
            if cue.who:
                a, b = cue.who
                apposed = any(mark in text[b - 1 : b + 1] for mark in ",،")
                if (speaker := by_order(text[a:b], self.cues, last=b >= cue.end, apposed=apposed)) is not None:
                    return speaker
        if not self.cues.capitals:
            return None
        cue, sentence = cues[0], reading.sentences[index]
        hidden = reading.hidden[sentence.start : sentence.end]
        verb = cue.verb or self._verb(reading, sentence, cue)
        local = (verb[0] - sentence.start, verb[1] - sentence.start) if verb else None
        found = by_capitals(hidden, local, cue.start - sentence.start, self.cues)
        return settle(found, self._before(reading, index), names_of(self.body, self.cues.language), self.cues)

    def _verb(self, reading: Reading, sentence: Sentence, cue: Cue) -> tuple[int, int] | None:
        """The verb of speech nearest to the cue in its sentence, behind it first."""
        verbs = [match.span() for match in self.cues.verb.finditer(reading.hidden, sentence.start, sentence.end)]
        behind = [span for span in verbs if span[0] >= cue.end]
        return behind[0] if behind else (verbs[-1] if verbs else None)

    def _before(self, reading: Reading, index: int) -> list[str]:
        """The sentences before, nearest first, quotations masked, into the two paragraphs before."""
        found = [reading.hidden[s.start : s.end] for s in reversed(reading.sentences[:index])]
        for number in range(reading.number - 1, max(-1, reading.number - 3), -1):
            if len(self.paragraphs[number].text) <= PARAGRAPH_MAX:
                other = self._reading(number)
                found += [other.hidden[s.start : s.end] for s in reversed(other.sentences)]
        return found


def _is_name(span: Span, text: str) -> bool:
    """A quotation that is a title: short, every word with a capital, and not closed like speech."""
    words = [word for word in re.findall(r"[^\W\d_]+", span.text) if len(word) > 3]
    before = text[: span.outer_start].rstrip()[-1:]
    return (
        span.words <= 5
        and bool(words)
        and all(w[0].isupper() for w in words)
        and before not in (":", ",")
        and span.outer_start > 0
        and span.text[-1:] not in "!?"
    )


def _nearer(cue: Cue, head: Span, tail: Span, hidden: str) -> Span:
    return head if cue.start - head.outer_end <= tail.outer_start - cue.end else tail


def _is_split(hidden: str, head: Span, tail: Span) -> bool:
    """Whether two quotations are one that the attribution splits: little between them, and no new sentence."""
    between = hidden[head.outer_end : tail.outer_start]
    return len(between.split()) <= 16 and not re.search(r"[.!?؟۔]\s", between)


def _chain(after: list[Span], hidden: str) -> list[Span]:
    """Further parts of the same quotation: joined by an ellipsis in brackets, "and" or a comma alone."""
    chain: list[Span] = []
    for left, right in itertools.pairwise(after):
        if not re.fullmatch(r"\W*(?:\(?…\)?|\.\.\.|and|و|und|e|et|y)?\W*", hidden[left.outer_end : right.outer_start]):
            break
        chain.append(right)
    return chain
