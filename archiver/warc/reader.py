"""From a WARC back to captures: all of a file in order, or one by its address.

Belongs here: tying response, request and metadata records together, and giving `Capture`s from our files and from other
people's. What a capture's fields are read from is in `making`, the syntax of records in `records`, the meaning of our metadata words in `context`, judging files in `checker`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from archiver.errors import WarcError
from archiver.models import Capture, CrawlContext
from archiver.warc.context import Side, read_side
from archiver.warc.index import read_cdxj
from archiver.warc.making import Maker, Request, request_from, request_of
from archiver.warc.places import (
    INDEX_MAX,
    SIDE_MAX,
    Found,
    Index,
    Place,
    RangedFile,
    Warcinfo,
    add_to_index,
    body_at,
    body_in,
    index_of,
    info_of,
    open_warc,
    parse_info,
    record_at,
    refuse_other_formats,
)
from archiver.warc.records import HTTP_HEAD_MAX, Head, http_head_end, unbracketed
from archiver.warc.rendered import Served, is_dom, read_served
from archiver.warc.walk import Bytes, Record, Walk

__all__ = [
    "BODY_LIMIT",
    "read_capture_at",
    "read_capture_in",
    "read_captures",
    "read_captures_where",
    "read_warcinfo",
]

BODY_LIMIT = 64 * 2**20
"""Bytes of a body that a capture carries at most."""

_FOLLOWING = 8  # records after a capture that may belong to it
_FIRST_READ = 2**16


def read_captures(
    path: Path,
    *,
    warc_filename: str | None = None,
    on_damage: Callable[[WarcError], None] | None = None,
    body_limit: int = BODY_LIMIT,
) -> Iterator[Capture]:
    """Every capture of a file in record order: WARC 1.0 and 1.1, plain or gzip, ours or foreign.

    `warc_filename` goes into the pointers (default: the path as given). A body longer than `body_limit` bytes is given as
    its first `body_limit + 1`, so that its length tells. Bodies that other crawlers stored with chunk framing come without
    it. Damage is given to `on_damage` and reading goes on at the next readable record; without `on_damage` the first
    damage raises `WarcError`, as does a file that is no WARC at all.
    """
    with open_warc(path) as file:
        refuse_other_formats(path, file)
        yield from _Captures(path, file, warc_filename or str(path), on_damage, body_limit)


def read_capture_at(
    path: Path,
    offset: int,
    *,
    warc_filename: str,
    length: int | None = None,
    context_from_following: bool = True,
    body_limit: int = BODY_LIMIT,
) -> Capture:
    """The capture whose response or revisit record begins at `offset`, also from a file that is still written.

    `length` (of the member) saves reading too much. With `context_from_following` the request and metadata records that
    follow and belong to it give method, context and SHA-256. Raises `WarcError` when no such record is there.
    """
    with open_warc(path) as file:
        place = _Address(file, str(path), offset, length)
        return _capture_at(place, warc_filename, context_from_following, body_limit, lambda: index_of(path, file))


def read_capture_in(
    fetch: Callable[[int, int], bytes],
    offset: int,
    *,
    warc_filename: str,
    length: int | None = None,
    body_limit: int = BODY_LIMIT,
) -> Capture:
    """The same from a store: `fetch(offset, length)` gives that range of the WARC, less at its end, b"" beyond it.

    Costs one range for the capture and, once a file, one for its warcinfo; a revisit costs one more.
    """
    place = _Address(cast(BinaryIO, RangedFile(fetch)), warc_filename, offset, length)
    return _capture_at(place, warc_filename, True, body_limit, dict)


def read_captures_where(
    path: Path, index: Path, wanted: Callable[[CrawlContext], bool], *, warc_filename: str
) -> Iterator[Capture]:
    """The captures of a file of ours whose context is `wanted`, in record order, by way of its index (`.cdxj.gz`).

    Only what follows each capture is read to decide: where few are wanted this is many times quicker than `read_captures`.
    Raises `WarcError`.
    """
    lines = (line for line in read_cdxj(index) if not line["url"].startswith("urn:"))
    places = sorted((int(line["offset"]), int(line["length"])) for line in lines)
    with open_warc(path) as file:
        info = info_of(file, str(path))
        for offset, length in places:
            source = Bytes(file, str(path), offset + length, 4096)
            _, block = _following(source, None)
            side = read_side(block, info.run_id, info.user_agent) if block is not None else None
            if side is not None and wanted(side.context):
                place = _Address(file, str(path), offset, length)
                yield _capture_at(place, warc_filename, True, BODY_LIMIT, dict)


def read_warcinfo(path: Path) -> tuple[tuple[str, str], ...]:
    """The fields of the file's first warcinfo record in order; empty when it begins with another record."""
    with open_warc(path) as file:
        return info_of(file, str(path)).fields


@dataclass(frozen=True, slots=True)
class _Address:
    file: BinaryIO
    name: str
    offset: int
    length: int | None


class _Captures:
    """The walk behind `read_captures`: holds a response until the records that belong to it have passed."""

    def __init__(
        self,
        path: Path,
        file: BinaryIO,
        warc_filename: str,
        on_damage: Callable[[WarcError], None] | None,
        body_limit: int,
    ) -> None:
        self._path, self._file, self._on_damage, self._limit = path, file, on_damage, body_limit
        self._maker = Maker(str(path), warc_filename, body_limit, Warcinfo())
        self._waiting: Found | None = None
        self._request: Request | None = None
        self._side: Side | None = None
        self._served: Served | None = None
        self._earlier: OrderedDict[str, Request] = OrderedDict()  # requests that came before their response
        self._index: Index = {}

    def __iter__(self) -> Iterator[Capture]:
        for record in Walk(self._path, self._file, self._damage):
            kind = record.head.kind
            if kind in ("request", "metadata"):
                if not self._belongs(record, kind):
                    yield from self._flush()
                    if kind == "request":
                        self._remember(request_of(record))
                continue
            yield from self._flush()
            if (kind in ("response", "revisit") and _is_http(record.head)) or is_dom(record.head):
                self._take(record)
            elif kind == "warcinfo":
                self._maker.info = parse_info(record.read_up_to(SIDE_MAX))
        yield from self._flush()

    def _damage(self, offset: int, rule: str, sentence: str) -> None:
        error = WarcError(str(self._path), offset, rule, sentence)
        if self._on_damage is None:
            raise error
        self._on_damage(error)

    def _take(self, record: Record) -> None:
        head = record.head
        block = record.read_up_to(HTTP_HEAD_MAX)
        wanted = http_head_end(block) + self._limit + 1
        block = block[:wanted] + record.read_up_to(max(0, wanted - len(block)))
        record.finish()
        if not record.whole:
            return  # told as damage already; half a block is no capture
        self._waiting = Found(head, record.offset, record.length, block)
        partners = {unbracketed(value) or "" for value in head.values("warc-concurrent-to")}
        for request in list(self._earlier.values()):
            if (head.record_id or "") in request.partners or request.record_id in partners:
                self._request = request
        if len(self._index) < INDEX_MAX and head.kind == "response" and not self._maker.info.ours:
            add_to_index(self._index, head, (record.offset, record.length))

    def _belongs(self, record: Record, kind: str) -> bool:
        waiting = self._waiting
        if waiting is None or not waiting.head.record_id:
            return False
        own = waiting.head.record_id
        refers = {unbracketed(value) for value in record.head.values("warc-concurrent-to")}
        refers.add(unbracketed(record.head.get("warc-refers-to")))
        concurrent = {unbracketed(value) for value in waiting.head.values("warc-concurrent-to")}
        if own not in refers and record.head.record_id not in concurrent:
            return False
        if kind == "request":
            self._request = self._request or request_of(record)
        elif self._side is None:
            info, block = self._maker.info, record.read_up_to(SIDE_MAX)
            self._side = read_side(block, info.run_id, info.user_agent)
            self._served = read_served(block) if is_dom(waiting.head) else None
        return True

    def _remember(self, request: Request) -> None:
        self._earlier[request.record_id or ""] = request
        while len(self._earlier) > _FOLLOWING:
            self._earlier.popitem(last=False)

    def _flush(self) -> Iterator[Capture]:
        found, request, side, served = self._waiting, self._request, self._side, self._served
        self._waiting = self._request = self._side = self._served = None
        if found is None:
            return
        try:
            if not is_dom(found.head):
                yield self._maker.capture(found, request, side, self._body_at, self._index)
            elif side and served:  # else a DOM to look at, from which no document was read
                yield self._maker.dom(found, side, served)
        except WarcError as error:
            if self._on_damage is None:
                raise
            self._on_damage(error)

    def _body_at(self, place: Place) -> bytes:
        return body_at(self._path, place, self._limit)


def _capture_at(
    at: _Address, warc_filename: str, following: bool, body_limit: int, index_of_file: Callable[[], Index]
) -> Capture:
    step = _FIRST_READ if at.length is None else min(at.length + 4096, 2**20)
    source = Bytes(at.file, at.name, at.offset, step)
    found = record_at(source, body_limit)
    if found.head.kind not in ("response", "revisit") and not is_dom(found.head):
        raise _no_capture(at, found.head)
    request, side_block = _following(source, found) if following else (None, None)
    info = info_of(at.file, at.name)
    side = read_side(side_block, info.run_id, info.user_agent) if side_block is not None else None
    if is_dom(found.head):
        served = read_served(side_block) if side_block is not None else None
        if side is None or served is None:
            raise _no_capture(at, found.head)
        return Maker(at.name, warc_filename, body_limit, info).dom(found, side, served)
    index = None
    if found.head.kind == "revisit" and (side is None or side.original is None) and not info.ours:
        index = index_of_file()
    maker = Maker(at.name, warc_filename, body_limit, info)
    return maker.capture(found, request, side, lambda place: body_in(at.file, at.name, place, body_limit), index)


def _no_capture(at: _Address, head: Head) -> WarcError:
    return WarcError(at.name, at.offset, "pointer", f"a {head.kind or 'typeless'} record, not a capture")


def _following(source: Bytes, found: Found | None) -> tuple[Request | None, bytes | None]:
    """The request and the metadata block that follow a capture and name it; reading stops at the first other record.

    `found`: the capture; None believes whatever follows.
    """
    request: Request | None = None
    own = found.head.record_id if found else None
    for _ in range(_FOLLOWING):
        try:
            record = record_at(source, SIDE_MAX)
        except WarcError:  # the end of the file, or of what is written so far
            break
        named = {unbracketed(value) for value in record.head.values("warc-concurrent-to")}
        named.add(unbracketed(record.head.get("warc-refers-to")))
        if record.head.kind not in ("request", "metadata") or (found and own not in named):
            break
        if record.head.kind == "metadata":
            return request, record.block
        request = request or request_from(record.head, record.block)
    return request, None


def _is_http(head: Head) -> bool:
    kind, target = head.get("content-type") or "", head.target or ""
    if kind:
        return kind.lower().replace(" ", "").startswith("application/http")
    return target.lower().startswith(("http://", "https://"))
