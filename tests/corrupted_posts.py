"""Ways to spoil an archive that holds posts, beside those of `corruptions`, all of them consistent.

Belongs here: spoiling posts and what was concluded about citations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archiver.audit import Depth
from tests import corruptions
from tests.corruptions import Spoiler

DEFAULT, FULL = Depth.DEFAULT, Depth.FULL


def edited_post(on: Spoiler) -> Depth:
    on.document(lambda post: post.update(text=f"{post['text'] or ''} and more"), "posts")
    return FULL


def post_with_an_unknown_field(on: Spoiler) -> Depth:
    on.document(lambda post: post.update(likes_bought=True), "posts")
    return DEFAULT


def post_left_out(on: Spoiler) -> Depth:
    on.lines(on.pick("posts/**/*.gz"), lambda lines: lines[1:])
    return FULL


def moved_post_pointer(on: Spoiler) -> Depth:
    """Only documents with a capture of their own have a pointer."""

    def changed(document: dict[str, Any]) -> None:
        if document["capture"]:
            document["capture"]["warc_record_offset"] += on.rng.choice((-1, 1, 7))
        else:
            document["schema_version"] = 1  # what any depth that reads files must see

    on.document(changed, "posts")
    return DEFAULT


def other_verdict(on: Spoiler) -> Depth:
    def changed(resolution: dict[str, Any]) -> None:
        resolution["verdict"] = "altered" if resolution["verdict"] != "altered" else "verbatim"

    on.document(changed, "resolutions")
    return FULL


def verdict_that_is_none(on: Spoiler) -> Depth:
    on.document(lambda resolution: resolution.update(verdict="surely"), "resolutions")
    return DEFAULT


def resolution_for_another_post(on: Spoiler) -> Depth:
    on.document(
        lambda resolution: resolution.update(post_id="urn:uuid:00000000-0000-5000-8000-00000000000f"), "resolutions"
    )
    return FULL


def resolution_left_out(on: Spoiler) -> Depth:
    on.lines(on.pick("resolutions/**/*.gz"), lambda lines: lines[:-1])
    return FULL


_OWN: list[Callable[[Spoiler], Depth]] = [
    edited_post,
    post_with_an_unknown_field,
    post_left_out,
    moved_post_pointer,
    other_verdict,
    verdict_that_is_none,
    resolution_for_another_post,
    resolution_left_out,
]
_ELSEWHERE = {"edited_record", "missing_revisit_target", "change_entry_for_another_run"}
"""Ways that need pages or runs which a crawl of the demo with its posts does not have."""

WAYS = [way for pair in zip(_OWN * 4, corruptions.WAYS, strict=False) for way in pair if way.__name__ not in _ELSEWHERE]
