"""Multipart uploads that survive a kill: fixed parts, a journal beside the file, and only what the server lacks is sent again."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from archiver.store.s3.capabilities import Capabilities
from archiver.store.s3.client import Client
from archiver.store.s3.troubles import S3Trouble

JOURNAL = ".upload.json"
PARTS_MAX = 10_000
_PIECE = 2**20
_LOST = ("NoSuchUpload", "404")


class Slice:
    """Part of a file as a body: boto3 reads it in pieces, and may read it again. Nothing is held in memory."""

    def __init__(self, path: Path, start: int, length: int) -> None:
        self._file = path.open("rb")
        self._start, self._length, self._at = start, length, 0
        self._file.seek(start)

    def __len__(self) -> int:
        return self._length

    def read(self, size: int | None = -1) -> bytes:
        left = self._length - self._at
        piece = self._file.read(left if size is None or size < 0 else min(size, left))
        self._at += len(piece)
        return piece

    def seek(self, offset: int, whence: int = 0) -> int:
        base = {0: 0, 1: self._at, 2: self._length}[whence]
        self._at = max(0, min(base + offset, self._length))
        self._file.seek(self._start + self._at)
        return self._at

    def tell(self) -> int:
        return self._at

    def md5(self) -> bytes:
        digest = hashlib.md5(usedforsecurity=False)
        self.seek(0)
        while piece := self.read(_PIECE):
            digest.update(piece)
        self.seek(0)
        return digest.digest()

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Slice:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(slots=True)
class Journal:
    """What is known of an upload, `NAME.upload.json`: `parts` is part number -> [MD5, ETag]."""

    store: str
    key: str
    size: int
    sha256: str
    part: int
    upload_id: str
    parts: dict[str, list[str]] = field(default_factory=dict)

    def same_file(self, other: Journal) -> bool:
        return (self.store, self.key, self.size, self.sha256) == (other.store, other.key, other.size, other.sha256)


def journal_of(path: Path) -> Path:
    return path.with_name(path.name + JOURNAL)


def read_journal(path: Path) -> Journal | None:
    try:
        return Journal(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def joined_etag(journal: Journal) -> str:
    """The ETag of an object put in the journal's parts; "" while some are missing."""
    count = max(1, -(-journal.size // journal.part))
    try:
        md5s = [bytes.fromhex(journal.parts[str(number)][0]) for number in range(1, count + 1)]
    except (LookupError, ValueError, TypeError):
        return ""
    return _joined(md5s)


def _joined(md5s: list[bytes]) -> str:
    return f"{hashlib.md5(b''.join(md5s), usedforsecurity=False).hexdigest()}-{len(md5s)}"


def write_journal(path: Path, journal: Journal) -> None:
    """Whole or not at all, and durable before the next part is sent."""
    partial = path.with_name(f".{path.name}.tmp")
    with partial.open("w", encoding="utf-8") as sink:
        json.dump(asdict(journal), sink)
        sink.flush()
        os.fsync(sink.fileno())
    partial.replace(path)


@dataclass(frozen=True, slots=True)
class Sent:
    """A finished upload: the ETag that its parts must have, by their MD5s."""

    etag: str


class Upload:
    """One file on its way. `headers` go on creation: metadata, type, lock, encryption."""

    def __init__(
        self, client: Client, known: Capabilities, key: str, path: Path, size: int, sha256: str, headers: dict[str, Any]
    ) -> None:
        self._client, self._known, self._headers = client, known, headers
        self._path, self._journal_path = path, journal_of(path)
        part = max(client.table.part, -(-size // PARTS_MAX))
        self._journal = Journal(client.place.shown, key, size, sha256, part, "")
        self._lock = threading.Lock()
        self._held: dict[int, str] = {}

    def send(self, pool: ThreadPoolExecutor, *, only_if_free: bool) -> Sent:
        """Sends what the server lacks and completes. Raises `S3Trouble`: 412 when another object is there."""
        self._begin()
        md5s = self._parts(pool)
        self._complete(only_if_free)
        return Sent(_joined(md5s))

    def _parts(self, pool: ThreadPoolExecutor) -> list[bytes]:
        """Every part, some at once; nothing is still under way when this ends, however it ends."""
        sending = [pool.submit(self._part, number) for number in range(1, self._count + 1)]
        try:
            return [one.result() for one in sending]
        except BaseException:
            for one in sending:
                one.cancel()
            wait(sending)
            raise

    def forget(self) -> None:
        """The object was compared and is whole: nothing is left to resume."""
        self._journal_path.unlink(missing_ok=True)

    def abort(self) -> None:
        """Gives up what was sent, so that the next try begins anew."""
        try:
            self._client.ask("abort_multipart_upload", "abort uploads", self._key, UploadId=self._journal.upload_id)
        except S3Trouble as error:
            if error.code not in _LOST and not error.temporary:
                raise
        self.forget()

    @property
    def _key(self) -> str:
        return self._journal.key

    @property
    def _count(self) -> int:
        return max(1, -(-self._journal.size // self._journal.part))

    def _begin(self) -> None:
        old = read_journal(self._journal_path)
        if old is not None and old.same_file(self._journal) and old.upload_id:
            self._journal = old
            try:
                self._held = dict(self._listed())
                return
            except S3Trouble as error:
                if error.code not in _LOST:
                    raise
            self._journal = Journal(old.store, old.key, old.size, old.sha256, old.part, "")
        answer = self._client.ask("create_multipart_upload", "put objects", self._key, **self._headers)
        self._journal.upload_id = answer["UploadId"]
        self._held = {}
        write_journal(self._journal_path, self._journal)

    def _listed(self) -> Iterator[tuple[int, str]]:
        """The parts that the server holds, by number with their ETags."""
        marker: dict[str, Any] = {}
        while True:
            answer = self._client.ask("list_parts", "list parts", self._key, UploadId=self._journal.upload_id, **marker)
            for part in answer.get("Parts", []):
                if int(part["Size"]) == self._length(int(part["PartNumber"])):
                    yield int(part["PartNumber"]), str(part["ETag"])
            if not answer.get("IsTruncated"):
                return
            marker = {"PartNumberMarker": answer["NextPartNumberMarker"]}

    def _length(self, number: int) -> int:
        return min(self._journal.part, self._journal.size - (number - 1) * self._journal.part)

    def _part(self, number: int) -> bytes:
        """Sends one part unless the server holds it; its MD5."""
        with Slice(self._path, (number - 1) * self._journal.part, self._length(number)) as body:
            digest = body.md5()
            if self._is_held(number, digest.hex()):
                return digest
            answer = self._client.ask(
                "upload_part",
                "put objects",
                self._key,
                UploadId=self._journal.upload_id,
                PartNumber=number,
                Body=body,
                ContentLength=self._length(number),
                ContentMD5=base64.b64encode(digest).decode(),
            )
        self._note(number, digest.hex(), str(answer.get("ETag", "")))
        return digest

    def _is_held(self, number: int, md5: str) -> bool:
        etag = self._held.get(number)
        if etag is None:
            return False
        noted = self._journal.parts.get(str(number))
        if etag.strip('"') == md5 or noted == [md5, etag]:
            self._note(number, md5, etag)
            return True
        return False

    def _note(self, number: int, md5: str, etag: str) -> None:
        with self._lock:
            self._journal.parts[str(number)] = [md5, etag]
            write_journal(self._journal_path, self._journal)

    def _complete(self, only_if_free: bool) -> None:
        parts = [
            {"PartNumber": number, "ETag": self._journal.parts[str(number)][1]} for number in range(1, self._count + 1)
        ]
        condition = {"IfNoneMatch": "*"} if only_if_free and self._known.create_multipart else {}
        self._client.ask(
            "complete_multipart_upload",
            "put objects",
            self._key,
            UploadId=self._journal.upload_id,
            MultipartUpload={"Parts": parts},
            **condition,
        )
