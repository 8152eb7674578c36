"""The check's own conduct: what is sampled, remembered, resumed, logged and reported. What it finds is in tests/e2e/test_corruptions.py."""

from __future__ import annotations

import json
import shutil
from itertools import islice
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.audit import ARCHIVE_RULES, Check, Depth, move_of
from archiver.audit.documents import MARK, Documented
from archiver.audit.files import FileCheck
from archiver.audit.ledger import Ledger, check_ledger
from archiver.audit.state import CheckState
from archiver.cli.checking import Wanted, check_archive, parse_depth, parse_share
from archiver.cli.exits import Exit
from archiver.config import ArchiveTable, Config, ExtractTable
from archiver.errors import UsageError
from archiver.events import EventLog, all_events, read_events
from archiver.publish import publish_run
from archiver.store import FolderStore
from archiver.warc import Finding
from tests.unit.making import NOON
from tests.unit.test_publish import WORKERS, stage


def ledger_of(archive: Archive) -> Ledger:
    ledger = Ledger()
    list(check_ledger(archive, ledger))
    return ledger


CHECK_RUN = "20261125t120000zabcdef"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    publish_run(stage(tmp_path / "spool"), FolderStore(tmp_path / "archive"), WORKERS, {})
    return tmp_path / "archive"


def test_publishing_notes_digest_and_ingestion_of_every_file_once(root: Path) -> None:
    archive = Archive(root)
    (run,) = archive.runs()
    events = list(all_events(archive.store))
    stored = [event for event in events if event.type != "capture"]
    assert {(event.type, event.key, event.sha256) for event in stored} == {
        (kind, file.key, file.sha256) for file in run.files for kind in ("message digest calculation", "ingestion")
    }
    assert len(stored) == 2 * len(run.files)
    captured = {event.key: event for event in events if event.type == "capture"}
    warcs = {file.key: file for file in run.files if file.key.startswith("warc/") and file.records}
    assert set(captured) == set(warcs) != set()
    assert {key: one.at for key, one in captured.items()} == {key: file.last_time for key, file in warcs.items()}
    assert all(f"{warcs[key].records} captures since " in str(one.detail) for key, one in captured.items())


def test_a_check_logs_what_it_read_and_what_failed(root: Path) -> None:
    archive = Archive(root, everything=True)
    warc = next(root.glob("warc/**/*.gz"))
    content = warc.read_bytes()
    warc.unlink()
    warc.write_bytes(content[:-1] + b"x")
    log = EventLog(archive.store, CHECK_RUN, NOON)
    found = list(Check(archive, Depth.FULL, log=log).findings())
    assert [one.rule for one in found if one.severity == "error"] == ["manifest"]
    (key,) = log.keys
    events = list(read_events(archive.store, key))
    assert {event.type for event in events} == {"fixity check"}
    assert {event.key: event.outcome for event in events}[str(warc.relative_to(root))] == "fail"
    assert [event.outcome for event in events].count("success") == len(events) - 1


def test_the_sample_takes_the_damaged_then_the_unread_then_the_oldest() -> None:
    state = CheckState(None)
    keys = [f"k{number}" for number in range(20)]
    for key in keys[:10]:
        state.verified(key, "0", "full", good=True)
    state.verified("k3", "0", "full", good=False)
    first = state.oldest(keys, 11)
    assert first[0] == "k3"
    assert set(first[1:]) == set(keys[10:])
    assert state.oldest(keys, 12)[11] == "k0", "read longest ago"


def test_a_sample_is_at_least_ten_files_and_every_file_has_its_turn(root: Path, tmp_path: Path) -> None:
    state = CheckState(tmp_path / "state")
    check = Check(Archive(root), Depth.DEFAULT, sample=0.01, state=state)
    assert [one for one in check.findings() if one.severity == "error"] == []
    assert check.counted.read == min(10, check.counted.files)


def test_a_check_that_was_cut_short_goes_on_and_tells_again_what_it_had_found(root: Path, tmp_path: Path) -> None:
    warc = next(root.glob("warc/**/*.gz"))
    content = warc.read_bytes()
    warc.unlink()
    warc.write_bytes(content[:-1] + b"x")
    folder = tmp_path / "state"
    first = Check(Archive(root), Depth.FULL, state=CheckState(folder))
    cut = list(islice(first.findings(), 1))
    assert [one.file for one in cut] == [str(warc.relative_to(root))]
    first.state.close()
    again = Check(Archive(root), Depth.FULL, state=CheckState(folder), resume=True)
    assert [one for one in again.findings() if one.severity == "error"] == cut
    assert again.counted.resumed >= 1
    assert again.counted.read == again.counted.files - again.counted.resumed
    fresh = Check(Archive(root), Depth.FULL, state=CheckState(folder), resume=True)
    list(fresh.findings())
    assert fresh.counted.resumed == 0, "what ended is not resumed"


def test_what_was_read_before_the_cut_is_logged_and_counts_as_documented(root: Path, tmp_path: Path) -> None:
    """A duplicate whose first document was read before the check was killed, and the events that it could not write any more."""
    archive, folder = Archive(root), tmp_path / "state"
    (run,) = archive.runs()
    first = next(file.key for file in run.files if file.key.startswith("articles/"))
    ledger = ledger_of(archive)
    state, outcome = CheckState(folder), FileCheck(archive.store, ledger).read(ledger.files[first])
    pass_id = state.begin(CHECK_RUN, Depth.FULL, resume=False)  # as a check that was killed after this one file
    marks, twice = Documented().twice(first, outcome.documented)
    assert len(marks) == MARK * len(outcome.documented) > 0
    assert twice == []
    state.verified(first, outcome.sha256, Depth.FULL, good=True)
    state.keep(pass_id, first, [], marks)
    state.close()
    log = EventLog(archive.store, CHECK_RUN, NOON)
    resumed = Check(archive, Depth.FULL, state=CheckState(folder), log=log, resume=True)
    assert [one for one in resumed.findings() if one.severity == "error"] == []
    assert resumed.counted.resumed == 1
    told = {one.key: one for key in log.keys for one in read_events(archive.store, key)}
    assert set(told) == {file.key for file in run.files}, "every file has its event, whoever read it"
    assert told[first].sha256 == outcome.sha256
    state = CheckState(folder)
    other = next(file.key for file in run.files if file.key.startswith("cdxj/"))
    state.keep(state.begin(CHECK_RUN, Depth.FULL, resume=False), other, [], marks)  # as if it held the same documents
    state.close()
    found = list(Check(archive, Depth.FULL, state=CheckState(folder), resume=True).findings())
    assert [one.rule for one in found if one.severity == "error"] == ["duplicate"] * len(outcome.documented)


def test_a_sample_that_was_cut_short_stays_the_sample(root: Path, tmp_path: Path) -> None:
    folder, archive = tmp_path / "state", Archive(root)
    keys = [file.key for run in archive.runs() for file in run.files]
    state = CheckState(folder)
    pass_id = state.begin(CHECK_RUN, Depth.DEFAULT, resume=False)
    note = Finding(keys[0], 0, None, "again", "was said before", "note")
    state.verified(keys[0], "0", Depth.DEFAULT, good=True)
    state.keep(pass_id, keys[0], [note])
    state.close()
    check = Check(archive, Depth.DEFAULT, state=CheckState(folder), resume=True)
    assert note in list(check.findings())
    assert check.counted.resumed == 1
    assert check.counted.resumed + check.counted.read == min(10, len(keys))


def test_a_copy_that_verifies_is_named(root: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(root, tmp_path / "copy")
    next(copy.glob("cdxj/**/*.gz")).write_bytes(b"damaged too")
    for path in (next(root.glob("warc/**/*.gz")), next(root.glob("cdxj/**/*.gz"))):
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content[:-1] + b"x")
    check = Check(Archive(root), Depth.FULL, replicas=(str(copy),))
    found = {one.file.partition("/")[0]: one.sentence for one in check.findings() if one.rule == "manifest"}
    assert f"the copy in {copy} is whole" in found["warc"]
    assert f"the copy in {copy} is damaged as well" in found["cdxj"]


def configured(root: Path) -> Config:
    return Config(archive=ArchiveTable(store=str(root)), extract=ExtractTable(workers=1))


def test_the_report_holds_counts_and_findings_with_their_next_move(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    next(root.glob("articles/**/*.gz")).unlink()
    report = tmp_path / "reports/check.json"
    assert check_archive(configured(root), Wanted(Depth.QUICK, report=report, as_json=True)) == Exit.DAMAGED
    told = json.loads(report.read_text())
    assert (told["record_type"], told["depth"], told["errors"]) == ("check", "quick", 1)
    (finding,) = told["findings"]
    assert finding["file"].startswith("articles/")
    assert finding["next"] == move_of("manifest")
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == told["findings"]


def test_strays_are_notes_and_no_damage(root: Path) -> None:
    stray = root / "warc/example/dt=2026-11-24/example-20261124120000000-00009-20261124t120000z999999.warc.gz"
    stray.write_bytes(b"left by a publish that was killed")
    found = list(Check(Archive(root), Depth.QUICK).findings())
    assert [(one.rule, one.severity) for one in found] == [("stray", "note")]


def test_every_rule_has_a_next_move() -> None:
    assert all(move_of(rule) for rule in ARCHIVE_RULES)
    assert move_of("block-digest") == move_of("gzip-member")


@pytest.mark.parametrize(("text", "share"), [("1%", 0.01), ("0.5", 0.5), ("100%", 1.0)])
def test_a_share_is_a_percentage_or_a_fraction(text: str, share: float) -> None:
    assert parse_share(text) == share


@pytest.mark.parametrize("text", ["", "some", "101%", "-1"])
def test_other_shares_are_sentences(text: str) -> None:
    with pytest.raises(UsageError, match="is no share"):
        parse_share(text)


def test_two_depths_at_once_are_a_sentence() -> None:
    with pytest.raises(UsageError, match="two depths"):
        parse_depth(quick=True, full=True)


def test_findings_keep_their_form_over_the_state() -> None:
    state = CheckState(None)
    run = state.begin("r", "full", resume=False)
    told = [Finding("f", 7, "urn:uuid:x", "pointer", "says something")]
    state.keep(run, "step", told)
    assert state.found(run, "step") == told
    assert state.found(run, "other") is None
