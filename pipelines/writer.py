"""WriterProcess: a `WarcWriter` in a process of its own, used like one.

Belongs here: moving hashing, compressing and record making off the interpreter that crawls. Two threads of one interpreter take
turns; measured, a writer thread costs the crawl a quarter of its speed. What is written, and when, stays the writer's matter.

The child is forked when the recorder is made, ignores the keyboard's signals, and dies with its parent, by the kernel's hand
(PR_SET_PDEATHSIG), so that nothing writes into a spool whose run is gone. It keeps the parent's files, with them the run's lock,
and closes the parent's sockets. "Acknowledged" means what it meant: the answer is sent after the records are with the operating
system. Only on Linux; elsewhere the recorder uses the writer in a thread.
"""

from __future__ import annotations

import ctypes
import gc
import os
import pickle
import signal
import socket
import stat
import struct
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from archiver.errors import RecordingError
from archiver.models import CapturePointer, Exchange
from archiver.warc.writer import SealedWarc, WarcInfo, WarcWriter

_LENGTH = struct.Struct("!Q")
_PR_SET_PDEATHSIG = 1


def can_fork() -> bool:
    """Whether a writer process is possible here, and of use: it needs a second core."""
    return sys.platform == "linux" and (os.cpu_count() or 1) > 1


class WriterProcess:
    """The methods of `WarcWriter` that a recorder needs, each a question to the child. One thread at a time may use it.

    Every method raises `RecordingError` when the child is gone: what it had not acknowledged is not recorded.
    """

    def __init__(self, writer: WarcWriter) -> None:
        self.folder: Path = writer.folder
        self.info: WarcInfo = writer.info
        self.sealed: list[SealedWarc] = []
        self._socket, theirs = socket.socketpair()
        gc.freeze()  # the child's collector need not touch, and copy, every page of the parent
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            self._socket.close()
            _child(writer, theirs, parent)
        gc.unfreeze()
        theirs.close()

    def write(self, exchange: Exchange) -> CapturePointer | None:
        pointer: CapturePointer | None = self._ask("write", exchange)
        return pointer

    def write_side(self, target: str, content_type: str, block: bytes, moment: datetime) -> None:
        self._ask("write_side", target, content_type, block, moment)

    def sync(self) -> None:
        self._ask("sync")

    def roll_if_due(self) -> None:
        self._ask("roll_if_due")

    def close(self) -> list[SealedWarc]:
        """Seal, and end the child."""
        try:
            self._ask("close")
        finally:
            self.end()
        return self.sealed

    def end(self) -> None:
        """Let the child go; it has nothing left to do. Safe to call again."""
        if self._socket.fileno() >= 0:
            self._socket.close()
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)

    def _ask(self, method: str, *arguments: object) -> Any:
        try:
            _send(self._socket, (method, arguments))
            good, answer, sealed = _receive(self._socket)
        except (OSError, EOFError) as error:
            raise RecordingError(f"{self.folder}: the writer process {self.pid} is gone: {error}") from error
        self.sealed += sealed
        if not good:
            raise answer
        return answer


def _child(writer: WarcWriter, asked: socket.socket, parent: int) -> NoReturn:
    """Answer until the parent hangs up. Never returns into the code that forked."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        signal.set_wakeup_fd(-1)
        _close_sockets(keep=asked.fileno())
        if os.getppid() == parent:
            _answer_all(writer, asked)
        status = 0
    finally:
        os._exit(status)


def _answer_all(writer: WarcWriter, asked: socket.socket) -> None:
    sealed = 0
    while True:
        try:
            method, arguments = _receive(asked)
        except (EOFError, OSError):
            return
        try:
            good, answer = True, getattr(writer, method)(*arguments)
        except Exception as error:  # noqa: BLE001 - handed to the parent, where any error ends the run
            good, answer = False, error if isinstance(error, RecordingError) else _crash(error)
        files = writer.sealed
        # `close` gives the sealed files, which travel beside every answer anyway.
        _send(asked, (good, None if method == "close" and good else answer, files[sealed:]))
        sealed = len(files)


def _crash(error: Exception) -> RecordingError:
    return RecordingError(f"the WARC writer crashed: {type(error).__name__}: {error}")


def _close_sockets(keep: int) -> None:
    """The parent's connections are not ours: held here they would stay open when the parent closes them."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        number = int(entry.name)
        with suppress(OSError):
            if number != keep and stat.S_ISSOCK(os.fstat(number).st_mode):
                os.close(number)


def _send(connection: socket.socket, message: object) -> None:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    connection.sendall(_LENGTH.pack(len(data)) + data)


def _receive(connection: socket.socket) -> Any:
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return pickle.loads(_exactly(connection, length))


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = connection.recv(length, socket.MSG_WAITALL)
    while len(data) < length:
        more = connection.recv(length - len(data), socket.MSG_WAITALL)
        if not more:
            raise EOFError("it hung up")
        data += more
    return data
