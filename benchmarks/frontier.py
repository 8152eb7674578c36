"""The frontier at ten million URLs: rates of inserting, looking up and marking, and the size of the database.

Belongs here: the measurement. Run `python -m benchmarks.frontier [ROWS] [sqlite|postgresql ...]`; the small size beside it is a hundred
thousand, so that the cost of a URL can be compared as one table of one run. PostgreSQL is a server of our own with fsync on.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from sqlalchemy import create_engine, text

from archiver.frontier import Frontier, Mark, Seen, Version
from tests.postgres import postgres, server_binaries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHUNK = 50_000
"""URLs a call: what the largest sitemap may bring."""

SAMPLE = 10_000
"""Operations measured at full size."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Operations a second at full size, and bytes of database a URL. `last` is the rate of the last tenth of the inserts."""

    rows: int
    insert: float
    last: float
    seen_again: float
    look: float
    absent: float
    mark: float
    size: float


def url_of(number: int) -> str:
    return f"https://www.example{number % 97}.com/news/2026/11/{number % 28 + 1:02}/an-ordinary-headline-{number}"


def offers(start: int, stop: int) -> Iterator[Seen]:
    feed = "https://www.example.com/sitemap.xml"
    return (Seen(url_of(n), "sitemap", feed, "M", None, "2026-11-24T10:00:00Z") for n in range(start, stop))


def measure(frontier: Frontier, rows: int, size: Callable[[], int]) -> Figures:
    """Fills an empty frontier with `rows` URLs and measures at that size."""
    rng = random.Random(1)
    began = mark = perf_counter()
    tenth = rows - max(rows // 10, CHUNK)
    for start in range(0, rows, CHUNK):
        if start >= tenth and mark == began:
            mark, done = perf_counter(), start
        frontier.see("example", offers(start, min(start + CHUNK, rows)), NOW)
    ended = perf_counter()
    some = rng.sample(range(rows), min(SAMPLE, rows))
    again = rate(lambda: frontier.see("example", (next(offers(n, n + 1)) for n in some), NOW), len(some))
    look = rate(lambda: frontier.look(url_of(n) for n in some), len(some))
    absent = rate(lambda: frontier.look(url_of(n + rows) for n in some), len(some))
    fields = {
        "headline": "0" * 16,
        "body": "1" * 16,
        "byline": "2" * 16,
        "date": "3" * 16,
        "embeds": [],
        "paywall": False,
    }
    version = Version(1, "sha256:" + "ab" * 16, fields, "cd" * 32)
    marked = rate(
        lambda: frontier.mark(Mark(url_of(n), "example", NOW, status=200, version=version) for n in some), len(some)
    )
    return Figures(
        rows,
        rows / (ended - began),
        (rows - done) / (ended - mark),
        again,
        look,
        absent,
        marked,
        size() / rows,
    )


def rate(operation: Callable[[], object], count: int) -> float:
    began = perf_counter()
    operation()
    return count / (perf_counter() - began)


def on_sqlite(rows: int) -> Figures:
    with tempfile.TemporaryDirectory(prefix="frontier-") as folder:
        path = Path(folder) / "frontier.sqlite"
        with Frontier(f"sqlite:///{path}") as frontier:

            def size() -> int:
                frontier.settle()
                return path.stat().st_size

            return measure(frontier, rows, size)


def on_postgresql(rows: int) -> Figures:
    with postgres(options="") as url, Frontier(url) as frontier:
        engine = create_engine(url)

        def size() -> int:
            with engine.connect() as connection:
                return int(connection.execute(text("SELECT pg_database_size('postgres')")).scalar_one())

        empty = size()
        try:
            return measure(frontier, rows, lambda: size() - empty)
        finally:
            engine.dispose()


PLACES = {"sqlite": on_sqlite, "postgresql": on_postgresql}


def main(arguments: list[str]) -> int:
    rows = int(arguments[0]) if arguments else 10_000_000
    names = arguments[1:] or [name for name in PLACES if name == "sqlite" or server_binaries()]
    print("| database | URLs | inserts/s | last tenth | seen again/s | look-ups/s | absent/s | marks/s | bytes a URL |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name in names:
        for count in (100_000, rows):
            f = PLACES[name](count)
            rates = " | ".join(
                f"{value:,.0f}" for value in (f.insert, f.last, f.seen_again, f.look, f.absent, f.mark, f.size)
            )
            print(f"| {name} | {f.rows:,} | {rates} |", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
