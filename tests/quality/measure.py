"""Scoring pages: ours and bare trafilatura in the same run, and what of the gold each page answers.

Belongs here: from samples to one outcome a page, and from outcomes to named figures. Printing is `report`'s, floors are
`floors`' business. Names of figures are `FIELD[.GROUP]`; each is between 0 and 1, larger is better, except `gain`, a difference.
"""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import trafilatura

from archiver.errors import Refused
from archiver.extract import CUT, extract
from archiver.models.article import Article
from archiver.models.exchange import Capture
from archiver.reasons import Reason
from tests.quality.corpus import Sample
from tests.quality.metrics import Score, f1_over, score_body, score_segments

WORDING = 0.8
"""F1 of words from which two headlines are wordings of one: of a page's JSON-LD, `h1` and og:title, gold has now this, now that."""

FIELDS = (
    "headline",
    "wording",
    "day",
    "minute",
    "authors",
    "persons",
    "language",
    "declared",
    "not refused",
    "paywall",
    "no paywall",
    "free",
    "not cut",
)
"""The shares of met fields, as `FIELD.GROUP`, beside `body`, `bare` and `gain`."""

_NOT_WORD = re.compile(r"[\W_]+")
_WRONG_REFUSALS = (Reason.CHALLENGE, Reason.CONSENT_WALL, Reason.LOGIN_WALL, Reason.SOFT_404, Reason.NOT_AN_ARTICLE)


@dataclass(slots=True)
class Outcome:
    """One page: body scores of both, and for each other field whether the gold was met (absent: the gold does not say)."""

    sample: Sample
    language: str
    ours: Score | None = None
    bare: Score | None = None
    fields: dict[str, bool] = field(default_factory=dict)
    refused: Reason | None = None
    warnings: list[str] = field(default_factory=list)
    seconds: tuple[float, float] = (0.0, 0.0)
    lengths: tuple[int, int, int] = (0, 0, 0)
    flagged: bool = False


def measure(samples: Iterable[Sample]) -> list[Outcome]:
    """One outcome a page, in order."""
    return [_measure_page(sample) for sample in samples]


def _measure_page(sample: Sample) -> Outcome:
    capture = sample.capture  # read and unpacked before the clock starts: neither extractor pays for that
    started = time.process_time()
    article, refused = _ours(capture)
    between = time.process_time()
    theirs = trafilatura.bare_extraction(sample.content, url=sample.url, include_comments=False, with_metadata=True)
    ended = time.process_time()
    gold = sample.gold
    mine, bare = article.article_body if article else "", str(getattr(theirs, "text", None) or "")
    outcome = Outcome(sample, _language(sample, article), refused=refused, seconds=(between - started, ended - between))
    outcome.lengths = (len(mine), len(bare), len(gold.get("body") or ""))
    outcome.ours, outcome.bare = _score(mine, gold), _score(bare, gold)
    outcome.fields["not refused"] = refused not in _WRONG_REFUSALS
    if article is not None:
        outcome.warnings, outcome.flagged = article.extraction.warnings, article.paywall.detected
    outcome.fields |= _fields(article, gold)
    return outcome


def _ours(capture: Capture) -> tuple[Article | None, Reason | None]:
    try:
        return extract(capture), None
    except Refused as refused:
        return None, refused.reason


def _score(text: str, gold: dict[str, Any]) -> Score | None:
    if gold.get("body"):
        return score_body(text, gold["body"])
    if gold.get("with"):
        return score_segments(text, gold["with"], gold.get("without") or [])
    return None


def _language(sample: Sample, article: Article | None) -> str:
    code = (
        sample.gold.get("lang") or (article and article.language_detected and article.language_detected.code) or "und"
    )
    return str(code).split("-")[0].lower()


def _fields(article: Article | None, gold: dict[str, Any]) -> dict[str, bool]:
    met: dict[str, bool] = {}
    if gold.get("title"):
        ours = (article.headline or "") if article else ""
        met["headline"] = _letters(ours) == _letters(gold["title"])
        met["wording"] = _common_words(ours, gold["title"]) >= WORDING
    if gold.get("days"):
        met["day"] = article is not None and _is_day(article.date_published, gold["days"])
    if gold.get("when"):
        met["minute"] = article is not None and _is_minute(article.date_published, gold["when"])
    if gold.get("authors"):
        names = {_letters(author.name) for author in article.authors} if article else set()
        met["authors"] = names == {_letters(name) for name in gold["authors"]}
        people = {_letters(author.name) for author in article.authors if author.type == "person"} if article else set()
        met["persons"] = people == {_letters(name) for name in gold["authors"]} or met["authors"]
    if gold.get("lang"):
        wanted = gold["lang"].split("-")[0].lower()
        told = article.language_detected.code if article and article.language_detected else ""
        met["language"] = told.split("-")[0].lower() == wanted
        if article and article.language:
            met["declared"] = article.language.split("-")[0].lower() == wanted
    if gold.get("access") and article:
        met |= _access(article, gold["access"])
    return met


def _access(article: Article, truth: dict[str, Any]) -> dict[str, bool]:
    """Walls found where there is one, none where there is none, and texts that break off told from whole ones.

    A metered page is neither: whether a wall stood before it hangs on the reader.
    """
    met: dict[str, bool] = {}
    restricted = truth["label"] in ("locked_full", "stub")
    if restricted or truth["label"] == "free":
        met["paywall" if restricted else "no paywall"] = article.paywall.detected is restricted
    if truth["declared"] is not None:
        met["free"] = article.is_accessible_for_free is truth["declared"]
    if truth["label"] != "stub":
        met["not cut"] = CUT not in article.extraction.warnings
    return met


def _common_words(left: str, right: str) -> float:
    """F1 of the words of two headlines."""
    a, b = Counter(_NOT_WORD.sub(" ", left).lower().split()), Counter(_NOT_WORD.sub(" ", right).lower().split())
    return 2 * (a & b).total() / max(1, a.total() + b.total())


def _letters(text: str) -> str:
    return _NOT_WORD.sub("", text).lower()


def _is_day(moment: datetime | None, days: Sequence[str]) -> bool:
    """The day as printed at the page's own offset, or in UTC."""
    return moment is not None and any(
        day in days for day in (moment.date().isoformat(), moment.astimezone(UTC).date().isoformat())
    )


def _is_minute(moment: datetime | None, when: str) -> bool:
    wanted = datetime.fromisoformat(when.replace("Z", "+00:00"))
    if moment is None:
        return False
    if wanted.tzinfo is None:
        return moment.replace(tzinfo=None, second=0, microsecond=0) == wanted.replace(second=0, microsecond=0)
    return abs((moment - wanted).total_seconds()) < 60


def figures(outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Every figure: body F1 of both and the gain, over all, by set; shares of the other fields, over all and by set."""
    found: dict[str, float] = {}
    for group, members in {"all": list(outcomes), **grouped(outcomes, lambda outcome: outcome.sample.set)}.items():
        ours = [outcome.ours for outcome in members if outcome.ours]
        bare = [outcome.bare for outcome in members if outcome.bare]
        if ours:
            found[f"body.{group}"] = f1_over(ours)
            found[f"bare.{group}"] = f1_over(bare)
            found[f"gain.{group}"] = found[f"body.{group}"] - found[f"bare.{group}"]
        for name in sorted({name for outcome in members for name in outcome.fields}):
            answers = [outcome.fields[name] for outcome in members if name in outcome.fields]
            found[f"{name}.{group}"] = sum(answers) / len(answers)
    return found


def grouped(outcomes: Sequence[Outcome], key: Callable[[Outcome], str]) -> dict[str, list[Outcome]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[key(outcome)].append(outcome)
    return dict(sorted(groups.items()))
