"""What every network's module shares: the address of a web page taken apart, and the reference to a post.

Belongs here: types and pure functions over URL strings that no network owns. Which URL is a post of which network is in that
network's module; asking for a post comes later and elsewhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit

from archiver.models.resolution import Window

URL_MAX = 2083
_NO_EXTRA: Mapping[str, str] = MappingProxyType({})
_SCHEME = re.compile(r"(?:https?:)?//", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PostRef:
    """A post as its URL names it.

    `native_id` is the key inside the network, None for short forms that only a redirect explains; then `canonical_url` is the
    short URL. `username` is as printed in the URL, without `@`, and not trusted. `extra` holds what else the URL says
    (`start` of a video, `host` of a Mastodon server, `needs` = `redirect` or `did`).
    """

    platform: str
    native_id: str | None
    canonical_url: str
    username: str | None = None
    extra: Mapping[str, str] = field(default_factory=lambda: _NO_EXTRA)

    @property
    def key(self) -> tuple[str, str]:
        """What makes two references the same post."""
        return self.platform, self.native_id or self.canonical_url


@dataclass(frozen=True, slots=True)
class Address:
    """A URL taken apart: `host` in lower case without a final dot, `path` percent-decoded once, `query` last value wins."""

    url: str
    host: str
    path: str
    query: Mapping[str, str]
    fragment: str

    def on(self, *domains: str) -> bool:
        """Whether the host is one of `domains` or below one of them."""
        return any(self.host == domain or self.host.endswith("." + domain) for domain in domains)


@lru_cache(maxsize=4096)
def address(url: str) -> Address | None:
    """`url` (absolute or starting with `//`) taken apart; None for anything else. Entities are undone once, never raises."""
    if len(url) > URL_MAX * 2:
        return None
    text = html.unescape(url.strip()) if "&" in url else url.strip()
    if not _SCHEME.match(text):
        return None
    try:
        parts = urlsplit(text if text[0] != "/" else "https:" + text)
        host = (parts.hostname or "").rstrip(".")
        if not host or parts.username or (parts.port not in (None, 80, 443)):
            return None
        query = dict(parse_qsl(parts.query, max_num_fields=100))
    except ValueError:
        return None
    return Address(text, host, unquote(parts.path), MappingProxyType(query), parts.fragment)


def moment(milliseconds: int) -> datetime | None:
    """Milliseconds since 1970 as an aware moment; None outside the years that a post can have."""
    if not 0 < milliseconds < 4_102_444_800_000:
        return None
    return datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)


def within(moment: datetime | None, window: Window) -> bool:
    """Whether a moment lies in a window; an unknown moment does."""
    if moment is None:
        return True
    return not (window.start and moment < window.start) and not (window.end and moment > window.end)
