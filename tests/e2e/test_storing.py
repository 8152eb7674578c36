"""The real command into an object store: the main job, an outage in the middle of it, and what comes after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.cli.exits import Exit
from archiver.demo import DemoNewspaper
from archiver.spool import unpublished
from tests.e2e.conftest import prepare
from tests.e2e.kit import archiver
from tests.servers import kit
from tests.servers.faults import FaultServer


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
