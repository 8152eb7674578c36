"""One unit of CPU work: every failure is a Reason, and requisites come along."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from archiver.models import Role
from archiver.models.hints import ExtractHints
from archiver.reasons import Reason
from archiver.work import Outcome, Task, extract_capture, is_article_capture, run_task
from tests.unit.making import answer, capture, exchange, page, write_warc

HINTS = ExtractHints()


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (capture(page(), truncated="length"), Reason.TRUNCATED),
        (capture(page(), status=404), Reason.HTTP_ERROR),
        (capture(page(), status=302), Reason.HTTP_ERROR),
        (capture(page(), status=429), Reason.THROTTLED),
        (capture(page(), status=503), Reason.THROTTLED),
        (capture(b""), Reason.EMPTY),
        (capture(b" \n "), Reason.EMPTY),
        (capture(page(), kind="application/pdf"), Reason.NOT_HTML),
        (capture(b"", warc_type="revisit"), Reason.ORIGINAL_MISSING),
        (capture(b"nothing like gzip" * 9 + bytes(99), headers=(("Content-Encoding", "br"),)), Reason.UNDECODABLE),
        (capture(gzip.compress(bytes(70 * 2**20)), headers=(("Content-Encoding", "gzip"),)), Reason.TOO_LARGE),
        (capture(b"<html><body><div></div></body></html>"), Reason.NO_TEXT),
        (capture(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(range(256))), Reason.NOT_HTML),
    ],
)
def test_a_page_without_document_has_a_reason(made: object, reason: Reason) -> None:
    outcome = extract_capture(made, HINTS)  # type: ignore[arg-type]
    assert (outcome.line, outcome.reason) == (None, reason), outcome.detail
    assert outcome.detail


def test_a_page_gives_one_line_of_json_and_its_requisites() -> None:
    outcome = extract_capture(capture(page(extra='<img src="/a.png">')), HINTS, requisites=True)
    assert outcome.reason is None
    assert outcome.line is not None
    assert outcome.line.count(b"\n") == 1
    assert json.loads(outcome.line)["headline"] == "A headline about the harbour"
    assert outcome.requisites == ("https://example.org/a.png",)


def test_an_error_of_ours_is_a_reason_with_its_trace() -> None:
    broken = capture(page(), url="https://example.org/news/1")
    object.__setattr__(broken, "headers", ((1, 2, 3),))
    outcome = extract_capture(broken, HINTS)
    assert outcome.reason is Reason.EXTRACTOR_ERROR
    assert "Error" in outcome.detail


def test_a_capture_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    gone = run_task(Task(str(tmp_path / "gone.warc.gz"), 0, "warc/x/gone.warc.gz"))
    assert gone.reason is Reason.EXTRACTOR_ERROR
    sealed = write_warc(tmp_path, exchange("https://example.org/1", answer(page())))
    wrong = run_task(Task(str(sealed.path), 3, sealed.key))
    assert wrong.reason is Reason.EXTRACTOR_ERROR
    assert "3" in wrong.detail


def test_a_growing_file_is_read_under_either_name(tmp_path: Path) -> None:
    sealed = write_warc(tmp_path, exchange("https://example.org/1", answer(page())))
    offset = json.loads(_documents(sealed.path, sealed.key)[0])["capture"]["warc_record_offset"]
    task = Task(str(sealed.path), offset, sealed.key)
    first = run_task(task)
    sealed.path.rename(sealed.path.with_name(sealed.path.name + ".open"))
    assert run_task(task) == first
    assert isinstance(first, Outcome)
    assert first.line


def _documents(path: Path, key: str) -> list[bytes]:
    from archiver.warc import read_captures

    outcomes = [extract_capture(found, HINTS) for found in read_captures(path, warc_filename=key)]
    return [outcome.line for outcome in outcomes if outcome.line]


def test_which_captures_are_looked_at_again() -> None:
    assert is_article_capture(capture(page()))
    assert is_article_capture(capture(page(), status=404))
    assert not is_article_capture(capture(page(), role=Role.FEED))
    assert not is_article_capture(capture(page(), role=Role.REQUISITE))
    assert not is_article_capture(capture(b"", status=301, headers=(("Location", "/x"),)))
    assert is_article_capture(capture(b"", status=302)), "a redirect to nowhere is an outcome"
    # Foreign WARCs have no roles.
    assert is_article_capture(capture(page(), role=None))
    assert not is_article_capture(capture(page(), role=None, status=404))
    assert not is_article_capture(capture(page(), role=None, kind="image/png"))
    assert not is_article_capture(capture(page(), role=None, warc_type="resource"))
