"""Conduct on the wire: waiting when asked to, leaving hosts alone, and stopping in time."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from archiver.archive import Archive
from archiver.cli.exits import Exit
from tests.e2e.kit import Server, archiver, article, documents, manifests, ok, reasons, write_config


def config(folder: Path, text: str = "", **crawl: object) -> None:
    write_config(folder, '[archive]\nstore = "archive"\n' + text, per_host=1, requisites=False, **crawl)


def test_retry_after_is_waited_for_by_the_whole_host(tmp_path: Path) -> None:
    times: list[float] = []

    def busy_at_first(connection: socket.socket) -> None:
        times.append(time.monotonic())
        busy = ok("later", "Retry-After: 2", status="429 Too Many Requests")
        connection.sendall(busy if len(times) == 1 else ok(article()))

    with Server({f"/{n}": busy_at_first for n in range(3)}) as server:
        config(tmp_path, delay="100ms")
        run = archiver("capture", *(f"{server.base}/{n}" for n in range(3)), cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    assert len(documents(tmp_path / "archive")) == 3
    assert times[1] - times[0] >= 1.9, "whatever is asked next"


def test_pauses_double_where_the_host_does_not_say_how_long(tmp_path: Path) -> None:
    times: list[float] = []

    def busy(connection: socket.socket) -> None:
        times.append(time.monotonic())
        answer = ok("later", status="503 Service Unavailable") if len(times) < 3 else ok(article())
        connection.sendall(answer)

    with Server({"/1": busy}) as server:
        config(tmp_path, delay="500ms", retries=2)
        run = archiver("capture", f"{server.base}/1", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    assert len(times) == 3
    assert times[1] - times[0] >= 0.9
    assert times[2] - times[1] >= 1.9


def test_a_host_that_asks_for_too_long_a_pause_is_left_alone(tmp_path: Path) -> None:
    answers = {f"/{n}": ok("later", "Retry-After: 3600", status="503 Service Unavailable") for n in range(6)}
    with Server(answers) as server:
        config(tmp_path, concurrency=1)
        archiver("capture", *(f"{server.base}/{n}" for n in range(6)), cwd=tmp_path)
    assert len([path for path in server.asked if path != "/robots.txt"]) <= 2
    assert "host-paused" in set(reasons(tmp_path / "archive").values())
    assert len(reasons(tmp_path / "archive")) == 6


def test_a_host_that_answers_403_again_and_again_is_left_alone(tmp_path: Path) -> None:
    with Server({f"/{n}": ok("no", status="403 Forbidden") for n in range(12)}) as server:
        config(tmp_path, concurrency=1, forbidden_max=3)
        archiver("capture", *(f"{server.base}/{n}" for n in range(12)), cwd=tmp_path)
    assert len([path for path in server.asked if path != "/robots.txt"]) <= 5
    found = list(reasons(tmp_path / "archive").values())
    assert len(found) == 12
    assert set(found) == {"http-error", "host-forbids"}


def test_who_opted_out_is_not_even_asked_for_robots_txt(tmp_path: Path) -> None:
    with Server({"/1": ok(article())}) as server:
        config(tmp_path)
        (tmp_path / "optout.toml").write_text('[[host]]\nname = "127.0.0.1"\ndate = 2026-11-24\nreason = "a letter"\n')
        run = archiver("capture", f"{server.base}/1", cwd=tmp_path)
    assert run.returncode == Exit.ERROR
    assert server.asked == []
    assert list(reasons(tmp_path / "archive").values()) == ["opted-out"]
    assert "a letter" in manifests(tmp_path / "archive")[0]["refusals"][0]["detail"]


def test_a_redirect_into_an_opted_out_place_is_refused(tmp_path: Path) -> None:
    with Server({"/1": ok("", "Location: /private/2", status="302 Found"), "/private/2": ok(article())}) as server:
        config(tmp_path)
        text = f'[[url]]\nprefix = "{server.base}/private/"\ndate = 2026-11-24\nreason = "a request"\n'
        (tmp_path / "optout.toml").write_text(text)
        archiver("capture", f"{server.base}/1", cwd=tmp_path)
    assert "/private/2" not in server.asked
    assert list(reasons(tmp_path / "archive").values()) == ["opted-out"]


def test_a_nearly_full_disk_ends_the_run_and_publishes_what_there_is(tmp_path: Path) -> None:
    with Server({f"/{n}": ok(article()) for n in range(9)}) as server:
        config(tmp_path, disk_min="900000GB", delay="300ms")
        run = archiver("capture", *(f"{server.base}/{n}" for n in range(9)), cwd=tmp_path)
    assert run.returncode == Exit.ERROR
    assert b"the disk is nearly full" in run.stderr
    assert len(reasons(tmp_path / "archive")) + len(documents(tmp_path / "archive")) == 9


def beside_each_other(folder: Path, base: str, delay: str, **crawl: object) -> None:
    """Two sources on one host, each with a feed of four articles."""
    (folder / "sources").mkdir()
    for name in ("first", "second"):
        text = f'name = "{name}"\nhomepage = "{base}/{name}/"\nlanguage = "en"\ncountry = "gb"\nevery = "30m"\n'
        text += f'politeness.delay = "{delay}"\n[[discover]]\nkind = "feed"\nurl = "{base}/{name}.xml"\n'
        (folder / "sources" / f"{name}.toml").write_text(text)
    config(folder, 'sources = "sources"\n', delay=delay, **crawl)


def feed(base: str, name: str) -> bytes:
    items = "".join(f"<item><title>t</title><link>{base}/{name}/{n}</link></item>" for n in range(4))
    return ok(f"<rss version='2.0'><channel><title>x</title>{items}</channel></rss>", kind="application/rss+xml")


def test_sources_on_one_host_are_one_crawler_to_it(tmp_path: Path) -> None:
    begun: list[float] = []
    inside, most = [0], [0]

    def slow(body: bytes) -> Callable[[socket.socket], None]:
        def answer(connection: socket.socket) -> None:
            begun.append(time.monotonic())
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.15)
            inside[0] -= 1
            connection.sendall(body)

        return answer

    with Server() as server:
        pages = {f"/{name}/{n}": slow(ok(article())) for name in ("first", "second") for n in range(4)}
        feeds = {f"/{name}.xml": slow(feed(server.base, name)) for name in ("first", "second")}
        rules = ok("User-agent: *\nCrawl-delay: 0.25", kind="text/plain")
        server.answers = {**pages, **feeds, "/robots.txt": rules}
        beside_each_other(tmp_path, server.base, "0s")
        run = archiver("crawl", "--all", cwd=tmp_path)
    assert len(documents(tmp_path / "archive")) == 8, run.stderr.decode()
    assert most == [1], "one connection to a host"
    # By the crawler's own clock no two are too near; by the server's, which wakes late on a busy machine, all took as long as they should.
    archive = Archive(tmp_path / "archive")
    starts = sorted(
        one.pointer.fetch_time for path in {**pages, **feeds} for one in archive.captures(server.base + path)
    )
    assert len(starts) == 10
    assert min((later - earlier).total_seconds() for earlier, later in pairwise(starts)) >= 0.24
    assert max(begun) - min(begun) >= (len(begun) - 1) * 0.25 - 0.2
    assert server.asked.count("/robots.txt") == 1


def test_sources_on_one_host_stop_together_when_it_forbids(tmp_path: Path) -> None:
    with Server() as server:
        server.answers = {f"/{name}.xml": feed(server.base, name) for name in ("first", "second")}
        server.answers |= {f"/{s}/{n}": ok("no", status="403 Forbidden") for s in ("first", "second") for n in range(4)}
        beside_each_other(tmp_path, server.base, "0s", forbidden_max=3)
        archiver("crawl", "--all", cwd=tmp_path)
    assert len([path for path in server.asked if path.count("/") == 2]) <= 5
    assert set(reasons(tmp_path / "archive").values()) == {"http-error", "host-forbids"}
