"""Writing a package: a ZIP of stored (never deflated) members, each listed with its SHA-256.

Belongs here: layout and descriptors. What goes in is for `choose`, `records` and `pages`.

    archive/NAME.warc.gz            the records
    indexes/index.cdx.gz, .idx      their lines in blocks, and the blocks' first lines
    pages/pages.jsonl               articles; extraPages.jsonl: posts (posts alone are in pages.jsonl)
    datapackage.json                every file with its SHA-256; datapackage-digest.json: the SHA-256 of that
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from archiver.cards import card_name
from archiver.errors import StoreError, UsageError
from archiver.index.blocks import Block, blocks_of
from archiver.models.post import Post
from archiver.replay.needs import Shelf
from archiver.replay.wacz.choose import Choice, keys_of
from archiver.replay.wacz.pages import bare_lines, openable, page_lines, post_lines, post_title, seconds
from archiver.replay.wacz.records import Copy

VERSION = "1.1.1"
INDEX = "index.cdx.gz"
_FIXED = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Written:
    """What a package holds. `digest` is the SHA-256 of its datapackage.json, which stands for all of it."""

    path: Path
    records: int
    pages: int
    posts: int
    digest: str
    problems: list[str] = field(default_factory=list)


def write_wacz(
    path: Path, choice: Choice, shelf: Shelf, *, created: datetime, software: str, title: str | None = None
) -> Written:
    """Writes `path` by way of a temporary file. Raises `UsageError` when nothing was chosen, `StoreError` for what cannot be read
    or written."""
    found = choice.found()
    if not found:
        raise UsageError("; ".join([*choice.problems, "there is nothing to put into a package"]))
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_STORED, allowZip64=True) as target:
            written = _Package(target).write(choice, shelf, created, software, title)
        partial.replace(path)
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
    return Written(path, len(found), len(choice.articles), written[0], written[1], list(choice.problems))


class _Package:
    """The files written so far, as they will be listed."""

    def __init__(self, target: zipfile.ZipFile) -> None:
        self._zip = target
        self._resources: list[dict[str, Any]] = []

    def write(
        self, choice: Choice, shelf: Shelf, created: datetime, software: str, title: str | None
    ) -> tuple[int, str]:
        """How many posts have a page, and the digest."""
        found = choice.found()
        lines: list[bytes] = []
        shown = choice.shown(found)
        seen = {one.place for one in shown}
        for key, group in groupby(found, key=lambda one: one.values["filename"]):
            chosen = list(group)
            copy = Copy(shelf.archive.store, key, chosen)
            stored = shelf.archive.store.head(key)
            with self._file(f"archive/{copy.name}", stored.size if stored else 0) as sink:
                copy.write(sink)
            lines += [copy.line(one) for one in chosen if one.place in seen]
        self._index(sorted(lines))
        articles = sorted(choice.articles, key=lambda article: (article.capture.fetch_time, article.url))
        posts = post_lines(choice.posts.values(), _addresses(choice, shelf, keys_of(shown)), alone=not articles)
        count = posts.count(b"\n") - 1
        if articles or not count:
            self._small("pages/pages.jsonl", page_lines(articles) if articles else bare_lines(shown))
        if count:
            self._small("pages/extraPages.jsonl" if articles else "pages/pages.jsonl", posts)
        package: dict[str, Any] = {
            "profile": "data-package",
            "wacz_version": VERSION,
            "title": title or _title(choice),
            "software": software,
            "created": seconds(created),
        }
        if articles:
            package |= {"mainPageUrl": articles[0].url, "mainPageDate": seconds(articles[0].capture.fetch_time)}
        package["resources"] = self._resources
        content = json.dumps(package, ensure_ascii=False, indent=2).encode("utf-8", "replace")
        digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
        self._plain("datapackage.json", content)
        self._plain("datapackage-digest.json", json.dumps({"path": "datapackage.json", "hash": digest}).encode())
        return count, digest

    def _index(self, lines: list[bytes]) -> None:
        """Blocks and, as `.idx`, their first lines after a `!meta` line; a block's digest is over its compressed bytes."""
        listed = [f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': INDEX})}\n"]
        with self._file(f"indexes/{INDEX}") as sink:
            for block in blocks_of(lines):
                sink.write(block.packed)
                listed.append(f"{block.first} {json.dumps(_place(block))}\n")
        self._small("indexes/index.idx", "".join(listed).encode())

    def _small(self, path: str, content: bytes) -> None:
        with self._file(path) as sink:
            sink.write(content)

    def _plain(self, path: str, content: bytes) -> None:
        """A file that the list of resources cannot hold: the list itself, and its digest."""
        self._zip.writestr(zipfile.ZipInfo(path, _FIXED), content)

    @contextlib.contextmanager
    def _file(self, path: str, at_most: int = 0) -> Iterator[_Hashing]:
        """`at_most`: bytes that it can have, where that may be gigabytes. Only then has its header the extra field of large files:
        replayweb.page takes members to begin where they would without."""
        info = zipfile.ZipInfo(path, _FIXED)
        info.file_size = at_most
        with self._zip.open(info, "w") as member:
            sink = _Hashing(member)
            yield sink
        name = path.rpartition("/")[2].lower()
        self._resources.append(
            {"name": name, "path": path, "hash": f"sha256:{sink.digest.hexdigest()}", "bytes": sink.size}
        )


class _Hashing:
    """Writes through, and knows size and digest."""

    def __init__(self, member: Any) -> None:
        self._member, self.digest, self.size = member, hashlib.sha256(), 0

    def write(self, content: bytes, /) -> int:
        self._member.write(content)
        self.digest.update(content)
        self.size += len(content)
        return len(content)


def _title(choice: Choice) -> str:
    if not choice.articles and choice.posts:
        return post_title(next(iter(choice.posts.values()))) if len(choice.posts) == 1 else f"{len(choice.posts)} posts"
    headline = choice.articles[0].headline if len(choice.articles) == 1 else None
    return headline or f"{len(choice.articles)} articles"


def _place(block: Block) -> dict[str, Any]:
    digest = f"sha256:{hashlib.sha256(block.packed).hexdigest()}"
    return {"offset": block.offset, "length": block.length, "digest": digest, "filename": INDEX}


def _addresses(choice: Choice, shelf: Shelf, keys: set[str]) -> Any:
    """Where a post can be opened in the package: its card, else its own page, else the capture that it was read from."""

    def address(post: Post) -> tuple[str, datetime] | None:
        if cards := shelf.lines(card_name(post.platform, post.native_id)):
            return cards[-1].values["url"], datetime.fromisoformat(cards[-1].values["fetch_time"])
        if post.capture is None:
            return None
        if openable(post.url, keys):
            return post.url, post.capture.fetch_time
        found = choice.post_line(post)
        if found and openable(found.values["url"], keys):
            return found.values["url"], post.capture.fetch_time
        return None

    return address
