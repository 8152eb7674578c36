"""Meta's oEmbed for Facebook, Instagram and Threads: off unless the operator switches it on.

Belongs here: what the three share. Answers have had neither author nor picture since November 2025, the text is often only
"View this post", and Threads forbids keeping what it returns: so a post from here is partial at most.
"""

from __future__ import annotations

import re
from dataclasses import replace

from archiver.platforms import pages
from archiver.platforms.base import PostRef
from archiver.platforms.failures import failure
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import Unreadable, a_count, a_text, json_of
from archiver.platforms.steps import Answer, Reading, Step
from archiver.reasons import NotAttempted, PostOutcome

VERSION = "v23.0"
_LIMITS = frozenset({4, 17, 32, 341, 613})
_OURS = frozenset({10, 102, 190, 200})
"""Error codes about this client (permission, token), which say nothing about the post."""

_INVITATION = re.compile(
    r"(?:view|see) (?:this|the) (?:post|reel|photo|video)|posted by|a post shared by|shared a post", re.IGNORECASE
)


def step(ref: PostRef, options: PlatformOptions, path: str, endpoint: str = "meta.graph") -> Step:
    """One oEmbed request, refused by terms unless switched on."""
    return Step(
        "oembed",
        options.url(endpoint, path, {"url": ref.canonical_url, "omitscript": "true"}),
        host_pace=options.pace(endpoint),
        terms="meta-oembed",
        dont_redirect=True,
        endpoint=endpoint,
        refused=None if options.meta_oembed else NotAttempted.TERMS,
    )


def read(answer: Answer, ref: PostRef, *, keep_text: bool = True) -> Reading:
    """A partial post. `keep_text` False keeps only that the post exists."""
    if (error := _error(answer)) is not None:
        return error
    value = pages.read_oembed(answer)
    if isinstance(value, Reading):
        return value
    text, _ = pages.words_of_blockquote(a_text(value, "html"))
    if not keep_text or (text and _INVITATION.search(text)):
        text = None
    draft = pages.draft_of_oembed(value, ref, text=text)
    return Reading(PostOutcome.PARTIAL, None, draft if keep_text else replace(draft, text_html=None))


def _error(answer: Answer) -> Reading | None:
    """Graph errors come with 400 or 200; their code says more than the status."""
    if answer.status is None:
        return failure(answer)
    try:
        value = json_of(answer)
    except Unreadable:
        return None
    code, said = a_count(value, "error", "code"), a_text(value, "error", "message")
    if code is None and said is None:
        return None
    if code in _LIMITS:
        return Reading(PostOutcome.THROTTLED, said)
    if code in _OURS:
        return Reading(PostOutcome.BLOCKED, said)
    return Reading(PostOutcome.NOT_FOUND if code == 24 else PostOutcome.UNAVAILABLE, said)
