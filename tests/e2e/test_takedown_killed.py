"""A request to hide that is killed between its steps: in force at once, committed by the next `publish`."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from archiver.cli.exits import Exit
from tests.e2e.conftest import Crawled
from tests.e2e.kit import archiver
from tests.e2e.test_takedown import hide, victim

HOUR = 3600.0


@pytest.fixture
def folder(crawled: Crawled, tmp_path: Path) -> Path:
    crawled.copy(tmp_path)
    shutil.copy(crawled.folder / "archiver.toml", tmp_path)
    return tmp_path


def hidden(folder: Path) -> str:
    url = victim(folder / "archive").url
    hide(folder, "article", url)
    return url


def older(folder: Path, seconds: float) -> None:
    """As if everything had been stored so long ago."""
    for path in (folder / "archive").rglob("*"):
        os.utime(path, (time.time() - seconds,) * 2)


def newest(folder: Path, below: str) -> Path:
    return max(
        (path for path in (folder / "archive" / below).rglob("*") if path.is_file()), key=lambda p: p.stat().st_mtime_ns
    )


def found(folder: Path) -> list[str]:
    checked = archiver("check", "--quick", cwd=folder)
    return [line for line in checked.stdout.decode().splitlines() if ": changes:" in line or "stray" in line] or (
        [] if checked.returncode == Exit.OK else [checked.stdout.decode()]
    )


def test_a_run_that_nobody_announced_is_announced(folder: Path) -> None:
    url = hidden(folder)
    newest(folder, "changes").unlink()
    assert found(folder)
    early = archiver("publish", cwd=folder)
    assert b"1 run(s) are not announced yet" in early.stderr
    older(folder, 120)
    done = archiver("publish", cwd=folder)
    assert done.returncode == Exit.OK and b"1 run(s) that nobody had announced" in done.stderr, done.stderr.decode()
    assert found(folder) == []
    assert archiver("show", url, cwd=folder).returncode == Exit.ERROR


def test_tombstones_without_a_run_are_committed(folder: Path) -> None:
    url = hidden(folder)
    newest(folder, "changes").unlink()
    shutil.rmtree(newest(folder, "runs").parent)
    assert any("stray" in line for line in found(folder))
    older(folder, 120)
    done = archiver("publish", cwd=folder)
    assert done.returncode == Exit.OK and b"1 request(s) to hide, cut short before, are committed" in done.stderr
    assert found(folder) == []
    assert archiver("show", url, cwd=folder).returncode == Exit.ERROR
    assert archiver("publish", cwd=folder).stderr.count(b"cut short") == 0


def test_a_crawls_run_without_an_entry_waits_an_hour_for_its_own_publisher(folder: Path) -> None:
    newest(folder, "changes").unlink()
    older(folder, HOUR / 2)
    assert b"may be somebody's who is at it" in archiver("publish", cwd=folder).stderr
    older(folder, HOUR + 60)
    assert archiver("publish", cwd=folder).returncode == Exit.OK
    assert found(folder) == []
