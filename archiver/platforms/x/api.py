"""X's paid API v2 with a bearer token: one post by id, and search by author and words.

Errors come inside a 200, and the same text can come with 404: the body decides. The token is a header of the request and
stands nowhere else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from archiver.models.post import PostAuthor, PostMedium, PostMetrics
from archiver.platforms.base import PostRef
from archiver.platforms.failures import drift, failure, retry_after, said
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
from archiver.platforms.steps import Answer, Draft, Listing, Reading, Step
from archiver.platforms.x import text as words
from archiver.platforms.x import url as x
from archiver.reasons import NotAttempted, PostOutcome

METHOD = "api"
POST_USD, USER_USD = 0.005, 0.010

FIELDS = {
    "tweet.fields": "author_id,created_at,conversation_id,edit_history_tweet_ids,edit_controls,entities,"
    "in_reply_to_user_id,lang,note_tweet,possibly_sensitive,public_metrics,referenced_tweets,withheld,attachments",
    "expansions": "author_id,attachments.media_keys,referenced_tweets.id,referenced_tweets.id.author_id",
    "media.fields": "type,url,preview_image_url,variants,alt_text,duration_ms,width,height",
    "user.fields": "name,username,verified,verified_type,protected,withheld,profile_image_url",
}


def step(post_id: str, options: PlatformOptions) -> Step:
    """The request for one post, which may confirm that it is gone."""
    asked = request(METHOD, f"/2/tweets/{post_id}", FIELDS, POST_USD + USER_USD, options)
    return replace(asked, confirms=True)


def request(method: str, path: str, query: dict[str, str], cost_usd: float, options: PlatformOptions) -> Step:
    """A request to the API, or a refused step when there is no token."""
    bearer = options.bearer
    return Step(
        method,
        options.url("x.api", path, query),
        headers=(("Authorization", f"Bearer {bearer}"),) if bearer else (),
        host_pace=options.pace("x.api"),
        terms="x-developer",
        dont_redirect=True,
        endpoint="x.api",
        refused=None if bearer else NotAttempted.NO_CREDENTIALS,
        cost_usd=cost_usd,
    )


def read(answer: Answer, ref: PostRef) -> Reading:
    """The post, or the error inside the body, whatever the status."""
    if answer.status == 401:
        return Reading(PostOutcome.BLOCKED, "the bearer token was refused")
    try:
        value = json_of(answer) if answer.status in (200, 403, 404) else None
    except Unreadable as problem:
        return failure(answer) or drift(answer, problem)
    data, errors = a_dict(value, "data"), dicts(value, "errors")
    if data:
        return _post(data, a_dict(value, "includes"), ref)
    if errors:
        return _error(errors[0], answer)
    return failure(answer) or Reading(PostOutcome.SCHEMA_DRIFT, "neither data nor errors")


def _post(data: dict[str, Any], includes: dict[str, Any], ref: PostRef) -> Reading:
    post = draft_of(data, includes)
    if post is None:
        return Reading(PostOutcome.SCHEMA_DRIFT, "id or text is missing")
    if ref.native_id not in (post.native_id, *post.edit_ids):
        return Reading(PostOutcome.SCHEMA_DRIFT, f"the answer shows another post: {post.native_id}")
    return Reading(PostOutcome.OK, None, post)


def _error(error: dict[str, Any], answer: Answer) -> Reading:
    detail = a_text(error, "detail") or a_text(error, "title") or said(answer)
    kind = a_text(error, "type") or ""
    outcome = words.outcome_of_words(detail)
    if outcome is PostOutcome.UNAVAILABLE and kind.endswith("resource-not-found"):
        outcome = PostOutcome.NOT_FOUND
    if outcome is PostOutcome.UNAVAILABLE and kind.endswith("not-authorized-for-resource"):
        outcome = PostOutcome.PROTECTED
    if outcome is PostOutcome.UNAVAILABLE and (failed := failure(answer)):
        return Reading(failed.outcome, detail, retry_after=failed.retry_after)
    return Reading(outcome, detail)


def draft_of(data: dict[str, Any], includes: dict[str, Any]) -> Draft | None:
    """A draft from a v2 post object and its `includes`; referenced posts that came along are `related`."""
    native_id, short = an_id(data, "id"), a_text(data, "text")
    if not native_id or not native_id.isdecimal() or short is None:
        return None
    note = a_dict(data, "note_tweet")
    raw = a_text(note, "text") or short
    entities = _classic(a_dict(note, "entities") or a_dict(data, "entities"))
    author = _author(an_id(data, "author_id"), includes)
    references = {a_text(item, "type"): an_id(item, "id") for item in dicts(data, "referenced_tweets")}
    return Draft(
        platform=x.NAME,
        native_id=native_id,
        id=x.post(native_id).canonical_url,
        url=x.post(native_id, author.username).canonical_url,
        author=author,
        published=instant(a_text(data, "created_at")),
        published_raw=a_text(data, "created_at"),
        updated=x.edited(native_id, strings(data, "edit_history_tweet_ids")),
        text=words.expanded(raw, entities),
        text_raw=raw,
        entities_raw=raw_json(entities),
        text_complete=True,
        text_basis="note" if note else "api",
        language=a_text(data, "lang"),
        in_reply_to=references.get("replied_to"),
        quoted=references.get("quoted"),
        repost_of=references.get("retweeted"),
        conversation=an_id(data, "conversation_id"),
        tags=words.tags_of(entities),
        media=_media(data, includes),
        sensitive=a_bool(data, "possibly_sensitive"),
        edit_ids=tuple(strings(data, "edit_history_tweet_ids")),
        withheld=words.withheld_in(data),
        metrics=_metrics(a_dict(data, "public_metrics")),
        related=_related(references, includes),
    )


def _related(references: dict[str | None, str | None], includes: dict[str, Any]) -> tuple[Draft, ...]:
    wanted = {value for value in references.values() if value}
    others = {"users": includes.get("users"), "media": includes.get("media")}
    found = [item for item in dicts(includes, "tweets") if an_id(item, "id") in wanted]
    return tuple(post for item in found if (post := draft_of(item, others)))


def _author(author_id: str | None, includes: dict[str, Any]) -> PostAuthor:
    user = next((item for item in dicts(includes, "users") if author_id and an_id(item, "id") == author_id), {})
    username = a_text(user, "username")
    return PostAuthor(
        id=author_id,
        name=a_text(user, "name"),
        username=username,
        url=f"https://x.com/{username}" if username else None,
        icon=a_url(user, "profile_image_url"),
        type="organization" if a_text(user, "verified_type") in ("business", "government") else None,
    )


def _classic(entities: dict[str, Any]) -> dict[str, Any]:
    """v2 entities in the classic names; URLs of pictures are media there and links here."""
    urls = dicts(entities, "urls")
    return {
        **entities,
        "urls": [item for item in urls if not an_id(item, "media_key")],
        "media": [item for item in urls if an_id(item, "media_key")],
    }


def _media(data: dict[str, Any], includes: dict[str, Any]) -> tuple[PostMedium, ...]:
    keys = strings(data, "attachments", "media_keys")
    found = []
    for item in dicts(includes, "media"):
        if an_id(item, "media_key") not in keys:
            continue
        best = words.best_variant(dicts(item, "variants"))
        url = best[0] if best else a_url(item, "url") or a_url(item, "preview_image_url")
        if not url:
            continue
        kind = {"video": "video", "animated_gif": "animation"}.get(a_text(item, "type") or "") if best else None
        found.append(
            PostMedium.model_validate(
                {
                    "type": kind or "image",
                    "url": url if best else words.original(url),
                    "media_type": best[1] if best else None,
                    "alt": a_text(item, "alt_text"),
                    "width": a_count(item, "width"),
                    "height": a_count(item, "height"),
                }
            )
        )
    return tuple(found)


def _metrics(value: dict[str, Any]) -> PostMetrics:
    return PostMetrics(
        likes=a_count(value, "like_count"),
        replies=a_count(value, "reply_count"),
        reposts=a_count(value, "retweet_count"),
        quotes=a_count(value, "quote_count"),
        views=a_count(value, "impression_count"),
    )


def read_search(answer: Answer) -> Listing:
    """The posts that a search found. No `data` and a count of 0 is an answer: nothing fits."""
    if answer.status == 401:
        return Listing(PostOutcome.BLOCKED, "the bearer token was refused")
    if failed := failure(answer):
        return Listing(failed.outcome, failed.reason_text, retry_after=retry_after(answer))
    try:
        value = json_of(answer)
    except Unreadable as problem:
        return Listing(drift(answer, problem).outcome, str(problem))
    if not dicts(value, "data") and a_count(value, "meta", "result_count") is None:
        errors = dicts(value, "errors")
        said_ = a_text(errors[0], "detail") if errors else "neither data nor meta"
        return Listing(PostOutcome.SCHEMA_DRIFT, said_)
    includes = a_dict(value, "includes")
    return Listing(PostOutcome.OK, None, tuple(p for item in dicts(value, "data") if (p := draft_of(item, includes))))
