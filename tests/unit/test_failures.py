"""From what the download path raises to the Reason in the report."""

from __future__ import annotations

import pytest
from OpenSSL import SSL
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
from twisted.internet.error import ConnectError, ConnectionDone, ConnectionLost, NoRouteError
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError
from twisted.web.client import ResponseFailed, ResponseNeverReceived
from twisted.web.http import _DataLoss, _MalformedChunkedDataError

from archiver.errors import PrivateAddressError, Refused
from archiver.reasons import Reason
from pipelines.robots import HostUnreachable, RobotsRefused
from spiders.failures import reason_of


def failed(*reasons: Exception, kind: type[Exception] = DownloadFailedError) -> Exception:
    """Scrapy's exception over Twisted's reasons, as the handler raises it."""
    cause = (ResponseNeverReceived if kind is DownloadFailedError else ResponseFailed)([Failure(r) for r in reasons])
    error = kind(str(cause))
    error.__cause__ = cause
    return error


def unreachable(cause: Exception) -> Exception:
    error = HostUnreachable("robots.txt: no connection")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (Refused(Reason.EMPTY, "no bytes"), Reason.EMPTY),
        (RobotsRefused(Reason.DISALLOWED_BY_ROBOTS, "x"), Reason.DISALLOWED_BY_ROBOTS),
        (unreachable(CannotResolveHostError("x")), Reason.DNS_FAILED),
        (unreachable(PrivateAddressError("x")), Reason.PRIVATE_ADDRESS),
        (unreachable(failed(SSL.Error([("SSL routines", "", "x")]))), Reason.TLS_FAILED),
        (PrivateAddressError("10.0.0.1"), Reason.PRIVATE_ADDRESS),
        (CannotResolveHostError("x"), Reason.DNS_FAILED),
        (DownloadConnectionRefusedError("x"), Reason.CONNECT_FAILED),
        (ConnectError("x"), Reason.CONNECT_FAILED),
        (NoRouteError("x"), Reason.CONNECT_FAILED),
        (DownloadTimeoutError("x"), Reason.TIMEOUT),
        (DownloadCancelledError(), Reason.TOO_LARGE),
        (UnsupportedURLSchemeError("x"), Reason.BAD_URL),
        (IgnoreRequest("max redirections reached"), Reason.REDIRECT_LOOP),
        (ResponseDataLossError(), Reason.DISCONNECTED),
        (failed(ConnectionDone(), _DataLoss(), kind=ResponseDataLossError), Reason.DISCONNECTED),
        (failed(_MalformedChunkedDataError("x"), _DataLoss(), kind=ResponseDataLossError), Reason.BROKEN_RESPONSE),
        (failed(ParseError("x", b"y")), Reason.BROKEN_RESPONSE),
        (failed(ConnectionLost()), Reason.DISCONNECTED),
        (failed(SSL.Error([("SSL routines", "", "certificate verify failed")])), Reason.TLS_FAILED),
        (RuntimeError("nobody knows"), Reason.CONNECT_FAILED),
    ],
)
def test_failures_have_a_reason_and_say_what_was_seen(error: Exception, reason: Reason) -> None:
    found, detail = reason_of(error)
    assert found is reason
    assert detail
    assert "twisted.python.failure" not in detail
