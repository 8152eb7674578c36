"""A package of one post: what a player could take for another post's is not in it at all."""

from __future__ import annotations

import html
import json
import shutil
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.cli.exits import Exit
from archiver.demo.platforms import FakePlatforms
from tests.e2e.kit import Server, archiver, ok
from tests.e2e.networks import configure, embed, story, x_link, x_number, x_post
from tests.e2e.test_wacz import errors, export, index, pages, validate


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two articles, each with a post on X."""
    folder = tmp_path_factory.mktemp("posts")
    cited = {f"/{number}": ok(story(embed(number, x_post(number).text), title=f"Story {number}")) for number in (1, 2)}
    with FakePlatforms(posts=[x_post(1), x_post(2)]) as networks, Server(cited) as server:
        configure(folder, networks)
        done = archiver("capture", *(server.base + path for path in cited), cwd=folder)
        assert done.returncode == 0, done.stderr.decode()
    return folder / "archive"


@pytest.mark.parametrize(
    "address",
    [
        x_link(1),
        f"https://x.com/i/status/{x_number(1)}",
        f"https://platform.twitter.com/embed/Tweet.html?id={x_number(1)}",
    ],
    ids=["permalink", "id", "embed"],
)
def test_a_post_by_any_of_its_addresses_is_a_package(address: str, store: Path, tmp_path: Path) -> None:
    made = export(store, tmp_path / "post.wacz", address)
    header, page = pages(made)
    assert header["title"] == "Posts"
    assert (page["id"], page["text"]) == (f"https://x.com/i/status/{x_number(1)}", x_post(1).text)
    assert errors(made) == set()
    assert validate(made).returncode == 0
    urls = {line["url"] for line in index(made)}
    assert page["url"] in urls
    assert any("/tweet-result?" in url for url in urls), "the answer that it was read from is in the index"
    assert all(x_number(1) in url for url in urls) and not any(x_number(2) in url for url in urls)


def test_of_two_posts_each_has_its_page(store: Path, tmp_path: Path) -> None:
    _, *listed = pages(export(store, tmp_path / "both.wacz", x_link(1), x_link(2)))
    assert sorted(page["text"] for page in listed) == sorted((x_post(1).text, x_post(2).text))


def test_the_archive_finds_a_post_by_any_of_its_addresses(store: Path) -> None:
    archive = Archive(store)
    found = archive.post(x_link(2))
    assert found and found.native_id == x_number(2) and found.text == x_post(2).text
    assert archive.post(found.id) == found
    assert archive.post("https://x.com/i/status/1") is None


def test_neither_an_article_nor_a_post_is_a_sentence(store: Path, tmp_path: Path) -> None:
    export(store, tmp_path / "none.wacz", "https://x.com/i/status/1", code=2)
    assert list(tmp_path.iterdir()) == []


def test_names_and_options_choose_one_at_a_time(store: Path, tmp_path: Path) -> None:
    export(store, tmp_path / "none.wacz", x_link(1), "--source", "page", code=2)
    assert list(tmp_path.iterdir()) == []


def test_what_the_archive_has_nothing_of_is_named(store: Path, tmp_path: Path) -> None:
    for option, name in (("--run", "20200101t000000zabcdef"), ("--source", "nobody")):
        done = archiver("export", "wacz", option, name, "-o", tmp_path / "x.wacz", "--store", store, cwd=tmp_path)
        assert done.returncode == Exit.USAGE
        assert f'no WARC of {option[2:]} "{name}" in' in done.stderr.decode()
        assert not (tmp_path / "x.wacz").exists()


def test_what_was_taken_down_is_said_to_be(store: Path, tmp_path: Path) -> None:
    mine = Path(shutil.copytree(store, tmp_path / "archive"))
    why = ("--reason", "the author's wish", "--by", "desk", "--store", mine)
    assert archiver("takedown", "hide", "post", x_link(1), *why, cwd=tmp_path).returncode == Exit.OK
    for verb in (["show", x_link(1)], ["export", "wacz", x_link(1), "-o", tmp_path / "x.wacz"]):
        done = archiver(*verb, "--store", mine, cwd=tmp_path)
        assert done.returncode in (Exit.ERROR, Exit.USAGE)
        assert "by desk: the author's wish" in done.stderr.decode()


def test_a_post_is_shown_by_its_address_with_who_cites_it(store: Path, tmp_path: Path) -> None:
    shown = archiver("show", x_link(1), "--store", store, cwd=tmp_path)
    assert shown.returncode == Exit.OK, shown.stderr.decode()
    said = shown.stdout.decode()
    article = next(one for one in Archive(store).articles() if one.url.endswith("/1"))
    assert all(part in said for part in (x_post(1).text, x_number(1), "cited by Story 1", article.url, ".warc.gz"))
    assert "Story 2" not in said
    as_json = archiver("show", x_link(1), "--json", "--store", store, cwd=tmp_path).stdout.splitlines()
    assert [json.loads(line)["native_id"] for line in as_json] == [x_number(1)]
    page = archiver("show", x_link(1), "--html", "--store", store, cwd=tmp_path).stdout.decode()
    assert page.startswith("<!doctype html>") and x_post(1).text in html.unescape(page)
