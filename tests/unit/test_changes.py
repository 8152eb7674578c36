"""The change sequence: every run has exactly one number, whoever publishes at the same time and whatever was lost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from archiver.changes import HEAD, announce, entry_key
from archiver.store import FolderStore


class Swapping(FolderStore):
    """A folder that only compares and swaps."""

    @property
    def deciding(self) -> str:
        return "swap"

    def create(self, key: str, content: bytes) -> bool:
        raise AssertionError("this store does not create")


@pytest.fixture(params=[FolderStore, Swapping])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FolderStore:
    return request.param(tmp_path / "store")  # type: ignore[no-any-return]


def runs(store: FolderStore) -> list[str]:
    return [json.loads(store.read(key))["run_id"] for key in store.list("changes/v1/0")]


def test_numbers_follow_each_other(store: FolderStore) -> None:
    assert [announce(store, f"run{n}", f"runs/run{n}/manifest.json") for n in (1, 2, 3)] == [1, 2, 3]
    assert runs(store) == ["run1", "run2", "run3"]
    assert json.loads(store.read(entry_key(2))) == {"run_id": "run2", "manifest": "runs/run2/manifest.json"}


def test_every_one_of_many_publishers_has_one_number(store: FolderStore, tmp_path: Path) -> None:
    def publish(number: int) -> int:
        return announce(store, f"run{number}", "m", tmp_path / f"note{number}")

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(publish, range(24)))
    assert sorted(numbers) == list(range(1, 25))
    assert sorted(runs(store)) == sorted(f"run{n}" for n in range(24))
    with ThreadPoolExecutor(8) as pool:  # all of them again, as after a kill
        assert list(pool.map(publish, range(24))) == numbers


def test_a_run_that_comes_back_keeps_its_number(store: FolderStore, tmp_path: Path) -> None:
    assert announce(store, "run1", "m", tmp_path / "note") == 1
    for number in range(150):
        announce(store, f"other{number}", "m")
    assert announce(store, "run1", "m", tmp_path / "note") == 1
    assert announce(store, "run1", "m", again=True) == 1  # its spool was lost with the note
    assert len(runs(store)) == 151


def test_a_head_without_its_entry_is_finished_by_whoever_comes(tmp_path: Path) -> None:
    store = Swapping(tmp_path / "store")
    announce(store, "run1", "m1")
    claim = json.dumps({"seq": 2, "run_id": "killed", "manifest": "m2"}).encode()
    found = store.head(HEAD)
    assert found
    store.swap(HEAD, claim, expected=found.etag)
    assert announce(store, "run3", "m3") == 3
    assert runs(store) == ["run1", "killed", "run3"]
    assert announce(store, "killed", "m2", tmp_path / "no-note", again=True) == 2
