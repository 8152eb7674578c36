"""What must not be shown: tombstones of the archive and the operator's opt-out list, as one thing to ask.

Belongs here: whether something is covered. Reading tombstones from a store is `Archive.suppressed`; making them is
`archiver.takedown`. Everything that shows, exports or replays the archive asks here, before it gives anything away:

    suppressed = archive.suppressed()                  # a Suppressed; cheap to ask for again
    suppressed.covers(url) -> Tombstone | None         # any URL: of a page, a requisite, a feed
    suppressed.covers_capture(capture)                 # its URL, the pages it was asked for, its post, its run
    suppressed.covers_article(article), .covers_post(post), .covers_resolution(resolution)
    suppressed.covers_index(url, filename)             # a CDXJ line: by URL, and by the run that the WARC's name holds

Whoever builds an index or an export ahead of time compares `suppressed.stamp` (a digest of the whole list) with that of the build.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time
from urllib.parse import unquote

from archiver.layout import segment_name
from archiver.models import Article, Capture
from archiver.models.post import Post
from archiver.models.resolution import Resolution
from archiver.models.tombstone import Scope, Tombstone
from archiver.optout import OptOut
from archiver.platforms import match
from archiver.platforms.views import SOCIAL_POST
from archiver.urls import canonical, document_id, host_of, surt_key

BY_OPTOUT = "optout.toml"
"""`by` of what the opt-out list covers: it has no tombstone, so it is shown as one."""


class Suppressed:
    """A set of tombstones, less those that were revoked, and an opt-out list. A look-up costs the same however many there are.

    `names`: run id -> the ids that stand in the names of the run's files where an erasure gave them others (`Archive.suppressed_by`).
    """

    def __init__(
        self,
        tombstones: Iterable[Tombstone] = (),
        optout: OptOut | None = None,
        names: Mapping[str, Iterable[str]] = {},
    ) -> None:
        every = list(tombstones)
        lifted = {known.revokes for known in every if known.revokes}
        self.tombstones = [known for known in every if not known.revokes and known.id not in lifted]
        self._optout = optout or OptOut()
        self._by: dict[Scope, dict[str, Tombstone]] = {}
        for known in self.tombstones:
            also = names.get(known.target, ()) if known.scope == "run" else ()
            for target in (known.target, *also):
                self._by.setdefault(known.scope, {}).setdefault(_key(known.scope, target), known)
        self.stamp = hashlib.sha256(
            "\n".join([*sorted(known.id for known in self.tombstones), self._optout.stamp]).encode()
        ).hexdigest()

    def __bool__(self) -> bool:
        return bool(self.tombstones or self._optout)

    def covers(self, url: str) -> Tombstone | None:
        """The tombstone that covers a URL: its own, its host's, its article's or its post's. http, https and www count as one."""
        if not self:
            return None
        return (
            self._find("url", url)
            or self._host(url)
            or (self._find("post", url) if "post" in self._by else None)
            or (self._find("article", document_id(canonical(url))) if "article" in self._by else None)
            or self._opted_out(url)
        )

    def covers_name(self, name: str) -> Tombstone | None:
        """What a person may type: a URL, or the id of an article."""
        return self._find("article", name) if name.startswith("urn:") else self.covers(name)

    @property
    def covers_runs(self) -> bool:
        """Whether a run as a whole is covered."""
        return "run" in self._by

    def covers_file(self, filename: str) -> Tombstone | None:
        """Whether a WARC goes as a whole, with its run; `filename` is its key or name."""
        name = segment_name(filename) if self.covers_runs else None
        return self.covers_run(name.run_id) if name else None

    def covers_run(self, run_id: str | None) -> Tombstone | None:
        return self._by.get("run", {}).get(run_id or "")

    def covers_index(self, url: str, filename: str) -> Tombstone | None:
        """Whether a line of an index may be shown; `filename` is the WARC's key or name."""
        if not self:
            return None
        return self.covers(url) or self.covers_file(filename)

    def covers_side(self, target: str, block: bytes = b"") -> Tombstone | None:
        """Whether a `urn:` record of ours goes: by the URL or the post in its name, or by the article or post that it tells of.

        Notes (`urn:arc-…`) and normalised posts hold documents; cards and pages hold the words of posts, so those go in whose block a post's id occurs.
        """
        if not self:
            return None
        at, parts = target.find("http"), target.split(":", 3)
        name = unquote(target[at:]) if at > 0 else None
        if name and (found := self.covers(name)):
            return found
        posts = self._by.get("post", {})
        if len(parts) == 4 and (found := posts.get(f"{parts[2]} {unquote(parts[3])}")):
            return found
        if target.startswith(SOCIAL_POST):
            return self._covers_normalised(block)
        if target.startswith("urn:arc-"):
            return self._covers_note(block)
        if target.startswith(("urn:post-card:", "urn:article-page:")):
            return next((known for key, known in posts.items() if key.rpartition(" ")[2].encode() in block), None)
        return None

    def _covers_normalised(self, block: bytes) -> Tombstone | None:
        try:
            return self.covers_post(Post.model_validate_json(block))
        except ValueError:
            return None

    def _covers_note(self, block: bytes) -> Tombstone | None:
        """A note in JSON about an article or a post."""
        try:
            note = json.loads(block)
            if isinstance(note, dict) and isinstance(note.get("article"), dict):
                return self.covers_article(Article.model_validate(note["article"]))
            about = note.get("post") if isinstance(note, dict) else None
            url = about.get("url") if isinstance(about, dict) else None
            found = self.covers(url) if isinstance(url, str) else None
            if found is None and isinstance(note, dict) and isinstance(note.get("before"), dict):
                return self.covers_post(Post.model_validate(note["before"]))
            return found
        except (ValueError, RecursionError):
            return None

    def covers_capture(self, capture: Capture) -> Tombstone | None:
        """A capture goes with its URL, with the page that it answers for a redirect, with its post, and with its run."""
        if not self:
            return None
        context = capture.context
        asked, post = context.requested_url, (context.post or {}).get("url")
        return (
            self.covers_index(capture.url, capture.pointer.warc_filename)
            or self.covers_run(context.run_id)
            or (self.covers(asked) if asked else None)
            or (self.covers(post) if isinstance(post, str) else None)
        )

    def covers_article(self, article: Article) -> Tombstone | None:
        """An article goes by any of its names, and with its run."""
        if not self:
            return None
        urls = (article.url, article.requested_url, article.canonical_url, article.amp_url)
        return (
            self._find("article", article.id)
            or self._find("article", article.version_id)
            or self.covers_run(article.crawl.run_id)
            or next((found for url in urls if url and (found := self.covers(url))), None)
        )

    def covers_post(self, post: Post) -> Tombstone | None:
        """A post goes by its id or URL, and with the run that captured it."""
        if not self:
            return None
        own = self.covers(post.url) or self.covers(post.id)
        return own or (self.covers_file(post.capture.warc_filename) if post.capture else None)

    def covers_resolution(self, resolution: Resolution) -> Tombstone | None:
        """A resolution goes with its article, with its post, and with the run whose capture it rests on."""
        if not self:
            return None
        return (
            self._find("article", resolution.article_id)
            or self._find("article", resolution.article_version_id)
            or (self.covers(resolution.post_id) if resolution.post_id else None)
            or self.covers_file(resolution.capture.warc_filename)
        )

    def shown_lines(self, key: str, lines: Iterable[bytes]) -> Iterator[bytes]:
        """The documents of a `posts/` or `resolutions/` file that are not covered. Raises `ValueError` for a line that is none."""
        for line in lines:
            covered = None
            if not self:
                pass
            elif key.startswith("posts/"):
                covered = self.covers_post(Post.model_validate_json(line))
            else:
                covered = self.covers_resolution(Resolution.model_validate_json(line))
            if covered is None:
                yield line

    def without_candidates(self, resolution: Resolution) -> Resolution:
        """The resolution without the words of posts that are covered."""
        left = [one for one in resolution.candidates if not self.covers(one.post_id)]
        if len(left) == len(resolution.candidates):
            return resolution
        return resolution.model_copy(update={"candidates": left})

    def _find(self, scope: Scope, target: str) -> Tombstone | None:
        known = self._by.get(scope)
        return known.get(_key(scope, target)) if known else None

    def _host(self, url: str) -> Tombstone | None:
        hosts = self._by.get("host")
        name = host_of(url).rstrip(".") if hosts else ""
        while hosts and name:
            if name in hosts:
                return hosts[name]
            name = name.partition(".")[2]
        return None

    def _opted_out(self, url: str) -> Tombstone | None:
        entry = self._optout.covers(url)
        if entry is None:
            return None
        scope: Scope = "url" if "://" in entry.what else "host"
        at = datetime.combine(entry.date, time(), UTC)
        return Tombstone(
            id=f"optout:{entry.what}", scope=scope, target=entry.what, reason=entry.reason, at=at, by=BY_OPTOUT
        )


class Erasures:
    """Erasures that were carried out: (when, ids of the tombstones), and the tombstones, lifted ones too."""

    def __init__(self, done: Iterable[tuple[datetime, list[str]]], tombstones: Iterable[Tombstone]) -> None:
        known = {one.id: one for one in tombstones}
        self._done = [(at, [known[name] for name in ids if name in known]) for at, ids in done]

    def of(self, started: datetime) -> Suppressed:
        """What went out of a run that began at `started`: made again from its records, it must not come back. What a later run
        captured anew is not meant."""
        return Suppressed(one for at, tombstones in self._done if at > started for one in tombstones)


def _key(scope: Scope, target: str) -> str:
    """What a target is compared by. A post has several URLs (with and without its author's name), and one id of its network."""
    if scope == "post" and (ref := match(target)):
        return " ".join(ref.key)
    if scope in ("url", "post"):
        return surt_key(target)
    return target.strip().lower().rstrip(".") if scope == "host" else target
