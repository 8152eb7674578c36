"""What the integration tests share: running a crawl, and reading its WARC by FastWARC without interpreting it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastwarc.warc import ArchiveIterator

from tests.integration.origin import Origin, Resource

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Crawl:
    """What a crawl left. `requests` by number, as `tests.integration.crawl` writes them."""

    folder: Path
    requests: dict[int, dict[str, Any]]
    entries: list[dict[str, Any]]
    stats: dict[str, Any]
    peak: int
    warcs: list[Path]
    log: str


@dataclass
class Stored:
    """One record as FastWARC reads it: fields in order, block as stored."""

    kind: str
    fields: list[tuple[str, str]]
    block: bytes

    def get(self, name: str) -> str | None:
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    @property
    def head(self) -> bytes:
        ends = [at + len(gap) for gap in (b"\r\n\r\n", b"\n\n", b"\n\r\n") if (at := self.block.find(gap)) >= 0]
        return self.block[: min(ends)] if ends else self.block

    @property
    def body(self) -> bytes:
        return self.block[len(self.head) :]

    def words(self, name: str) -> list[str]:
        """Values of a word of a metadata block."""
        lines = [line.partition(": ") for line in self.block.decode().split("\r\n")]
        return [value for key, _, value in lines if key == name]


def crawl(folder: Path, requests: list[dict[str, Any]], **job: Any) -> Crawl:
    """Run one crawl in its own process and wait for it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "job.json"
    spool = folder / "spool"
    path.write_text(json.dumps({"requests": requests, "folder": str(spool), **job}))
    ran = subprocess.run(
        [sys.executable, "-m", "tests.integration.crawl", str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
    )
    out = path.with_name("job.json.out")
    if job.get("suicide"):
        return Crawl(spool, {}, [], {}, 0, [], ran.stderr)
    assert out.exists(), ran.stderr
    report = json.loads(out.read_text())
    by_number = {entry["number"]: entry for entry in report["requests"] if "number" in entry}
    warcs = sorted(spool.glob("*.warc.gz*"))
    return Crawl(spool, by_number, report["requests"], report["stats"], report["peak"], warcs, ran.stderr)


def asking(origin: Origin, resource: Resource, **meta: Any) -> dict[str, Any]:
    """The request for a resource."""
    return {
        "url": f"{origin.base}/{resource.name}",
        "method": resource.method,
        "body": resource.request_body.hex(),
        "meta": {**resource.meta, **meta},
    }


def records(path: Path) -> list[Stored]:
    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, parse_http=False):
            block = record.reader.read()
            fields = [(str(name), str(value)) for name, value in record.headers.items()]
            found.append(Stored(record.headers["WARC-Type"], fields, block))
    return found


def captures(path: Path) -> dict[str, list[dict[str, Stored]]]:
    """Target URI -> its captures in order, each as {"response" or "revisit": …, "request": …, "metadata": …}."""
    by_url: dict[str, list[dict[str, Stored]]] = {}
    for record in records(path):
        if record.kind == "warcinfo":
            continue
        url = record.get("WARC-Target-URI") or ""
        if record.kind in ("response", "revisit"):
            by_url.setdefault(url, []).append({"response": record})
        else:
            by_url[url][-1][record.kind] = record
    return by_url
