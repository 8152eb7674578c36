"""The folder store: whole blobs or none, nothing overwritten by accident, and no key that leaves the folder."""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archiver.errors import KeyExists, StoreError, UsageError
from archiver.store import FolderStore, open_store


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "store")


def test_blobs_come_back(store: FolderStore, tmp_path: Path) -> None:
    store.put("a/b/c.txt", b"0123456789")
    (tmp_path / "file").write_bytes(b"from a file")
    store.put_file("a/file", tmp_path / "file")
    assert store.read("a/b/c.txt") == b"0123456789"
    assert store.read("a/b/c.txt", 3, 4) == b"3456"
    assert store.read("a/b/c.txt", 8) == b"89"
    assert store.read("a/file") == b"from a file"
    assert store.exists("a/file")
    assert not store.exists("a")
    assert list(store.list()) == ["a/b/c.txt", "a/file"]
    assert list(store.list("a/b")) == ["a/b/c.txt"]
    assert list(store.list("nothing/")) == []


def test_the_same_bytes_may_be_put_again_and_others_not(store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"one")
    store.put_file("k", tmp_path / "file")
    store.put_file("k", tmp_path / "file")
    store.put("k", b"one")
    with pytest.raises(StoreError, match=r"k: already in .* with other bytes"):
        store.put("k", b"two")
    (tmp_path / "other").write_bytes(b"two")
    with pytest.raises(StoreError, match="nothing was overwritten"):
        store.put_file("k", tmp_path / "other")
    assert store.read("k") == b"one"
    store.put("k", b"two", replace=True)
    assert store.read("k") == b"two"


def test_create_claims_a_key_once(store: FolderStore) -> None:
    assert store.create("changes/1", b"mine")
    assert not store.create("changes/1", b"yours")
    assert store.read("changes/1") == b"mine"


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../../x", "a//b", ".hidden", "a/.b", "a/./b", "a\x00b", "."]
)
def test_a_key_never_leaves_the_folder(store: FolderStore, key: str) -> None:
    for act in (
        lambda: store.put(key, b"x"),
        lambda: store.read(key),
        lambda: store.create(key, b"x"),
        lambda: store.exists(key),
    ):
        with pytest.raises(StoreError, match="not a key"):
            act()


def test_hidden_and_half_written_files_are_no_blobs(store: FolderStore) -> None:
    store.put("a", b"x")
    (store.root / ".spool").mkdir()
    (store.root / ".spool/run").write_bytes(b"x")
    (store.root / ".a.123").write_bytes(b"half")
    assert list(store.list()) == ["a"]


def test_nothing_half_written_is_left(store: FolderStore) -> None:
    store.put("a/b", b"x")
    store.create("a/b", b"y")
    store.put("a/b", b"z", replace=True)
    assert os.listdir(store.root / "a") == ["b"]  # noqa: PTH208


def test_a_store_that_refuses_is_a_sentence_with_the_key(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    store = FolderStore(tmp_path / "file")
    for act in (
        lambda: store.put("a/b", b"x"),
        lambda: store.put_file("a/b", tmp_path / "file"),
        lambda: store.read("a/b"),
        lambda: store.create("a/b", b""),
    ):
        with pytest.raises(StoreError, match=r"a/b: the folder .* refused: .*; check its rights and free space"):
            act()
    FolderStore(tmp_path / "dir").put("a/b", b"x")
    with pytest.raises(StoreError, match="Is a directory"):
        FolderStore(tmp_path / "dir").read("a")


def test_a_file_on_another_file_system_is_copied(
    store: FolderStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system at hand")
    source = other / f"archiver-test-{os.getpid()}"
    source.write_bytes(b"far away" * 1000)
    try:
        store.put_file("k", source)
        assert store.read("k") == b"far away" * 1000
        assert os.listdir(store.root) == ["k"]  # noqa: PTH208
    finally:
        source.unlink()


def test_a_store_is_opened_by_its_url(tmp_path: Path) -> None:
    assert open_store(f"file://{tmp_path}").url == str(tmp_path)
    with pytest.raises(UsageError, match="gs://bucket/x: no store of kind gs://"):
        open_store("gs://bucket/x")


def test_swap_compares_before_it_replaces(store: FolderStore) -> None:
    first = store.swap("changes/v1/_head.json", b"1", expected=None)
    with pytest.raises(KeyExists, match="another hand was first"):
        store.swap("changes/v1/_head.json", b"2", expected=None)
    second = store.swap("changes/v1/_head.json", b"22", expected=first.etag)
    with pytest.raises(KeyExists):
        store.swap("changes/v1/_head.json", b"3", expected=first.etag)
    assert store.read("changes/v1/_head.json") == b"22"
    assert (second.size, second.sha256) == (2, hashlib.sha256(b"22").hexdigest())
    assert store.head("changes/v1/_head.json") == second


def test_head_follows_the_bytes(store: FolderStore) -> None:
    assert store.head("a/b") is None
    store.put("a/b", b"one")
    before = store.head("a/b")
    store.put("a/b", b"two", replace=True)
    after = store.head("a/b")
    assert before
    assert after
    assert (before.sha256, after.sha256) == tuple(hashlib.sha256(b).hexdigest() for b in (b"one", b"two"))
    assert [(found.key, found.size) for found in store.list_stored("a/")] == [("a/b", 3)]
    store.delete("a/b")
    store.delete("a/b")
    assert store.head("a/b") is None


def test_of_many_creators_one_wins_with_hard_links_and_without(tmp_path: Path) -> None:
    for links in (True, False):
        store = FolderStore(tmp_path / str(links), hard_links=links)
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda n, s=store: s.create("changes/1", b"%d" % n), range(8)))  # type: ignore[misc]
        assert sum(won) == 1
        assert store.read("changes/1") == b"%d" % won.index(True)


def test_a_link_out_of_the_folder_is_not_followed(store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    store.root.mkdir()
    (store.root / "warc").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StoreError, match="a symbolic link leads out of"):
        store.put("warc/a", b"x")
    assert not any((tmp_path / "elsewhere").iterdir())


def test_temporary_files_of_the_dead_go_after_a_day(store: FolderStore) -> None:
    store.put("a/b", b"x")
    for name, age in (("old", 2 * 86400), ("new", 60)):
        path = store.root / "a" / f".{name}.tmp"
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age,) * 2)
    assert store.tidy(store.root) == 1
    assert sorted(os.listdir(store.root / "a")) == [".new.tmp", "b"]  # noqa: PTH208


def test_a_digest_that_was_promised_is_read_back(store: FolderStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"one")
    store.put_file("k", tmp_path / "file", sha256=hashlib.sha256(b"one").hexdigest())
    (tmp_path / "other").write_bytes(b"two")
    with pytest.raises(KeyExists, match="nothing was overwritten"):
        store.put_file("k", tmp_path / "other", sha256=hashlib.sha256(b"two").hexdigest())
