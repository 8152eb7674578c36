"""pywb's process: started on loopback, watched until it answers, and ended with us.

Belongs here: the life of one `wayback` process. What it serves is for `collection`.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from archiver.errors import ArchiverError, UsageError
from archiver.replay.collection import NAME

HOST = "127.0.0.1"
"""pywb would listen on every interface; an archive is nobody's business but its keeper's."""

START_SECONDS = 30.0
TRIES = 3
"""A port found free may be taken before pywb has it."""


class Replay:
    """A context: inside it pywb serves the collection in `folder`. `port` 0 takes a free one.

    `url` ends in a slash; TIMESTAMP14/URL follows it, or TIMESTAMP14id_/URL for the bytes as stored.
    """

    def __init__(
        self, folder: Path, environment: Path, port: int = 0, variables: Mapping[str, str] | None = None
    ) -> None:
        self.folder, self.environment, self._wanted = folder, environment, port
        self._variables = {**os.environ, **(variables or {})}
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/{NAME}/"

    @property
    def log(self) -> Path:
        return self.folder / "pywb.log"

    def __enter__(self) -> Replay:
        if self._wanted:
            self._refuse_taken()
        for last in reversed(range(1 if self._wanted else TRIES)):
            self.port = self._wanted or _free_port()
            self._start()
            if self._answers():
                return self
            self.stop()
            if not last:
                break
        raise ArchiverError(f"pywb did not start on {HOST}:{self.port}: {self._last_words()}; {self.log} has the rest")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait(self) -> int:
        """Waits until pywb ends by itself; its exit code."""
        return self.process.wait() if self.process else 0

    def stop(self) -> None:
        """Ends pywb: asked first, then made to."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _start(self) -> None:
        command = [str(self.environment / "bin" / "wayback"), "-b", HOST, "-p", str(self.port)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone, and we end it in order
                preexec_fn=_end_with_parent if sys.platform == "linux" else None,
            )

    def _answers(self) -> bool:
        """Whether it answers within `START_SECONDS`; at once False when it ends."""
        limit = time.monotonic() + START_SECONDS
        while time.monotonic() < limit and self.process and self.process.poll() is None:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection(HOST, self.port, timeout=10)
                connection.request("GET", f"/{NAME}/")
                answer = connection.getresponse()
                answer.read()
                connection.close()
                return self.process.poll() is None
            time.sleep(0.05)
        return False

    def _refuse_taken(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self._wanted))
            except OSError as error:
                raise UsageError(
                    f"--port {self._wanted}: {error.strerror}; name another, or 0 for a free one"
                ) from error

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1][:300] if lines else "it said nothing"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _end_with_parent() -> None:
    """In the new process: the kernel ends it when its parent is gone, killed included (prctl PR_SET_PDEATHSIG)."""
    import ctypes

    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)
