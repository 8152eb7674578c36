"""The demo newspaper, crawled by the real command: nothing missing, everything provable, everything readable by others."""

from __future__ import annotations

import gzip
import json
import shutil
import zlib
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cdxj_indexer.main import CDXJIndexer
from fastwarc.warc import ArchiveIterator, WarcRecordType, has_valid_block_digest
from warcio.checker import Checker

from archiver.demo import GALLERY
from archiver.models import Article
from archiver.urls import canonical
from archiver.warc import check_cdxj, check_warc
from archiver.warc.warcio_brotli import install
from tests.e2e.conftest import Crawled
from tests.e2e.kit import archiver, documents, everything, manifests, reasons

install()


def warcs(store: Path) -> list[Path]:
    return sorted(store.glob("warc/**/*.warc.gz"))


def test_the_crawl_ends_well_and_says_what_it_did(crawled: Crawled) -> None:
    assert crawled.run.returncode == 0, crawled.run.stderr.decode()
    assert json.loads(crawled.run.stdout) == manifests(crawled.store)[0]
    assert crawled.run.stderr == b""


def test_every_article_of_every_outlet_has_a_document(crawled: Crawled) -> None:
    by_url = {document["url"]: document for document in documents(crawled.store)}
    for outlet in crawled.newspaper.outlets:
        missing = set(outlet.article_urls) - set(by_url)
        assert not missing, outlet.id
        assert {by_url[url]["source"] for url in outlet.article_urls} == {outlet.id}


GALLERY_SHOWN = [name for name, entry in GALLERY.items() if not entry.slow]


@pytest.mark.parametrize("name", GALLERY_SHOWN)
def test_gallery_page_ends_as_expected(crawled: Crawled, name: str) -> None:
    url = f"{crawled.newspaper.outlets[0].base_url}gallery/{name}"
    documented = {document["requested_url"] for document in documents(crawled.store)}
    found = reasons(crawled.store).get(url)
    expected = GALLERY[name].reason
    assert found == (expected.value if expected else None)
    assert (url in documented) == (expected is None)


def test_documents_and_refusals_account_for_every_url_that_was_offered(crawled: Crawled) -> None:
    offered = {canonical(url) for outlet in crawled.newspaper.outlets for url in outlet.article_urls}
    offered |= {canonical(f"{crawled.newspaper.outlets[0].base_url}gallery/{name}") for name in GALLERY_SHOWN}
    documented = [canonical(document["requested_url"]) for document in documents(crawled.store)]
    refused = [canonical(url) for url in reasons(crawled.store)]
    assert offered <= set(documented) | set(refused)
    assert not set(documented) & set(refused)
    assert len(documented) == len(set(documented))


def test_manifest_sums_agree_with_its_files(crawled: Crawled) -> None:
    run = manifests(crawled.store)[0]
    assert run["articles"] == len(documents(crawled.store))
    assert sum(entry["count"] for entry in run["reasons"]) == len(run["refusals"])
    kinds = WarcRecordType.response | WarcRecordType.revisit
    records = sum(fastwarc_records(path, record_types=kinds) for path in warcs(crawled.store))
    assert run["captures"] == records
    on_disk = {str(path.relative_to(crawled.store)) for path in crawled.store.glob("[!.]*/**/*.gz")}
    on_disk = {key for key in on_disk if not key.startswith("events/")}  # the log of all files goes on after the run
    assert on_disk == {file["key"] for file in run["files"]}


def test_nothing_is_left_in_the_spool(crawled: Crawled) -> None:
    assert [path.name for path in (crawled.store / ".spool").iterdir()] == [".lock"]


# Second opinions


def test_every_warc_passes_our_checker(crawled: Crawled) -> None:
    for path in warcs(crawled.store):
        key = str(path.relative_to(crawled.store))
        errors = [found for found in check_warc(path, profile="ours", key=key) if found.severity == "error"]
        assert not errors
        assert not check_cdxj(crawled.store / key.replace("warc/", "cdxj/", 1).replace(".warc.gz", ".cdxj.gz"), path)


def test_every_warc_passes_warcio_check(crawled: Crawled) -> None:
    for path in warcs(crawled.store):
        checker = Checker(type("Options", (), {"inputs": [str(path)], "verbose": False})())
        checker.process_all()
        assert checker.exit_value == 0, path


def test_every_warc_passes_fastwarc_with_digests(crawled: Crawled) -> None:
    for path in warcs(crawled.store):
        every = fastwarc_records(path)
        assert every
        assert fastwarc_records(path, func_filter=has_valid_block_digest) == every


def fastwarc_records(path: Path, **options: Any) -> int:
    with path.open("rb") as stream:
        return sum(
            1 for record in ArchiveIterator(stream, parse_http=False, **options) if record.reader.read() is not None
        )


def test_cdxj_indexer_makes_the_same_index(crawled: Crawled, tmp_path: Path) -> None:
    for path in warcs(crawled.store):
        output = tmp_path / "index.cdxj"
        CDXJIndexer(output=str(output), inputs=[str(path)], sort=True).process_all()
        theirs = {_place(line) for line in output.read_text().splitlines()}
        cdxj = Path(str(path).replace("/warc/", "/cdxj/").replace(".warc.gz", ".cdxj.gz"))
        ours = {_place(line) for line in gzip.decompress(cdxj.read_bytes()).decode().splitlines()}
        assert ours == theirs


def _place(line: str) -> tuple[str, int, int]:
    values = json.loads(line.split(" ", 2)[2])
    return values["url"], int(values["offset"]), int(values["length"])


# The documents


def test_each_pointer_is_exactly_one_gzip_member_with_that_record(crawled: Crawled) -> None:
    for document in documents(crawled.store):
        pointer = document["capture"]
        with (crawled.store / pointer["warc_filename"]).open("rb") as stream:
            stream.seek(pointer["warc_record_offset"])
            member = stream.read(pointer["warc_record_length"])
        machine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        record = machine.decompress(member)
        assert machine.eof
        assert not machine.unused_data
        assert (
            f"WARC-Record-ID: <{pointer['warc_record_id']}>\r\n".encode() in record.partition(b"\r\n\r\n")[0] + b"\r\n"
        )


def test_documents_are_valid_by_the_schema_that_lies_beside_them(crawled: Crawled) -> None:
    schema = json.loads((crawled.store / "schemas/article.v1.json").read_bytes())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for document in documents(crawled.store):
        validator.validate(document)
        again = Article.model_validate(document)
        assert json.loads(again.model_dump_json()) == document


def test_the_robots_decision_and_its_record_are_in_the_document(crawled: Crawled) -> None:
    for document in documents(crawled.store):
        robots = document["crawl"]["robots"]
        assert robots["decision"] == "allowed"
        records = [
            c
            for c in crawled.archive.captures(_robots(document["url"]))
            if c.pointer.warc_record_id == robots["record_id"]
        ]
        assert len(records) == 1


def _robots(url: str) -> str:
    return "/".join(url.split("/")[:3]) + "/robots.txt"


def test_deleted_documents_come_back_byte_for_byte(crawled: Crawled, tmp_path: Path) -> None:
    store = crawled.copy(tmp_path)
    before = {name: content for name, content in everything([store]).items() if "/.spool/" not in name}
    shutil.rmtree(store / "articles")
    run = archiver("extract", "--archive", store, "--sources", crawled.folder / "sources", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    after = {name: content for name, content in everything([store]).items() if "/.spool/" not in name}
    assert after == before


def test_extract_of_a_file_prints_the_same_articles_in_record_order(crawled: Crawled, tmp_path: Path) -> None:
    path = max(warcs(crawled.store), key=lambda path: path.stat().st_size)
    key = str(path.relative_to(crawled.store))
    lone = tmp_path / "renamed.warc.gz"
    shutil.copy(path, lone)
    run = archiver("extract", "renamed.warc.gz", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    printed = [json.loads(line) for line in run.stdout.splitlines()]
    kept = [document for document in documents(crawled.store) if document["capture"]["warc_filename"] == key]
    assert [_without_file(document) for document in printed] == [_without_file(document) for document in kept]
    assert {document["capture"]["warc_filename"] for document in printed} == {"renamed.warc.gz"}
    offsets = [document["capture"]["warc_record_offset"] for document in printed]
    assert offsets == sorted(offsets)


def _without_file(document: dict[str, Any]) -> dict[str, Any]:
    capture = {name: value for name, value in document["capture"].items() if name != "warc_filename"}
    if capture["refers_to"]:
        capture["refers_to"] = {n: v for n, v in capture["refers_to"].items() if n != "warc_filename"}
    return {**document, "capture": capture}


# The other verbs


def test_show_prints_an_article_for_people_and_for_programs(crawled: Crawled) -> None:
    document = documents(crawled.store)[0]
    people = archiver("show", document["url"], cwd=crawled.folder)
    assert people.returncode == 0
    assert document["headline"] in people.stdout.decode()
    assert document["capture"]["warc_record_id"] in people.stdout.decode()
    program = archiver("show", document["id"], "--json", cwd=crawled.folder)
    first, *posts = map(json.loads, program.stdout.splitlines())
    assert first == document
    assert {record["record_type"] for record in posts} <= {"resolution", "post"}


def test_check_finds_no_fault(crawled: Crawled) -> None:
    run = archiver("check", cwd=crawled.folder)
    assert run.returncode == 0, run.stdout.decode()
    assert b"0 errors" in run.stderr


def test_the_reader_gives_articles_captures_and_payloads(crawled: Crawled) -> None:
    archive, outlet = crawled.archive, crawled.newspaper.outlets[1]
    articles = list(archive.articles(source=outlet.id))
    assert {article.url for article in articles} == set(outlet.article_urls)
    assert list(archive.articles(since="2999-01-01")) == []
    assert len(list(archive.articles(until="2999-01-01"))) == len(documents(crawled.store))
    captures = archive.captures(articles[0].url)
    assert [capture.pointer for capture in captures] == [articles[0].capture]
    page = crawled.newspaper.sites[1].find("/" + articles[0].url.split("/", 3)[3])
    assert page is not None
    assert archive.payload(captures[0]) == archive.payload(articles[0].capture) == page.body
    assert archive.captures("http://127.0.0.1:1/nowhere") == []


def test_a_second_crawl_adds_a_run_to_the_same_archive(crawled: Crawled, tmp_path: Path) -> None:
    store, outlet = crawled.copy(tmp_path), crawled.newspaper.outlets[2]
    shutil.copytree(crawled.folder / "sources", tmp_path / "sources")
    shutil.copy(crawled.folder / "archiver.toml", tmp_path)
    run = archiver("crawl", outlet.id, cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    first, second = manifests(store)
    assert second["sources"] == [outlet.id]
    assert sorted(path.name for path in store.glob("changes/v1/*")) == [f"{n:020d}.json" for n in (1, 2)]
    assert archiver("check", cwd=tmp_path).returncode == 0
    assert first == manifests(crawled.store)[0]
