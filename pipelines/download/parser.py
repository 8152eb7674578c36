"""The response parser: what browsers parse, and an ordinary head in one step.

Belongs here: what is read from a head, and when the connection is held back until somebody wants the body. What is copied is for
`wiretap`.

Twisted's and Scrapy's classes extended here are private names of theirs, see `tests/integration/test_private_names.py`.
"""

# mypy: disable-error-code="no-untyped-call"
# (Twisted's own methods have no annotations.)

from __future__ import annotations

import logging
import re
from typing import Any

from scrapy.core.downloader.handlers.http11 import _LenientHTTPClientParser
from twisted.web._newclient import DONE, HEADER, STATUS, ParseError, TransportProxyProducer
from twisted.web.http import _ChunkedTransferDecoder, _IdentityTransferDecoder
from twisted.web.http_headers import InvalidHeaderName

logger = logging.getLogger(__name__)

LINE_MAX = 2**18
"""Longest header line that is still parsed, in bytes; Twisted's own limit of 16,384 refuses pages that browsers show."""

HEAD_MAX = 2**19
"""Bytes of a head after which the answer is refused; a server that never ends its head fills no memory."""

_EMPTY_LINE = re.compile(rb"\n\r?\n")
_ORDINARY_HEAD = re.compile(
    rb"HTTP/1\.[01] [0-9]{3}(?: [^\r\n]*)?\r\n"
    rb"(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\r\n]*\r\n)*\r\n"
)


class _UnknownCodings(dict[bytes, Any]):
    """Transfer decoders by coding. A coding that nobody knows is read until the connection ends (RFC 9112 §6.3)."""

    def __missing__(self, coding: bytes) -> Any:
        return lambda received, finished: _IdentityTransferDecoder(None, received, finished)


class RecordingParser(_LenientHTTPClientParser):
    """Parses what browsers parse: long header lines, header names that are no tokens, unknown transfer codings."""

    MAX_LENGTH = LINE_MAX
    _head_size = 0
    _transferDecoders = _UnknownCodings({b"chunked": _ChunkedTransferDecoder})

    def dataReceived(self, data: bytes) -> None:
        if self.line_mode:
            self._head_size += len(data)
            if self._head_size > HEAD_MAX and not _EMPTY_LINE.search(data):
                raise ParseError("head too large", data[:100])
        elif not self._buffer:
            self.rawDataReceived(data)
            return
        # LineReceiver copies all that follows once per line; given the head alone it copies little.
        while self.line_mode and not self._buffer and (end := _EMPTY_LINE.search(data)):
            head, data = data[: end.end()], data[end.end() :]
            if self.state == STATUS and _ORDINARY_HEAD.fullmatch(head):
                self._ordinary_head(head)
            else:
                super().dataReceived(head)
            if not data or self.state == DONE:
                return
        super().dataReceived(data)

    def _ordinary_head(self, head: bytes) -> None:
        """What `lineReceived` does with each line, for a head without folded, broken or odd ones."""
        self._everReceivedData = True
        status, *lines = head[:-4].split(b"\r\n")
        self.statusReceived(status)
        self.state = HEADER
        for line in lines:
            name, _, value = line.partition(b":")
            self.headerReceived(name, value.strip())
        self.allHeadersReceived()

    def headerReceived(self, name: bytes, value: bytes) -> None:
        try:
            super().headerReceived(name.strip(b" \t"), value)
        except InvalidHeaderName:
            logger.debug("Skipping a header line whose name is no token: %r", name)

    def allHeadersReceived(self) -> None:
        codings = self.connHeaders.getRawHeaders(b"Transfer-Encoding")
        if codings and codings != [b"chunked"]:
            last = b",".join(codings).rpartition(b",")[2].strip().lower()
            self.connHeaders.setRawHeaders(b"Transfer-Encoding", [last])
        super().allHeadersReceived()


class PatientProducer(TransportProxyProducer):
    """The connection as its parser sees it. The parser pauses it after each head, and mostly whoever wants the body is there at
    once: the connection is paused only if the data at hand was dealt with and nobody came (`settle`). Asking the system to stop
    watching a socket and to watch it again costs more than reading from it.
    """

    _wanted = True
    _paused = False

    def pauseProducing(self) -> None:
        self._wanted = False

    def resumeProducing(self) -> None:
        self._wanted = True
        if self._paused:
            self._paused = False
            super().resumeProducing()

    def settle(self) -> None:
        """Pause the connection if the parser asked for it and still means it."""
        if not self._wanted and not self._paused:
            self._paused = True
            super().pauseProducing()
