"""Hosts that are absent, broken, endless or hostile: one run asks them all, and each costs its own URL only."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from archiver.archive import Archive
from archiver.audit import check_archive
from tests.e2e.kit import Server, archiver, article, documents, free_port, manifests, ok, reasons, write_config
from tests.integration.origin import write_certificate

SIZE_MAX = 3_000_000


@dataclass(frozen=True)
class Asked:
    store: Path
    urls: dict[str, str]
    reasons: dict[str, str]
    documents: dict[str, dict[str, Any]]
    stderr: str
    code: int

    def outcome(self, name: str) -> str:
        """The Reason of a named URL, or `document`."""
        url = self.urls[name]
        found = self.reasons.get(url) or ("document" if url in self.documents else "nothing at all")
        return f"{found} and a document" if url in self.reasons and url in self.documents else found


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html><body>")
    while True:
        connection.sendall(b"<p>and so on and so on</p>" * 4000)


def silent(connection: socket.socket) -> None:
    connection.recv(1)  # until the client goes away


def dripping(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    gone = threading.Event()
    while not gone.wait(0.3):
        connection.sendall(b".")


def huge(connection: socket.socket) -> None:
    """200 MB by its own word."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 200000000\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def half(connection: socket.socket) -> None:
    body = article().encode()
    connection.sendall(ok(body)[: -len(body) // 2])


def bomb(megabytes: int) -> bytes:
    return gzip.compress(b"0" * megabytes * 2**20, 9)


REDIRECT = "302 Found"
PAGES = {
    "/good": ok(article("Good news from the harbour")),
    "/last": ok(article("The last page is read as well")),
    "/endless": endless,
    "/silent": silent,
    "/dripping": dripping,
    "/huge": huge,
    "/half": half,
    "/loop": ok("", "Location: /pool", status=REDIRECT),
    "/pool": ok("", "Location: /loop", status=REDIRECT),
    "/self": ok("", "Location: /self", status=REDIRECT),
    "/to-private": ok("", "Location: http://10.1.2.3/", status=REDIRECT),
    "/to-loopback-port": ok("", f"Location: http://127.0.0.1:{free_port()}/", status=REDIRECT),
    "/to-ftp": ok("", "Location: ftp://example.org/x", status=REDIRECT),
    "/to-nowhere": ok("", "Location: http://", status=REDIRECT),
    "/bomb": ok(bomb(100), "Content-Encoding: gzip"),
    "/double-bomb": ok(gzip.compress(bomb(100)), "Content-Encoding: gzip, gzip"),
    "/lie": ok(b"\x1f\x8b\x08\x00garbage that is no deflate stream" * 40, "Content-Encoding: gzip"),
    "/odd-coding": ok(article(), "Content-Encoding: rot13"),
    "/nested": ok("<html><body>" + "<div>" * 100_000 + article()),
    "/nuls": ok(article("Nul\x00 bytes").replace("<p>", "<p>\x00").encode()),
    "/wrong-charset": ok(article("Größe").encode(), kind="text/html; charset=no-such-charset"),
    "/latin": ok(article("Größe").encode("latin-1"), kind="text/html; charset=utf-8"),
    "/utf-7": ok(article("Plain").encode(), kind="text/html; charset=utf-7"),
    "/random": ok(bytes(range(256)) * 400),
    "/empty": ok(b""),
    "/spaces": ok(b"   \n  "),
    "/picture": ok(b"\x89PNG\r\n\x1a\n" + bytes(500), kind="image/png"),
    "/gone": ok("gone", status="410 Gone"),
    "/oops": ok("oops", status="500 Internal Server Error"),
    "/slow-down": ok("slow down", status="429 Too Many Requests"),
    "/not-http": b"SSH-2.0-OpenSSH_9.2\r\n",
    "/bad-status": b"HTTP/1.1 two hundred\r\n\r\n",
    "/bad-chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
    "/hang-up": b"",
    "/header-flood": b"HTTP/1.1 200 OK\r\n" + b"X-A: 1\r\n" * 20_000 + ok(article()).partition(b"\r\n")[2],
    "/line-flood": b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1_000_000,
    "/attributes": ok(article(extra="<b " + " ".join(f"a{n}=1" for n in range(60_000)) + ">x</b>")),
    "/entities": ok(
        '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>' + article(extra="&b;" * 50)
    ),
    "/file-link": ok(article(extra='<img src="file:///etc/passwd"><img src="http://[bad"><script src="//"></script>')),
}
EXPECTED = {
    "good": "document",
    "last": "document",
    "endless": "too-large",
    "silent": "timeout",
    "dripping": "timeout",
    "huge": "too-large",
    "half": "disconnected",
    "loop": "redirect-loop",
    "self": "redirect-loop",
    "to-private": "private-address",
    "to-loopback-port": "private-address",
    "to-ftp": "http-error",
    "to-nowhere": "redirect-loop",
    "bomb": "too-large",
    "double-bomb": "too-large",
    "lie": "undecodable",
    "odd-coding": "undecodable",
    "nested": "document",
    "nuls": "document",
    "wrong-charset": "document",
    "latin": "document",
    "utf-7": "document",
    "empty": "empty",
    "spaces": "empty",
    "picture": "not-html",
    "gone": "http-error",
    "oops": "http-error",
    "slow-down": "throttled",
    "not-http": "broken-response",
    "bad-status": "broken-response",
    "bad-chunk": "broken-response",
    "hang-up": "disconnected",
    "header-flood": "document",
    "line-flood": "disconnected",
    "attributes": "document",
    "entities": "document",
    "file-link": "document",
    # Whole hosts:
    "unresolvable": "dns-failed",
    "refused": "connect-failed",
    "bad-certificate": "tls-failed",
    "no-tls": "robots-unreachable",
    "not-a-url": "bad-url",
    "no-scheme": "bad-url",
    "ftp": "bad-url",
    "port-zero": "bad-url",
}


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """A host whose certificate nobody signed."""
    certificate = write_certificate(tmp_path_factory.mktemp("tls") / "certificate.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, tls_server: int) -> Asked:
    folder = tmp_path_factory.mktemp("strangers")
    config = {"timeout": "4s", "retries": 0, "redirects": 4, "size_max": "3MB"}
    write_config(folder, '[extract]\npage_time = "20s"\n', **config)
    with Server(PAGES) as server:
        urls = {path[1:]: server.base + path for path in PAGES if path != "/pool"}
        urls |= {
            "unresolvable": "http://no-such-host.invalid/",
            "refused": f"http://127.0.0.1:{free_port()}/",
            "bad-certificate": f"https://127.0.0.1:{tls_server}/good",
            "no-tls": server.base.replace("http:", "https:") + "/good",
            "not-a-url": "this is no address",
            "no-scheme": "www.example.org/page",
            "ftp": "ftp://example.org/page",
            "port-zero": "http://127.0.0.1:0/",
        }
        run = archiver("capture", *urls.values(), "--json", cwd=folder)
    store = folder / "archive"
    found = {document["requested_url"]: document for document in documents(store)}
    return Asked(store, urls, reasons(store), found, run.stderr.decode(), run.returncode)


@pytest.mark.parametrize("name", EXPECTED)
def test_stranger_costs_its_own_url_only(asked: Asked, name: str) -> None:
    assert asked.outcome(name) == EXPECTED[name], asked.stderr[-2000:]


def test_the_run_went_on_and_says_so(asked: Asked) -> None:
    assert asked.code == 0, asked.stderr
    assert "Traceback" not in asked.stderr


def test_every_url_of_the_run_is_accounted_for(asked: Asked) -> None:
    assert {name for name in asked.urls if asked.outcome(name) == "nothing at all"} == set()


def test_every_refusal_says_what_was_seen(asked: Asked) -> None:
    silent_ones = [r for run in manifests(asked.store) for r in run["refusals"] if not r["detail"]]
    assert silent_ones == []
    raw = json.dumps([r["detail"] for run in manifests(asked.store) for r in run["refusals"]])
    assert "twisted.python.failure" not in raw


def test_what_strangers_sent_is_recorded_soundly(asked: Asked) -> None:
    assert [str(f) for f in check_archive(Archive(asked.store)) if f.severity == "error"] == []
    for name in ("half", "endless", "huge", "dripping"):
        capture = Archive(asked.store).captures(asked.urls[name])[0]
        assert capture.pointer.truncated in ("disconnect", "length", "time"), name


def test_wrong_charsets_give_readable_text(asked: Asked) -> None:
    for name in ("wrong-charset", "latin"):
        assert asked.documents[asked.urls[name]]["headline"] == "Größe"
    assert "\x00" not in asked.documents[asked.urls["nuls"]]["article_body"]
