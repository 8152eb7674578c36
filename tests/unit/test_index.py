"""The merged index: sorted, looked up by key and time without reading it all, brought up to date, damaged, and read by others."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver.errors import StoreError
from archiver.index import ArchiveIndex, Blocks, SortedFile, line_values, sorted_lines, update_index, write_blocks
from archiver.store import FolderStore


def line(key: str, stamp: str, offset: int = 0) -> bytes:
    values = {"fetch_time": stamp, "url": f"http://{key}", "offset": str(offset), "filename": "warc/a.warc.gz"}
    return f"{key} {stamp} {json.dumps(values)}\n".encode()


KEYS = st.text(alphabet='ab,)/?!"#%~ü', min_size=1, max_size=6)
STAMPS = st.integers(20240101000000, 20240101000030).map(str)
LINES = st.lists(st.builds(line, KEYS, STAMPS, st.integers(0, 3)), max_size=60)


@settings(max_examples=60, deadline=None)
@given(LINES, KEYS, STAMPS, STAMPS, st.integers(1, 7))
def test_a_lookup_gives_what_a_scan_gives(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], key: str, first: str, last: str, _size: int
) -> None:
    folder = tmp_path_factory.mktemp("index")
    ordered = sorted(set(lines))
    (folder / "a.cdxj").write_bytes(b"".join(ordered))
    write_blocks(ordered, folder, "a")
    for wanted in {key, *(one.split(b" ")[0].decode() for one in ordered[:5])}:
        every = [one for one in ordered if one.split(b" ", 1)[0] == wanted.encode()]
        timed = [one for one in every if first <= one.split(b" ")[1].decode() <= last]
        for reader in (SortedFile(folder / "a.cdxj"), Blocks(folder, "a")):
            assert list(reader.lines(wanted)) == every
            assert list(reader.lines(wanted, first, last)) == timed


def test_a_key_that_fills_many_blocks_is_found_whole(tmp_path: Path) -> None:
    lines = sorted([line("com,a)/", f"2024{n:010}") for n in range(5000)] + [line("com,b)/", "20240101000000")])
    write_blocks(lines, tmp_path, "a")
    blocks = Blocks(tmp_path, "a")
    assert len(list(blocks.lines("com,a)/"))) == 5000
    assert [one.split(b" ")[1] for one in blocks.lines("com,a)/", "20240000001234", "20240000001236")] == [
        b"20240000001234",
        b"20240000001235",
        b"20240000001236",
    ]
    assert list(blocks.lines("com,b)/")) == [line("com,b)/", "20240101000000")]
    assert list(blocks.lines("com,a)")) == list(blocks.lines("com,")) == list(blocks.lines("zz")) == []
    assert list(blocks.all()) == lines


def test_blocks_are_gzip_members_that_the_list_leads_to(tmp_path: Path) -> None:
    """ZipNum: key and time of the first line, then part, offset, length and number by tabs."""
    lines = sorted(line(f"com,a)/{n}", "20240101000000") for n in range(1000))
    assert write_blocks(lines, tmp_path, "a") == 1000
    assert gzip.decompress((tmp_path / "a.cdx.gz").read_bytes()) == b"".join(lines)
    data = (tmp_path / "a.cdx.gz").read_bytes()
    for number, row in enumerate((tmp_path / "a.idx").read_text().splitlines()):
        first, part, offset, length, count = row.split("\t")
        block = gzip.decompress(data[int(offset) : int(offset) + int(length)])
        assert block.startswith(f"{first} ".encode()) and part == "a" and int(count) == number + 1
    assert (tmp_path / "a.loc").read_text().split("\t")[0] == "a"


def test_more_lines_than_fit_in_memory_are_sorted(tmp_path: Path) -> None:
    lines = [line(f"com,{n % 97})/", f"2024{n:010}") for n in range(3000)]
    random.Random(1).shuffle(lines)
    assert list(sorted_lines([*lines, *lines[:50]], chunk_bytes=4000)) == sorted(lines)


def stored(store: FolderStore, number: int, lines: list[bytes]) -> str:
    key = f"cdxj/a/dt=2024-01-01/a-{number}.cdxj.gz"
    store.put(key, gzip.compress(b"".join(lines)))
    return key


def test_the_index_grows_by_what_is_new(tmp_path: Path) -> None:
    store, folder = FolderStore(tmp_path / "store"), tmp_path / "index"
    keys: list[str] = []
    for number in range(12):
        keys.append(stored(store, number, [line(f"com,a)/{n}", f"2024{number:010}") for n in range(50)]))
        read: list[str] = []
        index = update_index(store, keys, folder, read.append)
        assert read == [keys[-1]]
        assert [one.split(b" ")[1] for one in index.lines("com,a)/7")] == [
            f"2024{n:010}".encode() for n in range(number + 1)
        ]
        assert index.count == 50 * (number + 1) and index.covered == set(keys)
        assert len(index.pieces) <= 4
    assert list(index.all()) == sorted(index.all())
    update_index(store, keys, folder, lambda key: pytest.fail("nothing is new"))
    assert len({path.name.partition(".")[0] for path in folder.glob("piece-*")}) == len(index.pieces)


def test_a_file_that_is_listed_no_longer_leaves_the_index(tmp_path: Path) -> None:
    store, folder = FolderStore(tmp_path / "store"), tmp_path / "index"
    keys = [stored(store, n, [line("com,a)/", f"2024{n:010}")]) for n in range(3)]
    assert update_index(store, keys, folder).count == 3
    index = update_index(store, keys[1:], folder)
    assert [one.split(b" ")[1] for one in index.lines("com,a)/")] == [b"20240000000001", b"20240000000002"]


def test_damage_is_a_sentence(tmp_path: Path) -> None:
    store, folder = FolderStore(tmp_path / "store"), tmp_path / "index"
    key = stored(store, 1, [line("com,a)/", "20240101000000")])
    index = update_index(store, [key], folder)
    data = folder / f"{index.pieces[0].name}.cdx.gz"
    data.write_bytes(data.read_bytes()[:-10])
    with pytest.raises(StoreError, match="archiver index --rebuild"):
        list(index.lines("com,a)/"))
    (tmp_path / "store" / key).write_bytes(b"no gzip")
    with pytest.raises(StoreError, match="damaged"):
        update_index(store, [key], tmp_path / "other")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"form": 99}', b'{"form": 1, "pieces": [{}]}'])
def test_an_index_that_cannot_be_read_is_none_and_made_anew(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "index.json").write_bytes(content)
    assert ArchiveIndex.load(tmp_path) is None


def test_what_is_no_line_is_refused() -> None:
    for bad in (b"", b"one two", b"a 1 {", b"a 1 []"):
        with pytest.raises(ValueError):
            line_values(bad)
