"""Our index lines of other people's WARCs beside those of cdxj-indexer, for every file that both accept.

What differs on purpose is put right before comparing, and nothing else: we write `unk` where there is no type; no digest where the
record states none (cdxj-indexer then writes that of no bytes); the length of a record in a plain file with the two line ends after
it, which cdxj-indexer counts in some files and not in others; no line for metadata records, and one for conversions; and keys of schemes that are no web addresses as they are.
"""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
from cdxj_indexer.main import CDXJIndexer
from fastwarc import ArchiveIterator, WarcRecordType

from archiver.errors import ArchiverError
from archiver.warc.recover import index_lines
from tests.unit.warc.test_corpus import FILES

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES, reason="the shared corpus of WARCs is not beside the project"),
]

NOTHING = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"

Line = tuple[str, str, dict[str, str]]


def parsed(line: str) -> Line:
    key, stamp, rest = line.rstrip("\n").split(" ", 2)
    return key, stamp, json.loads(rest)


def ours(path: Path) -> list[Line] | None:
    try:
        return [parsed(line.decode()) for line in index_lines(path, path.name)]
    except ArchiverError:
        return None


def theirs(path: Path) -> list[Line] | None:
    out = io.StringIO()
    try:
        CDXJIndexer(output=out, inputs=[str(path)], sort=True, post_append=True).process_all()
    except (Exception, SystemExit):  # noqa: BLE001  whatever it says, it does not accept the file
        return None
    return [parsed(line) for line in out.getvalue().splitlines()]


def places(path: Path, kinds: WarcRecordType) -> set[str]:
    """Where records of these types begin."""
    found = set()
    with path.open("rb") as file, contextlib.suppress(OSError):
        for record in ArchiveIterator(file, record_types=kinds, parse_http=False):
            found.add(str(record.stream_pos))
    return found


def alike(line: Line, plain: bool) -> tuple[str, ...]:
    key, stamp, values = line
    url = values["url"].replace(" ", "%20")
    web = url.startswith(("http://", "https://", "urn:"))
    length = values["length"] if not plain else ""
    mime, digest = values.get("mime", "unk"), values.get("digest", NOTHING)
    return key if web else url, stamp, url, mime, values.get("status", ""), digest, length, values["offset"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_our_lines_are_those_of_cdxj_indexer(path: Path) -> None:
    own, other = ours(path), theirs(path)
    if own is None or other is None:
        return  # not accepted by both
    own = [line for line in own if line[2]["offset"] not in places(path, WarcRecordType.conversion)]
    left_out = places(path, WarcRecordType.metadata | WarcRecordType.warcinfo | WarcRecordType.request)
    plain = path.suffix != ".gz"
    mine = {alike(line, plain) for line in own}
    others = {alike(line, plain) for line in other if line[2]["offset"] not in left_out}
    assert mine == others
    lengths = {values["offset"]: int(values["length"]) for _, _, values in other}
    for _, _, values in own:
        assert int(values["length"]) - lengths[values["offset"]] in ((0, 4) if plain else (0,))


def test_enough_files_are_compared() -> None:
    assert sum(1 for path in FILES if ours(path) is not None and theirs(path) is not None) >= 35
