"""What the servers share: ports, a certificate, keys, a client for the tests' own use, and dying with us."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.config import Config

from tests.integration.origin import write_certificate

ACCESS_KEY, SECRET_KEY = "testkey", "testsecret123"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": ACCESS_KEY,
    "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


class Server(Protocol):
    """An object store: where it listens, and the certificate that proves it (None for plain HTTP)."""

    endpoint: str
    ca: Path | None


def free_block(count: int, *, twins: int = 0) -> int:
    """The first port of a block of `count` that can all be bound, and those `twins` above them as well."""
    bases = list(range(21000, 29000, 10))
    first = os.getpid() % len(bases)  # parallel test runs start looking in different places
    for base in bases[first:] + bases[:first]:
        held: list[socket.socket] = []
        try:
            for port in [base + i + plus for plus in {0, twins} for i in range(count)]:
                held.append(socket.socket())
                held[-1].bind(("127.0.0.1", port))
            return base
        except OSError:
            continue
        finally:
            for one in held:
                one.close()
    raise RuntimeError("no free block of ports between 21000 and 29000")


def certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate for loopback and its key, as two PEM files."""
    both = write_certificate(folder / "both.pem").read_bytes()
    cut = both.index(b"-----BEGIN CERTIFICATE")
    key, crt = folder / "tls.key", folder / "tls.crt"
    key.write_bytes(both[:cut])
    crt.write_bytes(both[cut:])
    return crt, key


def dying_with_us(command: list[str]) -> list[str]:
    """The command, ended by the kernel when we end, however we end."""
    return ["setpriv", "--pdeathsig", "KILL", *command] if shutil.which("setpriv") else command


def client(server: Server, access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY, **config: Any) -> Any:
    """A plain boto3 client for the tests' own use; keyword arguments go to botocore's Config."""
    settings: dict[str, Any] = {
        "request_checksum_calculation": "when_required",
        "response_checksum_validation": "when_required",
        "s3": {"addressing_style": "path"},
        **config,
    }
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        verify=str(server.ca) if server.ca else None,
        config=Config(**settings),
    )
