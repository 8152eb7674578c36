"""From readings to the `post` document: which answer gives the text, what the others add, what stays unknown.

Belongs here: the making of the document from attempts and readings alone. No clock, no network, no options: the same records
give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from archiver.config import software_version
from archiver.models.pointer import CapturePointer
from archiver.models.post import Attempt, CitedBy, Post, PostAuthor, PostMedium, PostProvenance
from archiver.platforms import PLATFORMS, PostRef, id_time
from archiver.platforms.outcomes import RETRIES, status_of
from archiver.platforms.steps import ARCHIVE_METHODS, Draft, Reading
from archiver.reasons import PostOutcome, PostStatus

PARSER_VERSION = 1
MARKUP = "article-markup"
CAME_WITH = "came with "
NOT_PUBLIC = "the author is not shown to people without a login: keep the capture from public replay"
CLOCK_SKEW = timedelta(seconds=2)
_NO_LANGUAGE = frozenset({"und", "zxx", "mul", "mis", "qme", "qam", "qct", "qht", "qst", "art"})
_TIMED = frozenset({"x", "mastodon", "truthsocial"})
"""Networks whose server makes the id, so that its time and `published` have to agree."""

_BASES = ("oembed", "third-party", "syndication", "page", "api", "note")  # the later, the better
_SHARED = (
    "published", "published_raw", "updated", "text_html", "language", "in_reply_to", "quoted", "repost_of", "conversation",
    "sensitive", "tags", "media", "edit_ids", "withheld", "metrics", "entities_raw",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Embedded:
    """What the article's markup shows of the post: evidence about the article, used only where no answer gives a text."""

    text: str | None = None
    name: str | None = None
    username: str | None = None
    url: str | None = None


def post_id(ref: PostRef) -> str:
    """The post's name in documents: its canonical URL, without a user name where the network can do without."""
    if ref.platform == "x" and ref.native_id:
        return f"https://x.com/i/status/{ref.native_id}"
    return ref.canonical_url


def build_post(
    ref: PostRef,
    attempts: Sequence[Attempt],
    readings: Sequence[Reading],
    *,
    cited_by: Sequence[CitedBy] = (),
    embedded: Embedded | None = None,
    fetch_time: datetime,
    known_to_exist: bool = False,
    retries: int = RETRIES,
    media: Mapping[str, CapturePointer] | None = None,
) -> Post:
    """The document of one state of one post.

    `attempts` are all of this state, `readings` those of them that were answered. `fetch_time` stands for the time of reading
    where no capture is at hand. `media` maps a medium's URL to its capture. Raises nothing; what contradicts is a warning.
    """
    restricted = any(reading.restricted for reading in readings)
    # An author who is not shown to people without a login is not quoted, wherever the words come from.
    embedded = Embedded() if restricted or embedded is None else embedded
    known_to_exist = known_to_exist or bool(embedded.text)
    readable = [] if restricted else [reading for reading in readings if reading.post is not None]
    shown = sorted(readable, key=_worth, reverse=True)
    main = shown[0] if shown else None
    draft = main.post if main and main.post else None
    evidence = main or next((r for r in reversed(readings) if r.capture), None)
    fields = _fields(draft, shown) if draft else _from_markup(ref, embedded)
    native_id = str(fields["native_id"])
    capture = evidence.capture if evidence else None
    fields["metrics"] = _dated(fields.get("metrics"), capture.fetch_time if capture else fetch_time)
    warnings = [*fields.pop("warnings", ()), *_contradictions(ref, fields)]
    if restricted:
        warnings.append(NOT_PUBLIC)
    fields["media"] = [_with_capture(medium, media or {}) for medium in fields.get("media", ())]
    return Post.model_validate(
        {
            **{name: list(value) if isinstance(value, tuple) else value for name, value in fields.items()},
            "id_time": id_time(ref.platform, native_id),
            "status": status_of(attempts, known_to_exist, retries).value,
            "attempts": list(attempts),
            "obtained_via": main.method if main else MARKUP if embedded.text else None,
            "terms": evidence.terms if evidence else None,
            "cited_by": list(cited_by),
            "capture": capture,
            "provenance": PostProvenance(
                parser=f"{ref.platform}/{PARSER_VERSION}", software=f"news-archiver/{software_version()}"
            ),
            "warnings": warnings,
        }
    )


def _worth(reading: Reading) -> tuple[bool, bool, int]:
    """How good a text is: from the network itself, complete, from the better source. Earlier readings win a tie."""
    basis = reading.post.text_basis if reading.post else None
    full = reading.outcome is PostOutcome.OK
    return reading.method not in ARCHIVE_METHODS, full, _BASES.index(basis) if basis in _BASES else -1


def _fields(draft: Draft, shown: Sequence[Reading]) -> dict[str, Any]:
    """The main draft's fields; what it leaves unknown comes from the other answers about the same post, and a warning says so."""
    fields = {name: getattr(draft, name) for name in Draft.__slots__ if name != "related"}
    fields["warnings"] = list(draft.warnings)
    fields["language"] = language_of(draft.language)
    for reading in shown[1:]:
        other = reading.post
        if other is None or other.native_id != draft.native_id:
            continue
        theirs = {name: getattr(other, name) for name in _SHARED} | {"language": language_of(other.language)}
        added = [name for name in _SHARED if _unknown(fields[name]) and not _unknown(theirs[name])]
        fields |= {name: theirs[name] for name in added}
        author = _author(fields["author"], other.author)
        if author != fields["author"]:
            fields["author"] = author
            added.append("author")
        if added:
            fields["warnings"].append(f"also read from {reading.method}: {', '.join(added)}")
    return fields


def language_of(code: str | None) -> str | None:
    """A network's language code, None for its words for "none" and "unknown"."""
    return None if code is None or code.lower() in _NO_LANGUAGE else code


def _unknown(value: Any) -> bool:
    if value is None or value == ():
        return True
    return hasattr(value, "likes") and all(part is None for part in value.model_dump().values())


def _author(known: PostAuthor, other: PostAuthor) -> PostAuthor:
    if known.username and other.username and known.username.lower() != other.username.lower():
        return known
    missing = {key: value for key, value in other.model_dump().items() if getattr(known, key) is None and value}
    return known.model_copy(update=missing) if missing else known


def _from_markup(ref: PostRef, embedded: Embedded) -> dict[str, Any]:
    """A post of which only the address, and maybe the article's markup, is known."""
    username = embedded.username or ref.username
    return {
        "platform": ref.platform,
        "native_id": ref.native_id or ref.canonical_url,
        "id": post_id(ref),
        "url": ref.canonical_url,
        "author": PostAuthor(name=embedded.name, username=username, url=embedded.url),
        "text": embedded.text,
        "text_basis": MARKUP if embedded.text else None,
    }


def _dated(metrics: Any, at: datetime) -> dict[str, Any]:
    values = metrics.model_dump() if metrics is not None else {}
    return {**values, "at": at} if any(value is not None for value in values.values()) else {}


def _with_capture(medium: PostMedium, media: Mapping[str, CapturePointer]) -> PostMedium:
    if (pointer := media.get(medium.url)) is None:
        return medium
    known = {"sha256": pointer.payload_sha256, "record_id": pointer.warc_record_id}
    return medium.model_copy(update={**known, "media_type": medium.media_type or pointer.content_type})


def _contradictions(ref: PostRef, fields: Mapping[str, Any]) -> list[str]:
    found = []
    username = fields["author"].username
    if ref.username and username and ref.username.lower() != username.lower():
        found.append(f"the article's link names @{ref.username}, the answer @{username}")
    written, published = id_time(ref.platform, str(fields["native_id"])), fields.get("published")
    if ref.platform in _TIMED and written and published and abs(written - published) > CLOCK_SKEW:
        found.append("published and the time in the id differ by more than 2 s")
    return found


def related_posts(
    main: Post,
    reading: Reading,
    *,
    retries: int = RETRIES,
    cited_by: Sequence[CitedBy] = (),
    media: Mapping[str, CapturePointer] | None = None,
) -> list[Post]:
    """The quoted and the parent post that came along with an answer, each a document of its own (`captured_partial`)."""
    out = []
    for draft in reading.post.related if reading.post else ():
        if draft.platform not in PLATFORMS or not draft.native_id or draft.native_id == main.native_id:
            continue
        ref = PostRef(draft.platform, draft.native_id, draft.id, draft.author.username)
        alone = Reading(
            PostOutcome.PARTIAL, None, draft, method=reading.method, terms=reading.terms, capture=reading.capture
        )
        at = reading.capture.fetch_time if reading.capture else main.attempts[-1].at
        own = [a for a in main.attempts if a.method == reading.method]
        attempts = (
            [own[-1].model_copy(update={"outcome": PostOutcome.PARTIAL.value, "reason_text": f"{CAME_WITH}{main.id}"})]
            if own
            else []
        )
        post = build_post(ref, attempts, [alone], cited_by=cited_by, fetch_time=at, retries=retries, media=media)
        out.append(post.model_copy(update={"status": PostStatus.CAPTURED_PARTIAL.value}))
    return out


def has_own_words(post: Post) -> bool:
    """Whether a state shows words that the network gave, and not those that an article prints."""
    return bool(post.text) and post.text_basis != "article-markup"


def is_whole(post: Post) -> bool:
    """Whether a state is the post with all its words."""
    return post.status == PostStatus.CAPTURED and post.text_complete is not False


def came_along(post: Post) -> bool:
    """Whether a state is only what an answer about another post showed: nobody asked for this one."""
    return bool(post.attempts) and all((a.reason_text or "").startswith(CAME_WITH) for a in post.attempts)
