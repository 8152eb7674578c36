"""`python -m archiver.demo.cron FOLDER`: three runs of the line that cron runs, over a clock that moves six hours.

Belongs here: the show of `make cron-demo`. Each run is the real command in a process of its own; only its clock is turned.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from archiver.demo.moving import END, Edit, MovingNewspaper
from archiver.demo.sources import write_sources

OUTLET = "demo-indus"
BEGIN = END - timedelta(hours=6)
EDITED = "thar-solar-water-pumps"
HEADLINE = "Solar pumps in Thar: the ministry corrects its figures"
NOTE = "\n\nCorrection: An earlier version of this report gave the wrong number of pumps."

_COMMAND = (
    "import sys; from datetime import datetime; from archiver import clock; from archiver.cli import main; "
    "clock.move_to(datetime.fromisoformat(sys.argv.pop(1))); main()"
)


def main(arguments: list[str]) -> int:
    """Runs the show in FOLDER (default `cron-demo`); the first exit code that is not 0, else 0."""
    folder = Path(arguments[0] if arguments else "cron-demo").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    with MovingNewspaper(BEGIN) as newspaper:
        piece = next(p for site in newspaper.sites for p in site.edition.pieces if p.slug == EDITED)
        later = {"headline": HEADLINE, "body": piece.body + NOTE}
        newspaper.edits.append(Edit(OUTLET, EDITED, BEGIN + timedelta(hours=3), later))
        _prepare(folder, {outlet.id: outlet.base_url for outlet in newspaper.outlets})
        for hours, what in ((0, "the first run"), (1, "an hour later"), (6, "six hours later; one article was edited")):
            moment = BEGIN + timedelta(hours=hours)
            newspaper.turn_to(moment)
            newspaper.requests.clear()
            print(f"\n{moment:%Y-%m-%d %H:%M}Z  archiver crawl --due   ({what})", flush=True)
            code = _run(folder, moment)
            _show(folder, len(newspaper.requests))
            if code:
                return code
    print(f"\nLook at {folder}/report.json and {folder}/archiver.prom, and at the versions:")
    for article in _articles(folder):
        if EDITED in article["url"]:
            print(
                f"  version {article['version_number']}: {article['headline']}  {', '.join(article['changed_fields'])}"
            )
    return 0


def _prepare(folder: Path, bases: dict[str, str]) -> None:
    for path in write_sources(folder / "sources", bases):
        if path.stem != OUTLET:
            path.unlink()
            continue
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("articles_min = 12", "articles_min = 5"), encoding="utf-8")
    (folder / "archiver.toml").write_text(
        '[archive]\nstore = "archive"\nsources = "sources"\n\n[crawl]\ncontact = "demo@localhost.localdomain"\ndelay = "0s"\n'
        'disk_min = "100MB"\nrequisites = false\n\n[cron]\nreport = "report.json"\nmetrics = "archiver.prom"\n\n'
        "[extract]\nworkers = 1\n",
        encoding="utf-8",
    )


def _run(folder: Path, moment: datetime) -> int:
    command = [sys.executable, "-c", _COMMAND, moment.isoformat(), "crawl", "--due", "--json"]
    return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=False).returncode


def _show(folder: Path, requests: int) -> None:
    report = json.loads((folder / "report.json").read_bytes())
    print(f"  exit {report['exit_code']} ({report['exit_name']}), {requests} requests, documents: {report['articles']}")
    for source in report["sources"]:
        reasons = ", ".join(f"{item['count']} {item['reason']}" for item in source["reasons"])
        print(f"  {source['source']}: {reasons or 'everything that was offered became a document'}")


def _articles(folder: Path) -> list[dict[str, Any]]:
    files = sorted((folder / "archive").glob("articles/v1/*/*/*.jsonl.gz"))
    return [json.loads(line) for path in files for line in gzip.decompress(path.read_bytes()).splitlines()]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
