"""Packages: what goes in and what stays out, and that others read them: py-wacz's validator, pywb, and a ZIP reader."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastwarc import ArchiveIterator

from archiver.archive import Archive
from archiver.cards import page_name
from archiver.demo.moving import MovingNewspaper
from archiver.models import Article
from archiver.replay.wacz import check_wacz
from archiver.warc import read_captures
from archiver.work import extract_capture
from tests.e2e.conftest import Crawled
from tests.e2e.kit import archiver
from tests.e2e.test_days import END, prepared, run_at
from tests.replaying import get, need_pywb, opened_by_pywb


@pytest.fixture(scope="module")
def story(crawled: Crawled) -> Article:
    """An article with pictures, styles and fonts."""
    return max(crawled.archive.articles(source="demo-courier"), key=lambda one: len(one.images))


@pytest.fixture(scope="module")
def package(crawled: Crawled, story: Article, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One article as a package."""
    return export(crawled.store, tmp_path_factory.mktemp("wacz") / "story.wacz", story.url)


def export(store: Path, to: Path, *arguments: str, code: int = 0) -> Path:
    run = archiver("export", "wacz", *arguments, "-o", to, "--store", store, cwd=to.parent)
    assert run.returncode == code, run.stderr.decode()
    return to


def index(package: Path) -> list[dict[str, str]]:
    with zipfile.ZipFile(package) as opened:
        lines = gzip.decompress(opened.read("indexes/index.cdx.gz")).splitlines()
    assert lines == sorted(lines)
    return [json.loads(line.split(b" ", 2)[2]) for line in lines]


def warcs(package: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(package) as opened:
        return {name: opened.read(name) for name in opened.namelist() if name.startswith("archive/")}


def pages(package: Path, name: str = "pages") -> list[dict[str, Any]]:
    with zipfile.ZipFile(package) as opened:
        return [json.loads(line) for line in opened.read(f"pages/{name}.jsonl").splitlines()]


def errors(package: Path) -> set[str]:
    return {finding.rule for finding in check_wacz(package) if finding.severity == "error"}


def validate(package: Path) -> subprocess.CompletedProcess[str]:
    """What py-wacz says."""
    command = [str(Path(sys.executable).parent / "wacz"), "validate", "-f", str(package)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_package_has_the_layout_and_nothing_is_deflated(package: Path) -> None:
    with zipfile.ZipFile(package) as opened:
        infos = opened.infolist()
        listed = json.loads(opened.read("datapackage.json"))
        digest = json.loads(opened.read("datapackage-digest.json"))
        assert digest["hash"] == f"sha256:{hashlib.sha256(opened.read('datapackage.json')).hexdigest()}"
        for one in listed["resources"]:
            content = opened.read(one["path"])
            assert (one["hash"], one["bytes"]) == (f"sha256:{hashlib.sha256(content).hexdigest()}", len(content))
    names = {info.filename for info in infos}
    assert {"indexes/index.cdx.gz", "indexes/index.idx", "pages/pages.jsonl"} <= names
    assert names == {one["path"] for one in listed["resources"]} | {"datapackage.json", "datapackage-digest.json"}
    assert {info.compress_type for info in infos} == {zipfile.ZIP_STORED}
    content = package.read_bytes()
    for info in infos:  # replayweb.page takes it to be so
        extra_of_local_header = content[info.header_offset + 28 : info.header_offset + 30]
        assert extra_of_local_header == b"\0\0", info.filename
    assert listed["wacz_version"] == "1.1.1" and listed["profile"] == "data-package"
    assert listed["mainPageUrl"] == pages(package)[1]["url"]


def test_the_page_list_names_the_article_with_its_text(package: Path, story: Article) -> None:
    header, page = pages(package)
    assert header["format"] == "json-pages-1.0"
    assert page == {
        "url": story.url,
        "ts": f"{story.capture.fetch_time:%Y-%m-%dT%H:%M:%SZ}",
        "title": story.headline,
        "id": story.id,
        "version_id": story.version_id,
        "text": story.article_body,
    }


def test_every_line_leads_to_the_member_as_it_is_in_the_archive(package: Path, crawled: Crawled) -> None:
    files = warcs(package)
    lines = index(package)
    lines = [line for line in lines if line["url"].startswith("http")]
    assert len(lines) > 8, "page, pictures in several sizes, styles, font, scripts"
    stored = {
        capture.pointer.warc_record_id: capture for line in lines for capture in crawled.archive.captures(line["url"])
    }
    for line in lines:
        start, length = int(line["offset"]), int(line["length"])
        member = files[f"archive/{line['filename']}"][start : start + length]
        origin = stored[line["warc_record_id"]].pointer
        with (crawled.store / origin.warc_filename).open("rb") as file:
            file.seek(origin.warc_record_offset)
            assert file.read(length) == member


def test_what_the_archive_says_about_the_page_goes_with_it(package: Path, story: Article) -> None:
    known = {line["url"] for line in index(package)}
    assert {f"urn:pageinfo:{story.url}", page_name(story.url)} <= known


def test_requests_and_metadata_travel_with_their_records(package: Path, tmp_path: Path) -> None:
    for name, content in warcs(package).items():
        if "/cards-" in name:
            continue  # nothing in it was fetched
        kinds = [record.headers["WARC-Type"] for record in ArchiveIterator(io.BytesIO(content), parse_http=False)]
        assert kinds[0] == "warcinfo"
        assert kinds.count("request") == kinds.count("response") == kinds.count("metadata") > 0


def test_the_document_is_made_again_from_the_package(package: Path, story: Article, tmp_path: Path) -> None:
    lines = []
    for name, content in warcs(package).items():
        path = tmp_path / Path(name).name
        path.write_bytes(content)
        for capture in read_captures(path):
            if capture.url == story.url:
                lines.append(Article.model_validate_json(extract_capture(capture, hints()).line or b""))
    assert [(one.id, one.article_body, one.headline) for one in lines] == [
        (story.id, story.article_body, story.headline)
    ]


def hints() -> Any:
    from archiver.models.hints import ExtractHints

    return ExtractHints()


def test_others_and_our_own_checker_find_no_fault(package: Path) -> None:
    assert errors(package) == set()
    said = validate(package)
    assert said.returncode == 0 and "Validation succeeded" in said.stdout


def test_a_source_is_exported_without_what_may_not_be_shown(crawled: Crawled, tmp_path: Path) -> None:
    store = crawled.store
    restricted = [one for one in crawled.archive.articles(source="demo-courier") if one.rights.archiving_restricted]
    asked, *_ = [one for one in crawled.archive.articles(source="demo-courier") if not one.rights.archiving_restricted]
    (tmp_path / "optout.toml").write_text(f'[[url]]\nprefix = "{asked.url}"\ndate = 2026-11-24\nreason = "a letter"\n')
    made = export(store, tmp_path / "all.wacz", "--source", "demo-courier")
    assert restricted
    hidden = {one.url for one in [*restricted, asked]}
    assert not hidden & {line["url"] for line in index(made)}
    assert not hidden & {page["url"] for page in pages(made)[1:]}
    assert len(pages(made)) > 30
    targets = set()
    for content in warcs(made).values():
        for record in ArchiveIterator(io.BytesIO(content), parse_http=False):
            targets.add(record.headers.get("WARC-Target-URI"))
    assert not hidden & targets, "nor are their records in the WARC"
    assert errors(made) == set()


def test_a_run_whose_captures_may_all_be_shown_keeps_its_files_whole(crawled: Crawled, tmp_path: Path) -> None:
    made = export(crawled.store, tmp_path / "indus.wacz", "--source", "demo-indus")
    whole = {name: content for name, content in warcs(made).items() if "/cards-" not in name}
    assert whole
    for name, content in whole.items():
        original = next(crawled.store.rglob(Path(name).name))
        assert original.read_bytes() == content


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A store and an article that was captured in two runs; the second time nothing had changed."""
    with MovingNewspaper(END) as newspaper:
        folder = prepared(tmp_path_factory.mktemp("twice"), newspaper)
        for hours in (6, 7):
            assert run_at(hours, newspaper, folder)["code"] == 0
    archive = Archive(folder / "archive")
    url = next(one.url for one in archive.articles() if len(archive.captures(one.url)) == 2)
    return folder / "archive", url


def test_revisits_travel_with_their_originals(twice: tuple[Path, str], tmp_path: Path) -> None:
    store, url = twice
    run = [run.run_id for run in Archive(store).runs()][1]
    assert any(line["mime"] == "warc/revisit" for line in index(export(store, tmp_path / "r.wacz", "--run", run)))
    lines = [line for line in index(tmp_path / "r.wacz") if line["url"] == url]
    assert sorted(line["mime"] for line in lines) == ["text/html", "warc/revisit"]
    assert lines[0]["filename"] != lines[1]["filename"]
    assert errors(tmp_path / "r.wacz") == set()


def test_times_choose_captures(twice: tuple[Path, str], tmp_path: Path) -> None:
    store, url = twice
    first, second = Archive(store).captures(url)
    made = export(store, tmp_path / "t.wacz", "--until", second.pointer.fetch_time.isoformat())
    assert {line["warc_record_id"] for line in index(made) if line["url"] == url} == {first.pointer.warc_record_id}


def test_nothing_to_pack_is_a_sentence_and_leaves_no_file(crawled: Crawled, tmp_path: Path) -> None:
    export(crawled.store, tmp_path / "none.wacz", "--run", "nosuchrun", code=2)
    export(crawled.store, tmp_path / "none.wacz", "https://www.example.com/never", code=2)
    hidden = next(one.url for one in crawled.archive.articles() if one.rights.archiving_restricted)
    export(crawled.store, tmp_path / "none.wacz", hidden, code=2)
    assert list(tmp_path.iterdir()) == []


def test_pywb_opens_a_package(package: Path, story: Article, tmp_path: Path) -> None:
    need_pywb()
    with opened_by_pywb(package, tmp_path) as address:
        for line in [line for line in index(package) if line["url"].startswith("http")]:
            assert get(f"{address}2026id_/{line['url']}").status == 200, line["url"]


# What other validators pass, and a reader trips over.


def changed(package: Path, to: Path, change: Callable[[dict[str, bytes]], None], **how: int) -> Path:
    """The package with other files, its lists made anew, so that every digest fits. `how`: name -> compression."""
    with zipfile.ZipFile(package) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    change(files)
    listed = json.loads(files.pop("datapackage.json"))
    files.pop("datapackage-digest.json")
    listed["resources"] = [
        {
            "name": Path(name).name.lower(),
            "path": name,
            "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "bytes": len(content),
        }
        for name, content in files.items()
    ]
    content = json.dumps(listed).encode()
    files["datapackage.json"] = content
    files["datapackage-digest.json"] = json.dumps(
        {"path": "datapackage.json", "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    ).encode()
    with zipfile.ZipFile(to, "w") as target:
        for name, content in files.items():
            target.writestr(name, content, how.get(name.partition("/")[0], zipfile.ZIP_STORED))
    return to


def without(start: str) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        for name in [name for name in files if name.startswith(start)]:
            del files[name]

    return change


def index_as(form: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files["indexes/index.cdx.gz"] = gzip.compress(form(gzip.decompress(files["indexes/index.cdx.gz"])))

    return change


def no_pages(files: dict[str, bytes]) -> None:
    files["pages/pages.jsonl"] = files["pages/pages.jsonl"].splitlines(keepends=True)[0]


def other_page(files: dict[str, bytes]) -> None:
    files["pages/pages.jsonl"] += b'{"url": "https://www.example.com/elsewhere", "ts": "2026-11-25T00:00:00Z"}\n'


WRONG: dict[str, tuple[Callable[[dict[str, bytes]], None], dict[str, int], str]] = {
    "no WARC": (without("archive/"), {}, "wacz-archive"),
    "no index": (without("indexes/"), {}, "wacz-index"),
    "no page list": (without("pages/"), {}, "wacz-pages"),
    "an empty page list": (no_pages, {}, "wacz-pages"),
    "a page that is not in the index": (other_page, {}, "wacz-pages"),
    "a deflated WARC": (lambda files: None, {"archive": zipfile.ZIP_DEFLATED}, "wacz-stored"),
    "an index into another file": (index_as(lambda lines: lines.replace(b"-excerpt", b"-elsewhere")), {}, "wacz-index"),
    "an index past the records": (
        index_as(lambda lines: lines.replace(b'"offset": "', b'"offset": "1')),
        {},
        "wacz-index",
    ),
    "an index in disorder": (
        index_as(lambda lines: b"".join(reversed(lines.splitlines(keepends=True)))),
        {},
        "wacz-index",
    ),
    "an index of nothing": (index_as(lambda lines: b""), {}, "wacz-index"),
}


@pytest.mark.parametrize("name", WRONG)
def test_our_checker_finds(name: str, package: Path, tmp_path: Path) -> None:
    change, how, rule = WRONG[name]
    made = changed(package, tmp_path / "wrong.wacz", change, **how)
    assert rule in errors(made)


def test_py_wacz_passes_what_our_checker_refuses(package: Path, tmp_path: Path) -> None:
    """If this fails, py-wacz has become better and the documentation is to say so."""
    for name in ("no page list", "a deflated WARC"):
        change, how, _ = WRONG[name]
        made = changed(package, tmp_path / f"{name}.wacz".replace(" ", "-"), change, **how)
        assert "Validation succeeded" in validate(made).stdout, name


def test_check_takes_packages(package: Path, tmp_path: Path) -> None:
    assert archiver("check", package, cwd=tmp_path).returncode == 0
    made = changed(package, tmp_path / "wrong.wacz", without("archive/"))
    run = archiver("check", made, cwd=tmp_path)
    assert run.returncode == 5 and b"wacz-archive" in run.stdout
