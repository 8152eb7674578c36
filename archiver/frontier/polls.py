"""Feeds and source runs in the frontier: what was polled, what is due, who holds a source, how its runs went.

Belongs here: rows about discovery and runs. Rows about URLs are in `ledger`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from archiver.frontier import bulk
from archiver.frontier import tables as t
from archiver.frontier.convert import (
    maybe_moment,
    moment_of,
    seconds_of,
)
from archiver.frontier.database import Database
from archiver.frontier.rows import Feed, Poll, SourceRun
from archiver.frontier.schedule import is_past, next_pause

HISTORY_MAX = 60
"""Runs of a source that are remembered."""


class Polls(Database):
    """The part of a frontier that is about feeds and runs."""

    # Discovery documents

    def feed(self, source: str, url: str) -> Feed | None:
        """What is known of a discovery document; None before its first poll."""
        f = t.feed.c
        with self._reading() as connection:
            own = self._source_id(connection, source)
            row = connection.execute(select(t.feed).where((f.source == own) & (f.url == url))).first()
        if row is None or row.last_poll is None:
            return None
        return Feed(
            url=row.url,
            etag=row.etag,
            last_modified=row.last_modified,
            next_poll=maybe_moment(row.next_poll),
            pause=row.pause,
            polls=row.polls,
            fresh=row.fresh,
            failures=row.failures,
            entries=row.entries,
            sha256=bytes(row.sha256).hex() if row.sha256 else None,
            answered=row.answered,
        )

    def polled(self, source: str, poll: Poll, fresh: int, every: float) -> None:
        """Notes a poll, which showed `fresh` new URLs, and when the next is due. `every`: the source's interval in seconds."""
        with self._writing() as connection:
            own = self._source(connection, source)
            this = self._feed_id(connection, own, poll.url, poll.kind)
            row = connection.execute(select(t.feed).where(t.feed.c.id == this)).one()
            failures = row.failures + 1 if poll.failed else 0
            pause = next_pause(row.pause, every, self.plan.poll_max, fresh > 0, failures)
            values: dict[str, Any] = {
                "last_poll": seconds_of(poll.at),
                "next_poll": seconds_of(poll.at) + pause,
                "pause": pause,
                "polls": row.polls + 1,
                "fresh": row.fresh + (fresh > 0),
                "failures": failures,
            }
            if poll.entries is not None:
                sha256 = bytes.fromhex(poll.sha256) if poll.sha256 else None
                values |= {"etag": poll.etag, "last_modified": poll.last_modified, "sha256": sha256}
                values["answered"] = poll.answered
                values["entries"] = poll.entries
            connection.execute(update(t.feed).where(t.feed.c.id == this).values(values))

    # Sources

    def source_due(self, source: str, every: float, now: datetime) -> bool:
        """Whether `every` seconds have passed since the source's last run, give or take a twentieth."""
        with self._reading() as connection:
            last = connection.execute(select(t.source.c.last_run).where(t.source.c.name == source)).scalar()
        return is_past(last, every, seconds_of(now))

    def claim(self, source: str, holder: str, now: datetime, seconds: float) -> bool:
        """Takes the source for `holder` (one machine and spool); False while another holds it."""
        s = t.source.c
        with self._writing() as connection:
            self._source(connection, source)
            free = (s.lease.is_(None)) | (s.lease == holder) | (s.leased_until < seconds_of(now))
            taken = update(t.source).where((s.name == source) & free)
            until = seconds_of(now) + int(seconds)
            return connection.execute(taken.values(lease=holder, leased_until=until)).rowcount == 1

    def release(self, sources: Iterable[str], holder: str) -> None:
        with self._writing() as connection:
            wanted = t.source.c.name.in_(list(sources)) & (t.source.c.lease == holder)
            connection.execute(update(t.source).where(wanted).values(lease=None, leased_until=None))

    def ran(self, source: str, run: SourceRun) -> None:
        """Notes that a run of the source ended by itself, and what it gave."""
        with self._writing() as connection:
            own = self._source(connection, source)
            row = {
                "source": own,
                "run": run.run,
                "started": seconds_of(run.started),
                "measures": json.dumps(run.measures),
            }
            bulk.upsert(connection, t.history, ["source", "run"], [row])
            s = t.source.c
            later = s.last_run.is_(None) | (s.last_run < row["started"])
            connection.execute(update(t.source).where((s.id == own) & later).values(last_run=row["started"]))
            h = t.history.c
            kept = select(h.started).where(h.source == own).order_by(h.started.desc()).offset(HISTORY_MAX).limit(1)
            oldest = connection.execute(kept).scalar()
            if oldest is not None:
                connection.execute(t.history.delete().where((h.source == own) & (h.started <= oldest)))

    def history(self, source: str, *, before: str | None = None) -> list[SourceRun]:
        """The source's remembered runs, newest first; without the run `before` and all later ones."""
        h = t.history.c
        with self._reading() as connection:
            own = self._source_id(connection, source)
            query = select(t.history).where(h.source == own).order_by(h.started.desc(), h.run.desc())
            rows = [row for row in connection.execute(query) if before is None or row.run < before]
        return [SourceRun(row.run, moment_of(row.started), json.loads(row.measures)) for row in rows]

    def last_runs(self) -> dict[str, SourceRun]:
        """Each source's last run by its id."""
        with self._reading() as connection:
            names = [
                str(name) for name in connection.execute(select(t.source.c.name).order_by(t.source.c.name)).scalars()
            ]
        return {name: runs[0] for name in names if (runs := self.history(name))}
