"""The rules of conduct, without a wire."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.errors import ConfigError
from archiver.optout import OptOut, read_optout
from archiver.politeness import Backoff, retry_after
from pipelines.conduct import watermark
from pipelines.hosts import Turns

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Tue, 24 Nov 2026 12:01:00 GMT", 60),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0),
        ("99999999999999999999", 10**9),
        ("soon", None),
        ("-5", None),
        ("١٢", None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_and_nothing_else(value: str, seconds: float | None) -> None:
    assert retry_after(value, NOW) == seconds


def test_pauses_double_until_the_host_is_well_again() -> None:
    backoff = Backoff(delay=1.0, wait_max=60.0)
    assert [backoff.pause("a", None) for _ in range(7)] == [2, 4, 8, 16, 32, 60, 60]
    assert backoff.pause("b", None) == 2, "another host"
    backoff.well("a")
    assert backoff.pause("a", None) == 2


def test_a_host_is_given_what_it_asks_for_or_left_alone() -> None:
    backoff = Backoff(delay=0.0, wait_max=60.0)
    assert backoff.pause("a", 7.0) == 7.0
    assert backoff.pause("a", 0.0) == 0.5
    assert backoff.pause("a", 61.0) is None


def optout(tmp_path: Path, text: str) -> OptOut:
    path = tmp_path / "optout.toml"
    path.write_text(text, encoding="utf-8")
    return read_optout(path)


LIST = """
[[host]]
name = "Example.com"
date = 2026-11-24
reason = "a letter"

[[url]]
prefix = "https://www.example.org/private/"
date = 2026-11-24
reason = "a request"
"""


def test_hosts_are_covered_with_their_subdomains_and_prefixes_as_folders(tmp_path: Path) -> None:
    found = optout(tmp_path, LIST)
    covered = [
        "https://example.com/",
        "http://www.example.com:8080/x",
        "https://a.b.EXAMPLE.com/",
        "https://example.com./x",
    ]
    covered += ["http://example.org/private/", "https://www.example.org/private/a?b=c", "https://example.org/private"]
    assert all(found.covers(url) for url in covered)
    open_ = [
        "https://notexample.com/",
        "https://example.com.evil.example/",
        "https://example.org/privately",
        "https://example.org/",
    ]
    assert not any(found.covers(url) for url in open_)
    entry = found.covers("https://example.com/")
    assert entry
    assert (entry.what, str(entry.date), entry.reason) == ("example.com", "2026-11-24", "a letter")


def test_an_empty_list_covers_nothing(tmp_path: Path) -> None:
    assert not optout(tmp_path, "").covers("https://example.com/")
    assert not OptOut().covers("https://example.com/")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[host]]\nname = "https://example.com"\ndate = 2026-11-24\nreason = "x"', "host[0].name"),
        ('[[host]]\nname = "example.com"\nreason = "x"', "host[0].date: is required and missing"),
        ('[[hosts]]\nname = "x"', 'unknown key "hosts"; did you mean "host"?'),
        ('[[url]]\nprefix = "example"\ndate = 2026-11-24\nreason = "x"', "url[0].prefix"),
    ],
)
def test_a_wrong_list_stops_the_run_with_a_sentence(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError) as caught:
        optout(tmp_path, text)
    assert problem in str(caught.value)


@pytest.mark.parametrize(("total", "least"), [(20 * 2**30, 5 * 2**30), (100 * 2**30, 5 * 2**30), (10**12, 5 * 10**10)])
def test_a_disk_keeps_five_gibibytes_or_a_twentieth(total: int, least: int) -> None:
    assert watermark(total) == least


def test_the_delay_counts_from_the_wire() -> None:
    """Opening a connection takes a while: the next request is as far from this one on the wire as it would be without it."""

    async def two() -> float:
        turns = Turns()
        await turns.enter(1, 0.05)
        await asyncio.sleep(0.05)  # a name looked up, a connection opened
        sent = time.monotonic()
        turns.sent()
        turns.leave()
        await turns.enter(1, 0.05)
        return time.monotonic() - sent

    assert asyncio.run(two()) >= 0.05
