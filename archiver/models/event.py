"""The `event` document (events/v1): what was done to a stored file, in PREMIS words, appended and never changed."""

from __future__ import annotations

from typing import Literal

from archiver.models.base import SCHEMA_VERSION, Instant, Record

EventType = Literal[
    "capture", "ingestion", "message digest calculation", "fixity check", "replication", "deletion", "modification"
]
EventOutcome = Literal["success", "warning", "fail"]


class Event(Record):
    """One event. `type` and `outcome` are terms of the Library of Congress' PREMIS vocabularies (eventType, eventOutcome).

    `key` is the file in the store; `bytes` and `sha256` are what was found (of a deletion: what was deleted). `run_id` is the run
    that the event belongs to: a crawl, a check or a takedown. `agent` is the software, with its version.
    """

    schema_version: str = SCHEMA_VERSION
    record_type: Literal["event"] = "event"
    type: EventType
    at: Instant
    key: str
    outcome: EventOutcome
    detail: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    run_id: str
    agent: str
