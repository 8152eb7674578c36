"""X by id without a key: the endpoint behind the embed widget.

It is undocumented, cuts long posts and mixes up its "gone" answers: the first of several steps, never the only one.
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

from archiver.models.post import PostMedium, PostMetrics
from archiver.platforms.base import PostRef
from archiver.platforms.failures import drift, failure
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import (
    Unreadable,
    a_bool,
    a_count,
    a_dict,
    a_text,
    a_url,
    an_id,
    dicts,
    instant,
    json_of,
    raw_json,
    strings,
)
from archiver.platforms.steps import Answer, Draft, Reading, Step
from archiver.platforms.x import text as words
from archiver.platforms.x import url as x
from archiver.reasons import PostOutcome

METHOD = "syndication"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def base36(number: float) -> str:
    """A finite positive double in base 36 as JavaScript prints it: the shortest fraction that reads back as the same double."""
    whole, fraction = int(number), number - int(number)
    half_ulp, digits = max(0.5 * (math.nextafter(number, math.inf) - number), 5e-324), []
    while fraction >= half_ulp:
        fraction, half_ulp = fraction * 36, half_ulp * 36
        digit = int(fraction)
        fraction -= digit
        digits.append(digit)
        if (fraction > 0.5 or (fraction == 0.5 and digit & 1)) and fraction + half_ulp > 1:
            whole += _carry(digits)
            break
    head = ""
    while True:
        whole, rest = divmod(whole, 36)
        head = _DIGITS[rest] + head
        if not whole:
            break
    return head + ("." + "".join(_DIGITS[digit] for digit in digits) if digits else "")


def _carry(digits: list[int]) -> int:
    """Round the last digit up in place; 1 when the carry leaves the fraction."""
    while digits and digits[-1] == 35:
        digits.pop()
    if not digits:
        return 1
    digits[-1] += 1
    return 0


def token(post_id: str) -> str:
    """The checksum that the endpoint wants beside an id: id / 1e15 x pi in base 36 without zeros and dot. No secret."""
    return base36(int(post_id) / 1e15 * math.pi).replace("0", "").replace(".", "")


def step(post_id: str, options: PlatformOptions) -> Step:
    """The request, with the archive's one fixed parameter set."""
    query = {"features": options.x_features} if options.x_features else {}
    query |= {"id": post_id, "lang": "en", "token": token(post_id)}
    return Step(
        METHOD,
        options.url("x.syndication", "/tweet-result", query),
        host_pace=options.pace("x.syndication"),
        terms="x-tos",
        dont_redirect=True,
        endpoint="x.syndication",
    )


def read(answer: Answer, ref: PostRef) -> Reading:
    """The post, or what the answer says instead. Only `id_str`, `text` and `user.screen_name` are required."""
    if failed := failure(answer):
        return failed
    try:
        value = json_of(answer)
    except Unreadable as problem:
        return drift(answer, problem)
    if value == {}:
        return Reading(PostOutcome.UNAVAILABLE, "an empty object")
    kind = a_text(value, "__typename")
    if kind == "TweetTombstone":
        said = a_text(value, "tombstone", "text", "text")
        return Reading(words.outcome_of_words(said), said or "a tombstone without words")
    if kind != "Tweet":
        return Reading(PostOutcome.SCHEMA_DRIFT, f"__typename {kind!r}" if kind else "no __typename")
    return _visible(value, ref)


def _visible(value: dict[str, Any], ref: PostRef) -> Reading:
    if not a_dict(value, "user"):
        return Reading(PostOutcome.UNAVAILABLE, "a post without its user")
    post = draft_of(value)
    if post is None:
        return Reading(PostOutcome.SCHEMA_DRIFT, "id_str, text or user.screen_name is missing")
    if ref.native_id not in (post.native_id, *post.edit_ids):
        return Reading(PostOutcome.SCHEMA_DRIFT, f"the answer shows another post: {post.native_id}")
    cut = post.text_complete is False
    return Reading(PostOutcome.PARTIAL if cut else PostOutcome.OK, "a long post, cut" if cut else None, post)


def draft_of(value: dict[str, Any], nested: bool = False) -> Draft | None:
    """A draft from the widget's shape; `parent` and `quoted_tweet` come along one level deep."""
    native_id, raw = an_id(value, "id_str"), a_text(value, "text")
    author = words.author_of(a_dict(value, "user"))
    if not native_id or not native_id.isdecimal() or len(native_id) > 19 or raw is None or not author.username:
        return None
    entities, cut = a_dict(value, "entities"), bool(a_dict(value, "note_tweet"))
    quoted, parent = a_dict(value, "quoted_tweet"), a_dict(value, "parent")
    related = () if nested else tuple(d for part in (quoted, parent) if part and (d := draft_of(part, nested=True)))
    return Draft(
        platform=x.NAME,
        native_id=native_id,
        id=x.post(native_id).canonical_url,
        url=x.post(native_id, author.username).canonical_url,
        author=author,
        published=instant(a_text(value, "created_at")),
        published_raw=a_text(value, "created_at"),
        updated=_edited(value),
        text=words.expanded(raw, entities, value.get("display_text_range")),
        text_raw=raw,
        entities_raw=raw_json(entities),
        text_complete=None if nested else not cut,
        text_basis="syndication",
        language=a_text(value, "lang"),
        in_reply_to=an_id(value, "in_reply_to_status_id_str") or an_id(parent, "id_str"),
        quoted=an_id(quoted, "id_str"),
        tags=words.tags_of(entities),
        media=_media(value),
        sensitive=a_bool(value, "possibly_sensitive"),
        edit_ids=tuple(strings(value, "edit_control", "edit_tweet_ids")),
        withheld=words.withheld_in(value),
        metrics=PostMetrics(likes=a_count(value, "favorite_count"), replies=a_count(value, "conversation_count")),
        related=related,
    )


def _edited(value: dict[str, Any]) -> datetime | None:
    """When the newest edit was made: its id holds the time. None for posts that were not edited."""
    ids = strings(value, "edit_control", "edit_tweet_ids")
    return x.id_time(ids[-1]) if len(ids) > 1 and a_bool(value, "isEdited") else None


def _media(value: dict[str, Any]) -> tuple[PostMedium, ...]:
    """`mediaDetails`; else the older `photos` and `video`. A post can have both kinds."""
    if details := words.media_of(dicts(value, "mediaDetails")):
        return details
    found = [
        PostMedium(
            type="image",
            url=words.original(url),
            alt=a_text(photo, "accessibilityLabel"),
            width=a_count(photo, "width"),
            height=a_count(photo, "height"),
        )
        for photo in dicts(value, "photos")
        if (url := a_url(photo, "url"))
    ]
    if best := words.best_variant(dicts(value, "video", "variants")):
        found.append(PostMedium(type="video", url=best[0], media_type=best[1]))
    return tuple(found)
