"""Names of pages: canonical URL, SURT, document ids, registered domain. Asks nobody and reads no network.

Belongs here: pure functions over URL strings. Whether a URL may be fetched is decided elsewhere.
"""

from __future__ import annotations

import os
import re
import uuid
from functools import lru_cache
from urllib.parse import urldefrag, urljoin, urlsplit

os.environ.setdefault("TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS", "")

import surt as _surt
import tldextract
from courlan import clean_url
from w3lib.url import safe_url_string

_suffixes = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())

NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
"""RFC 4122's namespace for URLs: document ids are version 5 UUIDs of a SURT in it."""

URL_MAX = 2083


_LABEL = r"[a-z\d]+(?:-[a-z\d]+)*"
_PATH = r"(?:(?:/[A-Za-z\d_~,=-][A-Za-z\d._~,=-]*)+/?|/)(?:\?[A-Za-z\d._~,=&-]+)?"
_ORIGIN = re.compile(rf"https?://(?:{_LABEL}\.)+[a-z]{{2,20}}", re.ASCII)
_READY = re.compile(rf"({_ORIGIN.pattern})(?:{_PATH})?", re.ASCII)
_ROOTED = re.compile(_PATH, re.ASCII)
_LABEL_MAX = 63


def absolute(url: str, base: str | None = None) -> str | None:
    """`url` joined to `base`, escaped as RFC 3986 asks, without fragment; None unless it is a usable http(s) URL.

    White space inside and around is removed as browsers do (URL standard: tab and newline vanish, spaces are escaped).
    """
    if (ready := _ready(url, base)) is not None:
        return ready
    text = url.strip(" \t\r\n\f\x00").replace("\t", "").replace("\n", "").replace("\r", "")
    try:
        joined = urldefrag(urljoin(base, text) if base else text)[0]
        safe = safe_url_string(joined)
        parts = urlsplit(safe)
        port = parts.port
    except (ValueError, UnicodeError):
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname or len(safe) > URL_MAX or port == 0:
        return None
    if parts.username or parts.password:
        return None
    return safe


def _ready(url: str, base: str | None) -> str | None:
    """`url` where it needs neither escaping nor normalising, as most do: many times faster than asking the libraries."""
    if len(url) > URL_MAX // 2:
        return None
    if url.startswith("/"):
        origin = _origin(base) if base else None
        return origin + url if origin and _ROOTED.fullmatch(url) else None
    parts = _READY.fullmatch(url)
    return url if parts and _origin(parts[1]) else None


@lru_cache(maxsize=4096)
def _origin(url: str) -> str | None:
    """Scheme and host of a URL whose host is a plain name without a port."""
    parts = _ORIGIN.match(url)
    if parts is None or url[parts.end() : parts.end() + 1] not in ("", "/", "?", "#") or len(parts[0]) > 200:
        return None
    return parts[0] if all(len(label) <= _LABEL_MAX for label in parts[0].split(".")) else None


def canonical(url: str) -> str:
    """The URL without fragment and without tracking parameters (courlan's list); a URL that courlan refuses stays as it is."""
    without_fragment = urldefrag(url)[0]
    return clean_url(without_fragment) or without_fragment


_PLAIN = re.compile(
    r"https?://(?:www\d*\.)?((?:[a-z\d-]+\.)*[a-z][a-z\d-]*)((?:/[A-Za-z\d_~,-][A-Za-z\d._~,-]*)*)/?", re.ASCII
)
"""URLs whose SURT needs no library: a named host without port, and a path without query, escapes and dotted or empty parts."""


@lru_cache(maxsize=4096)
def surt_key(url: str) -> str:
    """The CDXJ key: scheme and `www.` dropped, host reversed, query sorted, lower case. A `urn:` target keeps its order; it is in
    lower case too, with its query sorted and without a final slash, since that is the key under which other readers look for it."""
    if plain := _PLAIN.fullmatch(url):  # most are, and the library takes twenty times as long for the same key
        return f"{','.join(plain[1].split('.')[::-1])}){plain[2].lower() or '/'}"
    if not url.lower().startswith(("http://", "https://", "urn:")):
        return url.replace(" ", "%20")  # a space ends the key in its line
    try:
        return str(_surt.surt(url))
    except (ValueError, UnicodeError, IndexError):
        return url.lower()


def document_id(canonical_url: str) -> str:
    """`urn:uuid:` v5 of the canonical URL's SURT: the same for every version of an article."""
    return uuid.uuid5(NAMESPACE, surt_key(canonical_url)).urn


def host_of(url: str) -> str:
    """The host name in lower case, "" when there is none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


@lru_cache(maxsize=4096)
def registered_domain(host: str) -> str | None:
    """`bbc.co.uk` of `www.bbc.co.uk`, by the bundled public suffix list; None for IP addresses and bare suffixes."""
    return _suffixes(host).top_domain_under_public_suffix or None


def is_public_suffix(host: str) -> bool:
    """Whether anybody may register names right below a host name: com, co.uk."""
    return bool(host) and _suffixes(host).suffix == host


def same_site(left: str, right: str) -> bool:
    """Whether two URLs belong to one registered domain (or, without one, to one host)."""
    a, b = host_of(left), host_of(right)
    return bool(a) and (registered_domain(a) or a) == (registered_domain(b) or b)
