"""From an exception of the download path to the Reason that reports print. Pure; tested without a reactor."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)

from archiver.errors import PrivateAddressError, Refused
from archiver.reasons import Reason

_BY_TYPE: tuple[tuple[type[BaseException], Reason], ...] = (
    (PrivateAddressError, Reason.PRIVATE_ADDRESS),
    (CannotResolveHostError, Reason.DNS_FAILED),
    (DownloadConnectionRefusedError, Reason.CONNECT_FAILED),
    (DownloadTimeoutError, Reason.TIMEOUT),
    (DownloadCancelledError, Reason.TOO_LARGE),
    (UnsupportedURLSchemeError, Reason.BAD_URL),
)
_BY_WORD = (
    ("MalformedChunk", Reason.BROKEN_RESPONSE),
    ("max redirections", Reason.REDIRECT_LOOP),
    ("ParseError", Reason.BROKEN_RESPONSE),
    ("BadResponseVersion", Reason.BROKEN_RESPONSE),
    ("KeyError", Reason.BROKEN_RESPONSE),
    ("ValueError", Reason.BROKEN_RESPONSE),
    ("SSL", Reason.TLS_FAILED),
    ("certificate", Reason.TLS_FAILED),
    ("ConnectionLost", Reason.DISCONNECTED),
    ("ConnectionDone", Reason.DISCONNECTED),
    ("_DataLoss", Reason.DISCONNECTED),
)


def reason_of(error: BaseException) -> tuple[Reason, str]:
    """(Reason, what was seen). A failure that nothing here names is a connection that failed: nothing is dropped unnamed."""
    if isinstance(error, Refused):
        return error.reason, error.detail
    if isinstance(error, IgnoreRequest) and isinstance(getattr(error, "reason", None), Reason):
        return error.reason, str(error)  # type: ignore[attr-defined]
    if isinstance(error, IgnoreRequest) and error.__cause__ is not None:
        return reason_of(error.__cause__)
    for kind, reason in _BY_TYPE:
        if isinstance(error, kind):
            return reason, str(error)[:300] or reason.sentence
    text = _seen(error)
    for word, reason in _BY_WORD:
        if word in text:
            return reason, text[:300]
    if isinstance(error, DownloadFailedError | ResponseDataLossError):
        return Reason.DISCONNECTED, text[:300]
    return Reason.CONNECT_FAILED, text[:300]


def _seen(error: BaseException) -> str:
    """What went wrong in words: Twisted's reasons below Scrapy's exception, where it has them."""
    reasons = [failure.value for failure in getattr(error.__cause__, "reasons", ())] or [error]
    return "; ".join(f"{type(reason).__name__}: {reason}".removesuffix(": ") for reason in reasons)
