"""Archive: everything under one store URL, for readers.

Belongs here: reading what manifests list: articles, captures, payloads. Writing is `archiver.publish`; checking is
`archiver.audit`.

    archive = Archive("./archive")
    for article in archive.articles(source="example", since="2026-11-01"): ...
    archive.captures("https://www.example.com/page")     # every capture of a URL, oldest first
    archive.payload(article.capture)                     # decoded bytes

Readers leave out what tombstones and the opt-out list cover (`archiver.suppression`); who checks or mends asks for `everything`.
"""

from __future__ import annotations

import gzip
import io
import shutil
import tempfile
import zlib
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from archiver import platforms
from archiver.config import DEFAULT_OPTOUT
from archiver.errors import StoreError, SuppressedError, UsageError, WarcError
from archiver.index import ArchiveIndex, line_values
from archiver.layout import segment_name, state_folder
from archiver.models import Article, Capture, CapturePointer, RunManifest
from archiver.models.article import Citation
from archiver.models.base import Record, what_is_wrong
from archiver.models.post import Post
from archiver.models.resolution import Resolution
from archiver.models.tombstone import Tombstone
from archiver.optout import OptOut, read_optout
from archiver.paging import pages_in_order
from archiver.payload import decode
from archiver.platforms.build import came_along
from archiver.store import Store, open_store
from archiver.suppression import Erasures, Suppressed
from archiver.urls import canonical, surt_key
from archiver.warc import read_capture_at, read_capture_in
from archiver.warc.index import read_cdxj
from archiver.warc.records import head_end

Document = TypeVar("Document", bound=Record)


class Archive:
    """An archive by store URL (a folder) or by an open `Store`. Reading trusts only what a manifest lists.

    `optout` is the operator's list; by default `optout.toml` of the current folder, where there is one. With `everything` nothing is
    left out: for the archive's own upkeep, never for showing.
    """

    def __init__(
        self, store: str | Path | Store, *, optout: Path | OptOut | None = None, everything: bool = False
    ) -> None:
        self.store: Store = open_store(str(store)) if isinstance(store, str | Path) else store
        self._everything = everything
        self._optout = OptOut() if everything else _optout_of(optout)
        self._suppressed: tuple[tuple[str, ...], Suppressed] = ((), Suppressed((), self._optout))

    def suppressed(self) -> Suppressed:
        """What must not be shown, as it is now. Raises `StoreError` when a tombstone cannot be read: then nothing is shown."""
        keys = () if self._everything else tuple(self.store.list("tombstones/v1/"))
        # An erasure gives a run's files other names, and its manifest says which.
        state = (*keys, *self.manifests()) if self._suppressed[1].covers_runs else keys
        if state != self._suppressed[0]:
            self._suppressed = state, self.suppressed_by(self._tombstones(keys))
        return self._suppressed[1]

    def suppressed_by(self, tombstones: Iterable[Tombstone]) -> Suppressed:
        """These tombstones and the opt-out list as one thing to ask. The files of a run bear its id in their names until an erasure gives
        them others: which those are, its manifest says. Raises `StoreError` when that cannot be read."""
        every = list(tombstones)
        runs = {one.target for one in every if one.scope == "run"}
        keys = [key for key in self.manifests() if key.split("/")[-2] in runs] if runs else []
        names = {
            run.run_id: {name.run_id for file in run.files if (name := segment_name(file.key))}
            for run in map(self.manifest, keys)
        }
        return Suppressed(every, self._optout, names)

    def tombstones(self) -> list[Tombstone]:
        """Every tombstone that is stored, committed or not: what is to be hidden is hidden at once."""
        return list(self._tombstones(self.store.list("tombstones/v1/")))

    def erasures(self) -> Erasures:
        """What was taken out of the files, whether its tombstones are still in force or not."""
        done = [(run.started, run.erased) for run in self.runs() if run.erased]
        return Erasures(done, self.tombstones() if done else [])

    def _tombstones(self, keys: Iterable[str]) -> Iterator[Tombstone]:
        return (_document(Tombstone, line) for key in keys for line in self._lines_of(key))

    def runs(self) -> Iterator[RunManifest]:
        """The manifests of all committed runs, oldest first. Raises `StoreError` for one that cannot be read."""
        return map(self.manifest, self.manifests())

    def manifests(self) -> Iterator[str]:
        """Keys of the manifests of all committed runs, oldest first."""
        marks = (key for key in self.store.list("runs/") if key.endswith("/_SUCCESS"))
        return (f"{key.removesuffix('_SUCCESS')}manifest.json" for key in marks)

    def manifest(self, key: str) -> RunManifest:
        """One run's manifest. Raises `StoreError`."""
        try:
            return RunManifest.model_validate_json(self.store.read(key))
        except ValueError as error:
            raise StoreError(f"{key}: not a run manifest: {what_is_wrong(error)}") from error

    def files(self, prefix: str) -> Iterator[str]:
        """Keys that manifests list below `prefix`, by run. Raises `StoreError` where a listed tombstone is not there: nothing is shown
        before it is back."""
        found: list[str] = []
        tombstones: list[str] = []
        for run in self.runs():
            for file in run.files:
                if file.key.startswith(prefix):
                    found.append(file.key)
                if file.key.startswith("tombstones/"):
                    tombstones.append(file.key)
        if tombstones and not self._everything:
            self._must_be_there(tombstones)
        return iter(found)

    def tombstones_must_be_there(self) -> None:
        """Raises `StoreError` where a tombstone that a manifest lists is not in the store."""
        self._must_be_there(list(self.files("tombstones/")))

    def _must_be_there(self, tombstones: list[str]) -> None:
        there = set(self.store.list("tombstones/v1/")) if tombstones else set()
        lost = [key for key in tombstones if key not in there and not self.store.exists(key)]
        if lost:
            raise StoreError(
                f"{lost[0]}: a manifest lists it, and it is not there, so what must not be shown is not known; "
                "put it back from a copy (`archiver check` names all that is lost)"
            )

    def lines(self, source: str | None = None) -> Iterator[bytes]:
        """Every article document as it is stored, one JSON line each."""
        suppressed = self.suppressed()
        for line in self._stored("articles/v1/", f"/source={source}/" if source else ""):
            if not suppressed or not suppressed.covers_article(_document(Article, line)):
                yield line

    def lines_of(self, run: RunManifest) -> Iterator[bytes]:
        """The article documents of one run, as `lines` gives them."""
        suppressed = self.suppressed()
        for file in run.files:
            for line in self._lines_of(file.key) if file.key.startswith("articles/v1/") else ():
                if not suppressed or not suppressed.covers_article(_document(Article, line)):
                    yield line

    def _stored(self, prefix: str, part: str = "") -> Iterator[bytes]:
        """The JSON lines of every listed file below `prefix` whose key holds `part`. Raises `StoreError` for damage."""
        for key in self.files(prefix):
            if part in key:
                yield from self._lines_of(key)

    def _lines_of(self, key: str) -> Iterator[bytes]:
        try:
            yield from gzip.GzipFile(fileobj=io.BytesIO(self.store.read(key)))
        except (OSError, EOFError, zlib.error) as error:
            raise StoreError(f"{key}: damaged: {error}; `archiver check` says more") from error

    def articles(
        self, source: str | None = None, since: str | datetime | None = None, until: str | datetime | None = None
    ) -> Iterator[Article]:
        """Articles by capture time: `since` <= fetch_time < `until` (ISO 8601; a day means its midnight UTC)."""
        low, high = moment_of(since), moment_of(until)
        for line in self.lines(source):
            article = _document(Article, line)
            when = article.capture.fetch_time
            if (low is None or when >= low) and (high is None or when < high):
                yield article

    def posts(self, platform: str | None = None) -> Iterator[Post]:
        """Every post document: one state of one post, read in one run."""
        suppressed = self.suppressed()
        for line in self._stored("posts/v1/", f"/platform={platform}/" if platform else ""):
            post = _document(Post, line)
            if not suppressed.covers_post(post):
                yield post

    def posts_of(self, run: RunManifest) -> Iterator[Post]:
        """The post documents of one run."""
        suppressed = self.suppressed()
        for file in run.files:
            for line in self._lines_of(file.key) if file.key.startswith("posts/v1/") else ():
                post = _document(Post, line)
                if not suppressed.covers_post(post):
                    yield post

    def resolutions_of(self, run: RunManifest) -> Iterator[Resolution]:
        """The resolution documents of one run."""
        suppressed = self.suppressed()
        for file in run.files:
            for line in self._lines_of(file.key) if file.key.startswith("resolutions/v1/") else ():
                resolution = _document(Resolution, line)
                if not suppressed.covers_resolution(resolution):
                    yield suppressed.without_candidates(resolution) if suppressed else resolution

    def resolutions(self) -> Iterator[Resolution]:
        """Every resolution document, in the order in which they were appended; for one citation the newest counts."""
        suppressed = self.suppressed()
        for line in self._stored("resolutions/v1/"):
            resolution = _document(Resolution, line)
            if not suppressed.covers_resolution(resolution):
                yield suppressed.without_candidates(resolution) if suppressed else resolution

    def citations(self, article: Article) -> list[tuple[Citation, Resolution | None, Post | None]]:
        """What an article cites, each with its newest Resolution and the Post it leads to, where there are any."""
        newest: dict[int, Resolution] = {}
        for resolution in self.resolutions():
            if resolution.article_version_id == article.version_id and resolution.article_id == article.id:
                known = newest.get(resolution.citation_index)
                if known is None or resolution.resolved_at >= known.resolved_at:
                    newest[resolution.citation_index] = resolution
        wanted = {resolution.post_id for resolution in newest.values() if resolution.post_id}
        posts: dict[str, Post] = {}
        for post in self.posts() if wanted else ():
            if post.id in wanted and (post.id not in posts or (post.capture is not None and not came_along(post))):
                posts[post.id] = post
        return [
            (citation, found := newest.get(number), posts.get(found.post_id) if found and found.post_id else None)
            for number, citation in enumerate(article.citations)
        ]

    def citing(self, post_id: str) -> list[Article]:
        """The newest version of each article with a citation that leads to this post, oldest capture first."""
        ids = {one.article_id for one in self.resolutions() if one.post_id == post_id}
        found = {article.id: article for article in self.articles() if article.id in ids} if ids else {}
        return list(found.values())

    def states(self, ids: Collection[str]) -> dict[str, list[Post]]:
        """Every state of the posts with these ids (canonical URLs), oldest first: what a post said, and since when it does not."""
        found: dict[str, list[Post]] = {}
        for post in self.posts() if ids else ():
            if post.id in ids:
                found.setdefault(post.id, []).append(post)
        return found

    def article(self, name: str) -> Article | None:
        """The newest article with this URL (as fetched, asked or claimed; scheme, `www.` and a final slash do not count, nor do
        tracking parameters), or with this document or version id."""
        key = surt_key(canonical(name))
        found = [
            article for article in self.articles() if name in (article.id, article.version_id) or key in _keys(article)
        ]
        return max(found, key=lambda article: article.capture.fetch_time, default=None)

    def pages(self, article: Article) -> list[Article]:
        """All pages of an article over several URLs that are here, in order; itself alone if it stands on one."""
        return pages_in_order(article, self.articles()) if article.pagination else [article]

    def post(self, name: str) -> Post | None:
        """The newest state of the post with this id or at this URL (any form that its network knows, its embed's too); one that was
        read from a capture before one that only says why there is none."""
        ref = platforms.match(name)
        wanted = {name, ref.canonical_url} if ref else {name}
        found = [post for post in self.posts() if post.id in wanted or post.url in wanted]
        known = [post for post in found if post.capture is not None] or found
        return known[-1] if known else None

    def captures(self, url: str) -> list[Capture]:
        """Every capture of a URL in every published WARC, oldest first; http, https and www count as one (SURT)."""
        found = [self._capture_at(*place) for place in self._places(surt_key(url))]
        suppressed = self.suppressed()
        shown = (capture for capture in found if not suppressed.covers_capture(capture))
        return sorted(shown, key=lambda capture: capture.pointer.fetch_time)

    def _places(self, key: str) -> Iterator[tuple[str, int, int]]:
        """File, offset and length of every record with a SURT: by the merged index as far as it goes (`archiver index`), by the
        stored lines of each later WARC."""
        listed = frozenset(self.files("cdxj/"))
        index = ArchiveIndex.load(state_folder(self.store.url, "index"))
        for line in index.lines(key) if index else ():
            values = line_values(line)
            name = segment_name(values["filename"])
            if name is not None and name.cdxj in listed:
                yield name.warc, int(values["offset"]), int(values["length"])
        for file in sorted(listed - (index.covered if index else frozenset())):
            name = segment_name(file.replace(".cdxj.gz", ".warc.gz"))
            if name is not None:
                with self.local(file) as path:
                    mine = [line for line in read_cdxj(path) if line["key"] == key]
                yield from ((name.warc, int(line["offset"]), int(line["length"])) for line in mine)

    def capture(self, pointer: CapturePointer) -> Capture:
        """The capture at a document's pointer. Raises `WarcError` when another record stands there, `SuppressedError` when it was
        taken down."""
        capture = self._capture_at(pointer.warc_filename, pointer.warc_record_offset, pointer.warc_record_length)
        if capture.pointer.warc_record_id != pointer.warc_record_id:
            sentence = f"record {capture.pointer.warc_record_id} stands where {pointer.warc_record_id} should"
            raise WarcError(pointer.warc_filename, pointer.warc_record_offset, "pointer", sentence)
        if known := self.suppressed().covers_capture(capture):
            raise SuppressedError(f"{capture.url}: {known.sentence}")
        return capture

    def payload(self, capture: Capture | CapturePointer) -> bytes:
        """The decoded payload: transfer- and content-coding undone; a revisit gives its original's."""
        found = self.capture(capture) if isinstance(capture, CapturePointer) else capture
        refers = found.pointer.refers_to
        if not found.body and refers and refers.warc_filename and refers.warc_record_offset is not None:
            there = self.heir(refers.warc_filename)  # the original of a revisit is in an earlier file
            found = self._capture_at(there, refers.warc_record_offset, refers.warc_record_length)
        return decode(found.body, found.header_values("content-encoding"))

    def heir(self, key: str) -> str:
        """The WARC that took another's place when an erasure gave it another name, addresses unchanged; the key itself where it stands,
        and where nothing took its place."""
        name = segment_name(key)
        if name is None or self.store.exists(key):
            return key
        folder = name.warc.rpartition("/")[0]
        return max(self.store.list(f"{folder}/{name.lasting}"), default=key)

    def block(self, key: str, offset: int, length: int) -> bytes:
        """The block of a side record (an account, a card, a note) at the place that its index line names. Raises `StoreError`."""
        try:
            member = zlib.decompress(self.store.read(key, offset, length), 16 + zlib.MAX_WBITS)
            return member[head_end(member) :]
        except (zlib.error, ValueError) as error:
            raise StoreError(
                f"{key}: the record at {offset} cannot be read: {error}; `archiver check` says more"
            ) from error

    def _capture_at(self, key: str, offset: int, length: int | None = None) -> Capture:
        """One capture, by ranges where the store has no files: a WARC may have a gigabyte."""
        if self.store.path(key) is None:
            return read_capture_in(
                lambda at, size: self.store.read(key, at, size), offset, warc_filename=key, length=length
            )
        with self.local(key) as path:
            return read_capture_at(path, offset, warc_filename=key, length=length)

    @contextmanager
    def local(self, key: str) -> Iterator[Path]:
        """A blob as a local file: the store's own where it has one, else a temporary copy for the length of the block."""
        path = self.store.path(key)
        if path is not None:
            if not path.is_file():
                raise StoreError(f"{key}: a manifest or document names it, and it is not in {self.store.url}")
            yield path
            return
        with tempfile.TemporaryDirectory(prefix="archiver-") as folder:
            copy = Path(folder) / Path(key).name
            with self.store.open(key) as source:
                try:
                    with copy.open("wb") as sink:
                        shutil.copyfileobj(source, sink, 2**20)
                except OSError as error:
                    why = f"no room for a copy in {folder}: {error.strerror}; name a larger folder in TMPDIR"
                    raise StoreError(f"{key}: {why}") from error
            yield copy


def _keys(article: Article) -> set[str]:
    """The SURT keys under which an article may be asked for."""
    urls = (article.url, article.requested_url, article.canonical_url)
    return {surt_key(canonical(url)) for url in urls if url}


def _optout_of(given: Path | OptOut | None) -> OptOut:
    if isinstance(given, OptOut):
        return given
    path = given or (DEFAULT_OPTOUT if DEFAULT_OPTOUT.exists() else None)
    return read_optout(path) if path else OptOut()


def _document(model: type[Document], line: bytes) -> Document:
    try:
        return model.model_validate_json(line)
    except ValueError as error:
        raise StoreError(f"a document cannot be read: {what_is_wrong(error)}; `archiver check` says which") from error


def moment_of(value: str | datetime | None) -> datetime | None:
    """A time as people type it, aware; a day means its midnight UTC. Raises `UsageError`."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise UsageError(f'"{value}" is no time; write 2026-11-24 or 2026-11-24T12:00:00Z') from None
    if value is None:
        return None
    return value if value.tzinfo else value.replace(tzinfo=UTC)
