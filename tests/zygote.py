"""Starts the command at once: a process that has loaded everything, and forks `archiver …` whenever it is told.

Loading the program takes longer than most of what tests ask of it, and a suite asks some hundred times. The forked child is the command
from there on: its own arguments, folder, environment, output, process group, and its own end. Tests of loading itself, of limits and
of signals while starting use `python -m archiver`.

Belongs here: both ends. A command is one line of JSON on the zygote's stdin; it answers {"pid": …} and, when the child has ended,
{"status": …}, negative when a signal ended it.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOADED = (
    "archiver.cli.app",
    "archiver.cli.checking",
    "archiver.cli.crawling",
    "archiver.cli.exporting",
    "archiver.cli.following",
    "archiver.cli.reading",
    "archiver.cli.remaking",
    "archiver.cli.sourcing",
    "archiver.cli.takedown",
    "archiver.publish_cards",
    "archiver.store.s3",
    "scrapy.crawler",
    "pipelines.conduct",
    "pipelines.documents",
    "pipelines.download",
    "pipelines.originals",
    "pipelines.report",
    "pipelines.robots",
    "pipelines.validate",
    "pipelines.warc",
    "spiders.follow",
    "spiders.loader",
    "spiders.news",
    "spiders.page",
)
"""What the verbs load when they are first used, except what no fork may share (reactor, threads)."""


class Command:
    """A forked command, with what tests use of `subprocess.Popen`. It is the leader of its process group."""

    def __init__(self, zygote: Zygote, pid: int, words: tuple[str, ...], said: Path, done: Callable[[], None]) -> None:
        self.pid, self.returncode = pid, None
        self._zygote, self._words, self._said, self._done = zygote, words, said, done

    returncode: int | None
    """The exit code once it has ended and was asked, negative when a signal ended it."""

    def poll(self) -> int | None:
        if self.returncode is None and self._zygote.ended():
            self.returncode = self._zygote.wait()
            self._done()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float = 240) -> int:
        """The exit code. Raises `TimeoutExpired`, and lets it go on, when there is none in time."""
        if self.returncode is None and not self._zygote.ended(timeout):
            raise subprocess.TimeoutExpired(self._words, timeout)
        code = self.poll()
        assert code is not None
        return code

    def communicate(self, timeout: float = 240) -> tuple[bytes, bytes]:
        """(stdout, stderr), once it has ended."""
        self.wait(timeout)
        said = (self._said / "out").read_bytes(), (self._said / "err").read_bytes()
        shutil.rmtree(self._said)
        return said


class Zygotes:
    """As many zygotes as there are commands at a time, each started when it is needed first."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = dict(env)
        self._idle: list[Zygote] = []
        self._every: list[Zygote] = []

    def start(self, *words: str, cwd: Path, env: Mapping[str, str], later: float | str = 0) -> Command:
        """`archiver WORDS` in `cwd` with `env`; its clock stands `later` seconds ahead, or at an ISO time."""
        try:
            zygote = self._idle.pop()
        except IndexError:
            zygote = Zygote(self._env)
            self._every.append(zygote)
        said = Path(tempfile.mkdtemp(prefix="said-"))
        pid = zygote.start(*words, cwd=cwd, env=env, out=said / "out", err=said / "err", later=later)
        return Command(zygote, pid, words, said, lambda: self._idle.append(zygote))

    def close(self) -> None:
        for zygote in self._every:
            zygote.close()


class Zygote:
    """The asking end. One command at a time."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.zygote"],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self._answer()

    def start(
        self, *argv: str, cwd: Path, env: Mapping[str, str], out: Path | None, err: Path | None, later: float | str = 0
    ) -> int:
        """The pid of the command, the leader of its group. `later`: its clock stands so many seconds ahead, or at an ISO time."""
        assert self._process.stdin
        files = {"out": str(out or os.devnull), "err": str(err or os.devnull)}
        command = {"argv": argv, "cwd": str(cwd), "env": dict(env), "later": later, **files}
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        return self._answer()["pid"]

    def ended(self, timeout: float = 0) -> bool:
        """Whether the command has ended, at the latest after `timeout` seconds."""
        assert self._process.stdout
        return bool(select.select([self._process.stdout], [], [], timeout)[0])

    def wait(self) -> int:
        """The exit code of the command, negative when a signal ended it."""
        return self._answer()["status"]

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        with suppress(subprocess.TimeoutExpired):  # a command that nobody waited for
            self._process.wait(5)
        self._process.stdout.close()

    def _answer(self) -> dict[str, int]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that starts commands has ended")
        found: dict[str, int] = json.loads(line)
        return found


def serve() -> None:
    for name in LOADED:
        importlib.import_module(name)
    assert "twisted.internet.reactor" not in sys.modules, "each command installs its own"
    print(json.dumps({"ready": True}), flush=True)
    while line := sys.stdin.readline():
        command = json.loads(line)
        pid = os.fork()
        if pid == 0:
            become(command)
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


def become(command: dict[str, Any]) -> None:
    """The command, in the child; it ends as every program does."""
    os.setsid()
    os.environ.clear()
    os.environ.update(command["env"])
    os.chdir(command["cwd"])
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(command[name], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), number)
    sys.argv = ["archiver", *command["argv"]]
    move_clock(command["later"])
    from archiver.cli import main

    main()


def move_clock(later: float | str) -> None:
    from datetime import datetime, timedelta

    from archiver import clock

    if isinstance(later, str):
        clock.move_to(datetime.fromisoformat(later))
    elif later:
        clock.move_to(clock.now() + timedelta(seconds=later))


if __name__ == "__main__":
    serve()
