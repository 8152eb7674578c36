"""Several machines on one frontier: a source is one machine's at a time, and what one has captured no other fetches again."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.audit import check_archive
from archiver.cli.exits import Exit
from tests.e2e.kit import Answer, Server, archiver_at, article, documents, manifests, ok, start, write_config
from tests.e2e.test_cron import SOURCE, site
from tests.postgres import postgres, server_binaries

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def frontier() -> Iterator[str]:
    if server_binaries() is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    with postgres() as url:
        yield url


def machine(folder: Path, store: Path, frontier: str, base: str) -> Path:
    """A folder with a spool of its own; store and frontier are those of all."""
    (folder / "sources").mkdir(parents=True)
    (folder / "sources/example.toml").write_text(SOURCE.format(base=base, least=0))
    text = f'[archive]\nstore = "{store}"\nspool = "spool"\nsources = "sources"\n[frontier]\nurl = "{frontier}"\n'
    write_config(folder, text, requisites=False, timeout="60s")
    return folder


def test_two_machines_share_the_work_and_take_over_from_each_other(tmp_path: Path, frontier: str) -> None:
    reached, released = threading.Event(), threading.Event()

    def held(connection: socket.socket) -> None:
        reached.set()
        released.wait(60)
        connection.sendall(ok(article("Headline 3")))

    answers: dict[str, Answer] = {**site(4), "/news/3": held}
    store, begin = tmp_path / "archive", datetime.now(UTC)
    with Server(answers) as server:
        here, there = (machine(tmp_path / name, store, frontier, server.base) for name in ("here", "there"))
        crawl = start("crawl", "--due", cwd=here, later=begin.isoformat())
        assert reached.wait(60)
        # While one machine crawls the source, the other leaves it alone.
        asked = len(server.asked)
        second = archiver_at(begin, "crawl", "--due", cwd=there)
        assert second.returncode == Exit.OK, second.stderr.decode()
        assert b"another machine crawls it now" in second.stderr
        assert len(server.asked) == asked
        # A machine that dies keeps the source no longer than its lease.
        crawl.kill()
        crawl.communicate()
        released.set()
        answers["/news/3"] = site(4)["/news/3"]
        later = archiver_at(begin + 3 * HOUR, "crawl", "--due", cwd=there)
        assert later.returncode == Exit.OK, later.stderr.decode()
        urls = {f"{server.base}/news/{number}" for number in range(4)}
        assert {document["url"] for document in documents(store)} == urls
        # What the other machine has captured is known here.
        server.asked.clear()
        third = archiver_at(begin + 3.2 * HOUR, "crawl", "--due", cwd=here)
        assert third.returncode == Exit.OK, third.stderr.decode()
        assert not server.asked
    # It published what its killed run had captured, too: nothing that was acknowledged is lost.
    assert {document["url"] for document in documents(store)} == urls
    assert len(manifests(store)) == 2
    assert not [found for found in check_archive(Archive(store)) if found.severity == "error"]
