"""TikTok: which URL is a video or a photo post, what its id says about its time, what oEmbed and the page say about it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from archiver.models.post import PostAuthor, PostMedium, PostMetrics
from archiver.platforms import pages
from archiver.platforms.base import PostRef, address, moment
from archiver.platforms.failures import drift
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import (
    Unreadable,
    a_count,
    a_dict,
    a_text,
    a_url,
    an_id,
    json_of,
    nodes,
    unix_time,
)
from archiver.platforms.steps import Answer, Draft, Reading, Step
from archiver.reasons import PostOutcome

NAME = "tiktok"
LABEL = "TikTok"
HOSTS = ("tiktok.com",)
REDIRECTS = ("vm.tiktok.com", "vt.tiktok.com")

_OWN = re.compile(r"/@(?P<user>[\w.]*)/(?P<kind>video|photo)/(?P<id>\d{10,20})(?!\d)")
_EMBED = re.compile(r"/(?:embed(?:/v\d)?|player/v\d)/(?P<id>\d{10,20})(?!\d)|/v/(?P<id2>\d{10,20})\.html")
_SHORT = re.compile(r"/(?:t/)?(?P<code>\w{6,16})/?")


def match(url: str) -> PostRef | None:
    """`/@user/video/ID`, `/photo/ID`, the players, and the short forms that need one redirect."""
    at = address(url)
    if at is None or not at.on(*HOSTS):
        return None
    if found := _OWN.match(at.path):
        user, kind, number = found["user"], found["kind"], found["id"]
        return PostRef(NAME, number, f"https://www.tiktok.com/@{user}/{kind}/{number}", user or None)
    if found := _EMBED.match(at.path):
        number = found["id"] or found["id2"]
        return post(number)
    if at.host in REDIRECTS or at.path.startswith("/t/"):
        found = _SHORT.fullmatch(at.path)
        if found:
            host = at.host if at.host in REDIRECTS else "www.tiktok.com/t"
            return PostRef(NAME, None, f"https://{host}/{found['code']}/", extra={"needs": "redirect"})
    return None


def post(native_id: str) -> PostRef:
    """The reference to a video whose id is known and whose user is not: `@` alone leads to the right page."""
    return PostRef(NAME, native_id, f"https://www.tiktok.com/@/video/{native_id}")


def id_time(native_id: str) -> datetime | None:
    """Seconds in the upper half of the id; a cross-check only."""
    return moment((int(native_id) >> 32) * 1000) if native_id.isdecimal() else None


STUB_MAX = 8192
"""Bytes below which a page without data is the stub that unwanted clients get, not a new shape."""

_PROFILE = re.compile(r"/@([\w.]+)/?$")


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """oEmbed, then the page."""
    path = ref.canonical_url.partition("tiktok.com")[2]
    pace = options.pace("tiktok")
    oembed = options.url("tiktok", "/oembed", {"url": ref.canonical_url})
    return [
        Step("oembed", oembed, host_pace=pace, dont_redirect=True, endpoint="tiktok"),
        Step("page", options.url("tiktok", path), host_pace=pace, endpoint="tiktok"),
    ]


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """oEmbed gives the caption (partial); the page gives it with its time."""
    return _read_page(answer, ref) if step.method == "page" else _read_oembed(answer, ref)


def _read_oembed(answer: Answer, ref: PostRef) -> Reading:
    if answer.status == 400 and (said := _message(answer)):
        return Reading(PostOutcome.UNAVAILABLE, said)  # gone, as far as was seen; the wording does not say
    value = pages.read_oembed(answer)
    if isinstance(value, Reading):
        return value
    draft = pages.draft_of_oembed(value, ref, text=a_text(value, "title"))
    found = _PROFILE.search(draft.author.url or "")
    author = draft.author.model_copy(update={"username": found[1] if found else ref.username})
    return Reading(PostOutcome.PARTIAL, None, replace(draft, author=author))


def _message(answer: Answer) -> str | None:
    try:
        value = json_of(answer)
    except Unreadable:
        return None
    return a_text(value, "message") or a_text(value, "status_msg")


def _read_page(answer: Answer, ref: PostRef) -> Reading:
    tree = pages.page_of(answer)
    if isinstance(tree, Reading):
        return tree
    for value in pages.script_values(tree, "itemStruct", "statusMsg"):
        for node in nodes(value):
            if found := _item(node, ref):
                return found
    draft = pages.draft_of_metadata(tree, ref)
    if draft is None and len(answer.body) < STUB_MAX:
        return Reading(PostOutcome.BLOCKED, "a stub in place of the page")
    return Reading(PostOutcome.PARTIAL, "only the page's metadata", draft) if draft else drift(answer, "no video data")


def _item(node: dict[str, Any], ref: PostRef) -> Reading | None:
    item = a_dict(node, "itemInfo", "itemStruct")
    if not item:
        code, said = a_count(node, "statusCode"), a_text(node, "statusMsg")
        return Reading(PostOutcome.NOT_FOUND, said) if code and said and "exist" in said else None
    if an_id(item, "id") != ref.native_id:
        return None
    author, statistics = a_dict(item, "author"), a_dict(item, "stats")
    username, created = a_text(author, "uniqueId"), an_id(item, "createTime")
    cover = a_url(item, "video", "cover")
    draft = Draft(
        platform=NAME,
        native_id=ref.native_id or "",
        id=ref.canonical_url,
        url=f"https://www.tiktok.com/@{username}/video/{ref.native_id}" if username else ref.canonical_url,
        author=PostAuthor(
            id=an_id(author, "id"),
            name=a_text(author, "nickname"),
            username=username,
            url=f"https://www.tiktok.com/@{username}" if username else None,
        ),
        published=unix_time(int(created)) if created and created.isdecimal() and len(created) < 12 else None,
        published_raw=created,
        text=a_text(item, "desc"),
        text_complete=True,
        text_basis="page",
        language=a_text(item, "textLanguage"),
        media=(PostMedium(type="image", url=cover),) if cover else (),
        metrics=PostMetrics(
            likes=a_count(statistics, "diggCount"),
            replies=a_count(statistics, "commentCount"),
            reposts=a_count(statistics, "shareCount"),
            views=a_count(statistics, "playCount"),
        ),
    )
    return Reading(PostOutcome.OK, None, draft)
