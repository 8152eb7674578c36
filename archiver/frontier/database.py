"""The connection to a frontier's database, and the ids that its tables share.

Belongs here: opening, transactions, small look-up tables, upserts. What the rows mean is for `ledger` and `polls`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from archiver.errors import RecordingError
from archiver.frontier import tables as t
from archiver.frontier.engine import cause, open_engine, shown
from archiver.frontier.schedule import Plan

NEXT_MOVE = "free some space or make the database well, then archiver publish"


class Database:
    """A frontier's database at a SQLAlchemy URL (`sqlite:///file` or `postgresql+psycopg://…`)."""

    def __init__(self, url: str, plan: Plan | None = None) -> None:
        self.url, self.plan = url, plan or Plan()
        self._engine = open_engine(url)
        self._sources: dict[str, int] = {}
        self._names: dict[int, str] = {}
        try:
            with self._engine.begin() as connection:
                t.migrate(connection)
        except SQLAlchemyError as error:
            self._engine.dispose()
            raise RecordingError(f"the frontier {shown(url)} cannot be opened: {cause(error)}; {NEXT_MOVE}") from error
        self._insert = postgresql.insert if self._engine.dialect.name == "postgresql" else sqlite.insert

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._troubled(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._troubled(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _troubled(self) -> Iterator[None]:
        """A database that fails is a `RecordingError`: nothing after it may be acknowledged, and the run has to stop."""
        try:
            yield
        except SQLAlchemyError as error:
            raise RecordingError(f"the frontier {shown(self.url)}: {cause(error)}; {NEXT_MOVE}") from error

    # Ids

    def _source(self, connection: Connection, name: str) -> int:
        """The id of a source, made when there is none."""
        found = self._source_id(connection, name)
        if found is not None:
            return found
        connection.execute(self._insert(t.source).values(name=name).on_conflict_do_nothing(index_elements=["name"]))
        return int(connection.execute(select(t.source.c.id).where(t.source.c.name == name)).scalar_one())

    def _source_id(self, connection: Connection, name: str) -> int | None:
        if name not in self._sources:
            found = connection.execute(select(t.source.c.id).where(t.source.c.name == name)).scalar()
            if found is None:
                return None
            self._sources[name] = int(found)
        return self._sources[name]

    def _name(self, connection: Connection, source: int) -> str:
        if source not in self._names:
            found = connection.execute(select(t.source.c.name).where(t.source.c.id == source)).scalar_one()
            self._names[source] = str(found)
        return self._names[source]

    def _feed_id(self, connection: Connection, source: int, url: str, kind: str) -> int:
        query = select(t.feed.c.id).where((t.feed.c.source == source) & (t.feed.c.url == url))
        found = connection.execute(query).scalar()
        if found is None:
            row = {"source": source, "url": url, "kind": kind, "polls": 0, "fresh": 0, "failures": 0, "entries": 0}
            connection.execute(
                self._insert(t.feed).on_conflict_do_nothing(index_elements=["source", "url"]).values(row)
            )
            found = connection.execute(query).scalar_one()
        return int(found)

    def _segment(self, connection: Connection, name: str) -> int:
        query = select(t.segment.c.id).where(t.segment.c.name == name)
        found = connection.execute(query).scalar()
        if found is None:
            connection.execute(
                self._insert(t.segment).on_conflict_do_nothing(index_elements=["name"]).values(name=name)
            )
            found = connection.execute(query).scalar_one()
        return int(found)
