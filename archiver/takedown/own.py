"""What a page needed and nothing else did: the pictures and files that are taken down with an article.

Belongs here: reading the accounts of pages (`urn:pageinfo:`) and the index. What the URLs become is `bury`'s.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from archiver.archive import Archive
from archiver.index import ArchiveIndex, line_values, update_index
from archiver.index.lines import stored_lines
from archiver.layout import state_folder
from archiver.models import Article
from archiver.urls import surt_key

ACCOUNT = b"urn:pageinfo:"


def own_requisites(archive: Archive, articles: Iterable[Article]) -> list[str]:
    """URLs of the captured requisites of these articles' pages that, by all the archive knows, are theirs alone: no other page of their
    runs needed them, no other run captured them, and they are no post's media. In the order of the pages' accounts.

    Brings this machine's merged index up to date. Raises `StoreError`.
    """
    pages = {surt_key(url) for article in articles for url in (article.url, article.requested_url)}
    if not pages:
        return []
    index = update_index(archive.store, archive.files("cdxj/"), state_folder(archive.store.url, "index"))
    run_of = {file.key: run.run_id for run in archive.runs() for file in run.files}
    runs = {run for page in pages for run in _runs_of(index, page, run_of)}
    mine: dict[str, str] = {}
    shared = {surt_key(medium.url) for post in archive.posts() for medium in post.media if medium.url}
    for account in _accounts(archive, [key for key, run in run_of.items() if run in runs]):
        needed = {surt_key(url): url for url in account["urls"] if url.startswith("http")}
        if surt_key(str(account["url"])) in pages:
            mine |= needed
        else:
            shared |= set(needed)
    return [url for key, url in mine.items() if key not in shared | pages and _only_in(index, key, runs, run_of)]


def _runs_of(index: ArchiveIndex, key: str, run_of: Mapping[str, str]) -> set[str]:
    """The runs that captured something; the manifests say whose a file is, since an erasure changes its name."""
    names = (line_values(line)["filename"] for line in index.lines(key))
    return {run_of[name] for name in names if name in run_of}


def _only_in(index: ArchiveIndex, key: str, runs: set[str], run_of: Mapping[str, str]) -> bool:
    """Whether there is a capture, and none in another run."""
    found = _runs_of(index, key, run_of)
    return bool(found) and found <= runs


def _accounts(archive: Archive, keys: Iterable[str]) -> Iterator[dict[str, Any]]:
    """What each page needed, as the crawl wrote it down in these files."""
    for key in keys:
        if not key.startswith("cdxj/"):
            continue
        for line in stored_lines(archive.store, key):
            if line.startswith(ACCOUNT):
                values = line_values(line)
                block = archive.block(values["filename"], int(values["offset"]), int(values["length"]))
                try:
                    account = json.loads(block)
                except ValueError:
                    continue  # `archiver check` says that it is damaged
                if isinstance(account, dict) and isinstance(account.get("urls"), dict):
                    yield account
