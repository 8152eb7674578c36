"""Choosing among the dates that a page offers, by a written order.

Belongs here: `Candidate`s in, one `Chosen` out. The order:

1. The first readable candidate in the order given (the caller orders by source) names the day.
2. Another candidate on the same wall-clock day that is finer, or that names the zone the first one left out, gives the
   moment: a JSON-LD day with a meta instant becomes the instant. Two full instants never replace each other.
3. A candidate on another day is reported (`conflict`), never mixed in. One that counts back from now ("1h ago") is too
   coarse to contradict, and is most often another story's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from archiver.extract.dates.parse import DateContext, ParsedDate, parse_date

_FINENESS = {"year": 0, "month": 1, "day": 2, "minute": 3, "second": 4}

APART = timedelta(days=1, hours=14)
"""Two spellings farther apart than a day and the widest zone name different days."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A spelling and where it stood: `source` is the record's closed word, `place` the exact field."""

    raw: str
    source: str
    place: str


@dataclass(frozen=True, slots=True)
class Chosen:
    date: ParsedDate
    source: str
    place: str
    conflict: str | None = None
    """The place of the first candidate that names another day."""


def choose(candidates: Iterable[Candidate], context: DateContext) -> Chosen | None:
    """The best of `candidates` by the module's order; None when none can be read."""
    best: Chosen | None = None
    conflict: str | None = None
    seen: set[str] = set()
    for candidate in candidates:
        if candidate.raw in seen:
            continue
        seen.add(candidate.raw)
        parsed = parse_date(candidate.raw, context)
        if parsed is None:
            continue
        if best is None or _refines(parsed, best.date):
            best = Chosen(parsed, candidate.source, candidate.place)
        elif conflict is None and parsed.note != "date-relative" and abs(parsed.moment - best.date.moment) > APART:
            conflict = candidate.place
    if best is None or conflict is None:
        return best
    return Chosen(best.date, best.source, best.place, conflict)


def _refines(new: ParsedDate, old: ParsedDate) -> bool:
    """Whether `new` says the same as `old` and more."""
    if old.precision in ("minute", "second") and old.zoned:
        return False
    if new.note == "date-relative":
        return False
    new_wall, old_wall = new.moment.replace(tzinfo=None), old.moment.replace(tzinfo=None)
    if old.precision == "day":
        near = new_wall.date() == old_wall.date() or (new.zoned and new.moment.date() == old_wall.date())
        return near and _FINENESS[new.precision] > _FINENESS["day"]
    # The old one has a clock without a zone: the same clock with a zone settles it.
    same_clock = abs(new_wall - old_wall) < timedelta(minutes=1)
    offset_only = new.zoned and abs(new_wall - old_wall) <= timedelta(hours=14) and new_wall.minute == old_wall.minute
    return new.zoned and (same_clock or offset_only)
