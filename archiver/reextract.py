"""Documents again from WARCs, ours or foreign, without a network.

Belongs here: walking a WARC, handing its article captures to the worker processes and giving the outcomes back in record order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import WarcError
from archiver.models import Capture, Refusal, Role
from archiver.models.hints import ExtractHints
from archiver.pool import ExtractPool
from archiver.reasons import Reason
from archiver.warc import read_captures
from archiver.work import Outcome, is_article_capture

AHEAD = 4
"""Captures in flight for each worker: enough to keep it busy, few enough to keep memory flat."""


@dataclass(frozen=True, slots=True)
class Extracted:
    """One article capture and what it gave. `requested_url` is set where redirects led to `url`."""

    url: str
    requested_url: str | None
    source: str | None
    record_id: str
    outcome: Outcome

    def refusal(self) -> Refusal:
        """Why there is no document."""
        reason = self.outcome.reason or Reason.EXTRACTOR_ERROR
        return Refusal(
            url=self.url,
            requested_url=self.requested_url,
            source=self.source,
            reason=reason.value,
            detail=self.outcome.detail or None,
            record_id=self.record_id,
            role=Role.ARTICLE.value,
            archiving_restricted=self.outcome.restricted,
        )


def extract_warc(
    path: Path,
    pool: ExtractPool,
    *,
    warc_filename: str | None = None,
    hints: ExtractHints | None = None,
    on_damage: Callable[[WarcError], None] | None = None,
) -> Iterator[Extracted]:
    """Every article page of a WARC in record order. Damage goes to `on_damage` and reading goes on behind it.

    A page whose DOM a document was read from is two captures and one page: see `_Pages`.
    """
    waiting: deque[tuple[Capture, Future[Outcome]]] = deque()
    pages = _Pages()
    for capture in read_captures(path, warc_filename=warc_filename, on_damage=on_damage):
        if not is_article_capture(capture):
            continue
        waiting.append((capture, pool.submit_capture(capture, hints or ExtractHints())))
        if len(waiting) >= AHEAD * pool.workers:
            yield from pages.take(*waiting.popleft())
    while waiting:
        yield from pages.take(*waiting.popleft())
    yield from pages.rest()


class _Pages:
    """One outcome for a page that is there as served and as scripts left it: the served page's, unless it has no text."""

    def __init__(self) -> None:
        self._made: set[str] = set()
        self._empty: dict[str, Extracted] = {}

    def take(self, capture: Capture, future: Future[Outcome]) -> Iterator[Extracted]:
        """What is known of a page by now. One without text waits for its DOM, which is behind it."""
        item, served = _extracted(capture, future), capture.pointer.refers_to
        if capture.pointer.warc_type == "resource" and served and served.warc_record_id:
            self._empty.pop(served.warc_record_id, None)
            if served.warc_record_id not in self._made:
                yield item
        elif item.outcome.line:
            self._made.add(item.record_id)
            yield item
        elif item.outcome.reason is Reason.NO_TEXT:
            self._empty[item.record_id] = item
        else:
            yield item

    def rest(self) -> Iterator[Extracted]:
        """The pages without text that no DOM came for."""
        yield from self._empty.values()
        self._empty.clear()


def _extracted(capture: Capture, future: Future[Outcome]) -> Extracted:
    context = capture.context
    return Extracted(
        capture.url, context.requested_url, context.source, capture.pointer.warc_record_id, future.result()
    )
