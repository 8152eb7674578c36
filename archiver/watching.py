"""From a run's documents to due times in the frontier: which cited posts and quotations are asked for again, and when.

Belongs here: the reading of posts and resolutions as watches, run by run, as the change sequence announces them. A frontier that was
lost learns them all from the archive when `archiver follow` begins; nothing else is kept, so that nothing can disagree.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from archiver import changes
from archiver.archive import Archive
from archiver.following import (
    moment_of_post,
    name_of_author,
    name_of_citation,
    name_of_post,
    name_of_question,
    pending_attempts,
    recheck_at,
    retry_of,
)
from archiver.frontier import Frontier, Plan
from archiver.frontier.watch import Watch
from archiver.models import RunManifest
from archiver.models.post import Attempt, Post
from archiver.models.resolution import Resolution, Window
from archiver.platforms import chain, id_time, match
from archiver.platforms.base import within
from archiver.platforms.build import came_along, has_own_words
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import DAILY_METHODS, DAY, Step
from archiver.reasons import PostOutcome, PostStatus
from archiver.store import Store, open_store

KNOWN_RUNS, KNOWN_POSTS = 20, 200
"""Runs that are read for an author's archived posts, and posts of one author that are compared with a quotation."""


def learn(archive: Archive, frontier: Frontier, options: PlatformOptions) -> int:
    """Teaches the frontier the runs that it has not seen; how many. Raises `StoreError`, `RecordingError`.

    After the first time only what the change sequence has announced since is read.
    """
    known, place = frontier.learnt_runs(), frontier.learnt_entry()
    news = changes.entries_after(archive.store, *place) if place else None
    if news is None:
        newest = changes.newest(archive.store)  # before the listing: what is announced meanwhile is looked at twice
        fresh = sum(_learn(archive, frontier, options, manifest, known) for manifest in archive.manifests())
        frontier.learn_entry(*newest)
        return fresh
    fresh = 0
    for number, run_id, manifest in news:
        fresh += _learn(archive, frontier, options, manifest, known)
        frontier.learn_entry(number, run_id)
    return fresh


def _learn(archive: Archive, frontier: Frontier, options: PlatformOptions, manifest: str, known: set[str]) -> bool:
    """Whether the run of a manifest was new."""
    if manifest.split("/")[-2] in known:
        return False
    run = archive.manifest(manifest)
    posts, resolutions = list(archive.posts_of(run)), list(archive.resolutions_of(run))
    names = {name_of_post(post.platform, post.native_id) for post in posts}
    names.update(name_of_author(post.platform, post.author.username) for post in posts if post.author.username)
    names.update(name for resolution in resolutions for name in _names_of(resolution))
    watches = [*_watches(posts, resolutions, frontier, options), *_questions(resolutions, frontier)]
    frontier.watch(run.run_id, manifest, watches, names)
    return True


def concerned(archive: Archive, frontier: Frontier, names: AbstractSet[str]) -> list[RunManifest]:
    """The runs that have documents about `names`, oldest first: states of the posts, what is known of the citations, the articles.

    An article that cites a post is in the run of its first resolution, which need not name the post. Raises `StoreError`.
    """
    keys = frontier.places(list(names))
    cited: set[str] = set()
    for key in keys:
        for resolution in archive.resolutions_of(archive.manifest(key)):
            if names & (about := _names_of(resolution)):
                cited |= about
    keys |= frontier.places(list(cited - names))
    return [archive.manifest(key) for key in sorted(keys)]


@dataclass(frozen=True, slots=True)
class KnownPosts:
    """What the archive has of an author or a post already: asked before any network is. `frontier` and `plan` as `Frontier` takes them;
    the watch list says which runs to read."""

    store: str
    optout: Path | None
    frontier: str
    plan: Plan

    def __call__(self, platform: str, username: str, window: Window) -> list[Post]:
        """The newest state with words of its own of each of the author's posts in a window, from the newest runs.
        Raises `StoreError`, `RecordingError`."""
        found: dict[str, Post] = {}
        for post in self._posts_about(name_of_author(platform, username)):
            mine = post.platform == platform and (post.author.username or "").lower() == username.lower()
            own = has_own_words(post) and post.capture is not None
            if mine and own and within(post.published or id_time(platform, post.native_id), window):
                found.pop(post.native_id, None)
                found[post.native_id] = post
        return list(found.values())[-KNOWN_POSTS:]

    def states_of(self, platform: str, native_id: str) -> list[Post]:
        """What the archive saw of one post when it was asked for, oldest first, from the newest runs. Raises as above."""
        every = self._posts_about(name_of_post(platform, native_id))
        return [p for p in every if (p.platform, p.native_id) == (platform, native_id) and not came_along(p)]

    def too_soon(self, step: Step, now: datetime) -> Attempt | None:
        """The attempt that is not made because a run asked the same less than a day ago, where a question is asked once a day; None for
        all that may be asked. Raises `RecordingError`."""
        if step.method not in DAILY_METHODS:
            return None
        name = name_of_question(step.url)
        known = _opened(self.frontier, self.plan).watches([name]).get(name)
        left = DAY - (now - known.seen).total_seconds() if known else 0
        if known is None or left <= 0:
            return None
        return Attempt(
            method=step.method,
            url=step.url,
            at=now,
            outcome=PostOutcome.THROTTLED.value,
            reason_text=f"asked at {known.seen:%Y-%m-%d %H:%M}Z, and it is asked once a day",
            retry_after=math.ceil(left),
        )

    def _posts_about(self, name: str) -> Iterator[Post]:
        """Every post document of the newest runs that know of `name`, oldest first."""
        keys = sorted(_opened(self.frontier, self.plan).places([name]))[-KNOWN_RUNS:]
        archive = Archive(_hurried(self.store), optout=self.optout)
        return itertools.chain.from_iterable(archive.posts_of(archive.manifest(key)) for key in keys)


@lru_cache(maxsize=1)
def _opened(url: str, plan: Plan) -> Frontier:
    """A frontier that stays open for the process: a crawl asks it about every cited post."""
    return Frontier(url, plan)


@lru_cache(maxsize=1)
def _hurried(url: str) -> Store:
    """A store that is not waited for: a crawl goes on without it."""
    store = open_store(url)
    store.patience = 0.0
    return store


def _names_of(resolution: Resolution) -> set[str]:
    """The citation that a resolution is about, and the post that it names."""
    ref = match(resolution.post_id) if resolution.post_id else None
    found = {
        name_of_citation(resolution.article_version_id, resolution.capture.warc_record_id, resolution.citation_index)
    }
    if ref is not None and ref.native_id is not None:
        found.add(name_of_post(ref.platform, ref.native_id))
    return found


def _questions(resolutions: Iterable[Resolution], frontier: Frontier) -> list[Watch]:
    """When each question of those that are asked once a day was put to its network last; nothing is due of it."""
    asked: dict[str, datetime] = {}
    for attempt in (attempt for resolution in resolutions for attempt in resolution.attempts):
        if attempt.method in DAILY_METHODS and attempt.url and attempt.warc_record_id:
            name = name_of_question(attempt.url)
            asked[name] = max(attempt.at, asked.get(name, attempt.at))
    known = frontier.watches(list(asked))
    return [Watch(name, max(at, known[name].seen) if name in known else at) for name, at in asked.items()]


def _watches(
    posts: list[Post], resolutions: Iterable[Resolution], frontier: Frontier, options: PlatformOptions
) -> list[Watch]:
    found = {name_of_post(post.platform, post.native_id): post for post in posts if not came_along(post)}
    known = frontier.watches(list(found))
    rows = {name: watch_of(name, post, known.get(name), options) for name, post in found.items()}
    unasked: dict[str, Watch] = {}
    for resolution in resolutions:
        name, due = _of_resolution(resolution, options)
        if name not in rows:
            unasked[name] = Watch(name, resolution.resolved_at, due)
    there = frontier.watches([name for name in unasked if name.startswith("post:")])
    return [*rows.values(), *(one for name, one in unasked.items() if name not in there)]


def watch_of(name: str, post: Post, known: Watch | None, options: PlatformOptions) -> Watch:
    """When a post is asked for again, by its newest state and what is known of the ones before."""
    seen = moment_of_post(post)
    first = known.first if known else None
    if post.status in (PostStatus.CAPTURED, PostStatus.CAPTURED_PARTIAL):
        first = min(first, seen) if first else seen
        return Watch(name, seen, recheck_at(post.status, first, seen, options), first)
    due = None
    if post.status == PostStatus.PENDING:
        due = chain.retry_due(post.status, pending_attempts([post]), options.retry)
    return Watch(name, seen, due, first)


def _of_resolution(resolution: Resolution, options: PlatformOptions) -> tuple[str, datetime | None]:
    """(name, when) of what a resolution leaves to be asked: a post that nobody asked for, or a search or short link that failed."""
    ref = match(resolution.post_id) if resolution.post_id else None
    if ref is not None and ref.native_id is not None:
        return name_of_post(ref.platform, ref.native_id), None if resolution.attempts else resolution.resolved_at
    name = name_of_citation(resolution.article_version_id, resolution.capture.warc_record_id, resolution.citation_index)
    return name, retry_of(resolution, options)
