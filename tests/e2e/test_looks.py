"""What pages need to look as they did: found through stylesheets and frames, once, within limits, and accounted for."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

from fastwarc import ArchiveIterator

from archiver.demo.moving import MovingNewspaper
from tests.e2e.conftest import prepare
from tests.e2e.kit import Answer, Server, archiver, article, manifests, ok, write_config
from tests.e2e.test_days import BEGIN, OUTLET, run_at

PNG = b"\x89PNG\r\n\x1a\n".decode("latin-1") + "x" * 2000


def picture() -> bytes:
    return ok(PNG, kind="image/png")


LOOKS = """<link rel="stylesheet" href="/s.css"><img src="/a.png" srcset="/a2.png 2x" data-bg="/lazy.png">
<noscript><img src="/noscript.png"></noscript><img src="/gone.png"><img src="/closed/x.png"><iframe src="/frame"></iframe>"""

SITE: dict[str, Answer] = {
    "/robots.txt": ok("User-agent: *\nDisallow: /closed/\n", kind="text/plain"),
    "/1": ok(article("First", LOOKS)),
    "/2": ok(article("Second", LOOKS)),
    "/s.css": ok('@import "/more.css"; b { background: image-set("/set.png" 1x) }', kind="text/css"),
    "/more.css": ok("@font-face { src: url(/f.woff2) }", kind="text/css"),
    "/f.woff2": ok("f" * 600, kind="font/woff2"),
    "/frame": ok('<html><body><img src="/framed.png"><iframe src="/deeper"></iframe></body></html>'),
    **{f"/{name}.png": picture() for name in ("a", "a2", "lazy", "noscript", "set", "framed", "closed/x")},
}
NEEDED = {
    "/s.css",
    "/more.css",
    "/f.woff2",
    "/set.png",
    "/a.png",
    "/a2.png",
    "/lazy.png",
    "/noscript.png",
    "/gone.png",
    "/closed/x.png",
    "/frame",
    "/framed.png",
}


def captured(folder: Path, **tables: str) -> tuple[Server, dict[str, Any]]:
    """Two pages with the same looks, captured in one run: the server that was asked, and the manifest."""
    text = '[archive]\nstore = "archive"\n' + "".join(f"[{name}]\n{lines}\n" for name, lines in tables.items())
    write_config(folder, text, retries=0)
    with Server(SITE) as server:
        run = archiver("capture", f"{server.base}/1", f"{server.base}/2", cwd=folder)
    assert run.returncode == 0, run.stderr.decode()
    return server, manifests(folder / "archive")[0]


def lines(folder: Path) -> list[dict[str, str]]:
    return [
        json.loads(line.split(b" ", 2)[2])
        for path in sorted((folder / "archive" / "cdxj").rglob("*.cdxj.gz"))
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]


def test_looks_are_found_fetched_once_and_accounted_for(tmp_path: Path) -> None:
    server, manifest = captured(tmp_path)
    asked = Counter(server.asked)
    assert {path for path in asked if path not in ("/1", "/2", "/robots.txt")} == NEEDED - {"/closed/x.png"}
    assert set(asked.values()) == {1}, "two pages need the same, and each URL was asked once"
    assert "/deeper" not in asked, "frames are followed one level deep"
    assert [one["url"] for one in manifest["requisites"]] == [f"{server.base}/1", f"{server.base}/2"]
    for one in manifest["requisites"]:
        assert (one["needed"], one["captured"]) == (len(NEEDED), len(NEEDED) - 2)
        assert {(left["url"].removeprefix(server.base), left["reason"]) for left in one["left_out"]} == {
            ("/gone.png", "http-error"),
            ("/closed/x.png", "disallowed-by-robots"),
        }


def test_what_pages_need_is_asked_for_after_the_pages_that_wait(tmp_path: Path) -> None:
    site: dict[str, Answer] = {"/robots.txt": SITE["/robots.txt"]}
    site |= {f"/{number}": ok(article(f"Page {number}", f'<img src="/{number}.png">')) for number in range(10)}
    site |= {f"/{number}.png": picture() for number in range(10)}
    write_config(tmp_path, '[archive]\nstore = "archive"\n', retries=0, per_host=1, delay="0.25s")
    with Server(site) as server:
        run = archiver("capture", *(f"{server.base}/{number}" for number in range(10)), cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    order = [path.endswith(".png") for path in server.asked if path != "/robots.txt"]
    assert order == [False] * 10 + [True] * 10


def test_the_account_is_a_record_beside_the_page(tmp_path: Path) -> None:
    server, manifest = captured(tmp_path)
    found = {}
    for path in (tmp_path / "archive" / "warc").rglob("*.warc.gz"):
        for record in ArchiveIterator(path.open("rb"), parse_http=False):
            if (record.headers.get("WARC-Target-URI") or "").startswith("urn:pageinfo:"):
                assert record.headers["WARC-Type"] == "resource"
                found[record.headers["WARC-Target-URI"]] = json.loads(record.reader.read())
    assert (
        set(found) == {f"urn:pageinfo:{server.base}/{n}" for n in (1, 2)} <= {line["url"] for line in lines(tmp_path)}
    )
    known = {line["warc_record_id"]: line["url"] for line in lines(tmp_path)}
    for account, stated in zip((found[name] for name in sorted(found)), manifest["requisites"], strict=True):
        assert f"urn:uuid:{account['pageid']}" == stated["record_id"]
        assert account["counts"] == {name: stated[name] for name in ("needed", "captured", "bytes")}
        assert {url.removeprefix(server.base) for url in account["urls"]} == NEEDED
        for url, answer in account["urls"].items():
            assert known[answer["record_id"]] == url if "record_id" in answer else answer["reason"]


def test_limits_leave_the_rest_out_with_a_reason(tmp_path: Path) -> None:
    server, manifest = captured(tmp_path, requisites='per_page = 3\nfile_bytes = "1 kB"')
    first, second = manifest["requisites"]
    reasons = Counter(left["reason"] for one in (first, second) for left in one["left_out"])
    assert reasons["budget-spent"] > 0 and reasons["too-large"] > 0
    assert first["captured"] < first["needed"]
    assert len([path for path in server.asked if path not in ("/1", "/2", "/robots.txt")]) <= 6


def test_robots_may_be_set_aside_for_requisites_only(tmp_path: Path) -> None:
    server, manifest = captured(tmp_path, requisites='robots_exempt = ["127.0.0.1"]')
    assert "/closed/x.png" in server.asked
    assert all(one["captured"] == one["needed"] - 1 for one in manifest["requisites"])
    path = next((tmp_path / "archive" / "warc").rglob("page-*.warc.gz"))
    first = next(iter(ArchiveIterator(path.open("rb"), parse_http=False))).reader.read().decode()
    assert "arc-robots-exempt: requisites of 127.0.0.1" in first


def test_a_page_itself_is_never_exempt(tmp_path: Path) -> None:
    write_config(tmp_path, '[archive]\nstore = "archive"\n[requisites]\nrobots_exempt = ["*"]\n', retries=0)
    with Server(SITE | {"/closed/page": ok(article())}) as server:
        archiver("capture", f"{server.base}/closed/page", cwd=tmp_path)
    assert "/closed/page" not in server.asked


def test_unchanged_looks_are_revisits_in_a_later_run(tmp_path: Path) -> None:
    with MovingNewspaper(BEGIN) as newspaper:
        prepare(tmp_path, newspaper)
        for path in tmp_path.glob("sources/*.toml"):
            if path.stem == OUTLET:
                path.write_text(path.read_text().replace("articles_min = 12", "articles_min = 1"))
            else:
                path.unlink()
        for hours in (0, 6):
            run = run_at(hours, newspaper, tmp_path)
            assert run["code"] == 0 and run["manifest"]["articles"], run["said"]
    later = [one for one in lines(tmp_path) if one["mime"] == "warc/revisit" and "/static/" in one["url"]]
    assert later
    assert all(one["captured"] == one["needed"] for one in manifests(tmp_path / "archive")[1]["requisites"])
