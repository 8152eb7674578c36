"""`export as2` and `export schema`: the archive's posts in other people's words, one JSON object a line.

Belongs here: which posts, and which of their states. The views themselves are `archiver.platforms.views`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

from archiver.archive import Archive
from archiver.cli.common import complain, talk
from archiver.cli.exits import Exit
from archiver.config import Config
from archiver.models.post import Post
from archiver.platforms import PLATFORMS
from archiver.platforms.compare import fingerprint
from archiver.platforms.views import as_activity, as_schema_org

VIEWS: dict[str, Callable[[Post], dict[str, Any]]] = {"as2": as_activity, "schema": as_schema_org}


def export_posts(config: Config, view: str, *, platform: str | None, article: str | None, every: bool) -> int:
    """The newest state of each post (with `every` each state that shows something else than the one before), oldest capture first.

    `article` (URL or id) leaves only the posts that its citations lead to.
    """
    if platform is not None and platform not in PLATFORMS:
        return complain(f'unknown network "{platform}"; known are {", ".join(sorted(PLATFORMS))}', Exit.USAGE)
    archive = Archive(config.store, optout=config.optout)
    wanted = _cited(archive, article) if article else None
    if article and wanted is None:
        return complain(f"{article}: no article with this URL or id in {archive.store.url}", Exit.ERROR)
    count = 0
    for post in _chosen(archive, platform, wanted, every=every):
        sys.stdout.write(json.dumps(VIEWS[view](post), ensure_ascii=False) + "\n")
        count += 1
    talk.print(f"{count} posts")
    return Exit.OK


def _cited(archive: Archive, name: str) -> set[str] | None:
    article = archive.article(name)
    if article is None:
        return None
    return {post.id for _, _, post in archive.citations(article) if post}


def _chosen(archive: Archive, platform: str | None, wanted: set[str] | None, *, every: bool) -> Iterator[Post]:
    newest: dict[str, Post] = {}
    seen: dict[str, tuple[str, str]] = {}
    for post in archive.posts(platform):
        if wanted is not None and post.id not in wanted:
            continue
        state = post.status, fingerprint(post)
        if every and seen.get(post.id) != state:
            yield post
        seen[post.id] = state
        newest[post.id] = post
    if not every:
        yield from newest.values()
