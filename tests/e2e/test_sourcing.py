"""`archiver sources add | record | test | list` against the demo newspaper and against sites that do not help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archiver.demo import DemoNewspaper
from archiver.sources import read_source
from archiver.warc import check_warc
from tests.e2e.conftest import Crawled, prepare
from tests.e2e.kit import Server, archiver, article, documents, ok, write_config
from tests.e2e.test_sources import feed, urlset


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_probed_site_can_be_crawled_at_once(tmp_path: Path, newspaper: DemoNewspaper, number: int) -> None:
    outlet = newspaper.outlets[number]
    write_config(tmp_path, '[archive]\nsources = "sources"\n', max_pages=3, requisites=False)
    (tmp_path / "sources").mkdir()
    run = archiver("sources", "add", outlet.base_url, "--id", "found", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    assert not (tmp_path / "archive").exists()
    path = tmp_path / "sources/found.toml"
    source = read_source(path)
    assert (source.name, source.language, source.checked) == (outlet.name, outlet.language, False)
    assert {item.url for item in source.discover} == {outlet.feed_url, outlet.news_sitemap_url}
    assert {item.kind for item in source.discover} == {"feed", "news-sitemap"}
    assert source.articles.allow
    assert all(source.articles.wants(url) for url in outlet.article_urls)
    assert not source.articles.wants(source.homepage)
    assert "# " in path.read_text()
    again = archiver("sources", "add", outlet.base_url, "--id", "found", cwd=tmp_path)
    assert again.returncode == 2
    assert b"is there already" in again.stderr
    crawl = archiver("crawl", "found", cwd=tmp_path)
    assert crawl.returncode == 0, crawl.stderr.decode()
    assert len(documents(tmp_path / "archive")) == 3


def test_a_site_that_names_nothing_is_asked_for_the_usual_places_once(tmp_path: Path) -> None:
    write_config(tmp_path, retries=0)
    with Server() as server:
        base = server.base
        server.answers = {
            "/": ok('<html lang="ur-PK"><title>Sample "Times" - Home</title><a href="/x">x</a></html>'),
            "/feed/": feed(*(f"{base}/story/{number}/some-words-here" for number in range(20260, 20270))),
            "/sitemap.xml": urlset(base, *(f"/old/{number}" for number in range(50))),
        }
        run = archiver("sources", "add", base, "--id", "sample", "--sources", "new", cwd=tmp_path)
        asked = [path for path in server.asked if path != "/robots.txt"]
    assert run.returncode == 0, run.stderr.decode()
    source = read_source(tmp_path / "new/sample.toml")
    assert (source.name, source.language, source.country) == ('Sample "Times"', "ur", "pk")
    assert [(item.kind, item.url) for item in source.discover] == [("feed", f"{base}/feed/")]
    assert source.articles.allow == [r"/story/\d{4,}(?:/|$)"]
    assert asked[0] == "/"
    assert sorted(asked[1:]) == ["/feed/", "/news-sitemap.xml", "/rss.xml", "/sitemap.xml"]


def test_a_site_without_any_feed_is_read_by_its_home_page(tmp_path: Path) -> None:
    write_config(tmp_path, retries=0)
    with Server({"/": ok("<html><title>Bare</title><p>Nothing.</p></html>")}) as server:
        run = archiver("sources", "add", server.base, "--id", "bare", "--sources", ".", cwd=tmp_path)
        source = read_source(tmp_path / "bare.toml")
        assert [(item.kind, item.url) for item in source.discover] == [("listing", server.base + "/")]
    assert run.returncode == 0
    assert source.articles.allow == []


def test_a_site_that_forbids_or_fails_gives_no_file(tmp_path: Path) -> None:
    write_config(tmp_path, retries=0)
    (tmp_path / "s").mkdir()
    with Server({"/robots.txt": ok("User-agent: *\nDisallow: /\n", kind="text/plain")}) as server:
        run = archiver("sources", "add", server.base, "--id", "shut", "--sources", "s", cwd=tmp_path)
        assert "/" not in server.asked
    assert run.returncode == 1
    assert b"disallowed-by-robots" in run.stderr
    assert not list((tmp_path / "s").iterdir())
    for wrong in (["not a url"], ["https://example.com", "--id", "Upper"], ["https://example.com", "--id", "page"]):
        assert archiver("sources", "add", *wrong, "--sources", "s", cwd=tmp_path).returncode == 2


def test_a_saved_page_gives_its_document_until_something_changes(tmp_path: Path, newspaper: DemoNewspaper) -> None:
    prepare(tmp_path, newspaper)
    outlet = newspaper.outlets[1]
    run = archiver("sources", "record", outlet.id, "--fixtures", "saved", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    folder = tmp_path / "saved" / outlet.id
    assert sorted(path.name for path in folder.iterdir()) == ["page.json", "page.warc.gz"]
    wrong = {finding.rule for finding in check_warc(folder / "page.warc.gz") if finding.severity == "error"}
    assert wrong <= {"filename"}, "only the file's name is another than when it was written"
    document = json.loads((folder / "page.json").read_text())
    assert document["url"] in outlet.article_urls
    assert document["capture"]["warc_filename"] == "page.warc.gz"
    assert document["discovered"]
    assert not (tmp_path / "archive").exists()
    same = archiver("sources", "test", "--fixtures", "saved", cwd=tmp_path)
    assert same.returncode == 0, same.stderr.decode()
    assert b"1 of 1 saved pages" in same.stderr
    document["headline"] = "Another"
    document["extraction"]["version"] = "0"
    (folder / "page.json").write_text(json.dumps(document))
    other = archiver("sources", "test", outlet.id, "--fixtures", "saved", cwd=tmp_path)
    assert other.returncode == 1
    assert f'{outlet.id}: headline: was "Another"'.encode() in other.stderr
    assert b"version" not in other.stderr


def test_one_named_page_can_be_saved(tmp_path: Path) -> None:
    write_config(tmp_path, retries=0)
    with Server() as server:
        server.answers = {"/1": ok(article("One")), "/2": ok("gone", status="410 Gone")}
        (tmp_path / "s").mkdir()
        (tmp_path / "s/a.toml").write_text(f'name = "A"\nhomepage = "{server.base}/"\n')
        good = archiver("sources", "record", "a", server.base + "/1", "--sources", "s", "--fixtures", "f", cwd=tmp_path)
        bad = archiver("sources", "record", "a", server.base + "/2", "--sources", "s", "--fixtures", "g", cwd=tmp_path)
        none = archiver("sources", "record", "b", "--sources", "s", cwd=tmp_path)
    assert good.returncode == 0, good.stderr.decode()
    assert json.loads((tmp_path / "f/a/page.json").read_text())["headline"] == "One"
    assert bad.returncode == 1
    assert b"no page gave a document" in bad.stderr
    assert not (tmp_path / "g").exists()
    assert none.returncode == 2
    assert archiver("sources", "test", "--fixtures", "empty", cwd=tmp_path).returncode == 2


def test_the_list_shows_how_the_last_runs_went(crawled: Crawled, tmp_path: Path) -> None:
    shown = archiver("sources", "list", "--json", "--store", crawled.store, cwd=crawled.folder)
    rows = {row["id"]: row for row in map(json.loads, shown.stdout.splitlines())}
    for outlet in crawled.newspaper.outlets:
        health = rows[outlet.id]["health"]
        assert health["runs"] == 1
        assert health["articles"] == len([one for one in documents(crawled.store) if one["source"] == outlet.id])
        assert health["last_run"]
        assert all(count > 0 for count in health["reasons"].values())
    table = archiver("sources", "list", "--store", crawled.store, cwd=crawled.folder)
    assert b"last run" in table.stdout
    elsewhere = archiver("sources", "list", "--json", "--store", tmp_path / "none", cwd=crawled.folder)
    assert all(json.loads(line)["health"] is None for line in elsewhere.stdout.splitlines())
    assert not (tmp_path / "none").exists()
