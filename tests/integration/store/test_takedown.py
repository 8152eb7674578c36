"""Takedown on real servers: no version of any object holds what was erased, and a lock that forbids it is said in a sentence."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from archiver.cli.exits import Exit
from archiver.cli.takedown import erase_covered, finish, hide
from archiver.config import ArchiveTable, Config
from archiver.errors import StoreError
from archiver.models import RunManifest
from archiver.publish import publish_run
from archiver.store.opening import open_for_publishing
from archiver.warc.compress import inflater
from tests.integration.store.conftest import BUCKET, At, table
from tests.servers import kit
from tests.unit.test_publish import SITE, WORKERS, errors, stage

real = pytest.mark.parametrize("at", ["seaweedfs", "ceph"], indirect=True)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is derived from an archive in a bucket lies below the current folder."""
    monkeypatch.chdir(tmp_path)


class Bucket:
    """A bucket of the test's own on a real server, with an archive of one run in it."""

    def __init__(self, at: At, folder: Path, name: str, *, lock: str | None = None, versions: bool = False) -> None:
        self.name, self.asking, self.prefix, self.folder = (
            f"{name}-{at.prefix}",
            kit.client(at.server),
            at.prefix,
            folder,
        )
        self.asking.create_bucket(Bucket=self.name, **({"ObjectLockEnabledForBucket": True} if lock else {}))
        if versions:
            self.asking.put_bucket_versioning(Bucket=self.name, VersioningConfiguration={"Status": "Enabled"})
        s3 = table(publishers=1, **({"object_lock": lock, "retention": "1d"} if lock else {}))
        self.config = Config(
            archive=ArchiveTable(store=at.url.replace(BUCKET, self.name), spool=str(folder / "spool")),
            s3=s3,
        )
        self.store = open_for_publishing(self.config.store, s3, folder / "spool", datetime.now(UTC)).store
        self.manifest: RunManifest = publish_run(stage(folder / "staged"), self.store, WORKERS, {})

    def hide_first(self, capsys: pytest.CaptureFixture[str]) -> list[str]:
        """Hides the first article; ids of the tombstones."""
        capsys.readouterr()
        made = hide(self.config, "article", f"{SITE}/1", reason="court order", by="legal desk", as_json=True)
        assert made == Exit.OK
        return [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()]

    def versions(self) -> dict[str, list[dict[str, Any]]]:
        """Every version of every object, as the server has them, by key."""
        found: dict[str, list[dict[str, Any]]] = {}
        for page in self.asking.get_paginator("list_object_versions").paginate(Bucket=self.name):
            for entry in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                found.setdefault(entry["Key"].removeprefix(f"{self.prefix}/"), []).append(entry)
        return found

    def everything(self) -> bytes:
        """Every byte of every version, unpacked."""
        pieces = []
        for key, entries in self.versions().items():
            for entry in entries:
                if "Size" not in entry:
                    continue
                which = {} if entry["VersionId"] == "null" else {"VersionId": entry["VersionId"]}
                answer = self.asking.get_object(Bucket=self.name, Key=f"{self.prefix}/{key}", **which)
                pieces += _unpacked(answer["Body"].read())
        return b"\n".join(pieces)


def _unpacked(content: bytes) -> list[bytes]:
    pieces = []
    while content.startswith(b"\x1f\x8b"):
        machine = inflater()
        pieces.append(machine.decompress(content))
        content = machine.unused_data
    return [*pieces, content]


@real
@pytest.mark.parametrize("kind", ["plain", "versions", "governance"])
def test_what_is_erased_is_in_no_version_of_any_object(
    at: At, tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    lock = "governance" if kind == "governance" else None
    bucket = Bucket(at, tmp_path, kind, lock=lock, versions=kind == "versions")
    (first,) = Archive(bucket.store).captures(f"{SITE}/1")
    assert b"<h1>First</h1>" in bucket.everything()
    assert erase_covered(bucket.config, bucket.hide_first(capsys)) == Exit.OK
    whole = bucket.everything()
    assert b"<h1>First</h1>" not in whole
    assert b'"headline":"First"' not in whole
    assert first.pointer.warc_record_id.encode() not in whole
    archive = Archive(bucket.store)
    assert errors(archive) == []
    assert [article.headline for article in archive.articles()] == ["Second"]
    assert archive.payload(next(archive.articles()).capture)
    kept = bucket.versions()
    listed = {file.key for run in archive.runs() for file in run.files}
    assert {key for key in kept if key.startswith(("warc/", "cdxj/", "articles/"))} <= listed, "no version, no marker"
    for run in archive.runs():
        day = f"{run.started:%Y-%m-%d}"
        assert len(kept[f"runs/dt={day}/{run.run_id}/manifest.json"]) == 1


@real
def test_a_lock_that_nobody_may_bypass_is_said_and_the_rest_is_done(
    at: At, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket = Bucket(at, tmp_path, "compliance", lock="compliance")
    (first,) = Archive(bucket.store).captures(f"{SITE}/1")
    ids = bucket.hide_first(capsys)
    for act in (lambda: erase_covered(bucket.config, ids), lambda: finish(bucket.config)):
        with pytest.raises(StoreError) as refused:
            act()
        assert "object lock (compliance) until" in str(refused.value)
        assert "`archiver takedown finish`" in str(refused.value)
    assert [article.headline for article in Archive(bucket.store).articles()] == ["Second"]
    assert first.pointer.warc_filename not in set(Archive(bucket.store).files("warc/")), "nothing refers to it any more"
    found = [str(one) for one in errors(Archive(bucket.store, everything=True))]
    begun = "whose manifest does not list it", "nothing of this erasure is in the log"
    assert found and all(any(sentence in one for sentence in begun) for one in found)


@real
def test_the_manifest_says_what_the_store_was_known_to_do(at: At, tmp_path: Path) -> None:
    bucket = Bucket(at, tmp_path, "told", versions=True)
    said = bucket.manifest.store
    assert said is not None
    assert (said.kind, said.versioning, said.lock, said.metadata_kept) == ("s3", True, False, True)
    assert said.deciding in ("create", "swap", "one publisher")
    assert said.checksums == "when_required"
    assert at.server.endpoint not in bucket.manifest.model_dump_json(), "no host name"
