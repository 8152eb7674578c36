"""What sites say about the use of their content, from the wire into documents: tdmrep.json, robots.txt, headers, the page."""

from __future__ import annotations

import json
import shutil
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from archiver.archive import Archive
from archiver.tdmrep import FILE
from tests.e2e.kit import Answer, Server, archiver, archiver_at, article, documents, everything, ok, write_config

DAY = timedelta(days=1)
RULES = [
    {"location": "/news/open/", "tdm-reservation": 0},
    {"location": "/news/", "tdm-reservation": 1, "tdm-policy": "https://example.org/terms"},
]
ROBOTS = "User-agent: *\nContent-Usage: train-ai=n\nContent-Usage: /news/open/ train-ai=y\n"
PAGE = ok(article())


def prepare(folder: Path, server: Server, **crawl: object) -> None:
    write_config(folder, '[archive]\nsources = "sources"\n', requisites=False, **{"tdmrep": True, "retries": 0} | crawl)
    (folder / "sources").mkdir()
    (folder / "sources/example.toml").write_text(
        f'name = "Example"\nhomepage = "{server.base}/"\npoliteness.delay = "0s"\n'
        f'[[discover]]\nkind = "feed"\nurl = "{server.base}/rss.xml"\n'
    )


def feed(server: Server, *paths: str) -> bytes:
    items = "".join(f"<item><title>t</title><link>{server.base}{path}</link></item>" for path in paths)
    return ok(f"<rss version='2.0'><channel>{items}</channel></rss>", kind="application/rss+xml")


def test_what_the_site_declares_is_in_its_documents_and_the_page_has_the_last_word(tmp_path: Path) -> None:
    answers: dict[str, Answer] = {
        "/robots.txt": ok(ROBOTS, kind="text/plain"),
        FILE: ok(json.dumps(RULES), kind="application/json"),
        "/news/1": PAGE,
        "/news/open/2": PAGE,
        "/news/3": ok(article(), "TDM-Reservation: 0", "Content-Usage: search=y"),
        "/news/4": ok(
            article().replace("<head>", '<head><meta name="tdm-reservation" content="1">'), "TDM-Reservation: 0"
        ),
        "/old": ok("", "Location: /news/open/5", status="302 Found"),
        "/news/open/5": PAGE,
    }
    with Server(answers) as server:
        answers["/rss.xml"] = feed(server, "/news/1", "/news/open/2", "/news/3", "/news/4", "/old")
        prepare(tmp_path, server)
        begin = datetime.now(UTC)
        run = archiver_at(begin, "crawl", "example", cwd=tmp_path)
        assert run.returncode == 0, run.stderr.decode()
        assert server.asked.count(FILE) == 1
        assert server.asked.index(FILE) < min(server.asked.index(path) for path in answers if path.startswith("/news/"))

        store = tmp_path / "archive"
        said = {
            one["url"].removeprefix(server.base): tuple(
                one["rights"][name] for name in ("tdm_reservation", "tdm_policy", "content_usage")
            )
            for one in documents(store)
        }
        terms = "https://example.org/terms"
        assert said == {
            "/news/1": ("1", terms, "train-ai=n"),
            "/news/open/2": ("0", None, "train-ai=y"),
            "/news/3": ("0", terms, "search=y; train-ai=n"),
            "/news/4": ("1", terms, "train-ai=n"),
            "/news/open/5": ("0", None, "train-ai=y"),
        }

        # The file is a capture, and what it said of a page is in that page's own records: documents can be made again.
        archive = Archive(store)
        (file,) = archive.captures(f"{server.base}{FILE}")
        (page,) = archive.captures(f"{server.base}/news/1")
        assert page.context.declared
        assert page.context.declared["tdm_record_id"] == file.pointer.warc_record_id
        kept = everything([store / "articles"])
        shutil.rmtree(store / "articles")
        assert archiver("extract", "--archive", store, "--sources", tmp_path / "sources", cwd=tmp_path).returncode == 0
        assert everything([store / "articles"]) == kept

        # For a day nobody asks again, and what was said is still known.
        answers |= {"/news/6": PAGE, "/news/7": PAGE, "/rss.xml": feed(server, "/news/6")}
        assert archiver_at(begin + DAY / 2, "crawl", "example", cwd=tmp_path).returncode == 0
        assert server.asked.count(FILE) == 1
        assert documents(store)[-1]["rights"]["tdm_reservation"] == "1"

        # Later it is asked, and when it cannot be had the last copy goes on.
        answers |= {FILE: ok("", status="503 Service Unavailable"), "/rss.xml": feed(server, "/news/7")}
        run = archiver_at(begin + 2 * DAY, "crawl", "example", cwd=tmp_path)
        assert run.returncode == 0, run.stderr.decode()
        assert server.asked.count(FILE) == 2
        assert documents(store)[-1]["url"].endswith("/news/7")
        assert documents(store)[-1]["rights"]["tdm_policy"] == terms


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def test_a_file_that_is_not_there_or_not_to_be_had_keeps_no_article_back(tmp_path: Path) -> None:
    shut = ok(f"User-agent: *\nDisallow: {FILE}\n", kind="text/plain")
    cases: list[dict[str, Answer]] = [
        {},
        {FILE: ok("no", status="403 Forbidden")},
        {FILE: ok("<html>Welcome</html>")},
        {FILE: b""},
        {FILE: silent},
        {FILE: ok("", f"Location: {FILE}", status="302 Found")},
        {"/robots.txt": shut, FILE: ok(json.dumps(RULES))},
    ]
    servers = [Server({"/news/1": PAGE, **answers}) for answers in cases]
    for server in servers:
        server.__enter__()
    try:
        write_config(tmp_path, requisites=False, tdmrep=True, retries=0, forbidden_max=1, redirects=3)
        run = archiver("capture", *(f"{server.base}/news/1" for server in servers), cwd=tmp_path)
        assert run.returncode == 0, run.stderr.decode()
    finally:
        for server in servers:
            server.__exit__(None, None, None)
    found = documents(tmp_path / "archive")
    assert len(found) == len(cases)
    assert all(one["rights"]["tdm_reservation"] is None for one in found)
    assert FILE not in servers[-1].asked, "robots.txt speaks of this file too"


def test_nobody_is_asked_where_the_operator_does_not_want_it(tmp_path: Path) -> None:
    with Server({"/news/1": PAGE, FILE: ok(json.dumps(RULES))}) as server:
        write_config(tmp_path, requisites=False, tdmrep=False)
        assert archiver("capture", f"{server.base}/news/1", cwd=tmp_path).returncode == 0
        assert FILE not in server.asked
