"""What a record's fields mean to us: the metadata record's words, and the pointer made from a capture's fields.

Belongs here: the two-way mapping between `CrawlContext` and warc-fields lines, and the one function that builds a
`CapturePointer`, so that the writer and the reader give the same one. How records are laid out in bytes is for `records`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from archiver.models import CapturePointer, CrawlContext, RefersTo, Tls
from archiver.models.exchange import Role

DIGEST_PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED_PROFILE = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([^\s"';,]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Side:
    """What a capture's metadata record holds: `original` is (offset, length) of a revisit's original in the same file."""

    context: CrawlContext
    payload_sha256: str | None = None
    original: tuple[int, int] | None = None
    elsewhere: tuple[int, int, str] | None = None
    """(offset, length, key) of a revisit's original in an earlier, published file."""

    notes: tuple[str, ...] = ()


def field_line(name: str, value: str) -> str:
    """One warc-fields line. Control characters, which would end or fold it, become spaces."""
    return f"{name}: {_CONTROL.sub(' ', value)}\r\n"


def context_lines(context: CrawlContext) -> list[tuple[str, str]]:
    """`context` as warc-fields pairs: Heritrix's words where they exist, `arc-` words for the rest."""
    pairs: list[tuple[str, str]] = []
    if context.seed:
        pairs.append(("seed", ""))
    if context.via is not None:
        pairs.append(("via", context.via))
    if context.hops_from_seed:
        pairs.append(("hopsFromSeed", context.hops_from_seed))
    if context.source is not None:
        pairs.append(("sourceTag", context.source))
    if context.role is not None:
        pairs.append(("arc-role", context.role.value))
    if context.requested_url is not None:
        pairs.append(("arc-requested-url", context.requested_url))
    pairs += [("arc-redirect", f"{status} {url}") for url, status in context.redirects]
    pairs += [("arc-discovered", json.dumps(found)) for found in context.discovered]
    if context.robots is not None:
        decision, reason, record_id = context.robots
        pairs.append(("arc-robots", f"{decision} {reason} {record_id or '-'}"))
    if context.post is not None:
        pairs.append(("arc-post", json.dumps(context.post)))
        # What retention rules and people look for stands by itself, too.
        pairs += [
            (f"arc-{name}", value) for name in ("method", "terms") if isinstance(value := context.post.get(name), str)
        ]
    if context.previous is not None:
        pairs.append(("arc-previous", json.dumps(context.previous)))
    if context.declared:
        pairs.append(("arc-declared", json.dumps(context.declared)))
    return pairs


def read_side(block: bytes, run_id: str | None, user_agent: str | None) -> Side | None:
    """The inverse of what the writer puts into a metadata block; None when the block is not one of ours."""
    named: dict[str, list[str]] = {}
    for line in block.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            named.setdefault(name, []).append(value.removeprefix(" "))
    digest = _one(named, "arc-payload-sha256")
    if digest is None:
        return None
    role = _one(named, "arc-role")
    context = CrawlContext(
        role=Role(role) if role in _ROLES else None,
        source=_one(named, "sourceTag"),
        seed="seed" in named,
        via=_one(named, "via"),
        hops_from_seed=_one(named, "hopsFromSeed") or "",
        requested_url=_one(named, "arc-requested-url"),
        redirects=tuple(_redirect(value) for value in named.get("arc-redirect", ())),
        discovered=tuple(_found(value) for value in named.get("arc-discovered", ())),
        robots=_robots(_one(named, "arc-robots")),
        post=_found(post) if (post := _one(named, "arc-post")) else None,
        previous=_found(previous) if (previous := _one(named, "arc-previous")) else None,
        declared=_declared(_one(named, "arc-declared")),
        run_id=run_id,
        user_agent=user_agent,
    )
    return Side(
        context,
        digest,
        _original(_one(named, "arc-original")),
        place_elsewhere(_one(named, "arc-original-in")),
        tuple(named.get("arc-note", ())),
    )


_ROLES = frozenset(role.value for role in Role)


def _one(named: dict[str, list[str]], name: str) -> str | None:
    values = named.get(name)
    return values[0] if values else None


def _redirect(value: str) -> tuple[str, int]:
    status, _, url = value.partition(" ")
    return url, int(status) if status.isascii() and status.isdigit() and len(status) < 5 else 0


def _found(value: str) -> dict[str, Any]:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _declared(value: str | None) -> dict[str, str] | None:
    said = _found(value) if value else {}
    return {name: text for name, text in said.items() if isinstance(text, str)} or None


def _robots(value: str | None) -> tuple[str, str, str | None] | None:
    if value is None:
        return None
    decision, _, rest = value.partition(" ")
    reason, _, record_id = rest.rpartition(" ")
    return decision, reason, None if record_id in ("-", "") else record_id


def _original(value: str | None) -> tuple[int, int] | None:
    parts = value.split() if value else []
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        return None
    return int(parts[0]), int(parts[1])


def place_elsewhere(value: str | None) -> tuple[int, int, str] | None:
    """(offset, length, key) that a line `arc-original-in` says."""
    place, _, key = (value or "").rpartition(" ")
    found = _original(place)
    return (*found, key) if found and key else None


def make_pointer(
    *,
    warc_filename: str,
    offset: int,
    length: int,
    record_id: str,
    warc_type: str,
    fetch_time: datetime,
    status: int | None,
    headers: tuple[tuple[str, str], ...],
    request_id: str | None = None,
    payload_digest: str | None = None,
    payload_sha256: str | None = None,
    identified: str | None = None,
    truncated: str | None = None,
    ip_address: str | None = None,
    protocols: list[str] | None = None,
    cipher: str | None = None,
    refers_to: RefersTo | None = None,
) -> CapturePointer:
    """The pointer of a capture from its record's fields and its HTTP headers. `protocols`: values of WARC-Protocol."""
    first: dict[str, str] = {}
    for name, value in headers:
        first.setdefault(name.lower(), value)
    content_type = first.get("content-type")
    charset = _CHARSET.search(content_type) if content_type else None
    versions = [value[4:] for value in protocols or () if value.startswith("tls/")]
    spoken = [value for value in protocols or () if not value.startswith(("tls/", "ssl/"))]
    return CapturePointer(
        warc_filename=warc_filename,
        warc_record_offset=offset,
        warc_record_length=length,
        warc_record_id=record_id,
        warc_type=warc_type,
        request_record_id=request_id,
        payload_digest=payload_digest,
        payload_sha256=payload_sha256,
        fetch_time=fetch_time,
        fetch_status=status,
        content_type=content_type,
        identified_payload_type=identified,
        charset=charset[1].lower() if charset else None,
        etag=first.get("etag"),
        last_modified=first.get("last-modified"),
        truncated=truncated,
        ip_address=ip_address,
        protocol=spoken[0] if spoken else None,
        tls=Tls(version=versions[0] if versions else None, cipher=cipher) if versions or cipher else None,
        refers_to=refers_to,
    )
