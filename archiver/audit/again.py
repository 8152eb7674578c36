"""Documents made again: a run's WARCs must give the documents that are stored, byte for byte.

Belongs here: making and comparing. A document that another version of the software made is not compared, and said to be so.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from archiver.archive import Archive
from archiver.audit.ledger import Ledger
from archiver.audit.rules import finding
from archiver.config import software_version
from archiver.errors import StoreError, WarcError
from archiver.layout import SegmentName, segment_name
from archiver.models import RunManifest
from archiver.parts import article_lines
from archiver.pool import ExtractPool
from archiver.publish import TOOLS_FAILED, Hints, Remade, Workers
from archiver.publish_posts import post_parts
from archiver.suppression import Erasures, Suppressed
from archiver.warc import Finding
from archiver.warc.checker.findings import Severity

_FILENAME = re.compile(rb'"warc_filename":"([^"\\]+)"')


class _Known(NamedTuple):
    """A stored document, as far as it takes to compare it."""

    digest: bytes
    made_by: str
    url: str
    key: str


@dataclass(slots=True)
class Again:
    """Makes the documents of runs again. `pool` does the work, `hints` are the sources' as they are now."""

    archive: Archive
    ledger: Ledger
    pool: ExtractPool
    workers: Workers
    hints: Hints = field(default_factory=dict)

    def run(self, run: RunManifest) -> Iterator[Finding]:
        """What comes out otherwise than it is stored. A run whose files are not whole is told elsewhere and left out."""
        keys = [file.key for file in run.files if file.key.startswith("warc/")]
        names = [name for key in keys if (name := segment_name(key))]
        if not names or any(key not in self.ledger.present for name in names for key in (name.warc, name.cdxj)):
            return
        where = self.ledger.runs[run.run_id]
        try:
            with ExitStack() as stack:
                local = {
                    name: (
                        stack.enter_context(self.archive.local(name.warc)),
                        stack.enter_context(self.archive.local(name.cdxj)),
                    )
                    for name in names
                }
                yield from self._articles(run, local)
                yield from self._posts(run, local)
        except (WarcError, StoreError, OSError, EOFError, zlib.error, ValueError) as error:
            yield finding(where, "again", f"the documents cannot be made again: {str(error)[:300]}")

    def _articles(self, run: RunManifest, local: Mapping[SegmentName, tuple[Path, Path]]) -> Iterator[Finding]:
        stored = dict(self._stored(run))
        remade = Remade(self.workers, self.hints, [])
        for name, (warc, _) in local.items():
            for line in remade.lines(warc, name, self.pool):
                about = json.loads(line)
                known = stored.pop(about["capture"]["warc_record_id"], None)
                made_by = _made_by(about)
                if known is None:
                    if run.software == f"news-archiver/{software_version()}":
                        sentence = f"{about['url']}: its record gives a document, and none is stored"
                        yield finding(name.articles, "again", sentence)
                elif known.made_by != made_by:
                    sentence = f"{known.url}: made by {known.made_by}; this is {made_by}; not compared"
                    yield finding(known.key, "again", sentence, "note")
                elif known.digest != self._digest(line):
                    yield finding(known.key, "again", f"{known.url}: made again, the document has other bytes")
        failed = {one.record_id: one.reason for one in remade.refused.values() if one.reason in TOOLS_FAILED}
        for record, known in stored.items():
            if record in failed:  # that says nothing about the document
                sentence = f"{known.url}: could not be made again here: {failed[record]}; check again"
                yield finding(known.key, "again", sentence, "note")
            else:
                yield finding(known.key, "again", f"{known.url}: its record no longer gives a document")

    def _stored(self, run: RunManifest) -> Iterator[tuple[str, _Known]]:
        for file in run.files:
            if file.key.startswith("articles/"):
                for line in article_lines(self.archive.store, [file]):
                    about = json.loads(line)
                    known = _Known(self._digest(line), _made_by(about), about["url"], file.key)
                    yield about["capture"]["warc_record_id"], known

    def _posts(self, run: RunManifest, local: Mapping[SegmentName, tuple[Path, Path]]) -> Iterator[Finding]:
        """Posts and resolutions, file by file: they are made of the whole run. What was taken down is compared on neither side."""
        severity: Severity = "error" if run.software == f"news-archiver/{software_version()}" else "note"
        every = self.archive.tombstones()
        erased = Erasures(self.ledger.erased, every).of(run.started)
        suppressed = self.archive.suppressed_by([*Suppressed(every).tombstones, *erased.tombstones])
        listed = {file.key for file in run.files if file.key.startswith(("posts/", "resolutions/"))}
        made = {part.file.key: part.content for part in post_parts(local, article_lines(self.archive.store, run.files))}
        for key in sorted(listed | set(made)):
            stored = self._shown(key, self.archive.store.read(key), suppressed) if key in listed else b""
            again = self._shown(key, made[key], suppressed) if key in made else b""
            if self._digest(stored) != self._digest(again):
                yield finding(key, "again", "made again from the run's records, the file has other documents", severity)

    @staticmethod
    def _shown(key: str, content: bytes, suppressed: Suppressed) -> bytes:
        return b"".join(suppressed.shown_lines(key, gzip.decompress(content).splitlines(keepends=True)))

    def _digest(self, lines: bytes) -> bytes:
        """Of the bytes with the names that WARCs have now: one that was issued again keeps every address but its name."""
        return hashlib.sha256(_FILENAME.sub(self._renamed, lines)).digest()

    def _renamed(self, match: re.Match[bytes]) -> bytes:
        return b'"warc_filename":"%s"' % self.ledger.heir(match[1].decode("utf-8", "replace")).encode()


def _made_by(article: dict[str, dict[str, str]]) -> str:
    made = article["extraction"]
    return f"{made['software']} with settings {made['settings_digest'][:19]}"
