"""What must not be shown is not shown, by whatever name it is asked for, and nothing else is hidden."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.errors import StoreError, SuppressedError
from archiver.models.tombstone import Scope, Tombstone
from archiver.optout import Entry, OptOut
from archiver.parts import pack
from archiver.publish import publish_run
from archiver.suppression import Suppressed
from archiver.urls import document_id
from tests.unit.making import NOON, RUN
from tests.unit.test_publish import SITE, WORKERS, Order, stage


def tombstone(scope: Scope, target: str, number: int = 1, **more: str) -> Tombstone:
    return Tombstone(
        id=f"urn:uuid:{number}", scope=scope, target=target, reason="court order", at=NOON, by="the desk", **more
    )


@pytest.mark.parametrize(
    ("scope", "target", "covered", "free"),
    [
        ("url", "https://www.example.org/1?b=2&a=1", "http://example.org/1?a=1&b=2", "https://example.org/1"),
        ("host", "Example.org.", "https://cdn.example.org:8443/x.png", "https://notexample.org/"),
        ("post", "https://x.com/i/status/12", "https://x.com/somebody/status/12", "https://x.com/somebody/status/13"),
        ("article", document_id(f"{SITE}/1"), f"{SITE}/1?utm_source=x", f"{SITE}/2"),
    ],
)
def test_a_url_is_covered_by_scope(scope: Scope, target: str, covered: str, free: str) -> None:
    known = tombstone(scope, target)
    suppressed = Suppressed([known])
    assert suppressed.covers(covered) == known
    assert suppressed.covers(free) is None


def test_a_run_covers_its_index_lines() -> None:
    suppressed = Suppressed([tombstone("run", RUN)])
    assert suppressed.covers_index(
        "https://a.example/", f"warc/s/dt=2026-11-24/s-20261124120000000-00000-{RUN}.warc.gz"
    )
    assert (
        suppressed.covers_index("https://a.example/", "s-20261124120000000-00000-20261124t120000z000000.warc.gz")
        is None
    )


def test_the_opt_out_list_covers_as_tombstones_do() -> None:
    optout = OptOut({"example.org": Entry("example.org", date(2026, 11, 24), "a letter")})
    found = Suppressed((), optout).covers("https://www.example.org/1")
    assert found
    assert (found.scope, found.target, found.by, found.reason) == ("host", "example.org", "optout.toml", "a letter")


def test_a_revoked_tombstone_covers_nothing_and_the_stamp_tells() -> None:
    first = tombstone("url", f"{SITE}/1")
    lifted = Suppressed([first, tombstone("url", f"{SITE}/1", 2, revokes=first.id)])
    assert not lifted
    assert lifted.covers(f"{SITE}/1") is None
    assert len({Suppressed([first]).stamp, lifted.stamp}) == 2
    assert Suppressed([first]).stamp == Suppressed([tombstone("url", f"{SITE}/1")]).stamp


# In an archive


@pytest.fixture
def root(tmp_path: Path) -> Path:
    publish_run(stage(tmp_path / "spool"), Order(tmp_path / "archive"), WORKERS, {})
    return tmp_path / "archive"


def bury(root: Path, *tombstones: Tombstone) -> None:
    lines = (known.model_dump_json().encode() + b"\n" for known in tombstones)
    part = pack("tombstones/v1/dt=2026-11-24/part-x-00000.jsonl.gz", lines)
    Archive(root).store.put(part.file.key, part.content)


def headlines(archive: Archive) -> list[str | None]:
    return [article.headline for article in archive.articles()]


@pytest.mark.parametrize(
    ("scope", "target"),
    [("url", f"{SITE}/moved"), ("article", document_id(f"{SITE}/2")), ("url", "http://www.example.org/2")],
)
def test_an_article_goes_by_any_of_its_names(root: Path, scope: Scope, target: str) -> None:
    bury(root, tombstone(scope, target))
    archive = Archive(root)
    assert headlines(archive) == ["First"]
    assert archive.article(f"{SITE}/2") is None
    assert archive.captures(f"{SITE}/2") == []
    assert [json.loads(line)["headline"] for line in archive.lines()] == ["First"]


@pytest.mark.parametrize(("scope", "target"), [("host", "example.org"), ("run", RUN)])
def test_a_host_or_a_run_goes_whole(root: Path, scope: Scope, target: str) -> None:
    pointer = next(Archive(root).articles()).capture
    bury(root, tombstone(scope, target))
    archive = Archive(root)
    assert headlines(archive) == []
    assert archive.captures(f"{SITE}/1") == archive.captures(f"{SITE}/robots.txt") == []
    with pytest.raises(SuppressedError, match=r"taken down on 2026-11-24 by the desk: court order"):
        archive.payload(pointer)
    assert headlines(Archive(root, everything=True)) == ["First", "Second"]


def test_an_open_archive_sees_a_new_tombstone(root: Path) -> None:
    archive = Archive(root)
    assert headlines(archive) == ["First", "Second"]
    bury(root, tombstone("url", f"{SITE}/1"))
    assert headlines(archive) == ["Second"]


def test_the_opt_out_list_of_the_folder_is_obeyed(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("optout.toml").write_text('[[host]]\nname = "example.org"\ndate = 2026-11-24\nreason = "a letter"\n')
    assert headlines(Archive(root)) == []


def test_a_tombstone_that_cannot_be_read_hides_everything(root: Path) -> None:
    bury(root, tombstone("url", f"{SITE}/1"))
    (path,) = root.glob("tombstones/v1/*/*.gz")
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(StoreError, match="archiver check"):
        headlines(Archive(root))
