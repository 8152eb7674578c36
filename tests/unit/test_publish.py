"""Publishing, reading and checking an archive, with WARCs of the real writer."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from archiver.audit import check_archive
from archiver.errors import StoreError, UsageError, WarcError
from archiver.frontier import Frontier, Seen
from archiver.frontier.rows import key_of
from archiver.layout import segment_name
from archiver.models import Article, Document, Refusal, Role
from archiver.models.hints import ExtractHints
from archiver.publish import Workers, publish_run
from archiver.spool import RunInfo, RunSpool
from archiver.store import FolderStore
from archiver.waiting import waiting
from archiver.warc import read_captures
from archiver.work import extract_capture
from tests.unit.making import NOON, RUN, answer, exchange, page, write_warc
from tests.unit.test_spool import report

WORKERS = Workers(1, 30.0, 2 * 2**30)
SITE = "https://example.org"


class Order(FolderStore):
    """A folder store that remembers what was put, and fails when told to."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.keys: list[str] = []
        self.fails_at = -1

    def _note(self, key: str) -> None:
        if len(self.keys) == self.fails_at:
            raise StoreError(f"{key}: pulled the plug")
        self.keys.append(key)

    def put(self, key: str, content: bytes, *, replace: bool = False) -> None:
        self._note(key)
        super().put(key, content, replace=replace)

    def put_file(self, key: str, path: Path, *, sha256: str | None = None) -> None:
        self._note(key)
        super().put_file(key, path, sha256=sha256)

    def create(self, key: str, content: bytes) -> bool:
        self._note(key)
        return super().create(key, content)


def stage(spool: Path, *, ended: bool = True, run_id: str = RUN) -> RunSpool:
    """A run with two articles, one refused page and robots.txt, as a crawl leaves it."""
    run = RunSpool(spool / run_id)
    run.begin(RunInfo(run_id=run_id, started=NOON, software="test/1", sources=["example"]))
    sealed = write_warc(
        run.folder,
        exchange(f"{SITE}/robots.txt", answer(b"", kind="text/plain"), Role.ROBOTS),
        exchange(f"{SITE}/1", answer(page("First"))),
        exchange(f"{SITE}/moved", answer(b"", "Location: /2", status="302 Found")),
        exchange(f"{SITE}/2", answer(page("Second")), requested_url=f"{SITE}/moved"),
        exchange(f"{SITE}/gone", answer(b"gone", status="410 Gone")),
        run_id=run_id,
    )
    if ended:
        for capture in read_captures(sealed.path, warc_filename=sealed.key):
            if capture.url in (f"{SITE}/1", f"{SITE}/2"):
                line = extract_capture(capture, ExtractHints()).line
                assert line
                run.append_document(Document("article", line, capture.pointer, "example", capture.url))
        run.append_refusal(Refusal(url=f"{SITE}/gone", source="example", reason="http-error"))
        run.append_report(report())
    run.append_refusal(Refusal(url="https://no.example/", source="example", reason="dns-failed"))
    run.close()
    return run


@pytest.fixture
def store(tmp_path: Path) -> Order:
    return Order(tmp_path / "archive")


def errors(archive: Archive) -> list[str]:
    return [str(found) for found in check_archive(archive) if found.severity == "error"]


def test_the_order_never_shows_a_document_without_its_evidence(tmp_path: Path, store: Order) -> None:
    publish_run(stage(tmp_path / "spool"), store, WORKERS, {})
    kinds = [key.split("/")[0] for key in store.keys]
    assert list(dict.fromkeys(kinds)) == ["warc", "cdxj", "articles", "schemas", "runs", "changes", "events"]
    assert [key.rpartition("/")[2] for key in store.keys if key.startswith("runs/")] == ["manifest.json", "_SUCCESS"]
    assert errors(Archive(store)) == []
    assert not (tmp_path / "spool" / RUN).exists()


def test_the_frontier_learns_of_a_fetch_when_the_manifest_is_in_the_store(tmp_path: Path) -> None:
    url, store = f"{SITE}/gone", FolderStore(tmp_path / "archive")
    with Frontier(f"sqlite:///{tmp_path / 'frontier.sqlite'}") as frontier:
        frontier.see("example", [Seen(url, "feed", f"{SITE}/feed")], NOON)

        class Refusing(FolderStore):
            def put(self, key: str, content: bytes, *, replace: bool = False) -> None:
                assert frontier.look([url])[url].is_due(NOON), key
                if key.endswith("manifest.json"):
                    raise StoreError(f"{key}: no")
                super().put(key, content, replace=replace)

        run = stage(tmp_path / "spool")
        with pytest.raises(StoreError):
            publish_run(run, Refusing(tmp_path / "archive"), WORKERS, {}, frontier)
        assert frontier.look([url])[url].is_due(NOON)
        assert key_of(url) in waiting(tmp_path / "spool")
        publish_run(run, store, WORKERS, {}, frontier)
        assert not frontier.look([url])[url].is_due(NOON)
        assert waiting(tmp_path / "spool") == frozenset()


def test_a_publish_that_failed_anywhere_is_simply_done_again(tmp_path: Path) -> None:
    whole = Order(tmp_path / "whole")
    wanted = publish_run(stage(tmp_path / "once"), whole, WORKERS, {})
    for fails_at in range(len(whole.keys)):
        run = stage(tmp_path / f"spool{fails_at}")
        store = Order(tmp_path / f"archive{fails_at}")
        store.fails_at = fails_at
        with pytest.raises(StoreError, match="pulled the plug"):
            publish_run(run, store, WORKERS, {})
        listed = {key for manifest in Archive(store).runs() for key in (file.key for file in manifest.files)}
        assert all(store.exists(key) for key in listed)
        store.fails_at = -1
        again = publish_run(run, store, WORKERS, {})
        assert (again.articles, again.captures) == (wanted.articles, wanted.captures)
        assert errors(Archive(store)) == []
        assert len(list(store.list("changes/"))) == 1


def test_a_run_cut_short_gives_the_same_documents_and_accounts_for_its_urls(tmp_path: Path) -> None:
    whole, cut = FolderStore(tmp_path / "whole"), FolderStore(tmp_path / "cut")
    first = publish_run(stage(tmp_path / "a"), whole, WORKERS, {})
    second = publish_run(stage(tmp_path / "b", ended=False), cut, WORKERS, {})
    texts = [[json.loads(line)["headline"] for line in Archive(store).lines()] for store in (whole, cut)]
    assert texts == [["First", "Second"]] * 2
    assert {(r.url, r.reason) for r in first.refusals} == {(r.url, r.reason) for r in second.refusals}
    assert any("cut short" in note for note in second.notes)
    assert errors(Archive(cut)) == []


def test_a_document_whose_record_a_power_cut_took_is_dropped_and_counted(tmp_path: Path) -> None:
    """The end of a WARC may be gone although the reports behind it are there; done again, the same comes out."""
    run = stage(tmp_path / "spool")
    (warc,) = run.folder.glob("*.warc.gz")
    second = next(capture for capture in read_captures(warc) if capture.url == f"{SITE}/2")
    content = warc.read_bytes()
    warc.unlink()
    warc.with_name(f"{warc.name}.open").write_bytes(content[: second.pointer.warc_record_offset + 30])
    warc.with_name(warc.name.replace(".warc.gz", ".cdxj.gz")).unlink()
    store = Order(tmp_path / "archive")
    store.fails_at = 3
    with pytest.raises(StoreError, match="pulled the plug"):
        publish_run(run, store, WORKERS, {})
    store.fails_at = -1
    manifest = publish_run(run, store, WORKERS, {})
    archive = Archive(store)
    assert [article.headline for article in archive.articles()] == ["First"]
    assert (f"{SITE}/2", "record-lost") in {(one.url, one.reason) for one in manifest.refusals}
    assert errors(archive) == []


def test_what_was_acknowledged_stands_when_the_tools_fail_at_mending(tmp_path: Path) -> None:
    """A broken installation once made documents that were in the spool into refusals of its own failure."""
    run = stage(tmp_path / "spool")
    (run.folder / "reports.jsonl").unlink()
    hopeless = Workers(1, 0.0001, 2 * 2**30)
    manifest = publish_run(run, FolderStore(tmp_path / "archive"), hopeless, {})
    archive = Archive(tmp_path / "archive")
    assert [article.headline for article in archive.articles()] == ["First", "Second"]
    assert not {refusal.url for refusal in manifest.refusals} & {f"{SITE}/1", f"{SITE}/2"}
    assert errors(archive) == []


def test_the_sources_hints_travel_with_the_run(tmp_path: Path) -> None:
    run = stage(tmp_path / "spool", ended=False)
    info = run.info()
    assert info
    hints = {"example": ExtractHints(prune_xpath=["//p"])}
    (run.folder / "run.json").write_text(info.model_copy(update={"hints": hints}).model_dump_json())
    manifest = publish_run(run, FolderStore(tmp_path / "archive"), WORKERS, {})
    bodies = [article.article_body for article in Archive(tmp_path / "archive").articles()]
    assert manifest.articles + manifest.reasons[-1].count >= 2
    assert not any("Paragraph" in body for body in bodies)


def test_an_empty_dead_run_leaves_a_manifest_that_says_so(tmp_path: Path) -> None:
    run = RunSpool(tmp_path / "spool" / RUN)
    run.begin(RunInfo(run_id=RUN, started=NOON, software="test/1", sources=["example"]))
    manifest = publish_run(run, FolderStore(tmp_path / "archive"), WORKERS, {})
    assert (manifest.captures, manifest.files) == (0, [])
    assert any("cut short" in note for note in manifest.notes)


def test_manifest_counts_reasons_by_source(tmp_path: Path, store: Order) -> None:
    manifest = publish_run(stage(tmp_path / "spool"), store, WORKERS, {})
    assert [(r.source, r.reason, r.count) for r in manifest.reasons] == [
        ("example", "dns-failed", 1),
        ("example", "http-error", 1),
    ]
    assert (manifest.captures, manifest.articles) == (5, 2)
    (documents,) = (file for file in manifest.files if file.key.startswith("articles/"))
    assert (documents.records, documents.first_time) == (2, NOON)


# Reading


@pytest.fixture
def archive(tmp_path: Path, store: Order) -> Archive:
    publish_run(stage(tmp_path / "spool"), store, WORKERS, {})
    return Archive(tmp_path / "archive")


def test_articles_by_source_and_time(archive: Archive) -> None:
    assert [article.headline for article in archive.articles()] == ["First", "Second"]
    assert list(archive.articles(source="exam")) == []
    assert len(list(archive.articles(since="2026-11-24", until="2026-11-25"))) == 2
    assert list(archive.articles(since=NOON.replace(hour=13))) == []
    assert list(archive.articles(until="2026-11-24T12:00:00Z")) == []
    with pytest.raises(UsageError, match='"yesterday" is no time'):
        list(archive.articles(since="yesterday"))


def test_an_article_by_any_of_its_names(archive: Archive) -> None:
    second = archive.article(f"{SITE}/moved")
    assert second
    assert second.url == f"{SITE}/2"
    assert archive.article(second.id) == archive.article(second.version_id) == second
    assert archive.article("https://example.org/none") is None


def test_captures_and_payloads(archive: Archive) -> None:
    (found,) = archive.captures("http://www.example.org/1")
    assert archive.payload(found) == archive.payload(found.pointer) == page("First")
    wrong = found.pointer.model_copy(update={"warc_record_id": "urn:uuid:other"})
    with pytest.raises(WarcError, match="pointer"):
        archive.payload(wrong)
    gone = found.pointer.model_copy(update={"warc_filename": found.pointer.warc_filename.replace("-00000-", "-00009-")})
    with pytest.raises(StoreError, match="it is not in"):
        archive.payload(gone)


def test_readers_see_only_what_is_committed(archive: Archive, tmp_path: Path) -> None:
    next((tmp_path / "archive").glob("runs/**/_SUCCESS")).unlink()
    assert list(archive.articles()) == []
    assert archive.captures(f"{SITE}/1") == []


def test_damaged_documents_are_a_sentence_for_readers(archive: Archive, tmp_path: Path) -> None:
    path = next((tmp_path / "archive").glob("articles/**/*.gz"))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StoreError, match="archiver check"):
        list(archive.articles())
    path.write_bytes(gzip.compress(b'{"record_type": "article"}\n'))
    with pytest.raises(StoreError, match="cannot be read"):
        list(archive.articles())


# Checking


def rewrite(tmp_path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """A document changed by somebody who also corrected the manifest."""
    import hashlib

    root = tmp_path / "archive"
    path, manifest = next(root.glob("articles/**/*.gz")), next(root.glob("runs/**/manifest.json"))
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    change(lines[0])
    path.unlink()
    path.write_bytes(gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines)))
    run = json.loads(manifest.read_bytes())
    entry = next(file for file in run["files"] if file["key"].startswith("articles/"))
    entry["bytes"], entry["sha256"] = path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(run))
    mark = f"sha256:{hashlib.sha256(manifest.read_bytes()).hexdigest()}\n"
    manifest.with_name("_SUCCESS").write_text(mark)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda d: d["capture"].update(warc_record_offset=d["capture"]["warc_record_offset"] + 1), "pointer"),
        (lambda d: d["capture"].update(warc_record_length=d["capture"]["warc_record_length"] + 1), "pointer"),
        (lambda d: d["capture"].update(warc_record_id="urn:uuid:00000000-0000-4000-8000-00000000000f"), "pointer"),
        (lambda d: d["capture"].update(warc_filename="warc/x/none.warc.gz"), "pointer"),
        (lambda d: d["capture"].update(warc_filename="../../etc/passwd"), "manifest"),
        (lambda d: d.update(unknown_field=1), "schema"),
        (lambda d: d["paragraphs"][0].update(text="another text"), "schema"),
        (lambda d: d.pop("headline"), None),
    ],
)
def test_a_document_that_does_not_hold_is_found(
    archive: Archive, tmp_path: Path, change: Callable[[dict[str, Any]], None], rule: str | None
) -> None:
    rewrite(tmp_path, change)
    found = {finding.rule for finding in check_archive(archive) if finding.severity == "error"}
    assert found == ({rule} if rule else set())


def test_keys_are_made_of_the_warcs_name(archive: Archive) -> None:
    article = next(archive.articles())
    name = segment_name(article.capture.warc_filename)
    assert name
    assert name.run_id == RUN
    assert isinstance(article, Article)
