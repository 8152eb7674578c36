"""A page that only scripts write, by the real command: read from its DOM, proven by it, packed, and taken down with it."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import zipfile
import zlib
from pathlib import Path
from urllib.parse import quote

import pytest

from archiver.archive import Archive
from tests.browser.looking import Browser
from tests.browser.replayweb import VIEWER, need_replayweb, open_replayed, serving
from tests.browser.test_rendered import ANSWERS, Rendered, render
from tests.e2e.kit import Server, archiver, article, documents, manifests, ok, reasons
from tests.e2e.test_takedown import everything_in, sound, take

SHELL = (
    "<!doctype html><title>News</title><link rel=icon href=data:,><div id=root></div>"
    "<noscript>Please switch scripts on to read the news.</noscript><script src=/build.js></script>"
)
BUILD = (
    f"document.title = 'Built by a script'; document.getElementById('root').innerHTML = {json.dumps(article('Built by a script'))};"
    'document.getElementById("root").insertAdjacentHTML("beforeend", "<img src=/wide.png width=80 height=60>");'
    'fetch("/list.json").then(a => a.json()).then(list => document.querySelector("article").append(list.words));'
)


@pytest.fixture(scope="module")
def built(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Rendered:
    """A page that only scripts write."""
    answers = {
        "/robots.txt": ANSWERS["/robots.txt"],
        "/news/2": ok(SHELL, "X-Robots-Tag: nosnippet", "Set-Cookie: a=1"),
        "/build.js": ok(BUILD, kind="text/javascript"),
        "/wide.png": ANSWERS["/wide.png"],
        "/list.json": ANSWERS["/list.json"],
    }
    with Server(answers) as server:
        return render(tmp_path_factory.mktemp("built"), server, "/news/2")


def test_a_page_that_scripts_write_is_read_from_its_dom(built: Rendered) -> None:
    (document,) = documents(built.store)
    page = built.capture("/news/2").pointer
    capture = document["capture"]
    assert document["headline"] == "Built by a script" and "the ferries wait" in document["article_body"]
    assert document["url"] == document["requested_url"] == built.server.base + "/news/2"
    assert document["rights"]["x_robots_tag"] == "nosnippet", "of the answer that the DOM grew from"
    assert capture["warc_type"] == "resource" and capture["refers_to"]["warc_record_id"] == page.warc_record_id
    assert capture["fetch_time"] == page.model_dump(mode="json")["fetch_time"]
    assert reasons(built.store) == {}, "one page, one outcome"
    (run,) = manifests(built.store)
    (looks,) = run["requisites"]
    assert (looks["record_id"], looks["captured"]) == (page.warc_record_id, looks["needed"])
    assert run["captures"] == len(built.server.asked)


def test_its_document_is_provable_by_the_range_that_it_names(built: Rendered) -> None:
    (document,) = documents(built.store)
    capture = document["capture"]
    start, length = capture["warc_record_offset"], capture["warc_record_length"]
    member = (built.store / capture["warc_filename"]).read_bytes()[start : start + length]
    machine = zlib.decompressobj(16 + zlib.MAX_WBITS)
    head, _, block = machine.decompress(member).partition(b"\r\n\r\n")
    assert machine.eof and not machine.unused_data and capture["warc_record_id"].encode() in head
    assert hashlib.sha256(block.removesuffix(b"\r\n\r\n")).hexdigest() == capture["payload_sha256"]
    assert block.removesuffix(b"\r\n\r\n") == built.side(f"urn:dom:{document['url']}")
    archive = Archive(built.store)
    (found,) = archive.articles()
    assert archive.payload(found.capture) == archive.capture(found.capture).body == block.removesuffix(b"\r\n\r\n")


def test_its_document_comes_out_again_and_is_the_only_one(built: Rendered, tmp_path: Path) -> None:
    done = archiver("check", "--full", "--store", built.store, cwd=tmp_path)
    assert done.returncode == 0, done.stdout.decode()
    copy = shutil.copytree(built.store, tmp_path / "copy")
    (stored,) = copy.glob("articles/v1/*/*/*.jsonl.gz")
    before = stored.read_bytes()
    stored.unlink()
    done = archiver("extract", "--archive", copy, cwd=built.folder)
    assert done.returncode == 0 and stored.read_bytes() == before, done.stderr.decode()
    (warc,) = copy.glob("warc/page/*/*.warc.gz")
    done = archiver("extract", warc, cwd=tmp_path)
    assert done.stdout.count(b"\n") == 1 and b"1 documents\n" in done.stderr


def test_its_package_shows_the_page_and_holds_its_dom(built: Rendered, browser: Browser, tmp_path: Path) -> None:
    need_replayweb()
    url, package = built.server.base + "/news/2", tmp_path / "one.wacz"
    done = archiver("export", "wacz", url, "-o", package, "--store", built.store, cwd=tmp_path)
    assert done.returncode == 0, done.stderr.decode()
    assert archiver("check", package, cwd=tmp_path).returncode == 0
    with zipfile.ZipFile(package) as opened:
        blocks = b"".join(gzip.decompress(opened.read(n)) for n in opened.namelist() if n.endswith(".cdx.gz"))
        (page,) = [json.loads(line) for line in opened.read("pages/pages.jsonl").splitlines()[1:]]
    indexed = {json.loads(line.split(b" ", 2)[2])["url"] for line in blocks.splitlines()}
    assert {url, f"urn:dom:{url}", built.server.base + "/build.js", built.server.base + "/wide.png"} < indexed
    assert built.server.base + "/list.json" in indexed, "what no markup names"
    assert (page["url"], page["title"]) == (url, "Built by a script")
    moment = f"{built.capture('/news/2').pointer.fetch_time:%Y%m%d%H%M%S}"
    with serving(package) as origin:
        address = f"{origin}view?wacz={package.name}&ts={moment}&url={quote(url, safe='')}"
        (seen,) = browser.look([address], [origin], open_replayed, VIEWER)
    assert (seen.lost, seen.leaked, seen.blank) == ([], [], [])
    assert "the ferries wait" in seen.text and "Filled in by a script." in seen.text and seen.images == [(80, 60)]


def test_taken_down_nothing_is_left_of_page_dom_and_picture(built: Rendered, tmp_path: Path) -> None:
    shutil.copytree(built.store, tmp_path / "archive")
    shutil.copy(built.folder / "archiver.toml", tmp_path)
    store, url = tmp_path / "archive", built.server.base + "/news/2"
    words = [b'<div id="root">', b"urn:dom:" + url.encode()]  # what the script holds is a record of its own
    assert all(word in everything_in(store) for word in words)
    hidden = take(tmp_path, "hide", "article", url, "--reason", "court order 12/2026", "--by", "legal desk", "--json")
    assert list(Archive(store).articles()) == []
    take(tmp_path, "erase", *(json.loads(line)["id"] for line in hidden.stdout.splitlines()))
    assert [word for word in words if word in everything_in(store)] == []
    sound(store)
    assert archiver("check", "--full", cwd=tmp_path).returncode == 0
    assert archiver("extract", "--archive", "archive", cwd=tmp_path).returncode == 0
    assert list(Archive(store).articles()) == [], "made again, it does not come back"
