"""The frontier's tables and the steps that lead from one shape to the next.

Belongs here: columns, indexes, migrations. A URL's key is 64 bits of a digest in an integer column: its index stays small enough
for memory at ten million rows, where one over text would not. Moments are whole seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    inspect,
    select,
)

from archiver.errors import ArchiverError

metadata = MetaData()
_Id = BigInteger().with_variant(Integer, "sqlite")
_Moment = BigInteger().with_variant(Integer, "sqlite")

version_table = Table("frontier_version", metadata, Column("version", Integer, nullable=False))

source = Table(
    "source",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("last_run", _Moment),
    Column("lease", Text),
    Column("leased_until", _Moment),
)
"""`lease` names the machine and spool that crawls the source now; others leave it alone until `leased_until`."""

feed = Table(
    "feed",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("source", _Id, nullable=False),
    Column("url", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("sha256", LargeBinary),
    Column("answered", Text),
    Column("last_poll", _Moment),
    Column("next_poll", _Moment),
    Column("pause", Integer),
    Column("polls", Integer, nullable=False, default=0),
    Column("fresh", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("entries", Integer, nullable=False, default=0),
    UniqueConstraint("source", "url"),
)
"""Discovery documents. `pause` is the seconds between polls now, `fresh` the polls that showed a new URL, `failures` those in a row;
`sha256` is of the stored body that the validators belong to, `answered` the URL that gave it, where redirects led elsewhere."""

url = Table(
    "url",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("key", BigInteger, nullable=False, unique=True),
    Column("url", Text, nullable=False),
    Column("source", _Id, nullable=False),
    Column("first_seen", _Moment, nullable=False),
    Column("due", _Moment),
    Column("first_fetch", _Moment),
    Column("last_fetch", _Moment),
    Column("last_try", _Moment),
    Column("tries", SmallInteger, nullable=False, default=0),
    Column("status", SmallInteger),
    Column("reason", Text),
    Column("witnesses", Text, nullable=False, default="[]"),
)
"""`due` is null for what is never fetched again; `tries` counts failures since the last success. `witnesses`: see `rows`."""
Index("url_due", url.c.source, url.c.due, sqlite_where=url.c.due.isnot(None), postgresql_where=url.c.due.isnot(None))

article = Table(
    "article",
    metadata,
    Column("url", _Id, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("version_id", LargeBinary, nullable=False),
    Column("sha256", LargeBinary),
    Column("fields", Text, nullable=False),
)
"""The newest version of an article: its number, id and the digests of its fields."""

segment = Table(
    "segment", metadata, Column("id", _Id, primary_key=True), Column("name", Text, nullable=False, unique=True)
)

original = Table(
    "original",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("segment", _Id, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("fetched", BigInteger, nullable=False),
)
"""The published record that a revisit of a URL may stand for; `key` is of the exact URL, `fetched` microseconds since 1970."""

history = Table(
    "history",
    metadata,
    Column("source", _Id, primary_key=True, autoincrement=False),
    Column("run", Text, primary_key=True),
    Column("started", _Moment, nullable=False),
    Column("measures", Text, nullable=False),
)
"""What each run of a source gave, for the alarms of `archiver.expect`."""


robots = Table(
    "robots",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("fetched", _Moment, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("content", LargeBinary),
)
"""The newest robots.txt of each origin that could be had; `content` is null where the origin has no such file."""


watch = Table(
    "watch",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("seen", _Moment, nullable=False),
    Column("first", _Moment),
    Column("due", _Moment),
    Index("watch_due", "due"),
)
"""Cited posts and quotations, and when each is asked for again (`watch`)."""

watch_run = Table(
    "watch_run",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("run", Text, nullable=False),
    Column("manifest", Text, nullable=False),
)
"""The runs that the watch list was learnt from."""

watch_place = Table(
    "watch_place",
    metadata,
    Column("key", BigInteger, primary_key=True, autoincrement=False),
    Column("run", BigInteger, primary_key=True, autoincrement=False),
)
"""Which runs have documents about what is watched: the keys of `watch` and of `watch_run`."""

watch_feed = Table(
    "watch_feed", metadata, Column("number", BigInteger, nullable=False), Column("run", Text, nullable=False)
)
"""The last entry of the change sequence that was learnt, one row: its number, and the run that it announced."""


def _first(connection: Connection) -> None:
    """All tables as they are today; what later steps add is then there already."""
    metadata.create_all(connection)


def _second(connection: Connection) -> None:
    robots.create(connection, checkfirst=True)
    there = {column["name"] for column in inspect(connection).get_columns(feed.name)}
    for column in (feed.c.sha256, feed.c.answered):
        if column.name not in there:
            kind = column.type.compile(connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {feed.name} ADD COLUMN {column.name} {kind}")


def _third(connection: Connection) -> None:
    watch.create(connection, checkfirst=True)


def _fourth(connection: Connection) -> None:
    for table in (watch_run, watch_place, watch_feed):
        table.create(connection, checkfirst=True)
    connection.execute(
        watch.delete().where(watch.c.name.like("run:%"))
    )  # those runs are learnt again, with their places


MIGRATIONS: list[Callable[[Connection], None]] = [_first, _second, _third, _fourth]
"""Step N leads from version N to N + 1. A step is never changed once it is released; later shapes are new steps."""


def migrate(connection: Connection) -> None:
    """Brings the database to this program's shape. Raises `ArchiverError` for one that a newer program made."""
    known = inspect(connection).has_table(version_table.name)
    version = connection.execute(select(version_table.c.version)).scalar() if known else None
    if version is not None and version > len(MIGRATIONS):
        raise ArchiverError(
            f"the frontier has version {version}, this program knows {len(MIGRATIONS)}; use the newer program"
        )
    if version == len(MIGRATIONS):
        return
    for step in MIGRATIONS[version or 0 :]:
        step(connection)
    connection.execute(version_table.delete())
    connection.execute(version_table.insert().values(version=len(MIGRATIONS)))
