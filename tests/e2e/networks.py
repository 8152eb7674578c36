"""What the tests of cited posts share: a configuration that leads to fake networks, pages that cite, archives read back.

Belongs here: means, no expectations. The networks are `archiver.demo.platforms`, on loopback, asked by the real command.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archiver.demo.platforms import FakePlatforms, FakePost
from tests.e2e.kit import manifests, write_config

WHEN = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
"""When the invented posts were posted."""


def posts_table(networks: FakePlatforms, accounts: Iterable[Path] = (), **keys: object) -> str:
    """The [posts] table of an archiver.toml whose endpoints are the fake networks."""
    values = {"pace_factor": 0, "accounts": [str(path) for path in accounts]} | keys
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    bases = [f"{json.dumps(name)} = {json.dumps(base)}" for name, base in networks.bases.items()]
    return "\n".join(["[posts]", *lines, "[posts.bases]", *bases, ""])


def configure(
    folder: Path,
    networks: FakePlatforms,
    *,
    accounts: Iterable[Path] = (),
    posts: Mapping[str, object] = {},
    **crawl: object,
) -> None:
    """archiver.toml in `folder`, with its store in `folder`/archive."""
    text = '[archive]\nstore = "archive"\nsources = "sources"\n' + posts_table(networks, accounts, **posts)
    (folder / "sources").mkdir(exist_ok=True)
    write_config(folder, text, **({"requisites": False} | crawl))


def lead(folder: Path, endpoint: str, base: str) -> None:
    """Leads one endpoint of `folder`'s archiver.toml to another server."""
    path = folder / "archiver.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    changed = [f'"{endpoint}" = "{base}"' if line.startswith(f'"{endpoint}" =') else line for line in lines]
    path.write_text("\n".join(changed) + "\n", encoding="utf-8")


def x_post(number: int, state: str = "visible", **more: Any) -> FakePost:
    """An invented post on X; its words name its state and number."""
    text = more.pop("text", f"Words about {state} and the harbour master's dog number {number}")
    return FakePost("x", x_number(number), f"user{number}", f"User {number}", text, WHEN, state=state, **more)


def x_number(number: int) -> str:
    return str(1990000000000000000 + number)


def x_link(number: int) -> str:
    return f"https://x.com/user{number}/status/{x_number(number)}"


def embed(number: int, text: str) -> str:
    """The markup that sites paste for a post on X, with the words it shows, below a paragraph."""
    return (
        f"<p>Berth {number} of the harbour was closed for {number} days while the wind came from the north.</p>"
        f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{text}</p>&mdash; User {number} (@user{number}) '
        f'<a href="{x_link(number)}">November 20, 2026</a></blockquote>'
    )


def linked(url: str) -> str:
    """A paragraph that links a post; no two are alike, since pages that repeat themselves are read once."""
    words = " ".join(re.findall(r"[a-z]+|\d+", url.partition("//")[2]))
    return f'<p>About {words} somebody <a href="{url}">posted this</a> while the ferries waited for the wind.</p>'


def story(*blocks: str, title: str = "Posts about the harbour") -> str:
    """An article page that cites what `blocks` hold."""
    text = "".join(
        f"<p>Paragraph {number} of a report about the harbour, where the ferries wait for the wind to turn, as they did "
        "all week long.</p>"
        for number in range(8)
    )
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body><article>"
        f"<h1>{title}</h1>{text}{''.join(blocks)}</article></body></html>"
    )


def stored(store: Path, kind: str) -> list[dict[str, Any]]:
    """The documents of a kind ("posts", "resolutions") in every file that a manifest lists, oldest run first."""
    keys = [file["key"] for run in manifests(store) for file in run["files"] if file["key"].startswith(f"{kind}/v1/")]
    return [json.loads(line) for key in keys for line in gzip.decompress((store / key).read_bytes()).splitlines()]


def record_ids(store: Path) -> set[str]:
    """The id of every record in every WARC, as a second implementation reads them."""
    from fastwarc.warc import ArchiveIterator

    found = set()
    for path in store.rglob("*.warc.gz"):
        with path.open("rb") as stream:
            found |= {record.record_id.strip("<>") for record in ArchiveIterator(stream, parse_http=False)}
    return found
