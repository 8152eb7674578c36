"""From a run's documents to due times in the frontier: which cited posts and quotations are asked for again, and when.

Belongs here: the reading of posts and resolutions as watches, run by run. A frontier that was lost, or that another machine's runs
passed by, learns them from the archive when `archiver follow` begins; nothing else is kept, so that nothing can disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from archiver.archive import Archive
from archiver.following import (
    moment_of_post,
    name_of_citation,
    name_of_post,
    pending_attempts,
    recheck_at,
    retry_of,
)
from archiver.frontier import Frontier
from archiver.frontier.watch import Watch
from archiver.models.post import Post
from archiver.models.resolution import Resolution
from archiver.platforms import chain, match
from archiver.platforms.build import came_along
from archiver.platforms.options import PlatformOptions
from archiver.reasons import PostStatus


def learn(archive: Archive, frontier: Frontier, options: PlatformOptions, now: datetime) -> int:
    """Teaches the frontier the runs that it has not seen; how many. Raises `StoreError`, `RecordingError`."""
    known, fresh = frontier.learnt_runs(), 0
    for run in archive.runs():
        if run.run_id not in known:
            posts = list(archive.posts_of(run))
            frontier.watch(run.run_id, _watches(posts, archive.resolutions_of(run), frontier, options), now)
            fresh += 1
    return fresh


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
