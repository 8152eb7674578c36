"""What a run of a source gave, and whether that is what the source usually gives.

Belongs here: measuring a run from its documents and refusals, and the alarms. Pure; a source is compared with its own past, so that a
template change, a new wall or a dead feed is noticed in the first run that meets it. Remembering is the frontier's matter.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import median

from archiver.models import Refusal, Role
from archiver.reasons import Reason
from archiver.sources import Expect

BLOCKED = frozenset(
    {
        Reason.CHALLENGE,
        Reason.CONSENT_WALL,
        Reason.LOGIN_WALL,
        Reason.THROTTLED,
        Reason.HOST_FORBIDS,
        Reason.HOST_PAUSED,
    }
)
UNREAD = frozenset({Reason.NOT_HTML, Reason.NOT_AN_ARTICLE, Reason.NO_TEXT, Reason.SOFT_404, Reason.EXTRACTOR_ERROR})
"""Answered pages that gave no article; only article pages have these Reasons."""

FAILED = frozenset(
    {
        Reason.HTTP_ERROR,
        Reason.TIMEOUT,
        Reason.DISCONNECTED,
        Reason.BROKEN_RESPONSE,
        Reason.CONNECT_FAILED,
        Reason.DNS_FAILED,
        Reason.TLS_FAILED,
        Reason.REDIRECT_LOOP,
        Reason.TRUNCATED,
        Reason.EMPTY,
        Reason.UNDECODABLE,
        Reason.TOO_LARGE,
        Reason.DISALLOWED_BY_ROBOTS,
        Reason.ROBOTS_UNREACHABLE,
    }
)
"""Article pages that were not to be had."""

PAGES_MIN = 3
"""Pages below which shares say nothing; a run with fewer is judged together with the runs before it."""

PAST_MIN = 5
"""Pages of the past below which there is nothing to compare with."""

RUNS = 20
"""Runs of the past that count."""

Measures = Mapping[str, float]


class Sums:
    """Measures one source's run, document by document. `offered`: the URLs that its feeds, sitemaps and pages show, `spared` those
    of them that the run knew and had no reason to fetch."""

    def __init__(self, offered: int, spared: int) -> None:
        self.offered, self.spared = offered, spared
        self.lengths: list[int] = []
        self.dated = 0
        self.reasons: Counter[str] = Counter()

    def document(self, line: bytes) -> None:
        article = json.loads(line)
        self.lengths.append(len(article["article_body"]))
        self.dated += article["date_published"] is not None

    def refusal(self, refusal: Refusal) -> None:
        if refusal.role in (None, Role.ARTICLE.value):
            self.reasons[refusal.reason] += 1

    def measures(self) -> dict[str, float]:
        """`documents`, `unchanged`, `unread`, `blocked` and `failed` pages, `offered` and `spared` URLs, the median length of the texts in
        characters (`chars`) and the documents that have a date (`dated`)."""
        return {
            "documents": float(len(self.lengths)),
            "unchanged": float(self.reasons[Reason.UNCHANGED.value]),
            "unread": float(sum(self.reasons[reason.value] for reason in UNREAD)),
            "blocked": float(sum(self.reasons[reason.value] for reason in BLOCKED)),
            "failed": float(sum(self.reasons[reason.value] for reason in FAILED)),
            "offered": float(self.offered),
            "spared": float(self.spared),
            "chars": float(median(self.lengths)) if self.lengths else 0.0,
            "dated": float(self.dated),
        }


def alarms(now: Measures, past: Sequence[Measures], expect: Expect) -> list[str]:
    """One sentence for each thing that is below what the source file asks for, or far from what the source usually gives."""
    usual = _sum(past[:RUNS])
    recent, before = _recent(now, past[:RUNS])
    return [
        sentence
        for sentence in (
            _too_few(now, expect),
            _yield(now, recent, before, expect),
            _blocks(now, recent, before, expect),
            _lengths(now, past[:RUNS], expect),
            _dates(now, usual, expect),
            _silence(now, usual),
        )
        if sentence
    ]


def _sum(past: Sequence[Measures]) -> dict[str, float]:
    names = {name for measures in past for name in measures}
    return {name: sum(measures.get(name, 0.0) for measures in past) for name in names}


def _recent(now: Measures, past: Sequence[Measures]) -> tuple[dict[str, float], dict[str, float]]:
    """(the run with as many before it as it takes to have `PAGES_MIN` pages, the sum of the runs before those).

    Most runs of a source that is asked every half hour bring one page or two; a template change must not hide in that.
    """
    runs = 0
    while _pages(found := _sum([now, *past[:runs]])) < PAGES_MIN and runs < len(past):
        runs += 1
    return found, _sum(past[runs:])


def _pages(measures: Measures) -> float:
    return sum(measures.get(name, 0.0) for name in ("documents", "unchanged", "unread", "blocked", "failed"))


def _share(measures: Measures, *names: str) -> float:
    pages = _pages(measures)
    return sum(measures.get(name, 0.0) for name in names) / pages if pages else 0.0


def _too_few(now: Measures, expect: Expect) -> str | None:
    found = sum(now.get(name, 0.0) for name in ("documents", "unchanged", "spared"))
    if found >= expect.articles_min:
        return None
    return f"{found:g} articles, expected at least {expect.articles_min}"


def _yield(now: Measures, recent: Measures, usual: Measures, expect: Expect) -> str | None:
    if _pages(recent) < PAGES_MIN or not _pages(now) or _share(now, "documents", "unchanged") == 1.0:
        return None  # nothing to judge, or whatever it was, it is over
    share = _share(recent, "documents", "unchanged")
    floor = expect.yield_min
    if floor is None and _pages(usual) >= PAST_MIN:
        floor = _share(usual, "documents", "unchanged") * 0.6
    if floor is None or share >= floor:
        return None
    return f"{share:.0%} of its pages gave an article, expected at least {floor:.0%}: was a template changed?"


def _blocks(now: Measures, recent: Measures, usual: Measures, expect: Expect) -> str | None:
    if _pages(recent) < PAGES_MIN or not now.get("blocked"):
        return None
    share = _share(recent, "blocked")
    ceiling = expect.blocked_max
    if ceiling is None and _pages(usual) >= PAST_MIN:
        ceiling = min(1.0, _share(usual, "blocked") + 0.3)
    if ceiling is None or share <= ceiling:
        return None
    return f"{share:.0%} of its pages were walls, challenges or refusals, expected at most {ceiling:.0%}"


def _lengths(now: Measures, past: Sequence[Measures], expect: Expect) -> str | None:
    if now.get("documents", 0.0) < PAGES_MIN:
        return None
    floor = float(expect.text_min) if expect.text_min is not None else None
    known = [measures["chars"] for measures in past if measures.get("documents")]
    if floor is None and sum(measures.get("documents", 0.0) for measures in past) >= PAST_MIN:
        floor = median(known) * 0.4
    if floor is None or now["chars"] >= floor:
        return None
    return f"its texts have {now['chars']:.0f} characters, expected at least {floor:.0f}: was a template changed?"


def _dates(now: Measures, usual: Measures, expect: Expect) -> str | None:
    documents = now.get("documents", 0.0)
    if documents < PAGES_MIN:
        return None
    share, floor = now["dated"] / documents, expect.dated_min
    if floor is None and usual.get("documents", 0.0) >= PAST_MIN:
        floor = max(0.0, usual["dated"] / usual["documents"] - 0.4)
    if floor is None or share >= floor:
        return None
    return f"{share:.0%} of its articles have a date, expected at least {floor:.0%}"


def _silence(now: Measures, usual: Measures) -> str | None:
    if now.get("offered", 0.0) or not usual.get("offered", 0.0):
        return None
    return "its feeds, sitemaps and pages offered no article at all, which they used to"
