"""Cited posts and quotations in the frontier: when each is to be asked for again, and which runs know of it.

Belongs here: rows by name. A name is `post:NETWORK:ID`, `citation:VERSION:RECORD:NUMBER`, or `question:URL`. What makes something due is
`archiver.watching`'s matter.
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
            return {str(run) for run in connection.execute(select(t.watch_run.c.run)).scalars()}

    def learnt_entry(self) -> tuple[int, str] | None:
        """(number, run) of the last entry of the change sequence that was learnt; None before the first."""
        with self._reading() as connection:
            row = connection.execute(select(t.watch_feed)).first()
            return (row.number, row.run) if row else None

    def learn_entry(self, number: int, run: str) -> None:
        """Notes how far the change sequence was learnt."""
        with self._writing() as connection:
            connection.execute(t.watch_feed.delete())
            connection.execute(t.watch_feed.insert().values(number=number, run=run))

    def places(self, names: Sequence[str]) -> set[str]:
        """The manifests of the runs that have documents about these names."""
        found: set[str] = set()
        query = select(t.watch_run.c.manifest).join(t.watch_place, t.watch_place.c.run == t.watch_run.c.key).distinct()
        with self._reading() as connection:
            for start in range(0, len(names), BATCH):
                keys = [digest64(name) for name in names[start : start + BATCH]]
                found.update(connection.execute(query.where(t.watch_place.c.key.in_(keys))).scalars())
        return found

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

    def watch(self, run: str, manifest: str, watches: Iterable[Watch], names: Iterable[str] = ()) -> None:
        """Keeps what one run's documents say, of which `names` they speak, and that they are learnt, in one transaction."""
        every = [_row(one) for one in {digest64(one.name): one for one in watches}.values()]
        key = digest64(run)
        places = [{"key": name, "run": key} for name in {digest64(name) for name in names}]
        with self._writing() as connection:
            for start in range(0, len(every), BATCH):
                bulk.upsert(connection, t.watch, ["key"], every[start : start + BATCH])
            for start in range(0, len(places), BATCH):
                bulk.insert_new(connection, t.watch_place, ["key", "run"], places[start : start + BATCH])
            bulk.upsert(connection, t.watch_run, ["key"], [{"key": key, "run": run, "manifest": manifest}])

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
