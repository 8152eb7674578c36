"""The checker against one file for each row of the validators' table, and against what the writer makes."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.warc import WarcWriter, check_cdxj, check_pointers, check_warc
from archiver.warc.checker import RULES
from tests.unit.warc import museum
from tests.unit.warc.conftest import exchange, http, second_opinion


def put(folder: Path, file: museum.File) -> Path:
    path = folder / file.name
    path.write_bytes(file.raw())
    return path


def errors(path: Path, **options: object) -> set[str]:
    return {finding.rule for finding in check_warc(path, **options) if finding.severity == "error"}  # type: ignore[arg-type]


@pytest.mark.parametrize("case", museum.SOUND)
def test_a_sound_file_passes(case: str, tmp_path: Path) -> None:
    path = put(tmp_path, museum.SOUND[case]())
    assert [str(finding) for finding in check_warc(path) if finding.severity == "error"] == []


@pytest.mark.parametrize(
    "case", ["all record types", "gzip-coded body", "foreign: not compressed", "foreign: SHA-256 hex"]
)
def test_sound_files_satisfy_other_readers_too(case: str, tmp_path: Path) -> None:
    file = museum.SOUND[case]()
    assert second_opinion(put(tmp_path, file)) == len(file.records)


@pytest.mark.parametrize("case", museum.BROKEN)
def test_a_broken_file_is_refused_by_the_name_of_its_rule(case: str, tmp_path: Path) -> None:
    rule, make = museum.BROKEN[case]
    file = make()
    profile = "foreign" if file.records[0].block == museum.FOREIGN_INFO else "ours"
    found = errors(put(tmp_path, file), profile=profile)
    assert rule in found
    assert rule in RULES


@pytest.mark.parametrize("case", museum.BROKEN)
def test_one_fault_is_not_told_as_many(case: str, tmp_path: Path) -> None:
    file = museum.BROKEN[case][1]()
    profile = "foreign" if file.records[0].block == museum.FOREIGN_INFO else "ours"
    assert len(errors(put(tmp_path, file), profile=profile)) <= 4  # a lost record also breaks what leads to it


def test_every_rule_of_a_single_file_has_a_broken_example() -> None:
    elsewhere = {"format", "unreadable", "cdxj", "pointer", "request-missing", "content-length-ignored", "too-many"}
    assert {rule for rule, _ in museum.BROKEN.values()} == set(RULES) - elsewhere


def test_what_a_server_did_wrong_is_a_note_and_not_an_error(tmp_path: Path) -> None:
    path = put(tmp_path, museum.SOUND["a server that lies about its coding"]())
    assert [(f.rule, f.severity) for f in check_warc(path)] == [("content-encoding", "note")]


def test_a_missing_request_is_a_note(tmp_path: Path) -> None:
    file = museum.File([museum.warcinfo(), museum.response(), museum.metadata(number=3)])
    assert [(f.rule, f.severity) for f in check_warc(put(tmp_path, file))] == [("request-missing", "note")]


def test_the_key_decides_about_the_name(tmp_path: Path) -> None:
    path = put(tmp_path, museum.sound()).rename(tmp_path / "copy-42")
    assert "filename" in errors(path)
    assert errors(path, key=f"warc/example/dt=2026-11-24/{museum.NAME}") == set()


def test_other_formats_and_missing_files_are_findings(tmp_path: Path) -> None:
    archive = tmp_path / "a.wacz"
    archive.write_bytes(b"PK\x03\x04" + bytes(40))
    assert errors(archive) == {"format"}
    assert errors(tmp_path / "absent.warc.gz") == {"unreadable"}


def test_findings_of_one_file_are_bounded(tmp_path: Path) -> None:
    file = museum.sound()
    file.records += [museum.metadata(number=4) for _ in range(1500)]
    findings = check_warc(put(tmp_path, file))
    assert len(findings) <= 1001
    assert any(finding.rule == "too-many" for finding in findings)


def test_what_the_writer_makes_passes_with_its_index_and_pointers(make_writer: Callable[..., WarcWriter]) -> None:
    writer = make_writer()
    big = http(b"x" * 3000)
    answers = [http(), http(), big, big, http(b"", status="HTTP/1.1 404 Gone"), http(b"a", "Content-Encoding: gzip")]
    pointers = [
        writer.write(exchange(f"https://example.com/{number}", response=answer))
        for number, answer in enumerate(answers)
    ]
    post = exchange(method="POST", request=b'POST /q HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"a": [1, 2]}')
    pointers.append(writer.write(post))
    writer.write_side("urn:pageinfo:https://example.com/0", "application/json", b"{}", exchange().started)
    sealed = writer.close()[0]
    assert [str(f) for f in check_warc(sealed.path, key=sealed.key) if f.severity == "error"] == []
    assert check_cdxj(sealed.cdxj_path, sealed.path) == []
    assert check_pointers(sealed.path, [pointer for pointer in pointers if pointer]) == []


def test_a_wrong_index_line_and_a_missing_one_are_found(make_writer: Callable[..., WarcWriter]) -> None:
    writer = make_writer()
    for number in range(3):
        writer.write(exchange(f"https://example.com/{number}", response=http(b"%d" % number)))
    sealed = writer.close()[0]
    lines = gzip.decompress(sealed.cdxj_path.read_bytes()).splitlines(keepends=True)
    sealed.cdxj_path.write_bytes(gzip.compress(lines[0] + lines[1].replace(b'"offset": "', b'"offset": "9')))
    sentences = [finding.sentence for finding in check_cdxj(sealed.cdxj_path, sealed.path)]
    assert len(sentences) == 3
    assert sum("leads to no such record" in sentence for sentence in sentences) == 1
    sealed.cdxj_path.write_bytes(gzip.compress(lines[1] + lines[0] + lines[2]))
    assert [f.sentence for f in check_cdxj(sealed.cdxj_path, sealed.path)] == ["the lines are not sorted by bytes"]
    sealed.cdxj_path.write_bytes(b"\x1f\x8bnonsense")
    assert [f.rule for f in check_cdxj(sealed.cdxj_path, sealed.path)] == ["cdxj"]


def test_a_pointer_that_is_off_is_found(make_writer: Callable[..., WarcWriter]) -> None:
    writer = make_writer()
    first = writer.write(exchange())
    second = writer.write(exchange("https://example.com/2", response=http(b"two")))
    assert first and second
    path = writer.close()[0].path
    for change in (
        {"warc_record_offset": second.warc_record_offset},
        {"warc_record_offset": first.warc_record_offset + 1},
        {"warc_record_offset": 10**9},
        {"warc_record_length": first.warc_record_length - 1},
        {"warc_type": "revisit"},
        {"warc_record_id": "urn:uuid:0"},
    ):
        assert [f.rule for f in check_pointers(path, [first.model_copy(update=change)])] == ["pointer"]
