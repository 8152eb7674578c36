"""Every file of a museum of other people's WARCs: read or refused by name, never a crash."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType

from archiver.errors import WarcError
from archiver.warc import check_warc, read_capture_at, read_captures
from archiver.warc.checker import RULES

CORPUS = Path(__file__).parents[4] / "shared" / "corpus" / "warc"
FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file()) if CORPUS.is_dir() else []

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the shared corpus of WARCs is not beside the project"),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_file_is_read_or_refused_by_name(path: Path) -> None:
    told: list[WarcError] = []
    captures = []
    try:
        captures = list(read_captures(path, on_damage=told.append))
    except WarcError as error:
        assert error.rule == "format", error
        assert path.suffix in (".arc", ".wacz", ".lz4") or path.name.endswith(".arc.gz")
    assert {error.rule for error in told} <= set(RULES)
    assert {finding.rule for finding in check_warc(path)} <= set(RULES)
    for capture in captures:
        if not any(error.rule == "gzip-member" for error in told):
            at = read_capture_at(path, capture.pointer.warc_record_offset, warc_filename=str(path))
            assert at.head == capture.head
            assert at.pointer.warc_record_id == capture.pointer.warc_record_id
            assert at.pointer.warc_record_length == capture.pointer.warc_record_length


def test_bodies_are_those_that_fastwarc_reads() -> None:
    compared = 0
    for path in FILES:
        if "warc" not in path.name or path.suffix == ".lz4":
            continue
        try:
            ours = {c.pointer.warc_record_offset: c for c in read_captures(path, on_damage=lambda _: None)}
        except WarcError:
            continue
        for offset, block in _blocks(path):
            capture = ours.get(offset)
            chunked = capture and any(n.lower() == "transfer-encoding" for n, _ in capture.headers)
            if capture and not chunked:
                assert capture.head + capture.body == block, f"{path.name} at {offset}"
                compared += 1
    assert compared > 800


def _blocks(path: Path) -> list[tuple[int, bytes]]:
    found = []
    try:
        with path.open("rb") as file:
            for record in ArchiveIterator(file, parse_http=False, record_types=WarcRecordType.response):
                found.append((record.stream_pos, record.reader.read()))
    except OSError:  # FastWARC stops at damage; what it read before counts
        pass
    return found if len({offset for offset, _ in found}) == len(found) else []
