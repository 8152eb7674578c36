"""The spool of a run: whole lines or none, its lock, and what a kill leaves."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from archiver.errors import RecordingError
from archiver.models import CapturePointer, Document, Refusal
from archiver.spool import RunInfo, RunSpool, SpiderReport, sweep, unpublished
from tests.unit.making import NOON, RUN

STEM = f"example-20261124120000000-00000-{RUN}"
INFO = RunInfo(run_id=RUN, started=NOON, software="test", sources=["example"])
REFUSAL = Refusal(url="https://example.org/", reason="empty")


def document(offset: int, text: str = "x") -> Document:
    pointer = CapturePointer(
        warc_filename=f"warc/example/dt=2026-11-24/{STEM}.warc.gz",
        warc_record_offset=offset,
        warc_record_length=9,
        warc_record_id="urn:uuid:x",
        warc_type="response",
        fetch_time=NOON,
    )
    line = json.dumps({"capture": {"warc_record_offset": offset}, "text": text}).encode() + b"\n"
    return Document("article", line, pointer, "example", "https://example.org/")


def report(source: str = "example", *, failed: bool = False) -> SpiderReport:
    return SpiderReport(
        source=source,
        finish_reason="finished",
        captures=1,
        documents=1,
        bytes_received=1,
        recording_failed=failed,
        errors=0,
    )


@pytest.fixture
def run(tmp_path: Path) -> RunSpool:
    made = RunSpool(tmp_path / RUN)
    made.begin(INFO)
    return made


def test_documents_come_back_by_record_each_once(run: RunSpool) -> None:
    for offset in (30, 10, 20, 10):
        run.append_document(document(offset))
    run.close()
    assert [json.loads(line)["capture"]["warc_record_offset"] for line in run.documents(STEM)] == [10, 20, 30]
    assert list(run.documents("another")) == []


def test_a_torn_last_line_is_left_out(run: RunSpool) -> None:
    run.append_document(document(10))
    run.append_refusal(REFUSAL)
    run.close()
    for name in (f"{STEM}.articles.jsonl", "refusals.jsonl"):
        with (run.folder / name).open("ab") as stream:
            stream.write(b'{"half a li')
    assert len(list(run.documents(STEM))) == 1
    assert list(run.refusals()) == [REFUSAL]


def test_a_run_ended_by_itself_when_every_spider_reported(run: RunSpool) -> None:
    assert not run.ended_by_itself()
    run.append_report(report("another"))
    assert not run.ended_by_itself()
    run.append_report(report())
    assert run.ended_by_itself()


def test_a_run_that_could_not_record_did_not_end_by_itself(run: RunSpool) -> None:
    run.append_report(report(failed=True))
    assert not run.ended_by_itself()


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\x00\xff", b"[1]"])
def test_a_run_without_readable_info_is_no_crash(tmp_path: Path, content: bytes | None) -> None:
    run = RunSpool(tmp_path / RUN)
    run.folder.mkdir()
    if content is not None:
        (run.folder / "run.json").write_bytes(content)
    assert run.info() is None
    assert not run.ended_by_itself()


def test_one_process_holds_a_run(run: RunSpool) -> None:
    code = f"import sys; from pathlib import Path; from archiver.spool import RunSpool; sys.exit(RunSpool(Path({str(run.folder)!r})).take_lock())"
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, check=False).returncode == 0
    run.release()
    assert subprocess.run(command, check=False).returncode == 1
    with pytest.raises(RecordingError, match="another process works on this run"):
        first, second = RunSpool(run.folder), RunSpool(run.folder)
        first.begin(INFO)
        second.begin(INFO)


def test_a_full_disk_writes_whole_lines_or_none(run: RunSpool) -> None:
    run.append_refusal(REFUSAL)
    whole = (run.folder / "refusals.jsonl").read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 10, hard))
    try:
        for _ in range(2):
            with pytest.raises(RecordingError, match=r"refusals\.jsonl: .*; free some space"):
                run.append_refusal(REFUSAL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (run.folder / "refusals.jsonl").read_bytes() == whole
    run.append_refusal(REFUSAL)
    assert list(run.refusals()) == [REFUSAL, REFUSAL]


def test_a_document_of_a_foreign_warc_is_refused(run: RunSpool) -> None:
    other = document(1)
    pointer = other.capture.model_copy(update={"warc_filename": "crawl.warc.gz"})
    with pytest.raises(RecordingError, match="not a WARC of this archive"):
        run.append_document(Document("article", other.line, pointer, "example", "https://example.org/"))


def test_a_spool_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RecordingError, match="free some space"):
        RunSpool(tmp_path / "file" / RUN).begin(INFO)


def test_only_folders_named_like_runs_are_runs(tmp_path: Path, run: RunSpool) -> None:
    for name in ("photos", "20261124", f".{RUN}.published"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text("x")
    assert [left.folder.name for left in unpublished(tmp_path)] == [RUN]
    assert unpublished(tmp_path / "nowhere") == []
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"photos", "20261124", RUN}


def test_a_removed_run_is_gone_but_what_recovery_kept_stays(tmp_path: Path, run: RunSpool) -> None:
    (run.folder / f"{STEM}.warc.gz.damaged").write_bytes(b"for a person to look at")
    run.remove()
    assert [path.name for path in tmp_path.iterdir()] == [f"{STEM}.warc.gz.damaged"]
