"""One unit of CPU work: from the address of a capture to the line of JSON that it gives.

Belongs here: what runs inside a worker process, live and on re-extraction alike; both read the WARC, so both give the same
bytes. Starting and watching the processes is `archiver.pool`'s matter.
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from pathlib import Path

from archiver.errors import Refused, WarcError
from archiver.extract import extract_page
from archiver.extract.rights import is_restricted
from archiver.invariants import broken_invariants
from archiver.models.exchange import Capture, Role
from archiver.models.hints import ExtractHints
from archiver.page import Page, parse_page
from archiver.platforms.accounts import PageHints, hints_of
from archiver.reasons import Reason
from archiver.requisites import find_frames, find_requisites
from archiver.warc import read_capture_at

HTML_TYPES = ("text/html", "application/xhtml+xml")
DETAIL_MAX = 500


@dataclass(frozen=True, slots=True)
class Task:
    """A capture by its address. `file` is where the WARC is (or will be, once sealed), `warc_filename` its key in the store."""

    file: str
    offset: int
    warc_filename: str
    hints: ExtractHints = field(default_factory=ExtractHints)
    requisites: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a capture gave: `line` (UTF-8 JSON with LF) or a `reason` with its `detail`; and the page's `requisites` and
    `frames` (URLs)."""

    line: bytes | None = None
    reason: Reason | None = None
    detail: str = ""
    requisites: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    restricted: bool = False
    """Whether a page that gives no document says `noarchive`; a document says so itself."""

    next_page: str | None = None
    """Where an article over several URLs goes on."""

    accounts: PageHints | None = None
    """What the page says about accounts, where its article quotes somebody's post without a link."""


def run_task(task: Task) -> Outcome:
    """Read the capture and extract it. Every failure becomes a Reason: one page never costs another."""
    try:
        capture = read_capture_at(Path(task.file), task.offset, warc_filename=task.warc_filename)
    except WarcError as error:
        return Outcome(reason=Reason.EXTRACTOR_ERROR, detail=str(error)[:DETAIL_MAX])
    return extract_capture(capture, task.hints, requisites=task.requisites)


def extract_capture(capture: Capture, hints: ExtractHints, *, requisites: bool = False) -> Outcome:
    """The document of a capture, or the Reason why it gives none."""
    wanted: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    page: Page | None = None
    try:
        refuse_by_head(capture)
        page = parse_page(capture)
        if requisites:
            wanted, frames = tuple(find_requisites(page)), tuple(find_frames(page))
        article = extract_page(page, hints)
        if problems := broken_invariants(article):
            return Outcome(
                reason=Reason.EXTRACTOR_ERROR, detail="; ".join(problems)[:DETAIL_MAX], requisites=wanted, frames=frames
            )
        return Outcome(
            line=article.model_dump_json().encode("utf-8", "replace") + b"\n",
            requisites=wanted,
            frames=frames,
            next_page=article.pagination.next if article.pagination else None,
            accounts=hints_of(page.tree) if any(c.kind == "quote" and c.quote for c in article.citations) else None,
        )
    except Refused as refused:
        return Outcome(
            reason=refused.reason,
            detail=refused.detail[:DETAIL_MAX],
            requisites=wanted,
            frames=frames,
            restricted=is_restricted(capture, page.tree if page else None),
        )
    except MemoryError:
        return Outcome(reason=Reason.EXTRACTOR_MEMORY, detail="a worker's memory limit was reached")
    except Exception:  # noqa: BLE001  the edge of one document in a run: counted, with its trace
        return Outcome(reason=Reason.EXTRACTOR_ERROR, detail=traceback.format_exc()[-DETAIL_MAX:])


def is_article_capture(capture: Capture) -> bool:
    """Whether re-extraction looks at a capture: ours by role; foreign ones when they answer a GET with something like HTML."""
    if capture.pointer.warc_type == "resource":  # the DOM of a rendered page of ours
        return capture.context.role is Role.ARTICLE
    if capture.pointer.warc_type not in ("response", "revisit"):
        return False
    if capture.context.role is not None:
        return capture.context.role is Role.ARTICLE and not _is_hop(capture)
    return capture.method == "GET" and capture.status == 200 and _type_of(capture) in (*HTML_TYPES, "")


def _is_hop(capture: Capture) -> bool:
    """Whether the answer only leads on; what it leads to is a capture of its own."""
    return capture.status in (301, 302, 303, 307, 308) and capture.header("location") is not None


def refuse_by_head(capture: Capture) -> None:
    """Raises `Refused` for what status, type and completeness already say."""
    status, pointer = capture.status, capture.pointer
    if pointer.truncated:
        raise Refused(Reason.TRUNCATED, f"WARC-Truncated: {pointer.truncated}")
    if status in (429, 503):
        raise Refused(Reason.THROTTLED, f"status {status}")
    if status is None or status != 200:
        raise Refused(Reason.HTTP_ERROR, f"status {status}")
    if pointer.payload_sha256 and (capture.context.previous or {}).get("payload_sha256") == pointer.payload_sha256:
        raise Refused(Reason.UNCHANGED, "the payload is that of the version before")
    if pointer.warc_type == "revisit" and not capture.body:
        raise Refused(Reason.ORIGINAL_MISSING, "the original of this revisit is not in the same file")
    if not capture.body:
        raise Refused(Reason.EMPTY, "the payload has no bytes")
    kind = _type_of(capture)
    if kind and kind not in HTML_TYPES:
        raise Refused(Reason.NOT_HTML, f"Content-Type {kind}")


def _type_of(capture: Capture) -> str:
    return (capture.header("content-type") or "").partition(";")[0].strip().lower()
