"""Which posts an article leads to, for many articles at once.

Belongs here: one pass over the resolutions and posts of an archive. `Archive.citations` answers the same for one article.
"""

from __future__ import annotations

from functools import cached_property

from archiver.archive import Archive
from archiver.models import Article
from archiver.models.post import Post
from archiver.models.resolution import Resolution


class Cites:
    """The posts behind citations, read when the first article asks."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def posts(self, article: Article) -> list[Post]:
        """The posts to which the newest resolutions of an article lead, in the order of its citations, each once."""
        found: dict[str, Post] = {}
        for number in range(len(article.citations)):
            resolution = self._newest.get((article.id, article.version_id, number))
            post = self._posts.get(resolution.post_id) if resolution and resolution.post_id else None
            if post:
                found.setdefault(post.id, post)
        return list(found.values())

    @cached_property
    def _newest(self) -> dict[tuple[str, str, int], Resolution]:
        newest: dict[tuple[str, str, int], Resolution] = {}
        for resolution in self._archive.resolutions():
            key = resolution.article_id, resolution.article_version_id, resolution.citation_index
            if key not in newest or resolution.resolved_at >= newest[key].resolved_at:
                newest[key] = resolution
        return newest

    @cached_property
    def _posts(self) -> dict[str, Post]:
        posts: dict[str, Post] = {}
        for post in self._archive.posts():
            if post.id not in posts or post.capture is not None:
                posts[post.id] = post
        return posts
