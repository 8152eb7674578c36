"""One run, several series of WARC files: what a licence lets be kept only for a while lies in files of its own.

Belongs here: which series an exchange goes to. Captures under the terms named in `archiver.layout.OWN_SERIES` get
files named SOURCE-TERMS with serials of their own, so that a retention rule can drop a file without rewriting another. Writing is
`WarcWriter`'s matter.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from archiver.layout import OWN_SERIES, series_under
from archiver.models import Capture, CapturePointer, CrawlContext, Exchange
from archiver.warc.segment import SealedWarc
from archiver.warc.writer import WarcInfo, WarcWriter


def terms_of(context: CrawlContext) -> str | None:
    """The terms that ask for a series of their own; None for the ordinary one."""
    terms = (context.post or {}).get("terms")
    return terms if terms in OWN_SERIES else None


class SeriesWriter:
    """The writers of a run, with the methods of one. Takes what `WarcWriter` takes; a series is begun by its first exchange."""

    def __init__(self, folder: Path, series: str, info: WarcInfo, **options: Any) -> None:
        self.folder, self.series, self.info, self._options = folder, series, info, options
        self._ordinary = WarcWriter(folder, series, info, **options)
        self._own: dict[str, WarcWriter] = {}
        self._sealed: list[SealedWarc] = []
        self._seen: dict[int, int] = {}

    @property
    def sealed(self) -> list[SealedWarc]:
        """The files sealed so far, in order."""
        for number, writer in enumerate(self._writers()):
            files = writer.sealed
            self._sealed += files[self._seen.get(number, 0) :]
            self._seen[number] = len(files)
        return list(self._sealed)

    @property
    def unanswered(self) -> int:
        """Exchanges without a single response byte."""
        return sum(writer.unanswered for writer in self._writers())

    def write(self, exchange: Exchange, page_id: str | None = None) -> CapturePointer | None:
        """As `WarcWriter.write`, in the series that the exchange's terms ask for."""
        return self._writer(terms_of(exchange.context)).write(exchange, page_id)

    def write_side(
        self, target: str, content_type: str, block: bytes, moment: datetime, **more: Any
    ) -> tuple[str, int, int, str]:
        """As `WarcWriter.write_side`, in the ordinary series: what is noted there is ours."""
        return self._ordinary.write_side(target, content_type, block, moment, **more)

    def write_note(
        self,
        target: str,
        content_type: str,
        block: bytes,
        moment: datetime,
        page_id: str | None = None,
        refers_to: str | None = None,
        terms: str | None = None,
    ) -> None:
        """As `write_side`, for who asks by position and needs no place. What was made of an answer under `terms` with a series of their
        own goes with it there."""
        writer = self._writer(terms if terms in OWN_SERIES else None)
        writer.write_side(target, content_type, block, moment, page_id=page_id, refers_to=refers_to)

    def write_dom(self, page: Capture, dom: bytes, documented: bool) -> CapturePointer:
        """As `WarcWriter.write_dom`: a page is in the ordinary series."""
        return self._ordinary.write_dom(page, dom, documented)

    def sync(self) -> None:
        """fsync what was written so far. Raises `RecordingError`."""
        for writer in self._writers():
            writer.sync()

    def later_sync(self) -> Callable[[], None]:
        """`sync` of what was written up to now, to be called once in any thread, while writing goes on."""
        syncs = [writer.later_sync() for writer in self._writers()]

        def sync() -> None:
            for one in syncs:
                one()

        return sync

    def roll_if_due(self) -> None:
        """Seal what is due."""
        for writer in self._writers():
            writer.roll_if_due()

    def close(self) -> list[SealedWarc]:
        """Seal the current files; every file sealed. Raises `RecordingError`."""
        for writer in self._writers():
            writer.close()
        return self.sealed

    def path_of(self, warc_filename: str) -> Path | None:
        """Where the file of a pointer is now; None when none of these writers wrote it."""
        return next((path for writer in self._writers() if (path := writer.path_of(warc_filename))), None)

    def _writers(self) -> list[WarcWriter]:
        return [self._ordinary, *self._own.values()]

    def _writer(self, terms: str | None) -> WarcWriter:
        if terms is None:
            return self._ordinary
        if terms not in self._own:
            self._own[terms] = WarcWriter(self.folder, series_under(self.series, terms), self.info, **self._options)
        return self._own[terms]
