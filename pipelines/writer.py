"""Where the `WarcWriter` of a run works: in a process of its own, or in a thread.

Belongs here: taking hashing, compressing and record making off the reactor. What is written, and when, stays the writer's matter;
what an answer means stays the recorder's.

`WriterProcess` is the usual one: two threads of one interpreter take turns, and the crawl pays for each. The child is forked when
the recorder is made, ignores the keyboard's signals, and dies with its parent, by the kernel's hand (PR_SET_PDEATHSIG), so that
nothing writes into a spool whose run is gone. It keeps the parent's files, with them the run's lock, and closes the parent's
sockets. "Acknowledged" means what it means for the writer: the answer is sent after the records are with the operating system.
`WriterThread` is for systems that are not Linux, and for a single core.

Both do three things unasked: fsync one second after a write, seal a file that is due while nothing else happens, and refuse
everything after a `RecordingError`.
"""

from __future__ import annotations

import ctypes
import gc
import io
import os
import pickle
import queue
import select
import signal
import socket
import stat
import struct
import sys
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IReadWriteDescriptor
from twisted.python.failure import Failure
from zope.interface import implementer

from archiver.errors import RecordingError
from archiver.models import CrawlContext, Exchange
from archiver.warc.series import SeriesWriter
from archiver.warc.writer import SealedWarc

BATCH_MAX = 16
"""Questions that the thread answers before it goes back to the reactor."""

SYNC_AFTER = 1.0
"""Seconds after which what was acknowledged is on the disk as well."""

SOCKET_BUFFER = 2**20
"""Bytes of questions that are on their way to the child: some pages more than the system's default."""

ROLL_CHECK = 60.0
"""Seconds after which an idle writer looks whether its file is due to be sealed."""

Alarm = Callable[[RecordingError], None]
Answer = tuple[bool, Any, list[SealedWarc]]
_LENGTH = struct.Struct("!Q")
_PR_SET_PDEATHSIG = 1


def can_fork() -> bool:
    """Whether a writer process is possible here, and of use: it needs a second core."""
    return sys.platform == "linux" and (os.cpu_count() or 1) > 1


class Desk:
    """Answers questions with a writer, in whichever thread or process that is: (good, answer, files sealed since)."""

    def __init__(self, writer: SeriesWriter) -> None:
        self._writer = writer
        self._unsynced: float | None = None
        self._syncs = ThreadPoolExecutor(1, "warc-sync")
        self._syncing: Future[None] | None = None
        self._seen = 0
        self.failure: RecordingError | None = None

    def answer(self, method: str, arguments: tuple[Any, ...]) -> Answer:
        if self.failure is None:
            outcome = self._do(method, arguments)
            if self._unsynced is None:
                self._unsynced = monotonic()
        files = self._writer.sealed
        new, self._seen = files[self._seen :], len(files)
        return (True, outcome, new) if self.failure is None else (False, self.failure, new)

    @property
    def patience(self) -> float:
        """Seconds to wait for a question before `chores` are due."""
        if self._syncing is not None:
            return SYNC_AFTER
        return ROLL_CHECK if self._unsynced is None else max(0.0, self._unsynced + SYNC_AFTER - monotonic())

    def chores(self, idle: bool) -> RecordingError | None:
        """What is due unasked. The error, when it just failed.

        A busy disk takes its time for an fsync; questions are answered meanwhile.
        """
        if self.failure is not None:
            return None
        if self._syncing is not None:
            if self._syncing.done():
                finished, self._syncing = self._syncing, None
                self._guarded(finished.result)
        elif self._unsynced is not None and monotonic() - self._unsynced >= SYNC_AFTER:
            self._unsynced = None
            self._guarded(self._sync_beside)
        elif idle and self._unsynced is None:
            self._do("roll_if_due", ())
        return self.failure

    def _sync_beside(self) -> None:
        self._syncing = self._syncs.submit(self._writer.later_sync())

    def _do(self, method: str, arguments: tuple[Any, ...]) -> Any:
        return self._guarded(getattr(self._writer, method), *arguments)

    def _guarded(self, act: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return act(*arguments)
        except RecordingError as error:
            self.failure = error
        except Exception as error:  # noqa: BLE001 - a bug of the writer must not lose exchanges in silence: it ends the run
            self.failure = RecordingError(f"the WARC writer crashed: {type(error).__name__}: {error}")
        return None


class WriterThread:
    """A writer in a thread. `ask` and `end` are called on the reactor's thread, where answers and alarms arrive too."""

    def __init__(self, writer: SeriesWriter, alarm: Alarm) -> None:
        self.sealed: list[SealedWarc] = []
        self._desk, self._alarm = Desk(writer), alarm
        self._questions: queue.SimpleQueue[tuple[str | None, tuple[Any, ...], Deferred[Any]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def ask(self, method: str, *arguments: Any) -> Deferred[Any]:
        """Call a method of the writer; fails with `RecordingError`."""
        if self._thread is None:
            # A daemon: an interpreter that must go may; what is acknowledged is with the operating system.
            self._thread = threading.Thread(target=self._run, name="warc-writer", daemon=True)
            self._thread.start()
        answered: Deferred[Any] = Deferred()
        self._questions.put((method, arguments, answered))
        return answered

    def end(self) -> Deferred[None]:
        """Let the thread go; fires when it is gone."""
        ended: Deferred[None] = Deferred()
        if self._thread is None:
            ended.callback(None)
        else:
            self._questions.put((None, (), ended))
        return ended

    def _run(self) -> None:
        to_reactor = _reactor().callFromThread
        while True:
            batch = self._batch()
            answers = [(one[2], self._desk.answer(one[0], one[1])) for one in batch if one[0] is not None]
            if answers:
                to_reactor(self._deliver, answers)
            if batch and batch[-1][0] is None:
                to_reactor(batch[-1][2].callback, None)
                return
            if (failure := self._desk.chores(idle=not batch)) is not None:
                to_reactor(self._alarm, failure)

    def _batch(self) -> list[tuple[str | None, tuple[Any, ...], Deferred[Any]]]:
        batch: list[tuple[str | None, tuple[Any, ...], Deferred[Any]]] = []
        patience = self._desk.patience
        with suppress(queue.Empty):
            while len(batch) < BATCH_MAX and not (batch and batch[-1][0] is None):
                batch.append(self._questions.get(timeout=patience) if not batch else self._questions.get_nowait())
        return batch

    def _deliver(self, answers: list[tuple[Deferred[Any], Answer]]) -> None:
        for answered, (good, answer, sealed) in answers:
            self.sealed += sealed
            _fire(answered, good, answer)


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
            _fire(answered, False, self._gone)
            return answered
        if not self._watched:
            self._watched = True
            _reactor().addReader(self)
        self._waiting.append(answered)
        question = memoryview(_framed((method, arguments)))
        if not self._unsent and (question := self._send(question)):
            _reactor().addWriter(self)
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
        _reactor().removeWriter(self)

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
                _fire(self._waiting.popleft(), good, answer)
        return None

    def connectionLost(self, reason: object) -> None:
        if self._gone is not None:
            return
        self._gone = RecordingError(f"{self._folder}: the writer process {self.pid} is gone")
        _reactor().removeReader(self)
        _reactor().removeWriter(self)
        self._unsent.clear()
        self._socket.close()
        self._reap()
        while self._waiting:
            _fire(self._waiting.popleft(), False, self._gone)
        if self._ended is not None:
            self._ended.callback(None)
        else:
            self._alarm(self._gone)

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _fire(answered: Deferred[Any], good: bool, answer: Any) -> None:
    if good:
        answered.callback(answer)
    else:
        answered.errback(Failure(answer))  # type: ignore[no-untyped-call]


def _reactor() -> Any:
    # Imported late: importing it installs one, and Scrapy chooses which.
    from twisted.internet import reactor

    return reactor


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
