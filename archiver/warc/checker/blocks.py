"""Rules about one block: digests, and the HTTP message inside.

Belongs here: what needs the bytes of a record. A block is read once, in pieces; only the body of a foreign chunked response
is held, because its right digest is over bytes that are not in the file as they are.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field

from archiver.warc.checker.heads import Tell
from archiver.warc.coding import PROBE, claims_falsely, codings
from archiver.warc.places import CHUNK, unchunked
from archiver.warc.records import HTTP_HEAD_MAX, STATUS_LINE, Fields, Head, http_head_end
from archiver.warc.redact import DEFAULT
from archiver.warc.walk import Record
from archiver.warc.wire import head_fields, status_of

_HELD_MAX = 64 * 2**20
_MESSAGES = ("response", "request", "revisit")
_DIGITS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHIJKLMNOPQRSTUV")
_OUR_SHA1 = re.compile("sha1:([A-Z2-7]{32})")
_ALGORITHMS = {"sha1", "sha256", "sha512", "sha384", "sha224", "md5", "blake2b", "blake2s"}


@dataclass(slots=True)
class Block:
    """What was seen of a block: HTTP head with its fields, start and length of the body, digests by field."""

    http: bytes = b""
    headers: Fields = ()
    start: bytes | memoryview = b""
    body_length: int = 0
    digests: dict[str, bytes] = field(default_factory=dict)
    held: bytes | None = None
    side: bytes = b""
    request: bytes = b""


def read_block(record: Record, foreign: bool) -> Block:
    """Read the whole block of a record, with the digests that its head asks for."""
    head, seen = record.head, Block()
    first = record.read_up_to(HTTP_HEAD_MAX)
    end = 0
    if is_http(head):
        end = http_head_end(first)
        seen.http = first[:end]
        seen.headers = head_fields(seen.http) if head.kind != "request" else ()
    elif head.kind in ("metadata", "warcinfo"):
        seen.side = first
    body = memoryview(first)[end:]
    seen.request = first if head.kind == "request" else b""
    seen.start, seen.body_length = body[:PROBE], len(body)
    hold = foreign and head.kind == "response" and _is_chunked(seen.headers) and (head.block_length or 0) <= _HELD_MAX
    held = bytearray(body) if hold else bytearray()
    block, payload = _machine(head, "warc-block-digest", first), _machine(head, "warc-payload-digest", body)
    while len(first) == HTTP_HEAD_MAX and (piece := record.read()):
        for machine in (block, payload):
            if machine:
                machine.update(piece)
        seen.body_length += len(piece)
        if hold:
            held += piece
    seen.held = bytes(held) if hold else None
    for name, machine in (("warc-block-digest", block), ("warc-payload-digest", payload)):
        if machine:
            seen.digests[name] = machine.digest()
    return seen


def _machine(head: Head, name: str, first: bytes | memoryview) -> hashlib._Hash | None:
    """A digest of `first`, by the algorithm that the field names; None when there is none that is known."""
    value = head.get(name)
    if value is not None and value.startswith("sha1:"):
        return hashlib.sha1(first, usedforsecurity=False)
    algorithm = _algorithm(value)
    return hashlib.new(algorithm, first) if algorithm else None


def is_http(head: Head) -> bool:
    """Whether the block is an HTTP message."""
    if head.kind not in _MESSAGES:
        return False
    content_type = head.get("content-type") or ""
    if content_type.startswith("application/http"):
        return True
    if content_type := content_type.lower().replace(" ", ""):
        return content_type.startswith("application/http")
    return (head.target or "").lower().startswith(("http:", "https:"))


def check_block(head: Head, seen: Block, tell: Tell, doubt: Tell) -> None:
    """Judge a block. `doubt` is for what the request (HEAD) or the metadata (`arc-note`) may still explain."""
    _digest(head, seen, "warc-block-digest", "block-digest", tell)
    if not is_http(head):
        if head.kind in ("resource", "conversion", "response"):
            _digest(head, seen, "warc-payload-digest", "payload-digest", tell)
        return
    if head.kind == "request":
        _digest(head, seen, "warc-payload-digest", "payload-digest", tell)
        for what in DEFAULT.leaks(seen.http):
            tell("secret", f"the request shows the value of {what}", foreign=None)
        return
    _status(seen, doubt)
    if head.kind == "response":
        _response(head, seen, tell, doubt)


def _status(seen: Block, doubt: Tell) -> None:
    if STATUS_LINE.match(seen.http):
        return
    line = seen.http.split(b"\n", 1)[0].rstrip(b"\r")[:80]
    doubt("status-line", f"the response begins with {line!r}, not with HTTP/1.x and a status")


def _response(head: Head, seen: Block, tell: Tell, doubt: Tell) -> None:
    named: dict[str, list[str]] = {}
    for name, value in seen.headers:
        named.setdefault(name.lower(), []).append(value)
    coding = [value.lower() for value in named.get("transfer-encoding", ())]
    opening = bytes(seen.start) if coding or "content-encoding" in named else b""
    chunks = bool(coding) and CHUNK.match(opening) is not None
    if coding and seen.body_length and not chunks and any("chunked" in value for value in coding):
        tell("transfer-encoding", "a Transfer-Encoding header before a body without chunks")
    elif coding:
        tell("transfer-encoding", "the Transfer-Encoding header was kept under its own name", foreign=None)
    payload = seen.held if chunks else None
    body = unchunked(seen.headers, seen.http, payload) if payload is not None else None
    start, length = (body[:PROBE], len(body)) if body is not None else (opening, seen.body_length)
    if "content-encoding" in named and claims_falsely(names := codings(seen.headers), start):
        doubt("content-encoding", f"the body is not in the coding that its header names ({', '.join(names)})")
    if body is None:
        _digest(head, seen, "warc-payload-digest", "payload-digest", tell)
    else:
        _chunked_digest(head, seen, body, tell)
    lengths = {part.strip() for value in named.get("content-length", ()) for part in value.split(",")}
    # RFC 9110 §8.6: "5, 5" is 5
    if lengths and "x-crawler-transfer-encoding" in named:
        tell("content-length-ignored", "a Content-Length beside chunks", ours="note", foreign="note")
    elif lengths and not coding and head.get("warc-truncated") is None and status_of(seen.http) not in (204, 304):
        _length(lengths, length, doubt)


def _length(lengths: set[str], length: int, doubt: Tell) -> None:
    stated = lengths.pop()
    if lengths or not (stated.isascii() and stated.isdigit()) or len(stated) > 18:
        doubt("content-length", "the HTTP Content-Length is no single number")
        return
    if int(stated) != length:
        doubt("content-length", f"the HTTP Content-Length is {stated}, the stored body has {length} bytes")
    if int(stated) > length:
        doubt("truncated", f"the body is {int(stated) - length} bytes short and there is no WARC-Truncated")


def _digest(head: Head, seen: Block, name: str, rule: str, tell: Tell) -> None:
    value = head.get(name)
    made = seen.digests.get(name)
    if not value:
        return
    if not made:
        tell(rule, f"the algorithm of {value[:40]!r} is not known; not verified", ours="error", foreign="note")
        return
    if not _same(value, made):
        tell(rule, f"{name} says {value}, the bytes give {_spelled(value, made)}")


def _chunked_digest(head: Head, seen: Block, body: bytes, tell: Tell) -> None:
    value = head.get("warc-payload-digest")
    algorithm = _algorithm(value)
    if value is None or algorithm is None:
        return
    if _same(value, hashlib.new(algorithm, body).digest()):
        return
    framed = _same(value, seen.digests["warc-payload-digest"])
    tell("payload-digest", "it was taken over the chunk framing" if framed else f"{value} does not fit the body")


def _algorithm(value: str | None) -> str | None:
    name = (value or "").partition(":")[0].lower().replace("-", "")
    return name if name in _ALGORITHMS else None


def _same(value: str, digest: bytes) -> bool:
    if len(digest) == 20 and (ours := _OUR_SHA1.fullmatch(value)):
        # By far the most frequent form, and Python's own Base32 is slow: its letters are Python's digits in another order.
        return int(ours[1].encode().translate(_DIGITS), 32) == int.from_bytes(digest)
    text = value.partition(":")[2].strip()
    if len(text) == len(digest) * 2:
        return text.lower() == digest.hex()
    if text.rstrip("=").upper() == base64.b32encode(digest).decode().rstrip("="):
        return True
    try:
        return (
            base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_" if "_" in text or "-" in text else None)
            == digest
        )
    except (binascii.Error, ValueError):
        return False


def _spelled(value: str, digest: bytes) -> str:
    text = value.partition(":")[2]
    return digest.hex() if len(text) == len(digest) * 2 else base64.b32encode(digest).decode()


def _is_chunked(headers: Fields) -> bool:
    return any(name.lower() == "transfer-encoding" and "chunked" in value.lower() for name, value in headers)
