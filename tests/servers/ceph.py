"""Ceph's RADOS gateway from Debian's packages, the second opinion: an old release that fails what old gateways fail.

The monitor, one OSD in memory and the gateway are started by `ceph_rgw.sh`; killing its process group ends them all.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tests.servers.kit import certificate, client, dying_with_us, free_block

SCRIPT = Path(__file__).with_name("ceph_rgw.sh")
PROGRAMS = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "monmaptool")


def missing() -> list[str]:
    """The programs that are not installed."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class CephRGW:
    """A gateway that speaks plain HTTP and TLS at once; `endpoint` is the TLS one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.base = free_block(3)
        self.plain = f"http://127.0.0.1:{self.base}"
        self.endpoint = f"https://127.0.0.1:{self.base + 2}"
        self.ca: Path | None = self.folder / "tls.crt"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> CephRGW:
        self.folder.mkdir(parents=True, exist_ok=True)
        crt, key = certificate(self.folder)
        command = [str(SCRIPT), str(self.folder / "data"), str(self.base), "memstore"]
        with (self.folder / "ceph.log").open("ab") as out:
            self._process = subprocess.Popen(
                dying_with_us(command),
                env={**os.environ, "TLS_CERT": str(crt), "TLS_KEY": str(key)},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def _wait(self) -> None:
        asking = client(self, connect_timeout=1, retries={"max_attempts": 1})
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline:
            try:
                asking.create_bucket(Bucket="ready")
                asking.put_object(Bucket="ready", Key="ready", Body=b"ready")
                return
            except (BotoCoreError, ClientError):
                time.sleep(0.2)
        raise RuntimeError(f"radosgw was not ready in 180 s:\n{(self.folder / 'ceph.log').read_text()[-2000:]}")

    def stop(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def __enter__(self) -> CephRGW:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
