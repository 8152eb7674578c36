"""Side records of ours: `resource` records under a `urn:`, which hold what was made or noted and not fetched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from archiver.errors import WarcError
from archiver.warc.index import read_cdxj

SIDE_MAX = 32 * 2**20
"""Bytes of a side record that are read; ours are far smaller."""


def read_sides(warc: Path, index: Path, prefix: str) -> Iterator[tuple[str, bytes]]:
    """(target, block) of each `resource` whose target begins with `prefix`, in record order, by way of the file's index."""
    places = sorted(int(line["offset"]) for line in read_cdxj(index) if line["url"].startswith(prefix))
    if not places:
        return
    with warc.open("rb") as file:
        for offset in places:
            file.seek(offset)
            try:
                record = next(iter(ArchiveIterator(file, no_record_parse=True)))
                yield record.rec_headers.get_header("WARC-Target-URI"), record.raw_stream.read(SIDE_MAX)
            except (ArchiveLoadFailed, StopIteration, EOFError, OSError) as error:
                raise WarcError(str(warc), offset, "gzip-member", f"the side record cannot be read: {error}") from error
