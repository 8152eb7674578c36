"""What a spider keeps while it asks about a post: the chain of one post by its id, or the search for a quotation's post.

Belongs here: the state between two requests, and the next step out of it. Pure decisions are `archiver.platforms`' and
`archiver.citations`'; requests are made by `spiders.posts`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy.http import Response

from archiver import clock
from archiver.citations import matching
from archiver.conclude import candidate_of
from archiver.models.post import Attempt, Post
from archiver.models.resolution import Window
from archiver.platforms import PostRef, chain, homepage, id_time, match, short, wikidata
from archiver.platforms.failures import understood
from archiver.platforms.fediverse import may_ask
from archiver.platforms.media import media_steps
from archiver.platforms.options import PlatformOptions
from archiver.platforms.search import draft_of_post, read_text, text_steps
from archiver.platforms.steps import (
    ACCOUNT_METHODS,
    HOMEPAGE,
    OWN_ARCHIVE,
    TWICE_METHODS,
    USERS,
    WIKIDATA_METHODS,
    Answer,
    Draft,
    Reading,
    Step,
)
from archiver.platforms.x import people
from archiver.reasons import NotAttempted, PostOutcome
from archiver.resolve import Normalised, normalised

Recall = Callable[[str, str, Window], tuple[Sequence[Post], Sequence[Attempt]]]
"""(network, username, days) -> (posts that the archive has, what to note of having looked)."""

LASTING = frozenset({"accounts", "site"})
"""Bases of an account that were written down once and are believed for years."""

IDS_MAX = 5
"""Posts asked for by id on behalf of one answer that named ids and no texts."""


@dataclass(slots=True)
class Inquiry(ABC):
    """`cause` is what the context of its captures says, `moment` the article's capture time, `via` its URL.

    `unrecorded` are the attempts that no capture shows; they go into a side record when the inquiry ends. `spending` is what each
    article has cost, in USD by its id: its posts and quotations share one budget.
    """

    cause: dict[str, Any]
    via: str
    hops: str
    moment: datetime
    options: PlatformOptions
    attempts: list[Attempt] = field(default_factory=list)
    unrecorded: list[Attempt] = field(default_factory=list)
    spending: dict[str, float] = field(default_factory=dict)

    @property
    def platform(self) -> str:
        return str(self.cause["platform"])

    @property
    def spent(self) -> float:
        """What the article has cost so far, in USD."""
        return self.spending.get(str(self.cause["article"]), 0.0)

    def pay(self, step: Step) -> None:
        """Counts the price of a step that is about to be asked."""
        if step.cost_usd:
            self.spending[str(self.cause["article"])] = self.spent + step.cost_usd

    @abstractmethod
    def next(self) -> Step | None:
        """What to ask next; None when there is nothing left to ask."""

    @abstractmethod
    def take(self, step: Step, answer: Answer, at: datetime) -> Attempt:
        """Reads an answer into the state; the attempt it was."""

    @abstractmethod
    def left_out(self, now: datetime) -> list[Attempt]:
        """The steps that a switch, terms or the budget left out."""

    def media(self) -> Sequence[Step]:
        """The pictures and films of the last answer, which are to be captured with it."""
        return ()

    def shown(self) -> Sequence[Normalised]:
        """The posts of the last answer in the form of documents, which are to be recorded beside it."""
        return ()

    def found(self) -> Iterator[PostRef]:
        """Posts that the last answer named and that are to be asked for by id."""
        return iter(())


@dataclass(slots=True)
class PostChain(Inquiry):
    """The chain of one post."""

    ref: PostRef = None  # type: ignore[assignment]
    leads: list[Step] = field(default_factory=list)
    last: Reading | None = None

    def next(self) -> Step | None:
        step = chain.next_step(self.ref, self.options, self.attempts, self.leads, self.spent)
        return step if isinstance(step, Step) else None

    def take(self, step: Step, answer: Answer, at: datetime) -> Attempt:
        attempt, self.last = chain.take(self.ref, step, answer, at)
        self.leads += self.last.leads
        return attempt

    def left_out(self, now: datetime) -> list[Attempt]:
        return chain.refusals(self.ref, self.options, self.attempts, now, self.spent)

    def media(self) -> Sequence[Step]:
        return media_steps(self.last, self.options) if self.last else ()

    def shown(self) -> Sequence[Normalised]:
        return normalised(self.ref, self.cause, self.attempts[-1], self.last) if self.last else ()


@dataclass(slots=True)
class ShortLink(Inquiry):
    """The way of a short link, hop by hop; it ends at a post, or where no post can come any more."""

    at: str | None = None
    target: PostRef | None = None

    def next(self) -> Step | None:
        hops = len(self.attempts)
        return short.follow(self.at, self.options, hops) if self.at and self.target is None else None

    def take(self, step: Step, answer: Answer, at: datetime) -> Attempt:
        reading, self.at, self.target = short.read(answer, self.platform)
        return chain.attempt_of(step, answer, reading, at)

    def left_out(self, now: datetime) -> list[Attempt]:
        return []

    def found(self) -> Iterator[PostRef]:
        return iter([self.target] if self.target else [])


@dataclass(slots=True)
class QuoteSearch(Inquiry):
    """The search for the post that one quotation was taken from. Ends when a post is found to be the one.

    While nobody knows the account, the quoted outlet's `home` page is asked for it, then Wikidata about `who` (name, kind); `at_home` and
    `learnt` are told what came of it.
    """

    published: datetime | None = None
    language: str | None = None
    quote: str = ""
    parts: tuple[str, ...] = ()
    window: Window = field(default_factory=Window)
    waiting: list[Step] = field(default_factory=list)
    refused: list[Step] = field(default_factory=list)
    seen: dict[str, Draft] = field(default_factory=dict)
    named: list[PostRef] = field(default_factory=list)
    archived: list[Post] = field(default_factory=list)
    recall: Recall | None = None
    home: str | None = None
    at_home: Callable[[tuple[str, str] | None], None] | None = None
    who: tuple[str, str | None] | None = None
    learnt: Callable[[wikidata.Found | None, str | None], None] | None = None

    @property
    def username(self) -> str:
        return str(self.cause["username"])

    def prepare(self) -> None:
        """Lays out the steps; those that may not be asked are kept with their reason."""
        if not self.cause["basis"] and self.home:
            self.waiting, self.home = [homepage.step(self.home)], None
            return
        if not self.cause["username"]:
            self.waiting = self._about_account(self.who[0]) if self.who else []
            return
        if self.recall:
            self._remember(*self.recall(self.platform, self.username, self.window))
            self._learn_number(self.recall)
        steps = text_steps(self.platform, self.username, self.quote, self.window, self.options)
        self.waiting = [step for step in steps if not step.refused]
        self.refused = [step for step in steps if step.refused]

    def _about_account(self, name: str) -> list[Step]:
        """Whom to ask whose account a name is."""
        if not self.options.wikidata:
            return self._by_name(name)
        return [wikidata.search_step(name, (self.language or "en").partition("-")[0].lower(), self.options)]

    def _by_name(self, name: str) -> list[Step]:
        """The last thing to do about a name: who has it on the network. Only X can be asked, for money."""
        step = people.users_step(name, self.options) if self.platform == "x" else None
        if step is not None and step.refused:
            self.refused.append(step)
            return []
        return [step] if step else []

    def is_new(self, step: Step) -> bool:
        """Whether this search has not asked that yet: what is asked twice is asked twice for a reason."""
        return step.method not in ACCOUNT_METHODS and all(attempt.url != step.url for attempt in self.attempts)

    def _learn_number(self, recall: Recall) -> None:
        """The number that the account of a file or a page had when the archive first saw it: its name may be another's by now."""
        if self.cause["user_id"] or self.cause["basis"] not in LASTING:
            return
        for post in recall(self.platform, self.username, Window())[0]:
            if post.author.id and post.capture:
                evidence = [*self.cause["evidence"], post.capture.warc_record_id]
                self.cause = {**self.cause, "user_id": post.author.id, "evidence": evidence}
                return

    def _remember(self, posts: Sequence[Post], attempts: Sequence[Attempt]) -> None:
        """The author's posts that the archive has: the first candidates."""
        self.archived += posts
        self.attempts += attempts
        self.unrecorded += attempts
        for post in posts:
            self.seen.setdefault(post.native_id, draft_of_post(post))

    def next(self) -> Step | None:
        if self._settled():
            return None
        while self.waiting:
            step = self.waiting.pop(0)
            if self.options.affords(self.spent, step.cost_usd):
                return step
            self.refused.append(step)
        return None

    def take(self, step: Step, answer: Answer, at: datetime) -> Attempt:
        if step.method in WIKIDATA_METHODS:
            return self._take_account(step, answer, at)
        if step.method == HOMEPAGE:
            return self._take_home(step, answer, at)
        if step.method == USERS:
            return self._take_user(step, answer, at)
        listing = read_text(self.platform, step, answer, self.username, self.window)
        asked = any((attempt.method, attempt.url) == (step.method, step.url) for attempt in self.attempts)
        again = step.method in TWICE_METHODS and listing.outcome is PostOutcome.NOT_FOUND and not asked
        self.waiting = [*([step] if again else []), *listing.leads, *self.waiting]
        for draft in listing.posts:
            if draft.text:
                self.seen.setdefault(draft.native_id, draft)
        untold = sorted((draft for draft in listing.posts if not draft.text), key=self._distance)
        refs = [ref for draft in untold[:IDS_MAX] if (ref := match(draft.url))]
        self.named += [ref for ref in refs if ref not in self.named]
        if (settled := self._settled()) and (ref := match(settled)) and ref not in self.named:
            self.named.append(ref)  # the post itself is to be captured, not only the list that showed it
        reading = Reading(listing.outcome, listing.reason_text, None, listing.retry_after, method=step.method)
        return chain.attempt_of(step, answer, reading, at)

    def _distance(self, draft: Draft) -> float:
        """Seconds between a post and the article; a post of an unknown time is the farthest."""
        at = id_time(draft.platform, draft.native_id) or draft.published
        return abs((at - (self.published or self.moment)).total_seconds()) if at else math.inf

    def _take_account(self, step: Step, answer: Answer, at: datetime) -> Attempt:
        """An answer of Wikidata's: the items of the name, then the account of the one item that fits."""
        assert self.who
        if step.method == "wikidata-search":
            items = wikidata.read_search(answer)
            self.waiting = [wikidata.items_step(items, self.options)] if items else []
            found = None
        else:
            found = wikidata.read_items(answer, self.who[0], self.platform, self.published or self.moment, self.who[1])
        if found is None and not self.waiting:
            self.waiting = self._by_name(self.who[0])
        if self.learnt and not self.waiting:
            self.learnt(found, answer.capture.warc_record_id if answer.capture else None)
        if found:
            self.cause = {**self.cause, "username": found.username, "basis": "wikidata", "user_id": found.user_id}
            self.prepare()
        return chain.attempt_of(step, answer, understood(answer), at)

    def _take_user(self, step: Step, answer: Answer, at: datetime) -> Attempt:
        """The account of the name, if one alone has it: who to ask, and no more."""
        assert self.who
        user = people.read_users(answer, self.who[0])
        if self.learnt:
            record = answer.capture.warc_record_id if answer.capture else None
            self.learnt(wikidata.Found(user[0], "", user[1]) if user else None, record)
        if user:
            self.cause = {**self.cause, "username": user[0], "user_id": user[1]}
            self.prepare()
        return chain.attempt_of(step, answer, people.reading_of(answer), at)

    def _take_home(self, step: Step, answer: Answer, at: datetime) -> Attempt:
        """The outlet's own word about its account."""
        username = homepage.read(answer, self.platform)
        record = answer.capture.warc_record_id if answer.capture else None
        known = (username, record) if username and record else None
        if known:
            self.cause = {**self.cause, "username": known[0], "basis": "site", "evidence": [known[1]]}
        if self.at_home:
            self.at_home(known)
        self.prepare()
        return chain.attempt_of(step, answer, homepage.reading_of(answer), at)

    def found(self) -> Iterator[PostRef]:
        return iter(self.named)

    def left_out(self, now: datetime) -> list[Attempt]:
        if self._settled():
            return []
        return [chain.refused(step, step.refused or NotAttempted.BUDGET, now) for step in self.refused]

    def _settled(self) -> str | None:
        """The URL of the candidate that is the quoted post beyond doubt, if one is: then nobody else is asked."""
        basis, number = self.cause.get("basis"), str(self.cause.get("user_id") or "")
        candidates = [candidate_of(draft, self.username, basis, number) for draft in self.seen.values()]
        if not candidates:
            return None
        judged = matching.judge(
            self.quote, candidates, parts=self.parts, published=self.published, language=self.language
        )
        return judged.post_id if judged.status == "resolved_text" else None


def one_hop(response: Response, step: Step) -> str | None:
    """Where the answer of a host that a page or an answer named leads, if it may be followed: once, https, the same host."""
    if not step.federated or step.dont_redirect or response.status not in (301, 302, 303, 307, 308):
        return None
    location = (response.headers.get("Location") or b"").decode("latin-1")
    url = urljoin(response.url, location)
    same = (urlsplit(url).hostname, url != step.url) == (urlsplit(step.url).hostname, True)
    return url if location and response.url == step.url and same and may_ask(url) else None


def found_in_archive(post: Post) -> Attempt:
    """That the archive had a post, and the record that it was read from."""
    record = post.capture.warc_record_id if post.capture else None
    return Attempt(method=OWN_ARCHIVE, url=post.id, at=clock.now(), outcome=PostOutcome.OK.value, warc_record_id=record)
