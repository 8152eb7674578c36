"""Keys and the names they are made of."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archiver.layout import is_run_id, new_run_id, run_key, segment_name
from archiver.warc.segment import warc_name

NOW = datetime(2026, 11, 24, 23, 59, 59, 123456, UTC)


def test_a_run_id_sorts_by_time_and_is_recognised() -> None:
    first, second = new_run_id(NOW), new_run_id(NOW.replace(year=2027))
    assert first < second
    assert is_run_id(first)
    assert first.startswith("20261124t235959z")


@pytest.mark.parametrize(
    "name",
    ["", "photos", "20261124", ".lock", "20261124t235959z", "20261124t235959zABCDEF", "../20261124t235959zabcdef"],
)
def test_other_names_are_no_run_ids(name: str) -> None:
    assert not is_run_id(name)


def test_the_writers_name_gives_every_key() -> None:
    name = segment_name(warc_name("bbc-news-2", NOW, 7, "20261124t120000zabcdef") + ".warc.gz.open")
    assert name is not None
    assert (name.series, name.serial, name.day) == ("bbc-news-2", "00007", "2026-11-24")
    assert (
        name.warc == "warc/bbc-news-2/dt=2026-11-24/bbc-news-2-20261124235959123-00007-20261124t120000zabcdef.warc.gz"
    )
    assert (
        name.cdxj == "cdxj/bbc-news-2/dt=2026-11-24/bbc-news-2-20261124235959123-00007-20261124t120000zabcdef.cdxj.gz"
    )
    assert name.articles == "articles/v1/dt=2026-11-24/source=bbc-news-2/part-20261124t120000zabcdef-00007.jsonl.gz"
    assert segment_name(name.warc) == name


@pytest.mark.parametrize("name", ["", "crawl.warc.gz", "a-1-00000-r.warc.gz", "Ä-20261124235959123-00007-r1.warc.gz"])
def test_foreign_names_have_no_parts(name: str) -> None:
    assert segment_name(name) is None


def test_run_keys() -> None:
    assert run_key("r1", "2026-11-24", "_SUCCESS") == "runs/dt=2026-11-24/r1/_SUCCESS"
