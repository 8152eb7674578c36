"""The merged index of an archive: derived from the stored `.cdxj.gz`, in a folder that may be deleted at any time.

Belongs here: which stored files the index covers, and bringing it up to date. It consists of pieces of falling size, so that a new
run costs its own lines and not those of all runs before it; a look-up asks each piece.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from archiver.errors import StoreError
from archiver.index.blocks import Blocks, write_blocks
from archiver.index.lines import merged, sorted_lines, stored_lines
from archiver.store import Store

LIST = "index.json"
FORM = 1
"""Goes up when the pieces are written otherwise; an index of another form counts as none."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One set of blocks. `lines` is their number."""

    name: str
    lines: int


class ArchiveIndex:
    """A merged index. `covered` are the keys of the stored `.cdxj.gz` files whose lines it has."""

    def __init__(self, folder: Path, pieces: list[Piece], covered: frozenset[str]) -> None:
        self.folder, self.pieces, self.covered = folder, pieces, covered

    @classmethod
    def load(cls, folder: Path) -> ArchiveIndex | None:
        """The index in `folder`, None where there is none that can be read: it is derived, and `update_index` makes it again."""
        try:
            raw = json.loads((folder / LIST).read_bytes())
            if raw["form"] != FORM:
                return None
            pieces = [Piece(str(piece["name"]), int(piece["lines"])) for piece in raw["pieces"]]
            return cls(folder, pieces, frozenset(map(str, raw["covered"])))
        except (OSError, ValueError, LookupError, TypeError):
            return None

    @property
    def count(self) -> int:
        """How many lines there are."""
        return sum(piece.lines for piece in self.pieces)

    def lines(self, key: str, first: str = "", last: str = "") -> Iterator[bytes]:
        """Every line of `key` (a SURT) from `first` to `last` (14 digits, both inside), sorted."""
        return merged(*(Blocks(self.folder, piece.name).lines(key, first, last) for piece in self.pieces))

    def all(self) -> Iterator[bytes]:
        """Every line, sorted."""
        return merged(*(Blocks(self.folder, piece.name).all() for piece in self.pieces))


def update_index(
    store: Store, keys: Iterable[str], folder: Path, progress: Callable[[str], None] = lambda key: None
) -> ArchiveIndex:
    """Brings the index in `folder` to the stored `.cdxj.gz` files `keys`, and returns it. `progress` hears each key that is read.

    New files become a piece; pieces that are not at least twice as large as it are merged into it. When a covered file is
    listed no longer (its WARC was rewritten), all is made anew. Raises `StoreError`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            return _updated(store, frozenset(keys), folder, progress)
    except OSError as error:
        raise StoreError(
            f"{folder}: the index cannot be written: {error.strerror or error}; check its rights and free space"
        ) from error


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Waits until nobody else writes this index; the lock ends with the process, however it ends."""
    with (folder / ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _updated(store: Store, wanted: frozenset[str], folder: Path, progress: Callable[[str], None]) -> ArchiveIndex:
    old = ArchiveIndex.load(folder)
    if old is None or old.covered - wanted:
        old = ArchiveIndex(folder, [], frozenset())
    new = sorted(wanted - old.covered)
    if not new and (folder / LIST).exists():
        return old
    fresh = _piece(folder, sorted_lines(_read(store, new, progress)))
    kept = list(old.pieces)
    while kept and kept[-1].lines < 2 * fresh.lines:
        fresh = _piece(folder, merged(Blocks(folder, kept.pop().name).all(), Blocks(folder, fresh.name).all()))
    index = ArchiveIndex(folder, [*kept, fresh] if fresh.lines else kept, wanted)
    _commit(index)
    return index


def _read(store: Store, keys: list[str], progress: Callable[[str], None]) -> Iterator[bytes]:
    for key in keys:
        progress(key)
        yield from stored_lines(store, key)


def _piece(folder: Path, lines: Iterable[bytes]) -> Piece:
    name = f"piece-{uuid.uuid4().hex[:12]}"
    return Piece(name, write_blocks(lines, folder, name))


def _commit(index: ArchiveIndex) -> None:
    """The list by rename; then pieces that it does not name go."""
    values = {
        "form": FORM,
        "pieces": [{"name": piece.name, "lines": piece.lines} for piece in index.pieces],
        "covered": sorted(index.covered),
    }
    partial = index.folder / f".{LIST}.{os.getpid()}"
    partial.write_text(json.dumps(values), encoding="utf-8")
    partial.replace(index.folder / LIST)
    named = {piece.name for piece in index.pieces}
    for path in index.folder.glob("piece-*"):
        if path.name.partition(".")[0] not in named:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
