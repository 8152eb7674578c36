"""Starts victims at once: a process that has loaded everything, and forks the real command whenever it is told.

Loading takes longer than publishing a small run; without this, most kills would meet an interpreter that is starting. One line of
JSON on stdin is a command {"argv": […], "cwd": …}; the answers are {"pid": …} and, when it has ended, {"status": …}.
"""

from __future__ import annotations

import importlib
import json
import os
import sys


def load() -> None:
    """Everything that the verbs load when they are first used, except what may not be shared by a fork (reactor, threads)."""
    for name in ("archiver.cli.crawling", "archiver.publish_cards", "archiver.store.s3", "scrapy.crawler"):
        importlib.import_module(name)


def run(argv: list[str], cwd: str) -> None:
    """The command, in the child; never returns."""
    os.setsid()
    os.chdir(cwd)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    os.dup2(null, 1)
    error = os.open("victim.err", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(error, 2)
    sys.argv = ["archiver", *argv]
    from archiver.cli import main

    code = 70
    try:
        main()
    except SystemExit as ending:
        code = ending.code if isinstance(ending.code, int) else 0
    finally:
        os._exit(code)


def serve() -> None:
    load()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        pid = os.fork()
        if pid == 0:
            run(command["argv"], command["cwd"])
        print(json.dumps({"pid": pid}), flush=True)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    serve()
