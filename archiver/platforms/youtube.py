"""YouTube: which URL is a video, and what oEmbed and the watch page say about it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from archiver.models.post import PostAuthor, PostMedium, PostMetrics
from archiver.platforms import pages
from archiver.platforms.base import PostRef, address
from archiver.platforms.failures import drift
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import a_count, a_dict, a_text, a_url, dicts, instant, nodes
from archiver.platforms.steps import Answer, Draft, Reading, Step
from archiver.reasons import PostOutcome

NAME = "youtube"
LABEL = "YouTube"
HOSTS = ("youtube.com", "youtu.be", "youtube-nocookie.com")
REDIRECTS: tuple[str, ...] = ()

_ID = re.compile(r"[\w-]{11}")
_PATH = re.compile(r"/(?:embed|shorts|live|v|e|vi)/(?P<id>[\w-]{11})(?![\w-])")
_RESERVED = frozenset({"videoseries", "live_stream"})
_START = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


def match(url: str) -> PostRef | None:
    """A video's page, short link or player. `extra["start"]` is the second at which the page lets it begin."""
    at = address(url)
    if at is None or not at.on(*HOSTS):
        return None
    if at.on("youtu.be"):
        video = at.path.strip("/").partition("/")[0]
    elif at.path.rstrip("/") in ("/watch", "/embed", "/v"):
        video = at.query.get("v", "")
    else:
        found = _PATH.match(at.path)
        video = found["id"] if found else ""
    if not _ID.fullmatch(video) or video in _RESERVED:
        return None
    return post(video, at.query.get("start") or at.query.get("t"))


def post(video: str, start: str | None = None) -> PostRef:
    """The reference to a video whose id is known."""
    seconds = _seconds(start)
    return PostRef(
        NAME, video, f"https://www.youtube.com/watch?v={video}", extra={"start": str(seconds)} if seconds else {}
    )


def _seconds(start: str | None) -> int:
    found = _START.fullmatch(start) if start and len(start) < 12 else None
    if not found:
        return 0
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def id_time(native_id: str) -> datetime | None:
    """Always None: the id is random."""
    return None


_SAID_BY_STATUS = {401: PostOutcome.LOGIN_WALL, 403: PostOutcome.PROTECTED}
"""401: the owner switched embedding off; 403: private."""

_SAID = (
    ("private", PostOutcome.PROTECTED),
    ("confirm your age", PostOutcome.AGE_GATED),
    ("age-restricted", PostOutcome.AGE_GATED),
    ("removed by the uploader", PostOutcome.DELETED),
    ("terminated", PostOutcome.SUSPENDED),
    ("your country", PostOutcome.WITHHELD),
    ("copyright", PostOutcome.WITHHELD),
    ("unavailable", PostOutcome.NOT_FOUND),
)


def steps(ref: PostRef, options: PlatformOptions) -> list[Step]:
    """oEmbed, then the watch page."""
    query = {"url": post(ref.native_id or "").canonical_url, "format": "json"}
    oembed = Step(
        "oembed",
        options.url("youtube", "/oembed", query),
        host_pace=options.pace("youtube"),
        dont_redirect=True,
        endpoint="youtube",
    )
    page = Step(
        "page",
        options.url("youtube", "/watch", {"v": ref.native_id or ""}),
        host_pace=options.pace("youtube"),
        endpoint="youtube",
    )
    return [oembed, page]


def read(step: Step, answer: Answer, ref: PostRef) -> Reading:
    """oEmbed gives title and channel (partial); the page gives date and description."""
    return _read_page(answer, ref) if step.method == "page" else _read_oembed(answer, ref)


def _read_oembed(answer: Answer, ref: PostRef) -> Reading:
    if answer.status == 200 and answer.body.strip() == b"Forbidden":
        return Reading(PostOutcome.UNAVAILABLE, "Forbidden")  # sent with 200, so the status says nothing
    value = pages.read_oembed(answer, _SAID_BY_STATUS)
    if isinstance(value, Reading):
        return value
    draft = pages.draft_of_oembed(value, ref, text=a_text(value, "title"))
    username = (draft.author.url or "").rpartition("/@")[2] if "/@" in (draft.author.url or "") else None
    author = draft.author.model_copy(update={"username": username})
    return Reading(PostOutcome.PARTIAL, None, replace(draft, author=author))


def _read_page(answer: Answer, ref: PostRef) -> Reading:
    tree = pages.page_of(answer)
    if isinstance(tree, Reading):
        return tree
    for value in pages.script_values(tree, "playabilityStatus"):
        for node in nodes(value):
            if "playabilityStatus" in node and (found := _player(node, ref)):
                return found
    draft = pages.draft_of_metadata(tree, ref)
    return Reading(PostOutcome.PARTIAL, "only the page's metadata", draft) if draft else drift(answer, "no video data")


def _player(node: dict[str, Any], ref: PostRef) -> Reading | None:
    """What the player's own description of the video says."""
    status = a_text(node, "playabilityStatus", "status")
    video = a_dict(node, "videoDetails")
    if status not in (None, "OK") and not a_text(video, "title"):
        said = a_text(node, "playabilityStatus", "reason") or status
        lowered = (said or "").lower()
        return Reading(next((o for words, o in _SAID if words in lowered), PostOutcome.UNAVAILABLE), said)
    if a_text(video, "videoId") != ref.native_id or not a_text(video, "title"):
        return None
    more = a_dict(node, "microformat", "playerMicroformatRenderer")
    title, described = a_text(video, "title"), a_text(video, "shortDescription")
    thumbnails = dicts(video, "thumbnail", "thumbnails")
    picture = a_url(thumbnails[-1], "url") if thumbnails else None
    draft = Draft(
        platform=NAME,
        native_id=ref.native_id or "",
        id=ref.canonical_url,
        url=ref.canonical_url,
        author=PostAuthor(
            id=a_text(video, "channelId"), name=a_text(video, "author"), url=a_url(more, "ownerProfileUrl")
        ),
        published=instant(a_text(more, "publishDate")),
        published_raw=a_text(more, "publishDate"),
        text="\n\n".join(part for part in (title, described) if part),
        text_complete=True,
        text_basis="page",
        media=(PostMedium(type="image", url=picture),) if picture else (),
        metrics=PostMetrics(views=a_count(video, "viewCount"), likes=a_count(more, "likeCount")),
    )
    return Reading(PostOutcome.OK, None, draft)
