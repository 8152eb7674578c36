"""X's logged-out page: the only keyless place that holds the full text of long posts. Private format, sometimes only a wall.

The page keeps its posts in script objects. Nothing here relies on where: every JSON object of the scripts is looked at, and
one that carries the id and a text is the post. robots.txt is expected to refuse, and the crawler obeys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from archiver.models.post import PostMetrics
from archiver.platforms import pages
from archiver.platforms.base import PostRef
from archiver.platforms.failures import drift, failure
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import (
    a_bool,
    a_count,
    a_dict,
    a_text,
    an_id,
    dicts,
    instant,
    meta,
    nodes,
    raw_json,
    strings,
    tree_of,
    unix_time,
)
from archiver.platforms.steps import Answer, Draft, Reading, Step
from archiver.platforms.x import text as words
from archiver.platforms.x import url as x
from archiver.reasons import PostOutcome

METHOD = "page"
_WALL = re.compile(rb"\blog in\b|\bsign (?:in|up)\b|javascript is not available|type=[\"']?password", re.IGNORECASE)
_SHARED = re.compile(r"^(?P<name>.{1,120}?) on (?:X|Twitter): [“\"](?P<text>.+?)[”\"](?: / (?:X|Twitter))?$", re.DOTALL)


def page_steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """The page by user name where one is known, then by id alone, then at the old address: some of them give only a wall."""
    places = [("x.page", "i"), ("x.page.old", ref.username or "i")]
    places = [("x.page", ref.username), *places] if ref.username else places
    return [
        Step(
            METHOD,
            options.url(endpoint, f"/{name}/status/{ref.native_id}"),
            host_pace=options.pace(endpoint),
            terms="x-tos",
            endpoint=endpoint,
        )
        for endpoint, name in places
    ]


def read(answer: Answer, ref: PostRef) -> Reading:
    """The full post where a script holds it, a partial one from the page's metadata, else the wall."""
    if failed := failure(answer):
        return failed
    tree = tree_of(answer.body)
    if tree is None:
        return Reading(PostOutcome.SCHEMA_DRIFT, "an empty page")
    native_id = ref.native_id or ""
    for value in script_values(tree):
        for found in nodes(value):
            post = draft_of(found, native_id)
            if post:
                return Reading(PostOutcome.OK if post.text_complete else PostOutcome.PARTIAL, None, post)
    if shared := from_metadata(tree, ref):
        return Reading(PostOutcome.PARTIAL, "only the page's metadata", shared)
    if _WALL.search(answer.body[:500_000]):
        return Reading(PostOutcome.LOGIN_WALL, "a page that asks for a login and shows no post")
    return drift(answer, "a page without posts")


def script_values(tree: HtmlElement) -> Iterator[Any]:
    """Every JSON value of the page's scripts that may hold posts."""
    return pages.script_values(tree, "full_text", "legacy", "entry_id")


def draft_of(value: dict[str, Any], native_id: str) -> Draft | None:
    """A draft from a post object in any of the shapes the page has used; None when it is not the post `native_id`."""
    legacy = a_dict(value, "legacy") or value
    ids = (an_id(value, "rest_id"), an_id(value, "id_str"), an_id(legacy, "id_str"), an_id(value, "entry_id"))
    if not native_id or native_id not in [(one or "").rpartition("-")[2] for one in ids]:
        return None
    note = a_dict(value, "note_tweet", "note_tweet_results", "result") or a_dict(value, "note_tweet")
    raw = a_text(note, "text") or a_text(legacy, "full_text")
    if raw is None:
        return None
    noted = a_text(note, "text") is not None
    entities = a_dict(note, "entity_set") or a_dict(legacy, "entities")
    author = words.author_of(_user(value))
    edits = strings(value, "edit_control", "edit_tweet_ids")
    edits = edits or strings(value, "edit_control", "edit_control_initial", "edit_tweet_ids")
    return Draft(
        platform=x.NAME,
        native_id=native_id,
        id=x.post(native_id).canonical_url,
        url=x.post(native_id, author.username).canonical_url,
        author=author,
        published=_time(value, legacy),
        published_raw=a_text(legacy, "created_at"),
        updated=x.edited(native_id, edits),
        text=words.expanded(raw, entities, None if noted else legacy.get("display_text_range")),
        text_raw=raw,
        entities_raw=raw_json(entities),
        text_complete=noted or not note,
        text_basis="note" if noted else "page",
        language=a_text(legacy, "lang"),
        in_reply_to=an_id(legacy, "in_reply_to_status_id_str"),
        quoted=an_id(legacy, "quoted_status_id_str"),
        repost_of=an_id(legacy, "retweeted_status", "id_str")
        or an_id(legacy, "retweeted_status_result", "result", "rest_id"),
        conversation=an_id(legacy, "conversation_id_str"),
        tags=words.tags_of(entities),
        media=words.media_of(dicts(legacy, "extended_entities", "media") or dicts(legacy, "entities", "media")),
        sensitive=a_bool(legacy, "possibly_sensitive"),
        edit_ids=tuple(edits),
        withheld=words.withheld_in(legacy),
        metrics=PostMetrics(
            likes=a_count(legacy, "favorite_count"),
            replies=a_count(legacy, "reply_count"),
            reposts=a_count(legacy, "retweet_count"),
            quotes=a_count(legacy, "quote_count"),
            views=a_count(value, "views", "count"),
        ),
    )


def _user(value: dict[str, Any]) -> dict[str, Any]:
    return (
        a_dict(value, "core", "user_results", "result")
        or a_dict(value, "user_results", "result")
        or a_dict(value, "user")
        or a_dict(value, "author")
    )


def _time(value: dict[str, Any], legacy: dict[str, Any]) -> Any:
    milliseconds = a_count(value, "created_at_ms") or a_count(legacy, "created_at_ms")
    return instant(a_text(legacy, "created_at")) or (unix_time(milliseconds // 1000) if milliseconds else None)


def from_metadata(tree: HtmlElement, ref: PostRef) -> Draft | None:
    """What a page tells those who share it: `Name on X: “text”`. Only when the page says that it is about this post."""
    about = meta(tree, "og:url", "twitter:url") or next(iter(tree.xpath("//link[@rel='canonical']/@href")), "")
    shown = x.match(str(about))
    if shown is None or shown.native_id != ref.native_id:
        return None
    title, described = (
        meta(tree, "og:title", "twitter:title") or "",
        meta(tree, "og:description", "twitter:description"),
    )
    named = _SHARED.match(title)
    text = (named["text"] if named else None) or (described.strip('“”"') if described else None)
    if not text or not ref.native_id:
        return None
    return Draft(
        platform=x.NAME,
        native_id=ref.native_id,
        id=x.post(ref.native_id).canonical_url,
        url=x.post(ref.native_id, shown.username).canonical_url,
        author=words.author_of({"screen_name": shown.username, "name": named["name"] if named else None}),
        text=text,
        text_basis="page",
    )
