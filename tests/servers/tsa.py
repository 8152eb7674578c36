"""A time stamping authority on loopback (RFC 3161 over HTTP): openssl answers, with a certificate of its own authority.

Belongs here: the server. What is done with its answers is for the tests.
"""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

CONFIGURATION = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamper]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = stamper.pem
certs = authority.pem
signer_key = stamper.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "tsa.cnf")


@dataclass
class Authority:
    """`certificates` is what to trust. `answer` replaces what openssl says: (status, body)."""

    folder: Path
    url: str = ""
    answer: tuple[int, bytes] | None = None
    kinds: list[str] = field(default_factory=list)

    @property
    def certificates(self) -> Path:
        return self.folder / "authority.pem"

    def make(self) -> None:
        (self.folder / "tsa.cnf").write_text(CONFIGURATION)
        (self.folder / "serial").write_text("01\n")
        signed = ("-subj", "/CN=Harbour Authority", "-days", "2", "-extensions", "authority")
        self._openssl("req", "-x509", *CURVE, *signed, "-keyout", "authority.key", "-out", "authority.pem")
        self._openssl("req", *CURVE, "-subj", "/CN=Harbour Clock", "-keyout", "stamper.key", "-out", "stamper.csr")
        by = ("-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial", "-days", "2")
        kind = ("-extfile", "tsa.cnf", "-extensions", "stamper")
        self._openssl("x509", "-req", "-in", "stamper.csr", *by, *kind, "-out", "stamper.pem")

    def reply(self, query: bytes) -> tuple[int, bytes]:
        if self.answer is not None:
            return self.answer
        (self.folder / "query.tsq").write_bytes(query)
        self._openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "query.tsq", "-out", "answer.tsr")
        return 200, (self.folder / "answer.tsr").read_bytes()

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=30)


@contextmanager
def authority(folder: Path) -> Iterator[Authority]:
    """A running authority; skips the test where there is no openssl."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here: apt-get install openssl")
    made = Authority(folder)
    made.make()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.kinds.append(self.headers.get("Content-Type", ""))
            status, body = made.reply(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Tests say what they saw themselves."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    made.url = f"http://127.0.0.1:{server.server_port}/tsr"
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
