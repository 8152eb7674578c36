"""Kill it anywhere: what was acknowledged is in the archive afterwards, and nothing points nowhere."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.audit import check_archive
from archiver.cli.exits import Exit
from archiver.demo import DemoNewspaper
from tests.e2e.conftest import Crawled, prepare
from tests.e2e.kit import archiver, documents, is_alive, manifests, reasons, spooled_lines, start
from tests.zygote import Command

KILLS = int(os.environ.get("KILLS", "15"))
"""How often the crawl is killed; each instant is drawn anew, with a seed."""

PATIENCE = float(os.environ.get("KILL_SECONDS", "40"))
"""Seconds after which no further kill is begun, on a slow machine."""


def sound(store: Path) -> None:
    """Every WARC, index and pointer is right."""
    errors = [str(found) for found in check_archive(Archive(store)) if found.severity == "error"]
    assert not errors


def wait_for_group(group: int, seconds: float = 10.0) -> bool:
    """Whether every process of a group is gone in time."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if not is_alive(group):
            return True
        time.sleep(0.05)
    return False


def staged(spool: Path) -> int:
    """Bytes of WARC in the spool's runs."""
    total = 0
    with contextlib.suppress(FileNotFoundError):  # a run that was published this very moment
        for path in spool.glob("*/*.warc.gz*"):
            with contextlib.suppress(FileNotFoundError):  # renamed
                total += path.stat().st_size
    return total


def wait_for(process: Command, reached: Callable[[], bool], seconds: float = 60.0) -> None:
    """Returns when `reached()` is true, the process has ended, or time is up."""
    ends = time.monotonic() + seconds
    while not reached() and process.poll() is None and time.monotonic() < ends:
        time.sleep(0.002)


def published(store: Path) -> int:
    """Files in the store; what comes and goes while they are counted is counted another time."""
    found = 0
    for _, folders, names in os.walk(store):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += sum(name.endswith(".gz") for name in names)
    return found


def instant(rng: random.Random, number: int, store: Path, whole: int) -> Callable[[], bool]:
    """Mostly at some byte of the WARCs, so that no machine is too fast or too slow; else while something is published."""
    spool = store / ".spool"
    if number % 5 == 4:
        wanted = published(store) + rng.randrange(1, 8)
        return lambda: published(store) >= wanted
    if number % 5 == 3:
        begun = time.monotonic() + rng.uniform(0, 3)
        return lambda: time.monotonic() > begun
    size = int(whole * rng.random())
    runs = {path.name for path in spool.glob("2*")}
    return lambda: not runs & {path.name for path in spool.glob("2*")} and staged(spool) > size


def test_sigkill_at_any_instant_loses_nothing_acknowledged(
    tmp_path: Path, newspaper: DemoNewspaper, crawled: Crawled
) -> None:
    prepare(tmp_path, newspaper)
    store, spool = tmp_path / "archive", tmp_path / "archive/.spool"
    outlets = [outlet.id for outlet in newspaper.outlets[1:]]
    whole = sum(path.stat().st_size for name in outlets for path in crawled.store.glob(f"warc/{name}/**/*.warc.gz"))
    rng = random.Random(20261124)
    acknowledged: set[str] = set()
    begun = time.monotonic()
    for number in range(KILLS):
        if number > 5 and time.monotonic() - begun > PATIENCE:
            break
        # Each next crawl first mends what the one before left, and may be killed while it does.
        process = start("crawl", *outlets, cwd=tmp_path)
        wait_for(process, instant(rng, number, store, whole))
        process.kill()
        process.communicate()
        acknowledged |= {line["capture"]["warc_record_id"] for line in spooled_lines(spool)}
        assert wait_for_group(process.pid), "a worker outlived the crawl"
    last = archiver("publish", cwd=tmp_path)
    assert last.returncode == 0, last.stderr.decode()
    assert [path.name for path in spool.iterdir()] == [".lock"]
    sound(store)
    published = [document["capture"]["warc_record_id"] for document in documents(store)]
    assert acknowledged, "no kill met a crawl that had documents"
    assert acknowledged <= set(published)
    assert len(published) == len(set(published))
    cut = [run for run in manifests(store) if any("cut short" in note for note in run["notes"])]
    assert cut, "no kill met a crawl that had captures"


def test_a_published_run_is_not_published_again_by_halves(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    """A kill while the spool folder of a published run was being removed once left a smaller run to publish over it."""
    prepare(tmp_path, newspaper)
    outlet = newspaper.outlets[1].id
    assert archiver("crawl", outlet, cwd=tmp_path).returncode == 0
    store = tmp_path / "archive"
    run = manifests(store)[0]
    left = store / f".spool/.{run['run_id']}.published"
    left.mkdir()
    (left / "reports.jsonl").write_text("half of what was there")
    assert archiver("publish", cwd=tmp_path).returncode == 0
    assert manifests(store) == [run]
    assert not left.exists()


def test_folders_that_are_no_runs_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "spool/holiday-pictures").mkdir(parents=True)
    (tmp_path / "spool/holiday-pictures/1.jpg").write_bytes(b"dear to somebody")
    (tmp_path / "archiver.toml").write_text('[archive]\nspool = "spool"\n')
    assert archiver("publish", cwd=tmp_path).returncode == 0
    assert (tmp_path / "spool/holiday-pictures/1.jpg").read_bytes() == b"dear to somebody"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_cleanly_and_publishes(tmp_path: Path, newspaper: DemoNewspaper, number: signal.Signals) -> None:
    prepare(tmp_path, newspaper, delay="250ms", per_host=1, concurrency=4, requisites=False)
    process = start("crawl", newspaper.outlets[0].id, cwd=tmp_path)
    spool = tmp_path / "archive/.spool"
    ends = time.monotonic() + 60
    while time.monotonic() < ends and len(list(spooled_lines(spool))) < 1:
        time.sleep(0.1)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == Exit.ERROR, stderr.decode()
    assert b"stopped by a signal" in stderr
    store = tmp_path / "archive"
    sound(store)
    assert [path.name for path in spool.iterdir()] == [".lock"]
    documented = {document["requested_url"] for document in documents(store)}
    assert documented
    refused = reasons(store)
    assert "run-ended" in refused.values()
    assert set(newspaper.outlets[0].article_urls) <= documented | set(refused)
    shutil.rmtree(store)
