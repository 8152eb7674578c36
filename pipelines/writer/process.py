"""The writer in a forked process: the parent's end, the child's, and the messages between them."""

from __future__ import annotations

import ctypes
import gc
import io
import os
import pickle
import select
import signal
import socket
import stat
import struct
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import Any, NoReturn

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReadWriteDescriptor
from zope.interface import implementer

from archiver.errors import RecordingError
from archiver.models import CrawlContext, Exchange
from archiver.warc.series import SeriesWriter
from archiver.warc.writer import SealedWarc
from pipelines.writer.desk import Alarm, Desk, fire, reactor

SOCKET_BUFFER = 2**20
"""Bytes of questions that are on their way to the child: some pages more than the system's default."""

_LENGTH = struct.Struct("!Q")
_PR_SET_PDEATHSIG = 1


def can_fork() -> bool:
    """Whether a writer process is possible here, and of use: it needs a second core."""
    return sys.platform == "linux" and (os.cpu_count() or 1) > 1


@implementer(IReadWriteDescriptor)
class WriterProcess:
    """A writer in a forked process, asked over a socket that the reactor watches: no second thread wants the interpreter.

    A question is sent at once, not in the reactor's next turn; only what the socket does not take waits for the reactor.
    """

    def __init__(self, writer: SeriesWriter, alarm: Alarm) -> None:
        self.sealed: list[SealedWarc] = []
        self._folder, self._alarm = writer.folder, alarm
        self._waiting: deque[Deferred[Any]] = deque()
        self._received = bytearray()
        self._unsent: deque[memoryview] = deque()
        self._watched = False
        self._gone: RecordingError | None = None
        self._ended: Deferred[None] | None = None
        self._socket, theirs = socket.socketpair()
        for side in (self._socket, theirs):
            side.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER)
        gc.freeze()  # the child's collector need not touch, and copy, every page of the parent
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            _child(writer, theirs, parent)
        gc.unfreeze()
        theirs.close()
        self._socket.setblocking(False)

    def ask(self, method: str, *arguments: Any) -> Deferred[Any]:
        """Call a method of the writer; fails with `RecordingError`, also when the child is gone."""
        answered: Deferred[Any] = Deferred()
        if self._gone is not None:
            fire(answered, False, self._gone)
            return answered
        if not self._watched:
            self._watched = True
            reactor().addReader(self)
        self._waiting.append(answered)
        question = memoryview(_framed((method, arguments)))
        if not self._unsent and (question := self._send(question)):
            reactor().addWriter(self)
        if question:
            self._unsent.append(question)
        return answered

    def _send(self, data: memoryview) -> memoryview:
        """What is left of `data` after the socket took what it could. A broken socket is noticed by reading."""
        try:
            return data[self._socket.send(data) :]
        except BlockingIOError:
            return data
        except OSError:
            return data[len(data) :]

    def end(self) -> Deferred[None]:
        """Let the child go, it has nothing left to do; fires when it is gone."""
        ended: Deferred[None] = Deferred()
        if self._gone is not None or not self._watched:
            self._socket.close()
            self._reap()
            ended.callback(None)
        else:
            self._ended = ended
            self._socket.shutdown(socket.SHUT_WR)  # after `close` was answered nothing is unsent
        return ended

    def fileno(self) -> int:
        """For the reactor, like the four methods below."""
        return self._socket.fileno()

    def logPrefix(self) -> str:
        return "warc-writer"

    def doWrite(self) -> None:
        while self._unsent:
            left = self._send(self._unsent.popleft())
            if left:
                self._unsent.appendleft(left)
                return
        reactor().removeWriter(self)

    def doRead(self) -> object:
        """The reactor calls `connectionLost` with what this returns, if it is not None."""
        try:
            data = self._socket.recv(SOCKET_BUFFER)
        except BlockingIOError:
            return None
        except OSError as error:
            return error
        if not data:
            return ConnectionDone()
        self._received += data
        while (message := _unframed(self._received)) is not None:
            unasked, (good, answer, sealed) = message
            self.sealed += sealed
            if unasked:
                self._alarm(answer)
            else:
                fire(self._waiting.popleft(), good, answer)
        return None

    def connectionLost(self, reason: object) -> None:
        if self._gone is not None:
            return
        self._gone = RecordingError(f"{self._folder}: the writer process {self.pid} is gone")
        reactor().removeReader(self)
        reactor().removeWriter(self)
        self._unsent.clear()
        self._socket.close()
        self._reap()
        while self._waiting:
            fire(self._waiting.popleft(), False, self._gone)
        if self._ended is not None:
            self._ended.callback(None)
        else:
            self._alarm(self._gone)

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


# In the child


def _child(writer: SeriesWriter, asked: socket.socket, parent: int) -> NoReturn:
    """Answer until the parent hangs up. Never returns into the code that forked."""
    status = 1
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(ignored, signal.SIG_IGN)
        signal.set_wakeup_fd(-1)
        # Woken by each question, it would otherwise be put before the crawl on the crawl's own core.
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        _close_sockets(keep=asked.fileno())
        if os.getppid() == parent:
            _answer_all(Desk(writer), asked)
        status = 0
    finally:
        os._exit(status)


def _answer_all(desk: Desk, asked: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([asked], [], [], desk.patience)
        if ready:
            try:
                (length,) = _LENGTH.unpack(_exactly(asked, _LENGTH.size))
                method, arguments = pickle.loads(_exactly(asked, length))
            except (EOFError, OSError):
                return
            asked.sendall(_framed((False, desk.answer(method, arguments))))
        if (failure := desk.chores(idle=not ready)) is not None:
            asked.sendall(_framed((True, (False, failure, []))))


def _close_sockets(keep: int) -> None:
    """The parent's connections are not ours: held here they would stay open when the parent closes them."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        number = int(entry.name)
        with suppress(OSError):
            if number != keep and stat.S_ISSOCK(os.fstat(number).st_mode):
                os.close(number)


def _framed(message: object) -> bytes:
    buffer = io.BytesIO()
    buffer.write(_LENGTH.pack(0))
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCTIONS
    pickler.dump(message)
    buffer.seek(0)
    buffer.write(_LENGTH.pack(len(buffer.getbuffer()) - _LENGTH.size))
    return buffer.getvalue()


def _by_fields(kind: type[Any]) -> Callable[[Any], tuple[type[Any], tuple[Any, ...]]]:
    """How to pickle a dataclass by its constructor: twice as fast as dataclasses with slots do it themselves."""
    values = attrgetter(*(field.name for field in fields(kind)))
    return lambda one: (kind, values(one))


_REDUCTIONS: dict[type, Callable[[Any], Any]] = {kind: _by_fields(kind) for kind in (Exchange, CrawlContext)}


def _unframed(received: bytearray) -> Any:
    """The first message of `received`, which loses it; None while it is not whole."""
    if len(received) < _LENGTH.size:
        return None
    end = _LENGTH.size + _LENGTH.unpack_from(received)[0]
    if len(received) < end:
        return None
    message = pickle.loads(memoryview(received)[_LENGTH.size : end])
    del received[:end]
    return message


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = connection.recv(length, socket.MSG_WAITALL)
    while len(data) < length:
        more = connection.recv(length - len(data), socket.MSG_WAITALL)
        if not more:
            raise EOFError("the parent hung up")
        data += more
    return data
