"""The archive through pywb, by HTTP: pages as they were, TimeGate and TimeMap, what is hidden, and how the command ends."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archiver.archive import Archive
from archiver.demo import DemoNewspaper
from archiver.index import update_index
from archiver.layout import state_folder
from archiver.payload import decode
from archiver.replay import hidden_of
from archiver.replay.needs import Shelf, page_needs
from tests.e2e import kit
from tests.e2e.conftest import Crawled, prepare
from tests.e2e.kit import ROOT, Server, archiver, documents, environment, free_port, ok, write_config
from tests.replaying import first_line, get, need_pywb, replaying, started


@pytest.fixture(scope="module")
def url(crawled: Crawled, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The demo newspaper's archive, served."""
    need_pywb()
    folder = tmp_path_factory.mktemp("replay")
    with replaying(crawled.store, "--state", str(folder / "state"), cwd=folder) as served:
        yield served


NOT_REWRITTEN = ("/gallery/utf-16", "/gallery/zstd-unasked")
"""pywb reads neither UTF-16 nor zstd: the bytes are served as they are."""


NOT_RAW = "/gallery/both-lengths"
"""Answered with chunks and with a wrong Content-Length, which pywb hands on with the bytes: a client stops there."""


def stamp(document: dict) -> str:
    return "".join(character for character in document["capture"]["fetch_time"][:19] if character.isdigit())


def shown(store: Path) -> list[dict]:
    """The articles that may be seen."""
    return [document for document in documents(store) if not document["rights"]["archiving_restricted"]]


def test_every_article_replays_with_its_headline(url: str, crawled: Crawled) -> None:
    articles = shown(crawled.store)
    assert len(articles) > 30
    for article in articles:
        answer = get(f"{url}{stamp(article)}mp_/{article['url']}")
        assert answer.status == 200, article["url"]
        assert answer.headers["memento-datetime"].endswith("GMT")
        if not article["url"].endswith(NOT_REWRITTEN):
            assert "WB Insert" in answer.text, f"{article['url']} is not rewritten for replay"


def test_the_bytes_as_stored_are_those_of_the_capture(url: str, crawled: Crawled) -> None:
    for article in crawled.archive.articles(source="demo-courier"):
        if article.rights.archiving_restricted or article.url.endswith(NOT_RAW):
            continue
        raw = get(f"{url}{article.capture.fetch_time:%Y%m%d%H%M%S}id_/{article.url}", Accept_Encoding="identity")
        assert raw.status == 200
        coding = raw.headers.get("content-encoding") or raw.headers.get("x-archive-orig-content-encoding", "")
        codings = [coding] if not raw.body.lstrip().startswith(b"<") else []
        assert decode(raw.body, codings) == crawled.archive.payload(article.capture), article.url


def test_a_page_that_says_noarchive_is_captured_and_not_shown(url: str, crawled: Crawled) -> None:
    hidden = [document for document in documents(crawled.store) if document["rights"]["archiving_restricted"]]
    assert hidden
    for document in hidden:
        assert crawled.archive.captures(document["url"])
        assert get(f"{url}{stamp(document)}mp_/{document['url']}").status == 404
        assert get(f"{url}timemap/link/{document['url']}").status == 404


WALL = "<title>Log in</title>{head}<h1>Log in to continue</h1><form><input type=password></form>"
SAYS_NO = {
    "/gone": ok("<title>Gone</title>It was here.", "X-Robots-Tag: noarchive", status="410 Gone"),
    "/wall": ok(WALL.format(head=""), "X-Robots-Tag: nosnippet, noarchive"),
    "/wall-in-meta": ok(WALL.format(head='<meta name="robots" content="noindex, noarchive">')),
    "/report": ok(b"%PDF-1.4", "X-Robots-Tag: ia_archiver: noarchive", kind="application/pdf"),
    "/picture.png": ok(b"no picture", "X-Robots-Tag: noarchive", kind="image/png"),
    "/moved": ok("", "Location: /wall-in-meta", status="302 Found"),
}
SAYS_NOTHING = {
    "/wall-of-others": ok(WALL.format(head='<meta name="googlebot" content="noarchive">')),
    "/lost": ok("<title>Not found</title>", "X-Robots-Tag: bingbot: noarchive", status="404 Not Found"),
    "/other.png": ok(b"no picture", kind="image/png"),
    "/page": ok(kit.article(extra="<img src=/picture.png><img src=/other.png>")),
}


def test_what_says_noarchive_is_not_shown_document_or_not(tmp_path: Path) -> None:
    """Pages that gave no document, and what pages need, say it as well: in a header, or in their own words."""
    need_pywb()
    write_config(tmp_path, '[archive]\nstore = "archive"\n')
    with Server({"/robots.txt": ok("", status="404 Not Found"), **SAYS_NO, **SAYS_NOTHING}) as server:
        asked = [path for path in (*SAYS_NO, *SAYS_NOTHING) if not path.endswith(".png")]
        done = archiver("capture", *(server.base + path for path in asked), cwd=tmp_path)
        assert done.returncode == 0, done.stderr.decode()
    for path in (*SAYS_NO, *SAYS_NOTHING):
        assert Archive(tmp_path / "archive").captures(server.base + path), f"{path} is captured all the same"
    assert archiver("check", "--store", tmp_path / "archive", cwd=tmp_path).returncode == 0
    with replaying(tmp_path / "archive", "--state", str(tmp_path / "state"), cwd=tmp_path) as served:
        shown = {
            path: "memento-datetime" in get(f"{served}2026id_/{server.base}{path}").headers
            for path in (*SAYS_NO, *SAYS_NOTHING)
        }
    assert shown == dict.fromkeys(SAYS_NO, False) | dict.fromkeys(SAYS_NOTHING, True)


def test_everything_that_the_pages_need_replays(url: str, crawled: Crawled) -> None:
    archive = crawled.archive
    index = update_index(archive.store, archive.files("cdxj/"), state_folder(archive.store.url, "index"))
    shelf = Shelf(archive, index, hidden_of(archive))
    seen: dict[str, str] = {}
    for article in archive.articles():
        if article.rights.archiving_restricted:
            continue
        needs = list(page_needs(shelf, archive.capture(article.capture)))
        assert all(need.met for need in needs), article.url
        seen |= {need.url: stamp({"capture": {"fetch_time": need.found[-1].values["fetch_time"]}}) for need in needs}
    kinds = {name.rpartition(".")[2].partition("?")[0] for name in seen}
    assert {"css", "js", "png", "svg", "woff", "ico"} <= kinds
    for needed, when in seen.items():
        assert get(f"{url}{when}id_/{needed}").status == 200, needed


def test_check_asks_for_every_capture(crawled: Crawled, tmp_path: Path) -> None:
    need_pywb()
    command = ("replay", "--check", "--port", 0, "--store", crawled.store, "--state", tmp_path / "state")
    run = archiver(*command, cwd=tmp_path, timeout=300)
    assert run.returncode == 0, run.stderr.decode()
    counts = dict(line.rsplit(" ", 1) for line in run.stdout.decode().splitlines())
    assert set(counts) == {"id_ replayed", "mp_ replayed"} and int(counts["id_ replayed"]) > 200


def test_check_finds_a_record_that_is_gone(newspaper: DemoNewspaper, tmp_path: Path) -> None:
    """A file of the archive that is cut: what stood in it is no longer replayed, and the exit code says so."""
    need_pywb()
    prepare(tmp_path, newspaper)
    assert archiver("crawl", "demo-indus", cwd=tmp_path).returncode == 0
    store = tmp_path / "archive"
    warc = next((store / "warc" / "demo-indus").rglob("*.warc.gz"))
    with warc.open("r+b") as file:
        file.truncate(warc.stat().st_size // 2)
    command = ("replay", "--check", "--store", store, "--state", tmp_path / "state")
    with contextlib.ExitStack() as held:
        with contextlib.suppress(OSError):  # somebody has it already: as good
            held.enter_context(socket.create_server(("127.0.0.1", 8090)))
        run = archiver(*command, cwd=tmp_path, timeout=300)
    assert run.returncode == 5 and b"id_ server-error " in run.stdout and b"/media/" in run.stderr


def test_the_time_gate_gives_the_nearest_memento_and_names_its_time(url: str, crawled: Crawled) -> None:
    article = shown(crawled.store)[0]
    answer = get(f"{url}{article['url']}", Accept_Datetime="Thu, 01 Jan 2026 00:00:00 GMT")
    while answer.status in (302, 307):
        answer = get(answer.headers["location"])
    assert answer.status == 200 and "memento-datetime" in answer.headers
    assert f'<{article["url"]}>; rel="original"' in answer.headers["link"]


def test_the_time_map_lists_the_captures(url: str, crawled: Crawled) -> None:
    article = shown(crawled.store)[0]
    link = get(f"{url}timemap/link/{article['url']}")
    assert link.headers["content-type"] == "application/link-format"
    assert f"{stamp(article)}" in link.text and 'rel="memento"' in link.text and 'rel="timegate"' in link.text
    assert article["capture"]["warc_record_id"] in get(f"{url}timemap/cdxj/{article['url']}").text


def test_what_was_never_captured_is_not_found(url: str) -> None:
    assert get(f"{url}2026mp_/https://www.example.com/never").status == 404


def test_opted_out_hosts_are_not_shown(crawled: Crawled, tmp_path: Path) -> None:
    need_pywb()
    (tmp_path / "optout.toml").write_text(
        f'[[url]]\nprefix = "{shown(crawled.store)[0]["url"]}"\ndate = 2026-11-24\nreason = "a letter"\n'
    )
    with replaying(crawled.store, "--state", str(tmp_path / "state"), cwd=tmp_path) as served:
        assert get(f"{served}2026mp_/{shown(crawled.store)[0]['url']}").status == 404
        assert get(f"{served}2026mp_/{shown(crawled.store)[1]['url']}").status == 200


def test_only_loopback_is_listened_on_and_the_end_is_clean(crawled: Crawled, tmp_path: Path) -> None:
    need_pywb()
    for number in (signal.SIGINT, signal.SIGTERM):
        process = started(crawled.store, "--state", str(tmp_path / "state"), cwd=tmp_path)
        port = urlsplit(first_line(process)).port
        assert port and not [where for where in listening(port) if where != "0100007F"]
        process.send_signal(number)
        said = process.communicate(timeout=20)[1]
        assert process.returncode == 0, said
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 1).close()


def listening(port: int) -> list[str]:
    """The addresses, in the kernel's spelling, on which somebody listens at `port`."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    found = [row[1].split(":") for row in rows if row[3] == "0A"]
    return [address for address, number in found if int(number, 16) == port]


def test_a_killed_command_takes_pywb_with_it(crawled: Crawled, tmp_path: Path) -> None:
    need_pywb()
    process = started(crawled.store, "--state", str(tmp_path / "state"), cwd=tmp_path)
    port = urlsplit(first_line(process)).port or 0
    process.kill()
    process.communicate(timeout=20)
    limit = time.monotonic() + 5
    while listening(port) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not listening(port)


def test_without_its_environment_the_command_names_the_make_target(crawled: Crawled, tmp_path: Path) -> None:
    run = archiver("replay", "--store", crawled.store, cwd=tmp_path, ARCHIVER_REPLAY_ENV=str(tmp_path / "none"))
    # ARCHIVER_ variables that the tests set themselves do reach the command.
    assert run.returncode == 2 and b"make replay-setup" in run.stderr and b"Traceback" not in run.stderr


def test_a_taken_port_is_a_sentence(crawled: Crawled, tmp_path: Path) -> None:
    need_pywb()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = archiver("replay", "--store", crawled.store, "--port", port, "--state", tmp_path / "s", cwd=tmp_path)
    assert run.returncode == 2
    assert f"--port {port}: Address already in use; name another, or 0 for a free one".encode() in run.stderr


def test_make_replay_demo_crawls_serves_and_prints_the_address(tmp_path: Path) -> None:
    """The target's own recipe in an empty folder, with the environments that are here already."""
    replay = need_pywb()
    try:
        socket.create_server(("127.0.0.1", 8090)).close()
    except OSError:
        pytest.skip("port 8090 is taken here")
    command = [
        "make",
        "-f",
        ROOT / "Makefile",
        "-C",
        tmp_path,
        "--no-print-directory",
        "-o",
        "setup",
        "-o",
        "replay-setup",
    ]
    command += [f"BIN={Path(sys.executable).parent}", f"REPLAY_PORT={(port := free_port())}", "replay-demo"]
    variables = environment(ARCHIVER_REPLAY_ENV=str(replay))
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, env=variables
    ) as make:
        try:
            assert make.stdout
            said: list[str] = []
            while not re.fullmatch(rf"http://127\.0\.0\.1:{port}/\w+/\n", line := make.stdout.readline()):
                said.append(line)
                assert line, "".join(said)
            archive = Archive(tmp_path / "demo-archive")  # its runs and sources have no fixed order
            story = next(article for article in archive.articles() if "/drone-pact-" in article.url)
            answer = get(f"{line.strip()}2100mp_/{story.url}")
            while answer.status in (302, 307):
                answer = get(answer.headers["location"])
            assert answer.status == 200 and story.headline and story.headline.split()[0] in answer.text
        finally:
            os.killpg(make.pid, signal.SIGINT)
            make.communicate(timeout=30)
    assert not listening(8090)
