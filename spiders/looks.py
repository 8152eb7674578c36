"""Looks: fetching what pages need to look as they did, and saying how much of it there is.

Belongs here: from answers to the ledger and from the ledger to requests. What is asked for and when a page is complete is decided in
`archiver.requisites`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response

from archiver.clock import now
from archiver.errors import Refused
from archiver.models import Capture, CapturePointer, CrawlContext, PageRequisites, Role
from archiver.page import parse_page
from archiver.payload import decode, text_of
from archiver.reasons import Reason
from archiver.requisites import Answer, Budgets, Ledger, Step, css_requisites, find_requisites
from archiver.work import Outcome

CSS_DEPTH_MAX = 2
"""Stylesheets that import stylesheets are followed this deep."""

FRAME_MAX = 2**21
"""Bytes of a framed page that is looked into; the page itself is kept whole."""

PAGEINFO = "urn:pageinfo:"
HTML = (b"text/html", b"application/xhtml+xml")

Ask = Callable[..., Request]


class Looks:
    """One spider's requisites. `ask` makes a request, `note` writes a record, `capture_of` reads a response back from the spool."""

    def __init__(
        self,
        budgets: Budgets,
        file_bytes: int,
        ask: Ask,
        note: Callable[..., None],
        capture_of: Callable[[Response], Capture],
    ) -> None:
        self._ledger = Ledger(budgets)
        self._file_bytes, self._ask, self._note, self._capture_of = file_bytes, ask, note, capture_of
        self._css_depth: dict[str, int] = {}
        self._frames: set[str] = set()

    def begin(
        self, response: Response, outcome: Outcome, had: Iterable[str] = ()
    ) -> Iterator[Request | PageRequisites]:
        """What a captured page needs; `had` was captured with it."""
        had = set(had)
        needs = [url for url in (*outcome.requisites, *outcome.frames) if url not in had]
        self._frames.update(outcome.frames)
        pointer: CapturePointer = response.meta["capture"]
        context: CrawlContext = response.meta["context"]
        yield from self._follow(self._ledger.begin(response.url, pointer.warc_record_id, needs, had), context)

    def answered(self, response: Response) -> Iterator[Request | PageRequisites]:
        """A requisite is captured by now; a stylesheet and a frame name more of them."""
        url, pointer = response.meta["looks"], response.meta["capture"]
        answer = Answer(response.status, pointer.warc_record_id, None, len(response.body))
        if not 200 <= response.status < 300:
            answer = Answer(response.status, None, Reason.HTTP_ERROR.value)
        needs = self._inside(url, response) if answer.captured else ()
        yield from self._follow(self._ledger.settle(url, answer, needs), response.meta["context"])

    def failed(self, request: Request, reason: str) -> Iterator[Request | PageRequisites]:
        """A requisite that gave no response."""
        step = self._ledger.settle(request.meta["looks"], Answer(reason=reason))
        yield from self._follow(step, request.meta["context"])

    def rest(self) -> Iterator[PageRequisites]:
        """The pages that the run ended before."""
        return (page for page, _ in self._ledger.rest().pages)

    def _inside(self, url: str, response: Response) -> tuple[str, ...]:
        kind = (response.headers.get("Content-Type") or b"").lower()
        depth = self._css_depth.get(url, 0)
        try:
            if kind.startswith(b"text/css") and depth < CSS_DEPTH_MAX:
                coding = [value.decode("latin-1") for value in response.headers.getlist("Content-Encoding")]
                css, _ = text_of(decode(response.body, coding), kind.decode("latin-1"))
                found = tuple(css_requisites(css, response.url))
                self._css_depth.update({one: max(depth + 1, self._css_depth.get(one, 0)) for one in found})
                return found
            if url in self._frames and kind.startswith(HTML) and len(response.body) <= FRAME_MAX:
                return tuple(find_requisites(parse_page(self._capture_of(response))))
        except Refused:
            return ()  # it is captured; that nobody can read it is its own matter
        return ()

    def _follow(self, step: Step, parent: CrawlContext) -> Iterator[Request | PageRequisites]:
        for url, page in step.ask:
            context = CrawlContext(role=Role.REQUISITE, via=page, hops_from_seed=_hops(parent))
            yield self._ask(url, context, looks=url, download_maxsize=self._file_bytes)
        for account, answers in step.pages:
            if account.needed:
                self._write(account, answers)
                yield account

    def _write(self, account: PageRequisites, answers: dict[str, Answer]) -> None:
        """The page's account as a record beside its captures, whole."""
        values: dict[str, Any] = {
            "pageid": account.record_id.removeprefix("urn:uuid:"),
            "url": account.url,
            "counts": {"needed": account.needed, "captured": account.captured, "bytes": account.bytes},
            "share": round(account.captured / account.needed, 4),
            "urls": {url: _as_json(answer) for url, answer in answers.items()},
        }
        block = json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")
        self._note(PAGEINFO + account.url, "application/json", block, now(), values["pageid"])


def _as_json(answer: Answer) -> dict[str, Any]:
    values = {"status": answer.status, "record_id": answer.record_id, "reason": answer.reason}
    return {name: value for name, value in values.items() if value is not None}


def _hops(parent: CrawlContext) -> str:
    """One embed more than the page; what a stylesheet names is as near to the page as the stylesheet."""
    return parent.hops_from_seed if parent.role is Role.REQUISITE else parent.hops_from_seed + "E"
