"""Finding out what a store does, in the real bucket, under `_probe/`: servers and mocks lie differently, and names say nothing.

Belongs here: the questions. What follows from the answers is for `store` and for whoever publishes.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from archiver.errors import StoreError
from archiver.store.s3.capabilities import Capabilities
from archiver.store.s3.headers import encryption_of
from archiver.store.s3.store import S3Store
from archiver.store.s3.troubles import S3Trouble
from archiver.store.s3.upload import Upload

CLOCK_MAX = 300.0
"""Seconds by which clocks may differ: beyond it signatures are refused, and our times would be wrong."""

PART = 5 * 2**20
"""The least part that S3 takes."""

RIVALS = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of the probe's table."""

    question: str
    answer: str


def probe(store: S3Store, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> tuple[Capabilities, list[Answer]]:
    """What the store does, and the table for people. Raises `StoreError` when it cannot be written, read, listed or deleted from:
    that is no finding but an obstacle."""
    return _Probe(store, now).run()


class _Probe:
    def __init__(self, store: S3Store, now: Callable[[], datetime]) -> None:
        # Nothing is taken for granted while asking, and no lock is put on what goes again.
        table = store.table.model_copy(update={"object_lock": None, "retention": None})
        self._store = S3Store(store.place, table, Capabilities())
        self._store.client = store.client
        self._client, self._now = store.client, now
        self._encrypting = encryption_of(table)
        self._folder = f"_probe/{uuid.uuid4().hex}"
        self._left: list[str] = []
        self._answers: list[Answer] = []
        self.found = Capabilities(checksums=store.client.checksums)

    def run(self) -> tuple[Capabilities, list[Answer]]:
        try:
            self._settings()
            self._basics()
            self._encoding()
            self._encryption()
            self._content_md5()
            self._creating()
            self._swapping()
            self._parts()
        finally:
            self._clear()
        self._verdict()
        return self.found, self._answers

    def _note(self, question: str, answer: str, **findings: Any) -> None:
        self._answers.append(Answer(question, answer))
        self.found = replace(self.found, **findings)

    def _key(self, name: str) -> str:
        key = f"{self._folder}/{name}"
        self._left.append(key)
        return key

    def _put(self, key: str, content: bytes, *, md5: bytes | None = None, **condition: str) -> dict[str, Any]:
        digest = hashlib.md5(content, usedforsecurity=False).digest() if md5 is None else md5
        headers = {"ContentMD5": base64.b64encode(digest).decode(), **condition, **self._encrypting}
        metadata = {"sha256": hashlib.sha256(content).hexdigest()}
        return self._client.ask("put_object", "put objects", key, Body=content, Metadata=metadata, **headers)

    # The questions

    def _settings(self) -> None:
        """The bucket's own settings, where the keys may read them."""
        versions = self._setting("get_bucket_versioning", lambda said: said.get("Status") == "Enabled", False)
        lock = self._setting(
            "get_object_lock_configuration",
            lambda said: said.get("ObjectLockConfiguration", {}).get("ObjectLockEnabled") == "Enabled",
            False,
        )
        words = {True: "on", False: "off", None: "unknown: these keys may not ask"}
        self._note("versioning", words[versions], versioning=versions)
        self._note("object lock", words[lock], lock=lock)

        def algorithm(said: dict[str, Any]) -> str:
            rules = said.get("ServerSideEncryptionConfiguration", {}).get("Rules", [])
            found = [rule.get("ApplyServerSideEncryptionByDefault", {}).get("SSEAlgorithm") for rule in rules]
            return str(found[0]) if found and found[0] else "none"

        encryption = self._setting("get_bucket_encryption", algorithm, "none")
        self._note("encryption by default", encryption or words[None], encryption=encryption)

    def _setting(self, operation: str, read: Callable[[dict[str, Any]], Any], without: Any) -> Any:
        try:
            return read(self._client.ask(operation, "read the bucket's settings"))
        except S3Trouble as error:
            if error.code in (
                "NoSuchBucket",
                "InvalidAccessKeyId",
                "SignatureDoesNotMatch",
                "ExpiredToken",
                "WrongRegion",
            ):
                raise
            if error.temporary and error.status == 0:
                raise
            return None if error.code in ("AccessDenied", "NotImplemented", "MethodNotAllowed") else without

    def _basics(self) -> None:
        content, key = os.urandom(1024), self._key("one")
        answer = self._put(key, content)
        said = answer["ResponseMetadata"].get("HTTPHeaders", {}).get("date")
        skew = (parsedate_to_datetime(said) - self._now()).total_seconds() if said else 0.0
        self._note("clock", f"{skew:+.0f} s from ours", clock_seconds=skew)
        head = self._store.head(key)
        if head is None or head.size != len(content):
            raise StoreError(f"{key}: {self._store.place.shown} took an object and does not show it")
        if self._store.read(key, 10, 10) != content[10:20] or self._store.read(key) != content:
            raise StoreError(
                f"{key}: {self._store.place.shown} gave other bytes than it was given; it cannot hold an archive"
            )
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        kept = head.sha256 is not None
        self._note("write, HEAD, read by range", "yes")
        self._note("metadata kept", "yes" if kept else "no: every upload is read back", metadata_kept=kept)
        self._note("ETag is the MD5", "yes" if head.etag == md5 else "no", etag_md5=head.etag == md5)
        listed = key in self._store.list(self._folder)
        self._note("listed at once", "yes" if listed else "no", lists_at_once=listed)
        self._client.ask("delete_object", "delete objects", key)
        if self._store.head(key) is not None:
            raise StoreError(f"{key}: {self._store.place.shown} says that it deleted this, and still has it")
        self._note("delete", "yes")

    def _encoding(self) -> None:
        key = self._key("packed.gz")
        content = gzip.compress(b"packed", mtime=0)
        self._put(key, content)
        kept = str(self._client.ask("head_object", "read objects", key).get("ContentEncoding") or "")
        self._note("stored as sent", f"no: marked as {kept}" if kept else "yes")
        if kept:
            self._refuse(f'marks objects as encoded ({kept}); set checksums = "when_required" under [s3]')

    def _encryption(self) -> None:
        """Whether the store says that it did what was asked: one that knows no encryption takes the header and keeps plain bytes."""
        asked = self._encrypting.get("ServerSideEncryption")
        if not asked:
            return
        key = self._key("encrypted")
        self._put(key, b"content")
        shown = str(self._client.ask("head_object", "read objects", key).get("ServerSideEncryption") or "none")
        self._note("encrypted as asked", "yes" if shown == asked else f"no: HEAD says {shown}")
        if shown != asked:
            self._refuse(
                f"does not encrypt as [s3] encryption asks (HEAD says {shown}); leave it out, or use another store"
            )

    def _content_md5(self) -> None:
        verified = False
        try:
            self._put(self._key("md5"), b"content", md5=hashlib.md5(b"other", usedforsecurity=False).digest())
        except S3Trouble as error:
            if error.temporary and error.status == 0:
                raise
            verified = True
        said = "yes" if verified else "no: HEAD and reading back guard instead"
        self._note("Content-MD5 verified", said, md5_verified=verified)

    def _creating(self) -> None:
        key = self._key("create")
        self._put(key, b"first")
        works = _refused(lambda: self._put(key, b"second", IfNoneMatch="*"))
        works = works and self._store.read(key) == b"first"
        contested = self._key("create-contested")
        works = works and _race(lambda n: self._put(contested, b"%d" % n, IfNoneMatch="*")) == 1
        self._note("create only (If-None-Match)", "yes" if works else "no: ignored", create=works)

    def _swapping(self) -> None:
        key = self._key("swap")
        for form, quote in (("quoted", '"'), ("bare", "")):
            self._put(key, b"first")
            etag = self._etag(key)
            wrong = "0" * 32
            if not _refused(lambda q=quote, w=wrong: self._put(key, b"wrong", IfMatch=f"{q}{w}{q}")):  # type: ignore[misc]
                break
            if _refused(lambda q=quote, e=etag: self._put(key, b"right", IfMatch=f"{q}{e}{q}")):  # type: ignore[misc]
                continue
            etag = self._etag(key)
            if _race(lambda n, q=quote, e=etag: self._put(key, b"%d" % n, IfMatch=f"{q}{e}{q}")) == 1:  # type: ignore[misc]
                shown = "yes" if form == "quoted" else "yes, with the bare ETag"
                self._note("compare and swap (If-Match)", shown, swap=form)
                return
        self._note("compare and swap (If-Match)", "no", swap="")

    def _etag(self, key: str) -> str:
        head = self._store.head(key)
        return head.etag if head else ""

    def _parts(self) -> None:
        key = self._key("parts")
        with _file_of(PART + 1000) as path:
            content = path.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            headers = {"Metadata": {"sha256": sha256}, **self._encrypting}
            table = self._store.table.model_copy(update={"part": PART})
            client, self._client.table = self._client, table
            try:
                with ThreadPoolExecutor(2) as pool:
                    upload = Upload(client, self.found, key, path, len(content), sha256, headers)
                    sent = upload.send(pool, only_if_free=False)
                    upload.forget()
                    head = self._store.head(key)
                    whole = head is not None and head.size == len(content) and self._store.read(key) == content
                    right = head is not None and head.etag == sent.etag
                    again = Upload(
                        client, replace(self.found, create_multipart=True), key, path, len(content), sha256, headers
                    )
                    guarded = whole and _refused(lambda: again.send(pool, only_if_free=True))
                    if guarded:
                        again.abort()
            except S3Trouble as error:
                if error.temporary and error.status == 0:
                    raise
                self._note("multipart", f"no: {error.code}", multipart=False)
                return
            finally:
                self._client.table = self._store.table.model_copy()
        self._note("multipart", "yes" if whole else "no: came out otherwise than sent", multipart=whole)
        self._note("ETag of parts is computed", "yes" if right else "no", multipart_etag_md5=right)
        self._note("create only for multipart", "yes" if guarded else "no: ignored", create_multipart=guarded)

    # What follows

    def _refuse(self, sentence: str) -> None:
        self.found = replace(self.found, refusals=[*self.found.refusals, f"{self._store.place.shown} {sentence}"])

    def _verdict(self) -> None:
        found, publishers = self.found, self._store.table.publishers
        if abs(found.clock_seconds) > CLOCK_MAX:
            self._refuse(
                f"and this machine differ by {abs(found.clock_seconds):.0f} s; set the clock (NTP), or times in the archive would be wrong"
            )
        how = found.publishing(publishers)
        self._note("change numbers are claimed by", how or "nothing that is safe")
        found = self.found
        warnings = []
        if found.versioning is False:
            warnings.append("versioning is off: an overwritten or deleted object is gone")
        self.found = replace(self.found, warnings=warnings)

    def _clear(self) -> None:
        """Takes away what the probe wrote; what a lock keeps stays, and is said."""
        kept = 0
        for key in self._left:
            try:
                self._store.delete(key)
            except S3Trouble:
                kept += 1
        if kept:
            self._answers.append(Answer("left behind", f"{kept} small objects under {self._folder}"))


def _refused(act: Callable[[], object]) -> bool:
    """Whether a conditional write was refused as it should be. Believed only where a 412 was seen."""
    try:
        act()
    except S3Trouble as error:
        if error.temporary and error.status == 0:
            raise
        return error.status in (409, 412)
    return False


def _race(act: Callable[[int], object]) -> int:
    """How many of eight that write at once are told that they won."""

    def one(number: int) -> bool:
        for pause in (0.05, 0.2, 0.5, 1.0, None):
            try:
                act(number)
                return True
            except S3Trouble as error:
                if error.temporary and error.status == 0:
                    raise
                if error.status != 409 or pause is None:
                    return False
                time.sleep(pause)
        return False

    with ThreadPoolExecutor(RIVALS) as pool:
        return sum(pool.map(one, range(RIVALS)))


@contextmanager
def _file_of(size: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="archiver-probe-") as folder:
        path = Path(folder) / "parts"
        with path.open("wb") as sink:
            sink.write(io.BytesIO(os.urandom(1024)).getvalue() * (size // 1024 + 1))
            sink.truncate(size)
        yield path
