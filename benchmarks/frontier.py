"""The frontier at ten million URLs: rates of inserting, looking up and marking, and the size of the database.

Belongs here: the measurement. Run `python -m benchmarks.frontier [ROWS] [sqlite|postgresql ...] [--quick]`; the small size beside it is
a hundred thousand, so that the cost of a URL can be compared as one table of one run. PostgreSQL is a server of our own with fsync on.

With `--quick` the database itself makes nineteen of twenty rows, of the same shape and with random keys, between the calls that are
measured: minutes in place of a quarter of an hour, and what is measured is spread over the whole table as before.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

from sqlalchemy import create_engine, text

from archiver.frontier import Frontier, Mark, Seen, Version
from archiver.frontier.engine import open_engine
from tests.postgres import postgres, server_binaries

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CHUNK = 50_000
"""URLs a call: what the largest sitemap may bring."""

SMALL = 100_000
SAMPLE = 20_000
"""Operations measured at full size."""


NAMES = ("inserts", "last tenth", "seen again", "look-ups", "absent", "marks", "newest marked")


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds an operation at full size, by the clock and of this process's CPU, and bytes of database a URL.

    `last tenth` is of the inserts; `marks` are of URLs picked from all, `newest marked` of those that came last, as a crawl has them.
    """

    rows: int
    wall: dict[str, float]
    cpu: dict[str, float]
    size: float


def url_of(number: int) -> str:
    return f"https://www.example{number % 97}.com/news/2026/11/{number % 28 + 1:02}/an-ordinary-headline-{number}"


def offers(start: int, stop: int) -> Iterator[Seen]:
    feed = "https://www.example.com/sitemap.xml"
    return (Seen(url_of(n), "sitemap", feed, "M", None, "2026-11-24T10:00:00Z") for n in range(start, stop))


QUICK_SHARE = 20
FILLED = {
    "sqlite": """WITH RECURSIVE n(i) AS (SELECT :start UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :stop)
        INSERT OR IGNORE INTO url (key, url, source, first_seen, due, tries, witnesses)
        SELECT random(), 'https://www.example' || i % 97 || '.com/news/2026/11/11/an-ordinary-headline-' || i,
        1, :now, :now, 0, '[[1,' || :now || ',"M",null,"2026-11-24T10:00:00Z"]]' FROM n""",
    "postgresql": """INSERT INTO url (key, url, source, first_seen, due, tries, witnesses)
        SELECT hashtextextended(i::text, 7), 'https://www.example' || i % 97 || '.com/news/2026/11/11/an-ordinary-headline-' || i,
        1, CAST(:now AS bigint), CAST(:now AS bigint), 0, '[[1,' || CAST(:now AS bigint) || ',"M",null,"2026-11-24T10:00:00Z"]]'
        FROM generate_series(CAST(:start AS bigint), CAST(:stop AS bigint) - 1) AS g(i) ON CONFLICT DO NOTHING""",
}


def fill(url: str, start: int, stop: int) -> None:
    """Rows `start` to `stop`, made by the database."""
    engine = open_engine(url)
    with engine.begin() as connection:
        values = {"start": start, "stop": stop, "now": int(NOW.timestamp())}
        connection.execute(text(FILLED[engine.dialect.name]), values)
    engine.dispose()


def measure(frontier: Frontier, rows: int, size: Callable[[], int], quick: bool = False) -> Figures:
    """Fills an empty frontier with `rows` URLs and measures at that size."""
    rng = random.Random(1)
    watch = Watch()
    tenth = rows - max(rows // 10, CHUNK)
    own: list[int] = []
    step = CHUNK // QUICK_SHARE if quick and rows > SMALL else CHUNK
    for start in range(0, rows, CHUNK):
        count = min(step, rows - start)
        names = ("inserts", "last tenth") if start >= tenth else ("inserts",)
        watch.time(partial(frontier.see, "example", offers(start, start + count), NOW), count, *names)
        own += range(start, start + count)
        if step < CHUNK:
            fill(frontier.url, start + count, min(start + CHUNK, rows))
    some = rng.sample(own, min(SAMPLE, len(own)))
    newest = own[-len(some) :]
    watch.time(lambda: frontier.see("example", (next(offers(n, n + 1)) for n in some), NOW), len(some), "seen again")
    watch.time(lambda: frontier.look(url_of(n) for n in some), len(some), "look-ups")
    watch.time(lambda: frontier.look(url_of(n + rows) for n in some), len(some), "absent")
    watch.time(lambda: frontier.mark(marks(some, 1)), len(some), "marks")
    watch.time(lambda: frontier.mark(marks(newest, 2)), len(some), "newest marked")
    return Figures(rows, watch.each(watch.wall), watch.each(watch.cpu), size() / rows)


def marks(numbers: Iterable[int], hours: int) -> Iterator[Mark]:
    fields = dict.fromkeys(("headline", "body", "byline", "date"), "0" * 16) | {"embeds": [], "paywall": False}
    version = Version(1, "sha256:" + "ab" * 16, fields, "cd" * 32)
    at = NOW + timedelta(hours=hours)
    return (Mark(url_of(n), "example", at, status=200, version=version) for n in numbers)


class Watch:
    """Sums of seconds and counts by name."""

    def __init__(self) -> None:
        self.wall: Counter[str] = Counter()
        self.cpu: Counter[str] = Counter()
        self.counts: Counter[str] = Counter()

    def time(self, operation: Callable[[], object], count: int, *names: str) -> None:
        wall, cpu = perf_counter(), process_time()
        operation()
        wall, cpu = perf_counter() - wall, process_time() - cpu
        for name in names:
            self.wall[name] += wall  # type: ignore[assignment]
            self.cpu[name] += cpu  # type: ignore[assignment]
            self.counts[name] += count

    def each(self, seconds: Counter[str]) -> dict[str, float]:
        return {name: seconds[name] / self.counts[name] for name in NAMES}


def on_sqlite(rows: int, quick: bool = False) -> Figures:
    with tempfile.TemporaryDirectory(prefix="frontier-") as folder:
        path = Path(folder) / "frontier.sqlite"
        with Frontier(f"sqlite:///{path}") as frontier:

            def size() -> int:
                frontier.settle()
                return path.stat().st_size

            return measure(frontier, rows, size, quick)


def on_postgresql(rows: int, quick: bool = False) -> Figures:
    with postgres(options="") as url, Frontier(url) as frontier:
        engine = create_engine(url)

        def size() -> int:
            with engine.connect() as connection:
                return int(connection.execute(text("SELECT pg_database_size('postgres')")).scalar_one())

        empty = size()
        try:
            return measure(frontier, rows, lambda: size() - empty, quick)
        finally:
            engine.dispose()


PLACES = {"sqlite": on_sqlite, "postgresql": on_postgresql}


def main(arguments: list[str]) -> int:
    quick = "--quick" in arguments
    arguments = [argument for argument in arguments if argument != "--quick"]
    rows = int(arguments[0]) if arguments else 10_000_000
    names = arguments[1:] or [name for name in PLACES if name == "sqlite" or server_binaries()]
    print(f"| database | URLs | {' | '.join(f'{name}/s' for name in NAMES)} | bytes a URL |")
    print("|---|---|" + "---|" * (len(NAMES) + 1))
    for name in names:
        small = [PLACES[name](SMALL)]
        told(name, small[0])
        big = PLACES[name](rows, quick)
        told(name, big)
        small.append(PLACES[name](SMALL))  # once more: who shares the machine changes while the large one is filled
        told(name, small[1])
        for what, costs in (("cost", lambda f: f.wall), ("CPU of the client", lambda f: f.cpu)):
            ratios = (costs(big)[n] / (sum(costs(f)[n] for f in small) / 2) for n in NAMES)
            print(
                f"| {name} | {what}, large : small | {' | '.join(f'{ratio:.2f}' for ratio in ratios)} | |", flush=True
            )
    return 0


def told(name: str, figures: Figures) -> None:
    rates = " | ".join(f"{1 / figures.wall[n]:,.0f}" for n in NAMES)
    print(f"| {name} | {figures.rows:,} | {rates} | {figures.size:,.0f} |", flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
