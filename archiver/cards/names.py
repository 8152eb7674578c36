"""The names under which cards and pages are stored: `urn:` targets, so that replay never shows one in place of a capture.

Belongs here: pure functions. A name holds the whole native id, so that looking one up never meets a longer or shorter neighbour;
indexes fold case, so an id whose case matters is followed by a few digits of its SHA-256.
"""

from __future__ import annotations

from hashlib import sha256
from urllib.parse import quote

SERIES = "cards"
"""The series of the WARC files that hold cards and pages, and nothing else."""

CARD = "urn:post-card:"
PAGE = "urn:article-page:"


def card_name(platform: str, native_id: str) -> str:
    """`urn:post-card:x:1986821476447158273`."""
    name = f"{CARD}{quote(platform, safe='')}:{quote(native_id, safe=':/@!$*,;=-._~')}"
    return name if native_id == native_id.lower() else f"{name}~{sha256(native_id.encode()).hexdigest()[:8]}"


def page_name(url: str) -> str:
    """`urn:article-page:` and the article's URL, of which what a URN may not hold is escaped."""
    return PAGE + quote(url, safe="%:/?&=@!$'()*,;+-._~[]")
