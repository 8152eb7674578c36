"""Seeded damage of an archive in a bucket of a real server. CORRUPTIONS=200 for the long version.

Bytes may go wrong in a bucket in three ways: under the digest that the store keeps beside them (a disk), by somebody who put another object
there without one, and by somebody who put it with one that fits. The seed draws which.
"""

from __future__ import annotations

import hashlib
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from archiver.audit import Check, Depth
from archiver.config import S3Table
from archiver.pool import ExtractPool
from archiver.store import Store
from archiver.store.opening import open_for_publishing
from archiver.warc import Finding
from tests.corruptions import WAYS, Spoiler
from tests.e2e.test_corruptions import CASES, WORKERS, clean_archive
from tests.servers import kit, seaweedfs

BUCKET, PREFIX = "news", "archive/"


class Mirror:
    """The clean archive in a folder and in a bucket. `spoil` makes the bucket what a spoilt folder is, `restore` makes it clean again."""

    def __init__(self, clean: Path, asking: Any, store: Store) -> None:
        self.clean, self.asking, self.store = clean, asking, store
        self._changed: dict[str, bytes | None] = {}
        self._files = _files(clean)
        for key, content in self._files.items():
            self._put(key, content, hashlib.sha256(content).hexdigest())

    def _put(self, key: str, content: bytes, noted: str | None) -> None:
        metadata = {"sha256": noted} if noted else {}
        self.asking.put_object(Bucket=BUCKET, Key=PREFIX + key, Body=content, Metadata=metadata)

    def spoil(self, root: Path, rng: random.Random) -> str:
        """How the bytes went wrong."""
        how, after = rng.choice(["on the disk", "without a digest", "with a digest that fits"]), _files(root)
        for key in self._files.keys() | after.keys():
            before, content = self._files.get(key), after.get(key)
            if before == content:
                continue
            self._changed[key] = before
            if content is None:
                self.asking.delete_object(Bucket=BUCKET, Key=PREFIX + key)
                continue
            noted = before if how == "on the disk" and before is not None else content
            self._put(key, content, None if how == "without a digest" else hashlib.sha256(noted).hexdigest())
        return how

    def restore(self) -> None:
        for key, content in self._changed.items():
            if content is None:
                self.asking.delete_object(Bucket=BUCKET, Key=PREFIX + key)
            else:
                self._put(key, content, hashlib.sha256(content).hexdigest())
        self._changed.clear()


def _files(root: Path) -> dict[str, bytes]:
    keys = {path: str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    return {key: path.read_bytes() for path, key in keys.items() if not key.startswith(".")}


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    if seaweedfs.weed() is None:
        pytest.skip("no SeaweedFS: make setup")
    for name, value in kit.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with seaweedfs.SeaweedFS(tmp_path / "weed") as server:
        asking = kit.client(server)
        asking.create_bucket(Bucket=BUCKET)
        url = f"s3://{BUCKET}/{PREFIX.rstrip('/')}?endpoint={server.endpoint}"
        store = open_for_publishing(url, S3Table(), tmp_path / "spool", datetime.now(UTC)).store
        yield Mirror(clean_archive(tmp_path / "clean"), asking, store)


def test_damage_in_a_bucket_is_found_at_its_depth(mirror: Mirror, tmp_path: Path) -> None:
    with WORKERS.start() as pool:
        for depth in Depth:
            assert _errors(mirror.store, depth, pool) == []
        found_at: Counter[str] = Counter()
        for seed in range(max(12, CASES // 3) if CASES < 200 else CASES):
            way, rng = WAYS[seed * 7 % len(WAYS)], random.Random(seed)
            root = Path(shutil.copytree(mirror.clean, tmp_path / str(seed), ignore=shutil.ignore_patterns(".*")))
            must = way(Spoiler(root, rng))
            told = f"seed {seed}: {way.__name__}, {mirror.spoil(root, rng)}: must be found by {must}"
            depths, found = list(Depth), list[Finding]()
            for depth in depths:
                if found := _errors(mirror.store, depth, pool):
                    found_at[f"{must}, found by {depth}"] += 1
                    break
            assert found, f"{told}, and was found by none"
            assert depths.index(depth) <= depths.index(must), f"{told}, and was found by {depth} only"
            mirror.restore()
            shutil.rmtree(root)
        assert _errors(mirror.store, Depth.FULL, pool) == []
    print("corruptions:", dict(found_at))


def _errors(store: Store, depth: Depth, pool: ExtractPool) -> list[Finding]:
    check = Check(Archive(store, everything=True), depth, sample=1.0, pool=pool, workers=WORKERS)
    return [found for found in check.findings() if found.severity == "error"]
