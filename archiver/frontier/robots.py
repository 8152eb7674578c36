"""Copies of robots.txt in the frontier: what an origin said last, for runs that cannot ask it, or need not.

Belongs here: keeping and finding copies. They are made from captures when a run is published, so that a copy is never without its
record; how long one is good for is decided by who asks (RFC 9309 2.4: a day; when the file cannot be had, a month).
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select

from archiver.frontier import bulk
from archiver.frontier import tables as t
from archiver.frontier.convert import moment_of, record_id, robots_row
from archiver.frontier.database import Database
from archiver.frontier.rows import RobotsCopy, digest64


class Copies(Database):
    """The part of a frontier that is about robots.txt."""

    def keep_robots(self, copies: Iterable[RobotsCopy]) -> None:
        """Notes what origins said; the newest of each counts, so that a run published late takes nothing back."""
        newest: dict[int, RobotsCopy] = {}
        for copy in copies:
            key = digest64(copy.origin)
            if key not in newest or newest[key].fetched <= copy.fetched:
                newest[key] = copy
        with self._writing() as connection:
            query = select(t.robots.c.key, t.robots.c.fetched).where(t.robots.c.key.in_(list(newest)))
            known = {row.key: moment_of(row.fetched) for row in connection.execute(query)}
            rows = [robots_row(copy) for key, copy in newest.items() if key not in known or known[key] <= copy.fetched]
            bulk.upsert(connection, t.robots, ["key"], rows)

    def robots(self, origin: str) -> RobotsCopy | None:
        """The newest copy of an origin (`scheme://host:port`)."""
        with self._reading() as connection:
            row = connection.execute(select(t.robots).where(t.robots.c.key == digest64(origin))).first()
        if row is None:
            return None
        content = None if row.content is None else bytes(row.content)
        return RobotsCopy(row.origin, moment_of(row.fetched), record_id(row.record), content)
