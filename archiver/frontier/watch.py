"""Cited posts and quotations in the frontier: when each is to be asked for again.

Belongs here: rows by name. A name is `post:NETWORK:ID`, or `citation:VERSION:RECORD:NUMBER` for what has no id yet (a quotation, a short
link); `run:ID` remembers whose documents are learnt. What makes something due is `archiver.watching`'s matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from archiver.frontier import bulk
from archiver.frontier import tables as t
from archiver.frontier.convert import maybe_moment, moment_of, seconds_of
from archiver.frontier.database import Database
from archiver.frontier.rows import digest64

BATCH = 500
RUN = "run:"


@dataclass(frozen=True, slots=True)
class Watch:
    """What is watched: `seen` is the moment of its newest document, `first` that of its first capture, `due` None when nothing is."""

    name: str
    seen: datetime
    due: datetime | None = None
    first: datetime | None = None


class Watches(Database):
    """The part of a frontier that is about cited posts."""

    def learnt_runs(self) -> set[str]:
        """The ids of the runs whose documents this frontier knows."""
        with self._reading() as connection:
            names = connection.execute(select(t.watch.c.name).where(t.watch.c.name.like(f"{RUN}%"))).scalars()
            return {str(name).removeprefix(RUN) for name in names}

    def watches(self, names: Sequence[str]) -> dict[str, Watch]:
        """What is known of these names."""
        found: dict[str, Watch] = {}
        with self._reading() as connection:
            for start in range(0, len(names), BATCH):
                keys = [digest64(name) for name in names[start : start + BATCH]]
                for row in connection.execute(select(t.watch).where(t.watch.c.key.in_(keys))):
                    found[row.name] = Watch(
                        row.name, moment_of(row.seen), maybe_moment(row.due), maybe_moment(row.first)
                    )
        return found

    def watch(self, run: str, watches: Iterable[Watch], now: datetime) -> None:
        """Keeps what one run's documents say, and that they are learnt, in one transaction."""
        rows = {digest64(one.name): _row(one) for one in (*watches, Watch(f"{RUN}{run}", now))}
        with self._writing() as connection:
            every = list(rows.values())
            for start in range(0, len(every), BATCH):
                bulk.upsert(connection, t.watch, ["key"], every[start : start + BATCH])

    def watched_due(self, now: datetime) -> set[str]:
        """The names that are due."""
        with self._reading() as connection:
            query = select(t.watch.c.name).where(t.watch.c.due <= seconds_of(now))
            return {str(name) for name in connection.execute(query).scalars()}

    def unwatch(self, names: Iterable[str]) -> None:
        """Notes that nothing is due of these names after all."""
        keys = [digest64(name) for name in names]
        with self._writing() as connection:
            for start in range(0, len(keys), BATCH):
                wanted = t.watch.c.key.in_(keys[start : start + BATCH])
                connection.execute(update(t.watch).where(wanted).values(due=None))


def _row(one: Watch) -> dict[str, object]:
    return {
        "key": digest64(one.name),
        "name": one.name,
        "seen": seconds_of(one.seen),
        "due": None if one.due is None else seconds_of(one.due),
        "first": None if one.first is None else seconds_of(one.first),
    }
