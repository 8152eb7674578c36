"""What web pages and oEmbed answers say about a post in the ways that many networks share.

Belongs here: JSON inside scripts, Open Graph, schema.org JSON-LD, oEmbed answers. Which of them counts for a network, and what
its wording means, is in the network's module.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml.html import HtmlElement

from archiver.models.post import PostAuthor, PostMedium, PostMetrics
from archiver.platforms.base import PostRef
from archiver.platforms.failures import drift, failure, said
from archiver.platforms.payloads import (
    Unreadable,
    a_count,
    a_text,
    a_url,
    an_id,
    by_class,
    dicts,
    html_text,
    instant,
    json_of,
    ld_json,
    meta,
    outer,
    parse_json,
    strings,
    text_of,
    tree_of,
)
from archiver.platforms.steps import Answer, Draft, Reading
from archiver.reasons import PostOutcome

_SCRIPTS_MAX = 60
_STARTS_MAX = 200
_WASTE_MAX = 8 * 2**20
_START = re.compile(r"[=(,:]\s*(?=[\[{])")
_POSTING = frozenset(
    {"SocialMediaPosting", "DiscussionForumPosting", "Article", "BlogPosting", "VideoObject", "Comment"}
)


def script_values(tree: HtmlElement, *markers: str) -> Iterator[Any]:
    """Every JSON value of the scripts that hold one of `markers`: whole scripts, and values assigned or passed in them."""
    for script in tree.xpath("//script[not(@src)]")[:_SCRIPTS_MAX]:
        text = script.text or ""
        if not any(marker in text for marker in markers):
            continue
        try:
            yield parse_json(text)
        except Unreadable:
            yield from _values_in(text)


def _values_in(text: str) -> Iterator[Any]:
    """Values that begin after `=`, `(`, `,` or `:`. A failed try costs what it read; the sum of that is bounded."""
    decoder, at, wasted = json.JSONDecoder(), 0, 0
    for _ in range(_STARTS_MAX):
        found = _START.search(text, at)
        if not found or wasted > _WASTE_MAX:
            return
        start = at = found.end()
        try:
            value, at = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            wasted += error.pos - start
        except (ValueError, RecursionError):
            wasted += _WASTE_MAX // 20  # where it stopped is not told
        else:
            yield value


def page_of(answer: Answer) -> HtmlElement | Reading:
    """The answer's page, or what its status or its login form says instead."""
    if failed := failure(answer):
        return failed
    tree = tree_of(answer.body)
    return tree if tree is not None else drift(answer, "an empty page")


def posting(tree: HtmlElement) -> dict[str, Any]:
    """The page's schema.org posting or video; {} without one."""
    for node in ld_json(tree):
        kinds = node.get("@type")
        names = {kinds} if isinstance(kinds, str) else set(strings(node, "@type"))
        if names & _POSTING and any(
            a_text(node, key) for key in ("articleBody", "text", "headline", "name", "description")
        ):
            return node
    return {}


def draft_of_posting(node: dict[str, Any], ref: PostRef) -> Draft:
    """A draft from schema.org words."""
    authors = node.get("author") if isinstance(node.get("author"), list) else [node.get("author")]
    author = next((item for item in authors or [] if isinstance(item, dict)), {})
    body = a_text(node, "articleBody") or a_text(node, "text") or a_text(node, "description")
    headline = a_text(node, "headline") or a_text(node, "name")
    images = node.get("image") if isinstance(node.get("image"), list) else [node.get("image")]
    pictures = [a_url({"u": item}, "u") or a_url(item, "url") for item in (images or [])[:20]]
    kind = author.get("@type")
    return Draft(
        platform=ref.platform,
        native_id=ref.native_id or "",
        id=ref.canonical_url,
        url=ref.canonical_url,
        author=PostAuthor(
            name=a_text(author, "name"),
            username=ref.username,
            url=a_url(author, "url"),
            type="organization" if kind == "Organization" else "person" if kind == "Person" else None,
        ),
        published=instant(a_text(node, "datePublished") or a_text(node, "uploadDate")),
        published_raw=a_text(node, "datePublished") or a_text(node, "uploadDate"),
        updated=instant(a_text(node, "dateModified")),
        text=body or headline,
        text_complete=True if a_text(node, "articleBody") or a_text(node, "text") else None,
        text_basis="page",
        language=a_text(node, "inLanguage"),
        media=tuple(PostMedium(type="image", url=url) for url in pictures if url),
        metrics=_counts(node),
    )


def _counts(node: dict[str, Any]) -> PostMetrics:
    found: dict[str, int | None] = {}
    statistics = node.get("interactionStatistic")
    for item in dicts({"s": statistics if isinstance(statistics, list) else [statistics]}, "s"):
        kind = a_text(item, "interactionType", "@type") or a_text(item, "interactionType") or ""
        found[kind.rpartition("/")[2]] = a_count(item, "userInteractionCount")
    return PostMetrics(
        likes=found.get("LikeAction"), replies=found.get("CommentAction"), reposts=found.get("ShareAction"),
        views=found.get("WatchAction"),
    )  # fmt: skip


def draft_of_metadata(tree: HtmlElement, ref: PostRef) -> Draft | None:
    """A draft from Open Graph words; None when the page says nothing but its site's name."""
    title, described = meta(tree, "og:title", "twitter:title"), meta(tree, "og:description", "twitter:description")
    if not described and not title:
        return None
    image, published = (
        meta(tree, "og:image"),
        meta(tree, "article:published_time", "og:published_time", "datePublished"),
    )
    picture = a_url({"u": image}, "u") if image else None
    return Draft(
        platform=ref.platform,
        native_id=ref.native_id or "",
        id=ref.canonical_url,
        url=ref.canonical_url,
        author=PostAuthor(username=ref.username),
        published=instant(published),
        published_raw=published,
        text=described or title,
        text_basis="page",
        media=(PostMedium(type="image", url=picture),) if picture else (),
    )


def read_oembed(answer: Answer, said_by_status: Mapping[int, PostOutcome] | None = None) -> dict[str, Any] | Reading:
    """The oEmbed object, or the reading of a failure; `said_by_status` is what statuses mean on this network."""
    if outcome := (said_by_status or {}).get(answer.status or 0):
        return Reading(outcome, said(answer))
    if failed := failure(answer):
        return failed
    try:
        value = json_of(answer)
    except Unreadable as problem:
        return drift(answer, problem)
    if not isinstance(value, dict) or not (a_text(value, "html") or a_text(value, "title")):
        return Reading(PostOutcome.SCHEMA_DRIFT, "neither html nor title")
    return value


def draft_of_oembed(value: dict[str, Any], ref: PostRef, *, text: str | None) -> Draft:
    """A partial draft from an oEmbed object; `text` is the network's choice of title or markup."""
    thumbnail = a_url(value, "thumbnail_url")
    markup = a_text(value, "html")
    return Draft(
        platform=ref.platform,
        native_id=ref.native_id or "",
        id=ref.canonical_url,
        url=ref.canonical_url,
        author=PostAuthor(
            id=an_id(value, "author_unique_id"),
            name=a_text(value, "author_name"),
            username=ref.username,
            url=a_url(value, "author_url"),
        ),
        text=text,
        text_html=markup,
        text_basis="oembed",
        media=(
            (
                PostMedium(
                    type="image",
                    url=thumbnail,
                    width=a_count(value, "thumbnail_width"),
                    height=a_count(value, "thumbnail_height"),
                ),
            )
            if thumbnail
            else ()
        ),
    )


def words_of_blockquote(markup: str | None, class_name: str | None = None) -> tuple[str | None, str | None]:
    """(text, HTML) of the first paragraph of an embed's blockquote."""
    tree = tree_of(markup) if markup else None
    if tree is None:
        return None, None
    quotes = by_class(tree, class_name) if class_name else list(tree.xpath("//blockquote"))
    for quote in quotes:
        for paragraph in quote.xpath("descendant-or-self::*[self::p]"):
            if text := text_of(paragraph):
                return text, outer(paragraph)
    return None, None


__all__ = [
    "draft_of_metadata", "draft_of_oembed", "draft_of_posting", "html_text", "page_of", "posting", "read_oembed",
    "script_values", "words_of_blockquote",
]  # fmt: skip
