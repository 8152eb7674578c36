"""What tombstones cover in the WARCs of an archive: record ids, and the files they are in.

Belongs here: looking. Every WARC is read, since what a record belongs to (a redirect, a post's chain) is said beside it and not in
an index.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from archiver.archive import Archive
from archiver.suppression import Suppressed
from archiver.warc import read_captures
from archiver.warc.erase import spans_of, with_companions
from archiver.warc.places import open_warc
from archiver.warc.walk import Walk

_BLOCK_MAX = 32 * 2**20


@dataclass(slots=True)
class Survey:
    """`gone` are record ids, `files` the keys of the WARCs that hold them, in order; `copies` the URLs of the revisits among them that
    no tombstone covers, one a capture."""

    gone: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)


def survey(archive: Archive, suppressed: Suppressed) -> Survey:
    """What goes: covered captures with their companions, covered notes, and revisits whose original goes, wherever they are.

    A revisit has no payload of its own: it is the same bytes as what must go. Raises `WarcError`, `StoreError`.
    """
    found, revisits = Survey(), dict[str, tuple[str, str]]()  # record -> (original, URL)
    keys = list(archive.files("warc/"))
    found.gone |= {one.capture.warc_record_id for one in archive.articles() if suppressed.covers_article(one)}
    for key in keys:
        with archive.local(key) as path:
            for capture in read_captures(path, warc_filename=key, body_limit=0):
                refers = capture.pointer.refers_to
                if refers and refers.warc_record_id:
                    revisits[capture.pointer.warc_record_id] = refers.warc_record_id, capture.url
                if suppressed.covers_capture(capture):
                    found.gone.add(capture.pointer.warc_record_id)
            found.gone.update(_sides(path, suppressed, whole=suppressed.covers_file(key) is not None))
    while more := {one for one, (original, _) in revisits.items() if original in found.gone} - found.gone:
        found.gone |= more
        found.copies += sorted(revisits[one][1] for one in more)
    for key in keys if found.gone else ():
        with archive.local(key) as path:
            spans = spans_of(path)
            # What was made of a capture may lie in the next file.
            here = {
                span.record_id for span in spans if span.record_id in found.gone or found.gone.intersection(span.links)
            }
            if here:
                found.gone |= with_companions(spans, here)
                found.files.append(key)
    return found


def _sides(path: Path, suppressed: Suppressed, *, whole: bool) -> Iterator[str]:
    """Ids of notes, cards and other records under a `urn:` that are covered: all of them in a file that goes as a `whole`."""
    with open_warc(path) as file:
        for record in Walk(path, file, lambda *_: None):
            target = record.head.target or ""
            if (
                record.head.kind in ("resource", "conversion", "metadata")
                and target.startswith("urn:")
                and record.head.record_id
                and (whole or suppressed.covers_side(target, record.read_up_to(_BLOCK_MAX)))
            ):
                yield record.head.record_id
