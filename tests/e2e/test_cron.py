"""What cron and its watchers see: exit codes, the report, the metrics, the web hook, and a lock that is respected."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from archiver.archive import Archive
from archiver.cli.exits import Exit
from archiver.frontier import Frontier, Poll
from tests.e2e.kit import (
    ROOT,
    Answer,
    Server,
    archiver,
    archiver_at,
    article,
    documents,
    environment,
    manifests,
    ok,
    write_config,
)

SOURCE = """
name = "Example"
homepage = "{base}/"
every = "30m"
[[discover]]
kind = "listing"
url = "{base}/"
[articles]
allow = ['/news/']
[politeness]
delay = "10ms"
[expect]
articles_min = {least}
"""


def prepare(folder: Path, server: Server, text: str = "", least: int = 0) -> None:
    (folder / "sources").mkdir()
    (folder / "sources/example.toml").write_text(SOURCE.format(base=server.base, least=least))
    write_config(folder, f'[archive]\nstore = "archive"\nsources = "sources"\n{text}', requisites=False)


def site(pages: int) -> dict[str, bytes]:
    links = "".join(f'<a href="/news/{n}">A headline that is long enough {n}</a>' for n in range(pages))
    return {
        "/": ok(f"<html><body>{links}</body></html>"),
        **{f"/news/{n}": ok(article(f"Headline {n}")) for n in range(pages)},
    }


@contextmanager
def hook(status: int = 204) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """(its address, the messages that it got)."""
    messages: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/hook", messages
    finally:
        server.shutdown()
        server.server_close()


def test_a_run_is_reported_as_json_and_as_metrics(tmp_path: Path) -> None:
    cron = '[cron]\nreport = "out/report.json"\nmetrics = "out/archiver.prom"\n'
    with Server(site(3)) as server:
        prepare(tmp_path, server, cron)
        assert archiver("crawl", "--due", cwd=tmp_path).returncode == Exit.OK
        first = json.loads((tmp_path / "out/report.json").read_bytes())
        metrics = (tmp_path / "out/archiver.prom").read_text()
        assert archiver("crawl", "--due", cwd=tmp_path).returncode == Exit.OK
        second = json.loads((tmp_path / "out/report.json").read_bytes())
        later = (tmp_path / "out/archiver.prom").read_text()
    assert (first["exit_code"], first["exit_name"], first["articles"]) == (0, "ok", 3)
    assert first["run_id"] == manifests(tmp_path / "archive")[0]["run_id"]
    assert first["sources"][0]["measures"]["documents"] == 3
    for line in metrics.splitlines():
        assert re.fullmatch(
            r'# (HELP|TYPE) archiver_\w+ .+|archiver_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[\d.e+]+', line
        ), line
    assert 'archiver_source_documents{source="example"} 3' in metrics
    assert "archiver_exit_code 0" in metrics
    # Nothing was due: the report says so, and what is known of the source stays in the metrics.
    assert (second["run_id"], second["exit_code"]) == (None, 0)
    assert len(manifests(tmp_path / "archive")) == 1
    assert 'archiver_source_documents{source="example"} 3' in later
    assert [path.name for path in sorted((tmp_path / "out").iterdir())] == ["archiver.prom", "report.json"]


def test_trouble_is_posted_to_the_web_hook_and_a_good_run_is_not(tmp_path: Path) -> None:
    with hook() as (url, messages), Server(site(3)) as server:
        prepare(tmp_path, server, f'[cron]\nwebhook = "{url}"\n', least=2)
        assert archiver("crawl", "--due", cwd=tmp_path).returncode == Exit.OK
        assert messages == []
        source = tmp_path / "sources/example.toml"
        source.write_text(source.read_text().replace("articles_min = 2", "articles_min = 99"))
        run = archiver("crawl", "example", cwd=tmp_path)
    assert run.returncode == Exit.BELOW_EXPECTATION, run.stderr.decode()
    assert [message["exit_code"] for message in messages] == [3]
    assert "expected at least 99" in messages[0]["sources"][0]["alarms"][0]


def test_a_web_hook_that_does_not_answer_changes_nothing(tmp_path: Path) -> None:
    with hook(status=500) as (url, _), Server(site(1)) as server:
        prepare(tmp_path, server, f'[cron]\nwebhook = "{url}"\nwebhook_when = "always"\n')
        run = archiver("crawl", "--due", cwd=tmp_path)
    assert run.returncode == Exit.OK
    assert b"the web hook did not take the report: HTTP Error 500" in run.stderr


def test_an_article_that_is_known_is_not_fetched_again_by_the_next_run(tmp_path: Path) -> None:
    with Server(site(4)) as server:
        prepare(tmp_path, server, least=4)
        assert archiver("crawl", "example", cwd=tmp_path).returncode == Exit.OK
        server.asked.clear()
        run = archiver("crawl", "example", cwd=tmp_path)
        assert run.returncode == Exit.OK, run.stderr.decode()
        assert not [path for path in server.asked if path.startswith("/news/")]
    last = manifests(tmp_path / "archive")[-1]
    assert last["articles"] == 0
    assert [(entry["reason"], entry["count"]) for entry in last["reasons"]] == [("not-due", 4)]


def test_a_feed_behind_a_redirect_is_asked_on_a_condition_too(tmp_path: Path) -> None:
    answers: dict[str, Answer] = {**site(3)}
    conditional: list[bytes] = []

    def feed(connection: socket.socket) -> None:
        head = server.heads["/new.xml"]
        if b"if-none-match" in head.lower():
            conditional.append(head)
            connection.sendall(b'HTTP/1.1 304 Not Modified\r\nETag: "7"\r\nConnection: close\r\n\r\n')
        else:
            items = "".join(f"<item><link>{server.base}/news/{n}</link></item>" for n in range(3)) + " " * 600
            connection.sendall(ok(f"<rss version='2.0'><channel>{items}</channel></rss>", 'ETag: "7"', kind="text/xml"))

    with Server(answers) as server:
        answers["/old.xml"] = ok("", f"Location: {server.base}/new.xml", status="301 Moved Permanently")
        answers["/new.xml"] = feed
        prepare(tmp_path, server)
        source = tmp_path / "sources/example.toml"
        text = source.read_text().replace('kind = "listing"', 'kind = "feed"')
        source.write_text(text.replace(f'url = "{server.base}/"', f'url = "{server.base}/old.xml"'))
        for _ in range(2):
            run = archiver("crawl", "example", cwd=tmp_path)
            assert run.returncode == Exit.OK, run.stderr.decode()
    assert len(conditional) == 1
    first, second = Archive(tmp_path / "archive").captures(f"{server.base}/new.xml")
    assert (second.status, second.pointer.warc_type) == (304, "revisit")
    assert second.pointer.refers_to
    assert second.pointer.refers_to.warc_record_id == first.pointer.warc_record_id


def test_a_dead_sitemap_is_asked_once_a_week_and_is_back_with_its_first_answer(tmp_path: Path) -> None:
    begin, day = datetime.now(UTC), timedelta(days=1)
    answers: dict[str, Answer] = {**site(3)}
    with Server(answers) as server:
        prepare(tmp_path, server)
        source = tmp_path / "sources/example.toml"
        table = f'[[discover]]\nkind = "sitemap"\nurl = "{server.base}/map.xml"\n[articles]'
        source.write_text(source.read_text().replace("[articles]", table))
        with Frontier(f"sqlite:///{tmp_path}/archive/.frontier/frontier.sqlite") as frontier:
            for number in range(10):  # what ten runs leave that met a 404
                failed = Poll(f"{server.base}/map.xml", "sitemap", begin - (10 - number) * day / 24, failed=True)
                frontier.polled("example", failed, 0, 1800.0)

        def asked_at(moment: datetime) -> set[str]:
            server.asked.clear()
            run = archiver_at(moment, "crawl", "--due", cwd=tmp_path)
            assert run.returncode == Exit.OK, run.stderr.decode()
            return {"/", "/map.xml"} & set(server.asked)

        assert asked_at(begin) == {"/"}
        assert asked_at(begin + 6 * day) == {"/"}
        rows = "".join(f"<url><loc>{server.base}/news/{number}</loc></url>" for number in range(3))
        answers["/map.xml"] = ok(f"<urlset>{rows}</urlset>", kind="text/xml")
        assert asked_at(begin + 7 * day) == {"/", "/map.xml"}
        assert asked_at(begin + 7 * day + day / 24) == {"/map.xml"}, "an answer, and it is asked as soon as any other"


def test_a_page_captured_by_hand_is_the_next_version_of_its_article(tmp_path: Path) -> None:
    answers = site(4)
    with Server(answers) as server:
        prepare(tmp_path, server)
        assert archiver("crawl", "example", cwd=tmp_path).returncode == Exit.OK
        page = f"{server.base}/news/1"
        (first,) = [document for document in documents(tmp_path / "archive") if document["url"] == page]
        answers["/news/1"] = ok(article("Another headline"))
        run = archiver("capture", page, f"{server.base}/news/2", cwd=tmp_path)
        assert run.returncode == Exit.OK, run.stderr.decode()
        last = manifests(tmp_path / "archive")[-1]
        assert last["articles"] == 1
        assert [(entry["reason"], entry["count"]) for entry in last["reasons"]] == [("unchanged", 1)]
        _, second = (document for document in documents(tmp_path / "archive") if document["url"] == page)
        assert (second["version_number"], second["previous_version_id"]) == (2, first["version_id"])
        assert second["changed_fields"] == ["headline"]
        assert second["discovered"] == first["discovered"], "who showed it first is not forgotten"
        server.asked.clear()
        assert archiver("crawl", "example", cwd=tmp_path).returncode == Exit.OK
        assert not [path for path in server.asked if path.startswith("/news/")], "the visit counted as one"


def test_a_feed_that_falls_silent_is_an_alarm(tmp_path: Path) -> None:
    answers = site(4)
    with Server(answers) as server:
        prepare(tmp_path, server)
        assert archiver("crawl", "example", cwd=tmp_path).returncode == Exit.OK
        answers["/"] = ok("<html><body><p>We have a new design.</p></body></html>")
        run = archiver("crawl", "example", cwd=tmp_path)
    assert run.returncode == Exit.BELOW_EXPECTATION
    assert b"offered no article at all" in run.stderr


def test_the_show_of_three_runs_ends_well(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "archiver.demo.cron", str(tmp_path / "show")]
    run = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=200, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "version 2: Solar pumps in Thar: the ministry corrects its figures  headline, correction_note" in run.stdout
    assert run.stdout.count("archiver crawl --due") == 3
