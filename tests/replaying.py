"""`archiver replay` for tests: the real command in a process of its own.

Belongs here: starting and ending it, and asking it. Expectations are for the tests.
"""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archiver.errors import UsageError
from archiver.replay import find_environment
from tests.e2e.kit import environment, free_port


def need_pywb() -> Path:
    """The replay environment; skips the test where `make replay-setup` was not run."""
    try:
        return find_environment()
    except UsageError as error:
        pytest.skip(f"no replay environment: {error}")


@contextmanager
def replaying(store: Path | str, *options: str, cwd: Path, **variables: str) -> Iterator[str]:
    """The URL at which `archiver replay` serves the archive; TIMESTAMP14/URL follows it."""
    process = started(store, *options, cwd=cwd, **variables)
    try:
        yield first_line(process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def started(store: Path | str, *options: str, cwd: Path, **variables: str) -> subprocess.Popen[str]:
    """The command in the background."""
    command = [sys.executable, "-m", "archiver", "replay", "--store", str(store), "--port", "0", *options]
    return subprocess.Popen(
        command, cwd=cwd, env=environment(**variables), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def first_line(process: subprocess.Popen[str]) -> str:
    """The URL that the command prints; fails with what it said when it prints none."""
    assert process.stdout is not None and process.stderr is not None
    url = process.stdout.readline().strip()
    assert url.startswith("http://127.0.0.1:"), process.stderr.read()
    return url


@contextmanager
def opened_by_pywb(package: Path, folder: Path) -> Iterator[str]:
    """A WACZ as pywb's own manager adds it to a collection in `folder`, by the package's index; TIMESTAMP14/URL follows the address."""
    tools = find_environment() / "bin"
    for command in (["init", "c"], ["add", "--unpack-wacz", "c", str(package)]):
        subprocess.run([tools / "wb-manager", *command], cwd=folder, check=True, capture_output=True, timeout=60)
    port = free_port()
    command = [str(tools / "wayback"), "-b", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}/c/"
    finally:
        server.terminate()
        server.wait(10)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            get(f"http://127.0.0.1:{port}/c/")
        except ConnectionRefusedError:
            time.sleep(0.1)
        else:
            return


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


def get(url: str, **headers: str) -> Answer:
    """One GET, redirects not followed, the URL as it is. Header names have underscores for hyphens."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    target = url.partition(parts.netloc)[2]
    connection.request("GET", target, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    connection.close()
    return found
