"""`python -m archiver.demo`: serve the demo newspaper until Ctrl-C, and print where it is.

Belongs here: the command line of the demo server and nothing else.
"""

from __future__ import annotations

import argparse
import signal
from datetime import UTC, datetime
from pathlib import Path

from archiver.demo.server import DemoNewspaper, edition_clock
from archiver.demo.sources import write_sources


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; 0. With --sources FOLDER also write one source file an outlet."""
    parser = argparse.ArgumentParser(
        prog="python -m archiver.demo",
        description="Serve three fictional outlets on loopback. Example: python -m archiver.demo --ports 8101 8102 8103",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--ports", type=int, nargs=3, default=[0, 0, 0], metavar="N", help="three ports; 0 lets the system choose"
    )
    parser.add_argument("--sources", type=Path, metavar="FOLDER", help="write the outlets' source files here")
    parser.add_argument(
        "--now", action="store_true", help="date the articles by today's clock instead of the fixed edition"
    )
    options = parser.parse_args(arguments)
    clock = (lambda: datetime.now(UTC)) if options.now else edition_clock
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with DemoNewspaper(host=options.host, ports=options.ports, clock=clock) as newspaper:
            _announce(newspaper, options.sources)
            signal.pause()
    except KeyboardInterrupt:
        print("stopped")
    return 0


def _announce(newspaper: DemoNewspaper, sources: Path | None) -> None:
    for outlet in newspaper.outlets:
        print(f"{outlet.name:24} {outlet.base_url}  ({len(outlet.article_urls)} articles)")
    print(f"{'Gallery':24} {newspaper.outlets[0].base_url}gallery/", flush=True)
    if sources:
        for path in write_sources(sources, {outlet.id: outlet.base_url for outlet in newspaper.outlets}):
            print(f"{'Source file':24} {path}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
