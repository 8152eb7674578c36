"""A source whose feeds, sitemaps and listings are as bad as they come: the good entries are crawled, the rest is counted."""

from __future__ import annotations

import gzip
from pathlib import Path

from tests.e2e.kit import Server, archiver, article, documents, manifests, ok, reasons, write_config

XML = "application/xml"


def feed(*links: str) -> bytes:
    items = "".join(f"<item><title>T</title><link>{link}</link></item>" for link in links)
    return ok(f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{items}</channel></rss>', kind=XML)


def write_source(folder: Path, base: str, *discover: tuple[str, str], more: str = "") -> None:
    tables = "".join(f'[[discover]]\nkind = "{kind}"\nurl = "{base}{path}"\n' for kind, path in discover)
    text = f'name = "Example"\nhomepage = "{base}/"\n{tables}[articles]\ndeny = ["/closed/"]\n[politeness]\ndelay = "0s"\n{more}'
    (folder / "sources").mkdir()
    (folder / "sources/example.toml").write_text(text)


def test_bad_discovery_costs_itself_only(tmp_path: Path) -> None:
    write_config(tmp_path, '[archive]\nsources = "sources"\n', retries=0, requisites=False)
    with Server() as server:
        base = server.base
        server.answers = {
            "/feed": feed(
                f"{base}/1?utm_source=rss", f"{base}/closed/2", "https://ads.example.com/buy", f"{base}/1", "nonsense:"
            ),
            "/half": feed(f"{base}/never")[:-40],
            "/html": ok("<html><body><h1>Feeds have moved</h1></body></html>"),
            "/list": ok(
                '<html><a href="/3">Three</a><a href="/closed/4">Four</a><a href="https://social.example.net/">S</a></html>'
            ),
            "/map": ok(f"<urlset><url><loc>{base}/5</loc></url><url><loc></loc></url></urlset>", kind=XML),
            **{path: ok(article(f"Article {path}")) for path in ("/1?utm_source=rss", "/1", "/3", "/5")},
        }
        kinds = [("feed", "/feed"), ("feed", "/half"), ("feed", "/html"), ("listing", "/list"), ("sitemap", "/map")]
        write_source(tmp_path, base, *kinds, ("feed", "/absent"))
        run = archiver("crawl", "example", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    store = tmp_path / "archive"
    assert {document["url"] for document in documents(store)} == {f"{base}/1", f"{base}/3", f"{base}/5"}
    assert reasons(store) == {
        f"{base}/closed/2": "denied-by-source",
        "https://ads.example.com/buy": "off-site",
        f"{base}/half": "disconnected",
        f"{base}/html": "feed-unreadable",
        f"{base}/absent": "http-error",
    }
    (first,) = (document for document in documents(store) if document["url"] == f"{base}/1")
    assert [witness["url"] for witness in first["discovered"]] == [f"{base}/feed"]
    assert first["crawl"]["via"] == f"{base}/feed"
    assert first["crawl"]["hops_from_seed"] == "M"


def test_a_url_is_asked_for_as_it_was_offered(tmp_path: Path) -> None:
    """Keys are normalised, requests are not: a server may well care about a parameter that looks like tracking."""
    write_config(tmp_path, '[archive]\nsources = "sources"\n', retries=0, requisites=False)
    with Server() as server:
        server.answers = {
            "/feed": feed(f"{server.base}/a?b=2&amp;a=1&amp;utm_source=x"),
            "/a?b=2&a=1&utm_source=x": ok(article()),
        }
        write_source(tmp_path, server.base, ("feed", "/feed"))
        run = archiver("crawl", "example", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    assert "/a?b=2&a=1&utm_source=x" in server.asked
    assert len(documents(tmp_path / "archive")) == 1


def test_a_source_without_any_readable_feed_is_not_a_good_run(tmp_path: Path) -> None:
    write_config(tmp_path, '[archive]\nsources = "sources"\n', retries=0)
    with Server() as server:
        write_source(tmp_path, server.base, ("feed", "/feed"), more="[expect]\narticles_min = 1\n")
        run = archiver("crawl", "example", cwd=tmp_path)
    assert run.returncode == 3
    assert b"example: 0 articles, expected at least 1" in run.stderr


def test_the_same_url_twice_is_asked_once(tmp_path: Path) -> None:
    write_config(tmp_path, retries=0)
    with Server({"/1": ok(article())}) as server:
        run = archiver("capture", server.base + "/1", server.base + "/1#part", cwd=tmp_path)
    assert run.returncode == 0
    assert manifests(tmp_path / "archive")[0]["reasons"] == [
        {"source": "page", "reason": "duplicate", "count": 1, "requisites": 0}
    ]
    assert server.asked.count("/1") == 1


def index(base: str, *rows: str) -> bytes:
    children = "".join(f"<sitemap><loc>{base}{row}</loc></sitemap>" for row in rows)
    return ok(f"<sitemapindex>{children}</sitemapindex>", kind=XML)


def urlset(base: str, *paths: str) -> bytes:
    rows = "".join(f"<url><loc>{base}{path}</loc></url>" for path in paths)
    return ok(f"<urlset>{rows}</urlset>", kind=XML)


def test_indexes_are_followed_to_their_newest_children(tmp_path: Path) -> None:
    """From robots.txt over two levels; an index that names itself, old children and other hosts' sitemaps are left alone."""
    write_config(tmp_path, '[archive]\nsources = "sources"\n', retries=0, requisites=False)
    with Server() as server:
        base = server.base
        old = [f"/old-{year}.xml" for year in range(2000, 2020)]
        server.answers = {
            "/robots.txt": ok(
                f"User-agent: *\nSitemap: {base}/top.xml\nSitemap: https://cdn.example.com/x.xml\n", kind="text/plain"
            ),
            "/top.xml": index(base, "/top.xml", *old, "/posts-2026-10.xml", "/posts-2026-11.xml", "/more-2026-11.xml"),
            "/more-2026-11.xml": index(base, "/packed-2026-11.xml.gz"),
            "/packed-2026-11.xml.gz": ok(gzip.compress(urlset(base, "/3").split(b"\r\n\r\n", 1)[1]), kind=None),
            "/posts-2026-11.xml": urlset(base, "/1", "/closed/1"),
            "/posts-2026-10.xml": urlset(base, "/2"),
            **{path: ok(article(f"Article {path}")) for path in ("/1", "/2", "/3")},
        }
        write_source(tmp_path, base, ("robots", "/robots.txt"))
        run = archiver("crawl", "example", cwd=tmp_path)
        asked = [path for path in server.asked if path.startswith("/old")]
    assert run.returncode == 0, run.stderr.decode()
    found = {document["url"]: document for document in documents(tmp_path / "archive")}
    assert sorted(found) == [f"{base}/1", f"{base}/2", f"{base}/3"]
    assert asked == ["/old-2019.xml", "/old-2018.xml"]
    assert found[f"{base}/3"]["crawl"]["hops_from_seed"] == "MMMM"
    assert found[f"{base}/3"]["crawl"]["via"] == f"{base}/packed-2026-11.xml.gz"
    told = reasons(tmp_path / "archive")
    assert told["https://cdn.example.com/x.xml"] == "off-site"
    assert told[f"{base}/closed/1"] == "denied-by-source"
    counts = {row["reason"]: row["count"] for row in manifests(tmp_path / "archive")[0]["reasons"]}
    assert counts["not-due"] == 19


def test_without_patterns_menus_are_no_articles(tmp_path: Path) -> None:
    write_config(tmp_path, '[archive]\nsources = "sources"\n', retries=0, requisites=False)
    with Server() as server:
        page = '<nav><a href="/politics">Politics</a></nav><h2><a href="/a-new-ferry-for-the-strait">A new ferry for the strait</a></h2>'
        server.answers = {"/": ok(page), "/a-new-ferry-for-the-strait": ok(article())}
        write_source(tmp_path, server.base, ("listing", "/"))
        run = archiver("crawl", "example", cwd=tmp_path)
        asked = server.asked
    assert run.returncode == 0, run.stderr.decode()
    assert "/politics" not in asked
    assert len(documents(tmp_path / "archive")) == 1
