"""FolderStore: a store in a folder. Blobs appear by link or rename, so a reader never sees half of one."""

from __future__ import annotations

import errno
import fcntl
import filecmp
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from archiver.errors import KeyExists, StoreError
from archiver.models.run import StoreFindings
from archiver.store.base import Stored, checked_key

LEFT_OVER = 86_400.0
"""Seconds after which a temporary file belongs to nobody who is still alive."""

_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EACCES, errno.ENOSYS)
_AWAY = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.ETIMEDOUT)


class FolderStore:
    """Blobs as files under `root`. Names beginning with "." (the spool, files being written) are no blobs.

    `hard_links`: whether the file system has them (network mounts may not); `link` is what makes `create` atomic, and without it
    creators are lined up by a lock, which guards against those on this machine only. An etag is the SHA-256 of the bytes.
    """

    def __init__(self, root: Path, *, hard_links: bool = True) -> None:
        self.root = root
        self.hard_links = hard_links
        self.patience = 0.0
        self._known: dict[str, tuple[tuple[int, int, int], str]] = {}

    @property
    def url(self) -> str:
        return str(self.root)

    @property
    def deciding(self) -> str:
        return "create"

    def findings(self) -> StoreFindings:
        return StoreFindings(kind="folder", deciding=self.deciding, create=self.hard_links)

    @property
    def at_once(self) -> int:
        return 1

    def _file(self, key: str) -> Path:
        path = self.root / checked_key(key)
        if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root)):
            raise StoreError(f"{key}: a symbolic link leads out of {self.root}; put the files themselves there")
        return path

    # Writing

    def put_file(self, key: str, path: Path, *, sha256: str | None = None) -> None:
        target = self._file(key)
        with self._refusals(key):
            if not target.exists():
                try:
                    self._link_or_copy(path, target)
                    _sync_folder(target.parent)
                except FileExistsError:
                    pass  # somebody was faster: compared below like any other
            if sha256 is not None and self._digest(key, target) == sha256:
                return
            if not filecmp.cmp(path, target, shallow=False):
                raise self._taken(key)
            if sha256 is not None:
                raise StoreError(
                    f"{key}: {path} is no longer what was recorded; look at the disk before publishing again"
                )

    def _link_or_copy(self, path: Path, target: Path) -> None:
        _make_folder(target.parent)
        if self.hard_links:
            try:
                _sync(path)
                os.link(path, target)
                return
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
        with self._partial(target) as partial:
            with path.open("rb") as source, partial.open("wb") as sink:
                shutil.copyfileobj(source, sink, 2**20)
                sink.flush()
                os.fsync(sink.fileno())
            self._appear(partial, target)

    def put(self, key: str, content: bytes, *, replace: bool = False) -> None:
        target = self._file(key)
        with self._refusals(key):
            if not replace and target.exists():
                if target.read_bytes() != content:
                    raise self._taken(key)
                return
            with self._written(target, content) as partial:
                partial.replace(target)
            _sync_folder(target.parent)

    def create(self, key: str, content: bytes) -> bool:
        target = self._file(key)
        with self._refusals(key), self._written(target, content) as partial:
            try:
                self._appear(partial, target)
            except FileExistsError:
                return False
            _sync_folder(target.parent)
            return True

    def swap(self, key: str, content: bytes, *, expected: str | None) -> Stored:
        target = self._file(key)
        with self._refusals(key), self._written(target, content) as partial, self._locked():
            found = self.head(key)
            if (found.etag if found else None) != expected:
                raise KeyExists(f"{key}: not what was expected to stand in {self.root}; another hand was first")
            partial.replace(target)
            _sync_folder(target.parent)
        stored = self.head(key)
        assert stored is not None
        return stored

    def delete(self, key: str, *, despite_lock: bool = False) -> None:
        target = self._file(key)
        with self._refusals(key):
            try:
                target.unlink()
            except FileNotFoundError:
                return
            _sync_folder(target.parent)

    def forget_earlier(self, key: str) -> None:
        """A folder keeps no versions: what was replaced is gone."""

    def _appear(self, partial: Path, target: Path) -> None:
        """The file under its name, or `FileExistsError`: at once and for one only."""
        if self.hard_links:
            try:
                os.link(partial, target)
                return
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
        with self._locked():
            if target.exists():
                raise FileExistsError(errno.EEXIST, "exists", str(target))
            partial.replace(target)

    def probe_links(self) -> None:
        """Finds out whether this file system has hard links and keeps what they promise: of eight creators one wins. Network mounts
        may not; then creators are lined up by a lock. Raises `StoreError` when nothing can be written here."""
        folder = self.root / ".probe"
        with self._refusals(".probe"):
            folder.mkdir(parents=True, exist_ok=True)
            try:
                target = folder / uuid.uuid4().hex
                with ThreadPoolExecutor(8) as pool:
                    self.hard_links = sum(pool.map(lambda _: _linked(folder, target), range(8))) == 1
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.root / ".store.lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _partial(self, target: Path) -> Iterator[Path]:
        """A hidden name beside `target`, gone at the end of the block."""
        path = target.with_name(f".{uuid.uuid4().hex}.tmp")
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def _written(self, target: Path, content: bytes) -> Iterator[Path]:
        """A complete, synced file under a hidden name, gone at the end of the block."""
        _make_folder(target.parent)
        with self._partial(target) as path:
            with path.open("wb") as sink:
                sink.write(content)
                sink.flush()
                os.fsync(sink.fileno())
            yield path

    def tidy(self, spool: Path) -> int:
        """Removes temporary files that a killed process left more than a day ago; how many."""
        gone, old = 0, time.time() - LEFT_OVER
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for path in (Path(folder, name) for name in names if name.startswith(".") and name.endswith(".tmp")):
                try:
                    if path.stat().st_mtime < old:
                        path.unlink()
                        gone += 1
                except OSError:  # its owner was quicker
                    continue
        return gone

    # Reading

    def read(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        with self._refusals(key), self.open(key) as stream:
            stream.seek(offset)
            return stream.read(-1 if length is None else length)

    def open(self, key: str) -> BinaryIO:
        with self._refusals(key):
            return self._file(key).open("rb")

    def exists(self, key: str) -> bool:
        return self._file(key).is_file()

    def head(self, key: str) -> Stored | None:
        path = self._file(key)
        if not path.is_file():
            return None
        with self._refusals(key):
            stat = path.stat()
            digest = self._digest(key, path)
            return Stored(key, stat.st_size, digest, digest, datetime.fromtimestamp(stat.st_mtime, UTC))

    def _digest(self, key: str, path: Path) -> str:
        """The SHA-256 of a file, read once as long as the file stays what it was."""
        stat = path.stat()
        state = stat.st_size, stat.st_mtime_ns, stat.st_ino
        known = self._known.get(key)
        if known is None or known[0] != state:
            with path.open("rb") as stream:
                known = state, hashlib.file_digest(stream, "sha256").hexdigest()
            self._known[key] = known
        return known[1]

    def list(self, prefix: str = "") -> Iterator[str]:
        start = self.root / prefix.rpartition("/")[0]
        found = []
        for folder, folders, names in os.walk(start, onerror=self._cannot_list):
            folders[:] = [name for name in folders if not name.startswith(".")]
            relative = Path(folder).relative_to(self.root).as_posix()
            found += [name if relative == "." else f"{relative}/{name}" for name in names if not name.startswith(".")]
        return iter(sorted((key for key in found if key.startswith(prefix)), key=str.encode))

    def list_stored(self, prefix: str = "") -> Iterator[Stored]:
        for key in self.list(prefix):
            try:
                stat = (self.root / key).stat()
            except FileNotFoundError:
                continue  # taken away while we listed
            yield Stored(key, stat.st_size, "", None, datetime.fromtimestamp(stat.st_mtime, UTC))

    def _cannot_list(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # nothing there yet is an empty list
            raise self._trouble(str(error.filename), error)

    def path(self, key: str) -> Path | None:
        return self._file(key)

    # Errors

    @contextmanager
    def _refusals(self, key: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise self._trouble(key, error) from error

    def _taken(self, key: str) -> KeyExists:
        return KeyExists(f"{key}: already in {self.root} with other bytes; nothing was overwritten")

    def _trouble(self, key: str, error: OSError) -> StoreError:
        if error.errno == errno.ENOENT:
            return StoreError(f"{key}: is not in {self.root}; `archiver check` says what else is not")
        reason = error.strerror or str(error)
        return StoreError(
            f"{key}: the folder {self.root} refused: {reason}; check its rights and free space, then publish",
            temporary=error.errno in _AWAY,
        )


def _linked(folder: Path, target: Path) -> bool:
    own = folder / uuid.uuid4().hex
    own.write_bytes(b"")
    try:
        os.link(own, target)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return False
    return True


def _make_folder(folder: Path) -> None:
    """The folder and its parents, each durable before anything is put into it."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for made in reversed(missing):
        made.mkdir(exist_ok=True)
        _sync_folder(made.parent)


def _sync(path: Path) -> None:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
