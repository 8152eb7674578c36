"""Series of their own: where an exchange goes, and that the writers together behave as one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from archiver.layout import segment_name, source_of_series
from archiver.models import CrawlContext, Role
from archiver.warc import check_warc, read_captures
from archiver.warc.context import context_lines
from archiver.warc.series import SeriesWriter, terms_of
from tests.unit.making import INFO, NOON, answer, exchange


def asked(path: str, terms: str | None) -> object:
    made = exchange(f"https://example.com/{path}", answer(b"{}", kind="application/json"), role=Role.POST)
    made.context = replace(made.context, post={"terms": terms} if terms else None)
    return made


def test_only_the_named_terms_get_a_series() -> None:
    assert terms_of(CrawlContext(post={"terms": "x-developer"})) == "x-developer"
    assert terms_of(CrawlContext(post={"terms": "meta-oembed"})) == "meta-oembed"
    assert terms_of(CrawlContext(post={"terms": "x-tos"})) is None
    assert terms_of(CrawlContext()) is None


@pytest.mark.parametrize(("series", "source"), [("bbc", "bbc"), ("bbc-x-developer", "bbc"), ("a-meta-oembed", "a")])
def test_a_series_names_its_source(series: str, source: str) -> None:
    assert source_of_series(series) == source


def test_each_series_has_serials_of_its_own_and_names_that_can_be_read(tmp_path: Path) -> None:
    writer = SeriesWriter(tmp_path, "example", INFO, clock=lambda: NOON)
    pointers = [
        writer.write(asked(f"{n}", terms)) for n, terms in enumerate([None, "x-developer", None, "meta-oembed"])
    ]  # type: ignore[arg-type]
    assert all(writer.path_of(pointer.warc_filename) for pointer in pointers if pointer)
    sealed = writer.close()
    names = [segment_name(file.key) for file in sealed]
    assert [(name.series, name.serial) for name in names if name] == [
        ("example", "00000"),
        ("example-x-developer", "00000"),
        ("example-meta-oembed", "00000"),
    ]
    assert [len(list(read_captures(file.path, warc_filename=file.key))) for file in sealed] == [2, 1, 1]
    for file in sealed:
        assert not [found for found in check_warc(file.path, profile="ours", key=file.key) if found.severity == "error"]


def test_files_are_told_once_and_in_the_order_of_sealing(tmp_path: Path) -> None:
    writer = SeriesWriter(tmp_path, "example", INFO, clock=lambda: NOON, max_bytes=1)
    for number, terms in enumerate(["x-developer", None, "x-developer", None]):
        writer.write(asked(str(number), terms))  # type: ignore[arg-type]
        before = writer.sealed
        assert writer.sealed[: len(before)] == before
    assert writer.close()[: len(before)] == before
    assert len({file.key for file in writer.sealed}) == len(writer.sealed) == 4


def test_a_series_that_nothing_asks_for_is_never_begun(tmp_path: Path) -> None:
    writer = SeriesWriter(tmp_path, "example", INFO, clock=lambda: NOON)
    assert writer.close() == []
    assert list(tmp_path.iterdir()) == []


def test_method_and_terms_of_a_posts_capture_stand_by_themselves() -> None:
    about = {"n": 0, "method": "syndication", "terms": "x-tos"}
    lines = dict(context_lines(CrawlContext(post=about)))
    assert (lines["arc-method"], lines["arc-terms"], json.loads(lines["arc-post"])) == ("syndication", "x-tos", about)
    assert "arc-method" not in dict(context_lines(CrawlContext(post={"medium": "https://x.example/a.png"})))
