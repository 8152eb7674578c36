"""A PostgreSQL server of our own on a free port, for tests and benchmarks.

Belongs here: starting and stopping Debian's server as a plain process; nothing is asked of the system's own services.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FAST = "-c fsync=off -c full_page_writes=off"


def server_binaries() -> Path | None:
    """The folder of the newest installed server's programs; None when there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


@contextmanager
def postgres(options: str = FAST) -> Iterator[str]:
    """The address of a new, empty server, for the length of the block. With `options=""` it writes as durably as it can."""
    programs = server_binaries()
    assert programs is not None, "apt-get install postgresql"
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # not pytest's tmp_path: the user postgres cannot enter its parents
    as_user: list[str] = []
    if os.geteuid() == 0:  # initdb refuses root
        shutil.chown(folder, "postgres")
        as_user = ["runuser", "-u", "postgres", "--"]

    def run(*command: object) -> None:
        subprocess.run([*as_user, *map(str, command)], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data, control = folder / "data", programs / "pg_ctl"
    run(
        programs / "initdb",
        "-D",
        data,
        "-U",
        "archiver",
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    )
    listen = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={folder} {options}"
    run(control, "-D", data, "-w", "-l", folder / "log", "start", "-o", listen)
    try:
        yield f"postgresql+psycopg://archiver@127.0.0.1:{port}/postgres"
    finally:
        run(control, "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)
