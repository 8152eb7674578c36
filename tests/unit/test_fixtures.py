"""The saved pages in `tests/sources` give the documents that stand beside them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archiver.cli.app import app
from archiver.fixtures import JSON, WARC, compare_fixture
from archiver.models.hints import ExtractHints

SAVED = Path(__file__).parents[1] / "sources"
FOLDERS = sorted(path.parent for path in SAVED.glob(f"*/{WARC}"))


def test_there_are_saved_pages() -> None:
    assert len(FOLDERS) >= 3


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_saved_page_gives_what_it_gave(folder: Path) -> None:
    differences = compare_fixture(folder, ExtractHints())
    assert not differences, "if this is meant: archiver sources test --accept"


def test_a_difference_is_named_and_can_be_accepted(tmp_path: Path) -> None:
    shutil.copytree(FOLDERS[0], tmp_path / "f" / FOLDERS[0].name)
    saved = tmp_path / "f" / FOLDERS[0].name / JSON
    good = saved.read_bytes()
    saved.write_text(json.dumps(json.loads(good) | {"headline": "Another"}))
    arguments = ["sources", "test", "--fixtures", str(tmp_path / "f")]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 1
    assert 'headline: was "Another"' in told.stderr
    accepted = CliRunner().invoke(app, [*arguments, "--accept"])
    assert accepted.exit_code == 0
    assert "1 of 1 saved documents are new" in accepted.stderr
    assert saved.read_bytes() == good
    assert CliRunner().invoke(app, arguments).exit_code == 0
