"""Articles over several URLs: every page is captured and is a document of its own; readers get them in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from archiver.archive import Archive
from tests.e2e.kit import Answer, Server, archiver, article, documents, ok, reasons, write_config


def _page(number: int, last: int) -> Answer:
    links = "".join(
        f'<a href="/bridge{f"?page={n}" if n > 1 else ""}">{n}</a>' for n in range(1, last + 1) if n != number
    )
    head = '<link rel="canonical" href="/bridge">'
    text = article(
        "The long bridge opens", f"<p>This is part {number} of the report, and what it alone has to say.</p>"
    )
    return ok(text.replace("<head>", f"<head>{head}").replace("</body>", f'<div class="pages">{links}</div></body>'))


@pytest.fixture
def server() -> Server:
    return Server({"/bridge": _page(1, 3), "/bridge?page=2": _page(2, 3), "/bridge?page=3": _page(3, 3)})


def _source(folder: Path, server: Server, more: str = "", **crawl: object) -> None:
    write_config(folder, '[archive]\nsources = "sources"\n', requisites=False, **crawl)
    (folder / "sources").mkdir()
    (folder / "sources/example.toml").write_text(
        f'name = "Example"\nhomepage = "{server.base}/"\npoliteness.delay = "0s"\n{more}'
        f'[[discover]]\nkind = "feed"\nurl = "{server.base}/rss.xml"\n'
    )
    item = f"<item><title>t</title><link>{server.base}/bridge</link></item>"
    feed = ok(f"<rss version='2.0'><channel>{item}</channel></rss>", kind="application/rss+xml")
    server.answers = {**server.answers, "/rss.xml": feed}


def _numbers(store: Path) -> list[int]:
    return sorted(one["pagination"]["page"] for one in documents(store))


def test_a_captured_page_brings_the_pages_at_which_it_goes_on(tmp_path: Path, server: Server) -> None:
    write_config(tmp_path, requisites=False)
    with server:
        run = archiver("capture", f"{server.base}/bridge", cwd=tmp_path)
        assert run.returncode == 0, run.stderr.decode()
        assert [path for path in server.asked if path.startswith("/bridge")] == [
            "/bridge",
            "/bridge?page=2",
            "/bridge?page=3",
        ]

    archive = Archive(tmp_path / "archive")
    first = archive.article(f"{server.base}/bridge")
    assert first is not None and first.pagination is not None
    pages = archive.pages(first)
    assert [page.url.removeprefix(server.base) for page in pages] == ["/bridge", "/bridge?page=2", "/bridge?page=3"]
    assert len({page.id for page in pages}) == 3
    assert all(f"part {number} of" in page.article_body for number, page in enumerate(pages, 1))
    assert [(page.crawl.via or "").removeprefix(server.base) for page in pages] == ["", "/bridge", "/bridge?page=2"]
    assert archive.pages(pages[2]) == pages
    assert all(archive.capture(page.capture).url == page.url for page in pages)

    shown = archiver("show", f"{server.base}/bridge", cwd=tmp_path).stdout.decode()
    assert [shown.index(f"part {number} of") for number in (1, 2, 3)] == sorted(
        shown.index(f"part {n} of") for n in (1, 2, 3)
    )
    again = archiver("extract", "--archive", "archive", cwd=tmp_path)
    assert again.returncode == 0, again.stderr.decode()


def test_pages_that_were_asked_for_by_themselves_are_asked_for_once(tmp_path: Path, server: Server) -> None:
    write_config(tmp_path, requisites=False)
    with server:
        urls = [f"{server.base}/bridge", f"{server.base}/bridge?page=2"]
        assert archiver("capture", *urls, cwd=tmp_path).returncode == 0
        assert sorted(path for path in server.asked if path.startswith("/bridge")) == [
            "/bridge", "/bridge?page=2", "/bridge?page=3",
        ]  # fmt: skip


def test_the_last_page_is_not_asked_for_again_when_it_came_first(tmp_path: Path, server: Server) -> None:
    write_config(tmp_path, requisites=False, per_host=1)
    with server:
        urls = [f"{server.base}/bridge?page={number}" for number in (3, 2)] + [f"{server.base}/bridge"]
        assert archiver("capture", *urls, cwd=tmp_path).returncode == 0
        asked = [path for path in server.asked if path.startswith("/bridge")]
    assert sorted(asked) == ["/bridge", "/bridge?page=2", "/bridge?page=3"]


def test_a_crawl_brings_them_too_and_leaves_out_what_the_source_denies(tmp_path: Path, server: Server) -> None:
    _source(tmp_path, server, '[articles]\nallow = ["/bridge$"]\ndeny = ["page=3"]\n')
    with server:
        run = archiver("crawl", "example", cwd=tmp_path)
        assert run.returncode == 0, run.stderr.decode()
    assert _numbers(tmp_path / "archive") == [1, 2]
    assert reasons(tmp_path / "archive") == {f"{server.base}/bridge?page=3": "denied-by-source"}


def test_a_budget_counts_further_pages(tmp_path: Path, server: Server) -> None:
    _source(tmp_path, server, max_pages=2)
    with server:
        run = archiver("crawl", "example", cwd=tmp_path)
        assert run.returncode == 0, run.stderr.decode()
    assert _numbers(tmp_path / "archive") == [1, 2]
    assert reasons(tmp_path / "archive") == {f"{server.base}/bridge?page=3": "budget-spent"}


def test_a_page_that_is_gone_is_told_and_readers_hear_of_it(tmp_path: Path) -> None:
    write_config(tmp_path, requisites=False)
    with Server({"/bridge": _page(1, 2)}) as server:
        archiver("capture", f"{server.base}/bridge", cwd=tmp_path)
        assert reasons(tmp_path / "archive") == {f"{server.base}/bridge?page=2": "http-error"}
        shown = archiver("show", f"{server.base}/bridge", cwd=tmp_path).stdout.decode()
        assert f"goes on at {server.base}/bridge?page=2" in shown
