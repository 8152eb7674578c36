"""`show --html`: an article with all that it cites, or a post, as one page that needs nothing else, pictures of the archive included.

Belongs here: collecting what a page shows from an archive. What it looks like is `archiver.cards`' matter.
"""

from __future__ import annotations

import base64

from archiver.archive import Archive
from archiver.cards import Cited, article_page, post_card
from archiver.errors import ArchiverError
from archiver.models import Article
from archiver.models.post import Post, PostMedium
from archiver.platforms.build import has_own_words

PICTURES = {
    b"\x89PNG\r\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"RIFF": "image/webp",
    b"\x00\x00\x00 ftypavif": "image/avif",
    b"\x00\x00\x00\x1cftypavif": "image/avif",
}
"""First bytes -> type, of what is shown as a picture: what the server called it does not matter."""

PICTURE_MAX = 5 * 2**20
PAGE_MAX = 40 * 2**20
"""Bytes of one picture, and of all pictures of a page."""


def page_of(archive: Archive, article: Article) -> str:
    """The page of an article, with the newest that the archive knows of each citation."""
    known, hidden = archive.citations(article), archive.suppressed()
    states = archive.states({post.id for _, _, post in known if post})
    cited = [
        Cited(
            citation,
            resolution,
            post,
            _earlier(post, states.get(post.id, [])) if post else (),
            gone.sentence if citation.url and (gone := hidden.covers(citation.url)) else None,
        )
        for citation, resolution, post in known
    ]
    return article_page(article, cited, Pictures(archive).source, "data:")


def card_of(archive: Archive, post: Post) -> str:
    """The card of one post."""
    return post_card(post, Pictures(archive).source, "data:")


def _earlier(post: Post, states: list[Post]) -> tuple[Post, ...]:
    """The last state that said something else: old captures stay."""
    for state in reversed(states):
        if has_own_words(state) and state.text != post.text and state.capture:
            return (state,)
    return ()


class Pictures:
    """Pictures as `data:` addresses, from the very records that the documents name; None for what is not there, or too much."""

    def __init__(self, archive: Archive) -> None:
        self._archive, self._left = archive, PAGE_MAX

    def source(self, medium: PostMedium) -> str | None:
        if medium.record_id is None or medium.type != "image":
            return None
        try:
            found = [c for c in self._archive.captures(medium.url) if c.pointer.warc_record_id == medium.record_id]
            content = self._archive.payload(found[0]) if found else b""
        except ArchiverError:  # a picture that cannot be read is one that is not shown; `archiver check` says why
            return None
        kind = next((kind for start, kind in PICTURES.items() if content.startswith(start)), None)
        if kind is None or len(content) > min(PICTURE_MAX, self._left):
            return None
        self._left -= len(content)
        return f"data:{kind};base64,{base64.b64encode(content).decode()}"
