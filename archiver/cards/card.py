"""One post as a card, in whatever state it is known.

Belongs here: what a card shows of a `Post`, and of a candidate that was not shown to be the post. Words are in `words`, markup in
`html`. A medium is shown only where `image` gives an address for it, which is the archive's business.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from archiver.cards.html import Content, Markup, direction, document, join, link, tag
from archiver.cards.style import SHEET
from archiver.cards.words import BASES, STATUSES, network_name
from archiver.models import CapturePointer
from archiver.models.base import rfc3339
from archiver.models.post import Attempt, Post, PostAuthor, PostMedium
from archiver.models.resolution import Candidate

Image = Callable[[PostMedium], str | None]
"""The address under which a medium can be loaded from the archive; None: it cannot."""

COUNTS = (("likes", "likes"), ("reposts", "reposts"), ("replies", "replies"), ("quotes", "quotes"), ("views", "views"))


def captured_image(medium: PostMedium) -> str | None:
    """The medium's own address where the archive holds its capture: replay leads it there. No other address is ever shown."""
    captured = medium.record_id is not None
    return medium.url if captured and medium.url.startswith(("http://", "https://")) else None


def post_card(post: Post, image: Image = captured_image, images: str = "'self' data:") -> str:
    """The card of a post as a page of its own. `images`: the sources that pictures may come from (CSP)."""
    who = post.author.name or post.author.username or "unknown author"
    title = f"{network_name(post.platform)}: {who}"
    return document(title, "en", card(post, image), SHEET, images)


def card(post: Post, image: Image = captured_image) -> Markup:
    """The card of a post as an element."""
    kind, sentence = STATUSES.get(post.status, ("unknown", f"Status: {post.status}."))
    return tag(
        "article",
        tag("header", _author(post.author), " · ", network_name(post.platform), _when(post)),
        tag("p", sentence, *_said(post), class_="state"),
        _words(post),
        _media(post, image),
        _relations(post),
        _metrics(post),
        _evidence(post.capture, post.url),
        _attempts(post.attempts),
        class_=f"card {kind}",
        id=None,
    )


def candidate_card(candidate: Candidate) -> Markup:
    """A post that may be meant, and was not shown to be."""
    when = f" · {stamp(candidate.published)}" if candidate.published else ""
    return tag(
        "article",
        tag("header", tag("bdi", candidate.author or "author unknown"), when),
        tag("p", "A candidate: it is not verified that the article means this post.", class_="state"),
        tag("div", candidate.text, class_="words", dir="auto") if candidate.text else None,
        tag("p", link(candidate.post_id, candidate.post_id), f" · coverage {candidate.score:.2f}", class_="meta"),
        class_="card candidate",
    )


def _author(author: PostAuthor) -> Markup:
    name = tag("b", tag("bdi", author.name or author.username or "author unknown"))
    username = tag("bdi", f"@{author.username}") if author.username else None
    return join([link(author.url, name), username], " ")


def _when(post: Post) -> Content:
    moment = post.published or post.id_time
    if moment is None:
        return " · time unknown"
    edited = join([" · edited ", _time(post.updated)]) if post.updated and post.updated != post.published else None
    return join([" · ", _time(moment), edited])


def _time(moment: datetime) -> Markup:
    return tag("time", stamp(moment), datetime=rfc3339(moment))


def stamp(moment: datetime) -> str:
    """A moment for people: UTC, to the minute."""
    return rfc3339(moment)[:16].replace("T", " ") + " UTC"


def _said(post: Post) -> list[Content]:
    """What else the networks' answers said: their own reason, the countries, the warning."""
    reasons = list(dict.fromkeys(a.reason_text for a in post.attempts if a.reason_text and a.outcome != "ok"))
    throttled = any(a.outcome == "throttled" for a in post.attempts) and post.status == "pending"
    return [
        " The network asked to be left alone for a while (429)." if throttled else None,
        join([" It said: ", *(tag("q", tag("bdi", reason)) for reason in reasons)]) if reasons else None,
        f" Withheld in: {', '.join(post.withheld)}." if post.withheld else None,
        " The network marks it as sensitive." if post.sensitive else None,
    ]


def _words(post: Post) -> Content:
    if not post.text:
        return tag("p", "No words of this post are in the archive.", class_="note") if not post.media else None
    notes = [BASES.get(post.text_basis or ""), "The words are cut." if post.text_complete is False else None]
    return join(
        [
            tag("div", post.text, class_="words", lang=post.language, dir=direction(post.language)),
            *(tag("p", note, class_="note") for note in notes if note),
        ]
    )


def _media(post: Post, image: Image) -> Content:
    return join(_medium(medium, image(medium)) for medium in post.media)


def _medium(medium: PostMedium, source: str | None) -> Markup:
    what = medium.alt or f"{medium.type} without a description"
    if source is None:
        return tag("p", f"[{medium.type}: ", tag("bdi", what), "; not in the archive] ", class_="note")
    if (
        medium.type != "image"
        and not source.startswith("data:image/")
        and not (medium.media_type or "image").startswith("image/")
    ):
        return tag("p", f"[{medium.type}: ", link(source, what), "]", class_="note")
    caption = tag("figcaption", tag("bdi", medium.alt)) if medium.alt else None
    size = {"width": medium.width, "height": medium.height}
    return tag("figure", tag("img", src=source, alt=medium.alt or "", **size), caption)


def _relations(post: Post) -> Content:
    rows = (("in reply to", post.in_reply_to), ("quotes", post.quoted), ("repeats", post.repost_of))
    shown = [join([f"{label} ", link(ref, tag("bdi", ref))]) for label, ref in rows if ref]
    return tag("p", join(shown, " · "), class_="meta") if shown else None


def _metrics(post: Post) -> Content:
    counts = [f"{value} {label}" for key, label in COUNTS if (value := getattr(post.metrics, key)) is not None]
    at = f", counted {stamp(post.metrics.at)}" if post.metrics.at else ""
    return tag("p", " · ".join(counts) + at, class_="meta") if counts else None


def _evidence(capture: CapturePointer | None, url: str) -> Markup:
    rows: list[tuple[str, Content]] = [("address", link(url, url))]
    rows += pointer_rows(capture)
    return definitions(rows)


def pointer_rows(capture: CapturePointer | None) -> list[tuple[str, Content]]:
    """Where the bytes are that prove it."""
    if capture is None:
        return [("evidence", "no capture: nothing of this was had from the network")]
    return [
        ("captured", stamp(capture.fetch_time)),
        ("evidence", f"{capture.warc_filename} bytes {capture.warc_record_offset}+{capture.warc_record_length}"),
        ("record", capture.warc_record_id),
        ("digest", capture.payload_digest),
    ]


def definitions(rows: list[tuple[str, Content]]) -> Markup:
    return tag("dl", *(join([tag("dt", name), tag("dd", value)]) for name, value in rows if value))


def _attempts(attempts: list[Attempt]) -> Content:
    if not attempts:
        return None
    head = tag("tr", *(tag("th", name) for name in ("asked", "by", "answer", "outcome", "record")))
    rows = (
        tag(
            "tr",
            tag("td", stamp(attempt.at)),
            tag("td", attempt.method),
            tag("td", str(attempt.http_status) if attempt.http_status else "none"),
            tag("td", join([attempt.outcome, tag("bdi", attempt.reason_text) if attempt.reason_text else None], ": ")),
            tag("td", attempt.warc_record_id or "none"),
        )
        for attempt in attempts
    )
    return tag(
        "details", tag("summary", f"what was asked ({len(attempts)})"), tag("table", head, *rows), class_="attempts"
    )
