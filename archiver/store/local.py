"""FolderStore: a store in a folder. Blobs appear by rename, so a reader never sees half of one."""

from __future__ import annotations

import errno
import filecmp
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from archiver.errors import StoreError


def open_store(url: str) -> FolderStore:
    """The store at `url`. Only folders so far: object storage has its own room, which is not built yet."""
    if "://" in url and not url.startswith("file://"):
        scheme = url.split("://", 1)[0]
        raise StoreError(f"{url}: stores of kind {scheme}:// are not built yet; give a folder, such as ./archive")
    return FolderStore(Path(url.removeprefix("file://")))


class FolderStore:
    """Blobs as files under `root`. Names beginning with "." (the spool, files being written) are no blobs."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def url(self) -> str:
        return str(self.root)

    def _file(self, key: str) -> Path:
        parts = key.split("/")
        if not key or any(part in ("", ".", "..") or part.startswith(".") or "\x00" in part for part in parts):
            raise StoreError(f"{key!r}: not a key: keys are relative, with no empty, dotted or hidden part")
        return self.root.joinpath(*parts)

    def put_file(self, key: str, path: Path) -> None:
        target = self._file(key)
        try:
            if target.exists():
                if not filecmp.cmp(path, target, shallow=False):
                    raise StoreError(f"{key}: already in {self.root} with other bytes; nothing was overwritten")
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, target)
            except OSError as error:
                if error.errno not in (errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK, errno.EACCES):
                    raise
                self._copy(path, target)
            _sync_folder(target.parent)
        except OSError as error:
            raise self._trouble(key, error) from error

    def _copy(self, path: Path, target: Path) -> None:
        partial = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            with path.open("rb") as source, partial.open("wb") as sink:
                shutil.copyfileobj(source, sink, 2**20)
                sink.flush()
                os.fsync(sink.fileno())
            partial.rename(target)
        finally:
            partial.unlink(missing_ok=True)

    def put(self, key: str, content: bytes, *, replace: bool = False) -> None:
        target = self._file(key)
        try:
            if not replace and target.exists():
                if target.read_bytes() != content:
                    raise StoreError(f"{key}: already in {self.root} with other bytes; nothing was overwritten")
                return
            with self._written(target, content) as partial:
                partial.rename(target)
            _sync_folder(target.parent)
        except OSError as error:
            raise self._trouble(key, error) from error

    def create(self, key: str, content: bytes) -> bool:
        target = self._file(key)
        try:
            with self._written(target, content) as partial:
                try:
                    os.link(partial, target)
                except FileExistsError:
                    return False
            _sync_folder(target.parent)
            return True
        except OSError as error:
            raise self._trouble(key, error) from error

    def _written(self, target: Path, content: bytes) -> _Partial:
        target.parent.mkdir(parents=True, exist_ok=True)
        return _Partial(target.with_name(f".{target.name}.{uuid.uuid4().hex}"), content)

    def read(self, key: str, offset: int = 0, length: int | None = None) -> bytes:
        try:
            with self.open(key) as stream:
                stream.seek(offset)
                return stream.read(-1 if length is None else length)
        except OSError as error:
            raise self._trouble(key, error) from error

    def open(self, key: str) -> BinaryIO:
        try:
            return self._file(key).open("rb")
        except OSError as error:
            raise self._trouble(key, error) from error

    def exists(self, key: str) -> bool:
        return self._file(key).is_file()

    def list(self, prefix: str = "") -> Iterator[str]:
        start = self.root / prefix.rpartition("/")[0]
        found = []
        for folder, folders, names in os.walk(start, onerror=self._cannot_list):
            folders[:] = [name for name in folders if not name.startswith(".")]
            relative = Path(folder).relative_to(self.root).as_posix()
            found += [name if relative == "." else f"{relative}/{name}" for name in names if not name.startswith(".")]
        return iter(sorted((key for key in found if key.startswith(prefix)), key=str.encode))

    def _cannot_list(self, error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # nothing there yet is an empty list
            raise self._trouble(str(error.filename), error)

    def path(self, key: str) -> Path | None:
        return self._file(key)

    def _trouble(self, key: str, error: OSError) -> StoreError:
        reason = error.strerror or str(error)
        return StoreError(
            f"{key}: the folder {self.root} refused: {reason}; check its rights and free space, then publish"
        )


class _Partial:
    """A complete, synced file under a hidden name, gone at the end of the block."""

    def __init__(self, path: Path, content: bytes) -> None:
        self.path, self.content = path, content

    def __enter__(self) -> Path:
        with self.path.open("wb") as sink:
            sink.write(self.content)
            sink.flush()
            os.fsync(sink.fileno())
        return self.path

    def __exit__(self, *_: object) -> None:
        self.path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
