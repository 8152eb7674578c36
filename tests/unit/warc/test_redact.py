"""Redaction touches secrets in the heads of requests, and nothing else."""

from __future__ import annotations

import pytest

from archiver.warc.redact import DEFAULT, Redaction


@pytest.mark.parametrize(
    ("request_bytes", "clean", "found"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", None, ()),
        (b"GET / HTTP/1.1\nCookie:a=b\n\n", b"GET / HTTP/1.1\nCookie:REDACTED\n\n", ("header cookie",)),
        (
            b"GET / HTTP/1.1\r\nX-Guest-Token: 1\r\n\t2\r\n 3\r\nHost: a\r\n\r\n",
            b"GET / HTTP/1.1\r\nX-Guest-Token: REDACTED\r\nHost: a\r\n\r\n",
            ("header x-guest-token",),
        ),
        (b"GET /?Token=1#x HTTP/1.1\r\n\r\n", b"GET /?Token=REDACTED#x HTTP/1.1\r\n\r\n", ("query token",)),
        (b"GET /?mytoken=1&tokens=2 HTTP/1.1\r\n\r\n", None, ()),
        (b"GET /tweet-result?id=1&token=abc HTTP/1.1\r\n\r\n", None, ()),
        (b"GET / HTTP/1.1\r\nX-Cookie: a\r\nNot-Authorization: b\r\n\r\n", None, ()),
        (b"POST / HTTP/1.1\r\n\r\n\r\nCookie: body\r\n?token=body", None, ()),
        (b"GET / HTTP/1.1\r\nAuthorization: ", None, ()),
        (b"", None, ()),
    ],
)
def test_only_secret_values_are_replaced(request_bytes: bytes, clean: bytes | None, found: tuple[str, ...]) -> None:
    assert DEFAULT.apply(request_bytes) == (request_bytes if clean is None else clean, found)
    assert DEFAULT.leaks(request_bytes) == found


def test_what_is_redacted_does_not_leak() -> None:
    clean, _ = DEFAULT.apply(b"GET /?token=1 HTTP/1.1\r\nCookie: a\r\nAuthorization: b\r\n\r\n")
    assert DEFAULT.leaks(clean) == ()


def test_rules_can_be_none_and_are_described() -> None:
    assert Redaction((), ()).apply(b"GET /?token=1 HTTP/1.1\r\nCookie: a\r\n\r\n")[1] == ()
    assert DEFAULT.describe().startswith("request headers authorization, proxy-authorization, cookie")
