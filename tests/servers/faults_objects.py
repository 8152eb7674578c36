"""What the failing S3 server keeps, and the forms of its bytes.

Belongs here: objects, uploads, error bodies, framing. Calls are answered by `faults_http`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

ERRORS = {
    "slow-down": (503, "SlowDown"),
    "busy": (500, "InternalError"),
    "away": (502, "BadGateway"),
    "conflict": (409, "ConditionalRequestConflict"),
    "denied": (403, "AccessDenied"),
    "expired": (400, "ExpiredToken"),
    "skewed": (403, "RequestTimeTooSkewed"),
    "full": (507, "InsufficientStorage"),
    "forgotten": (404, "NoSuchUpload"),
}
"""Kinds that only answer, and do nothing."""


@dataclass
class Blob:
    body: bytes
    etag: str
    headers: dict[str, str]
    modified: datetime


@dataclass
class Parts:
    key: str
    headers: dict[str, str]
    parts: dict[int, bytes] = field(default_factory=dict)


def error_body(code: str, more: str = "") -> bytes:
    return f"<Error><Code>{code}</Code><Message>on command</Message>{more}</Error>".encode()


def md5(body: bytes) -> str:
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


SEALED = "x-amz-server-side-encryption"


def etag_of(body: bytes, headers: dict[str, str]) -> str:
    """The MD5; of what is encrypted by a key of the operator's own something else, as on AWS."""
    return md5(b"sealed" + body) if headers.get(SEALED) == "aws:kms" else md5(body)


def unframed(body: bytes) -> bytes:
    """The content of an aws-chunked body: SIZE[;…]CRLF BYTES CRLF …, then trailers."""
    found, at = bytearray(), 0
    while True:
        end = body.index(b"\r\n", at)
        length = int(body[at:end].split(b";")[0], 16)
        if not length:
            return bytes(found)
        found += body[end + 2 : end + 2 + length]
        at = end + 2 + length + 2
