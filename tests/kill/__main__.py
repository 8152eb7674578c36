"""`python -m tests.kill`: the harness from the command line; prints its figures, exits 1 when something did not hold."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from archiver.demo import DemoNewspaper
from tests.kill.harness import Harness
from tests.servers.kit import ENVIRONMENT, client
from tests.servers.seaweedfs import SeaweedFS


def main() -> int:
    parser = argparse.ArgumentParser("python -m tests.kill", description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--store", help="a folder, an s3:// URL, or `seaweedfs` for a server of our own")
    parser.add_argument("--every", type=int, default=50, help="a whole check after so many runs")
    parser.add_argument("--minutes", type=float, default=1e9, help="begin no further run after so long")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="archiver-kill-")))
        newspaper = stack.enter_context(DemoNewspaper(slow_seconds=0.1, huge_bytes=1_000_000))
        store, env = chosen.store, {}
        if store == "seaweedfs":
            server = SeaweedFS(folder / "weed").start()
            stack.callback(server.stop)
            client(server).create_bucket(Bucket="news")
            store, env = f"s3://news/kill?endpoint={server.endpoint}", ENVIRONMENT
        harness = stack.enter_context(Harness(folder / "run", newspaper, store, seed=chosen.seed, **env))
        began = time.monotonic()
        for number in range(chosen.runs):
            if time.monotonic() - began > chosen.minutes * 60:
                break
            harness.run(number)
            if (number + 1) % chosen.every == 0:
                harness.check()
                print(f"{time.monotonic() - began:.0f} s: {harness.figures}", file=sys.stderr, flush=True)
        harness.check()
        print(harness.figures)
        for problem in harness.figures.problems[:50]:
            print(problem)
    return 1 if harness.figures.problems else 0


if __name__ == "__main__":
    sys.exit(main())
