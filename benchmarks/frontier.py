"""The frontier at ten million URLs beside one at a hundred thousand: what a URL costs in each, and the size of the database.

Belongs here: the measurement. `python -m benchmarks.frontier [ROWS] [sqlite|postgresql ...] [--quick] [--folder DIR] [--rounds N]` fills a small and a
large frontier, and then works with both in turn, one call here and the same call there, so that whoever shares the machine slows both.
Each call ends as a run does, with what it wrote durable. PostgreSQL is a server of our own with fsync on.

With `--quick` the database itself makes nineteen of twenty rows, of the same shape and with random keys, between calls of ours: minutes
in place of a quarter of an hour. With `--folder` the SQLite files are filled there once and measured again by later commands.
"""

from __future__ import annotations

import random
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from sqlalchemy import create_engine, text

from archiver.frontier import Frontier, Mark, Seen, Version
from archiver.frontier.engine import open_engine
from tests.postgres import postgres, server_binaries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHUNK = 50_000
"""URLs a call while filling: what the largest sitemap may bring."""

SMALL = 100_000
CALL = 2_000
"""URLs a measured call: what a run of some sources brings."""

NAMES = ("inserts", "seen again", "look-ups", "absent", "marks", "newest marked")
"""`marks` are of URLs picked from all, which no crawl does; `newest marked` of those that came last, as a crawl has them."""


@dataclass
class Side:
    """One frontier, how many URLs it was filled with, what it knows, and the seconds (by the clock, of our CPU) of each measured call.

    `earlier`: the rounds that earlier commands did on it (`--folder`); theirs are other URLs and other moments.
    """

    frontier: Frontier
    rows: int
    own: Sequence[int]
    rng: random.Random
    earlier: int = 0
    wall: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    cpu: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    @property
    def urls(self) -> int:
        """URLs that it held when it was opened."""
        return self.rows + self.earlier * CALL

    def round(self, number: int) -> dict[str, Callable[[], int]]:
        """The calls of one round by name. Each gives the number of URLs that it found or changed."""
        f, some = self.frontier, self.rng.sample(self.own, CALL)
        number += self.earlier
        start = self.rows + number * CALL
        newest = self.own[len(self.own) - CALL * (number + 1) :][:CALL]
        absent = [url_of(n) for n in range(start + 10**8, start + 10**8 + CALL)]
        return {
            "inserts": lambda: f.see("example", offers(range(start, start + CALL)), NOW),
            "seen again": lambda: CALL - f.see("example", offers(some), NOW),
            "look-ups": lambda: len(f.look(url_of(n) for n in some)),
            "absent": lambda: CALL - len(f.look(absent)),
            "marks": lambda: f.mark(marks(some, 2 * number + 1)),
            "newest marked": lambda: f.mark(marks(newest, 2 * number + 2)),
        }

    def time(self, name: str, call: Callable[[], int]) -> None:
        """One call; it counts only if it did what it is said to measure."""
        wall, cpu = perf_counter(), process_time()
        done = call()
        self.frontier.settle()
        self.wall[name].append(perf_counter() - wall)
        self.cpu[name].append(process_time() - cpu)
        if done != CALL:
            raise SystemExit(f"{name}: {done} of {CALL} URLs, so this is no measurement; fill the database anew")


def url_of(number: int) -> str:
    return f"https://www.example{number % 97}.com/news/2026/11/{number % 28 + 1:02}/an-ordinary-headline-{number}"


def offers(numbers: Iterable[int]) -> Iterator[Seen]:
    feed = "https://www.example.com/sitemap.xml"
    return (Seen(url_of(n), "sitemap", feed, "M", None, "2026-11-24T10:00:00Z") for n in numbers)


def marks(numbers: Iterable[int], hours: int) -> Iterator[Mark]:
    fields = dict.fromkeys(("headline", "body", "byline", "date"), "0" * 16) | {"embeds": [], "paywall": False}
    version = Version(1, "sha256:" + "ab" * 16, fields, "cd" * 32)
    at = NOW + timedelta(hours=hours)
    return (Mark(url_of(n), "example", at, status=200, version=version) for n in numbers)


QUICK_SHARE = 20
FILLED = {
    "sqlite": """WITH RECURSIVE n(i) AS (SELECT :start UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :stop)
        INSERT OR IGNORE INTO url (key, url, source, first_seen, due, tries, witnesses)
        SELECT random(), 'https://www.example' || (i % 97) || '.com/news/2026/11/11/an-ordinary-headline-' || i,
        1, :now, :now, 0, '[[1,' || :now || ',"M",null,"2026-11-24T10:00:00Z"]]' FROM n""",
    "postgresql": """INSERT INTO url (key, url, source, first_seen, due, tries, witnesses)
        SELECT hashtextextended(i::text, 7), 'https://www.example' || (i % 97) || '.com/news/2026/11/11/an-ordinary-headline-' || i,
        1, CAST(:now AS bigint), CAST(:now AS bigint), 0, '[[1,' || CAST(:now AS bigint) || ',"M",null,"2026-11-24T10:00:00Z"]]'
        FROM generate_series(CAST(:start AS bigint), CAST(:stop AS bigint) - 1) AS g(i) ON CONFLICT DO NOTHING""",
}


def fill_by_database(url: str, start: int, stop: int) -> None:
    """Rows `start` to `stop`, made by the database."""
    engine = open_engine(url)
    with engine.begin() as connection:
        values = {"start": start, "stop": stop, "now": int(NOW.timestamp())}
        connection.execute(text(FILLED[engine.dialect.name]), values)
    engine.dispose()


def shares(rows: int, quick: bool) -> Iterator[tuple[range, int]]:
    """For each step of the filling the numbers that go through the frontier, and where the step ends."""
    step = CHUNK // QUICK_SHARE if quick and rows > SMALL else CHUNK
    for start in range(0, rows, CHUNK):
        yield range(start, min(start + step, rows)), min(start + CHUNK, rows)


def filled(url: str, rows: int, quick: bool) -> Side:
    """A frontier of `rows` URLs; one that has as many already is taken as it is."""
    frontier = Frontier(url)
    own = [n for numbers, _ in shares(rows, True) for n in numbers] if quick else range(rows)
    there = frontier.count()
    began = perf_counter()
    if there < rows * 0.99:
        for numbers, stop in shares(rows, quick):
            frontier.see("example", offers(numbers), NOW)
            if numbers.stop < stop:
                fill_by_database(url, numbers.stop, stop)
        frontier.settle()
        if not quick:
            print(f"filled with {rows:,} URLs at {rows / (perf_counter() - began):,.0f} a second", file=sys.stderr)
    return Side(frontier, rows, own, random.Random(rows), earlier=max(0, round((there - rows) / CALL)))


def alternate(small: Side, large: Side, rounds: int) -> None:
    """The same calls on both, one after the other; who comes first changes."""
    for number in range(rounds):
        calls = small.round(number), large.round(number)
        for name in NAMES:
            both = [(small, calls[0][name]), (large, calls[1][name])]
            for side, call in both if number % 2 else reversed(both):
                side.time(name, call)


@contextmanager
def on_sqlite(folder: Path | None, large: int) -> Iterator[tuple[str, str, Callable[[str], int]]]:
    """The addresses of a small and a large database, and how to ask for the bytes of one."""
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="frontier-")))
        place.mkdir(parents=True, exist_ok=True)
        small, big = (f"sqlite:///{place / f'frontier-{rows}.sqlite'}" for rows in (SMALL, large))
        yield small, big, lambda url: Path(url.removeprefix("sqlite:///")).stat().st_size


@contextmanager
def on_postgresql(_: Path | None, __: int) -> Iterator[tuple[str, str, Callable[[str], int]]]:
    with postgres(options="") as url:
        admin = create_engine(url, isolation_level="AUTOCOMMIT")

        def size(address: str) -> int:
            query = text("SELECT pg_database_size(:name) - pg_database_size('template1')")
            with admin.connect() as connection:
                return int(connection.execute(query, {"name": address.rpartition("/")[2]}).scalar_one())

        with admin.connect() as connection:
            for name in ("small", "large"):
                connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield f"{url.rpartition('/')[0]}/small", f"{url.rpartition('/')[0]}/large", size
        finally:
            admin.dispose()


Place = Callable[[Path | None, int], AbstractContextManager[tuple[str, str, Callable[[str], int]]]]
PLACES: dict[str, Place] = {"sqlite": on_sqlite, "postgresql": on_postgresql}


def main(arguments: list[str]) -> int:
    asked = parse(arguments)
    print(f"| database | URLs | {' | '.join(f'{name}/s' for name in NAMES)} | bytes a URL |")
    print("|---|---|" + "---|" * (len(NAMES) + 1))
    for name in asked.databases or [name for name in PLACES if name == "sqlite" or server_binaries()]:
        with PLACES[name](asked.folder, asked.rows) as (small_url, large_url, size):
            large, small = filled(large_url, asked.rows, asked.quick), filled(small_url, SMALL, False)
            sizes = size(small_url) / small.urls, size(large_url) / large.urls
            if asked.rounds:
                alternate(small, large, asked.rounds)
                report(name, small, large, sizes)
            for side in (small, large):
                side.frontier.close()
    return 0


def report(name: str, small: Side, large: Side, sizes: tuple[float, float]) -> None:
    for side, size in zip((small, large), sizes, strict=True):
        rates = " | ".join(f"{CALL * len(side.wall[n]) / sum(side.wall[n]):,.0f}" for n in NAMES)
        print(f"| {name} | {side.rows:,} | {rates} | {size:.0f} |")
    sums = " | ".join(f"{sum(large.wall[n]) / sum(small.wall[n]):.2f}" for n in NAMES)
    print(f"| {name} | cost, large : small, of the sums | {sums} | |")
    report_pairs(name, "by the clock", small.wall, large.wall)
    report_pairs(name, "CPU of the client", small.cpu, large.cpu)


def report_pairs(name: str, what: str, small: dict[str, list[float]], large: dict[str, list[float]]) -> None:
    medians = (median(b / a for a, b in zip(small[n], large[n], strict=True)) for n in NAMES)
    print(f"| {name} | {what}, median of pairs | {' | '.join(f'{ratio:.2f}' for ratio in medians)} | |", flush=True)


def parse(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(prog="benchmarks.frontier", description="The frontier at ten million URLs.")
    parser.add_argument("rows", nargs="?", type=int, default=10_000_000)
    parser.add_argument("databases", nargs="*", help="sqlite, postgresql; default: both where there is a server")
    parser.add_argument("--quick", action="store_true", help="let the database make nineteen of twenty rows")
    parser.add_argument("--folder", type=Path, help="fill the SQLite files there once; measure them again later")
    parser.add_argument("--rounds", type=int, default=10, help="0 fills only")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
