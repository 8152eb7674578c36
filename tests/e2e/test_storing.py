"""The real command into an object store: the main job, an outage in the middle of it, and what comes after."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.cli import storing
from archiver.cli.exits import Exit
from archiver.demo import DemoNewspaper
from archiver.spool import unpublished
from archiver.store import open_store
from archiver.store.opening import open_for_publishing
from tests.e2e.conftest import prepare
from tests.e2e.kit import archiver
from tests.integration.store.conftest import table
from tests.servers import kit
from tests.servers.faults import FaultServer
from tests.unit.test_publish import stage


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    for name, value in kit.ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with FaultServer(tmp_path / "server") as running:
        running.buckets["news"] = {}
        yield running


def test_an_outage_loses_nothing_and_publish_finishes(
    tmp_path: Path, newspaper: DemoNewspaper, server: FaultServer
) -> None:
    prepare(tmp_path, newspaper, requisites=False)
    url = f"s3://news/main?endpoint={server.endpoint}"
    with (tmp_path / "archiver.toml").open("a") as config:
        config.write('[s3]\nattempts = 1\npatience = "0s"\n')
    home = newspaper.outlets[1]
    pages = [f"{home.base_url}/", f"{home.base_url}/feed.xml"]
    first = archiver("capture", pages[0], "--store", url, cwd=tmp_path)
    assert first.returncode == Exit.OK, first.stderr.decode()
    assert len(list(Archive(url).runs())) == 1

    server.fail("away", times=10**6)
    during = archiver("capture", pages[1], "--store", url, cwd=tmp_path)
    assert during.returncode == Exit.UNPUBLISHED, during.stderr.decode()
    assert "is in trouble itself (HTTP 502); try again later" in during.stderr.decode()
    assert "the run stays in" in during.stderr.decode()
    still = archiver("publish", "--store", url, cwd=tmp_path)
    assert still.returncode == Exit.UNPUBLISHED
    assert len(unpublished(tmp_path / "spool")) == 1

    server.faults.clear()
    after = archiver("publish", "--store", url, cwd=tmp_path)
    assert after.returncode == Exit.OK, after.stderr.decode()
    assert "1 run(s) published" in after.stderr.decode()
    assert unpublished(tmp_path / "spool") == []
    archive = Archive(url)
    assert len(list(archive.runs())) == 2
    (capture,) = archive.captures(pages[1])
    assert archive.payload(capture)
    checked = archiver("check", "--full", "--store", url, cwd=tmp_path)
    assert checked.returncode == Exit.OK, checked.stdout.decode()


def test_a_store_that_is_away_for_an_hour_gets_everything_when_it_is_back(
    tmp_path: Path, server: FaultServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty tries, one a minute in life, of a crawl that goes on sealing meanwhile; then one more, which is answered."""
    monkeypatch.setattr(storing, "POLL", 0.01)
    monkeypatch.setattr(storing, "REST", 0.01)
    run = stage(tmp_path / "spool")
    store = open_store(f"s3://news/main?endpoint={server.endpoint}", table(attempts=1))
    before = {path.name: path.read_bytes() for path in run.folder.glob("*.gz")}
    server.fail("away", times=60)
    with storing.shipping(store, run.folder):
        ends = time.monotonic() + 60
        while not any("cdxj/" in key for key in server.buckets["news"]) and time.monotonic() < ends:
            assert {path.name: path.read_bytes() for path in run.folder.glob("*.gz")} == before
            time.sleep(0.02)
    assert server.struck["away"] == 60
    sent = {key.rpartition("/")[2]: blob.body for key, blob in server.buckets["news"].items()}
    assert sent == {name: content for name, content in before.items() if name in sent}
    assert len(sent) >= 2
    assert list(Archive(store).runs()) == [], "readers see nothing before the manifest"


def test_a_disk_that_fills_up_while_the_store_is_away_ends_in_order(
    tmp_path: Path, newspaper: DemoNewspaper, server: FaultServer
) -> None:
    prepare(tmp_path, newspaper, requisites=False, disk_min="900000GB", delay="300ms", per_host=1)
    url = f"s3://news/main?endpoint={server.endpoint}"
    with (tmp_path / "archiver.toml").open("a") as config:
        config.write('[s3]\nattempts = 1\npatience = "0s"\n')
    open_for_publishing(url, table(attempts=1), tmp_path / "spool", datetime.now(UTC))  # seen to work before
    server.fail("away", times=10**6)
    pages = [f"{newspaper.outlets[1].base_url}/?{number}" for number in range(9)]
    full = archiver("capture", *pages, "--store", url, cwd=tmp_path)
    assert full.returncode == Exit.UNPUBLISHED, full.stderr.decode()
    (left,) = unpublished(tmp_path / "spool")
    assert not list(left.folder.glob("*.open")), "sealed"
    server.faults.clear()
    after = archiver("publish", "--store", url, cwd=tmp_path)
    assert after.returncode == Exit.OK, after.stderr.decode()
    assert unpublished(tmp_path / "spool") == []
    (run,) = Archive(url).runs()
    assert run.captures or run.refusals, "what was asked for is accounted for"


def test_what_a_crawl_seals_is_uploaded_while_it_runs(
    tmp_path: Path, newspaper: DemoNewspaper, server: FaultServer
) -> None:
    """With segments of three kilobytes and slow pages, WARCs are in the store before the crawl has ended."""
    prepare(tmp_path, newspaper, requisites=False, delay="1s", per_host=1)
    url = f"s3://news/main?endpoint={server.endpoint}"
    with (tmp_path / "archiver.toml").open("a") as config:
        config.write('[warc]\nroll_bytes = "3kB"\n')
    pages = [f"{newspaper.outlets[1].base_url}/?{number}" for number in range(8)]
    order: list[str] = []

    def told(when: str, operation: str, key: str) -> None:
        if when == "after" and operation == "PutObject":
            order.append(key.removeprefix("main/").partition("/")[0])

    server.on_call = told
    done = archiver("capture", *pages, "--store", url, cwd=tmp_path)
    assert done.returncode == Exit.OK, done.stderr.decode()
    archive = Archive(url)
    warcs = list(archive.files("warc/"))
    assert len(warcs) > 1
    assert set(order) >= {"warc", "cdxj", "runs", "changes"}
    first_index = order.index("cdxj")
    assert "warc" in order[first_index:], "a WARC came after the first index: they were sent as they were sealed"
    assert max(server.stored[key] for key in server.stored if "/warc/" in key) == 1, "none was sent twice"
