"""The `resolution` document (resolutions/v1): what is known about one citation, appended whenever that changes; the newest counts."""

from __future__ import annotations

from typing import Literal

from archiver.models.base import SCHEMA_VERSION, Instant, Record
from archiver.models.pointer import CapturePointer
from archiver.models.post import Attempt

CitationStatus = Literal[
    "embedded", "linked", "resolved_text", "ambiguous", "candidate_paraphrase", "unresolved", "not_attempted"
]
Verdict = Literal["verbatim", "near", "altered", "paraphrase", "contradicted", "not_found", "not_checked"]


class DiffPart(Record):
    """A run of words of the word-level difference; `quote` and `post` are the printed and the posted words."""

    op: Literal["equal", "insert", "delete", "replace"]
    quote: str
    post: str


class Window(Record):
    start: Instant | None = None
    end: Instant | None = None


class Match(Record):
    """How the printed words and the post compare; `author_basis` says why the author is believed to be the same."""

    kind: Literal["verbatim", "near", "paraphrase", "ambiguous", "none"]
    coverage3: float
    word_coverage: float
    author_basis: str | None = None
    window: Window = Window()
    diff: list[DiffPart] = []


class Candidate(Record):
    """A post that may be meant, kept with its numbers whether or not it was chosen."""

    post_id: str
    text: str | None = None
    score: float
    coverage3: float | None = None
    word_coverage: float | None = None
    author: str | None = None
    published: Instant | None = None


class ResolutionProvenance(Record):
    """The captures the conclusion rests on, by record id, and the software that drew it."""

    software: str
    article_record_id: str
    record_ids: list[str] = []


class Resolution(Record):
    schema_version: str = SCHEMA_VERSION
    record_type: Literal["resolution"] = "resolution"
    id: str
    article_id: str
    article_version_id: str
    citation_index: int
    status: CitationStatus
    verdict: Verdict
    post_id: str | None = None
    match: Match | None = None
    candidates: list[Candidate] = []
    attempts: list[Attempt] = []
    resolved_at: Instant
    capture: CapturePointer
    provenance: ResolutionProvenance
