"""Walking the whole replay: every capture is asked for, as stored and rewritten, and what comes back is counted.

Belongs here: asking and judging one answer. It needs a running replay.
"""

from __future__ import annotations

import contextlib
import http.client
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

WAYS = ("id_", "mp_")
"""As stored; rewritten for the page itself."""

WORKERS = 4
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One question and its answer. `expected` is the recorded status, None where it is not known (a revisit, a resource)."""

    way: str
    timestamp: str
    url: str
    expected: int | None
    status: int
    memento: bool

    @property
    def verdict(self) -> str:
        """`replayed`; `server-error` (the replay broke); `missing` (not from the archive); `other-status`."""
        if not self.memento:
            return "server-error" if self.status >= 500 or not self.status else "missing"
        return "replayed" if self.expected in (None, self.status) else "other-status"


@dataclass(slots=True)
class Walked:
    """`counts` by (way, verdict); `problems` are the questions that were not answered as recorded, at most a thousand."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[Asked] = field(default_factory=list)

    def add(self, asked: Asked) -> None:
        self.counts[asked.way, asked.verdict] += 1
        if asked.verdict != "replayed" and len(self.problems) < 1000:
            self.problems.append(asked)


def walk(base: str, lines: Iterable[bytes], ways: Iterable[str] = WAYS) -> Walked:
    """Asks the replay at `base` for every GET capture of the index lines. Memory: a thousand lines at a time."""
    walked, rest = Walked(), _questions(lines, tuple(ways))
    with ThreadPoolExecutor(WORKERS) as pool:
        while batch := list(islice(rest, 1000)):
            for asked in pool.map(lambda question: _ask(base, *question), batch):
                walked.add(asked)
    return walked


def _questions(lines: Iterable[bytes], ways: tuple[str, ...]) -> Iterator[tuple[str, str, str, int | None]]:
    for line in lines:
        key, timestamp, rest = line.decode("utf-8", "backslashreplace").split(" ", 2)
        values = json.loads(rest)
        url, status = values.get("url", ""), values.get("status")
        if url.startswith("http") and "__wb_method=" not in key:
            for way in ways:
                yield way, timestamp, url, int(status) if status else None


def _ask(base: str, way: str, timestamp: str, url: str, expected: int | None) -> Asked:
    parts = urlsplit(base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)
    status, memento = 0, False
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        # A recorded Content-Length may promise bytes that never come: only the end of the connection ends such an answer.
        headers = {"Accept-Encoding": "identity", "Connection": "close"}
        connection.request("GET", f"{parts.path}{timestamp}{way}/{url}", headers=headers)
        answer = connection.getresponse()
        status, memento = answer.status, answer.getheader("Memento-Datetime") is not None
        with contextlib.suppress(http.client.IncompleteRead):
            while answer.read(2**20):
                pass
    return Asked(way, timestamp, url, expected, status, memento)
