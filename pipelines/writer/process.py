"""The writer in a forked process: the parent's end and the child's."""

from __future__ import annotations

import ctypes
import gc
import os
import select
import signal
import socket
import stat
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReadWriteDescriptor
from zope.interface import implementer

from archiver.errors import RecordingError
from archiver.warc.series import SeriesWriter
from archiver.warc.writer import SealedWarc
from pipelines.reactor import reactor
from pipelines.writer.desk import Alarm, Desk, fire
from pipelines.writer.messages import Buffer, after, framed, unframed

SOCKET_BUFFER = 2**20
"""Bytes of questions that are on their way to the child: some pages more than the system's default."""

READ = 2**18
"""Bytes that are read at once, in either direction; a question is seldom larger than some pages."""

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
        self._unsent: deque[Buffer] = deque()
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
        question = framed((method, arguments))
        if not self._unsent and (question := self._send(question)):
            reactor().addWriter(self)
        self._unsent += question
        return answered

    def _send(self, parts: list[Buffer]) -> list[Buffer]:
        """What is left of a message after the socket took what it could. A broken socket is noticed by reading.

        Whatever the error was (a kernel short of memory says ENOBUFS), nothing may follow a message that is lost or cut: the child
        would read the next as its rest. It answers what it has, and is gone.
        """
        try:
            return after(parts, self._socket.sendmsg(parts))
        except BlockingIOError:
            return parts
        except OSError:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)
            return []

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
            if left := self._send([self._unsent.popleft()]):
                self._unsent.extendleft(left)
                return
        reactor().removeWriter(self)

    def doRead(self) -> object:
        """The reactor calls `connectionLost` with what this returns, if it is not None."""
        try:
            data = self._socket.recv(READ)
        except BlockingIOError:
            return None
        except OSError as error:
            return error
        if not data:
            return ConnectionDone()
        self._received += data
        while (message := unframed(self._received)) is not None:
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
        with suppress(OSError):  # refused to what cron or systemd runs as SCHED_IDLE, and in some containers
            # Woken by each question, it would otherwise be put before the crawl on the crawl's own core.
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        _close_sockets(keep=asked.fileno())
        if os.getppid() == parent:
            _answer_all(Desk(writer), asked)
        status = 0
    finally:
        os._exit(status)


def _answer_all(desk: Desk, asked: socket.socket) -> None:
    received = bytearray()
    while True:
        ready, _, _ = select.select([asked], [], [], desk.patience)
        if ready:
            data = asked.recv(READ)
            if not data:
                return
            received += data
            # What waits is answered together: the crawl is woken once for it.
            answers: list[Buffer] = []
            while (question := unframed(received)) is not None:
                answers += framed((False, desk.answer(*question)))
            asked.sendall(b"".join(answers))
        if (failure := desk.chores(idle=not ready)) is not None:
            asked.sendall(b"".join(framed((True, (False, failure, [])))))


def _close_sockets(keep: int) -> None:
    """The parent's connections are not ours: held here they would stay open when the parent closes them."""
    for entry in list(Path("/proc/self/fd").iterdir()):
        number = int(entry.name)
        with suppress(OSError):
            if number != keep and stat.S_ISSOCK(os.fstat(number).st_mode):
                os.close(number)
