"""SeaweedFS, a real S3 server from a wheel: `python -m tests.servers.seaweedfs DIR` serves until Ctrl-C.

Everything listens on 127.0.0.1 only, and its telemetry is off.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tests.servers.kit import ACCESS_KEY, SECRET_KEY, certificate, client, dying_with_us, free_block

GRPC = 10000  # every service listens on P (http) and on P + 10000 (gRPC)
S3, MASTER, VOLUME, FILER, ADMIN, HTTPS = range(6)
PORTS = 6


def weed() -> str | None:
    """The program, where it is installed: beside this Python first."""
    beside = str(Path(sys.executable).parent)
    return shutil.which("weed", path=beside + os.pathsep + os.environ.get("PATH", ""))


class SeaweedFS:
    """One `weed mini` process. `stop` kills it, and `start` again serves what was acknowledged.

    `identities` stand beside the administrator, for tests of rights, such as
    {"name": "w", "credentials": [{"accessKey": "w", "secretKey": "…"}], "actions": ["Read:b", "Write:b", "List:b"]}.
    """

    def __init__(self, folder: Path, *, tls: bool = False, identities: list[dict[str, Any]] | None = None) -> None:
        self.folder, self.identities = folder.resolve(), identities
        self.base = free_block(PORTS, twins=GRPC)
        self.ca = self.folder / "tls.crt" if tls else None
        self.endpoint = f"https://127.0.0.1:{self.base + HTTPS}" if tls else f"http://127.0.0.1:{self.base + S3}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> SeaweedFS:
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "GOMEMLIMIT": "400MiB"}
        log = self.folder / "weed.log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                dying_with_us(self._command()),
                env={**os.environ, **keys},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        try:
            self._wait(log)
        except BaseException:
            self.stop()
            raise
        return self

    def _command(self) -> list[str]:
        program = weed()
        if program is None:
            raise FileNotFoundError("weed is not installed: make setup")
        base = self.base
        command = [program, f"-logdir={self.folder}", "mini", f"-dir={self.folder / 'data'}"]
        command += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false", "-s3.autoCreateBucket=false"]
        command += [f"-s3.port={base + S3}", f"-master.port={base + MASTER}", f"-volume.port={base + VOLUME}"]
        command += [f"-filer.port={base + FILER}", f"-admin.port={base + ADMIN}", "-admin.ui=false", "-webdav=false"]
        command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.volumeSizeLimitMB=64"]
        if self.ca is not None:
            _, key = certificate(self.folder) if not self.ca.exists() else (self.ca, self.folder / "tls.key")
            command += [f"-s3.port.https={base + HTTPS}", f"-s3.cert.file={self.ca}", f"-s3.key.file={key}"]
        if self.identities is not None:
            keys = [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]
            admin = {"name": "admin", "credentials": keys, "actions": ["Admin", "Read", "Write", "List", "Tagging"]}
            (self.folder / "identities.json").write_text(json.dumps({"identities": [admin, *self.identities]}))
            command.append(f"-s3.config={self.folder / 'identities.json'}")
        return command

    def _wait(self, log: Path) -> None:
        """Until a PUT and a GET succeed: an open port is not readiness."""
        assert self._process is not None
        asking = client(self, connect_timeout=1, retries={"max_attempts": 1})
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"weed ended with {self._process.returncode}:\n{log.read_text()[-2000:]}")
            try:
                if "ready" not in {bucket["Name"] for bucket in asking.list_buckets()["Buckets"]}:
                    asking.create_bucket(Bucket="ready")
                asking.put_object(Bucket="ready", Key="ready", Body=b"ready")
                asking.get_object(Bucket="ready", Key="ready")["Body"].read()
                return
            except (BotoCoreError, ClientError):
                time.sleep(0.1)
        raise RuntimeError(f"weed was not ready in 120 s:\n{log.read_text()[-2000:]}")

    def stop(self) -> None:
        """SIGKILL: at once, and nothing that was acknowledged is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        for port in [self.base + i + plus for plus in (0, GRPC) for i in range(PORTS)]:
            for left in Path(tempfile.gettempdir()).glob(f"seaweedfs-*-{port}.sock"):  # left behind when killed
                left.unlink(missing_ok=True)

    def __enter__(self) -> SeaweedFS:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.servers.seaweedfs DIR")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with SeaweedFS(Path(sys.argv[1])) as server:
        asking = client(server)
        if "news" not in {bucket["Name"] for bucket in asking.list_buckets()["Buckets"]}:
            asking.create_bucket(Bucket="news")
        print(f"export AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY}")
        print(f"# the store: 's3://news/archive?endpoint={server.endpoint}', until Ctrl-C", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
