"""Which markers of an embed's place trafilatura keeps: why `take_embeds` leaves a bare paragraph and takes the wrapper away.

These are facts about the pinned release. Where a new one changes them, `archiver.extract.embeds` has to be looked at again.
"""

from __future__ import annotations

import pytest
import trafilatura

from tests.unit.extract.test_embeds import ONE, THREE, TWO

MARK = "[[post:1]]"
PARAGRAPH = f"<p>{MARK}</p>"
MODES = {"default": {}, "precision": {"favor_precision": True}, "recall": {"favor_recall": True}}
PLACES = {
    "between paragraphs": PARAGRAPH,
    "after a heading": f"<h2>The pillars</h2>{PARAGRAPH}",
    "two in a row": f"{PARAGRAPH}<p>[[post:2]]</p>",
    "in a list": f"<ul><li>First</li><li>{PARAGRAPH}</li></ul>",
    "as a span": f"<p><span>{MARK}</span></p>",
    "in a blockquote": f"<blockquote>{PARAGRAPH}</blockquote>",
    "inline": f"<p>On the spot {MARK} somebody waited for the wind.</p>",
}
WRAPPED = {
    "figure": f'<figure class="wp-block-embed">{PARAGRAPH}</figure>',
    "div.embed": f'<div class="embed">{PARAGRAPH}</div>',
    "aside": f"<aside>{PARAGRAPH}</aside>",
}


def kept(inner: str, mode: str) -> str:
    page = f"<article><h1>Bridge</h1><p>{ONE}</p>{inner}<p>{TWO}</p><p>{THREE}</p></article>"
    return trafilatura.extract(f"<html><body>{page}</body></html>", **MODES[mode]) or ""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_bare_paragraph_survives_wherever_it_stands(place: str, mode: str) -> None:
    text = kept(place, mode)
    assert MARK in text and ("[[post:2]]" in text) == ("[[post:2]]" in place)
    assert text.index(ONE) < text.index(MARK) < text.index(TWO)


@pytest.mark.parametrize(("mode", "survives"), [("default", True), ("precision", False), ("recall", True)])
def test_a_division_does_not_survive_precision(mode: str, survives: bool) -> None:
    assert (MARK in kept(f"<div>{MARK}</div>", mode)) is survives


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("wrapper", WRAPPED.values(), ids=WRAPPED)
def test_a_marker_left_inside_a_wrapper_is_lost(wrapper: str, mode: str) -> None:
    assert MARK not in kept(wrapper, mode)
