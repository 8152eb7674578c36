"""Judging a package: ours or anybody's. What other validators pass and a reader trips over.

Belongs here: rules about the package as a whole. The WARCs inside are judged by `archiver.warc`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from archiver.errors import StampError, UsageError, WarcError
from archiver.index import line_values
from archiver.replay.wacz.stamp import check_stamp, stamp_of
from archiver.urls import surt_key
from archiver.warc import Finding, check_warc
from archiver.warc.cdxj import INDEXED
from archiver.warc.walk import Walk

LIST = "datapackage.json"
DIGEST = "datapackage-digest.json"
PAGES = "pages/pages.jsonl"
BLOCK_MAX = 2**26
SMALL_MAX = 2**28
"""Bytes of a descriptor, an index block or a page list; beyond, it is refused unread."""

_UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError)
"""What reading a damaged member raises; RuntimeError: it is encrypted, or packed in a way that zipfile does not know."""

_NONSENSE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What JSON of another shape than ours, or none, raises where it is read."""


def check_wacz(path: Path) -> list[Finding]:
    """Every finding about one package. Never raises on a damaged file: that is a finding. Rules:

    `wacz` (it is a ZIP and can be read), `wacz-list` (descriptor, digests, every file listed and as listed), `wacz-stored` (WARCs and
    blocks not deflated), `wacz-archive`, `wacz-index`, `wacz-pages` (each there, and leading to one another), `wacz-stamp` (the time stamp
    beside it).
    """
    try:
        package = zipfile.ZipFile(path)
    except (*_UNREADABLE, ValueError) as error:  # ValueError: an offset in the directory leads nowhere
        return [_finding(str(path), "wacz", f"cannot be read as a ZIP file: {error}")]
    with package:
        return list(_Judge(path, package).findings())


class _Judge:
    def __init__(self, path: Path, package: zipfile.ZipFile) -> None:
        self._path, self._zip = path, package
        self._infos = {info.filename: info for info in package.infolist() if not info.is_dir()}
        self._warcs = sorted(
            name for name in self._infos if name.startswith("archive/") and name.endswith((".warc", ".warc.gz"))
        )
        self._damaged: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        yield from self._names()
        yield from self._members()
        yield from self._listed()
        yield from self._stored()
        if not self._warcs:
            yield self._say("wacz-archive", "there is no WARC in archive/")
        records: dict[tuple[str, int], tuple[int, str]] = {}
        for name in self._warcs:
            if name not in self._damaged:
                yield from self._warc(name, records)
        keys: set[str] = set()
        yield from self._index(records, keys)
        yield from self._pages(keys)
        yield from self._stamp()

    def _names(self) -> Iterator[Finding]:
        seen: set[str] = set()
        for info in self._zip.infolist():
            if info.filename in seen:
                yield self._say("wacz", f"{info.filename} is in it twice: readers differ in which they take")
            seen.add(info.filename)
            if info.filename.startswith("/") or ".." in info.filename.split("/") or "\\" in info.filename:
                yield self._say("wacz", f"{info.filename!r} leads out of the package")

    def _members(self) -> Iterator[Finding]:
        """Members that cannot be read: told once, and left out of what follows."""
        for name, info in self._infos.items():
            try:
                with self._zip.open(info) as member:
                    while member.read(2**20):
                        pass
            except _UNREADABLE as error:
                self._damaged.add(name)
                yield self._say("wacz", f"{name} cannot be read: {error}")

    def _listed(self) -> Iterator[Finding]:
        content = self._small(LIST)
        if content is None:
            yield self._say("wacz-list", f"there is no {LIST} that can be read")
            return
        try:
            package = json.loads(content)
            resources = {str(one["path"]): one for one in package["resources"]}
        except _NONSENSE as error:
            yield self._say("wacz-list", f"{LIST} is no descriptor: {error!r}")
            return
        if not str(package.get("wacz_version", "")).startswith("1."):
            yield self._say("wacz-list", f"wacz_version is {package.get('wacz_version')!r}; 1.1.1 is what readers know")
        yield from self._digest(content)
        for path in sorted(self._infos.keys() - resources.keys() - {LIST, DIGEST}):
            yield self._say("wacz-list", f"{path} is not listed in {LIST}")
        for path, stated in resources.items():
            if path not in self._damaged:
                yield from self._resource(path, stated)

    def _digest(self, content: bytes) -> Iterator[Finding]:
        raw = self._small(DIGEST)
        if raw is None:
            yield self._say("wacz-list", f"there is no {DIGEST}", "note")
            return
        try:
            stated = json.loads(raw)["hash"]
        except _NONSENSE:
            stated = None
        if stated != f"sha256:{hashlib.sha256(content).hexdigest()}":
            yield self._say("wacz-list", f"{DIGEST} does not hold the SHA-256 of {LIST}")

    def _stamp(self) -> Iterator[Finding]:
        """The time stamp beside the package, where there is one: this package's, and unbroken."""
        content = self._small(LIST)
        if content is None or not stamp_of(self._path).is_file():
            return
        try:
            made = check_stamp(self._path, hashlib.sha256(content).hexdigest())
        except UsageError as error:
            yield self._say("wacz-stamp", f"not looked at: {error}", "note")
        except StampError as error:
            yield self._say("wacz-stamp", f"{stamp_of(self._path).name} does not hold: {error}")
        else:
            when = f"{made.moment:%Y-%m-%dT%H:%M:%SZ}"
            yield self._say("wacz-stamp", f"stamped at {when}; whether to trust the authority is yours to say", "note")

    def _resource(self, path: str, stated: dict[str, Any]) -> Iterator[Finding]:
        info = self._infos.get(path)
        if info is None:
            yield self._say("wacz-list", f"{path} is listed and not there")
            return
        kind, _, wanted = str(stated.get("hash", "")).partition(":")
        if kind not in ("sha256", "md5", "sha1"):
            yield self._say("wacz-list", f"{path}: its hash is {kind or 'missing'}, and sha256 is what readers check")
            return
        digest, size = hashlib.new(kind), 0
        with self._zip.open(info) as member:
            while piece := member.read(2**20):
                digest.update(piece)
                size += len(piece)
        if digest.hexdigest() != wanted:
            yield self._say("wacz-list", f"{path}: other bytes than {LIST} says ({kind} differs)")
        if stated.get("bytes") != size:
            yield self._say("wacz-list", f"{path}: {size} bytes; {LIST} says {stated.get('bytes')}")

    def _stored(self) -> Iterator[Finding]:
        for name, info in sorted(self._infos.items()):
            if name.startswith(("archive/", "indexes/")) and name.endswith(".gz") and info.compress_type:
                yield self._say("wacz-stored", f"{name} is deflated: nobody can read a range of it")

    def _warc(self, name: str, records: dict[tuple[str, int], tuple[int, str]]) -> Iterator[Finding]:
        base = name.rpartition("/")[2]
        with tempfile.TemporaryDirectory(prefix="archiver-wacz-") as folder:
            copy = Path(folder) / base
            try:
                with self._zip.open(name) as member, copy.open("wb") as file:
                    shutil.copyfileobj(member, file)
            except OSError as error:
                yield self._say("wacz", f"{name} cannot be copied out: {error.strerror}")
                return
            for found in check_warc(copy, profile="foreign"):
                yield Finding(
                    f"{self._path}:{name}", found.offset, found.record_id, found.rule, found.sentence, found.severity
                )
            with copy.open("rb") as file:
                try:
                    for record in Walk(copy, file, lambda offset, rule, sentence: None):
                        head = record.head
                        record.finish()
                        if head.kind in INDEXED and head.target:
                            records[base, record.offset] = record.length, surt_key(head.target)
                except WarcError:
                    return  # told above

    def _index(self, records: dict[tuple[str, int], tuple[int, str]], keys: set[str]) -> Iterator[Finding]:
        names = [
            name for name in self._infos if name.startswith("indexes/") and name.endswith((".cdx.gz", ".cdxj", ".cdx"))
        ]
        if not names:
            yield self._say("wacz-index", "there is no index in indexes/")
        last = b""
        count = 0
        for name in sorted(names):
            for line in self._lines(name):
                count += 1
                if line < last:
                    yield self._say("wacz-index", f"{name}: line {count} is not in byte order, so look-ups miss it")
                    break
                last = line
                yield from self._line(name, count, line, records, keys)
        if names and not count and self._damaged.isdisjoint(names):
            yield self._say("wacz-index", "the index has no lines")
        for name in self._infos:
            if name.startswith("indexes/") and name.endswith(".idx") and name not in self._damaged:
                yield from self._blocks(name)

    def _line(
        self, name: str, number: int, line: bytes, records: dict[tuple[str, int], tuple[int, str]], keys: set[str]
    ) -> Iterator[Finding]:
        try:
            values = line_values(line)
            place = values["filename"], int(values["offset"])
        except _NONSENSE as error:
            yield self._say("wacz-index", f"{name}: line {number} cannot be read: {error!r}")
            return
        keys.add(values["key"])
        if f"archive/{place[0]}" not in self._infos:
            yield self._say("wacz-index", f"{name}: line {number} names {place[0]}, which is not in archive/")
        elif place not in records and f"archive/{place[0]}" not in self._damaged:
            yield self._say(
                "wacz-index", f"{name}: line {number}: no record of its kind begins at {place[0]}:{place[1]}"
            )

    def _blocks(self, name: str) -> Iterator[Finding]:
        lines = (self._small(name) or b"").splitlines()
        head = lines[0].split(b" ", 2) if lines else []
        try:
            if len(head) != 3 or head[0] != b"!meta":
                raise ValueError("its first line is no !meta line")
            data = f"indexes/{json.loads(head[2])['filename']}"
            size = self._infos[data].file_size
            for line in lines[1:]:
                place = json.loads(line.split(b" ", 2)[2])
                offset, length = int(place["offset"]), int(place["length"])
                if not 0 < length <= BLOCK_MAX or offset + length > size:
                    raise ValueError(f"a block of {length} bytes at {offset}, and {data} has {size}")
                with self._zip.open(data) as member:
                    member.seek(offset)
                    first = gzip.decompress(member.read(length)).split(b"\n", 1)[0]
                if not first.startswith(b" ".join(line.split(b" ", 2)[:2])):
                    raise ValueError(f"the block at {offset} begins with another line")
        except (*_NONSENSE, *_UNREADABLE) as error:
            yield self._say("wacz-index", f"{name}: does not lead to the blocks: {error}")

    def _pages(self, keys: set[str]) -> Iterator[Finding]:
        if PAGES not in self._infos:
            yield self._say("wacz-pages", f"there is no {PAGES}: a reader has nothing to show")
            return
        for name in (PAGES, "pages/extraPages.jsonl"):
            if name not in self._infos or name in self._damaged:
                continue
            lines = list(self._lines(name))
            try:
                header = json.loads(lines[0]) if lines else {}
                if header.get("format") != "json-pages-1.0":
                    yield self._say("wacz-pages", f"{name}: its first line does not say json-pages-1.0")
                pages = [json.loads(line) for line in lines[1:] if line.strip()]
            except _NONSENSE as error:
                yield self._say("wacz-pages", f"{name}: is no JSON lines: {error}")
                continue
            if name == PAGES and not pages:
                yield self._say("wacz-pages", f"{name}: lists no page")
            for page in pages:
                yield from self._page(name, page, keys)

    def _page(self, name: str, page: Any, keys: set[str]) -> Iterator[Finding]:
        url = page.get("url") if isinstance(page, dict) else None
        if not isinstance(url, str) or not page.get("ts"):
            yield self._say("wacz-pages", f"{name}: a page without url or ts")
        elif surt_key(url) not in keys:
            yield self._say("wacz-pages", f"{name}: {url} is not in the index, so it cannot be opened")

    def _small(self, name: str) -> bytes | None:
        info = self._infos.get(name)
        if info is None or info.file_size > SMALL_MAX or name in self._damaged:
            return None
        return self._zip.read(info)

    def _lines(self, name: str) -> Iterator[bytes]:
        if name in self._damaged:
            return
        with self._zip.open(name) as member:
            stream = gzip.GzipFile(fileobj=member) if name.endswith(".gz") else member
            try:
                yield from stream
            except (OSError, EOFError, zlib.error):
                return  # the digest or the blocks say what is damaged

    def _say(self, rule: str, sentence: str, severity: str = "error") -> Finding:
        return _finding(str(self._path), rule, sentence, severity)


def _finding(file: str, rule: str, sentence: str, severity: str = "error") -> Finding:
    return Finding(file, 0, None, rule, sentence, "note" if severity == "note" else "error")
