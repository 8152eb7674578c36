"""How asking for posts went: counted once by the run that asked, shown at its end, and loud where nobody understood an answer."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.demo.platforms import FakePlatforms
from tests.e2e.kit import Server, archiver, archiver_at, manifests, ok
from tests.e2e.networks import configure, linked, story, x_link, x_number, x_post

STATES = ("visible", "visible", "drift", "protected")
REPORTS = '[cron]\nreport = "report.json"\nmetrics = "metrics.prom"\n'


@dataclass(frozen=True)
class Counted:
    folder: Path
    run: subprocess.CompletedProcess[bytes]
    again: subprocess.CompletedProcess[bytes]

    def attempts(self, run: int) -> dict[tuple[str, str, str | None], int]:
        """(method, outcome, reason) -> count, as the manifest of a run says; all of X."""
        rows: list[dict[str, Any]] = manifests(self.folder / "archive")[run]["attempts"]
        assert {row["platform"] for row in rows} == {"x"}
        return {(row["method"], row["outcome"], row["reason"]): row["count"] for row in rows}


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """Four posts, two of them odd, and a fifth whose answers break off and that is asked for again two hours later.

    A throttled one would make its endpoints rest, and what the others were asked would hang on who comes first.
    """
    folder = tmp_path_factory.mktemp("counted")
    posts = [x_post(number, state) for number, state in enumerate((*STATES, "broken"))]
    page = story(*(linked(x_link(number)) for number in range(len(posts))))
    with FakePlatforms(posts=posts) as networks, Server({"/story": ok(page)}) as server:
        configure(folder, networks)
        path = folder / "archiver.toml"
        path.write_text(path.read_text() + REPORTS)
        run = archiver("capture", f"{server.base}/story", cwd=folder)
        report = (folder / "report.json").rename(folder / "first.json")
        assert report.exists()
        networks.set_state("x", x_number(4), "visible")
        again = archiver_at(datetime.now(UTC) + timedelta(hours=2), "follow", cwd=folder)
        yield Counted(folder, run, again)


def test_the_manifest_counts_each_attempt_by_network_method_and_outcome(counted: Counted) -> None:
    assert counted.run.returncode == 0
    found = counted.attempts(0)
    assert found["syndication", "ok", None] == 2
    assert found["syndication", "schema_drift", None] == 1
    assert found["syndication", "protected", None] == 1
    assert found["syndication", "network", None] == 1
    assert found["api", "not_attempted", "no_credentials"] > 0
    assert found["page", "not_attempted", "robots"] > 0


def test_a_later_run_counts_what_it_asked_and_not_what_was_carried_over(counted: Counted) -> None:
    assert counted.again.returncode == 0, counted.again.stderr.decode()
    assert counted.attempts(1)["syndication", "ok", None] == 1
    assert not {outcome for _, outcome, _ in counted.attempts(1)} & {"network", "schema_drift"}


def test_the_end_of_the_run_shows_the_counts_and_is_loud_about_drift(counted: Counted) -> None:
    shown = counted.run.stderr.decode()
    assert "Cited posts" in shown
    assert "2 ok" in shown and "1 protected" in shown
    assert "archiver: x: 1 of 5 answers to syndication were not understood (schema_drift)" in shown
    assert "not understood" not in counted.again.stderr.decode()


def test_what_was_not_asked_since_its_endpoint_rests_is_no_answer(tmp_path: Path) -> None:
    """One 429 is one; the posts behind it wait, and their documents say why."""
    posts = [x_post(number, "throttled") for number in range(6)]
    page = story(*(linked(x_link(number)) for number in range(len(posts))))
    with FakePlatforms(posts=posts) as networks, Server({"/story": ok(page)}) as server:
        configure(tmp_path, networks)
        assert archiver("capture", f"{server.base}/story", cwd=tmp_path).returncode == 0
        asked = len(networks.asked("x.syndication"))
    rows = [row for row in manifests(tmp_path / "archive")[0]["attempts"] if row["method"] == "syndication"]
    assert [(row["outcome"], row["reason"], row["count"]) for row in rows] == [
        ("not_attempted", "endpoint_rests", len(posts) - asked),
        ("throttled", None, asked),
    ]
    assert asked < len(posts)


def test_other_programs_are_told_as_well(counted: Counted) -> None:
    first = json.loads((counted.folder / "first.json").read_bytes())
    assert first["exit_code"] == 0
    assert any("answers to syndication were not understood" in sentence for sentence in first["alarms"])
    assert first["attempts"] == manifests(counted.folder / "archive")[0]["attempts"]
    assert json.loads((counted.folder / "report.json").read_bytes())["alarms"] == []
    metrics = (counted.folder / "metrics.prom").read_text()
    assert 'archiver_post_attempts{platform="x",method="syndication",outcome="ok"} 1' in metrics


def test_the_list_of_sources_sums_up_the_last_runs(counted: Counted) -> None:
    shown = archiver("sources", "list", "--store", "archive", cwd=counted.folder)
    assert shown.returncode == 0, shown.stderr.decode()
    assert "3 ok" in shown.stdout.decode()
    assert b"answers to syndication were not understood" in shown.stderr
