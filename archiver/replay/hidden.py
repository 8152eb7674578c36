"""What a replay and a package leave out: opted-out and restricted URLs, and records that would replay wrongly.

Belongs here: the decision by index line, with its reason. The bytes stay in the WARC; taking those out is a procedure of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from archiver.archive import Archive
from archiver.index import line_values
from archiver.optout import OptOut
from archiver.urls import surt_key

NOT_MODIFIED = "not-modified"
"""A revisit with status 304 would replay as a bare 304; the full record it stands for is in the index itself."""
OPTED_OUT = "opted-out"
RESTRICTED = "archiving-restricted"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Hidden:
    """`restricted` holds the SURT keys of pages that say `noarchive`."""

    optout: OptOut = field(default_factory=OptOut)
    restricted: frozenset[str] = frozenset()

    def why(self, values: dict[str, str]) -> str | None:
        """The reason that a line (as `line_values` gives it) is left out; None when it may be seen."""
        if values.get("mime") == "warc/revisit" and values.get("status") == "304":
            return NOT_MODIFIED
        if self.optout.covers(values.get("url", "")):
            return OPTED_OUT
        if values["key"] in self.restricted:
            return RESTRICTED
        return None

    def visible(self, lines: Iterable[bytes], left_out: Counter[str]) -> Iterator[bytes]:
        """The lines that may be seen; the others are counted by reason in `left_out`."""
        for line in lines:
            try:
                reason = self.why(line_values(line))
            except ValueError:
                reason = UNREADABLE
            if reason is None:
                yield line
            else:
                left_out[reason] += 1


def hidden_of(archive: Archive, optout: OptOut) -> Hidden:
    """What the opt-out list and the archive's own documents keep out of sight."""
    restricted = {
        surt_key(url)
        for article in archive.articles()
        if article.rights.archiving_restricted
        for url in (article.url, article.requested_url)
    }
    return Hidden(optout, frozenset(restricted))
