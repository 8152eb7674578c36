"""The `post` document (posts/v1) and what was tried to get it. Unknown is null, never 0 and never guessed."""

from __future__ import annotations

from typing import Literal

from archiver.models.base import SCHEMA_VERSION, Instant, Record
from archiver.models.pointer import CapturePointer

TextBasis = Literal["syndication", "note", "oembed", "api", "page", "article-markup", "third-party"]


class PostAuthor(Record):
    """`id` is the platform's own (a number or a DID): usernames are renamed and reused."""

    id: str | None = None
    name: str | None = None
    username: str | None = None
    url: str | None = None
    icon: str | None = None
    type: Literal["person", "organization"] | None = None


class PostTag(Record):
    type: Literal["hashtag", "mention", "link"]
    name: str
    url: str | None = None


class PostMedium(Record):
    """`sha256` and `record_id` are known once the medium itself was captured."""

    type: Literal["image", "video", "audio", "animation"]
    url: str
    media_type: str | None = None
    alt: str | None = None
    width: int | None = None
    height: int | None = None
    sha256: str | None = None
    record_id: str | None = None


class PostMetrics(Record):
    """Counts as read at `at`."""

    likes: int | None = None
    replies: int | None = None
    reposts: int | None = None
    quotes: int | None = None
    views: int | None = None
    at: Instant | None = None


class Attempt(Record):
    """One exchange of a chain. `outcome` is a value of `archiver.reasons.PostOutcome`; `reason_text` is the answer's own."""

    method: str
    url: str | None = None
    at: Instant
    http_status: int | None = None
    content_type: str | None = None
    outcome: str
    reason_text: str | None = None
    warc_record_id: str | None = None
    retry_after: int | None = None


class CitedBy(Record):
    article: str
    kind: str


class PostProvenance(Record):
    """How the document was made: `parser` names the platform module and its version."""

    parser: str
    software: str


class Post(Record):
    """One state of one post, read from one capture."""

    schema_version: str = SCHEMA_VERSION
    record_type: Literal["post"] = "post"
    id: str
    platform: str
    native_id: str
    url: str
    author: PostAuthor = PostAuthor()
    published: Instant | None = None
    published_raw: str | None = None
    id_time: Instant | None = None
    updated: Instant | None = None
    text: str | None = None
    text_raw: str | None = None
    text_html: str | None = None
    entities_raw: str | None = None
    text_complete: bool | None = None
    text_basis: TextBasis | None = None
    language: str | None = None
    in_reply_to: str | None = None
    quoted: str | None = None
    repost_of: str | None = None
    conversation: str | None = None
    tags: list[PostTag] = []
    media: list[PostMedium] = []
    sensitive: bool | None = None
    edit_ids: list[str] = []
    withheld: list[str] = []
    metrics: PostMetrics = PostMetrics()
    status: str
    attempts: list[Attempt] = []
    obtained_via: str | None = None
    terms: str | None = None
    cited_by: list[CitedBy] = []
    capture: CapturePointer | None = None
    provenance: PostProvenance
    warnings: list[str] = []
