"""Seeded damage of an archive that holds posts and verdicts is found by the depth that must find it. CORRUPTIONS=200 for the long version."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.audit import Check, Depth
from archiver.pool import ExtractPool
from archiver.publish import Hints, Workers
from archiver.sources import read_sources
from archiver.warc import Finding
from tests.corrupted_posts import WAYS
from tests.corruptions import Spoiler
from tests.e2e.test_posts import Story, cited, networks

__all__ = ["cited", "networks"]

CASES = int(os.environ.get("CORRUPTIONS", "40")) // 4
WORKERS = Workers(1, 30.0, 2 * 2**30)


@pytest.fixture(scope="module")
def pool() -> Iterator[ExtractPool]:
    with WORKERS.start() as running:
        yield running


def errors(story: Story, root: Path, depth: Depth, pool: ExtractPool) -> list[Finding]:
    hints: Hints = {source.id: source.extract for source in read_sources(story.folder / "sources")[0]}
    archive = Archive(root, everything=True)
    check = Check(archive, depth, sample=1.0, pool=pool, workers=WORKERS, hints=hints)
    return [found for found in check.findings() if found.severity == "error"]


def test_damage_of_posts_and_verdicts_is_found(cited: Story, pool: ExtractPool, tmp_path: Path) -> None:
    assert errors(cited, cited.store, Depth.FULL, pool) == []
    found_at: Counter[str] = Counter()
    for seed in range(CASES):
        way, rng = WAYS[seed % len(WAYS)], random.Random(seed)
        root = Path(shutil.copytree(cited.store, tmp_path / str(seed), ignore=shutil.ignore_patterns(".*")))
        must = way(Spoiler(root, rng))
        depths = list(Depth)
        told, found = f"seed {seed}: {way.__name__}: must be found by {must}", list[Finding]()
        for depth in depths:
            if found := errors(cited, root, depth, pool):
                found_at[f"{must}, found by {depth}"] += 1
                break
        assert found, f"{told}, and was found by none"
        assert depths.index(depth) <= depths.index(must), f"{told}, and was found by {depth} only"
        shutil.rmtree(root)
    print(CASES, "corruptions:", dict(found_at))
