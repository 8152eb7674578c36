"""The cards of a run: pages made from its documents, stored as `resource` records in a WARC file of their own.

Belongs here: which cards a run has and the file they stand in. What a card shows is `archiver.cards`' matter. The file's series is
`cards`, so that whoever drops, rewrites or ignores it touches no capture; documents know nothing of it. The same documents give the
same file, record ids included: they are drawn from the run's id.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from archiver.cards import SERIES, Cited, article_page, card_name, page_name, post_card
from archiver.conclude import Followed
from archiver.layout import OWN_SERIES, SegmentName
from archiver.models import Article, RunFile
from archiver.models.post import Post
from archiver.models.resolution import Resolution
from archiver.publish_posts import followed
from archiver.store import Store
from archiver.warc import WarcInfo
from archiver.warc.writer import SealedWarc, WarcWriter

HTML = "text/html; charset=utf-8"
WHOLE = 2**62
"""Bytes of a file of cards: however many there are, they stand in one."""

Side = tuple[str, datetime, bytes]
"""(target, moment, block) of a record."""


class Known:
    """What a run's pages show beside their articles: its posts, with a card each, and what is known about citations."""

    def __init__(self, posts: Iterable[Post], resolutions: Iterable[Resolution]) -> None:
        # Posts under terms of their own may be kept for a while only, in files of their own; cards stand in one file.
        self._shown = [post for post in posts if post.terms not in OWN_SERIES]
        self._posts = {post.id: post for post in self._shown}
        self._resolutions = {
            (one.article_version_id, one.capture.warc_record_id, one.citation_index): one for one in resolutions
        }

    def cards(self) -> Iterator[Side]:
        """A post that nothing was captured of has its card at the time of its last attempt; without one there is nothing to show."""
        for post in self._shown:
            if (moment := _moment(post)) is not None:
                yield card_name(post.platform, post.native_id), moment, post_card(post).encode()

    def page(self, article: Article) -> Side:
        return self._page(article, self._about(article), article.capture.fetch_time)

    def later_page(self, followed: Followed) -> Side | None:
        """The page of an article of an earlier run with what this run learnt, at the time it did."""
        new = self._about(followed.article)
        if not new:
            return None
        moment = max(resolution.resolved_at for resolution in new.values())
        return self._page(followed.article, {**followed.known, **new}, moment)

    def _about(self, article: Article) -> dict[int, Resolution]:
        """What is known about an article's citations, by their number."""
        key = article.version_id, article.capture.warc_record_id
        numbers = range(len(article.citations))
        return {number: one for number in numbers if (one := self._resolutions.get((*key, number)))}

    def _page(self, article: Article, about: Mapping[int, Resolution], moment: datetime) -> Side:
        cited = []
        for number, citation in enumerate(article.citations):
            resolution = about.get(number)
            post = self._posts.get(resolution.post_id) if resolution and resolution.post_id else None
            cited.append(Cited(citation, resolution, post))
        return page_name(article.url), moment, article_page(article, cited).encode()


def cards_of(known: Known, articles: Iterable[bytes], followed: Iterable[Followed] = ()) -> Iterator[Side]:
    """The cards of posts, then the pages of articles (JSON lines), each in the order of its documents; last those of articles of
    earlier runs."""
    yield from known.cards()
    yield from (known.page(Article.model_validate_json(line)) for line in articles)
    yield from (side for one in followed if (side := known.later_page(one)))


def _moment(post: Post) -> datetime | None:
    if post.capture:
        return post.capture.fetch_time
    return max((attempt.at for attempt in post.attempts), default=None)


def write_cards(folder: Path, first: SegmentName, software: str, sides: Iterable[Side]) -> SealedWarc | None:
    """The file of a run's cards in `folder`, which is emptied first; None when there are none. `first`: the run's first segment.

    Raises `RecordingError`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    opened = datetime.strptime(f"{first.stamp}000+0000", "%Y%m%d%H%M%S%f%z")
    info = WarcInfo(
        software=software,
        operator=software.partition("/")[0],
        user_agent="none: nothing in this file was fetched",
        run_id=first.run_id,
        source=SERIES,
        description="pages made from the documents of this run; nothing in this file was fetched",
    )
    ids = _Ids(first.run_id)
    writer = WarcWriter(
        folder, SERIES, info, max_bytes=WHOLE, max_age=float(WHOLE >> 24), clock=lambda: opened, new_id=ids.next
    )
    seen: set[tuple[str, str]] = set()
    for target, moment, block in sides:
        if (key := (target, f"{moment:%Y%m%d%H%M%S}")) not in seen:  # two would replay alike
            seen.add(key)
            writer.write_side(target, HTML, block, moment)
    sealed = writer.close()
    return sealed[0] if sealed else None


class _Ids:
    """Record ids that depend on the run and on nothing else."""

    def __init__(self, run_id: str) -> None:
        self._run_id, self._number = run_id, 0

    def next(self) -> str:
        self._number += 1
        digest = hashlib.sha256(f"{SERIES} {self._run_id} {self._number}".encode()).digest()
        return uuid.UUID(bytes=digest[:16], version=4).urn  # the form that every other record id has


def put_cards(
    store: Store,
    folder: Path,
    warcs: Mapping[SegmentName, tuple[Path, Path]],
    software: str,
    files: Iterable[RunFile],
) -> list[RunFile]:
    """Writes the cards of the documents in `files` (all in the store by now) and puts them; what a manifest says of them.

    `warcs`: (WARC, CDXJ) of each of the run's segments. `folder` is used while this works. A file that is there with other bytes is replaced: cards follow their documents.
    """
    if not warcs:
        return []
    first = min(warcs, key=lambda name: name.stamp)
    sealed = write_cards(folder, first, software, _of_files(store, list(files), followed(warcs)))
    try:
        return [] if sealed is None else [_put(store, key, path, sealed) for key, path in _paths(sealed)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _of_files(store: Store, files: list[RunFile], again: Iterable[Followed]) -> Iterator[Side]:
    def lines(kind: str) -> Iterator[bytes]:
        for file in files:
            if file.key.startswith(f"{kind}/"):
                yield from gzip.GzipFile(fileobj=io.BytesIO(store.read(file.key)))

    known = Known(
        map(Post.model_validate_json, lines("posts")), map(Resolution.model_validate_json, lines("resolutions"))
    )
    return cards_of(known, lines("articles"), again)


def _paths(sealed: SealedWarc) -> list[tuple[str, Path]]:
    return [(sealed.key, sealed.path), (sealed.cdxj_key, sealed.cdxj_path)]


def _put(store: Store, key: str, path: Path, sealed: SealedWarc) -> RunFile:
    content = path.read_bytes()
    if not store.exists(key) or store.read(key) != content:
        store.put(key, content, replace=True)
    return RunFile(
        key=key,
        bytes=len(content),
        records=0 if key.startswith("warc/") else sealed.records - 1,  # cards are no captures
        sha256=hashlib.sha256(content).hexdigest(),
        first_time=sealed.first_time,
        last_time=sealed.last_time,
    )
