"""The answers of the exactness tests: one resource per behaviour, with what its record must hold."""

from __future__ import annotations

import gzip
import random
import zlib

import brotli
import zstandard

from tests.integration.origin import CLOSE, HANG, RESET, Resource

TEXT = b"<html><title>A page</title><p>" + b"Words and more words, none of them alike. " * 40 + b"</html>"
NOISE = random.Random(7).randbytes(70_000)


def chunks(body: bytes, *sizes: int, extension: bytes = b"", end: bytes = b"0\r\n\r\n") -> bytes:
    """`body` in chunks of these sizes, the last size repeated."""
    at, turn = 0, 0
    out: list[bytes] = []
    while at < len(body):
        piece = body[at : at + sizes[min(turn, len(sizes) - 1)]]
        out.append(b"%x%s\r\n%s\r\n" % (len(piece), extension, piece))
        at, turn = at + len(piece), turn + 1
    return b"".join(out) + end


def text(name: str) -> bytes:
    """A page of its own: two equal ones would be stored as one response and a revisit."""
    return TEXT + name.encode()


def sized(
    name: str, body: bytes | None = None, fields: bytes = b"", status: bytes = b"HTTP/1.1 200 OK", **rest: object
) -> Resource:
    """An answer with a Content-Length, sent at once."""
    body = text(name) if body is None else body
    head = status + b"\r\nContent-Type: text/html\r\n" + fields + b"Content-Length: %d\r\n\r\n" % len(body)
    return Resource(name, (head + body,), head, body, **rest)  # type: ignore[arg-type]


def chunked(name: str, body: bytes, framed: bytes, fields: bytes = b"", **rest: object) -> Resource:
    head = b"HTTP/1.1 200 OK\r\n" + fields + b"Transfer-Encoding: chunked\r\n\r\n"
    return Resource(name, (head + framed,), head, body, **rest)  # type: ignore[arg-type]


def raw(name: str, head: bytes, body: bytes = b"", *more: bytes | float | str, **rest: object) -> Resource:
    return Resource(name, (head + body, *more), head, body, **rest)  # type: ignore[arg-type]


EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
LISTED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\nTransfer-ENCODING: Chunked\r\n\r\n"
OK5 = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"

CONTENT = [
    sized("identity"),
    sized("empty", b""),
    sized("gzip", gzip.compress(text("gzip")), b"Content-Encoding: gzip\r\n"),
    sized("deflate", zlib.compress(text("deflate")), b"Content-Encoding: deflate\r\n"),
    sized("br", brotli.compress(text("br")), b"Content-Encoding: br\r\n"),
    sized("zstd", zstandard.compress(text("zstd")), b"Content-Encoding: zstd\r\n"),
    sized("noise", NOISE),
]

CHUNKED = [
    chunked("chunks", NOISE[1:], chunks(NOISE[1:], 1, 7, 16_384, 3, 1000)),
    chunked("chunks-gzip", gzip.compress(text("chunks-gzip")), chunks(gzip.compress(text("chunks-gzip")), 5, 11), b"Content-Encoding: gzip\r\n"),
    chunked("chunks-empty", b"", b"0\r\n\r\n"),
    chunked("chunks-zeros", b"hello", b"00005\r\nhello\r\n0000\r\n\r\n"),
    chunked("extensions", text("extensions"), chunks(text("extensions"), 100, extension=b';name=value;quoted="a b"')),
    chunked(
        "trailers", text("trailers"), chunks(text("trailers"), 333, end=b"0\r\nX-Sum: abc\r\nX-Odd:  two\r\n\r\n"), b"Trailer: X-Sum\r\n",
        trailers=(b"X-Sum: abc", b"X-Odd:  two"),
    ),
    chunked(
        "both-lengths", text("both-lengths"), chunks(text("both-lengths"), 50), b"Content-Length: 17\r\n", notes=("content-length-ignored",)
    ),
    Resource(
        "chunks-slow",
        (b"HTTP/1.1 200 OK\r\nTransfer-Enc", 0.02, b"oding: chunked\r", 0.02, b"\n\r\n5", 0.02, b"\r\nhel", 0.02, b"lo\r\n0\r\n", b"\r\n"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"hello",
    ),
    Resource(
        "coding-list", (LISTED + b"5\r\nhello\r\n0\r\n\r\n",), LISTED, b"hello", notes=("transfer-encoding-unknown",)
    ),
    raw("coding-identity", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", text("coding-identity"), CLOSE, notes=("transfer-encoding-unknown",)),
]  # fmt: skip
HEADS = [
    sized("repeated", fields=b"Set-Cookie: a=1\r\nX-A: 1\r\nSet-Cookie: b=2; Path=/\r\nx-a: 2\r\nSet-Cookie: a=1\r\n"),
    sized("odd-case", fields=b"x-LOWER: a\r\nCONTENT-LANGUAGE: fa\r\nX-mIxEd: b\r\n"),
    sized("spaces", fields=b"X-Spaces:   many   of  them   \r\nX-Tab:\ttab\t\r\nX-None:x\r\nX-Empty:\r\nX-Blank:   \r\n"),
    sized("latin-1", fields=b"X-Place: Caf\xe9 M\xfcnchen\r\nX-UTF8: \xd9\x81\xd8\xa7\r\n"),
    sized("odd-reason", status=b"HTTP/1.1 200 Tr\xe8s  bien: oui!"),
    sized("empty-reason", status=b"HTTP/1.1 200 "),
    sized("no-reason", status=b"HTTP/1.1 200"),
    sized("odd-status", status=b"HTTP/1.1 299 Miscellaneous"),
    sized("not-found", status=b"HTTP/1.1 404 Not Found"),
    sized("server-error", status=b"HTTP/1.1 500 Oops"),
    sized("folded", fields=b"X-Folded: one\r\n two\r\n\tthree\r\nX-After: y\r\n"),
    sized("no-colon", fields=b"this line has no colon\r\nX-After: y\r\n"),
    sized("space-before-colon", fields=b"X-Spaced : value\r\nX(odd): value\r\n: no name\r\n"),
    raw("bare-lf", b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: %d\n\n" % len(text("bare-lf")), text("bare-lf")),
    raw("mixed-lf", b"HTTP/1.1 200 OK\r\nX-A: 1\nContent-Length: 5\r\n\n", b"hello"),
    sized("header-20000", fields=b"X-Long: " + b"l" * 20_000 + b"\r\n"),
    sized("header-65536", fields=b"X-Long: " + b"m" * 65_536 + b"\r\n"),
    sized("many-headers", fields=b"".join(b"X-%d: %d\r\n" % (n, n) for n in range(400))),
    sized("double-length", fields=b"Content-Length: %d\r\n" % len(text("double-length"))),
    Resource("early", (EARLY + OK5 + b"hello",), OK5, b"hello", interim=(EARLY,)),
    Resource("continue", (CONTINUE, 0.02, EARLY[:20], 0.02, EARLY[20:] + OK5, 0.02, b"hello"), OK5, b"hello", interim=(CONTINUE, EARLY)),
    Resource("byte-by-byte", tuple(bytes([byte]) for byte in OK5 + b"hello"), OK5, b"hello"),
    Resource("too-much", (OK5 + b"hello, and more",), OK5, b"hello", notes=("bytes-after-response",)),
]  # fmt: skip

BODILESS = [
    raw("204", b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"),
    raw("304", b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 500\r\n\r\n'),
    raw("head", b"HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n", method="HEAD"),
    raw("head-chunked", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", method="HEAD"),
    sized("post", method="POST", request_body=b"a=1&b=%C3%A9\r\n\r\nraw \x00\xff bytes"),
    sized("post-empty", method="POST"),
]

REDIRECTS = [
    sized("hop-1", b"moved", b"Location: /hop-2?x=1\r\n", b"HTTP/1.1 301 Moved Permanently"),
    sized("hop-2", b"", b"location: hop-3\r\n", b"HTTP/1.1 302 Found"),
    sized("hop-3", b"again", b"Location: /hop-4#part\r\n", b"HTTP/1.1 307 Temporary Redirect"),
    sized("hop-4"),
]

CLOSED = [
    raw("http-1.0", b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\n", text("http-1.0"), CLOSE),
    raw("until-close", b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", NOISE[2:], CLOSE),
    raw("close-sized", b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", b"hello", CLOSE),
]

CUT_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Cut: abc"
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
FRAMED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
LOST, FAILED, LATE, CAPPED = (
    "ResponseDataLossError",
    "DownloadFailedError",
    "DownloadTimeoutError",
    "DownloadCancelledError",
)
SOON: dict[str, object] = {"download_timeout": 0.7}
SMALL: dict[str, object] = {"download_maxsize": 1000}

CUT = [
    raw("cut-head", CUT_HEAD, b"", CLOSE, truncated="disconnect", fails=FAILED, notes=("head-incomplete",)),
    raw("cut-body", LONG, b"hello", CLOSE, truncated="disconnect", fails=LOST),
    raw("reset-body", LONG, b"hello", 0.1, RESET, truncated="disconnect", fails=LOST),
    Resource("cut-chunk", (FRAMED + b"5\r\nhello\r\nff\r\nabc", CLOSE), FRAMED, b"helloabc", truncated="disconnect", fails=LOST),
    Resource("cut-after-chunk", (FRAMED + b"5\r\nhello\r\n", CLOSE), FRAMED, b"hello", truncated="disconnect", fails=LOST),
    Resource("broken-chunk", (FRAMED + b"5\r\nhello\r\nxyz\r\n", HANG), FRAMED, b"hello", truncated="disconnect", fails=LOST),
    Resource("late-head", (CUT_HEAD, HANG), CUT_HEAD, truncated="time", fails=LATE, notes=("head-incomplete",), meta=SOON),
    raw("late-body", LONG, b"hello", HANG, truncated="time", fails=LATE, meta=SOON),
    Resource("late-chunk", (FRAMED + b"5\r\nhello\r\n", HANG), FRAMED, b"hello", truncated="time", fails=LATE, meta=SOON),
    raw("late-close", b"HTTP/1.1 200 OK\r\n\r\n", b"hello", HANG, truncated="time", fails=LATE, meta=SOON),
    raw("cap-stated", LONG, b"", HANG, truncated="length", fails=CAPPED, meta=SMALL),
    Resource("cap-reached", (FRAMED + chunks(text("cap-reached"), 100, end=b""), HANG), FRAMED, text("cap-reached"), truncated="length", fails=CAPPED, meta=SMALL),
    raw("two-lengths", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", b"hello", HANG,
        truncated="unspecified", fails=FAILED, notes=("content-length-invalid",)),
    Resource("endless-head", (CUT_HEAD + b"\r\n", *[b"X-More: " + b"m" * 65_000 + b"\r\n"] * 40, HANG), CUT_HEAD,
             truncated="unspecified", fails=FAILED, notes=("head-incomplete",)),
    raw("word-status", b"HTTP/1.1 fine\r\nContent-Length: 5\r\n\r\n", b"hello", HANG, truncated="unspecified", fails=FAILED),
]  # fmt: skip

UNRECORDED = [
    Resource("silent", (HANG,), b"", fails=LATE, meta=SOON),
    Resource("shut", (CLOSE,), b"", fails=FAILED),
    Resource("other-protocol", (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", HANG), b"", fails=FAILED),
    Resource("http-2", (b"HTTP/2 200\r\n\r\n", HANG), b"", fails=FAILED),
]
"""Answers without a head that HTTP/1.1 readers can show: counted, not recorded."""

RECORDED = [*CONTENT, *CHUNKED, *HEADS, *BODILESS, *REDIRECTS, *CLOSED, *CUT]
