"""A file is issued again under another name as often as it must be: its addresses stay, and a name never comes again."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from archiver.errors import WarcError
from archiver.layout import new_run_id, segment_name
from archiver.platforms.options import X_FEATURES
from archiver.warc.checker import check_warc
from archiver.warc.erase import erase, new_name, spans_of
from archiver.warc.writer import WarcWriter
from tests.unit.warc.conftest import INFO, START, second_opinion

Make = Callable[..., WarcWriter]

INFORMED = replace(
    INFO,
    software="news-archiver/0.1.0",
    operator="NewsArchiver (demo@localhost.localdomain)",
    user_agent="NewsArchiver/0.1.0 (+demo@localhost.localdomain)",
    source="demo-indus",
    description="The Indus Lantern (http://127.0.0.1:42231/)",
    extra=(("arc-x-features", X_FEATURES),),
)
"""A warcinfo record of the length that real ones have."""

TIGHT = (401, 1138)
"""Seeds whose ids and digests leave hardly any room for another name: none was found for them by its end alone."""


def _noted(writer: WarcWriter) -> Path:
    """A file with one note in it."""
    writer.write_side("urn:test:note", "text/plain", b"words", START)
    return writer.close()[0].path


@pytest.mark.parametrize("seed", [*range(20), *TIGHT])
def test_a_file_gets_a_name_that_fits_as_often_as_it_must(make_writer: Make, tmp_path: Path, seed: int) -> None:
    """Names, ids and digests do not compress: whether one fits into the old length is chance, so many files are tried."""
    chance = Random(seed)
    ids = iter(lambda: uuid.UUID(int=chance.getrandbits(128), version=4).urn, None)
    info = replace(INFORMED, run_id=f"20261124t120000z{chance.getrandbits(24):06x}")
    path = _noted(make_writer(series="demo-indus", info=info, new_id=lambda: next(ids)))
    used: set[str] = set()
    for _ in range(5):
        name = segment_name(path.name)
        assert name is not None
        used.add(name.warc)
        fresh = new_name(path, name, used)
        assert fresh.warc not in used
        assert (fresh.series, fresh.stamp, fresh.serial) == (name.series, name.stamp, name.serial)
        before, out = spans_of(path), tmp_path / f"{fresh.stem}.warc.gz"
        assert erase(path, out, (), "a test", START) == 0
        assert [(one.offset, one.length, one.record_id) for one in spans_of(out)] == [
            (one.offset, one.length, one.record_id) for one in before
        ]
        assert not [found for found in check_warc(out, profile="ours", key=fresh.warc) if found.severity == "error"]
        second_opinion(out)
        path = out


def test_a_name_that_does_not_fit_is_refused_and_leaves_no_file(make_writer: Make, tmp_path: Path) -> None:
    writer = make_writer(info=replace(INFO, run_id=new_run_id(START)))
    path = _noted(writer)
    out = tmp_path / f"{secrets.token_hex(60)}-{path.name}"
    with pytest.raises(WarcError, match="does not fit into the length of the warcinfo record"):
        erase(path, out, (), "a test", START)
    assert not out.exists()
