"""What the end-to-end tests share: the real command in processes of its own, archives read back, and scripted servers.

Belongs here: means, no expectations. Servers are on loopback; the command is always the one that people type.
"""

from __future__ import annotations

import atexit
import contextlib
import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.zygote import Command, Zygotes

ROOT = Path(__file__).parents[2]
CONTACT = "tests@localhost.localdomain"


def environment(**changes: str) -> dict[str, str]:
    """The tests' environment without variables that would configure the command."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ARCHIVER_", "SCRAPY_"))}
    return {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "200", **changes}


def archiver(
    *arguments: object,
    cwd: Path,
    timeout: float = 240,
    limits: Callable[[], None] | None = None,
    later: float | str = 0,
    **env: str,
) -> subprocess.CompletedProcess[bytes]:
    """Runs `archiver ARGUMENTS` in `cwd`, forked from a process that has loaded it (see `tests.zygote`).

    With `limits`, which runs in the new process first (resource limits), as a program of its own. `later`: see `Zygotes.start`.
    """
    if limits is None:
        process = start(*arguments, cwd=cwd, later=later, **env)
        try:
            said = process.communicate(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess([*map(str, arguments)], process.wait(), *said)
    return subprocess.run(
        [sys.executable, "-m", "archiver", *map(str, arguments)],
        cwd=cwd,
        env=environment(**env),
        capture_output=True,
        timeout=timeout,
        check=False,
        preexec_fn=limits,
    )


def archiver_at(
    moment: datetime, *arguments: object, cwd: Path, timeout: float = 240, **env: str
) -> subprocess.CompletedProcess[bytes]:
    """The same with a clock that stands at `moment` when it starts."""
    return archiver(*arguments, cwd=cwd, timeout=timeout, limits=None, later=moment.isoformat(), **env)


def start(*arguments: object, cwd: Path, later: float | str = 0, **env: str) -> Command:
    """The same in the background, as the leader of a process group of its own."""
    return _zygotes.start(*map(str, arguments), cwd=cwd, env=environment(**env), later=later)


_zygotes = Zygotes(environment())
atexit.register(_zygotes.close)


def write_config(folder: Path, text: str = "", **crawl: object) -> Path:
    """`archiver.toml` in `folder`: polite to nobody (the host is ours), with a contact. `text` is added as it is.

    Cited posts are not asked for unless `text` says where: no test may reach a network of the world.
    """
    values = {
        "contact": CONTACT,
        "delay": "0s",
        "per_host": 8,
        "timeout": "2s",
        "retries": 1,
        "requisites": True,
        "disk_min": "50MB",  # a machine for tests may have a small disk
        "tdmrep": False,  # one more request to each host, which only `test_rights` wants to see
    } | crawl
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    if "[posts]" not in text:
        text += "[posts]\nfollow = false\n"
    if "[extract]" not in text:
        text += "[extract]\nworkers = 1\n"  # starting a second one costs more than these few pages gain
    path = folder / "archiver.toml"
    path.write_text("[crawl]\n" + "\n".join(lines) + "\n" + text, encoding="utf-8")
    return path


def is_alive(group: int) -> bool:
    """Whether a process of the group still runs. One that has died runs no more, though nobody may have collected it yet."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # gone while it was looked at
            state, _, its_group = stat.read_text(errors="replace").rpartition(") ")[2].split()[:3]
            if int(its_group) == group and state not in "ZX":
                return True
    return False


def manifests(store: Path) -> list[dict[str, Any]]:
    """Every committed run, oldest first: by when it started, since run ids say no more than the second."""
    runs = [json.loads(mark.with_name("manifest.json").read_bytes()) for mark in store.glob("runs/*/*/_SUCCESS")]
    return sorted(runs, key=lambda run: datetime.fromisoformat(run["started"]))


def documents(store: Path) -> list[dict[str, Any]]:
    """Every published article in every file that a manifest lists."""
    keys = [file["key"] for run in manifests(store) for file in run["files"] if file["key"].startswith("articles/")]
    return [json.loads(line) for key in keys for line in gzip.decompress((store / key).read_bytes()).splitlines()]


def reasons(store: Path) -> dict[str, str]:
    """URL as it was asked for -> Reason, over all runs."""
    return {
        refusal["requested_url"] or refusal["url"]: refusal["reason"]
        for run in manifests(store)
        for refusal in run["refusals"]
    }


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


Answer = bytes | Callable[[socket.socket], None]


def ok(body: bytes | str, *fields: str, status: str = "200 OK", kind: str | None = "text/html; charset=utf-8") -> bytes:
    """A well-framed answer that ends its connection."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(content)}", "Connection: close", *fields]
    lines += [f"Content-Type: {kind}"] if kind else []
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


def article(title: str = "A plain headline", extra: str = "") -> str:
    """An article page with enough text to be one."""
    text = "".join(
        f"<p>Paragraph {number} of a report about the harbour, where the ferries wait for the wind to turn.</p>"
        for number in range(8)
    )
    return f"<!doctype html><html lang=en><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}{extra}</article></body></html>"


@dataclass
class Server:
    """A scripted HTTP server: path -> answer. `asked` lists the paths in order, `heads` has each one's last request. Unknown paths are 404."""

    answers: Mapping[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heads: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.stopping = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: list[socket.socket] = []
        self.port: int = self._socket.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Server:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for connection in [*self._open, self._socket]:
            with _quiet():
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with _quiet(), connection:
            head = b""
            while b"\r\n\r\n" not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            path = head.split(b" ", 2)[1].decode("latin-1")
            self.asked.append(path)
            self.heads[path] = head
            answer = self.answers.get(path, ok("nothing here", status="404 Not Found"))
            if callable(answer):
                answer(connection)
            else:
                connection.sendall(answer)


class _quiet:
    """The client may go away at any moment; that is its right."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        return isinstance(error, OSError)


def spooled_lines(spool: Path) -> Iterator[dict[str, Any]]:
    """Whole document lines in every run of a spool: what a run had acknowledged."""
    for path in spool.glob("*/*.articles.jsonl"):
        yield from (json.loads(line) for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n"))


def everything(folders: Iterable[Path]) -> dict[str, bytes]:
    """Relative path -> bytes of every file below `folders`."""
    return {str(path): path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def posts_come_again(store: Path, folder: Path) -> Path:
    """A copy of an archive below `folder`, whose posts and resolutions were taken away and made again from its WARCs: byte for byte."""
    copy = shutil.copytree(store, folder / "made-again")
    before = {name: content for name, content in everything([copy]).items() if "/.spool/" not in name}
    shutil.rmtree(copy / "posts")
    shutil.rmtree(copy / "resolutions")
    run = archiver("extract", "--archive", copy, cwd=folder)
    assert run.returncode == 0, run.stderr.decode()
    assert {name: content for name, content in everything([copy]).items() if "/.spool/" not in name} == before
    return copy
