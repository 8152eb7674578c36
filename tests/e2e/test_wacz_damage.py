"""Damaged packages: what is wrong is told by its place, the rest is judged all the same, and nothing is a trace."""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.replay.wacz import check_wacz
from tests.e2e.kit import archiver
from tests.e2e.test_wacz import errors, package, story

__all__ = ["package", "story"]


def damaged(content: bytes) -> Iterator[bytes]:
    yield b""
    yield b"PK\x03\x04 and nothing more"
    yield content[: len(content) // 2]
    yield content[:-40]


def test_a_damaged_package_is_a_finding_and_never_a_trace(package: Path, tmp_path: Path) -> None:
    for number, content in enumerate(damaged(package.read_bytes())):
        broken = tmp_path / f"{number}.wacz"
        broken.write_bytes(content)
        assert errors(broken)


def test_a_changed_byte_is_found(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    files["pages/pages.jsonl"] = files["pages/pages.jsonl"].replace(b"the", b"teh", 1)
    with zipfile.ZipFile(tmp_path / "x.wacz", "w") as target:
        for name, content in files.items():
            target.writestr(name, content)
    assert "wacz-list" in errors(tmp_path / "x.wacz")


def test_a_damaged_member_is_told_by_its_name_and_the_rest_is_judged(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        infos = {info.filename: info for info in opened.infolist()}
    name = max((name for name in infos if name.startswith("archive/")), key=lambda name: infos[name].file_size)
    content = bytearray(package.read_bytes())
    content[infos[name].header_offset + 30 + len(name) + 5_000] ^= 0xFF
    (tmp_path / "flipped.wacz").write_bytes(content)
    found = [one for one in check_wacz(tmp_path / "flipped.wacz") if one.severity == "error"]
    assert [one.rule for one in found] == ["wacz"], "told once, and no index line for it"
    assert found[0].sentence == f"{name} cannot be read: Bad CRC-32 for file '{name}'"
    run = archiver("check", tmp_path / "flipped.wacz", cwd=tmp_path)
    assert run.returncode == 5 and b"make the package again from its archive" in run.stderr
    assert b"mend" not in run.stderr, "a package cannot be mended"


def test_whatever_byte_of_a_member_is_damaged_is_a_finding(package: Path, tmp_path: Path) -> None:
    """Beyond the members lies the directory, some of whose fields nobody reads (times, attributes)."""
    whole, seed = package.read_bytes(), random.Random(7)
    with zipfile.ZipFile(package) as opened:
        places = [
            (info.header_offset + 30 + len(info.filename), info.compress_size)
            for info in opened.infolist()
            if info.file_size
        ]
    for start, size in seed.choices(places, [size for _, size in places], k=40):
        content = bytearray(whole)
        content[start + seed.randrange(size)] ^= 1 << seed.randrange(8)
        (tmp_path / "flipped.wacz").write_bytes(content)
        assert errors(tmp_path / "flipped.wacz")


def test_no_damaged_byte_at_all_is_a_trace(package: Path, tmp_path: Path) -> None:
    whole, seed = package.read_bytes(), random.Random(8)
    directory = whole.rindex(b"PK\x01\x02", 0, whole.index(b"PK\x05\x06")) - 500
    for _ in range(60):
        content = bytearray(whole)
        content[seed.randrange(directory, len(content))] ^= 1 << seed.randrange(8)
        (tmp_path / "flipped.wacz").write_bytes(content)
        check_wacz(tmp_path / "flipped.wacz")


@pytest.mark.parametrize("text", ["[" * 100_000, '{"resources": [1]}', "[]", '{"resources": {}}', "\ud83d"])
def test_a_descriptor_of_any_kind_is_a_finding(text: str, package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "odd.wacz", "w") as target:
        target.writestr("datapackage.json", text.encode("utf-8", "surrogatepass"))
        target.writestr(f"archive/{'long' * 100}.warc.gz", b"no WARC")
    assert {"wacz-list", "wacz"} <= errors(tmp_path / "odd.wacz")
