"""Bluesky: which URL is a post, what its record key says about its time, and how the public API and oEmbed show it.

Facets are offsets into UTF-8 bytes. Of a film the views name only a playlist; the film itself is a blob of the author's. Authors can ask not to be shown to people without a login (`!no-unauthenticated`): the API
answers nevertheless, and this project keeps the request, not the text.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from archiver.models.post import PostAuthor, PostMedium, PostMetrics, PostTag
from archiver.models.resolution import Window
from archiver.platforms import pages
from archiver.platforms.base import PostRef, address, moment, within
from archiver.platforms.failures import drift, failure, looks_challenged
from archiver.platforms.options import BASES, BLUESKY_BLOBS, PlatformOptions
from archiver.platforms.payloads import (
    Unreadable,
    a_count,
    a_dict,
    a_text,
    a_url,
    dicts,
    instant,
    json_of,
    raw_json,
    strings,
)
from archiver.platforms.steps import AUTHORS_WISH, Answer, Draft, Listing, Reading, Step
from archiver.reasons import PostOutcome

NAME = "bluesky"
LABEL = "Bluesky"
HOSTS = ("bsky.app", "embed.bsky.app")
REDIRECTS: tuple[str, ...] = ()

_RKEY = r"(?P<rkey>[\w.~:-]{1,64})"
_WHO = r"(?P<who>did:[a-z]+:[\w.:%-]+|[\w.-]+\.[a-z][\w-]*)"
_WEB = re.compile(rf"/profile/{_WHO}/post/{_RKEY}")
_EMBED = re.compile(rf"/embed/{_WHO}/app\.bsky\.feed\.post/{_RKEY}")
_URI = re.compile(rf"at://{_WHO}/app\.bsky\.feed\.post/{_RKEY}")
_DIGITS = "234567abcdefghijklmnopqrstuvwxyz"


def match(url: str) -> PostRef | None:
    """The post that a bsky.app page, its embed frame or an at:// URI names.

    The key is `DID/RKEY`. While only the user name is known it stands in the DID's place and `extra["needs"]` is `did`.
    """
    if url.startswith("at://"):
        found = _URI.match(url)
    else:
        at = address(url)
        if at is None or not at.on(*HOSTS):
            return None
        found = _EMBED.match(at.path) if at.host.startswith("embed.") else _WEB.match(at.path)
    if not found:
        return None
    who, rkey = found["who"], found["rkey"]
    canonical = f"https://bsky.app/profile/{who}/post/{rkey}"
    if who.startswith("did:"):
        return PostRef(NAME, f"{who}/{rkey}", canonical)
    return PostRef(NAME, f"{who.lower()}/{rkey}", canonical, who, {"needs": "did"})


def id_time(native_id: str) -> datetime | None:
    """What the author's software wrote into the record key; None for keys that are no TID."""
    rkey = native_id.rpartition("/")[2]
    if len(rkey) != 13 or any(letter not in _DIGITS for letter in rkey):
        return None
    number = 0
    for letter in rkey:
        number = number * 32 + _DIGITS.index(letter)
    return moment((number >> 10) // 1000)


_GATED = frozenset({"porn", "sexual", "nudity", "graphic-media", "gore"})
_SAID = (
    ("takedown", PostOutcome.SUSPENDED),
    ("suspended", PostOutcome.SUSPENDED),
    ("deactivated", PostOutcome.ACCOUNT_GONE),
    ("profile not found", PostOutcome.ACCOUNT_GONE),
    ("unable to resolve handle", PostOutcome.ACCOUNT_GONE),
    ("not found", PostOutcome.NOT_FOUND),
    ("notfound", PostOutcome.NOT_FOUND),
)


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """The public API, which takes a user name in place of the DID, then oEmbed."""
    who, _, rkey = (ref.native_id or "").rpartition("/")
    query = {"uri": f"at://{who}/app.bsky.feed.post/{rkey}", "depth": "0", "parentHeight": "1"}
    thread = options.url("bluesky.api", "/xrpc/app.bsky.feed.getPostThread", query)
    oembed = options.url("bluesky.oembed", "/oembed", {"url": ref.canonical_url})
    return [
        Step("api", thread, host_pace=options.pace("bluesky.api"), terms="open", dont_redirect=True, endpoint="bluesky.api"),
        Step("oembed", oembed, host_pace=options.pace("bluesky.oembed"), terms="open", dont_redirect=True,
             endpoint="bluesky.oembed"),
    ]  # fmt: skip


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """The post, or the union member that stands in its place."""
    return _read_oembed(answer, ref) if step.method == "oembed" else _read_thread(answer, ref, _blobs(step))


def _blobs(step: Step) -> str:
    """Where blobs are asked for: beside the API where the operator leads that elsewhere; the public API itself has none."""
    base = step.url.partition("/xrpc/")[0]
    return BLUESKY_BLOBS if base == BASES["bluesky.api"] else base


def _read_oembed(answer: Answer, ref: PostRef) -> Reading:
    if answer.status == 403 and not looks_challenged(answer):
        return Reading(PostOutcome.LOGIN_WALL, AUTHORS_WISH, restricted=True)
    value = pages.read_oembed(answer)
    if isinstance(value, Reading):
        return value
    text, markup = pages.words_of_blockquote(a_text(value, "html"), "bluesky-embed")
    return Reading(PostOutcome.PARTIAL, None, replace(pages.draft_of_oembed(value, ref, text=text), text_html=markup))


def _read_thread(answer: Answer, ref: PostRef, blobs: str) -> Reading:
    try:
        value = json_of(answer) if answer.status in (200, 400, 404) else None
    except Unreadable as problem:
        return failure(answer) or drift(answer, problem)
    if answer.status in (400, 404) and a_text(value, "error"):
        said = f"{a_text(value, 'error')}: {a_text(value, 'message') or ''}".rstrip(": ")
        fallback = PostOutcome.BAD_REQUEST if answer.status == 400 else PostOutcome.NOT_FOUND
        return Reading(next((o for words, o in _SAID if words in said.lower()), fallback), said)
    if failed := failure(answer):
        return failed
    thread = a_dict(value, "thread")
    kind = (a_text(thread, "$type") or "").rpartition("#")[2]
    if kind == "notFoundPost":
        return Reading(PostOutcome.NOT_FOUND, "#notFoundPost")
    if kind == "blockedPost":
        return Reading(PostOutcome.UNAVAILABLE, "#blockedPost")
    post = a_dict(thread, "post")
    if not post:
        return Reading(PostOutcome.SCHEMA_DRIFT, f"thread of type {kind!r}")
    return _visible(post, a_dict(thread, "parent", "post"), ref, blobs)


def _visible(post: dict[str, Any], parent: dict[str, Any], ref: PostRef, blobs: str) -> Reading:
    if AUTHORS_WISH in _labels(a_dict(post, "author")):
        return Reading(PostOutcome.LOGIN_WALL, AUTHORS_WISH, restricted=True)
    if "!takedown" in _labels(post):
        return Reading(PostOutcome.WITHHELD, "!takedown")
    draft = draft_of(post, blobs)
    if draft is None:
        return Reading(PostOutcome.SCHEMA_DRIFT, "uri, author or record is missing")
    if draft.native_id.rpartition("/")[2] != (ref.native_id or "").rpartition("/")[2]:
        return Reading(PostOutcome.SCHEMA_DRIFT, f"the answer shows another post: {draft.native_id}")
    above = None if AUTHORS_WISH in _labels(a_dict(parent, "author")) else draft_of(parent, blobs)
    known = {other.native_id for other in draft.related}
    if above and above.native_id == draft.in_reply_to and above.native_id not in known:
        draft = replace(draft, related=(*draft.related, replace(above, related=())))
    return Reading(PostOutcome.OK, None, draft)


def _labels(value: dict[str, Any]) -> set[str]:
    return {label for item in dicts(value, "labels") if (label := a_text(item, "val"))}


def draft_of(post: dict[str, Any], blobs: str = BLUESKY_BLOBS) -> Draft | None:
    """A draft from a post view (`uri`, `author`, `record`, `embed`). `blobs` is the server that the author's films are asked of."""
    ref, record = match(a_text(post, "uri") or ""), a_dict(post, "record")
    author = a_dict(post, "author")
    if ref is None or ref.native_id is None or "needs" in ref.extra or not record or not author:
        return None
    raw = record.get("text") if isinstance(record.get("text"), str) else None
    embed, facets = a_dict(post, "embed"), dicts(record, "facets")
    quoted, related, notes = _quoted(embed)
    parent = match(a_text(record, "reply", "parent", "uri") or "")
    root = match(a_text(record, "reply", "root", "uri") or "")
    languages = strings(record, "langs")
    return Draft(
        platform=NAME,
        native_id=ref.native_id,
        id=ref.canonical_url,
        url=ref.canonical_url,
        author=_author(author),
        published=instant(a_text(record, "createdAt")),
        published_raw=a_text(record, "createdAt"),
        text=expanded(raw, facets) if raw is not None else None,
        text_raw=a_text(record, "text"),
        # What the author wrote as the time is a claim; when the network saw the post is kept beside it.
        entities_raw=raw_json({"facets": facets, "indexedAt": a_text(post, "indexedAt"), "cid": a_text(post, "cid")}),
        text_complete=True,
        text_basis="api",
        language=languages[0] if languages else None,
        in_reply_to=parent.native_id if parent else None,
        conversation=root.native_id if root else None,
        quoted=quoted,
        tags=_tags(raw or "", facets, record),
        media=_media(embed, a_text(author, "did"), blobs),
        sensitive=True if (_labels(post) | _labels(a_dict(record, "labels"))) & _GATED else None,
        metrics=PostMetrics(
            likes=a_count(post, "likeCount"),
            replies=a_count(post, "replyCount"),
            reposts=a_count(post, "repostCount"),
            quotes=a_count(post, "quoteCount"),
        ),
        warnings=notes,
        related=related,
    )


def _author(author: dict[str, Any]) -> PostAuthor:
    did, username = a_text(author, "did"), a_text(author, "handle")
    return PostAuthor(
        id=did,
        name=a_text(author, "displayName"),
        username=username,
        url=f"https://bsky.app/profile/{did or username}",
        icon=a_url(author, "avatar"),
    )


def spans(raw: str, facets: list[dict[str, Any]]) -> list[tuple[int, int, dict[str, Any]]]:
    """(start, end, feature) in code points for each facet whose byte offsets fall on characters, in order, not overlapping."""
    data = raw.encode("utf-8", "replace")
    found: list[tuple[int, int, dict[str, Any]]] = []
    for facet in facets:
        first, last = a_count(facet, "index", "byteStart"), a_count(facet, "index", "byteEnd")
        features = dicts(facet, "features")
        if first is None or last is None or not first < last <= len(data) or not features:
            continue
        try:
            start, length = len(data[:first].decode()), len(data[first:last].decode())
        except UnicodeDecodeError:
            continue
        found.append((start, start + length, features[0]))
    found.sort(key=lambda span: span[:2])
    kept: list[tuple[int, int, dict[str, Any]]] = []
    for span in found:
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def expanded(raw: str, facets: list[dict[str, Any]]) -> str:
    """The text with shortened links written out. A link under words of its own keeps the words; `tags` has its target."""
    pieces, at = [], 0
    for start, end, feature in spans(raw, facets):
        uri, shown = a_url(feature, "uri"), raw[start:end]
        if not uri or shown.rstrip("….") not in uri:
            continue
        pieces += [raw[at:start], uri]
        at = end
    return "".join([*pieces, raw[at:]])


def _tags(raw: str, facets: list[dict[str, Any]], record: dict[str, Any]) -> tuple[PostTag, ...]:
    out = []
    for start, end, feature in spans(raw, facets):
        words = raw[start:end]
        if url := a_url(feature, "uri"):
            out.append(PostTag(type="link", name=words, url=url))
        elif did := a_text(feature, "did"):
            out.append(PostTag(type="mention", name=words.lstrip("@"), url=f"https://bsky.app/profile/{did}"))
        elif tag := a_text(feature, "tag"):
            out.append(PostTag(type="hashtag", name=tag, url=f"https://bsky.app/hashtag/{tag}"))
    out += [PostTag(type="hashtag", name=tag) for tag in strings(record, "tags")]
    return tuple(out)


def _parts(embed: dict[str, Any]) -> list[dict[str, Any]]:
    """The views inside an embed: itself, and its halves when it is a record with media."""
    return [embed, a_dict(embed, "media"), a_dict(embed, "record")]


def _media(embed: dict[str, Any], did: str | None, blobs: str) -> tuple[PostMedium, ...]:
    """Pictures as the network shows them, films as the author gave them: a playlist alone holds no picture."""
    found = []
    for part in _parts(embed)[:2]:
        for item in dicts(part, "images"):
            if url := a_url(item, "fullsize") or a_url(item, "thumb"):
                found.append(PostMedium(type="image", url=url, alt=a_text(item, "alt"), **_size(item)))
        if playlist := a_url(part, "playlist"):
            cid = a_text(part, "cid")
            film = {"url": playlist, "media_type": "application/x-mpegURL"}
            if did and cid:
                film = {"url": f"{blobs}/xrpc/com.atproto.sync.getBlob?{urlencode({'did': did, 'cid': cid})}"}
            found.append(PostMedium(type="video", **film, alt=a_text(part, "alt"), **_size(part)))
    return tuple(found)


def _size(item: dict[str, Any]) -> dict[str, Any]:
    return {name: a_count(item, "aspectRatio", name) for name in ("width", "height")}


def _quoted(embed: dict[str, Any]) -> tuple[str | None, tuple[Draft, ...], tuple[str, ...]]:
    """(native id, the quoted post where it is shown, what is said where it is not)."""
    for part in _parts(embed):
        inner = a_dict(part, "record", "record") or a_dict(part, "record")
        ref = match(a_text(inner, "uri") or "")
        if ref is None or ref.native_id is None:
            continue
        if inner.get("notFound") is True:
            return ref.native_id, (), ("the quoted post is gone",)
        if inner.get("blocked") is True or inner.get("detached") is True:
            return ref.native_id, (), ("the quoted post is not shown",)
        hidden = AUTHORS_WISH in _labels(a_dict(inner, "author"))
        draft = None if hidden else draft_of({**inner, "record": inner.get("value"), "embed": None})
        return ref.native_id, (draft,) if draft else (), ()
    return None, (), ()


def text_steps(username: str, quote: str, window: Window, options: PlatformOptions) -> list[Step]:
    """The author's feed, newest first. The search endpoint refuses people without a login and is not asked."""
    return [_feed_step(username, None, 0, options.url("bluesky.api", ""), options.pace("bluesky.api"))]


def _feed_step(actor: str, cursor: str | None, depth: int, base: str, pace: float) -> Step:
    query = {"actor": actor, "limit": "100", **({"cursor": cursor} if cursor else {})}
    url = f"{base}/xrpc/app.bsky.feed.getAuthorFeed?{urlencode(query)}"
    return Step("author-feed", url, host_pace=pace, terms="open", endpoint="bluesky.api", depth=depth)


def read_text(step: Step, answer: Answer, username: str, window: Window) -> Listing:
    """The author's own posts inside the window; the next page while the window is not reached."""
    if failed := failure(answer):
        return Listing(failed.outcome, failed.reason_text, retry_after=failed.retry_after)
    try:
        value = json_of(answer)
    except Unreadable as problem:
        return Listing(drift(answer, problem).outcome, str(problem))
    if not isinstance(value, dict) or not isinstance(value.get("feed"), list):
        return Listing(PostOutcome.SCHEMA_DRIFT, "no feed")
    own = [a_dict(item, "post") for item in dicts(value, "feed") if not a_dict(item, "reason")]  # a reason: a repost
    if any(AUTHORS_WISH in _labels(a_dict(post, "author")) for post in own):
        return Listing(PostOutcome.LOGIN_WALL, AUTHORS_WISH)
    drafts = [draft for post in own if (draft := draft_of(post))]
    kept = tuple(draft for draft in drafts if within(draft.published, window))
    oldest = min((draft.published for draft in drafts if draft.published), default=None)
    cursor = a_text(value, "cursor")
    going = cursor and window.start and oldest and oldest > window.start
    base = step.url.partition("/xrpc/")[0]
    leads = (_feed_step(username, cursor, step.depth + 1, base, step.host_pace),) if going else ()
    return Listing(PostOutcome.OK, None, kept, leads=leads)
