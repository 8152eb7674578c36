"""What rendered capture does without a browser: heads and bodies, the proxy's judgement, the words for failures."""

from __future__ import annotations

import asyncio
import io
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from archiver.browser import find_chromium, wire
from archiver.browser.proxy import GuardedProxy
from archiver.browser.reasons import reason_of
from archiver.errors import ConfigError
from archiver.reasons import Reason
from archiver.warc.wire import split_response

HEAD = b"HTTP/1.1 200 Fine\r\nContent-Type: text/html\r\nSet-Cookie: a=1\r\n"


def stored(answer: bytes) -> tuple[bytes, bytes]:
    """(head, body) as the writer takes the answer apart; it must be whole."""
    taken = split_response(io.BytesIO(answer), method="GET", closed_by_peer=True, truncated=None)
    assert taken.truncated is None and not taken.notes
    return taken.head, taken.body.read()


def test_a_decoded_body_has_no_header_that_says_otherwise() -> None:
    coded = HEAD + b"content-encoding: gzip\r\nContent-Length: 31\r\nTransfer-Encoding: chunked\r\n\r\n"
    head, body = stored(wire.answer_bytes(coded, b"decoded"))
    assert body == b"decoded"
    assert (
        b"X-Crawler-content-encoding: gzip\r\nX-Crawler-Content-Length: 31\r\nX-Crawler-Transfer-Encoding: chunked"
        in head
    )
    assert head.replace(b"X-Crawler-", b"") == coded, "taking the prefix away gives the head that was received"


def test_a_length_that_fits_stays_and_one_of_a_cut_body_too() -> None:
    plain = HEAD + b"Content-Length: 7\r\n\r\n"
    assert wire.answer_bytes(plain, b"seven b") == plain + b"seven b"
    assert wire.answer_bytes(plain, b"sev", cut=True) == plain + b"sev"
    assert b"X-Crawler-Content-Length: 7" in wire.answer_bytes(plain, b"")  # a redirect, whose body no browser shows


def test_a_head_is_the_block_received_or_made_from_its_fields() -> None:
    raw = "HTTP/1.1 200 Très bien\r\nx-LOWER:  two  spaces\r\n\r\n"
    assert wire.head_bytes(raw, 200, "", ()) == raw.encode("latin-1")
    made = wire.head_bytes(None, 404, "Not Found", (("a", "1\n2"), ("b", "3")))
    assert made == b"HTTP/1.1 404 Not Found\r\na: 1\r\na: 2\r\nb: 3\r\n\r\n"


def test_a_request_is_made_of_what_was_sent_and_of_one_line_each() -> None:
    sent = {"Host": "e.test", "X": "a\r\nInjected: 1", ":method": "POST"}
    made = wire.request_bytes("POST", "https://e.test/p?q=1", sent, b"body")
    assert made == b"POST /p?q=1 HTTP/1.1\r\nHost: e.test\r\nX: a  Injected: 1\r\n\r\nbody"
    assert b"Host: e.test:8080\r\n" in wire.request_bytes("GET", "http://e.test:8080", {}, b"")


def through(
    proxy: GuardedProxy,
    host: str,
    port: int,
    ask: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[bytes]],
) -> tuple[int, bytes]:
    """(the proxy's answer code, what `ask` read) for one SOCKS5 CONNECT by name."""

    async def one() -> tuple[int, bytes]:
        await proxy.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        name = host.encode()
        writer.write(b"\x05\x01\x00\x05\x01\x00\x03" + bytes([len(name)]) + name + port.to_bytes(2, "big"))
        await reader.readexactly(2)
        code = (await reader.readexactly(10))[1]
        read = await ask(reader, writer) if code == 0 else b""
        writer.close()
        await proxy.stop()
        return code, read

    return asyncio.run(one())


async def line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    return await reader.read(5)


async def private(host: str, port: int) -> list[str]:
    return ["10.1.2.3", "127.0.0.1"]


def test_the_proxy_connects_only_to_what_was_let_through() -> None:
    proxy = GuardedProxy(lambda address: True)
    assert through(proxy, "somewhere.test", 80, line) == (2, b"")
    assert proxy.failures == {}, "nobody asked for it, so nobody is told"


def test_the_proxy_judges_the_addresses_that_a_name_leads_to() -> None:
    proxy = GuardedProxy(lambda address: False, private)
    proxy.let_through("inside.test:80")
    assert through(proxy, "INSIDE.test", 80, line)[0] == 2
    reason, sentence = proxy.failures["inside.test:80"]
    assert reason is Reason.PRIVATE_ADDRESS
    assert "10.1.2.3, 127.0.0.1" in sentence and "[network] allow" in sentence


def test_an_origin_that_the_operator_named_is_connected_and_its_address_known() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
            accepted, _ = server.accept()
            with accepted:
                accepted.sendall(b"hello")
                return await reader.readexactly(5)

        async def here(host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

        proxy = GuardedProxy(lambda address: False, here)
        proxy.let_through(f"mine.test:{port}")
        proxy.open_origins.add(f"mine.test:{port}")
        assert through(proxy, "mine.test", port, ask) == (0, b"hello")
        assert proxy.addresses == {f"mine.test:{port}": "127.0.0.1"}


@pytest.mark.parametrize(
    "error, reason",
    [
        ("net::ERR_CERT_DATE_INVALID", Reason.TLS_FAILED),
        ("net::ERR_TOO_MANY_REDIRECTS", Reason.REDIRECT_LOOP),
        ("net::ERR_INVALID_HTTP_RESPONSE", Reason.BROKEN_RESPONSE),
        ("net::ERR_EMPTY_RESPONSE", Reason.DISCONNECTED),
        ("net::ERR_CONTENT_DECODING_FAILED", Reason.UNDECODABLE),
        ("net::ERR_SOMETHING_NEW", Reason.CONNECT_FAILED),
        ("net::ERR_SOCKS_CONNECTION_FAILED", Reason.DNS_FAILED),
    ],
)
def test_a_failure_has_the_reason_that_it_would_have_without_a_browser(error: str, reason: Reason) -> None:
    proxy = GuardedProxy(lambda address: True)
    proxy.failures["e.test:443"] = Reason.DNS_FAILED, "e.test: no such name"
    assert reason_of(error, "https://e.test/", proxy)[0] is reason


def test_a_browser_that_is_not_there_gives_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="apt-get install chromium"):
        find_chromium()
    with pytest.raises(ConfigError, match='"no-such" is no program'):
        find_chromium("no-such")
    (tmp_path / "chromium").write_text("#!/bin/sh\n")
    (tmp_path / "chromium").chmod(0o755)
    assert find_chromium() == tmp_path / "chromium"
    assert Reason.RENDER_FAILED.sentence
