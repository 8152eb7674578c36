"""Which cited posts are to be asked for again, and what is known about them: the input of `archiver follow`.

Belongs here: due times, computed from the archive's own documents (nothing else remembers them, so nothing can disagree), and the
side records that make a follow run provable from its WARCs alone. Asking is `spiders.follow`'s matter; what the answers make of a
document is `archiver.resolve`'s and `archiver.conclude`'s.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain as chain_of
from typing import Any

from archiver.archive import Archive
from archiver.conclude import Followed
from archiver.errors import Refused, StoreError, WarcError
from archiver.models import Article, RunManifest
from archiver.models.article import Citation, Structured
from archiver.models.post import Attempt, Post
from archiver.models.resolution import Resolution
from archiver.page import parse_page
from archiver.platforms import PostRef, chain, match
from archiver.platforms.accounts import PageHints, hints_of
from archiver.platforms.build import came_along, has_own_words
from archiver.platforms.options import PlatformOptions
from archiver.platforms.outcomes import RETRYABLE, rounds_of
from archiver.platforms.search import SEARCHABLE
from archiver.reasons import PostOutcome, PostStatus
from archiver.resolve import FOLLOW, LEFTOVER, leftover_target, reference_of

ASKED_MAX = 200
"""Citations of one article whose posts are asked for; more is a page gone wrong."""

CITES = b'"citations":[{'
Key = tuple[str, str]


@dataclass(slots=True)
class DuePost:
    """A post to ask for: `why` is "new", "retry" or "recheck". `before` is its last state with words of its own; `prior` are the
    attempts of the states that are still pending. `cited` are the articles to conclude about anew, the first is the cause."""

    ref: PostRef
    why: str
    before: Post | None = None
    prior: list[Attempt] = field(default_factory=list)
    cited: list[tuple[Article, int]] = field(default_factory=list)


@dataclass(slots=True)
class DueSearch:
    """A quotation whose post is to be looked for: never looked for, or the networks failed."""

    article: Article
    number: int
    prior: list[Attempt] = field(default_factory=list)
    hints: PageHints | None = None


@dataclass(slots=True)
class Due:
    """What is due. `names` are those that the frontier's watch list holds due (None: whatever the documents say). `articles` are those concerned, by the record id of their capture, with what was known of their citations."""

    posts: list[DuePost] = field(default_factory=list)
    searches: list[DueSearch] = field(default_factory=list)
    articles: dict[str, Followed] = field(default_factory=dict)
    names: Collection[str] | None = None
    found: set[str] = field(default_factory=set)

    def wants(self, name: str) -> bool:
        """Whether this is on the list; what is wanted has been found then."""
        if self.names is not None and name not in self.names:
            return False
        self.found.add(name)
        return True

    def __len__(self) -> int:
        return len(self.posts) + len(self.searches)

    def notes(self) -> Iterator[tuple[str, bytes]]:
        """(target, block) of the side records that tell the run's articles, in order."""
        for record, followed in self.articles.items():
            known = [resolution.model_dump(mode="json") for resolution in followed.known.values()]
            block = {"article": followed.article.model_dump(mode="json"), "resolutions": known}
            yield f"{FOLLOW}article:{record}", json.dumps(block).encode("utf-8", "replace")


def note_of(cause: dict[str, Any], prior: Sequence[Attempt], before: Post | None = None) -> tuple[str, bytes]:
    """(target, block) of the side record of what was known before a post was asked for, or a quotation looked for, again."""
    block = {
        "post": cause,
        "before": before.model_dump(mode="json") if before else None,
        "attempts": [attempt.model_dump(mode="json") for attempt in prior],
    }
    target = leftover_target(cause).removeprefix(LEFTOVER)
    return f"{FOLLOW}post:{target}", json.dumps(block).encode("utf-8", "replace")


def name_of_post(platform: str, native_id: str) -> str:
    """What a post is called in the watch list."""
    return f"post:{platform}:{native_id}"


def name_of_author(platform: str, username: str) -> str:
    """What an author is called among the places of the watch list."""
    return f"author:{platform}:{username.lower()}"


def name_of_question(url: str) -> str:
    """What a question that is asked once a day is called in the watch list."""
    return f"question:{url}"


def name_of_citation(version_id: str, record_id: str, number: int) -> str:
    """What a citation without a known post is called in the watch list."""
    return f"citation:{version_id}:{record_id}:{number}"


def find_due(
    archive: Archive,
    now: datetime,
    options: PlatformOptions,
    *,
    every: bool = False,
    names: Collection[str] | None = None,
    runs: Sequence[RunManifest] | None = None,
) -> Due:
    """What is due at `now` (aware); with `every` all posts, due or not. Reads every post, resolution and citing article, or those of
    `runs`, in which everything about `names` (what the watch list holds due) must be.

    Raises `StoreError`.
    """
    due = Due(names=names)
    posts, resolutions, lines = archive.posts(), archive.resolutions(), archive.lines()
    if runs is not None:
        posts = chain_of.from_iterable(map(archive.posts_of, runs))
        resolutions = chain_of.from_iterable(map(archive.resolutions_of, runs))
        lines = chain_of.from_iterable(map(archive.lines_of, runs))
    states: dict[Key, list[Post]] = {}
    for post in posts:
        if came_along(post):
            continue  # a look at another post is no look at this one
        states.setdefault((post.platform, post.native_id), []).append(post)
    newest = newest_resolutions(resolutions)
    wanted: dict[Key, DuePost] = {}
    for key, known in states.items():
        if (found := due_post(known, now, options, every=every)) and due.wants(name_of_post(*key)):
            wanted[key] = found
    for line in lines:
        if CITES in line:
            _take(Article.model_validate_json(line), due, wanted, states, newest, now, options)
    for search in due.searches:
        search.hints = _hints(archive, search.article)
    due.posts = [post for post in wanted.values() if post.cited]
    return due


def _hints(archive: Archive, article: Article) -> PageHints | None:
    """What the article's page says about accounts; None where its capture cannot be read any more."""
    try:
        return hints_of(parse_page(archive.capture(article.capture)).tree)
    except (StoreError, WarcError, Refused):
        return None


def newest_resolutions(resolutions: Iterable[Resolution]) -> dict[tuple[str, str, int], Resolution]:
    """(article version, record of its capture, number of the citation) -> what counts."""
    found: dict[tuple[str, str, int], Resolution] = {}
    for resolution in resolutions:
        key = resolution.article_version_id, resolution.capture.warc_record_id, resolution.citation_index
        if key not in found or resolution.resolved_at >= found[key].resolved_at:
            found[key] = resolution
    return found


def due_post(states: Sequence[Post], now: datetime, options: PlatformOptions, *, every: bool = False) -> DuePost | None:
    """Whether a post with these states, oldest first, is to be asked for. None when it is not, or cannot be."""
    last = states[-1]
    ref = match(last.url) or match(last.id)
    if ref is None or ref.key != (last.platform, last.native_id):
        return None
    before = next((post for post in reversed(states) if has_own_words(post)), None)
    if last.status == PostStatus.PENDING:
        prior = pending_attempts(states)
        when = chain.retry_due(last.status, prior, options.retry)
        if every or (when is not None and when <= now):
            return DuePost(ref, "retry", before, prior)
        return None
    first = next((post for post in states if post.status in _CAPTURED), None)
    when = recheck_at(last.status, moment_of_post(first), moment_of_post(last), options) if first else None
    if every or (when is not None and when <= now):
        return DuePost(ref, "recheck", before)
    return None


_CAPTURED = (PostStatus.CAPTURED, PostStatus.CAPTURED_PARTIAL)


def pending_attempts(states: Sequence[Post]) -> list[Attempt]:
    """The attempts that were made since the post was last anything but pending: a state holds those before it as well."""
    found: dict[tuple[str, str | None, datetime], Attempt] = {}
    for post in reversed(states):
        if post.status != PostStatus.PENDING:
            break
        for attempt in post.attempts:
            if attempt.outcome != PostOutcome.NOT_ATTEMPTED:
                found.setdefault((attempt.method, attempt.url, attempt.at), attempt)
    return sorted(found.values(), key=lambda attempt: attempt.at)


def recheck_at(status: str, first: datetime, seen: datetime, options: PlatformOptions) -> datetime | None:
    """When a post that was captured `first` and `seen` last is looked at again. A look that came late stands for all that were due by
    then."""
    done = sum(1 for after in options.recheck if (seen - first).total_seconds() >= after)
    return chain.recheck_due(status, first, done, options.recheck)


def moment_of_post(post: Post) -> datetime:
    """When a state of a post was learnt."""
    return max([attempt.at for attempt in post.attempts] or [post.capture.fetch_time if post.capture else datetime.max])


def _take(
    article: Article,
    due: Due,
    wanted: dict[Key, DuePost],
    states: dict[Key, list[Post]],
    newest: dict[tuple[str, str, int], Resolution],
    now: datetime,
    options: PlatformOptions,
) -> None:
    """What one article adds: posts that nobody asked for, searches that are due, and itself as one to conclude about."""
    record, concerned = article.capture.warc_record_id, False
    known: dict[int, Resolution] = {}
    slim = slimmed(article)
    for number, citation in enumerate(article.citations[:ASKED_MAX]):
        resolution = newest.get((article.version_id, record, number))
        if resolution:
            known[number] = resolution
        ref = _ref(citation, resolution)
        name = name_of_citation(article.version_id, record, number)
        if ref is not None and ref.native_id is None:
            prior = short_due(resolution, now, options)
            if prior is not None and due.wants(name):
                wanted.setdefault(ref.key, DuePost(ref, "retry" if prior else "new", prior=prior))
            if ref.key in wanted:
                wanted[ref.key].cited.append((slim, number))
                concerned = True
        elif ref is not None:
            unasked = citation.url and ref.key not in states and ref.key not in wanted
            if unasked and due.wants(name_of_post(*ref.key)):
                wanted[ref.key] = DuePost(ref, "new")
            if ref.key in wanted:
                if citation.url and not wanted[ref.key].cited:
                    wanted[ref.key].ref = ref  # the article's own spelling knows the server and the user name
                wanted[ref.key].cited.append((slim, number))
                concerned = True
        elif (
            _can_be_searched(citation)
            and (prior := search_due(resolution, now, options)) is not None
            and due.wants(name)
        ):
            due.searches.append(DueSearch(slim, number, prior))
            concerned = True
    if concerned:
        due.articles[record] = Followed(slim, known)


def _ref(citation: Citation, resolution: Resolution | None) -> PostRef | None:
    """The post that a citation is known to be about: by its URL, or by what a short link or a search led to."""
    ref = reference_of(citation)
    if (ref is None or ref.native_id is None) and resolution is not None and resolution.post_id:
        return match(resolution.post_id)
    return ref


def short_due(resolution: Resolution | None, now: datetime, options: PlatformOptions) -> list[Attempt] | None:
    """The attempts at a short link that failed and are due again ([] where none was made yet); None when it is not due."""
    if resolution is None or not resolution.attempts:
        return []
    failed = [attempt for attempt in resolution.attempts if attempt.outcome in RETRYABLE]
    if len(failed) < len(resolution.attempts):
        return None
    when = retry_at(failed, options)
    return failed if when is not None and when <= now else None


def _can_be_searched(citation: Citation) -> bool:
    return citation.kind == "quote" and citation.quote is not None and citation.platform in SEARCHABLE


def search_due(resolution: Resolution | None, now: datetime, options: PlatformOptions) -> list[Attempt] | None:
    """The attempts of a search that failed and is due again ([] where none was made yet); None when it is not due."""
    if resolution is None or (resolution.status == "not_attempted" and not resolution.attempts):
        return []
    newest = {attempt.method: attempt.outcome for attempt in resolution.attempts}
    again = {method for method, outcome in newest.items() if outcome in RETRYABLE}
    failed = [a for a in resolution.attempts if a.method in again and a.outcome in RETRYABLE]
    if resolution.post_id or not failed:
        return None
    when = retry_at(failed, options)
    return failed if when is not None and when <= now else None


def retry_of(resolution: Resolution, options: PlatformOptions) -> datetime | None:
    """When a search or a short link is asked again: at once if it never was, None if nothing failed that may be asked again."""
    if not resolution.attempts:
        return resolution.resolved_at
    newest = {attempt.method: attempt.outcome for attempt in resolution.attempts}
    again = {method for method, outcome in newest.items() if outcome in RETRYABLE}
    failed = [a for a in resolution.attempts if a.method in again and a.outcome in RETRYABLE]
    return retry_at(failed, options) if failed and not resolution.post_id else None


def retry_at(failed: Sequence[Attempt], options: PlatformOptions) -> datetime | None:
    """When what failed is asked again: by the number of rounds, or when a server wants it, if that is later. None when all rounds are over."""
    rounds = rounds_of(failed)
    if rounds > len(options.retry):
        return None
    last = max(attempt.at for attempt in failed)
    waits = [options.retry[rounds - 1], *(a.retry_after for a in failed if a.retry_after and a.at == last)]
    return last + timedelta(seconds=max(waits))


def slimmed(article: Article) -> Article:
    """An article without what no conclusion needs: the side record is evidence of the question, not a second copy."""
    empty: dict[str, Any] = {
        name: []
        for name in (
            "paragraphs",
            "images",
            "videos",
            "audios",
            "quotations",
            "links",
            "keywords",
            "discovered",
            "authors",
        )
    }
    return article.model_copy(update={**empty, "article_body": "", "structured": Structured()})
