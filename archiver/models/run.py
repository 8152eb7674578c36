"""The run manifest: the commit of a run. Readers trust what a manifest lists."""

from __future__ import annotations

from typing import Literal

from archiver.models.base import SCHEMA_VERSION, Instant, Record
from archiver.models.requisites import PageRequisites


class RunFile(Record):
    """One published file. `records` counts captures (of a WARC), CDXJ lines or documents; times are of the captures inside."""

    key: str
    bytes: int
    records: int
    sha256: str
    first_time: Instant | None = None
    last_time: Instant | None = None


class ReasonCount(Record):
    """URLs of a source that gave no document. `requisites` of the `count` belong to pages: pictures, styles, scripts."""

    source: str
    reason: str
    count: int
    requisites: int = 0


class AttemptCount(Record):
    """How often a run asked a network about posts by one method with one outcome (`archiver.reasons.PostOutcome`). `reason` says why
    where it is `not_attempted` (`NotAttempted`), and is null elsewhere."""

    platform: str
    method: str
    outcome: str
    reason: str | None = None
    count: int


class Refusal(Record):
    """One URL that gave no document, so that nothing is silently missing.

    `url` is where the chain ended, `requested_url` the URL that was offered, when redirects lie between them. `role` is what the
    URL was asked for (article, requisite, feed, ...), null in runs of older programs. `archiving_restricted`: the page says `noarchive`,
    so its capture is not shown.
    """

    url: str
    requested_url: str | None = None
    source: str | None = None
    reason: str
    detail: str | None = None
    record_id: str | None = None
    role: str | None = None
    archiving_restricted: bool = False


class StoreFindings(Record):
    """What the store was known to do when the run was published (`archiver check --probe`); null where nobody could ask.

    `deciding`: how two publishers are kept apart ("create", "swap", "one publisher"). `create`, `swap`, `create_multipart`: whether a
    second writer is kept out; `swap` says in which form the ETag goes. `md5_verified`, `etag_md5`, `multipart_etag_md5`: what of an upload the
    store itself proves; the rest was read back. `clock_seconds`: its clock beside ours.
    """

    kind: Literal["folder", "s3"]
    deciding: str
    create: bool | None = None
    swap: str | None = None
    multipart: bool | None = None
    create_multipart: bool | None = None
    md5_verified: bool | None = None
    etag_md5: bool | None = None
    multipart_etag_md5: bool | None = None
    lists_at_once: bool | None = None
    metadata_kept: bool | None = None
    clock_seconds: float | None = None
    versioning: bool | None = None
    lock: bool | None = None
    encryption: str | None = None
    checksums: str | None = None


class RunManifest(Record):
    """One committed run: its files, its counts by Reason and source, its refusals, and how much of what each page
    needs to look as it did was captured. Times are UTC. `attempts` counts how asking for cited posts went.

    `reissued` are manifests of earlier runs that this one, a takedown, wrote anew: read them again. `erased` are the ids of the
    tombstones whose records it took out of the files.
    """

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
    requisites: list[PageRequisites] = []
    attempts: list[AttemptCount] = []
    bytes_received: int = 0
    notes: list[str] = []
    reissued: list[str] = []
    erased: list[str] = []
    store: StoreFindings | None = None
