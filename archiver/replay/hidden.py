"""What a replay and a package leave out: suppressed and restricted captures, and records that would replay wrongly.

Belongs here: the decision by index line, with its reason. The bytes stay in the WARC; taking those out is a procedure of its own.
What is suppressed, `archiver.suppression` says; here are the captures that its URLs do not name (a network's answer about a post has
another URL than the post).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from archiver.archive import Archive
from archiver.cards import card_name, page_name
from archiver.cards.names import CARD
from archiver.index import line_values
from archiver.models import CapturePointer
from archiver.models.post import Post
from archiver.platforms.build import NOT_PUBLIC
from archiver.platforms.views import SOCIAL_POST
from archiver.suppression import Suppressed
from archiver.urls import surt_key

NOT_MODIFIED = "not-modified"
"""A revisit with status 304 would replay as a bare 304; the full record it stands for is in the index itself."""
SUPPRESSED = "suppressed"
RESTRICTED = "archiving-restricted"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Hidden:
    """`restricted` holds the SURT keys of pages that say `noarchive`; `gone` those of redirects to suppressed articles;
    `records` the ids of captures that go with a suppressed document; `posts` the names of suppressed posts in `urn:` targets;
    `private` the ids of answers about posts whose authors are not shown to people without a login, `unshown` the keys of what
    was made of other answers about them."""

    suppressed: Suppressed = field(default_factory=Suppressed)
    restricted: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()
    records: frozenset[str] = frozenset()
    posts: tuple[str, ...] = ()
    private: frozenset[str] = frozenset()
    unshown: frozenset[str] = frozenset()

    def why(self, values: dict[str, str]) -> str | None:
        """The reason that a line (as `line_values` gives it) is left out; None when it may be seen."""
        if values.get("mime") == "warc/revisit" and values.get("status") == "304":
            return NOT_MODIFIED
        url = values.get("url", "")
        if self.suppressed and (
            values.get("warc_record_id") in self.records
            or values["key"] in self.gone
            or self.suppressed.covers_index(_web(url), values.get("filename", ""))
            or (url.startswith("urn:") and any(f":{name}" in f"{url}:" for name in self.posts))
        ):
            return SUPPRESSED
        if "A" in values.get("robotflags", "") or values.get("warc_record_id") in self.private:
            return RESTRICTED
        if (
            values["key"] in self.restricted
            or values["key"] in self.unshown
            or (url.startswith("urn:") and surt_key(_web(url)) in self.restricted)
        ):
            return RESTRICTED
        return None

    def visible(self, lines: Iterable[bytes], left_out: Counter[str]) -> Iterator[bytes]:
        """The lines that may be seen; the others are counted by reason in `left_out`."""
        for line in lines:
            try:
                reason = self.why(line_values(line))
            except ValueError:
                reason = UNREADABLE
            if reason is None:
                yield line
            else:
                left_out[reason] += 1


def hidden_of(archive: Archive) -> Hidden:
    """What the archive's tombstones, the opt-out list and its own documents keep out of sight."""
    suppressed = archive.suppressed()
    whole = Archive(archive.store, everything=True)
    restricted: set[str] = set()
    gone: set[str] = set()
    records: set[str] = set()
    for article in whole.articles():
        if article.rights.archiving_restricted:
            restricted |= {surt_key(article.url), surt_key(article.requested_url)}
        if suppressed and suppressed.covers_article(article):
            gone |= {surt_key(hop.url) for hop in article.redirects}
            records |= {one for one in _records_of(article.capture) if one}
    for run in whole.runs():  # pages that gave no document say it, too
        for refusal in run.refusals:
            if refusal.archiving_restricted:
                restricted |= {surt_key(refusal.url), surt_key(refusal.requested_url or refusal.url)}
    posts: list[Post] = []
    private: set[str] = set()
    unshown: set[str] = set()
    for post in whole.posts():
        if suppressed and suppressed.covers_post(post):
            posts.append(post)
            records |= _answers_about(post)
        if NOT_PUBLIC in post.warnings:
            private |= _answers_about(post)
            unshown.add(surt_key(f"{SOCIAL_POST}{post.platform}:{post.native_id}"))
    gone |= _pages_of(whole, {post.id for post in posts})
    names = tuple(
        {f"{post.platform}:{post.native_id}:" for post in posts}
        | {card_name(post.platform, post.native_id).removeprefix(CARD) + ":" for post in posts}
    )
    return Hidden(
        suppressed,
        frozenset(restricted),
        frozenset(gone),
        frozenset(records),
        names,
        frozenset(private),
        frozenset(unshown),
    )


def _answers_about(post: Post) -> set[str]:
    """The ids of the captures in which a network told of a post."""
    captured = {post.capture.warc_record_id} if post.capture else set()
    return captured | {attempt.warc_record_id for attempt in post.attempts if attempt.warc_record_id}


def _records_of(pointer: CapturePointer) -> tuple[str | None, ...]:
    """The record that a document was read from, and the page as served where that is a DOM."""
    served = pointer.refers_to if pointer.warc_type == "resource" else None
    return pointer.warc_record_id, served.warc_record_id if served else None


def _pages_of(archive: Archive, posts: set[str]) -> set[str]:
    """The keys of our own pages of articles that show one of these posts."""
    citing = {one.article_id for one in archive.resolutions() if one.post_id in posts} if posts else set()
    return (
        {surt_key(page_name(article.url)) for article in archive.articles() if article.id in citing}
        if citing
        else set()
    )


def _web(url: str) -> str:
    """The web address inside a `urn:` target such as urn:pageinfo:URL; other targets as they are."""
    at = url.find("http")
    return url[at:] if url.startswith("urn:") and at > 0 else url
