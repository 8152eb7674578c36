"""From the records of a run to its `post` and `resolution` documents.

Belongs here: putting together what the chains recorded. Pure: the same records give the same bytes, so the crawl, a crash's
publish and `archiver extract` all call this and nothing else. Who asks for posts is `spiders.posts`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from archiver.errors import Refused
from archiver.models import Capture, CapturePointer
from archiver.models.article import Citation
from archiver.models.post import Attempt, CitedBy, Post
from archiver.payload import decode
from archiver.platforms import PLATFORMS, PostRef, chain, mastodon, named, short
from archiver.platforms.steps import ACCOUNT_METHODS, OWN_ARCHIVE, Answer, Reading, Step
from archiver.platforms.views import SOCIAL_POST

LEFTOVER = "urn:arc-attempts:"
FOLLOW = "urn:arc-follow:"
"""Begins the targets of the side records of a follow run: the articles it concludes about, and what was known of its posts."""


def reference_of(citation: Citation) -> PostRef | None:
    """The post that a citation's URL names. Markup or words that say Mastodon let an unknown host be asked as one."""
    ref = named(citation.url) if citation.url else None
    said = citation.evidence.markup.lower()
    return mastodon.of_markup(ref) if ref and ref.platform == mastodon.NAME and "mastodon" in said else ref


def ask_of(ref: PostRef, article_id: str, article_record: str, number: int, kind: str) -> dict[str, Any]:
    """What the captures of a chain say about why they were made (`CrawlContext.post`)."""
    return {
        "platform": ref.platform,
        "native_id": ref.native_id,
        "url": ref.canonical_url,
        "username": ref.username,
        "extra": dict(ref.extra),
        "article": article_id,
        "article_record": article_record,
        "citation": number,
        "kind": kind,
    }


def search_of(
    platform: str,
    article_id: str,
    article_record: str,
    number: int,
    username: str | None,
    basis: str | None,
    user_id: str | None = None,
    evidence: Sequence[str] = (),
) -> dict[str, Any]:
    """What the captures of a search say about why they were made. `basis` says why the author is believed to be `username`,
    `evidence` are the records that say so, `user_id` is the network's own number for the account."""
    return {
        "search": True,
        "platform": platform,
        "article": article_id,
        "article_record": article_record,
        "citation": number,
        "username": username,
        "basis": basis,
        "user_id": user_id,
        "evidence": list(evidence),
    }


def short_of(ref: PostRef, article_id: str, article_record: str, number: int, kind: str) -> dict[str, Any]:
    """What the captures of a short link's hops say about why they were made."""
    return {
        "short": ref.canonical_url,
        "platform": ref.platform,
        "article": article_id,
        "article_record": article_record,
        "citation": number,
        "kind": kind,
    }


def ref_of(ask: Mapping[str, Any]) -> PostRef | None:
    """The reference again; None when the dict is none of ours (a foreign or damaged metadata record)."""
    if ask.get("platform") not in PLATFORMS or not isinstance(ask.get("native_id"), str):
        return None
    extra = ask.get("extra")
    username = ask.get("username")
    return PostRef(
        ask["platform"],
        ask["native_id"],
        str(ask.get("url")),
        username if isinstance(username, str) else None,
        {str(key): str(value) for key, value in extra.items()} if isinstance(extra, dict) else {},
    )


def answer_of(capture: Capture) -> Answer:
    """A recorded answer as the networks' modules read it. A body that cannot be decoded is an empty one with its reason."""
    try:
        body, trouble = decode(capture.body, capture.header_values("content-encoding")), None
    except Refused as refused:
        body, trouble = b"", str(refused)
    if capture.pointer.truncated:
        trouble = f"truncated: {capture.pointer.truncated}"
    status = None if trouble else capture.status
    return Answer(status, capture.headers, body, capture.url, capture.pointer, trouble)


def step_of(ask: Mapping[str, Any]) -> Step:
    """The step that a capture's cause names, as far as reading its answer needs it."""
    depth = ask.get("depth")
    return Step(
        str(ask.get("method")),
        str(ask.get("step")),
        terms=str(ask.get("terms")),
        depth=depth if isinstance(depth, int) else 0,
    )


def leftover_target(cause: Mapping[str, Any]) -> str:
    """The `urn:` of the side record about a chain or a search."""
    if "short" in cause:
        return f"{LEFTOVER}short:{quote(str(cause['short']), safe='')}"
    what = cause.get("native_id") or f"search:{cause.get('article_record')}:{cause.get('citation')}"
    return f"{LEFTOVER}{cause.get('platform')}:{what}"


def leftover_block(
    cause: Mapping[str, Any], attempts: Sequence[Attempt], archived: Sequence[Post] = (), before: Post | None = None
) -> bytes:
    """The side record of the attempts that no capture shows: nothing came back, or nothing was asked. `archived` are the posts of
    earlier runs that a search had before it, `before` is the last state of a post that was known when it was cited again."""
    block: dict[str, Any] = {
        "post": dict(cause),
        "attempts": [attempt.model_dump(mode="json") for attempt in attempts],
    }
    if archived:
        block["archived"] = [post.model_dump(mode="json") for post in archived]
    if before:
        block["before"] = before.model_dump(mode="json")
    return json.dumps(block).encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Normalised:
    """A post as one answer shows it, in the form of its document: the block of a `conversion` record of that answer."""

    target: str
    block: bytes
    moment: datetime
    refers_to: str
    terms: str | None


def normalised(ref: PostRef, cause: Mapping[str, Any], attempt: Attempt, reading: Reading) -> list[Normalised]:
    """The post that an answer shows, and those that came along with it; [] where it shows none that may be shown.

    The post's document rests on all answers together, and is made from them: nothing is ever read from these.
    """
    pointer = reading.capture
    if reading.post is None or reading.restricted or pointer is None:
        return []
    cited_by = [CitedBy(article=str(cause.get("article")), kind=str(cause.get("kind")))]
    main = chain.build_post(ref, [attempt], [reading], cited_by=cited_by, fetch_time=pointer.fetch_time)
    along = {post.native_id: post for post in chain.related_posts(main, reading, cited_by=cited_by)}
    return [
        Normalised(
            f"{SOCIAL_POST}{post.platform}:{post.native_id}",
            post.model_dump_json().encode("utf-8", "replace"),
            pointer.fetch_time,
            pointer.warc_record_id,
            reading.terms,
        )
        for post in (main, *along.values())
    ]


@dataclass(slots=True)
class Chained:
    """What the records of one run say about one post. `asked` maps the number of an attempt to its last capture."""

    ref: PostRef
    cause: Mapping[str, Any]
    asked: dict[int, Capture] = field(default_factory=dict)
    left: list[Attempt] = field(default_factory=list)
    media: dict[str, CapturePointer] = field(default_factory=dict)
    before: Post | None = None
    """Its last state with words of its own, where it was known."""

    @property
    def remembered(self) -> Post | None:
        """That state, with what was noted of looking it up, where the archive had the post and no network was asked."""
        known = not self.asked and self.left and all(attempt.method == OWN_ARCHIVE for attempt in self.left)
        return self.before.model_copy(update={"attempts": self.left}) if known and self.before else None


@dataclass(slots=True)
class Searched:
    """What the records of one run say about the search for the post that one quotation was taken from. `archived` are posts of earlier
    runs by the same author."""

    cause: Mapping[str, Any]
    asked: dict[int, Capture] = field(default_factory=dict)
    left: list[Attempt] = field(default_factory=list)
    archived: list[Post] = field(default_factory=list)


@dataclass(slots=True)
class Shortened:
    """What the records of one run say about where a short link leads."""

    cause: Mapping[str, Any]
    asked: dict[int, Capture] = field(default_factory=dict)
    left: list[Attempt] = field(default_factory=list)

    def end(self) -> tuple[PostRef | None, list[Attempt]]:
        """(the post it leads to, the attempts in order)."""
        attempts, found = list(self.left), None
        for number in sorted(self.asked):
            capture = self.asked[number]
            step, answer = step_of(capture.context.post or {}), answer_of(capture)
            reading, _, ref = short.read(answer, str(self.cause["platform"]))
            attempts.append(chain.attempt_of(step, answer, reading, capture.pointer.fetch_time))
            found = found or ref
        return found, _once(attempts)


@dataclass(slots=True)
class Gathered:
    """The chains of a run by (network, id), its searches by (article record, number of the citation), its short links by URL."""

    posts: dict[tuple[str, str], Chained] = field(default_factory=dict)
    shorts: dict[str, Shortened] = field(default_factory=dict)
    searches: dict[tuple[str, int], Searched] = field(default_factory=dict)
    lists: dict[str, Capture] = field(default_factory=dict)
    """What searches were answered, by record id: one question's answer serves every quotation that has it."""

    def about(self, ask: Mapping[str, Any]) -> Chained | Searched | Shortened | None:
        """Where a record with this cause belongs; None when the cause is none of ours (a foreign or damaged record)."""
        if "short" in ask:
            if not isinstance(ask["short"], str) or ask.get("platform") not in PLATFORMS:
                return None
            return self.shorts.setdefault(ask["short"], Shortened(ask))
        if "search" in ask:
            if not isinstance(ask.get("citation"), int) or ask.get("platform") not in PLATFORMS:
                return None
            search = self.searches.setdefault((str(ask.get("article_record")), ask["citation"]), Searched(ask))
            if any(ask.get(name) and not search.cause.get(name) for name in ("username", "basis", "user_id")):
                search.cause = ask  # the account, or why it is the author's, was learnt on the way
            return search
        ref = ref_of(ask)
        return self.posts.setdefault(ref.key, Chained(ref, ask)) if ref else None


def gather(captures: Iterable[Capture], leftovers: Iterable[bytes]) -> Gathered:
    """The chains and searches of a run in the order of their first record. Redirect hops give way to what they led to.

    `leftovers` are the blocks of side records: attempts that no capture shows, and what was known before.
    """
    found = Gathered()
    for capture in captures:
        ask = capture.context.post
        about = found.about(ask) if ask else None
        if ask is None or about is None:
            continue
        if isinstance(about, Chained) and isinstance(ask.get("medium"), str):
            if 200 <= (capture.pointer.fetch_status or 0) < 300:  # neither a redirect nor an error is the medium
                about.media[ask["medium"]] = capture.pointer
        elif isinstance(ask.get("n"), int):
            about.asked[ask["n"]] = capture
            if isinstance(about, Searched) and ask.get("method") not in ACCOUNT_METHODS:
                found.lists[capture.pointer.warc_record_id] = capture
    for block in leftovers:
        note = _note(block)
        if note and (about := found.about(note["post"])):
            about.left += [Attempt.model_validate(item) for item in note["attempts"]]
            if isinstance(about, Chained) and note.get("before"):
                about.before = Post.model_validate(note["before"])
            if isinstance(about, Searched):
                about.archived += [Post.model_validate(item) for item in note.get("archived") or ()]
    return found


def _note(block: bytes) -> dict[str, Any] | None:
    try:
        note = json.loads(block)
    except (ValueError, RecursionError):
        return None
    good = isinstance(note, dict) and isinstance(note.get("post"), dict) and isinstance(note.get("attempts"), list)
    return note if good else None


def posts_of(about: Chained, citation: Citation | None) -> tuple[Post, list[Post]]:
    """(the document of one post from what a run recorded about it, those of the posts that came along: quoted ones and parents).

    `citation` is the one that caused the chain.
    """
    attempts: list[Attempt] = list(about.left)
    readings: list[Reading] = []
    for number in sorted(about.asked):
        capture = about.asked[number]
        step = step_of(capture.context.post or {})
        attempt, reading = chain.take(about.ref, step, answer_of(capture), capture.pointer.fetch_time)
        attempts.append(attempt)
        readings.append(reading)
    attempts = _once(attempts)
    cited_by = [CitedBy(article=str(about.cause.get("article")), kind=str(about.cause.get("kind")))]
    post = chain.build_post(
        about.ref,
        attempts,
        readings,
        cited_by=cited_by,
        embedded=_embedded(citation),
        fetch_time=_moment(attempts),
        known_to_exist=about.before is not None,
        media=about.media,
    )
    return post, _came_along(post, readings, cited_by, about.media)


def _came_along(
    post: Post, readings: Sequence[Reading], cited_by: Sequence[CitedBy], media: Mapping[str, CapturePointer]
) -> list[Post]:
    """One document for each other post that the answers showed, from the first answer that did."""
    found: dict[tuple[str, str], Post] = {}
    for reading in readings:
        if not reading.restricted:
            for other in chain.related_posts(post, reading, cited_by=cited_by, media=media):
                found.setdefault((other.platform, other.native_id), other)
    return list(found.values())


def _once(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Attempts in the order of time; one that was noted and has a capture as well counts once, as noted."""
    kept: dict[tuple[str, str | None, str | None], Attempt] = {}
    for attempt in attempts:
        kept.setdefault((attempt.method, attempt.url, attempt.warc_record_id or attempt.at.isoformat()), attempt)
    return sorted(kept.values(), key=lambda attempt: attempt.at)


def _moment(attempts: Sequence[Attempt]) -> datetime:
    return max(attempt.at for attempt in attempts)


def _embedded(citation: Citation | None) -> chain.Embedded | None:
    if citation is None or citation.kind != "embed":
        return None
    author = citation.embedded_author
    return chain.Embedded(
        citation.embedded_text,
        author.name if author else None,
        author.username if author else citation.username,
        author.url if author else None,
    )
