"""Frontier: the ledger of URLs, discovery documents and source runs.

Belongs here: reading and writing rows, in bulk and each call in one transaction. When something is due is `schedule`'s matter, so
every method takes the moment it speaks of. A call that was cut short changes nothing, and the same call again changes nothing more.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, func, select

from archiver.frontier import bulk
from archiver.frontier import tables as t
from archiver.frontier.convert import (
    WITNESSES_MAX,
    as_original,
    discovered,
    joined,
    maybe_moment,
    moment_of,
    original_row,
    seconds_of,
    version_row,
)
from archiver.frontier.polls import Polls
from archiver.frontier.robots import Copies
from archiver.frontier.rows import Known, Mark, Original, Seen, Version, digest64, key_of
from archiver.frontier.schedule import next_try, next_visit
from archiver.frontier.watch import Watches
from archiver.reasons import Reason

BATCH = 500

LONE = "page"
"""The source of pages that were asked for by URL (`archiver capture`)."""

Item = TypeVar("Item")
_REASONS = {reason.value: reason for reason in Reason}


class Frontier(Polls, Copies, Watches):
    """The frontier at a SQLAlchemy URL (`sqlite:///file` or `postgresql+psycopg://…`). Close it, or use it as a context."""

    # URLs

    def see(self, source: str, offers: Iterable[Seen], now: datetime) -> int:
        """Notes URLs with their witnesses; a new one is due at once. How many were new."""
        fresh = 0
        with self._writing() as connection:
            own = self._source(connection, source)
            feeds: dict[str, int] = {}
            for batch in _batches(offers, BATCH):
                for seen in batch:
                    if seen.witness not in feeds:
                        feeds[seen.witness] = self._feed_id(connection, own, seen.witness, seen.kind)
                fresh += self._see(connection, own, batch, feeds, seconds_of(now))
        return fresh

    def _see(self, connection: Connection, own: int, batch: list[Seen], feeds: dict[str, int], now: int) -> int:
        offered: dict[int, tuple[str, list[list[Any]]]] = {}
        for seen in batch:
            _, shown = offered.setdefault(key_of(seen.url), (seen.url, []))
            shown.append([feeds[seen.witness], now, seen.hops, seen.title, seen.date])
        columns = t.url.c.id, t.url.c.key, t.url.c.source, t.url.c.witnesses
        known = {row.key: row for row in connection.execute(select(*columns).where(t.url.c.key.in_(list(offered))))}
        new = [
            {
                "key": key,
                "url": url,
                "source": own,
                "first_seen": now,
                "due": now,
                "tries": 0,
                "witnesses": joined([], w),
            }
            for key, (url, w) in offered.items()
            if key not in known
        ]
        bulk.insert_new(connection, t.url, ["key"], new)
        more = []
        lone = self._source_id(connection, LONE)
        for key, row in known.items():
            before = json.loads(row.witnesses)
            after = joined(before, offered[key][1])
            source = (
                own if row.source == lone else row.source
            )  # a page that somebody asked for, until a source shows it
            if (len(before) < WITNESSES_MAX and after != row.witnesses) or source != row.source:
                more.append({"id": row.id, "source": source, "witnesses": after})
        bulk.change(connection, t.url, "id", more)
        return len(new)

    def look(self, urls: Iterable[str]) -> dict[str, Known]:
        """The rows of those `urls` that are known, by URL as given."""
        found: dict[str, Known] = {}
        with self._reading() as connection:
            for batch in _batches(urls, BATCH):
                keys = {url: key_of(url) for url in batch}
                rows = self._known(connection, t.url.c.key.in_(set(keys.values())))
                found.update({url: rows[key] for url, key in keys.items() if key in rows})
        return found

    def due(self, source: str, now: datetime, limit: int = 100_000) -> list[Known]:
        """The source's URLs that are due, those that have waited longest first."""
        with self._reading() as connection:
            own = self._source_id(connection, source)
            wanted = (t.url.c.source == own) & (t.url.c.due <= seconds_of(now))
            keys = connection.execute(select(t.url.c.key).where(wanted).order_by(t.url.c.due, t.url.c.id).limit(limit))
            ordered = list(keys.scalars())
            found: dict[int, Known] = {}
            for batch in _batches(ordered, BATCH):
                found.update(self._known(connection, t.url.c.key.in_(batch)))
        return [found[key] for key in ordered]

    def _known(self, connection: Connection, where: Any) -> dict[int, Known]:
        a = t.article.c
        joined = t.url.outerjoin(t.article, a.url == t.url.c.id)
        query = select(t.url, a.number, a.version_id, a.sha256, a.fields).select_from(joined).where(where)
        rows = connection.execute(query).all()
        ids = {shown[0] for row in rows for shown in json.loads(row.witnesses)}
        feeds = {}
        if ids:
            query = select(t.feed.c.id, t.feed.c.kind, t.feed.c.url).where(t.feed.c.id.in_(ids))
            feeds = {row.id: (row.kind, row.url) for row in connection.execute(query)}
        return {row.key: self._as_known(connection, row, feeds) for row in rows}

    def _as_known(self, connection: Connection, row: Any, feeds: dict[int, tuple[str, str]]) -> Known:
        shown = [entry for entry in json.loads(row.witnesses) if entry[0] in feeds]
        version = None
        if row.number is not None:
            digest = row.sha256.hex() if row.sha256 else None
            version = Version(row.number, f"sha256:{bytes(row.version_id).hex()}", json.loads(row.fields), digest)
        return Known(
            url=row.url,
            source=self._name(connection, row.source),
            first_seen=moment_of(row.first_seen),
            due=maybe_moment(row.due),
            first_fetch=maybe_moment(row.first_fetch),
            last_fetch=maybe_moment(row.last_fetch),
            tries=row.tries,
            reason=row.reason,
            hops=shown[0][2] if shown else "",
            discovered=tuple(discovered(entry, feeds[entry[0]]) for entry in shown),
            version=version,
        )

    def mark(self, marks: Iterable[Mark]) -> int:
        """Notes what tries gave; how many rows changed. A mark that is not newer than its row's last try changes nothing.

        Of a URL that is not known only an article makes a row: a picture that is missing is no article to be tried again.
        """
        changed = 0
        with self._writing() as connection:
            for batch in _batches(marks, BATCH):
                changed += self._mark(connection, batch)
        return changed

    def _mark(self, connection: Connection, batch: Sequence[Mark]) -> int:
        newest: dict[int, Mark] = {}
        for mark in batch:
            key = key_of(mark.url)
            if key not in newest or newest[key].at <= mark.at:
                newest[key] = mark
        rows = {row.key: row for row in connection.execute(select(t.url).where(t.url.c.key.in_(list(newest))))}
        absent = [(key, mark) for key, mark in newest.items() if key not in rows and (mark.version or mark.moved)]
        if absent:
            values = [
                {
                    "key": k,
                    "url": m.url,
                    "source": self._source(connection, m.source),
                    "first_seen": seconds_of(m.at),
                    "tries": 0,
                    "witnesses": "[]",
                }
                for k, m in absent
            ]
            bulk.insert_new(connection, t.url, ["key"], values)
            wanted = t.url.c.key.in_([key for key, _ in absent])
            rows.update({row.key: row for row in connection.execute(select(t.url).where(wanted))})
        todo = [(rows[k], m) for k, m in newest.items() if k in rows and (rows[k].last_try or 0) < seconds_of(m.at)]
        bulk.change(connection, t.url, "id", [{"id": row.id, **self._after(row, mark)} for row, mark in todo])
        versions = [version_row(row.id, mark.version) for row, mark in todo if mark.version]
        bulk.upsert(connection, t.article, ["url"], versions)
        return len(todo)

    def _after(self, row: Any, mark: Mark) -> dict[str, Any]:
        """The columns of a row after a try."""
        at = seconds_of(mark.at)
        first, last, tries = row.first_fetch, row.last_fetch, 0
        if mark.reason is None:
            first, last = row.first_fetch or at, at
            due = None if mark.moved else next_visit(first, at, self.plan.revisit)
        else:
            tries = row.tries + 1
            due = next_try(tries, at, _REASONS[mark.reason], self.plan.revisit)
        return {
            "due": due,
            "first_fetch": first,
            "last_fetch": last,
            "last_try": at,
            "tries": tries,
            "status": mark.status,
            "reason": mark.reason,
        }

    def count(self, source: str | None = None) -> int:
        """URLs known, of one source or in all."""
        with self._reading() as connection:
            query = select(func.count()).select_from(t.url)
            if source is not None:
                query = query.where(t.url.c.source == self._source_id(connection, source))
            return int(connection.execute(query).scalar_one())

    def settle(self) -> None:
        """What was noted so far survives a power cut too: called before what it was learnt from is removed."""
        if self._engine.dialect.name == "sqlite":
            with self._reading() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(FULL)")

    # Originals of revisits

    def keep_originals(self, originals: Iterable[Original]) -> None:
        """Notes published records that later revisits may refer to; the newest of a URL counts."""
        with self._writing() as connection:
            segments: dict[str, int] = {}
            for batch in _batches(originals, BATCH):
                rows = {}
                for item in batch:
                    if item.warc_filename not in segments:
                        segments[item.warc_filename] = self._segment(connection, item.warc_filename)
                    rows[digest64(item.url)] = original_row(item, segments[item.warc_filename])
                bulk.upsert(connection, t.original, ["key"], list(rows.values()))

    def drop_originals(self, warc_filenames: Iterable[str]) -> None:
        """Forgets published records in these files: they were issued again without something, and no revisit may lead there."""
        with self._writing() as connection:
            for name in warc_filenames:
                ids = select(t.segment.c.id).where(t.segment.c.name == name)
                connection.execute(delete(t.original).where(t.original.c.segment.in_(ids)))

    def original(self, url: str) -> Original | None:
        """The published record of exactly this URL that a revisit may refer to."""
        o = t.original.c
        columns = o.sha256, t.segment.c.name, o.offset, o.length, o.record, o.fetched
        query = select(*columns).join(t.segment, t.segment.c.id == o.segment).where(o.key == digest64(url))
        with self._reading() as connection:
            row = connection.execute(query).first()
        return as_original(url, row) if row else None


def _batches(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
