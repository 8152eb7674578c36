"""`demo`: the main job on a small newspaper on this machine, then what to look at."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

from archiver.archive import Archive
from archiver.cli.common import talk
from archiver.cli.crawling import crawl_sources
from archiver.cli.exits import Exit
from archiver.config import Config
from archiver.demo import DemoNewspaper, write_sources
from archiver.demo import platforms as demo_platforms
from archiver.demo.platforms import FakePlatforms
from archiver.demo.server import edition_clock
from archiver.strict import decode

ACCOUNTS = Path(demo_platforms.__file__).parent / "accounts.toml"
STORY_DAY = edition_clock() - timedelta(days=2)
"""When the posts of the seed story were posted, two days before the demo's edition tells it."""

HEADLINE_WORDS = "drone"
"""The story that the demo points at quotes two posts about drones."""


def demo_config(store: str, sources: Path, endpoints: dict[str, str]) -> Config:
    """The embedded defaults of the demo: no delay (the hosts are ours), loopback only. `endpoints` are the fake networks'."""
    spool = {"spool": "demo-spool"} if "://" in store else {}
    raw = {
        "archive": {"store": store, "sources": str(sources), **spool},
        "crawl": {"contact": "demo@localhost.localdomain", "delay": "0s", "per_host": 8, "timeout": "5s", "retries": 1}
        | {"disk_min": "100MB"},  # a demo is small
        "posts": {"bases": endpoints, "accounts": [str(ACCOUNTS)], "pace_factor": 0.0},
    }
    return decode(Config, raw, "the demo's configuration")


def run_demo(store: str, *, verbose: bool) -> int:
    """Serves the newspaper, crawls it into `store`, prints the summary and the next steps."""
    scratch = tempfile.TemporaryDirectory(prefix="archiver-demo-")
    with scratch as folder, DemoNewspaper() as newspaper, FakePlatforms(story_day=STORY_DAY) as networks:
        bases = {outlet.id: outlet.base_url for outlet in newspaper.outlets}
        write_sources(Path(folder), bases)
        config = demo_config(store, Path(folder), networks.bases)
        ids = [outlet.id for outlet in newspaper.outlets]
        talk.print(f"Three outlets on loopback: {', '.join(bases.values())}")
        code = crawl_sources(config, ids, every=False, folder=Path(folder), verbose=verbose, as_json=False)
    if code == Exit.OK:
        _next_steps(store)
    return code


def _next_steps(store: str) -> None:
    articles = list(Archive(store).articles())
    story = next((a for a in articles if HEADLINE_WORDS in (a.headline or "").lower() and a.quotations), articles[0])
    warc = story.capture.warc_filename
    shown = f"'{store}'" if "://" in store else store  # shells would read the "&" of a URL
    talk.print(f"""
What to look at next:
  one article and its evidence   .venv/bin/archiver show {story.url} --store {shown}
  the same as JSON               .venv/bin/archiver show {story.url} --store {shown} --json
  is everything what it was?     .venv/bin/archiver check --store {shown}
  documents again from the WARCs .venv/bin/archiver extract --archive {shown}""")
    if "://" not in store:
        talk.print(f"  the WARC itself                .venv/bin/warcio index {store}/{warc}")
