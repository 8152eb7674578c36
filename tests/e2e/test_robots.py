"""RFC 9309 against real servers: what robots.txt says, or how it fails to be read, decides about the page."""

from __future__ import annotations

import contextlib
import itertools
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from tests.e2e.kit import (
    Answer,
    Server,
    archiver,
    archiver_at,
    article,
    documents,
    manifests,
    ok,
    reasons,
    write_config,
)

TEXT = "text/plain; charset=utf-8"
PAGE = ok(article())


def robots(text: str | bytes, *fields: str, status: str = "200 OK") -> bytes:
    return ok(text, *fields, status=status, kind=TEXT)


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def hops(count: int) -> dict[str, Answer]:
    """robots.txt behind `count` redirects."""
    names = ["/robots.txt", *(f"/r{n}" for n in range(1, count)), "/there"]
    found: dict[str, Answer] = {a: ok("", f"Location: {b}", status="302 Found") for a, b in itertools.pairwise(names)}
    return {**found, "/there": robots("User-agent: *\nDisallow: /closed")}


CLOSED = "User-agent: *\nDisallow: /page"
LONG = "User-agent: *\nDisallow: /page\n" + "# filler\n" * 70_000
LATE = "User-agent: *\n" + "# filler\n" * 70_000 + "Disallow: /page\n"
CASES: dict[str, tuple[dict[str, Answer], str]] = {
    "no file": ({}, "allowed"),
    "401": ({"/robots.txt": robots("", status="401 Unauthorized")}, "allowed"),
    "403": ({"/robots.txt": robots(CLOSED, status="403 Forbidden")}, "allowed"),
    "410": ({"/robots.txt": robots("", status="410 Gone")}, "allowed"),
    "429": ({"/robots.txt": robots("", status="429 Too Many Requests")}, "robots-unreachable"),
    "500": ({"/robots.txt": robots("", status="500 Internal Server Error")}, "robots-unreachable"),
    "503": ({"/robots.txt": robots("", status="503 Service Unavailable")}, "robots-unreachable"),
    "time-out": ({"/robots.txt": silent}, "robots-unreachable"),
    "hang-up": ({"/robots.txt": b""}, "robots-unreachable"),
    "five redirects": (hops(5), "allowed"),
    "six redirects": (hops(6), "robots-unreachable"),
    "redirect without address": ({"/robots.txt": robots("", status="302 Found")}, "robots-unreachable"),
    "empty": ({"/robots.txt": robots("")}, "allowed"),
    "closed": ({"/robots.txt": robots(CLOSED)}, "disallowed-by-robots"),
    "our group": (
        {"/robots.txt": robots("User-agent: *\nDisallow: /\n\nUser-agent: newsarchiver\nDisallow: /other")},
        "allowed",
    ),
    "our group closed": (
        {"/robots.txt": robots("User-agent: *\nAllow: /\n\nUser-agent: NEWSARCHIVER\nDisallow: /page")},
        "disallowed-by-robots",
    ),
    "groups are combined": (
        {
            "/robots.txt": robots(
                "User-agent: NewsArchiver\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: NewsArchiver\nDisallow: /page"
            )
        },
        "disallowed-by-robots",
    ),
    "longest rule wins": ({"/robots.txt": robots("User-agent: *\nDisallow: /\nAllow: /page")}, "allowed"),
    "allow wins a tie": ({"/robots.txt": robots("User-agent: *\nDisallow: /page\nAllow: /page")}, "allowed"),
    "wildcard": ({"/robots.txt": robots("User-agent: *\nDisallow: /*ge$")}, "disallowed-by-robots"),
    "byte order mark": ({"/robots.txt": robots(b"\xef\xbb\xbf" + CLOSED.encode())}, "disallowed-by-robots"),
    "rule before the cut": ({"/robots.txt": robots(LONG)}, "disallowed-by-robots"),
    "rule beyond the cut": ({"/robots.txt": robots(LATE)}, "allowed"),
    "binary rubbish": ({"/robots.txt": robots(bytes(range(256)) * 100)}, "allowed"),
    "an error page with 200": ({"/robots.txt": ok("<html><h1>Not here</h1></html>")}, "allowed"),
    "damaged gzip": (
        {"/robots.txt": robots(b"\x1f\x8b\x08\x00rubbish" * 9, "Content-Encoding: gzip")},
        "robots-unreachable",
    ),
    "delay too long": ({"/robots.txt": robots("User-agent: *\nCrawl-delay: 61")}, "crawl-delay-too-long"),
    "delay that is none": ({"/robots.txt": robots("User-agent: *\nCrawl-delay: soon")}, "allowed"),
}

REASONS = dict.fromkeys(("no file", "401", "403", "410"), "no_file") | {
    "longest rule wins": "Allow: /page (line 3)",
    "allow wins a tie": "Allow: /page (line 3)",
}
"""What documents say where robots.txt has something to say."""


@dataclass
class Asked:
    store: Path
    servers: dict[str, Server]
    reasons: dict[str, str]
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return self.servers[name].base + "/page"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("robots")
    write_config(folder, timeout="4s", retries=0)
    with contextlib.ExitStack() as stack:
        servers = {
            name: stack.enter_context(Server({"/page": PAGE, **answers})) for name, (answers, _) in CASES.items()
        }
        run = archiver("capture", *(server.base + "/page" for server in servers.values()), cwd=folder)
        assert run.returncode == 0, run.stderr.decode()
        store = folder / "archive"
        found = {document["requested_url"]: document for document in documents(store)}
        yield Asked(store, servers, reasons(store), found)


@pytest.mark.parametrize("name", CASES)
def test_robots_txt_decides(asked: Asked, name: str) -> None:
    expected, url = CASES[name][1], asked.url(name)
    assert asked.reasons.get(url, "allowed") == expected
    assert (url in asked.documents) == (expected == "allowed")


@pytest.mark.parametrize("name", [name for name, (_, expected) in CASES.items() if expected != "allowed"])
def test_a_closed_page_is_never_asked_for(asked: Asked, name: str) -> None:
    assert "/page" not in asked.servers[name].asked


def test_a_refusal_names_the_line_that_closes_the_page(asked: Asked) -> None:
    refusals = {refusal["url"]: refusal["detail"] for run in manifests(asked.store) for refusal in run["refusals"]}
    assert refusals[asked.url("groups are combined")].startswith(
        "Disallow: /page (line 8) of robots.txt, record urn:uuid:"
    )


@pytest.mark.parametrize("name", [name for name, (_, expected) in CASES.items() if expected == "allowed"])
def test_the_decision_names_the_record_of_robots_txt(asked: Asked, name: str) -> None:
    robots = asked.documents[asked.url(name)]["crawl"]["robots"]
    assert robots["decision"] == "allowed"
    where = "/there" if name == "five redirects" else "/robots.txt"
    recorded = Archive(asked.store).captures(asked.servers[name].base + where)
    assert robots["record_id"] in {capture.pointer.warc_record_id for capture in recorded}
    assert robots["reason"] == REASONS.get(name, "no_rule")


def test_robots_txt_is_asked_once_for_each_origin(asked: Asked) -> None:
    for name, server in asked.servers.items():
        assert server.asked.count("/robots.txt") == 1, name


def test_crawl_delay_is_kept(tmp_path: Path) -> None:
    write_config(tmp_path, retries=0, requisites=False)
    times: list[float] = []

    def page(connection: socket.socket) -> None:
        times.append(time.monotonic())
        connection.sendall(PAGE)

    answers: dict[str, Answer] = {f"/{n}": page for n in range(4)}
    with Server({"/robots.txt": robots("User-agent: *\nCrawl-delay: 0.7"), **answers}) as server:
        run = archiver("capture", *(server.base + path for path in answers), cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    assert min(b - a for a, b in itertools.pairwise(times)) > 0.65


def test_every_hop_is_asked_too(tmp_path: Path) -> None:
    """A redirect into a closed place is not followed, whoever sends it."""
    write_config(tmp_path, '[network]\nallow = ["127.0.0.0/8"]\n', retries=0)
    with Server({"/robots.txt": robots(CLOSED), "/page": PAGE}) as closed:
        redirect = ok("", f"Location: {closed.base}/page", status="302 Found")
        with Server({"/go": redirect}) as server:
            archiver("capture", f"{server.base}/go", cwd=tmp_path)
    assert reasons(tmp_path / "archive") == {f"{server.base}/go": "disallowed-by-robots"}
    assert "/page" not in closed.asked


DAY = timedelta(days=1)


def crawl_at(moment: datetime, folder: Path) -> dict[str, Any]:
    """The newest manifest after one crawl at `moment`."""
    run = archiver_at(moment, "crawl", "example", cwd=folder)
    assert run.returncode in (0, 1), run.stderr.decode()
    newest: dict[str, Any] = manifests(folder / "archive")[-1]
    return newest


def test_a_copy_of_robots_txt_serves_for_a_day_and_for_a_month_when_the_file_cannot_be_had(tmp_path: Path) -> None:
    begin = datetime.now(UTC)
    write_config(tmp_path, '[archive]\nsources = "sources"\n', retries=0, requisites=False)
    (tmp_path / "sources").mkdir()
    pages = {f"/news/{n}": ok(article(f"Headline {n}")) for n in range(9)}
    answers: dict[str, Answer] = {**pages, "/robots.txt": robots("User-agent: *\nDisallow: /news/closed")}
    with Server(answers) as server:
        (tmp_path / "sources" / "example.toml").write_text(
            f'name = "Example"\nhomepage = "{server.base}/"\nlanguage = "en"\ncountry = "gb"\nevery = "30m"\n'
            'politeness.delay = "0s"\n'
            f'[[discover]]\nkind = "feed"\nurl = "{server.base}/rss.xml"\n'
        )

        def show(*paths: str) -> None:
            items = "".join(f"<item><title>t</title><link>{server.base}{path}</link></item>" for path in paths)
            answers["/rss.xml"] = ok(f"<rss version='2.0'><channel>{items}</channel></rss>", kind="application/rss+xml")

        show("/news/1", "/news/closed")
        assert crawl_at(begin, tmp_path)["articles"] == 1
        (first,) = documents(tmp_path / "archive")
        assert server.asked.count("/robots.txt") == 1

        show("/news/1", "/news/2")
        assert crawl_at(begin + DAY / 2, tmp_path)["articles"] == 1
        assert server.asked.count("/robots.txt") == 1, "a copy is good for a day, for later runs too"
        second = documents(tmp_path / "archive")[-1]
        assert second["url"].endswith("/news/2")
        assert second["crawl"]["robots"] == first["crawl"]["robots"], "the decision names the record of the first run"

        answers["/robots.txt"] = robots("", status="503 Service Unavailable")
        show("/news/3", "/news/closed")
        assert crawl_at(begin + 20 * DAY, tmp_path)["articles"] == 1, "20 days old, but all there is"
        assert server.asked.count("/robots.txt") == 2
        third = documents(tmp_path / "archive")[-1]
        assert (third["url"].endswith("/news/3"), third["crawl"]["robots"]) == (True, first["crawl"]["robots"])
        assert "/news/closed" not in server.asked

        show("/news/4")
        assert crawl_at(begin + 31 * DAY, tmp_path)["articles"] == 0, "older than a month: unreachable means disallowed"
        assert "/news/4" not in server.asked


def test_a_robots_txt_that_lists_sitemaps_is_fetched_once(tmp_path: Path) -> None:
    write_config(tmp_path, '[archive]\nsources = "sources"\n', requisites=False)
    (tmp_path / "sources").mkdir()
    answers: dict[str, Answer] = {"/news/1": PAGE}
    with Server(answers) as server:
        answers["/robots.txt"] = robots(f"User-agent: *\nDisallow: /x\nSitemap: {server.base}/map.xml\n")
        answers["/map.xml"] = ok(f"<urlset><url><loc>{server.base}/news/1</loc></url></urlset>", kind="text/xml")
        (tmp_path / "sources" / "example.toml").write_text(
            f'name = "Example"\nhomepage = "{server.base}/"\nlanguage = "en"\ncountry = "gb"\nevery = "30m"\n'
            'politeness.delay = "0s"\n'
            f'[[discover]]\nkind = "robots"\nurl = "{server.base}/robots.txt"\n'
        )
        assert crawl_at(datetime.now(UTC), tmp_path)["articles"] == 1
    assert sorted(server.asked) == ["/map.xml", "/news/1", "/robots.txt"]
    (document,) = documents(tmp_path / "archive")
    assert document["crawl"]["via"] == f"{server.base}/map.xml"
    assert document["crawl"]["robots"]["record_id"]
