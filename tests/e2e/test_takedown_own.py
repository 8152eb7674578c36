"""With an article go the pictures that were its page's alone, and what this machine made of the archive."""

from __future__ import annotations

import json
from pathlib import Path

from archiver.archive import Archive
from archiver.cli.exits import Exit
from archiver.index import ArchiveIndex
from archiver.layout import state_folder
from archiver.models import Article
from archiver.takedown.own import own_requisites
from archiver.urls import surt_key
from tests.e2e.kit import archiver
from tests.e2e.test_takedown import everything_in, folder, hide, sound, take

__all__ = ["folder"]


def accounts(store: Path) -> dict[str, set[str]]:
    """URL of each page -> the captured files that it needed, read from the records themselves."""
    found = {}
    for block in everything_in(store).split(b"\r\n\r\n"):
        if block.startswith(b'{"pageid"'):
            account = json.loads(block)
            found[account["url"]] = {url for url, answer in account["urls"].items() if answer.get("record_id")}
    return found


def with_pictures(store: Path) -> tuple[Article, set[str], set[str]]:
    """An article, the files that only its page needed, and those that others needed too."""
    needs = accounts(store)
    for article in Archive(store).articles():
        others = set().union(*(urls for url, urls in needs.items() if url != article.url))
        mine = needs.get(article.url, set())
        if mine - others and mine & others:
            return article, mine - others, mine & others
    raise AssertionError("the demo newspaper has pictures that one page alone shows")


def indexed(store: Path, url: str) -> list[bytes]:
    """The lines of a URL in this machine's merged index."""
    index = ArchiveIndex.load(state_folder(str(store), "index"))
    return list(index.lines(surt_key(url))) if index else []


def test_the_pictures_of_an_article_go_with_it_and_come_back_with_it(folder: Path) -> None:
    store = folder / "archive"
    article, own, shared = with_pictures(store)
    assert set(own_requisites(Archive(store, everything=True), [article])) == own
    ids = hide(folder, "article", article.url)
    archive = Archive(store)
    assert [url for url in own if archive.captures(url)] == []
    assert [url for url in shared if not archive.captures(url)] == []
    take(folder, "lift", ids[0], "--reason", "wrong page", "--by", "legal desk")
    assert take(folder, "list").stdout == b"", "what one request hid is shown again together"
    assert [url for url in own if not Archive(store).captures(url)] == []


def test_erased_they_are_in_no_file_and_no_index_of_this_machine(folder: Path) -> None:
    store = folder / "archive"
    article, own, shared = with_pictures(store)
    assert archiver("index", cwd=folder).returncode == Exit.OK
    assert all(indexed(store, url) for url in (*own, article.url))
    (replayed := state_folder(str(store), "replay")).mkdir()
    (replayed / "index.cdxj").write_text(f"{surt_key(article.url)} 20261124000000 {{}}\n")
    ids = hide(folder, "article", article.url)
    assert b"(erased)" not in take(folder, "list").stdout
    take(folder, "erase", ids[0])  # one id is enough
    assert take(folder, "list").stdout.count(b"(erased)") == len(ids)
    archive = Archive(store, everything=True)
    assert [url for url in own if archive.captures(url)] == []
    assert [url for url in shared if not archive.captures(url)] == []
    assert not any(indexed(store, url) for url in (*own, article.url))
    assert all(indexed(store, url) for url in shared)
    assert not (replayed / "index.cdxj").exists()
    sound(store)
    full = archiver("check", "--full", cwd=folder)
    assert full.returncode == Exit.OK, full.stdout.decode()
