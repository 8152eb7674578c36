"""Encryption by the store: what is asked for on every object, what comes of it, and a store that does not do it."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from archiver.archive import Archive
from archiver.config import S3Table
from archiver.errors import StoreError
from archiver.publish import publish_run
from archiver.store.opening import open_for_publishing
from archiver.store.s3.headers import headers_of
from tests.integration.store.conftest import BUCKET, At, table
from tests.servers import kit
from tests.servers.faults import FaultServer
from tests.unit.test_publish import WORKERS, errors, stage

fault = pytest.mark.parametrize("at", ["fault"], indirect=True)
SEALED = "x-amz-server-side-encryption"
KEY = "arn:aws:kms:eu-west-3:111122223333:key/1234abcd"

ASKED: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "aes256": ({"encryption": "aes256"}, {SEALED: "AES256"}),
    "kms": ({"encryption": "kms"}, {SEALED: "aws:kms"}),
    "kms-key": ({"encryption": "kms", "kms_key": KEY}, {SEALED: "aws:kms", f"{SEALED}-aws-kms-key-id": KEY}),
}


def server_of(at: At) -> FaultServer:
    assert isinstance(at.server, FaultServer)
    return at.server


@fault
@pytest.mark.parametrize("how", ASKED)
def test_every_object_is_encrypted_as_configured_and_proven_all_the_same(at: At, tmp_path: Path, how: str) -> None:
    """Small objects, parts, marks and change entries. With a key of one's own no ETag is an MD5: bytes are read back instead."""
    server, (values, wanted) = server_of(at), ASKED[how]
    s3 = table(single_max="0B", **values)  # files go in parts, everything else in one put
    opened = open_for_publishing(at.url, s3, tmp_path / "state", datetime.now(UTC))
    publish_run(stage(tmp_path / "spool"), opened.store, WORKERS, {})
    assert server.calls["CompleteMultipartUpload"] > 2
    kept = server.buckets[BUCKET]
    assert len(kept) > 5
    for key, blob in kept.items():
        assert {name: value for name, value in blob.headers.items() if name.startswith(SEALED)} == wanted, key
    archive = Archive(opened.store)
    assert errors(archive) == []
    said = next(archive.runs()).store
    assert said is not None
    assert (said.etag_md5, said.multipart_etag_md5) == (how == "aes256", how == "aes256")


@fault
def test_nothing_is_asked_for_where_nothing_is_configured(at: At, tmp_path: Path) -> None:
    opened = open_for_publishing(at.url, table(), tmp_path / "state", datetime.now(UTC))
    publish_run(stage(tmp_path / "spool"), opened.store, WORKERS, {})
    assert not [key for key, blob in server_of(at).buckets[BUCKET].items() if SEALED in blob.headers]


@fault
def test_damage_on_the_way_is_seen_without_an_md5_for_an_etag(at: At, tmp_path: Path) -> None:
    server = server_of(at)
    s3 = table(encryption="kms", single_max="0B")
    store = open_for_publishing(at.url, s3, tmp_path / "state", datetime.now(UTC)).store
    server.fail("flip-lying", "PutObject")
    store.put("runs/x/manifest.json", b"content")
    assert store.read("runs/x/manifest.json") == b"content"
    path = tmp_path / "a.warc.gz"
    path.write_bytes(os.urandom(11 * 2**20))
    server.fail("flip", "UploadPart")
    store.put_file("warc/a.warc.gz", path)
    assert store.read("warc/a.warc.gz") == path.read_bytes()
    assert server.struck == {"flip-lying": 1, "flip": 1}


@fault
def test_an_upload_goes_on_after_a_kill_where_no_etag_is_an_md5(at: At, tmp_path: Path) -> None:
    server, path = server_of(at), tmp_path / "a.warc.gz"
    s3 = table(encryption="kms", single_max="0B", workers=1, attempts=1)
    open_for_publishing(at.url, s3, tmp_path / "state", datetime.now(UTC))
    server.parts_sent.clear()
    path.write_bytes(os.urandom(22 * 2**20))
    server.fail("away", "UploadPart", after=3)
    for _ in range(2):
        store = open_for_publishing(at.url, s3, tmp_path / "state", datetime.now(UTC)).store
        try:
            store.put_file("warc/a.warc.gz", path)
        except StoreError as error:
            assert error.temporary
    assert store.read("warc/a.warc.gz") == path.read_bytes()
    assert set(server.parts_sent.values()) == {1}


@fault
def test_a_store_that_keeps_plain_bytes_is_refused(at: At, tmp_path: Path) -> None:
    server_of(at).keep_plain = True
    with pytest.raises(StoreError, match=r"does not encrypt as \[s3\] encryption asks \(HEAD says none\)"):
        open_for_publishing(at.url, table(encryption="aes256"), tmp_path, datetime.now(UTC))


@fault
def test_findings_under_other_settings_are_asked_again(at: At, tmp_path: Path) -> None:
    """An ETag that was an MD5 yesterday is none of an object that is encrypted by a key from today on."""
    server = server_of(at)
    for values in ({}, {"encryption": "aes256"}, {"encryption": "kms"}, {"encryption": "kms", "kms_key": KEY}):
        before = server.calls.total()
        open_for_publishing(at.url, table(**values), tmp_path, datetime.now(UTC))
        asked = server.calls.total()
        assert asked > before
        open_for_publishing(at.url, table(**values), tmp_path, datetime.now(UTC))
        assert server.calls.total() == asked + 1, "only whether it lets us in"


REAL: dict[str, Callable[[Any, str], object]] = {
    "asked": lambda asking, bucket: None,
    "by-default": lambda asking, bucket: asking.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    ),
}


@pytest.mark.parametrize("at", ["seaweedfs"], indirect=True)
@pytest.mark.parametrize("how", REAL)
def test_a_real_server_encrypts_and_gives_back_the_same_bytes(at: At, tmp_path: Path, how: str) -> None:
    bucket, asking = f"sse-{at.prefix}", kit.client(at.server)
    asking.create_bucket(Bucket=bucket)
    REAL[how](asking, bucket)
    s3 = table(single_max="0B", **({"encryption": "aes256"} if how == "asked" else {}))
    opened = open_for_publishing(at.url.replace(BUCKET, bucket), s3, tmp_path / "state", datetime.now(UTC))
    publish_run(stage(tmp_path / "spool"), opened.store, WORKERS, {})
    listed = [entry["Key"] for entry in asking.list_objects_v2(Bucket=bucket)["Contents"]]
    assert len(listed) > 5
    for key in listed:
        assert asking.head_object(Bucket=bucket, Key=key)["ServerSideEncryption"] == "AES256", key
    assert errors(Archive(opened.store)) == []


def test_a_key_needs_its_kind_of_encryption_and_no_secret_is_sent() -> None:
    with pytest.raises(ValidationError, match='kms_key needs encryption = "kms"'):
        S3Table(kms_key=KEY)
    sent = headers_of(S3Table(encryption="aes256"), "warc/a.warc.gz", "0" * 64, {})
    assert not {name for name in sent if name.startswith("SSECustomer")}
