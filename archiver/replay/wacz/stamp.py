"""RFC 3161 time stamps of packages: who else says that a package was there at that time.

Belongs here: asking a time stamping authority, and checking its answer, through `openssl ts`. What is stamped is the SHA-256 of
datapackage.json, which stands for all of a package; so the answer cannot be inside, and lies beside it, as `FILE.wacz.tsr`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from archiver.errors import StampError, UsageError

ANSWER_MAX = 2**18
"""Bytes of an authority's answer, its certificates among them."""

TIMEOUT = 30.0
NO_OPENSSL = "time stamps need openssl: apt-get install openssl"
_TIME = re.compile(r"^Time stamp: (\w{3}) +(\d+) (\d\d):(\d\d):(\d\d)(?:\.\d+)? (\d{4}) GMT$", re.MULTILINE)
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """`moment` is what the authority says, UTC. `trusted`: its certificate leads to one of the authorities that were named."""

    path: Path
    moment: datetime
    trusted: bool


def stamp_of(package: Path) -> Path:
    """Where the time stamp of a package lies."""
    return package.with_name(package.name + ".tsr")


def must_be_able(url: str) -> None:
    """Raises `UsageError` where no time stamp can be asked for, before anybody has waited for a package."""
    if shutil.which("openssl") is None:
        raise UsageError(NO_OPENSSL)
    if not re.match(r"https?://", url, re.IGNORECASE):
        raise UsageError(f"{url}: the address of a time stamping authority begins with http:// or https://")


def stamp(package: Path, digest: str, url: str, authorities: Path | None = None) -> Stamp:
    """Has the authority at `url` stamp `digest` (as `Written` has it), and keeps its answer when that holds.

    `authorities`: certificates (PEM) that its own has to lead to. Raises `StampError`, and `UsageError` for what cannot work.
    """
    must_be_able(url)
    with tempfile.TemporaryDirectory(prefix="archiver-stamp-") as folder:
        query, answer = Path(folder) / "query.tsq", Path(folder) / "answer.tsr"
        _openssl("ts", "-query", "-digest", _hex(digest), "-sha256", "-cert", "-out", str(query))
        answer.write_bytes(_ask(url, query.read_bytes()))
        made = _verified(answer, ("-queryfile", str(query)), authorities)
        try:
            partial = stamp_of(package).with_suffix(f".{os.getpid()}")
            shutil.copyfile(answer, partial)
            partial.replace(stamp_of(package))
        except OSError as error:
            raise StampError(f"{stamp_of(package)}: cannot be written: {error.strerror or error}") from error
    return Stamp(stamp_of(package), made.moment, made.trusted)


def check_stamp(package: Path, digest: str, authorities: Path | None = None) -> Stamp:
    """What the time stamp beside a package says. Raises `StampError` when it is not this package's, or does not hold."""
    return _verified(stamp_of(package), ("-digest", _hex(digest)), authorities)


def _ask(url: str, query: bytes) -> bytes:
    headers = {"Content-Type": "application/timestamp-query", "User-Agent": "news-archiver"}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, query, headers), timeout=TIMEOUT) as answer:
            content: bytes = answer.read(ANSWER_MAX + 1)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise StampError(f"{url}: gives no time stamp: {error}; the package is there without one") from error
    if len(content) > ANSWER_MAX:
        raise StampError(f"{url}: answers with more than {ANSWER_MAX} bytes, which is no time stamp")
    return content


def _verified(answer: Path, asked: tuple[str, str], authorities: Path | None) -> Stamp:
    """A stamp that is signed, and for what was asked; by whom it is signed is judged where `authorities` says whom to trust."""
    said = _openssl("ts", "-reply", "-in", str(answer), "-text")
    found = _TIME.search(said)
    if found is None:
        status = next((line for line in said.splitlines() if line.startswith("Status")), "no answer of the protocol")
        raise StampError(f"{answer.name}: holds no time stamp ({status.strip()})")
    month, day, hour, minute, second, year = found.groups()
    moment = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    if authorities is not None:
        _openssl("ts", "-verify", *asked, "-in", str(answer), "-CAfile", str(authorities))
        return Stamp(answer, moment, True)
    with _own_certificates(answer) as own:
        # That the moment lies in the certificates' time is for who trusts the authority; a stamp outlives them.
        _openssl("ts", "-verify", *asked, "-in", str(answer), "-CAfile", str(own), "-partial_chain", "-no_check_time")
    return Stamp(answer, moment, False)


@contextmanager
def _own_certificates(answer: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="archiver-stamp-") as folder:
        token, own = Path(folder) / "token.der", Path(folder) / "own.pem"
        _openssl("ts", "-reply", "-in", str(answer), "-token_out", "-out", str(token))
        _openssl("pkcs7", "-inform", "DER", "-in", str(token), "-print_certs", "-out", str(own))
        yield own


def _openssl(*arguments: str) -> str:
    """What openssl prints. Raises `StampError` with its last words."""
    try:
        done = subprocess.run(
            ["openssl", *arguments],
            capture_output=True,
            env={**os.environ, "LC_ALL": "C"},
            timeout=TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError(NO_OPENSSL) from None
    except subprocess.TimeoutExpired:
        raise StampError(f"openssl {arguments[0]} {arguments[1]} did not end within {TIMEOUT:g} s") from None
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        said = words[-1].split(":error:")[-1] if words else f"exit {done.returncode}"
        raise StampError(f"openssl {arguments[0]} {arguments[1]}: {said}")
    return done.stdout.decode("utf-8", "replace")


def _hex(digest: str) -> str:
    return digest.rpartition(":")[2]
