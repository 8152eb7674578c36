"""What a page needed to look as it did, and how much of it was captured."""

from __future__ import annotations

from archiver.models.base import Record


class LeftOut(Record):
    """One requisite that was not captured, with the Reason."""

    url: str
    reason: str


class PageRequisites(Record):
    """The account of one captured page. `record_id` is that of the page's response; `captured` of the `needed` URLs have a record
    (an error answer is none); `bytes` are of their bodies. `left_out` names the others, at most 50."""

    url: str
    record_id: str
    needed: int
    captured: int
    bytes: int = 0
    left_out: list[LeftOut] = []
