"""What must hold on every store: the folder, real servers over HTTP and TLS, one that ignores conditions, and ours."""

from __future__ import annotations

import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.errors import KeyExists, StoreError
from archiver.publish import publish_run
from archiver.store import Store
from archiver.store.s3 import S3Store
from tests.unit.making import RUN, page
from tests.unit.test_publish import SITE, WORKERS, errors, stage


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class TestEveryStore:
    def test_blobs_come_back(self, store: Store) -> None:
        store.put("a/b.json", b"0123456789")
        assert store.read("a/b.json") == b"0123456789"
        assert store.read("a/b.json", 3, 4) == b"3456"
        assert store.read("a/b.json", 8) == b"89"
        assert store.read("a/b.json", 8, 100) == b"89"
        assert store.read("a/b.json", 10, 5) == b""
        found = store.head("a/b.json")
        assert found
        assert (found.size, found.sha256) == (10, sha256(b"0123456789"))
        assert store.exists("a/b.json")
        assert not store.exists("a")
        assert store.head("a/none") is None
        with pytest.raises(StoreError, match="a/none"):
            store.read("a/none")
        with pytest.raises(StoreError, match="a/none"):
            store.open("a/none")

    def test_an_empty_blob_is_a_blob(self, store: Store) -> None:
        store.put("a/empty", b"")
        assert store.read("a/empty") == b""
        with store.open("a/empty") as stream:
            assert stream.read() == b""

    def test_a_blob_is_a_seekable_stream(self, store: Store, tmp_path: Path) -> None:
        content = os.urandom(700_001)
        (tmp_path / "file").write_bytes(content)
        store.put_file("a/file", tmp_path / "file")
        with store.open("a/file") as stream:
            assert stream.read(10) == content[:10]
            stream.seek(-5, os.SEEK_END)
            assert stream.read() == content[-5:]
            stream.seek(300_000)
            assert stream.read(300_000) == content[300_000:600_000]
            stream.seek(0)
            assert stream.read() == content

    def test_listings_are_in_the_order_of_bytes(self, store: Store) -> None:
        for key in ("a/x", "a-b/x", "a/y/z", "b"):
            store.put(key, key.encode())
        assert list(store.list()) == ["a-b/x", "a/x", "a/y/z", "b"]
        assert list(store.list("a/")) == ["a/x", "a/y/z"]
        assert list(store.list("nothing/")) == []
        assert [(found.key, found.size) for found in store.list_stored("a/")] == [("a/x", 3), ("a/y/z", 5)]

    def test_the_same_bytes_may_be_put_again_and_others_not(self, store: Store, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"one")
        store.put_file("k", tmp_path / "file", sha256=sha256(b"one"))
        store.put_file("k", tmp_path / "file")
        store.put("k", b"one")
        with pytest.raises(KeyExists, match=r"k: already in .* with other bytes; nothing was overwritten"):
            store.put("k", b"two")
        (tmp_path / "other").write_bytes(b"two")
        with pytest.raises(KeyExists):
            store.put_file("k", tmp_path / "other")
        assert store.read("k") == b"one"
        store.put("k", b"two", replace=True)
        assert store.read("k") == b"two"

    def test_large_files_go_in_parts_and_once(self, store: Store, tmp_path: Path) -> None:
        path = tmp_path / "large.warc.gz"
        path.write_bytes(os.urandom(2**20) * 11)
        store.put_file("warc/large.warc.gz", path)
        store.put_file("warc/large.warc.gz", path)
        with store.open("warc/large.warc.gz") as stream:
            assert hashlib.file_digest(stream, "sha256").hexdigest() == sha256(path.read_bytes())  # type: ignore[arg-type]
        assert store.read("warc/large.warc.gz", 9 * 2**20, 1000) == path.read_bytes()[9 * 2**20 : 9 * 2**20 + 1000]
        assert not list(tmp_path.glob("*.upload.json"))
        other = tmp_path / "other.warc.gz"
        other.write_bytes(os.urandom(2**20) * 11)
        with pytest.raises(KeyExists):
            store.put_file("warc/large.warc.gz", other)

    def test_a_key_is_created_once(self, store: Store) -> None:
        assert store.create("changes/v1/1.json", b"mine")
        assert not store.create("changes/v1/1.json", b"yours")
        assert not store.create("changes/v1/1.json", b"mine")
        assert store.read("changes/v1/1.json") == b"mine"

    def test_of_many_creators_one_wins(self, store: Store) -> None:
        if store.deciding == "one publisher":
            return  # it does not decide, which is why only one may publish there
        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda n: store.create("changes/v1/2.json", b"%d" % n), range(8)))
        assert sum(won) == 1
        assert store.read("changes/v1/2.json") == b"%d" % won.index(True)

    def test_swap_compares_before_it_replaces(self, store: Store) -> None:
        first = store.swap("changes/v1/_head.json", b"1", expected=None)
        with pytest.raises(KeyExists, match="another hand was first"):
            store.swap("changes/v1/_head.json", b"2", expected=None)
        second = store.swap("changes/v1/_head.json", b"22", expected=first.etag)
        with pytest.raises(KeyExists):
            store.swap("changes/v1/_head.json", b"3", expected=first.etag)
        assert store.read("changes/v1/_head.json") == b"22"
        assert second.size == 2

    def test_what_is_deleted_is_gone(self, store: Store) -> None:
        store.put("a/b", b"x")
        store.delete("a/b")
        store.delete("a/b")
        assert store.head("a/b") is None
        assert list(store.list()) == []

    @pytest.mark.parametrize("key", ["", "/x", "../x", "a//b", ".hidden", "a/.b", "Upper", "ä", "a" * 247, "a b"])
    def test_no_key_leaves_the_rules(self, store: Store, key: str) -> None:
        with pytest.raises(StoreError, match="not a key"):
            store.put(key, b"x")

    def test_a_run_is_published_and_proven(self, store: Store, tmp_path: Path) -> None:
        spool = tmp_path / "spool"
        manifest = publish_run(stage(spool), store, WORKERS, {})
        archive = Archive(store)
        assert errors(archive) == []
        assert [article.headline for article in archive.articles()] == ["First", "Second"]
        (found,) = archive.captures(f"{SITE}/1")
        assert archive.payload(found) == archive.payload(found.pointer) == page("First")
        for file in manifest.files:
            head = store.head(file.key)
            assert head
            assert (head.size, head.sha256) == (file.bytes, file.sha256)
        assert not (spool / RUN).exists()

    def test_several_publishers_have_one_number_each(self, store: Store, tmp_path: Path) -> None:
        names = [f"20261124t12000{n}zabcdef" for n in range(1, 4)]
        staged = [stage(tmp_path / name, run_id=name) for name in names]
        many = 1 if store.deciding == "one publisher" else 3
        with ThreadPoolExecutor(many) as pool:
            list(pool.map(lambda run: publish_run(run, store, WORKERS, {}), staged))
        entries = [json.loads(store.read(key)) for key in store.list("changes/v1/0")]
        assert sorted(entry["run_id"] for entry in entries) == names
        assert {entry["manifest"] for entry in entries} == set(Archive(store).manifests())
        assert errors(Archive(store)) == []

    def test_objects_bear_their_type_and_digest_and_no_encoding(self, store: Store, tmp_path: Path) -> None:
        if not isinstance(store, S3Store):
            return  # a folder has no headers
        publish_run(stage(tmp_path / "spool"), store, WORKERS, {})
        types = {".warc.gz": "application/warc", ".cdxj.gz": "application/gzip", "manifest.json": "application/json"}
        for key in store.list():
            answer = store.client.ask("head_object", "read objects", key)
            assert not answer.get("ContentEncoding"), key
            assert {name.lower() for name in answer["Metadata"]} >= {"sha256"}
            for ending, kind in types.items():
                if key.endswith(ending):  # rclone keeps no types
                    assert answer["ContentType"] in (kind, "application/octet-stream")
