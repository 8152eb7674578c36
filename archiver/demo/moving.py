"""The newspaper over several days: at each moment it shows what is published by then, as it is worded by then.

Belongs here: which pieces and wordings belong to a moment. The pieces are those of the edition; sockets are for `server`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from archiver.demo.outlets import Edition, Piece
from archiver.demo.server import DemoNewspaper
from archiver.demo.site import Site


@dataclass(frozen=True)
class Edit:
    """From `at` on, the piece `slug` of `outlet` has these fields of `Piece` instead."""

    outlet: str
    slug: str
    at: datetime
    fields: dict[str, Any] = field(default_factory=dict)


def as_of(edition: Edition, moment: datetime, edits: Sequence[Edit] = ()) -> Edition:
    """The edition as it is at `moment`: later pieces are not there yet, and edits of later moments not made."""
    pieces = tuple(_edited(edition, piece, moment, edits) for piece in edition.pieces if piece.published <= moment)
    return replace(edition, pieces=pieces, moment=moment.astimezone(edition.moment.tzinfo))


def _edited(edition: Edition, piece: Piece, moment: datetime, edits: Sequence[Edit]) -> Piece:
    shown = replace(piece, modified=min(piece.modified, max(piece.published, moment)))
    for edit in sorted(edits, key=lambda edit: edit.at):
        if (edit.outlet, edit.slug) == (edition.id, piece.slug) and edit.at <= moment:
            shown = replace(shown, **edit.fields)
    return shown


class MovingNewspaper(DemoNewspaper):
    """A `DemoNewspaper` whose clock is turned by `turn_to`. `edits` may grow while it is served."""

    def __init__(self, moment: datetime, edits: Sequence[Edit] = (), **options: Any) -> None:
        self.moment, self.edits = moment, list(edits)
        self._whole: dict[str, Edition] = {}
        super().__init__(clock=lambda: self.moment, **options)

    def __enter__(self) -> MovingNewspaper:
        self.start()
        return self

    def start(self) -> None:
        """Serve the pages of the moment."""
        now, self.moment = self.moment, END
        super().start()  # the edition is whole at its end, and its pieces keep the addresses and times they have there
        self._whole = {site.edition.id: site.edition for site in self.sites}
        self.turn_to(now)

    def turn_to(self, moment: datetime, change: Callable[[Site], None] | None = None) -> None:
        """From here on it is `moment`; `change` may alter the pages of each outlet."""
        self.moment = moment
        for server in self._servers:
            site = Site(as_of(self._whole[server.site.edition.id], moment, self.edits))
            if change:
                change(site)
            server.site = site


END = datetime.fromisoformat("2025-11-09T15:00:00+00:00")
"""By then every piece is published; the oldest appear two days before."""
