"""A pywb collection over an archive: the replay index, the rules and the configuration, in a folder made for it.

Belongs here: the files that pywb reads. Its process is for `server`.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archiver.archive import Archive
from archiver.errors import StoreError
from archiver.index import ArchiveIndex, Blocks, line_values, update_index, write_blocks
from archiver.layout import state_folder
from archiver.replay.environment import shipped_rules
from archiver.replay.hidden import SUPPRESSED, Hidden
from archiver.replay.needs import Found, Shelf
from archiver.replay.rules import merged_rules
from archiver.store import Store

NAME = "archive"
"""The collection's name: the first part of every replay URL's path."""

_REVISIT = b'"warc/revisit"'

PLAIN_LINES_MAX = 1_000_000
"""A larger index is given to pywb in blocks: a tenth of the disk, and still one bisection a look-up."""


@dataclass(frozen=True, slots=True)
class Collection:
    """`folder` is what pywb is started in. `left_out` counts index lines by the reason they are not shown;
    `variables` are what pywb's environment needs to reach an object store."""

    folder: Path
    lines: int
    left_out: Counter[str]
    variables: dict[str, str]

    def shown(self) -> Iterator[bytes]:
        """The lines of the replay index."""
        plain = self.folder / "index.cdxj"
        if plain.exists():
            with plain.open("rb") as file:
                yield from file
        else:
            yield from Blocks(self.folder, "index").all()


def build_collection(
    archive: Archive,
    hidden: Hidden,
    environment: Path,
    folder: Path | None = None,
    *,
    banner: bool = False,
    progress: Callable[[str], None] = lambda key: None,
    plain_lines_max: int = PLAIN_LINES_MAX,
) -> Collection:
    """Writes index, rules and configuration into `folder` (default: the archive's state folder). Raises `StoreError`."""
    folder = (folder or state_folder(archive.store.url, "replay")).absolute()
    index = update_index(archive.store, archive.files("cdxj/"), state_folder(archive.store.url, "index"), progress)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        left_out: Counter[str] = Counter()
        path, lines = _write_index(archive, index, hidden, folder, left_out, plain_lines_max)
        rules = merged_rules(shipped_rules(environment))
        (folder / "rules.yaml").write_text(json.dumps(rules, indent=1), encoding="utf-8")
        configuration = _configuration(archive.store, path, folder, banner=banner)
        (folder / "config.yaml").write_text(json.dumps(configuration, indent=1), encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"{folder}: the replay index cannot be written: {error.strerror or error}; name another folder with --state"
        ) from error
    return Collection(folder, lines, left_out, _variables(archive.store))


def _write_index(
    archive: Archive, index: ArchiveIndex, hidden: Hidden, folder: Path, left_out: Counter[str], plain_max: int
) -> tuple[Path, int]:
    for old in folder.glob("index.*"):
        old.unlink()
    lines = _with_payload(Shelf(archive, index, hidden), hidden.visible(index.all(), left_out), left_out)
    if index.count > plain_max:
        return folder / "index.idx", write_blocks(lines, folder, "index")
    count = 0
    with (folder / "index.cdxj").open("wb") as file:
        for line in lines:
            file.write(line)
            count += 1
    return folder / "index.cdxj", count


def _with_payload(shelf: Shelf, lines: Iterator[bytes], left_out: Counter[str]) -> Iterator[bytes]:
    """Lines without the revisits of what is suppressed: they have no bytes of their own. Which are, their records say; only those are
    read whose payload a suppressed record has."""
    gone = _suppressed_payloads(shelf) if shelf.hidden.suppressed else set()
    if not gone:
        yield from lines
        return
    for line in lines:
        values = line_values(line) if _REVISIT in line else {}
        if values.get("digest") in gone and shelf.hides_original(Found(line, values)):
            left_out[SUPPRESSED] += 1
        else:
            yield line


def _suppressed_payloads(shelf: Shelf) -> set[str]:
    """The digests of the payloads that are suppressed somewhere."""
    found: set[str] = set()
    for line in shelf.index.all():
        with suppress(ValueError):  # a line that cannot be read is counted where lines are shown
            values = {} if _REVISIT in line else line_values(line)
            if values.get("digest") and shelf.hidden.why(values) == SUPPRESSED:
                found.add(values["digest"])
    return found


def _configuration(store: Store, index: Path, folder: Path, *, banner: bool) -> dict[str, object]:
    """pywb's configuration; JSON is YAML. Frames are off, so that a page is asked for as it was."""
    return {
        "debug": False,
        "enable_memento": True,
        "framed_replay": False,
        "enable_banner": banner,
        "rules_file": str(folder / "rules.yaml"),
        "collections": {NAME: {"index": str(index), "archive_paths": _warcs(store)}},
    }


def _warcs(store: Store) -> str:
    """What pywb puts before a line's `filename`; it must end in a slash."""
    where = store.url.partition("?")[0] if "://" in store.url else str(Path(store.url).absolute())
    return where.removeprefix("file://").rstrip("/") + "/"


def _variables(store: Store) -> dict[str, str]:
    """What the store's URL says beside the bucket, as the environment variables that boto3 reads in pywb's process."""
    if not store.url.startswith("s3://"):
        return {}
    from archiver.store.s3 import parse_place

    place = parse_place(store.url)
    named = {
        "AWS_ENDPOINT_URL_S3": place.endpoint,
        "AWS_PROFILE": place.profile,
        "AWS_DEFAULT_REGION": place.region or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        "AWS_CA_BUNDLE": place.ca,
    }
    return {name: value for name, value in named.items() if value}
