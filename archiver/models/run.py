"""The run manifest: the commit of a run. Readers trust what a manifest lists."""

from __future__ import annotations

from typing import Literal

from archiver.models.base import SCHEMA_VERSION, Instant, Record


class RunFile(Record):
    """One published file. `records` counts captures (of a WARC), CDXJ lines or documents; times are of the captures inside."""

    key: str
    bytes: int
    records: int
    sha256: str
    first_time: Instant | None = None
    last_time: Instant | None = None


class ReasonCount(Record):
    source: str
    reason: str
    count: int


class Refusal(Record):
    """One URL that gave no document, so that nothing is silently missing.

    `url` is where the chain ended, `requested_url` the URL that was offered, when redirects lie between them.
    """

    url: str
    requested_url: str | None = None
    source: str | None = None
    reason: str
    detail: str | None = None
    record_id: str | None = None


class RunManifest(Record):
    """One committed run: its files, its counts by Reason and source, and its refusals. Times are UTC."""

    schema_version: str = SCHEMA_VERSION
    record_type: Literal["run"] = "run"
    run_id: str
    started: Instant
    finished: Instant
    software: str
    sources: list[str] = []
    files: list[RunFile] = []
    captures: int = 0
    articles: int = 0
    posts: int = 0
    reasons: list[ReasonCount] = []
    refusals: list[Refusal] = []
    bytes_received: int = 0
    notes: list[str] = []
