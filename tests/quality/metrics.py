"""The figures: word-shingle precision and recall, segment recall, bootstrap intervals.

Belongs here: arithmetic over texts and gold. What a page is and who extracted it is `corpus` and `run`'s business. The body
metric is the published one of the article-extraction benchmark: multisets of word 4-grams, precision and recall a page,
averaged over pages, F1 of the two averages.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_WORD = re.compile(r"\w+")
SHINGLE = 4


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall of one page, each 0 to 1; None where the page cannot say (nothing predicted, nothing wanted)."""

    precision: float | None
    recall: float | None

    @property
    def f1(self) -> float:
        p, r = self.precision or 0.0, self.recall or 0.0
        if self.precision is None:
            return r
        return 2 * p * r / (p + r) if p + r else 0.0


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    return (
        Counter(tuple(words[i : i + SHINGLE]) for i in range(max(1, len(words) - SHINGLE + 1))) if words else Counter()
    )


def score_body(predicted: str, wanted: str) -> Score:
    """Shingle precision and recall. An empty prediction has no precision and no recall."""
    mine, theirs = shingles(predicted), shingles(wanted)
    common = sum((mine & theirs).values())
    return Score(common / mine.total() if mine else 0.0, common / theirs.total() if theirs else 1.0)


def score_segments(predicted: str, wanted: Sequence[str], unwanted: Sequence[str]) -> Score:
    """Segments that the text must and must not hold, white space folded. Without `unwanted` there is no precision."""
    text = " ".join(predicted.split())
    hits = sum(" ".join(segment.split()) in text for segment in wanted)
    misses = sum(" ".join(segment.split()) in text for segment in unwanted)
    recall = hits / len(wanted) if wanted else None
    if not unwanted:
        return Score(None, recall)
    return Score(hits / (hits + misses) if hits + misses else 0.0, recall)


def f1_over(scores: Iterable[Score]) -> float:
    """F1 of the mean precision and the mean recall."""
    kept = list(scores)
    precisions = [score.precision for score in kept if score.precision is not None]
    recalls = [score.recall for score in kept if score.recall is not None]
    if not recalls:
        return 0.0
    r = sum(recalls) / len(recalls)
    p = sum(precisions) / len(precisions) if precisions else 1.0
    return 2 * p * r / (p + r) if p + r else 0.0


def bootstrap(scores: Sequence[Score], rounds: int = 500, seed: int = 20261124) -> tuple[float, float]:
    """The 95 % interval of `f1_over` by resampling pages; the seed is fixed so that a run repeats."""
    draw = random.Random(seed)
    figures = sorted(f1_over(draw.choices(scores, k=len(scores))) for _ in range(rounds))
    return figures[int(rounds * 0.025)], figures[int(rounds * 0.975)]
