"""Quotations in the body: what stands between quotation marks, with its speaker where a phrase beside it names one.

Belongs here: pairing marks (`marks`), naming speakers (`speakers`), and making `Quotation`s of both. Whether a quotation
comes from a post is decided in `citations`. `exact` is what stands between the outer marks; nested quotations belong to
the one around them. Spans of fewer than three words count only where somebody is named as saying them: marks around a
word or two are titles, names and irony.
"""

from __future__ import annotations

import re

from archiver.extract.language import detect_language
from archiver.extract.quotations.marks import Span, spans
from archiver.extract.quotations.speakers import find_speaker
from archiver.models.article import Paragraph, Quotation, Speaker

CONTEXT = 32
"""Characters of `prefix` and `suffix`, as in W3C Web Annotation's TextQuoteSelector."""
WORDS_MIN = 3
CONFIRM_FROM = 5
"""Paragraphs from which a German article names a person in full somewhere; a shorter text may not."""
QUOTATIONS_MAX = 1000

_WORD = re.compile(r"[^\W_]+(?:['’\u200c-][^\W_]+)*")
_FULL_STOP = re.compile(r"[^\W\d_]{3,}[.!?۔؟]\s")
_PAIR = re.compile(r"\b[^\W\d_a-zà-ÿ][\w.'’-]*\s+(?=([^\W\d_a-zà-ÿ][\w'’-]+))")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def find_quotations(paragraphs: list[Paragraph], language: str | None) -> list[Quotation]:
    """Every quotation of the body in order. `language` (BCP 47) chooses the words of saying; None lets the text tell.

    A quotation that reopens its mark in each paragraph is one quotation over all of them. Marks that do not pair are
    left alone, paragraph by paragraph.
    """
    if language is None:
        found = detect_language(" ".join(paragraph.text for paragraph in paragraphs[:5]), None)
        language = found.code if found else None
    out: list[Quotation] = []
    earlier: tuple[Span, Speaker | None] | None = None
    german = (language or "").lower().startswith("de") and len(paragraphs) >= CONFIRM_FROM
    surnames = _surnames(paragraphs) if german else None
    for span in spans(paragraphs):
        exact = _text(paragraphs, span)
        if not exact or len(out) >= QUOTATIONS_MAX:
            continue
        before = paragraphs[span.first].text[: span.opens]
        after = paragraphs[span.last].text[span.closes + 1 :]
        previous = paragraphs[span.first - 1].text if span.first and not before.strip() else ""
        speaker = find_speaker(before, exact, after, language, previous)
        if speaker is None and earlier is not None and _goes_on(paragraphs, earlier[0], span):
            speaker = earlier[1]
        if speaker is not None and surnames is not None and " " not in speaker.name and speaker.name not in surnames:
            speaker = None
        earlier = (span, speaker)
        words = len(_WORD.findall(exact)) + len(_CJK.findall(exact)) // 2
        if words < WORDS_MIN and (speaker is None or exact.rstrip()[-1:] not in tuple(".,!?…۔؟،")):
            continue
        out.append(
            Quotation(
                exact=exact,
                prefix=before[-CONTEXT:] if span.opens else "",
                suffix=after[:CONTEXT],
                start=paragraphs[span.first].start + span.begin,
                end=paragraphs[span.last].start + span.end,
                speaker=speaker,
                form="direct",
            )
        )
    return out


def _surnames(paragraphs: list[Paragraph]) -> set[str]:
    """Words that follow another capitalised word: where every noun has a capital, only these can be surnames."""
    return {match[1] for paragraph in paragraphs[:500] for match in _PAIR.finditer(paragraph.text)}


def _goes_on(paragraphs: list[Paragraph], earlier: Span, span: Span) -> bool:
    """Whether a quotation goes on after its attribution: "…," said X. "…" with one short sentence between, none after."""
    if earlier.last != span.first:
        return False
    between = paragraphs[span.first].text[earlier.closes + 1 : span.opens].strip()
    if not 3 <= len(between) <= 160 or between[-1] not in ".۔" or _FULL_STOP.search(between[:-1]):
        return False
    after = paragraphs[span.last].text[span.closes + 1 :].strip()
    return not after or paragraphs[span.last].text[span.end - 1] in ".!?…۔؟"


def _text(paragraphs: list[Paragraph], span: Span) -> str:
    """The text of a span; between paragraphs stand as many line feeds as their offsets leave room for."""
    if span.first == span.last:
        return paragraphs[span.first].text[span.begin : span.end]
    parts = [paragraphs[span.first].text[span.begin :]]
    for number in range(span.first + 1, span.last + 1):
        paragraph = paragraphs[number]
        parts.append("\n" * max(0, paragraph.start - paragraphs[number - 1].end))
        parts.append(paragraph.text[: span.end] if number == span.last else paragraph.text)
    return "".join(parts)
