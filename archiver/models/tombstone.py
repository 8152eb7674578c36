"""The `tombstone` document (tombstones/v1): what readers, exports and replay leave out from now on, and why."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from archiver.models.base import SCHEMA_VERSION, Instant, Record

Scope = Literal["article", "post", "url", "host", "run"]


class Tombstone(Record):
    """`target` is a document id (article), a post id (post), a URL, a host name with all below it, or a run id. `by` says who decided.

    It is never changed: one that was a mistake is lifted by a later tombstone whose `revokes` is its `id`.
    """

    schema_version: str = SCHEMA_VERSION
    record_type: Literal["tombstone"] = "tombstone"
    id: str
    scope: Scope
    target: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    at: Instant
    by: str = Field(min_length=1)
    revokes: str | None = None

    @property
    def sentence(self) -> str:
        """What whoever asks for something hidden is told."""
        return f"taken down on {self.at:%Y-%m-%d} by {self.by}: {self.reason} ({self.id})"
