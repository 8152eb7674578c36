"""Fixtures of a source: a saved page and the document that it gave, so that a change of the extractor shows.

Belongs here: the two files of a fixture and their comparison. What saves a page is `archiver sources record`.

    FOLDER/ID/page.warc.gz      one capture with its request and metadata, byte for byte as it was recorded
    FOLDER/ID/page.json         its document, indented for people and diffs
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from archiver.errors import UsageError
from archiver.models.hints import ExtractHints
from archiver.warc import read_captures
from archiver.work import Outcome, extract_capture, is_article_capture

WARC = "page.warc.gz"
JSON = "page.json"

SHOWN_MAX = 120


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that is no longer what the fixture says."""

    field: str
    expected: str
    found: str


def write_fixture(folder: Path, warc: bytes, hints: ExtractHints) -> dict[str, Any]:
    """Saves a capture and its document into `folder`; gives the document. Raises `UsageError` when it gives none."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WARC).write_bytes(warc)
    return write_document(folder, hints)


def write_document(folder: Path, hints: ExtractHints) -> dict[str, Any]:
    """Saves the document that the saved page gives now; gives it. Raises `UsageError` and `WarcError`."""
    document = extract_fixture(folder, hints)
    (folder / JSON).write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return document


def extract_fixture(folder: Path, hints: ExtractHints) -> dict[str, Any]:
    """The document that the saved page gives now. Raises `UsageError` and `WarcError`."""
    if not (folder / WARC).is_file():
        raise UsageError(f"{folder / WARC}: no such file; `archiver sources record ID` saves one")
    outcome = Outcome(detail="there is no article capture in it")
    for capture in read_captures(folder / WARC, warc_filename=WARC):
        if is_article_capture(capture):
            outcome = extract_capture(capture, hints)
            break
    if not outcome.line:
        raise UsageError(f"{folder / WARC}: gives no document: {outcome.reason or 'no-capture'}: {outcome.detail}")
    document: dict[str, Any] = json.loads(outcome.line)
    return document


def compare_fixture(folder: Path, hints: ExtractHints) -> list[Difference]:
    """What differs between the saved document and the one that its page gives now. The program's version may."""
    found = extract_fixture(folder, hints)
    try:
        expected = json.loads((folder / JSON).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{folder / JSON}: no such file; `archiver sources record ID` saves one") from None
    except ValueError as error:
        raise UsageError(f"{folder / JSON}: not JSON: {error}") from None
    if not isinstance(expected, dict):
        raise UsageError(f"{folder / JSON}: not a document")
    return list(_differences(_without_version(expected), _without_version(found)))


def _without_version(document: dict[str, Any]) -> dict[str, Any]:
    about = document.get("extraction")
    kept = {name: value for name, value in about.items() if name != "version"} if isinstance(about, dict) else about
    return {**document, "extraction": kept}


def _differences(expected: dict[str, Any], found: dict[str, Any]) -> list[Difference]:
    names = list(dict.fromkeys([*expected, *found]))
    return [
        Difference(name, _shown(expected.get(name)), _shown(found.get(name)))
        for name in names
        if expected.get(name) != found.get(name)
    ]


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + "…"
