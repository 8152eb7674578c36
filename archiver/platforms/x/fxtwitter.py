"""FxTwitter, a third party that reads X (opt-in): for long posts and as a cross-check, and for search.

Its `code` counts, also in a 200. A 404 happens for good posts: it is asked a second time before it counts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from archiver.models.post import PostAuthor, PostMedium, PostMetrics
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
    json_of,
    unix_time,
)
from archiver.platforms.steps import Answer, Draft, Listing, Reading, Step
from archiver.platforms.x import url as x
from archiver.reasons import NotAttempted, PostOutcome

METHOD = "fxtwitter"
SEARCH = "fxtwitter-search"
SEARCH_PAGES = 3
_REASONS = {
    "deleted": PostOutcome.DELETED,
    "suspended": PostOutcome.SUSPENDED,
    "private": PostOutcome.PROTECTED,
}


def step(post_id: str, options: PlatformOptions) -> Step:
    """The request, refused unless third parties may give text."""
    return Step(
        METHOD,
        options.url("x.fxtwitter", f"/2/status/{post_id}"),
        host_pace=options.pace("x.fxtwitter"),
        terms="third-party",
        dont_redirect=True,
        endpoint="x.fxtwitter",
        refused=None if options.third_party == "notes" else NotAttempted.THIRD_PARTY_OFF,
    )


def read(answer: Answer, ref: PostRef) -> Reading:
    """The post, a tombstone's reason, or what `code` says."""
    try:
        value = json_of(answer) if answer.status is not None else None
    except Unreadable as problem:
        return failure(answer) or drift(answer, problem)
    status = a_dict(value, "status")
    if a_text(status, "type") == "tombstone":
        said = a_text(status, "reason")
        return Reading(_REASONS.get(said or "", PostOutcome.UNAVAILABLE), said)
    code = a_count(value, "code")
    if code == 401:
        return Reading(PostOutcome.PROTECTED, a_text(value, "message"))
    if code is not None and code != 200:
        return failure(_as(answer, code)) or Reading(PostOutcome.SCHEMA_DRIFT, f"code {code}")
    if failed := failure(answer):
        return failed
    post = draft_of(status)
    if post is None:
        return Reading(PostOutcome.SCHEMA_DRIFT, f"status.type {a_text(status, 'type')!r}")
    if post.native_id != ref.native_id:
        return Reading(PostOutcome.SCHEMA_DRIFT, f"the answer shows another post: {post.native_id}")
    return Reading(PostOutcome.OK, None, post)


def _as(answer: Answer, code: int) -> Answer:
    return Answer(code, answer.headers, answer.body, answer.url, answer.capture)


def draft_of(status: dict[str, Any]) -> Draft | None:
    """A draft from the v2 shape. Facets there are UTF-16 offsets and are not used: `text` has its links expanded already."""
    native_id, text = an_id(status, "id"), a_text(status, "text")
    author = a_dict(status, "author")
    username = a_text(author, "screen_name")
    if a_text(status, "type") != "status" or not native_id or not native_id.isdecimal() or text is None:
        return None
    quote = a_dict(status, "quote")
    return Draft(
        platform=x.NAME,
        native_id=native_id,
        id=x.post(native_id).canonical_url,
        url=x.post(native_id, username).canonical_url,
        author=PostAuthor(
            id=an_id(author, "id"),
            name=a_text(author, "name"),
            username=username,
            url=f"https://x.com/{username}" if username else None,
            icon=a_url(author, "avatar_url"),
        ),
        published=unix_time(status.get("created_timestamp")),
        published_raw=a_text(status, "created_at"),
        text=text,
        text_raw=a_text(status, "raw_text", "text"),
        text_complete=True,
        text_basis="third-party",
        language=a_text(status, "lang"),
        in_reply_to=an_id(status, "replying_to", "status"),
        quoted=an_id(quote, "id"),
        media=tuple(m for item in dicts(status, "media", "all") if (m := _medium(item))),
        sensitive=a_bool(status, "possibly_sensitive"),
        metrics=PostMetrics(
            likes=a_count(status, "likes"),
            replies=a_count(status, "replies"),
            reposts=a_count(status, "reposts"),
            quotes=a_count(status, "quotes"),
            views=a_count(status, "views"),
        ),
    )


def _medium(item: dict[str, Any]) -> PostMedium | None:
    url, kind = a_url(item, "url"), a_text(item, "type")
    if not url:
        return None
    return PostMedium(
        type="video" if kind == "video" else "animation" if kind == "gif" else "image",
        url=url,
        alt=a_text(item, "altText"),
        width=a_count(item, "width"),
        height=a_count(item, "height"),
    )


def read_search(answer: Answer, step: Step) -> Listing:
    """The names of the posts found, without their words: a third party may find a post, and X shows what it says."""
    try:
        value = json_of(answer) if answer.status is not None else None
    except Unreadable as problem:
        failed = failure(answer) or drift(answer, problem)
        return Listing(failed.outcome, failed.reason_text, retry_after=failed.retry_after)
    code = a_count(value, "code")
    failed_ = failure(_as(answer, code) if code and code != 200 else answer)
    if failed_:
        return Listing(
            failed_.outcome, failed_.reason_text or a_text(value, "message"), retry_after=failed_.retry_after
        )
    if not isinstance(a_dict({"value": value}, "value").get("results"), list):
        return Listing(PostOutcome.SCHEMA_DRIFT, "no results")
    posts = [post for item in dicts(value, "results") if (post := draft_of(item))]
    named = tuple(Draft(p.platform, p.native_id, p.id, p.url, p.author, p.published) for p in posts)
    more = a_text(value, "cursor", "bottom")
    return Listing(PostOutcome.OK, None, named, leads=_next_page(step, more) if more and posts else ())


def _next_page(step: Step, cursor: str) -> tuple[Step, ...]:
    base = step.url.partition("&cursor=")[0]
    if step.depth + 1 >= SEARCH_PAGES:
        return ()
    return (replace(step, url=f"{base}&{urlencode({'cursor': cursor})}", depth=step.depth + 1),)
