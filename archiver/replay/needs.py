"""What a captured page needs to look as it did, and which of it is in the archive.

Belongs here: following the page's own markup and stylesheets through the index. What markup names is for `archiver.requisites`;
fetching it is the spider's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from archiver.archive import Archive
from archiver.errors import ArchiverError, Refused
from archiver.index import ArchiveIndex, line_values
from archiver.models import Capture, CapturePointer
from archiver.page import parse_page
from archiver.payload import text_of
from archiver.replay.hidden import Hidden
from archiver.requisites import css_requisites, find_requisites
from archiver.urls import absolute, surt_key
from archiver.warc import read_capture_in

HOPS_MAX = 10
CSS_DEPTH_MAX = 3
FRAME_DEPTH_MAX = 1
NEEDS_MAX = 2000
"""Requisites followed from one page, those of its stylesheets and frames among them."""


@dataclass(frozen=True, slots=True)
class Found:
    """One index line with its values."""

    line: bytes
    values: dict[str, str]

    @property
    def place(self) -> tuple[str, int]:
        return self.values["filename"], int(self.values["offset"])


@dataclass(frozen=True, slots=True)
class Need:
    """One requisite: its URL and the captures that answer it, redirects first; empty when the archive has none."""

    url: str
    found: tuple[Found, ...]

    @property
    def met(self) -> bool:
        """Whether the last answer is a good one."""
        return bool(self.found) and self.found[-1].values.get("status", "200")[:1] == "2"


class Shelf:
    """Look-up and reading in an archive, less what is hidden."""

    def __init__(self, archive: Archive, index: ArchiveIndex, hidden: Hidden) -> None:
        self.archive, self.hidden, self.index = archive, hidden, index

    def lines(self, url: str) -> list[Found]:
        """Every visible line of a URL (or `urn:`), oldest first."""
        found = (Found(line, line_values(line)) for line in self.index.lines(surt_key(url)))
        return sorted(
            (one for one in found if self.hidden.why(one.values) is None),
            key=lambda one: one.values.get("fetch_time", ""),
        )

    def at(self, url: str, filename: str, offset: int) -> Found | None:
        """The visible line of the record at a place."""
        return next((one for one in self.lines(url) if one.place == (filename, offset)), None)

    def nearest(self, url: str, when: datetime) -> tuple[Found, ...]:
        """The capture of a URL that is nearest in time, with the redirects that led to an answer before it.

        A good or moved answer is preferred to an error, whatever its time, as replay does.
        """
        chain: list[Found] = []
        asked: str | None = url
        while asked and len(chain) < HOPS_MAX:
            left = [one for one in self.lines(asked) if one not in chain]
            best = min(
                left, key=lambda one: (one.values.get("status", "200")[:1] not in "23", _gap(one, when)), default=None
            )
            if best is None:
                break
            chain.append(best)
            asked = self._target(best) if best.values.get("status", "")[:1] == "3" else None
        return tuple(chain)

    def read(self, found: Found) -> Capture:
        """The capture behind a line. Raises `ArchiverError`."""
        name, offset = found.place
        length = int(found.values.get("length", "0")) or None
        read = self.archive.store.read
        return read_capture_in(lambda at, size: read(name, at, size), offset, warc_filename=name, length=length)

    def hides_original(self, revisit: Found) -> bool:
        """Whether a revisit stands for a record that is not shown. One that cannot be read is no reason to leave it out."""
        try:
            refers = self.read(revisit).pointer.refers_to
        except ArchiverError:
            return False
        if refers is None or not refers.target_uri:
            return False
        # A record of the same file has no address beside its id; its name is that of the revisit's own.
        url, where = refers.target_uri, refers.warc_filename or revisit.values["filename"]
        about = {"key": surt_key(url), "url": url, "filename": where, "warc_record_id": refers.warc_record_id or ""}
        return self.hidden.why(about) is not None

    def payload(self, found: Found) -> tuple[Capture, bytes]:
        """The capture and its decoded payload; a revisit gives its original's. Raises `ArchiverError`."""
        capture = self.read(found)
        return capture, self.archive.payload(capture)

    def block(self, found: Found) -> bytes:
        """The block behind the line of a side record. Raises `ArchiverError`."""
        return self.archive.block(*found.place, int(found.values.get("length", "0")))

    def _target(self, found: Found) -> str | None:
        try:
            return absolute(self.read(found).header("location") or "", found.values["url"])
        except ArchiverError:
            return None


def page_place(pointer: CapturePointer) -> tuple[str, int]:
    """File and offset of the record that replay shows for an article: where it was read from a DOM, the page as it was served."""
    served = pointer.refers_to if pointer.warc_type == "resource" else None
    if served is None or served.warc_filename is None or served.warc_record_offset is None:
        return pointer.warc_filename, pointer.warc_record_offset
    return served.warc_filename, served.warc_record_offset


def page_asked(shelf: Shelf, url: str, place: tuple[str, int]) -> list[str]:
    """What the account of a page's capture says that it needed: where a browser opened it, what its scripts asked for as well."""
    page = shelf.at(url, *place)
    for found in shelf.lines(f"urn:pageinfo:{url}"):
        try:
            account = json.loads(shelf.block(found))
        except ValueError:
            continue
        if page and isinstance(account, dict) and f"urn:uuid:{account.get('pageid')}" == page.values["warc_record_id"]:
            urls = account.get("urls")
            return list(urls)[:NEEDS_MAX] if isinstance(urls, dict) else []
    return []


def page_needs(shelf: Shelf, capture: Capture) -> Iterator[Need]:
    """Every requisite of a page in document order, each once, with those of its stylesheets and of its frames (one level)."""
    when = capture.pointer.fetch_time
    seen: set[str] = {capture.url}
    waiting = [(url, 0, 0) for url in _of_page(capture, shelf.archive.payload(capture))]
    while waiting and len(seen) < NEEDS_MAX:
        url, css, frames = waiting.pop(0)
        if url in seen:
            continue
        seen.add(url)
        need = Need(url, shelf.nearest(url, when))
        yield need
        if need.met:
            waiting += _inside(shelf, need.found[-1], css, frames)


def _inside(shelf: Shelf, found: Found, css: int, frames: int) -> list[tuple[str, int, int]]:
    """What a stylesheet or a framed page needs in its turn."""
    mime = found.values.get("mime", "")
    if mime == "warc/revisit":
        mime = ""  # its type is in the head that is read below
    if mime not in ("", "text/css", "text/html", "application/xhtml+xml"):
        return []
    try:
        capture, payload = shelf.payload(found)
    except ArchiverError:
        return []
    kind = (capture.header("content-type") or "").lower()
    if "css" in kind and css < CSS_DEPTH_MAX:
        text = text_of(payload, capture.header("content-type"))[0]
        return [(url, css + 1, frames) for url in css_requisites(text, capture.url)]
    if "html" in kind and frames < FRAME_DEPTH_MAX:
        return [(url, css, frames + 1) for url in _of_page(capture, payload)]
    return []


def _of_page(capture: Capture, payload: bytes) -> list[str]:
    """`payload` is decoded already, and a revisit's is its original's."""
    headers = tuple((name, value) for name, value in capture.headers if name.lower() != "content-encoding")
    try:
        return find_requisites(parse_page(replace(capture, headers=headers, body=payload)))
    except Refused:
        return []


def _gap(found: Found, when: datetime) -> float:
    try:
        return abs((datetime.fromisoformat(found.values["fetch_time"]) - when).total_seconds())
    except (LookupError, ValueError, TypeError):
        return float("inf")
