"""Simulated days: what is new is captured in the next run, what is known is left alone, and edits become versions."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from archiver.audit import check_archive
from archiver.cli.exits import Exit
from archiver.demo.moving import END, Edit, MovingNewspaper
from archiver.demo.site import Site
from archiver.warc import read_captures
from tests.e2e.conftest import prepare
from tests.e2e.kit import archiver, archiver_at, documents, everything, manifests

OUTLET = "demo-indus"
BEGIN = END - timedelta(hours=6)
HOUR = timedelta(hours=1)


@pytest.fixture
def newspaper() -> Iterator[MovingNewspaper]:
    with MovingNewspaper(BEGIN) as running:
        yield running


def shown(newspaper: MovingNewspaper) -> set[str]:
    return set(next(outlet for outlet in newspaper.outlets if outlet.id == OUTLET).article_urls)


def prepared(folder: Path, newspaper: MovingNewspaper) -> Path:
    prepare(folder, newspaper, requisites=False)
    for path in folder.glob("sources/*.toml"):
        if path.stem != OUTLET:
            path.unlink()
        else:
            path.write_text(path.read_text().replace("articles_min = 12", "articles_min = 5"))
    return folder


def asked(newspaper: MovingNewspaper) -> Counter[str]:
    """Paths that were asked for since the last look."""
    found = Counter(request.target for request in newspaper.requests)
    newspaper.requests.clear()
    return found


def paths(urls: set[str]) -> set[str]:
    return {"/" + url.split("/", 3)[3] for url in urls}


def run_at(hours: float, newspaper: MovingNewspaper, folder: Path, *more: str, change: Any = None) -> dict[str, Any]:
    """One `crawl --due` so many hours after the beginning: its exit code, its newest manifest (None: no run) and what was asked."""
    moment = BEGIN + timedelta(hours=hours)
    newspaper.turn_to(moment, change)
    before = len(manifests(folder / "archive"))
    run = archiver_at(moment, "crawl", "--due", *more, cwd=folder)
    known = manifests(folder / "archive")
    return {
        "code": run.returncode,
        "said": run.stderr.decode(),
        "manifest": known[-1] if len(known) > before else None,
        "asked": asked(newspaper),
    }


def reasons(manifest: dict[str, Any]) -> dict[str, int]:
    return {entry["reason"]: entry["count"] for entry in manifest["reasons"]}


def test_days_of_a_newspaper(tmp_path: Path, newspaper: MovingNewspaper) -> None:
    folder = prepared(tmp_path, newspaper)
    store = folder / "archive"
    slug, later = "thar-solar-water-pumps", BEGIN + timedelta(hours=3)
    piece = next(p for site in newspaper.sites for p in site.edition.pieces if p.slug == slug)
    newspaper.edits = [
        Edit(
            OUTLET,
            slug,
            later,
            {
                "headline": "A headline that was not there before",
                "body": piece.body
                + "\n\nCorrection: An earlier version of this report gave the wrong number of pumps.",
            },
        )
    ]

    first = run_at(0, newspaper, folder)
    assert first["code"] == Exit.OK, first["said"]
    begun = shown(newspaper)
    assert {document["url"] for document in documents(store)} == begun
    assert {document["version_number"] for document in documents(store)} == {1}

    soon = run_at(0.2, newspaper, folder)
    assert soon["manifest"] is None, "`every` is 30 minutes"
    assert soon["code"] == Exit.OK
    assert not soon["asked"], "a source that is not due costs its site nothing"

    half = run_at(0.5, newspaper, folder)
    new = paths(shown(newspaper) - begun)
    assert half["code"] == Exit.OK, half["said"]
    assert set(half["asked"]) & paths(shown(newspaper)) == new, "no known article before its time"
    assert reasons(half["manifest"])["not-due"] >= 1

    one = run_at(1, newspaper, folder)
    assert one["code"] == Exit.OK, one["said"]
    assert paths(begun) <= set(one["asked"]), "an hour after the first capture"
    assert one["manifest"]["articles"] == len(shown(newspaper)) - len(begun) - len(new)
    assert reasons(one["manifest"])["unchanged"] >= len(begun) - 1

    # The edit of hour three is found at the visit after six hours, and with what it changed.
    six = run_at(6, newspaper, folder)
    assert six["code"] == Exit.OK, six["said"]
    versions = [d for d in documents(store) if slug in d["url"]]
    assert [v["version_number"] for v in versions] == [1, 2]
    assert versions[1]["previous_version_id"] == versions[0]["version_id"]
    assert versions[1]["changed_fields"] == ["headline", "correction_note"]
    assert versions[0]["id"] == versions[1]["id"]
    assert {document["url"] for document in documents(store)} == shown(newspaper), (
        "nothing that was published is missing"
    )
    others = Counter(d["id"] for d in documents(store) if slug not in d["url"])
    assert set(others.values()) == {1}, "what was not edited has one document"

    assert not [found for found in check_archive(Archive(store)) if found.severity == "error"]
    kept = {name: content for name, content in everything([store]).items() if "/." not in name}
    shutil.rmtree(store / "articles")
    again = archiver("extract", "--archive", store, "--sources", folder / "sources", cwd=folder)
    assert again.returncode == 0, again.stderr.decode()
    assert {name: content for name, content in everything([store]).items() if "/." not in name} == kept


VISITS = (1.0, 6.0, 24.0, 168.0)
"""Hours after its first capture at which an article is visited again: what docs/cron.md promises."""

RUNS = (
    -22.0,
    -20.0,
    -18.0,
    -15.5,
    -12.0,
    -9.0,
    -6.0,
    -4.0,
    -2.0,
    0.0,
    2.0,
    5.0,
    20.0,
    45.0,
    100.0,
    167.0,
    200.0,
    400.0,
)
"""Hours from the edition's end at which cron comes round, never punctually."""


def test_over_many_days_everything_new_is_captured_at_once_and_nothing_is_fetched_without_being_due(
    tmp_path: Path,
) -> None:
    with MovingNewspaper(END + RUNS[0] * HOUR) as newspaper:
        folder = prepared(tmp_path, newspaper)
        first: dict[str, float] = {}
        due: dict[str, float | None] = {}
        for hour in RUNS:
            run = run_at(hour + 6, newspaper, folder)  # `run_at` counts from six hours before the end
            assert run["code"] in (Exit.OK, Exit.BELOW_EXPECTATION), run["said"]
            there = paths(shown(newspaper))
            wanted = {path for path in there if path not in first or ((at := due[path]) is not None and at <= hour)}
            assert {path: run["asked"][path] for path in there if run["asked"][path]} == dict.fromkeys(wanted, 1), hour
            for path in wanted:
                begun = first.setdefault(path, hour)
                due[path] = min((begun + after for after in VISITS if begun + after > hour), default=None)
        assert len(set(first.values())) > 2, "new articles appeared in several runs"
        assert set(due.values()) == {None}, "every article had its last visit"
        found = documents(folder / "archive")
        assert {document["url"] for document in found} == shown(newspaper)
        more = [document for document in found if document["version_number"] > 1]
        assert all(document["changed_fields"] == ["date"] for document in more), "the only edits are new times"
        assert not [found for found in check_archive(Archive(folder / "archive")) if found.severity == "error"]


def test_a_template_change_raises_the_alarm_in_one_run(tmp_path: Path, newspaper: MovingNewspaper) -> None:
    folder = prepared(tmp_path, newspaper)
    assert run_at(0, newspaper, folder)["code"] == Exit.OK

    def empty(site: Site) -> None:
        for piece in site.edition.pieces:
            page = site.find(piece.path)
            assert page is not None
            site.put(
                piece.path,
                replace(page, body=b"<!doctype html><title>News</title><div id=app></div><script>start()</script>"),
            )

    run = run_at(1, newspaper, folder, change=empty)
    assert run["code"] == Exit.BELOW_EXPECTATION, run["said"]
    assert "was a template changed?" in run["said"]


def test_a_second_visit_of_an_unchanged_site_writes_revisits_and_no_document(tmp_path: Path) -> None:
    with MovingNewspaper(END) as newspaper:
        folder = prepared(tmp_path, newspaper)
        store, archive = folder / "archive", Archive(folder / "archive")
        assert run_at(6, newspaper, folder)["code"] == Exit.OK
        run = run_at(7, newspaper, folder)
        assert run["code"] == Exit.OK, run["said"]
        assert run["manifest"]["articles"] == 0
        assert len(documents(store)) == len(shown(newspaper))
        for url in shown(newspaper):
            original, revisit = archive.captures(url)
            assert (original.pointer.warc_type, revisit.pointer.warc_type) == ("response", "revisit")
            refers = revisit.pointer.refers_to
            assert refers
            assert (refers.warc_record_id, refers.date) == (
                original.pointer.warc_record_id,
                original.pointer.fetch_time,
            )
            assert refers.warc_filename == original.pointer.warc_filename
            assert archive.payload(revisit) == archive.payload(original) != b""
        # Feeds and sitemaps answered 304; what was sent again is a revisit, but for bodies too small to be worth one.
        last = run["manifest"]["files"][0]["key"]
        unchanged = [c for c in read_captures(store / last) if c.status == 304]
        assert unchanged, "feeds and sitemaps are asked for on the condition that they changed"
        for capture in unchanged:
            assert capture.pointer.warc_type == "revisit"
            assert capture.pointer.refers_to
            original = archive.captures(capture.url)[0]
            assert capture.pointer.refers_to.warc_record_id == original.pointer.warc_record_id
            assert capture.pointer.payload_sha256 == original.pointer.payload_sha256
            assert archive.payload(capture) == archive.payload(original) != b""
        whole = [
            c for c in read_captures(store / last) if c.body and c.status == 200 and c.pointer.warc_type == "response"
        ]
        changed = [c.url for c in whole if len(c.body) >= 512]
        assert [url.rpartition("/")[2] for url in changed] == ["rss.xml"], "its lastBuildDate is a new one"
        assert not [found for found in check_archive(archive) if found.severity == "error"]
