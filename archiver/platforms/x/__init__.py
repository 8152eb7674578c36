"""X, formerly Twitter: which URL is a post (`url`), the chain of methods that show one, and search by author and words.

Each method is a module of its own; this one says in which order they are asked. Guest tokens with GraphQL are
not shipped: their query ids rot, and they break the terms.
"""

from __future__ import annotations

from dataclasses import replace

from archiver.platforms.base import PostRef
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Reading, Step
from archiver.platforms.x import api, fxtwitter, oembed, page, syndication, wayback
from archiver.platforms.x.url import (
    EPOCH_MS,
    FIRST_TIMED_ID,
    HOSTS,
    ID_END,
    LABEL,
    NAME,
    REDIRECTS,
    id_time,
    match,
    post,
)
from archiver.reasons import NotAttempted, PostOutcome

__all__ = [
    "EPOCH_MS", "FIRST_TIMED_ID", "HOSTS", "ID_END", "LABEL", "NAME", "REDIRECTS", "id_time", "match", "post", "read", "steps",
]  # fmt: skip

_READERS = {
    syndication.METHOD: syndication.read,
    oembed.METHOD: oembed.read,
    page.METHOD: page.read,
    api.METHOD: api.read,
    fxtwitter.METHOD: fxtwitter.read,
    wayback.METHOD: wayback.read,
}


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """The chain for one id: what costs nothing first, unless the bearer is to come first."""
    post_id = ref.native_id or ""
    keyless = [syndication.step(post_id, options), oembed.step(ref, options), *page.page_steps(ref, options)]
    if not options.x_keyless:
        keyless = [replace(step, refused=NotAttempted.TERMS) for step in keyless]
    paid = api.step(post_id, options)
    chain = [paid, *keyless] if options.x_bearer_use == "first" else [*keyless[:2], paid, *keyless[2:]]
    return [*chain, fxtwitter.step(post_id, options), *wayback.index_steps(ref, options)]


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """What the answer of one method says."""
    if step.method == wayback.INDEX:
        return wayback.read_index(answer, ref, step)
    reader = _READERS.get(step.method)
    return reader(answer, ref) if reader else Reading(PostOutcome.SCHEMA_DRIFT, f"no method {step.method!r}")
