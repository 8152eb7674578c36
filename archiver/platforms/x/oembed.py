"""X's oEmbed: author, text, language and day of a post as the blockquote that sites paste. Always partial."""

from __future__ import annotations

import re
from typing import Any

from lxml.html import HtmlElement

from archiver.models.post import PostAuthor
from archiver.platforms.base import PostRef
from archiver.platforms.failures import drift, failure, said
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import Unreadable, a_text, a_url, by_class, json_of, outer, text_of, tree_of
from archiver.platforms.steps import Answer, Draft, Reading, Step
from archiver.platforms.x import url as x
from archiver.reasons import PostOutcome

METHOD = "oembed"
_USER = re.compile(r"https?://(?:www\.)?(?:x|twitter)\.com/(\w{1,20})/?")
_PICTURE = re.compile(r"\s*pic\.(?:x|twitter)\.com/\w+\s*$")


def step(ref: PostRef, options: PlatformOptions) -> Step:
    """The request; no script and no tracking."""
    target = x.post(ref.native_id or "", ref.username).canonical_url
    query = {"url": target, "omit_script": "1", "dnt": "true"}
    return Step(
        METHOD,
        options.url("x.oembed", "/oembed", query),
        host_pace=options.pace("x.oembed"),
        terms="x-tos",
        dont_redirect=True,
        endpoint="x.oembed",
    )


def read(answer: Answer, ref: PostRef) -> Reading:
    """A partial post; 403 with "not authorized" is a protected account, any other 402/403 a block of this client."""
    if answer.status == 403 and "not authorized" in (said(answer) or "").lower():
        return Reading(PostOutcome.PROTECTED, said(answer))
    if failed := failure(answer):
        return failed
    try:
        value = json_of(answer)
    except Unreadable as problem:
        return drift(answer, problem)
    markup = a_text(value, "html")
    tree = tree_of(markup) if markup else None
    if tree is None:
        return Reading(PostOutcome.SCHEMA_DRIFT, "no html in the answer")
    return _partial(value, tree, ref)


def _partial(value: Any, tree: HtmlElement, ref: PostRef) -> Reading:
    shown = [found for link in tree.xpath("//a[@href]") if (found := x.match(link.get("href")))]
    paragraph = next(iter(tree.xpath("//blockquote//p")), None)
    if not shown or paragraph is None:
        return Reading(PostOutcome.SCHEMA_DRIFT, "no blockquote with a post's link")
    native_id = shown[-1].native_id or ""
    if native_id != ref.native_id:
        return Reading(PostOutcome.SCHEMA_DRIFT, f"the answer shows another post: {native_id}")
    username = _username(a_url(value, "author_url")) or shown[-1].username
    text = text_of(paragraph)
    post = Draft(
        platform=x.NAME,
        native_id=native_id,
        id=x.post(native_id).canonical_url,
        url=x.post(native_id, username).canonical_url,
        author=PostAuthor(name=a_text(value, "author_name"), username=username, url=a_url(value, "author_url")),
        published_raw=_day(tree),
        text=_PICTURE.sub("", text) if text else None,
        text_html=outer(paragraph),
        text_basis="oembed",
        language=paragraph.get("lang"),
    )
    return Reading(PostOutcome.PARTIAL, None, post)


def _username(url: str | None) -> str | None:
    found = _USER.fullmatch(url) if url else None
    return found[1] if found else None


def _day(tree: HtmlElement) -> str | None:
    """The words of the last link to the post: its day. No time of day, so `published` stays unknown."""
    for quote in by_class(tree, "twitter-tweet"):
        links = [link for link in quote.xpath(".//a[@href]") if x.match(link.get("href"))]
        if links:
            return text_of(links[-1])
    return None
