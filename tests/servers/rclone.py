"""`rclone serve s3`: the store that answers 200 to every condition and keeps none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from tests.servers.kit import ACCESS_KEY, SECRET_KEY, client, dying_with_us, free_block


def rclone() -> str | None:
    beside = str(Path(sys.executable).parent)
    return shutil.which("rclone", path=beside + os.pathsep + os.environ.get("PATH", ""))


class Rclone:
    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.port = free_block(1)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.ca: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Rclone:
        program = rclone()
        if program is None:
            raise FileNotFoundError("rclone is not installed: make setup")
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        command = [program, "serve", "s3", "--config", os.devnull, "--addr", f"127.0.0.1:{self.port}"]
        command += ["--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", str(self.folder / "data")]
        with (self.folder / "rclone.log").open("ab") as out:
            self._process = subprocess.Popen(dying_with_us(command), stdout=out, stderr=out, start_new_session=True)
        asking = client(self, connect_timeout=1, retries={"max_attempts": 1})
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                asking.list_buckets()
                return self
            except (BotoCoreError, ClientError):
                time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"rclone was not ready in 120 s:\n{(self.folder / 'rclone.log').read_text()[-2000:]}")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Rclone:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
