"""PostChains: asking for the posts that an article cites, step by step, each answer recorded before it is read.

Belongs here: requests for steps, answers to them, and what is left over when a chain ends. Which step comes next and what an
answer says is `archiver.platforms.chain`'s matter; the documents are made from the WARC afterwards (`archiver.resolve`), so
nothing that is decided here needs to be kept. An article never waits for its posts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archiver.models import Capture, CapturePointer, CrawlContext, Role
from archiver.models.article import Citation
from archiver.models.post import Attempt
from archiver.platforms import PostRef, chain, match
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Step
from archiver.reasons import NotAttempted, Reason
from archiver.resolve import answer_of, ask_of, leftover_block, leftover_target
from spiders.failures import reason_of

HOPS = {"embed": "E", "link": "L", "quote": "I", "image": "I"}
CHAINS_MAX = 200
"""Posts asked for on behalf of one article; more is a page gone wrong."""

Ask = Callable[..., Request]


@dataclass(slots=True)
class _Chain:
    """The chain of one post in this run. `cause` is what the context of its captures says (`resolve.ask_of`)."""

    ref: PostRef
    cause: dict[str, Any]
    via: str
    hops: str
    moment: datetime
    attempts: list[Attempt] = field(default_factory=list)
    leads: list[Step] = field(default_factory=list)
    unrecorded: list[Attempt] = field(default_factory=list)
    spent: float = 0.0


class PostChains:
    """One chain a post and run, whoever cites it first. `ask` makes a request of a spider, `read_back` gives a recorded capture."""

    def __init__(
        self, options: PlatformOptions, ask: Ask, read_back: Callable[[Response], Capture], note: Callable[..., Any]
    ) -> None:
        self.options, self._ask, self._read_back, self._note = options, ask, read_back, note
        self._known: set[tuple[str, str]] = set()

    def begin(self, line: bytes, pointer: CapturePointer, hops: str) -> Iterator[Request]:
        """The first requests for the posts that the article of this document cites."""
        if b'"citations":[{' not in line:
            return
        article = json.loads(line)
        for number, raw in enumerate(article["citations"][:CHAINS_MAX]):
            citation = Citation.model_validate(raw)
            ref = match(citation.url) if citation.url else None
            if ref is None or ref.native_id is None or ref.key in self._known:
                continue
            self._known.add(ref.key)
            cause = ask_of(ref, article["id"], pointer.warc_record_id, number, citation.kind)
            started = _Chain(ref, cause, article["url"], hops + HOPS[citation.kind], pointer.fetch_time)
            yield from self._go_on(started)

    def _go_on(self, running: _Chain) -> Iterator[Request]:
        step = chain.next_step(running.ref, self.options, running.attempts, running.leads, running.spent)
        if isinstance(step, chain.Done):
            self._end(running)
            return
        running.spent += step.cost_usd
        asked = {
            **running.cause,
            "n": len(running.attempts),
            "method": step.method,
            "step": step.url,
            "terms": step.terms,
        }
        context = CrawlContext(role=Role.POST, via=running.via, hops_from_seed=running.hops, post=asked)
        yield self._ask(
            step.url,
            self.answered,
            context,
            errback=self.failed,
            headers=dict(step.headers),
            chain=running,
            step=step,
            download_slot=step.endpoint or None,
            dont_redirect=step.dont_redirect,
            dont_retry=True,
            max_retry_times=0,
        )

    def answered(self, response: Response) -> Iterator[Request]:
        """A recorded answer: its attempt, then the next step."""
        running: _Chain = response.meta["chain"]
        capture = self._read_back(response)
        attempt, reading = chain.take(
            running.ref, response.meta["step"], answer_of(capture), capture.pointer.fetch_time
        )
        running.attempts.append(attempt)
        running.leads += reading.leads
        if reading.post is not None:
            hops = running.hops + "E"
            for medium in reading.post.media:
                cause = {**running.cause, "medium": medium.url}
                context = CrawlContext(role=Role.REQUISITE, via=response.url, hops_from_seed=hops, post=cause)
                yield self._ask(medium.url, self.kept, context, errback=self.kept_not)
        yield from self._go_on(running)

    def failed(self, failure: Failure) -> Iterator[Request]:
        """A step that gave no whole answer. With a capture it is read again from the WARC; without, it is noted there."""
        request: Request = failure.request  # type: ignore[attr-defined]
        running: _Chain = request.meta["chain"]
        step: Step = request.meta["step"]
        reason, detail = reason_of(failure.value or Exception("no exception"))
        now = datetime.now(UTC)
        if reason in (Reason.DISALLOWED_BY_ROBOTS, Reason.ROBOTS_UNREACHABLE, Reason.CRAWL_DELAY_TOO_LONG):
            attempt = chain.refused(step, NotAttempted.ROBOTS, now)
        else:
            pointer: CapturePointer | None = request.meta.get("capture")
            answer = Answer(None, capture=pointer, network_error=f"{reason.value}: {detail}")
            attempt, _ = chain.take(running.ref, step, answer, pointer.fetch_time if pointer else now)
        running.attempts.append(attempt)
        running.unrecorded.append(attempt)
        yield from self._go_on(running)

    def _end(self, running: _Chain) -> None:
        """What no capture shows goes into the WARC as a side record, so that the document can be made from the WARC alone."""
        now = datetime.now(UTC)
        left_out = chain.refusals(running.ref, self.options, running.attempts, now, running.spent)
        if running.unrecorded or left_out:
            block = leftover_block(running.cause, [*running.unrecorded, *left_out])
            self._note(leftover_target(running.cause), "application/json", block, running.moment)

    def kept(self, response: Response) -> None:
        """A medium of a post is captured by now."""

    def kept_not(self, failure: Failure) -> None:
        """A medium that was not captured: the post's document shows it without a record id."""
