"""A run is known by its manifest: it is hidden, exported and erased whole, though an erasure gave its files other names."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.cli.exits import Exit
from archiver.events import all_events
from archiver.index.lines import stored_lines
from archiver.replay import hidden_of
from tests.e2e.kit import archiver, manifests
from tests.e2e.test_posts import Story, cited, networks
from tests.e2e.test_takedown import everything_in, hide, sound, take

__all__ = ["cited", "networks"]


@pytest.fixture
def folder(cited: Story, tmp_path: Path) -> Iterator[Path]:
    """An archive with posts, of one run, from which one article was erased."""
    shutil.copytree(cited.store, tmp_path / "archive")
    shutil.copy(cited.folder / "archiver.toml", tmp_path)
    shutil.copytree(cited.folder / "sources", tmp_path / "sources")
    victim = max(Archive(tmp_path / "archive").articles(), key=lambda article: len(article.links))
    take(tmp_path, "erase", *hide(tmp_path, "article", victim.url))
    yield tmp_path


def run_of(store: Path) -> str:
    return str(next(run["run_id"] for run in manifests(store) if run["articles"]))


def seen(store: Path) -> list[bytes]:
    """The lines of every index that a replay or a package may show."""
    archive = Archive(store)
    hidden = hidden_of(archive)
    return [
        line
        for key in archive.files("cdxj/")
        for line in hidden.visible(stored_lines(archive.store, key), Counter[str]())
    ]


def test_a_partly_erased_run_is_exported_and_hidden_whole(folder: Path) -> None:
    store = folder / "archive"
    run, articles = run_of(store), list(Archive(store).articles())
    whole = archiver("export", "wacz", "--run", run, "-o", "run.wacz", cwd=folder)
    assert whole.returncode == Exit.OK
    visible = sum(1 for article in articles if not article.rights.archiving_restricted)
    assert f" {visible} articles".encode() in whole.stderr, whole.stderr.decode()
    assert seen(store)
    (one,) = hide(folder, "run", run)
    archive = Archive(store)
    assert list(archive.articles()) == list(archive.posts()) == list(archive.resolutions()) == []
    assert seen(store) == []
    assert archiver("export", "wacz", "-o", "none.wacz", cwd=folder).returncode == Exit.USAGE
    take(folder, "lift", one, "--reason", "mistake", "--by", "desk")
    assert len(list(Archive(store).articles())) == len(articles)


def test_an_erased_run_leaves_no_card_no_account_and_no_note(folder: Path) -> None:
    store = folder / "archive"
    words = {post.text.encode() for post in Archive(store).posts() if post.text and len(post.text) > 40}
    words |= {article.headline.encode() for article in Archive(store).articles() if article.headline}
    assert any(text in everything_in(store) for text in words)
    take(folder, "erase", *hide(folder, "run", run_of(store)))
    left = everything_in(store)
    kept = json.dumps([run["run_id"] for run in manifests(store)])
    assert [text for text in words if text in left] == [], kept
    assert b"urn:post-card:" not in left and b"urn:pageinfo:" not in left and b"urn:arc-attempts:" not in left
    sound(store)
    full = archiver("check", "--full", cwd=folder)
    assert full.returncode == Exit.OK, full.stdout.decode()


def test_the_name_of_a_file_never_comes_again(folder: Path) -> None:
    """A copy elsewhere that is compared by name and size would keep what was erased."""
    store = folder / "archive"
    for _ in range(3):
        victim = next(one for one in Archive(store).articles() if one.source == "demo-courier")
        take(folder, "erase", *hide(folder, "article", victim.url))
    archive = Archive(store, everything=True)
    gone = [one.key for one in all_events(archive.store) if one.type == "deletion" and str(one.key).startswith("warc/")]
    assert len(gone) == len(set(gone)) >= 4
    assert not set(gone) & set(archive.files("warc/"))
