"""The account of what pages need: which URL is to be asked next, within budgets, and what of each page was captured in the end.

Belongs here: bookkeeping without a wire. A URL is asked once in a run however many pages need it; a page is complete when everything it
needs, and everything its stylesheets and frames need, was answered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from archiver.models.requisites import LeftOut, PageRequisites
from archiver.reasons import Reason

WAVE = 32
"""Requisites of one page that are asked for at a time, so that its budget of bytes can stop the rest."""

LISTED_MAX = 50
"""Requisites that are left out are named up to this many a page; the counts are always whole."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """Limits: requisites and bytes a page, and a run (of one source)."""

    per_page: int = 300
    page_bytes: int = 50 * 2**20
    per_run: int = 100_000
    run_bytes: int = 5 * 2**30


@dataclass(frozen=True, slots=True)
class Answer:
    """How a requisite ended: `record_id` and `status` when something was captured, else a `reason`."""

    status: int | None = None
    record_id: str | None = None
    reason: str | None = None
    size: int = 0

    @property
    def captured(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, slots=True)
class Step:
    """What follows: `ask` are (URL, page) pairs to be asked now, `pages` those that are complete, with every URL's answer."""

    ask: tuple[tuple[str, str], ...] = ()
    pages: tuple[tuple[PageRequisites, dict[str, Answer]], ...] = ()


@dataclass(slots=True)
class _Page:
    url: str
    record_id: str
    queue: deque[str] = field(default_factory=deque)
    waiting: set[str] = field(default_factory=set)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: int = 0
    size: int = 0


class Ledger:
    """One run of one source. Memory: a few hundred bytes for each URL that was asked, at most `per_run` of them."""

    def __init__(self, budgets: Budgets | None = None) -> None:
        self._budgets = budgets or Budgets()
        self._pages: dict[str, _Page] = {}
        self._answers: dict[str, Answer] = {}
        self._children: dict[str, tuple[str, ...]] = {}
        self._asked: dict[str, set[str]] = {}  # URL under way -> pages that wait for it
        self._count = self._size = 0

    def begin(self, url: str, record_id: str, needs: Iterable[str], had: Iterable[str] = ()) -> Step:
        """A page was captured; `had` is what was captured with it already (by a browser)."""
        page = self._pages[record_id] = _Page(url, record_id)
        page.answers = {one: Answer() for one in had}
        page.queue.extend(needs)
        return self._go_on([page])

    def settle(self, url: str, answer: Answer, needs: Iterable[str] = ()) -> Step:
        """A requisite was answered, or never will be. `needs` is what it names itself: a stylesheet's, a frame's."""
        self._answers[url] = answer
        self._children[url] = tuple(needs)
        self._size += answer.size
        pages = [self._pages[one] for one in self._asked.pop(url, ()) if one in self._pages]
        for page in pages:
            page.waiting.discard(url)
            self._take(page, url)
        return self._go_on(pages)

    def rest(self) -> Step:
        """The pages that are not complete when the run ends; what they still wait for has the Reason."""
        for page in self._pages.values():
            for url in (*page.waiting, *page.queue):
                page.answers.setdefault(url, Answer(reason=Reason.RUN_ENDED.value))
            page.waiting.clear()
            page.queue.clear()
        return self._go_on(list(self._pages.values()))

    def _go_on(self, pages: list[_Page]) -> Step:
        ask: list[tuple[str, str]] = []
        done: list[tuple[PageRequisites, dict[str, Answer]]] = []
        for page in pages:
            while page.queue and len(page.waiting) < WAVE:
                self._next(page, page.queue.popleft(), ask)
            if not page.queue and not page.waiting:
                del self._pages[page.record_id]
                done.append((_account(page), page.answers))
        return Step(tuple(ask), tuple(done))

    def _next(self, page: _Page, url: str, ask: list[tuple[str, str]]) -> None:
        if url in page.answers or url in page.waiting:
            return
        if url in self._answers:
            self._take(page, url)
            return
        if url not in self._asked:
            budgets = self._budgets
            if page.asked >= budgets.per_page or page.size >= budgets.page_bytes:
                page.answers[url] = Answer(reason=Reason.BUDGET_SPENT.value)
                return
            if self._count >= budgets.per_run or self._size >= budgets.run_bytes:
                page.answers[url] = Answer(reason=Reason.BUDGET_SPENT.value)
                return
            self._count += 1
            page.asked += 1
            self._asked[url] = set()
            ask.append((url, page.url))
        self._asked[url].add(page.record_id)
        page.waiting.add(url)

    def _take(self, page: _Page, url: str) -> None:
        answer = self._answers[url]
        page.answers[url] = answer
        page.size += answer.size
        page.queue.extend(one for one in self._children[url] if one not in page.answers)


def _account(page: _Page) -> PageRequisites:
    left = [(url, answer.reason) for url, answer in page.answers.items() if answer.reason]
    return PageRequisites(
        url=page.url,
        record_id=page.record_id,
        needed=len(page.answers),
        captured=len(page.answers) - len(left),
        bytes=page.size,
        left_out=[LeftOut(url=url, reason=reason) for url, reason in left[:LISTED_MAX]],
    )
