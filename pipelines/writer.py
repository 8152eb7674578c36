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
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any, NoReturn

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from archiver.errors import RecordingError
from archiver.warc.series import SeriesWriter
from archiver.warc.writer import SealedWarc

BATCH_MAX = 16
"""Questions that the thread answers before it goes back to the reactor."""

SYNC_AFTER = 1.0
"""Seconds after which what was acknowledged is on the disk as well."""

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
        return ROLL_CHECK if self._unsynced is None else max(0.0, self._unsynced + SYNC_AFTER - monotonic())

    def chores(self, idle: bool) -> RecordingError | None:
        """What is due unasked. The error, when it just failed."""
        if self.failure is not None:
            return None
        if self._unsynced is not None and monotonic() - self._unsynced >= SYNC_AFTER:
            self._unsynced = None
            self._do("sync", ())
        elif idle and self._unsynced is None:
            self._do("roll_if_due", ())
        return self.failure

    def _do(self, method: str, arguments: tuple[Any, ...]) -> Any:
        try:
            return getattr(self._writer, method)(*arguments)
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


class WriterProcess(Protocol):
    """A writer in a forked process, asked over a socket that the reactor watches: no second thread wants the interpreter."""

    transport: Any = None

    def __init__(self, writer: SeriesWriter, alarm: Alarm) -> None:
        self.sealed: list[SealedWarc] = []
        self._folder, self._alarm = writer.folder, alarm
        self._waiting: deque[Deferred[Any]] = deque()
        self._buffer = bytearray()
        self._gone: RecordingError | None = None
        self._ended: Deferred[None] | None = None
        self._socket, theirs = socket.socketpair()
        gc.freeze()  # the child's collector need not touch, and copy, every page of the parent
        parent = os.getpid()
        self.pid = os.fork()
        if self.pid == 0:
            _child(writer, theirs, parent)
        gc.unfreeze()
        theirs.close()

    def ask(self, method: str, *arguments: Any) -> Deferred[Any]:
        """Call a method of the writer; fails with `RecordingError`, also when the child is gone."""
        answered: Deferred[Any] = Deferred()
        if self._gone is not None:
            _fire(answered, False, self._gone)
            return answered
        if self.transport is None:
            self._connect()
        self._waiting.append(answered)
        self.transport.write(_framed((method, arguments)))
        return answered

    def end(self) -> Deferred[None]:
        """Let the child go, it has nothing left to do; fires when it is gone."""
        ended: Deferred[None] = Deferred()
        if self._gone is not None or self.transport is None:
            self._socket.close()
            self._reap()
            ended.callback(None)
        else:
            self._ended = ended
            self.transport.loseConnection()
        return ended

    def _connect(self) -> None:
        factory = Factory.forProtocol(lambda: self)
        factory.noisy = False
        self._socket.setblocking(False)
        _reactor().adoptStreamConnection(self._socket.fileno(), socket.AF_UNIX, factory)
        self._socket.close()  # the reactor has its own copy

    def dataReceived(self, data: bytes) -> None:
        self._buffer += data
        while len(self._buffer) >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._buffer)
            if len(self._buffer) < _LENGTH.size + length:
                return
            unasked, (good, answer, sealed) = pickle.loads(
                memoryview(self._buffer)[_LENGTH.size : _LENGTH.size + length]
            )
            del self._buffer[: _LENGTH.size + length]
            self.sealed += sealed
            if unasked:
                self._alarm(answer)
            else:
                _fire(self._waiting.popleft(), good, answer)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._gone = RecordingError(f"{self._folder}: the writer process {self.pid} is gone")
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
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(data)) + data


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = connection.recv(length, socket.MSG_WAITALL)
    while len(data) < length:
        more = connection.recv(length - len(data), socket.MSG_WAITALL)
        if not more:
            raise EOFError("the parent hung up")
        data += more
    return data
