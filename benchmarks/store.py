"""Object storage: how fast a WARC goes up beside plain boto3, on the same server in the same run, and in how much memory.

The server is SeaweedFS from the tests' wheel, on loopback. Rates are medians of alternating rounds; the memory is the peak of a process
of its own that uploads one large file.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import boto3
from botocore.config import Config

from archiver.config import S3Table
from archiver.store import open_store
from archiver.store.opening import open_for_publishing
from benchmarks.tables import machine, paper, ratio_line
from tests.servers.kit import ENVIRONMENT, client
from tests.servers.seaweedfs import SeaweedFS, weed

BUCKET = "bench"
RATE_MIN = 0.8
MEMORY_MAX = 200 * 2**20
SPEED_BYTES = 512 * 2**20
MEMORY_BYTES = 5 * 10**9

_ALONE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from archiver.config import S3Table
from archiver.store.opening import open_for_publishing
from benchmarks.peak import peak_memory
url, path, state = sys.argv[1:]
store = open_for_publishing(url, S3Table(), Path(state), datetime.now(UTC)).store
store.put_file("warc/large.warc.gz", Path(path))
print(peak_memory())
"""


def main(rounds: int) -> bool:
    """Runs both measurements; whether both targets are met."""
    if weed() is None:
        paper.print("store: no SeaweedFS on this machine")
        return False
    os.environ.update(ENVIRONMENT)
    paper.print(machine())
    with tempfile.TemporaryDirectory(prefix="archiver-bench-") as name, SeaweedFS(Path(name) / "server") as server:
        client(server).create_bucket(Bucket=BUCKET)
        url = f"s3://{BUCKET}/x?endpoint={server.endpoint}"
        fast = _speed(server.endpoint, url, Path(name), rounds)
        return _memory(url, Path(name)) and fast


def _speed(endpoint: str, url: str, folder: Path, rounds: int) -> bool:
    store = open_for_publishing(url, S3Table(), folder / "state", datetime.now(UTC)).store
    path = _file(folder / "speed", SPEED_BYTES)
    plain = boto3.client(
        "s3", endpoint_url=endpoint, region_name="us-east-1", config=Config(s3={"addressing_style": "path"})
    )
    ours, theirs = [], []
    for number in range(rounds):
        ours.append(_timed(lambda n=number: store.put_file(f"warc/{n}.warc.gz", path)))  # type: ignore[misc]
        theirs.append(_timed(lambda n=number: plain.upload_file(str(path), BUCKET, f"plain/{n}")))  # type: ignore[misc]
        store.delete(f"warc/{number}.warc.gz")
        plain.delete_object(Bucket=BUCKET, Key=f"plain/{number}")
    path.unlink()
    mine, other = (SPEED_BYTES / 2**20 / statistics.median(times) for times in (ours, theirs))
    paper.print(
        f"put_file with digests, journal and comparison {mine:.0f} MiB/s, boto3's upload_file {other:.0f} MiB/s"
    )
    ratios = [theirs[number] / ours[number] for number in range(rounds)]
    paper.print(ratio_line("store: rate beside plain boto3", ratios, RATE_MIN))
    return statistics.median(ratios) >= RATE_MIN


def _memory(url: str, folder: Path) -> bool:
    path = folder / "large"
    with path.open("wb") as sink:
        sink.truncate(MEMORY_BYTES)  # zeros: what is in it costs the memory nothing, and the disk is spared
    command = [sys.executable, "-c", _ALONE, url, str(path), str(folder / "state")]
    started = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=Path(__file__).parents[1])
    peak, seconds = int(done.stdout), time.perf_counter() - started
    found = open_store(url).head("warc/large.warc.gz")
    assert found
    assert found.size == MEMORY_BYTES
    paper.print(
        f"store: {MEMORY_BYTES / 1e9:.0f} GB uploaded in {seconds:.0f} s, peak memory {peak / 2**20:.0f} MiB (at most {MEMORY_MAX >> 20})"
    )
    return peak <= MEMORY_MAX


def _file(path: Path, size: int) -> Path:
    block = os.urandom(2**20)
    with path.open("wb") as sink:
        for number in range(-(-size // len(block))):
            sink.write(number.to_bytes(8, "big") + block[8:])
        sink.truncate(size)
    return path


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started
