"""The gate's page: a table of figures, by set and by language, and the worst ten pages with what is wrong with them.

Belongs here: text only. The figures are `measure`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from tests.quality.measure import FIELDS, Outcome, figures, grouped
from tests.quality.metrics import bootstrap, f1_over


def table(outcomes: Sequence[Outcome]) -> str:
    """Body F1 with its interval, bare trafilatura beside it, then the other fields; a row a set and a row a trust."""
    found = figures(outcomes)
    lines = [
        f"{'':14}{'pages':>6} {'body F1':>8} {'95 % interval':>17} {'bare':>8} {'gain':>8}  "
        + " ".join(f"{name:>11}" for name in FIELDS)
    ]
    groups = {"all": list(outcomes), **grouped(outcomes, lambda outcome: outcome.sample.set)}
    for group, members in groups.items():
        lines.append(_row(group, members, found))
    for trust, members in grouped(outcomes, lambda outcome: outcome.sample.trust).items():
        lines.append(
            _row(
                f"trust {trust}",
                members,
                {
                    f"{key.rpartition('.')[0]}.trust {trust}": value
                    for key, value in figures(members).items()
                    if key.endswith(".all")
                },
            )
        )
    return "\n".join(lines)


def _row(group: str, members: list[Outcome], found: dict[str, float]) -> str:
    scores = [outcome.ours for outcome in members if outcome.ours]
    body = " " * 45
    if scores:
        low, high = bootstrap(scores)
        body = f"{found[f'body.{group}']:>8.4f}   {low:.4f} – {high:.4f} {found[f'bare.{group}']:>8.4f} {found[f'gain.{group}']:>+8.4f}"
    shares = " ".join(f"{found[key]:>11.3f}" if (key := f"{name}.{group}") in found else f"{'':>11}" for name in FIELDS)
    return f"{group:14}{len(members):>6} {body:45}  {shares}"


def by_language(outcomes: Sequence[Outcome]) -> str:
    """Body F1 of both for each language with at least three scored pages."""
    lines = []
    for language, members in grouped(
        [outcome for outcome in outcomes if outcome.ours], lambda outcome: outcome.language
    ).items():
        if len(members) >= 3:
            ours = f1_over([outcome.ours for outcome in members if outcome.ours])
            bare = f1_over([outcome.bare for outcome in members if outcome.bare])
            lines.append(f"{language:6}{len(members):>5} {ours:>8.4f} {bare:>8.4f} {ours - bare:>+8.4f}")
    return "\n".join(lines)


def worst(outcomes: Sequence[Outcome], count: int = 10) -> str:
    """The pages with the lowest body F1, and why as far as the figures say."""
    scored = sorted(
        (outcome for outcome in outcomes if outcome.ours), key=lambda outcome: outcome.ours.f1 if outcome.ours else 0.0
    )
    return "\n".join(
        f"{outcome.ours.f1:.3f} {outcome.sample.id}: {_reason(outcome)}" for outcome in scored[:count] if outcome.ours
    )


def _reason(outcome: Outcome) -> str:
    score, bare = outcome.ours, outcome.bare
    assert score is not None and bare is not None
    mine, theirs, gold = outcome.lengths
    parts = []
    if outcome.refused:
        parts.append(f"refused ({outcome.refused.value})")
    elif (score.recall or 0.0) < 0.9:
        parts.append(f"text missing (recall {score.recall or 0.0:.2f})")
    if score.precision is not None and score.precision < 0.9:
        parts.append(f"text that is not the article's (precision {score.precision:.2f})")
    if bare.f1 > score.f1 + 0.01:
        parts.append(f"bare trafilatura has {bare.f1:.3f}")
    parts.append(f"{mine} characters, bare {theirs}" + (f", truth {gold}" if gold else ""))
    return "; ".join(parts + outcome.warnings[:3])


def cost(outcomes: Sequence[Outcome]) -> str:
    """The paired cost: median over pages of our CPU time by bare trafilatura's with metadata."""
    ratios = [ours / bare for ours, bare in (outcome.seconds for outcome in outcomes) if bare > 0]
    return (
        f"CPU time by bare trafilatura with metadata, median of {len(ratios)} pages: {median(ratios):.2f}"
        if ratios
        else ""
    )
