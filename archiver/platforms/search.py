"""Looking for a post that has no link: by author, words and days, on the networks where that can be done.

Belongs here: the table of networks that can be searched, and stored posts as candidates. How a network is searched is in
its module; whether a candidate is the quoted post is decided by `archiver.citations`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from archiver.models.post import Post
from archiver.models.resolution import Window
from archiver.platforms import bluesky, mastodon, telegram
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Draft, Listing, Step
from archiver.platforms.x import search as x_search
from archiver.reasons import NotAttempted

PAGES_MAX = 10
"""Pages of one author's posts that are read back towards the window."""

_STEPS: dict[str, Callable[[str, str, Window, PlatformOptions], list[Step]]] = {
    "x": x_search.text_steps,
    "bluesky": bluesky.text_steps,
    "mastodon": mastodon.text_steps,
    "telegram": telegram.text_steps,
}
_READERS: dict[str, Callable[[Step, Answer, str, Window], Listing]] = {
    "x": x_search.read_text,
    "bluesky": bluesky.read_text,
    "mastodon": mastodon.read_text,
    "telegram": telegram.read_text,
}

SEARCHABLE = frozenset(_STEPS)


def text_steps(platform: str, username: str, quote: str, window: Window, options: PlatformOptions) -> list[Step]:
    """The searches for an author's post with these words; [] where a network has none. Refused ones say why."""
    if platform not in _STEPS or not username:
        return []
    steps = _STEPS[platform](username.lstrip("@"), quote, window, options)
    if platform not in options.platforms:
        return [replace(step, refused=NotAttempted.SWITCHED_OFF) for step in steps]
    return steps


def read_text(platform: str, step: Step, answer: Answer, username: str, window: Window) -> Listing:
    """The author's posts in the window that one answer shows. `leads` go back towards the window, bounded."""
    listing = _READERS[platform](step, answer, username.lstrip("@"), window)
    return listing if step.depth < PAGES_MAX else replace(listing, leads=())


def draft_of_post(post: Post) -> Draft:
    """A stored post as a draft, for comparison."""
    return Draft(
        platform=post.platform,
        native_id=post.native_id,
        id=post.id,
        url=post.url,
        author=post.author,
        published=post.published,
        text=post.text,
        text_raw=post.text_raw,
        text_complete=post.text_complete,
        text_basis=post.text_basis,
        language=post.language,
        edit_ids=tuple(post.edit_ids),
    )
