"""From Chromium's words for a failure to the Reason that reports print. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

from archiver.browser.proxy import GuardedProxy
from archiver.reasons import Reason

_BY_WORD = (
    ("NAME_NOT_RESOLVED", Reason.DNS_FAILED),
    ("TOO_MANY_REDIRECTS", Reason.REDIRECT_LOOP),
    ("CERT", Reason.TLS_FAILED),
    ("SSL", Reason.TLS_FAILED),
    ("TIMED_OUT", Reason.TIMEOUT),
    ("CONNECTION_REFUSED", Reason.CONNECT_FAILED),
    ("ADDRESS_UNREACHABLE", Reason.CONNECT_FAILED),
    ("INVALID_HTTP_RESPONSE", Reason.BROKEN_RESPONSE),
    ("INVALID_CHUNKED", Reason.BROKEN_RESPONSE),
    ("RESPONSE_HEADERS", Reason.BROKEN_RESPONSE),
    ("INVALID_RESPONSE", Reason.BROKEN_RESPONSE),
    ("CONTENT_DECODING", Reason.UNDECODABLE),
    ("CONTENT_LENGTH_MISMATCH", Reason.DISCONNECTED),
    ("INCOMPLETE_CHUNKED", Reason.DISCONNECTED),
    ("EMPTY_RESPONSE", Reason.DISCONNECTED),
    ("CONNECTION", Reason.DISCONNECTED),
    ("UNSAFE_PORT", Reason.BAD_URL),
    ("INVALID_URL", Reason.BAD_URL),
)


def reason_of(error: str, url: str, proxy: GuardedProxy) -> tuple[Reason, str]:
    """(Reason, what was seen). What the proxy knows of the origin goes first: Chromium calls all of that a failure of the proxy."""
    if "SOCKS" in error or "PROXY" in error:
        parts = urlsplit(url)
        origin = f"{(parts.hostname or '').lower()}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        known = proxy.failures.get(origin)
        return known or (Reason.CONNECT_FAILED, f"{error}: no connection to {origin}")
    for word, reason in _BY_WORD:
        if word in error:
            return reason, error
    return Reason.CONNECT_FAILED, error
