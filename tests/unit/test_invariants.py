"""What must hold of a document beyond its schema."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.invariants import broken_invariants
from archiver.models import Article
from archiver.models.hints import ExtractHints
from archiver.work import extract_capture
from tests.unit.making import capture, page

QUOTE = "<p>“We were never asked about the ferry, and we will not be silent,” said Ada Kilic, the harbour master.</p>"


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    line = extract_capture(capture(page(extra=QUOTE)), ExtractHints()).line
    assert line
    found: dict[str, Any] = json.loads(line)
    return found


def broken(whole: dict[str, Any], **changes: Any) -> list[str]:
    return broken_invariants(Article.model_validate({**whole, **changes}))


def test_a_document_of_ours_holds(whole: dict[str, Any]) -> None:
    assert broken(whole) == []


def test_offsets_give_their_text(whole: dict[str, Any]) -> None:
    moved = [{**paragraph, "start": paragraph["start"] + 1} for paragraph in whole["paragraphs"]]
    assert "paragraphs[0]: offsets do not give its text" in broken(whole, paragraphs=moved)
    quotation = {"exact": "never said", "prefix": "", "suffix": "", "start": 0, "end": 10, "form": "direct"}
    assert broken(whole, quotations=[quotation]) == ["quotations[0]: offsets do not give its text"]


def test_a_document_has_an_address_and_something_to_read(whole: dict[str, Any]) -> None:
    pointer = {**whole["capture"], "warc_record_length": 0}
    assert broken(whole, capture=pointer) == ["capture: no address in a WARC"]
    empty = {"headline": None, "article_body": "", "paragraphs": [], "quotations": [], "citations": [], "links": []}
    assert "neither headline nor body" in broken(whole, **empty)


def test_a_date_and_its_precision_come_together(whole: dict[str, Any]) -> None:
    assert broken(whole, date_published="2026-11-24T00:00:00Z", date_published_precision=None) == [
        "date_published: a date and its precision come together"
    ]
