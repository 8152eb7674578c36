"""The shapes of asking for a post: a step of a chain, the answer it got, and what the answer says.

Belongs here: values that every network's module makes or takes. Nothing here asks anybody: a spider turns a `Step` into a
request and the recorded exchange into an `Answer`; `read` functions turn that into a `Reading`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from archiver.layout import OWN_SERIES
from archiver.models.pointer import CapturePointer
from archiver.models.post import PostAuthor, PostMedium, PostMetrics, PostTag, TextBasis
from archiver.reasons import NotAttempted, PostOutcome

REDIRECT = "redirect"
"""The method that asks a short link where it leads."""

WIKIDATA_METHODS = frozenset({"wikidata-search", "wikidata-items"})
"""The methods that ask Wikidata whose account is whose."""

HOMEPAGE = "homepage"
"""The method that asks the quoted outlet's own home page for its accounts."""

USERS = "api-users"
"""The method that asks X's paid API for the accounts of a name."""

ACCOUNT_METHODS = WIKIDATA_METHODS | {HOMEPAGE, USERS}
"""The methods that learn whose account is whose."""

OWN_ARCHIVE = "archive"
"""The method of posts that this archive has already: nobody is asked."""

INDEX_METHODS = frozenset({"wayback-index", REDIRECT}) | ACCOUNT_METHODS
"""Methods that show no post (lists of copies, short links, whose account is whose): their `ok` means "answered" and says nothing
about the post."""

ARCHIVE_METHODS = frozenset({"wayback"})
"""Methods that show a copy from another archive: it fills the text and leaves the live status alone."""


TWICE_METHODS = frozenset({"fxtwitter", "fxtwitter-search"})
"""Methods whose first "not found" does not count: they are asked again."""

DAILY_METHODS = frozenset({"timeline"})
"""Methods whose question is asked once in `DAY` seconds, in whichever run: who asks such an endpoint more often is refused for long."""

DAY = 86_400

AUTHORS_WISH = "!no-unauthenticated"
"""The reason of a `login_wall` that is the author's own: nobody else is asked for the post then."""

NOBODY, NO_METRICS = PostAuthor(), PostMetrics()


@dataclass(frozen=True, slots=True)
class Step:
    """One GET of a chain.

    `method` names it in attempts ("syndication", "oembed", ...). `endpoint` is the key of `PlatformOptions.bases` and serves as
    the download slot; `host_pace` is the least number of seconds between two requests to it. `terms` says under whose terms it may be kept.
    `dont_redirect`: a 3xx is the answer. `federated`: the host comes from a page, so only https and public addresses, at most
    one redirect and on the same host. `refused` says why the step may not be asked at all. `only_if_gone` steps come when all
    live answers say that the post is gone; a step that `confirms` is asked even when two agree on that, as long as none named the reason. `unless`: the HTTP status of an earlier answer after which the step is not asked. `depth` counts the pages of a listing. `headers` may hold a secret and are therefore left out of `repr`.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    host_pace: float = 1.0
    terms: str = "platform-public"
    dont_redirect: bool = False
    endpoint: str = ""
    federated: bool = False
    refused: NotAttempted | None = None
    only_if_gone: bool = False
    confirms: bool = False
    unless: int | None = None
    cost_usd: float = 0.0
    depth: int = 0

    @property
    def series(self) -> str | None:
        """The WARC series of its own that the terms ask for, None for the ordinary one."""
        return self.terms if self.terms in OWN_SERIES else None


@dataclass(frozen=True, slots=True)
class Answer:
    """A recorded answer. `body` is decoded (no content coding), `url` the address that answered after redirects.

    `status` is None when the wire failed; then `network_error` says how. `headers` are (name, value) in order.
    """

    status: int | None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    url: str = ""
    capture: CapturePointer | None = None
    network_error: str | None = None

    def header(self, name: str) -> str | None:
        """The first value of a header, by name without case; None when absent."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def content_type(self) -> str | None:
        """The media type in lower case without parameters."""
        value = (self.header("content-type") or "").partition(";")[0].strip().lower()
        return value or None


@dataclass(frozen=True, slots=True)
class Draft:
    """What one answer shows of a post: the fields of `archiver.models.Post` that a network can fill. None is unknown.

    `id` is the canonical URL (the post's name), `url` the one for people. `text_raw` is as sent; `text` is unescaped with
    its links expanded. `related` are the posts that came along (quoted post, parent), one level deep and without status.
    """

    platform: str
    native_id: str
    id: str
    url: str
    author: PostAuthor = NOBODY
    published: datetime | None = None
    published_raw: str | None = None
    updated: datetime | None = None
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
    tags: tuple[PostTag, ...] = ()
    media: tuple[PostMedium, ...] = ()
    sensitive: bool | None = None
    edit_ids: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    metrics: PostMetrics = NO_METRICS
    warnings: tuple[str, ...] = ()
    related: tuple[Draft, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What one answer says. `reason_text` is the answer's own wording; `retry_after` is in seconds.

    `leads` are steps that only this answer could name (a copy that an index lists, the server a remote view came from).
    `restricted`: the author asks not to be shown to people without a login, so replay must not show the capture to everyone.
    `method`, `terms` and `capture` are filled by `chain.take`.
    """

    outcome: PostOutcome
    reason_text: str | None = None
    post: Draft | None = None
    retry_after: int | None = None
    leads: tuple[Step, ...] = ()
    restricted: bool = False
    method: str = ""
    terms: str | None = None
    capture: CapturePointer | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """What one answer to a search by author and text shows: posts (`text` is None where only an id was found), newest first
    as sent, and `leads` to the next pages."""

    outcome: PostOutcome
    reason_text: str | None = None
    posts: tuple[Draft, ...] = ()
    retry_after: int | None = None
    leads: tuple[Step, ...] = ()
