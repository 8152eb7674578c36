"""Misbehaviour on the wire: heads, framing and connections that clients must survive and an archive must keep as they are.

Belongs here: answers that are written byte by byte.
"""

from __future__ import annotations

from archiver.demo.gallery.registry import HTML, Ask, column, misbehaviour
from archiver.reasons import Reason

_TYPE = ("Content-Type", HTML)
_CHUNKED = ("Transfer-Encoding", "chunked")


def _chunk(content: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(content), extension, content)


@misbehaviour("truncated-body", "Half of the promised Content-Length, then the connection closes.", Reason.DISCONNECTED)
def truncated_body(ask: Ask) -> None:
    body = column(ask).encode()
    ask.write(ask.head("200 OK", _TYPE, ("Content-Length", str(len(body)))) + b"\r\n" + body[: len(body) // 2])
    ask.closes = True


@misbehaviour("truncated-chunk", "The connection closes inside a chunk.", Reason.DISCONNECTED)
def truncated_chunk(ask: Ask) -> None:
    body = column(ask).encode()
    ask.write(ask.head("200 OK", _TYPE, _CHUNKED) + b"\r\n" + _chunk(body[:500]) + b"7d0\r\n" + body[500:900])
    ask.closes = True


@misbehaviour("truncated-head", "The connection closes in the middle of a header field.", Reason.DISCONNECTED)
def truncated_head(ask: Ask) -> None:
    ask.write(ask.head("200 OK", _TYPE) + b"X-Unfinis")
    ask.closes = True


@misbehaviour("bad-chunk", "A chunk size that is not a hexadecimal number.", Reason.BROKEN_RESPONSE)
def bad_chunk(ask: Ask) -> None:
    body = column(ask).encode()
    ask.write(ask.head("200 OK", _TYPE, _CHUNKED) + b"\r\n" + _chunk(body[:500]) + b"elephant\r\n" + body[500:])
    ask.closes = True


@misbehaviour("bad-status-line", "A status line that is no HTTP.", Reason.BROKEN_RESPONSE)
def bad_status_line(ask: Ask) -> None:
    ask.write(b"ICY twohundred fine\r\nContent-Type: text/html\r\n\r\n<p>Music.</p>")
    ask.closes = True


@misbehaviour("hang-up", "The connection closes without a single byte.", Reason.DISCONNECTED)
def hang_up(ask: Ask) -> None:
    ask.closes = True


@misbehaviour("stalled-body", "Half of the body, and then nothing for ever.", Reason.TIMEOUT, slow=True)
def stalled_body(ask: Ask) -> None:
    body = column(ask).encode()
    ask.write(ask.head("200 OK", _TYPE, ("Content-Length", str(len(body)))) + b"\r\n" + body[: len(body) // 2])
    ask.stopping.wait()
    ask.closes = True


@misbehaviour("stalled-head", "A status line, and then nothing for ever.", Reason.TIMEOUT, slow=True)
def stalled_head(ask: Ask) -> None:
    ask.write(b"HTTP/1.1 200 OK\r\n")
    ask.stopping.wait()
    ask.closes = True


@misbehaviour("drip", "One byte a second for ever: never idle, never done.", Reason.TIMEOUT, slow=True)
def drip(ask: Ask) -> None:
    ask.write(ask.head("200 OK", _TYPE) + b"\r\n")
    while ask.wait(1.0):
        ask.write(b".")
    ask.closes = True


@misbehaviour("never-ending", "A chunked body as fast as the client reads, for ever.", Reason.TOO_LARGE, slow=True)
def never_ending(ask: Ask) -> None:
    ask.write(ask.head("200 OK", _TYPE, _CHUNKED) + b"\r\n")
    piece = _chunk(b"<p>" + b"And so it went on, and on, and nobody could say when it would stop. " * 480 + b"</p>\n")
    while not ask.stopping.is_set():
        ask.write(piece)
    ask.closes = True


@misbehaviour("header-20k", "A header field of 20,000 bytes.")
def header_20k(ask: Ask) -> None:
    ask.answer(column(ask).encode(), ("X-Long", "abcdefghij" * 2000))


@misbehaviour("folded-header", "A header field that goes on in the next line (obsolete since RFC 7230).")
def folded_header(ask: Ask) -> None:
    body = column(ask).encode()
    head = ask.head("200 OK", _TYPE, ("Content-Length", str(len(body))), ("X-Folded", "first part"))
    ask.write(head + b" second part\r\n\tthird part\r\n\r\n" + body)


@misbehaviour("repeated-headers", "Set-Cookie twice, odd case, spaces around values, an empty value.")
def repeated_headers(ask: Ask) -> None:
    body = column(ask).encode()
    odd = b"set-cookie: a=1; Path=/\r\nSet-Cookie:b=2\r\nSET-COOKIE:   c=3  \r\nX-Empty:\r\nx-MIXED-cAsE: Yes\r\n"
    ask.write(ask.head("200 OK", _TYPE, ("content-LENGTH", str(len(body)))) + odd + b"\r\n" + body)


@misbehaviour("latin-1-header", "A header value in ISO-8859-1.")
def latin_1_header(ask: Ask) -> None:
    ask.answer(column(ask).encode(), ("X-Editor", "Jörg Müller, Straße 5"))


@misbehaviour("odd-reason", "Status 200 with an unusual reason phrase.")
def odd_reason(ask: Ask) -> None:
    ask.answer(column(ask).encode(), status="200 Everything is fine, thanks")


@misbehaviour("empty-reason", "Status 200 with no reason phrase at all.")
def empty_reason(ask: Ask) -> None:
    ask.answer(column(ask).encode(), status="200 ")


@misbehaviour("bare-lf", "A head whose lines end with LF alone.")
def bare_lf(ask: Ask) -> None:
    body = column(ask).encode()
    head = ask.head("200 OK", _TYPE, ("Content-Length", str(len(body)))) + b"\r\n"
    ask.write(head.replace(b"\r\n", b"\n") + body)


@misbehaviour("early-hints", "103 Early Hints before the 200.")
def early_hints(ask: Ask) -> None:
    ask.write(b"HTTP/1.1 103 Early Hints\r\nLink: </static/courier.css>; rel=preload; as=style\r\n\r\n")
    ask.answer(column(ask).encode())


@misbehaviour("http-10", "An HTTP/1.0 answer without length that ends when the connection does.")
def http_10(ask: Ask) -> None:
    head = ask.head("200 OK", _TYPE).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    ask.write(head + b"\r\n" + column(ask).encode())
    ask.closes = True


@misbehaviour("chunk-extensions", "Chunks of odd sizes with extensions, and a trailer.")
def chunk_extensions(ask: Ask) -> None:
    body, out, size = column(ask).encode(), b"", 1
    while body:
        out += _chunk(body[:size], b";note=%d" % size)
        body, size = body[size:], size * 3 + 1
    ask.write(
        ask.head("200 OK", _TYPE, _CHUNKED, ("Trailer", "X-Checked")) + b"\r\n" + out + b"0\r\nX-Checked: yes\r\n\r\n"
    )


@misbehaviour("both-lengths", "Transfer-Encoding and a wrong Content-Length together: chunked wins (RFC 9112 §6.3).")
def both_lengths(ask: Ask) -> None:
    body = column(ask).encode()
    ask.write(ask.head("200 OK", _TYPE, _CHUNKED, ("Content-Length", "7")) + b"\r\n" + _chunk(body) + b"0\r\n\r\n")
    ask.closes = True
