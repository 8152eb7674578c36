"""S3Store: the protocol of `archiver.store.base` on an S3 bucket.

Belongs here: what putting, creating, swapping and reading mean there. Sending large files is in `upload`, asking in `client`, finding
out what the server does in `probe`.
"""

from __future__ import annotations

import base64
import hashlib
import io
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO, cast

from archiver.config import S3Table
from archiver.errors import KeyExists, StoreError
from archiver.models.run import StoreFindings
from archiver.store.base import Stored, checked_key
from archiver.store.s3.capabilities import Capabilities
from archiver.store.s3.client import Client, is_missing
from archiver.store.s3.headers import RUN, headers_of, metadata_of
from archiver.store.s3.place import Place
from archiver.store.s3.stream import RangedStream, read_range
from archiver.store.s3.troubles import S3Trouble
from archiver.store.s3.upkeep import PROBES_STALE, abort_stale, forget_earlier, take_away
from archiver.store.s3.upload import Slice, Upload, joined_etag, journal_of, read_journal

TRIES = 3
"""How often an upload that came out otherwise than sent is sent again."""

_CONFLICT_PAUSES = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0)

_SAMPLE = 16
"""One in so many large files is read back where the server proves nothing of what it received; small ones always are."""


class _Verdict(Enum):
    SAME = "same"
    OURS_DAMAGED = "ours, and not whole"
    OTHER = "other"


class S3Store:
    """Blobs as objects below a prefix. Without `known` (the probe's findings) nothing is taken for granted: it reads and writes keys
    that nobody else writes, and refuses to decide between two."""

    def __init__(self, place: Place, table: S3Table | None = None, known: Capabilities | None = None) -> None:
        self.place, self.table = place, table or S3Table()
        self.known = known or Capabilities()
        self.client = Client(place, self.table)
        self._pool: ThreadPoolExecutor | None = None

    def __reduce__(self) -> tuple[type[S3Store], tuple[Place, S3Table, Capabilities]]:
        return S3Store, (self.place, self.table, self.known)  # for another process, which makes a client of its own

    @property
    def url(self) -> str:
        return self.place.url

    @property
    def deciding(self) -> str:
        return self.known.publishing(self.table.publishers)

    def findings(self) -> StoreFindings:
        told = self.known.told() if self.known != Capabilities() else {}
        return StoreFindings(kind="s3", deciding=self.deciding, **told)

    @property
    def at_once(self) -> int:
        return self.table.workers

    @property
    def patience(self) -> float:
        return self.client.patience

    @patience.setter
    def patience(self, seconds: float) -> None:
        self.client.patience = seconds

    # Writing

    def put_file(self, key: str, path: Path, *, sha256: str | None = None) -> None:
        size = _size_of(path)
        sha256 = sha256 or _sha256_of(path)
        if size > self.table.single_max and self.known.multipart:
            self._put_parts(checked_key(key), path, size, sha256)
            return
        with Slice(path, 0, size) as body:
            self._put_once(checked_key(key), body, size, sha256, body.md5())

    def put(self, key: str, content: bytes, *, replace: bool = False) -> None:
        sha256, md5 = hashlib.sha256(content).hexdigest(), hashlib.md5(content, usedforsecurity=False).digest()
        self._put_once(checked_key(key), io.BytesIO(content), len(content), sha256, md5, replace=replace)

    def _put_once(self, key: str, body: Any, size: int, sha256: str, md5: bytes, *, replace: bool = False) -> None:
        """Until the object that stands there is the one that was sent, or another's that may not be overwritten."""
        verdict = self._compare(key, size, sha256, md5.hex())
        for _ in range(TRIES):
            if verdict is _Verdict.SAME:
                return
            if verdict is _Verdict.OTHER and not replace:
                raise KeyExists(f"{key}: already in {self.place.shown} with other bytes; nothing was overwritten")
            condition = {"IfNoneMatch": "*"} if verdict is None and self.known.create and not replace else {}
            body.seek(0)
            try:
                self._put_object(key, body, size, sha256, md5, condition)
            except S3Trouble as error:
                if error.status != 412:  # 412 may be our own write whose answer was lost: compared like any other
                    raise
            verdict = self._compare(key, size, sha256, md5.hex(), written=True)
        if verdict is not _Verdict.SAME:
            raise self._not_as_sent(key, verdict)

    def _put_object(
        self, key: str, body: Any, size: int, sha256: str, md5: bytes, condition: dict[str, str], **metadata: str
    ) -> dict[str, Any]:
        """One PUT; a 409 is a race in progress, and is asked again with the same body."""
        headers = headers_of(self.table, key, sha256, metadata)
        for pause in (*_CONFLICT_PAUSES, None):
            try:
                return self.client.ask(
                    "put_object",
                    "put objects",
                    key,
                    Body=body,
                    ContentLength=size,
                    ContentMD5=base64.b64encode(md5).decode(),
                    **headers,
                    **condition,
                )
            except S3Trouble as error:
                if error.status != 409 or pause is None:
                    raise
                body.seek(0)
                time.sleep(pause)
        raise AssertionError("unreachable")

    def _put_parts(self, key: str, path: Path, size: int, sha256: str) -> None:
        headers = headers_of(self.table, key, sha256, {})
        left = read_journal(journal_of(path))  # by whoever was killed: what stands there was perhaps never compared
        etag = joined_etag(left) if left and self.known.multipart_etag_md5 else ""
        verdict = self._compare(key, size, sha256, etag, written=left is not None)
        if verdict is _Verdict.SAME:
            Upload(self.client, self.known, key, path, size, sha256, headers).forget()
            return
        for _ in range(TRIES):
            if verdict is _Verdict.OTHER:
                raise KeyExists(f"{key}: already in {self.place.shown} with other bytes; nothing was overwritten")
            upload = Upload(self.client, self.known, key, path, size, sha256, headers)
            etag = ""
            try:
                etag = upload.send(self.pool, only_if_free=verdict is None).etag
            except S3Trouble as error:
                # 412: another object, or our own completion whose answer was lost. NoSuchUpload: the same, or the server forgot.
                # 409 and InvalidPart: parts have to be sent anew. The comparison tells which.
                if error.status not in (404, 409, 412) and error.code not in ("NoSuchUpload", "InvalidPart"):
                    raise
            verdict = self._compare(key, size, sha256, etag if self.known.multipart_etag_md5 else "", written=True)
            if verdict is _Verdict.SAME:
                upload.forget()
                return
            upload.abort()
        raise self._not_as_sent(key, verdict)

    def create(self, key: str, content: bytes) -> bool:
        checked_key(key)
        if not self.known.create:
            if self.table.publishers != 1 and not RUN.search(key):  # nobody else writes keys with our run's id
                raise StoreError(_UNDECIDED.format(key=key, store=self.place.shown))
            if self.head(key) is not None:
                return False
        return self._claim(key, content, {"IfNoneMatch": "*"} if self.known.create else {}, (409, 412))

    def _claim(self, key: str, content: bytes, condition: dict[str, str], lost: tuple[int, ...]) -> bool:
        """A conditional write, until the object that stands there is whole and of this very call (True) or of another hand (False).

        `lost` are the answers that may say so. A 412 after a lost answer may also be our own write, and is success.
        """
        token = uuid.uuid4().hex
        sha256, md5 = hashlib.sha256(content).hexdigest(), hashlib.md5(content, usedforsecurity=False).digest()
        for _ in range(TRIES):
            try:
                self._put_object(key, io.BytesIO(content), len(content), sha256, md5, condition, put=token)
            except S3Trouble as error:
                if error.status not in lost:
                    raise
            if not self._is_mine(key, content, token):
                return False
            if self._compare(key, len(content), sha256, md5.hex(), written=True) is _Verdict.SAME:
                return True
            condition = {}  # the key is ours, and what stands there is not what was sent
        raise self._not_as_sent(key, _Verdict.OURS_DAMAGED)

    def swap(self, key: str, content: bytes, *, expected: str | None) -> Stored:
        checked_key(key)
        found = self.head(key)
        if (found.etag if found else None) != expected:
            raise KeyExists(_SECOND.format(key=key, store=self.place.shown))
        if expected is None and self.known.create:
            if not self.create(key, content):
                raise KeyExists(_SECOND.format(key=key, store=self.place.shown))
        else:
            self._swap(key, content, expected)
        stored = self.head(key)
        if stored is None:
            raise StoreError(f"{key}: {self.place.shown} took it and does not show it; run `archiver check --probe`")
        return stored

    def _swap(self, key: str, content: bytes, expected: str | None) -> None:
        if not self.known.swap and self.table.publishers != 1:
            raise StoreError(_UNDECIDED.format(key=key, store=self.place.shown))
        form = {"quoted": f'"{expected}"', "bare": expected}.get(self.known.swap)
        condition = {"IfMatch": form} if form and expected else {}
        if not self._claim(key, content, condition, (404, 409, 412)):
            raise KeyExists(_SECOND.format(key=key, store=self.place.shown))

    def _is_mine(self, key: str, content: bytes, token: str) -> bool:
        """Whether the object at `key` is the one of this very call: the same bytes from another hand are not."""
        answer = self._head(key)
        if answer is None:
            raise StoreError(f"{key}: {self.place.shown} took it and does not show it", temporary=True)
        noted = metadata_of(answer)
        if self.known.metadata_kept or "put" in noted:
            return noted.get("put") == token
        return self.read(key) == content  # every writer of such a key writes its own run id

    def delete(self, key: str, *, despite_lock: bool = False) -> None:
        take_away(self.client, checked_key(key), versioned=self.known.versioning, despite_lock=despite_lock)

    def forget_earlier(self, key: str) -> None:
        forget_earlier(self.client, checked_key(key), versioned=self.known.versioning)

    def tidy(self, spool: Path) -> int:
        """Aborts uploads below our prefix that are older than a week and that no journal in `spool` knows, and removes what killed
        probes left; how many."""
        known = {journal.upload_id for path in spool.glob("*/*.upload.json") if (journal := read_journal(path))}
        old, gone = datetime.now(UTC) - PROBES_STALE, abort_stale(self.client, known)
        for left in self.list_stored("_probe/"):
            if left.modified and left.modified < old:
                with suppress(S3Trouble):  # under a lock of the bucket's own, which runs out
                    self.delete(left.key)
                    gone += 1
        return gone

    @property
    def pool(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.table.workers, thread_name_prefix="store")
        return self._pool

    # Comparing

    def _compare(self, key: str, size: int, sha256: str, etag: str, *, written: bool = False) -> _Verdict | None:
        """What stands at `key` beside what should; None when nothing does. `etag` is what the MD5 gives, "" when it says nothing."""
        answer = self._head(key)
        if answer is None:
            return None
        encoding = str(answer.get("ContentEncoding") or "").strip()
        if encoding:
            raise StoreError(
                f"{key}: {self.place.shown} marks it as encoded ({encoding}), so that readers would unpack it and offsets break; "
                'set checksums = "when_required" under [s3] and put it again'
            )
        noted = metadata_of(answer).get("sha256")
        if noted is not None and noted != sha256:
            return _Verdict.OTHER
        whole = int(answer.get("ContentLength", -1)) == size
        shown = str(answer.get("ETag", "")).strip('"')
        if whole and etag and shown and self.known.etag_md5 and shown != etag and noted is not None:
            whole = "-" in shown and "-" not in etag  # put in parts by another version of us
        if noted is None:
            return _Verdict.SAME if whole and self._stored_digest(key) == sha256 else _Verdict.OTHER
        if whole and written and self._wants_reading_back(key, size, sha256):
            whole = self._stored_digest(key) == sha256
        return _Verdict.SAME if whole else _Verdict.OURS_DAMAGED

    def _wants_reading_back(self, key: str, size: int, sha256: str) -> bool:
        if key.startswith(("runs/", "changes/")) or size <= self.table.read_back:
            return True
        proven = self.known.md5_verified or self.known.etag_md5
        return not proven and int(sha256[:8], 16) % _SAMPLE == 0

    def _stored_digest(self, key: str) -> str:
        digest = hashlib.sha256()
        with self.open(key) as stream:
            while piece := stream.read(2**20):
                digest.update(piece)
        return digest.hexdigest()

    def _not_as_sent(self, key: str, verdict: _Verdict | None) -> StoreError:
        if verdict is _Verdict.OTHER:
            return KeyExists(f"{key}: already in {self.place.shown} with other bytes; nothing was overwritten")
        said = "does not show it" if verdict is None else "holds other bytes than were sent"
        return StoreError(
            f"{key}: {self.place.shown} took it and {said}, {TRIES} times over; run `archiver check --probe`, then publish",
            temporary=True,
        )

    # Reading

    def read(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        return read_range(self.client, checked_key(key), offset, length)

    def open(self, key: str) -> BinaryIO:
        found = self.head(key)
        if found is None:
            raise StoreError(f"{key}: not in {self.place.shown}")
        raw = RangedStream(self.client, key, found.size, found.etag)
        return cast(BinaryIO, io.BufferedReader(raw, 2**17))

    def exists(self, key: str) -> bool:
        return self._head(key) is not None

    def head(self, key: str) -> Stored | None:
        answer = self._head(key)
        if answer is None:
            return None
        etag, modified = str(answer.get("ETag", "")).strip('"'), answer.get("LastModified")
        return Stored(key, int(answer["ContentLength"]), etag, metadata_of(answer).get("sha256"), modified)

    def _head(self, key: str) -> dict[str, Any] | None:
        try:
            return self.client.ask("head_object", "read objects", checked_key(key))
        except S3Trouble as error:
            if is_missing(error):
                return None
            raise (error if error.temporary else self.client.explain(error, key)) from error

    def list(self, prefix: str = "") -> Iterator[str]:
        return (found.key for found in self.list_stored(prefix))

    def list_stored(self, prefix: str = "") -> Iterator[Stored]:
        # Sorted here: servers that keep folders list "a/x" before "a-b", against the order of bytes.
        return iter(sorted(self._listed(prefix), key=lambda found: found.key.encode()))

    def _listed(self, prefix: str) -> Iterator[Stored]:
        more: dict[str, str] = {}
        while True:
            answer = self.client.ask("list_objects_v2", "list objects", Prefix=self.place.prefix + prefix, **more)
            for entry in answer.get("Contents", []):
                key = str(entry["Key"]).removeprefix(self.place.prefix)
                if not any(part == "" or part.startswith(".") for part in key.split("/")):
                    etag = str(entry.get("ETag", "")).strip('"')
                    yield Stored(key, int(entry["Size"]), etag, None, entry.get("LastModified"))
            if not answer.get("IsTruncated"):
                return
            more = {"ContinuationToken": answer["NextContinuationToken"]}

    def path(self, key: str) -> Path | None:
        checked_key(key)
        return None


_UNDECIDED = (
    "{key}: {store} cannot decide between two writers; set publishers = 1 under [s3] if only this machine publishes there, "
    "or use a store that knows If-None-Match or If-Match"
)
_SECOND = "{key}: not what was expected to stand in {store}; another hand was first"


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise StoreError(f"{path}: cannot be read for publishing: {error.strerror}") from error


def _sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
