"""PostChains: asking for the posts that an article cites, step by step, each answer recorded before it is read.

Belongs here: requests for steps, answers to them, and what is noted when an inquiry ends. What is kept between requests is in
`spiders.inquiries`, whose account is whose in `spiders.owners`; which step comes next and what an answer says is `archiver.platforms`'
matter. The documents are made from the WARC afterwards (`archiver.resolve`), so nothing that is decided here needs to be kept. An
article never waits for its posts.
"""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archiver import clock
from archiver.conclude import window_of
from archiver.errors import RecordingError, StoreError
from archiver.following import ASKED_MAX, DuePost, DueSearch, note_of
from archiver.models import Article, Capture, CapturePointer, CrawlContext, Role
from archiver.models.article import Citation
from archiver.models.post import Attempt, Post
from archiver.models.resolution import Window
from archiver.platforms import PostRef, chain
from archiver.platforms.accounts import Accounts, PageHints
from archiver.platforms.build import has_own_words, is_whole
from archiver.platforms.options import PlatformOptions
from archiver.platforms.search import SEARCHABLE
from archiver.platforms.steps import INDEX_METHODS, OWN_ARCHIVE, Answer, Step
from archiver.reasons import NotAttempted, PostOutcome, Reason
from archiver.resolve import answer_of, ask_of, leftover_block, leftover_target, reference_of, search_of, short_of
from archiver.sources import Source
from archiver.tally import counted_as
from archiver.watching import KnownPosts
from spiders.failures import reason_of
from spiders.inquiries import Inquiry, PostChain, QuoteSearch, ShortLink, found_in_archive, one_hop
from spiders.owners import Owners
from spiders.together import Together

HOPS = {"embed": "E", "link": "L", "quote": "I", "image": "I"}
COUNTED = "archiver/posts/"
"""Begins the statistics of attempts: network, method and outcome follow, as the run's manifest counts them."""

ABREAST = 4
"""Inquiries about posts of one network that are under way at the same time."""

JITTER = 0.5
"""A request waits up to so much longer than its endpoint's pace, by chance: machines that ask in step are a wave."""

Ask = Callable[..., Request]


class PostChains:
    """One inquiry a post and run, whoever cites it first.

    `ask` makes a request of a spider, `read_back` gives a recorded capture, `note` writes a side record, `accounts` says
    whose account is whose, `sources` are the outlets by id, `known_posts` gives what the archive has of an author, `count` takes the
    name of a statistic for each attempt, `together` is what the run's spiders share. Where it is `trusting`, a post that the archive
    has whole is not asked for.
    """

    def __init__(
        self,
        options: PlatformOptions,
        ask: Ask,
        read_back: Callable[[Response], Capture],
        note: Callable[..., Any],
        accounts: Accounts,
        sources: Mapping[str, Source],
        known_posts: KnownPosts | None = None,
        count: Callable[[str], None] = lambda name: None,
        together: Together | None = None,
        *,
        trusting: bool = False,
    ) -> None:
        self.options, self._ask, self._read_back, self._note = options, ask, read_back, note
        self._known_posts, self._count, self._trusting = known_posts, count, trusting
        self._together = together or Together()
        self._known, self._conduct = self._together.known, self._together.conduct
        self._owners = Owners(options, accounts, sources, self._together)
        self._abreast: Counter[str] = Counter()
        self._behind: dict[str, list[QuoteSearch]] = {}  # by the URL that is being asked
        self._waiting: defaultdict[str, deque[Inquiry]] = defaultdict(deque)

    def begin(
        self, line: bytes, pointer: CapturePointer, hops: str, hints: PageHints | None = None
    ) -> Iterator[Request]:
        """The first requests for the posts that the article of this document cites. `hints` are its page's about accounts."""
        if b'"citations":[{' not in line:
            return
        article = Article.model_validate(json.loads(line))
        for number, citation in enumerate(article.citations[:ASKED_MAX]):
            if citation.kind in ("embed", "link"):
                yield from self._by_id(
                    reference_of(citation), article, number, citation.kind, hops + HOPS[citation.kind]
                )
            elif citation.kind == "quote" and citation.quote and citation.platform in SEARCHABLE:
                yield from self._by_words(article, number, citation, hops + HOPS["quote"], hints=hints)

    def _by_id(self, ref: PostRef | None, article: Article, number: int, kind: str, hops: str) -> Iterator[Request]:
        if ref is None or ref.key in self._known:
            return
        self._known.add(ref.key)
        pointer = article.capture
        about = article.id, pointer.warc_record_id, number, kind
        if ref.native_id is None:
            cause = short_of(ref, *about)
            link = ShortLink(cause, article.url, hops, pointer.fetch_time, self.options, at=ref.canonical_url)
            yield from self._begin(link)
            return
        cause = ask_of(ref, *about)
        states = self._states_of(ref)
        before = next((state for state in reversed(states) if state.capture and has_own_words(state)), None)
        if before is not None:
            had = [found_in_archive(before)] if self._trusting and is_whole(states[-1]) else []
            block = leftover_block(cause, had, before=before)
            self._note(leftover_target(cause), "application/json", block, pointer.fetch_time)
            if had:
                return  # it is asked for again when a re-check is due
        chained = PostChain(cause, article.url, hops, pointer.fetch_time, self.options, ref=ref)
        yield from self._begin(chained)

    def _by_words(
        self,
        article: Article,
        number: int,
        citation: Citation,
        hops: str,
        prior: Sequence[Attempt] = (),
        hints: PageHints | None = None,
    ) -> Iterator[Request]:
        owner = self._owners.of(citation, article, hints)
        assert citation.quote
        pointer = article.capture
        cause = search_of(citation.platform, article.id, pointer.warc_record_id, number, *owner)
        if prior:
            self._tell(note_of(cause, prior))
        search = QuoteSearch(
            cause,
            article.url,
            hops,
            pointer.fetch_time,
            self.options,
            published=article.date_published,
            language=article.language,
            quote=citation.quote.text,
            parts=tuple(citation.quote.parts),
            window=window_of(article),
            recall=self._recall if self._known_posts else None,
        )
        self._owners.let_ask(search, citation)
        search.prepare()
        yield from self._begin(search)

    def _recall(self, platform: str, username: str, window: Window) -> tuple[list[Post], list[Attempt]]:
        """The author's archived posts, each with the record it was read from; an archive that is away is asked another day."""
        assert self._known_posts
        now = clock.now()
        try:
            posts = self._known_posts(platform, username, window)
        except (StoreError, RecordingError) as error:
            failed = Attempt(
                method=OWN_ARCHIVE, at=now, outcome=PostOutcome.NETWORK.value, reason_text=str(error)[:300]
            )
            return [], [failed]
        return posts, [found_in_archive(post) for post in posts]

    def _states_of(self, ref: PostRef) -> list[Post]:
        """What the archive saw of a post; of one that is away nothing, and the network is asked."""
        if self._known_posts is None or ref.native_id is None:
            return []
        try:
            return self._known_posts.states_of(ref.platform, ref.native_id)
        except (StoreError, RecordingError):
            return []

    def again(self, due: DuePost | DueSearch) -> Iterator[Request]:
        """The first request for what a follow run asks again; what was known is noted first, so that the WARC tells it."""
        if isinstance(due, DueSearch):
            hops = (due.article.crawl.hops_from_seed or "") + HOPS["quote"]
            citation = due.article.citations[due.number]
            yield from self._by_words(due.article, due.number, citation, hops, due.prior, due.hints)
            return
        article, number = due.cited[0]
        record, kind = article.capture.warc_record_id, article.citations[number].kind
        if due.ref.native_id is None:
            if due.prior:
                self._tell(note_of(short_of(due.ref, article.id, record, number, kind), due.prior))
            yield from self._by_id(due.ref, article, number, kind, (article.crawl.hops_from_seed or "") + HOPS[kind])
            return
        self._known.add(due.ref.key)
        cause = ask_of(due.ref, article.id, record, number, kind)
        self._tell(note_of(cause, due.prior, due.before))
        hops = (article.crawl.hops_from_seed or "") + HOPS[kind]
        running = PostChain(cause, article.url, hops, clock.now(), self.options, ref=due.ref)
        running.attempts += [a for a in chain.carry_over(due.prior) if a.method not in INDEX_METHODS]
        yield from self._begin(running)

    def _tell(self, note: tuple[str, bytes]) -> None:
        self._note(note[0], "application/json", note[1], clock.now())

    def _begin(self, running: Inquiry) -> Iterator[Request]:
        """The first request of an inquiry, or none while enough of its network are under way.

        A few at a time: what an endpoint answers is heard before the next is asked, and memory stays flat for any page.
        """
        running.spending = self._together.spending
        if self._abreast[running.platform] >= ABREAST:
            self._waiting[running.platform].append(running)
            return
        self._abreast[running.platform] += 1
        yield from self._go_on(running)

    def _go_on(self, running: Inquiry) -> Iterator[Request]:
        """The next request of an inquiry; when it has ended, the first one of the next inquiry that waits."""
        current: Inquiry | None = running
        while current is not None:
            step = current.next()
            if step is None:
                self._end(current)
                current = self._next_waiting(current.platform)
            elif isinstance(current, QuoteSearch) and current.is_new(step) and step.url in self._behind:
                current.waiting.insert(0, step)  # somebody is asking just that
                self._behind[step.url].append(current)
                return
            elif (known := self._answered_before(current, step)) is not None:
                self._took(current, current.take(step, known, clock.now()), recorded=False)
                for ref in current.found():
                    yield from self._named(ref, current)
            elif (why := self._rests(step)) is not None:
                self._took(current, why, recorded=False)
            else:
                if isinstance(current, QuoteSearch):
                    self._behind.setdefault(step.url, [])
                current.pay(step)
                yield self._request(current, step, step.url)
                return

    def _answered_before(self, running: Inquiry, step: Step) -> Answer | None:
        """What another quotation's search was answered to the same question in this run."""
        new = isinstance(running, QuoteSearch) and running.is_new(step)
        return self._together.answer(step.url) if new else None

    def _go_on_behind(self, step: Step) -> Iterator[Request]:
        """The searches that waited for the answer to the same question."""
        for running in self._behind.pop(step.url, []):
            yield from self._go_on(running)

    def _took(self, running: Inquiry, attempt: Attempt, *, recorded: bool = True) -> None:
        running.attempts.append(attempt)
        if not recorded:
            running.unrecorded.append(attempt)
        self._counted(running, attempt)

    def _counted(self, running: Inquiry, attempt: Attempt) -> None:
        self._count(f"{COUNTED}{running.platform}/{attempt.method}/{counted_as(attempt)[0]}")

    def _next_waiting(self, platform: str) -> Inquiry | None:
        if self._waiting[platform]:
            return self._waiting[platform].popleft()
        self._abreast[platform] -= 1
        return None

    def _request(self, running: Inquiry, step: Step, url: str) -> Request:
        """A step at its own address, or at the one that its first answer led to."""
        named = {"n": len(running.attempts), "method": step.method, "step": step.url, "terms": step.terms}
        asked = {**running.cause, **named, "depth": step.depth}
        return self._ask(
            url,
            self.answered,
            CrawlContext(role=Role.POST, via=running.via, hops_from_seed=running.hops, post=asked),
            errback=self.failed,
            headers=dict(step.headers),
            inquiry=running,
            step=step,
            download_slot=step.endpoint or None,
            rests=partial(self._rests, step),
            pace=self.options.pace(step.endpoint) * random.uniform(1.0, 1.0 + JITTER),
            dont_redirect=step.dont_redirect or step.federated,
            dont_retry=True,
        )

    def _rests(self, step: Step) -> Attempt | None:
        """The attempt that is not made because its endpoint asked for rest or refused too often; it is retried another day."""
        now = clock.now()
        off, until = self._conduct.off(step.endpoint), self._conduct.rests_until(step.endpoint, now)
        if not off and not until:
            return self._asked_today(step, now)
        outcome = PostOutcome.BLOCKED if off else PostOutcome.THROTTLED
        why = f"{step.endpoint} is not asked again in this run: {off}" if off else f"{step.endpoint} rests"
        return Attempt(method=step.method, url=step.url, at=now, outcome=outcome.value, reason_text=why)

    def _asked_today(self, step: Step, now: datetime) -> Attempt | None:
        """The attempt that is not made because another run made it; of a frontier that is away nothing is known, and the network is asked."""
        try:
            return self._known_posts.too_soon(step, now) if self._known_posts else None
        except RecordingError:
            return None

    def answered(self, response: Response) -> Iterator[Request]:
        """A recorded answer: its attempt, then the next step."""
        running: Inquiry = response.meta["inquiry"]
        step: Step = response.meta["step"]
        if (url := one_hop(response, step)) is not None:
            yield self._request(running, step, url)
            return
        capture = self._read_back(response)
        answer = answer_of(capture)
        if isinstance(running, QuoteSearch):
            self._together.remember(step.url, answer)
        attempt = running.take(step, answer, capture.pointer.fetch_time)
        self._took(running, attempt)
        self._conduct.note(step.endpoint, attempt)
        for made in running.shown():
            target, refers_to = made.target, made.refers_to
            self._note(target, "application/json", made.block, made.moment, refers_to=refers_to, terms=made.terms)
        for medium in running.media():
            yield self._medium(running, medium, medium.url, response.url)
        for ref in running.found():
            yield from self._named(ref, running)
        yield from self._go_on(running)
        yield from self._go_on_behind(step)

    def _medium(self, running: Inquiry, step: Step, url: str, via: str) -> Request:
        cause = {**running.cause, "medium": step.url, "terms": step.terms}
        context = CrawlContext(role=Role.REQUISITE, via=via, hops_from_seed=running.hops + "E", post=cause)
        more = {"inquiry": running, "step": step, "dont_redirect": step.federated}
        return self._ask(url, self.kept, context, errback=self.kept_not, **more)

    def _named(self, ref: PostRef, running: Inquiry) -> Iterator[Request]:
        """A post that a search named by its id alone, or that a short link led to."""
        if ref.native_id is None or ref.key in self._known:
            return
        self._known.add(ref.key)
        about = running.cause
        kind, hop = str(about.get("kind", "quote")), "I" if "search" in about else "R"
        cause = ask_of(ref, about["article"], about["article_record"], about["citation"], kind)
        yield from self._begin(PostChain(cause, running.via, running.hops + hop, running.moment, self.options, ref=ref))

    def failed(self, failure: Failure) -> Iterator[Request]:
        """A step that gave no whole answer: robots.txt refused it, or the wire failed."""
        request: Request = failure.request  # type: ignore[attr-defined]
        running: Inquiry = request.meta["inquiry"]
        step: Step = request.meta["step"]
        reason, detail = reason_of(failure.value or Exception("no exception"))
        now = clock.now()
        if reason in (Reason.DISALLOWED_BY_ROBOTS, Reason.ROBOTS_UNREACHABLE, Reason.CRAWL_DELAY_TOO_LONG):
            attempt = chain.refused(step, NotAttempted.ROBOTS, now)
        elif reason is Reason.HOST_PAUSED and (rests := self._rests(step)):
            attempt = rests
        else:
            pointer: CapturePointer | None = request.meta.get("capture")
            answer = Answer(None, capture=pointer, network_error=f"{reason.value}: {detail}")
            attempt = running.take(step, answer, pointer.fetch_time if pointer else now)
        self._took(running, attempt, recorded=False)
        yield from self._go_on(running)
        yield from self._go_on_behind(step)

    def _end(self, running: Inquiry) -> None:
        """What no capture shows goes into the WARC as a side record, so that the documents can be made from the WARC alone."""
        left_out = running.left_out(clock.now())
        for attempt in left_out:
            self._counted(running, attempt)
        if running.unrecorded or left_out or isinstance(running, QuoteSearch):
            archived = running.archived if isinstance(running, QuoteSearch) else ()
            block = leftover_block(running.cause, [*running.unrecorded, *left_out], archived)
            self._note(leftover_target(running.cause), "application/json", block, running.moment)

    def kept(self, response: Response) -> Iterator[Request]:
        """A medium of a post is captured by now, unless its server leads on."""
        step: Step = response.meta["step"]
        if (url := one_hop(response, step)) is not None:
            yield self._medium(response.meta["inquiry"], step, url, response.url)

    def kept_not(self, failure: Failure) -> None:
        """A medium that was not captured: the post's document shows it without a record id."""
