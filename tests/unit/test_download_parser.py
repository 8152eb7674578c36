"""The parser of answers: an ordinary head in one step, and what Scrapy's own parser makes of the same bytes, however they arrive."""

from __future__ import annotations

import random
from typing import Any

import pytest
from scrapy.core.downloader.handlers.http11 import _LenientHTTPClientParser
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Protocol
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError, Request, TransportProxyProducer
from twisted.web.http_headers import Headers

from pipelines.download.parser import HEAD_MAX, PatientProducer, RecordingParser

OK = b"HTTP/1.1 200 OK\r\n"
ANSWERS = [
    OK + b"Content-Length: 5\r\nX: a\r\nX:  b \r\nY:\r\n\r\nhello",
    OK + b"Content-Length: 5\r\n\r\nhellojunk\r\n\r\njunk",
    OK + b"Content-Length: 10\r\n\r\ncut",
    OK + b"\r\n\r\nX\n\nY\r\n\r\n",
    OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    OK + b"Content-Length: 3, 3\r\n\r\nabc",
    OK + b"Content-Length: -3\r\n\r\nabc",
    OK + b"A: b\r\n folded\r\nContent-Length: 3\r\n\r\nabc",
    OK + b" folded first\r\nContent-Length: 3\r\n\r\nabc",
    OK + b"no colon\r\nContent-Length: 3\r\n\r\nabc",
    OK + b"X: a\rb\r\nContent-Length: 3\r\n\r\nabc",
    OK + b"X: \x00\xff\r\nContent-Length: 3\r\n\r\nabc",
    OK + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: v\r\n\r\n",
    OK + b"Transfer-Encoding: Chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    OK + b"X: y",
    OK + b"X: y\r\n\r",
    b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 100 Go\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nab",
    b"HTTP/1.1 101 Switch\r\n\r\nHTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n",
    b"HTTP/1.1 204 None\r\nA: b\r\n\r\njunk\n\n",
    b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.0 200 \r\n\r\n\r\n\n\nbody \r\n\r\n",
    b"HTTP/1.1 200 OK\nContent-Length: 4\n\n\n\n\n\n",
    b"HTTP/1.1 20 OK\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/1.1 2000 OK\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/1.1 200 O\rK\r\nContent-Length: 3\r\n\r\nabc",
    b"HTTP/2 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    b"\r\n" + OK + b"Content-Length: 3\r\n\r\nabc",
    b"ICY twohundred fine\r\n\r\n",
    b"\n\n\n\n",
]


class _Body(Protocol):
    def __init__(self) -> None:
        self.read, self.end = b"", ""

    def dataReceived(self, data: bytes) -> None:
        self.read += data

    def connectionLost(self, reason: Failure = Failure(ConnectionDone())) -> None:  # noqa: B008
        self.end = type(reason.value).__name__


class _Answer:
    """What a parser makes of an answer that arrives in these pieces on a connection that is closed after them."""

    def __init__(self, parser: Any, pieces: list[bytes], method: bytes) -> None:
        self.whole = False
        self.said: list[Any] = []
        body = _Body()

        def answered(response: Any) -> None:
            head = response.version, response.code, response.phrase, response.length
            self.said.append((head, list(response.headers.getAllRawHeaders())))
            response.deliverBody(body)

        request = Request(method, b"/", Headers({b"host": [b"news.example"]}), None)  # type: ignore[no-untyped-call]
        reading = parser(request, self._finished)
        connection: Any = TransportProxyProducer(StringTransport())  # type: ignore[no-untyped-call]
        if parser is RecordingParser:
            connection.__class__ = PatientProducer
        reading.makeConnection(connection)
        reading._responseDeferred.addCallbacks(answered, lambda failure: self.said.append(failure.type.__name__))
        try:
            for piece in pieces:
                if not self.whole:
                    reading.dataReceived(piece)
        except Exception as error:  # noqa: BLE001 - which error ends the answer is part of what is compared
            self.said.append(type(error).__name__)
        if not self.whole:
            reading.connectionLost(Failure(ConnectionDone()))
        self.said += [body.read, body.end, self.whole]

    def _finished(self, rest: bytes) -> None:
        self.whole = True


def _cuts(answer: bytes) -> list[list[bytes]]:
    """An answer in one piece, in single bytes, in every two pieces, and in some fives."""
    chosen = random.Random(len(answer))
    cuts = [[], list(range(1, len(answer))), *[[place] for place in range(1, len(answer))]]
    cuts += [sorted(chosen.sample(range(1, len(answer)), 4)) for _ in range(40) if len(answer) > 8]
    return [[answer[a:b] for a, b in zip([0, *cut], [*cut, len(answer)], strict=True)] for cut in cuts]


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_reads_as_scrapy_reads_it_in_whatever_pieces_it_arrives(answer: bytes, method: bytes) -> None:
    expected = _Answer(_LenientHTTPClientParser, [answer], method).said
    for pieces in _cuts(answer):
        assert _Answer(RecordingParser, pieces, method).said == expected, pieces


@pytest.mark.parametrize("line", [b": no name", b"Bad Name: x", b"B\xe4d: x"])
def test_a_header_whose_name_is_no_token_costs_itself_only(line: bytes) -> None:
    expected = _Answer(_LenientHTTPClientParser, [OK + b"Content-Length: 3\r\n\r\nabc"], b"GET").said
    for pieces in _cuts(OK + line + b"\r\nContent-Length: 3\r\n\r\nabc"):
        assert _Answer(RecordingParser, pieces, b"GET").said == expected, pieces


def test_an_ordinary_head_takes_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_lines(*line: object) -> None:
        raise AssertionError("an ordinary head was read line by line")

    monkeypatch.setattr(RecordingParser, "lineReceived", by_lines)
    whole = OK + b"Server: x\r\nContent-Length: 3\r\n\r\nabc"
    assert _Answer(RecordingParser, [whole], b"GET").said[-1] is True


@pytest.mark.parametrize("piece", [b"X: " + b"y" * 4093 + b"\r\n", b" folded" * 585 + b"\r\n"])
def test_a_head_that_never_ends_is_refused(piece: bytes) -> None:
    pieces = [OK + b"A: b\r\n", *[piece] * (2 * HEAD_MAX // len(piece))]
    said = _Answer(RecordingParser, pieces, b"GET").said
    assert said[0] == ParseError.__name__
