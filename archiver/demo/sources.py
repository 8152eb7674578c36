"""Source files for the demo outlets: what `archiver crawl` reads to crawl this newspaper.

Belongs here: TOML text. The reading of it is `archiver.sources`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from archiver.demo.outlets import OUTLET_IDS, Edition, edition

_ANY_MOMENT = datetime(2025, 1, 1, tzinfo=UTC)


def write_sources(folder: Path, base_urls: Mapping[str, str] | Sequence[str]) -> list[Path]:
    """One `ID.toml` an outlet into `folder` (made when missing); the paths in the outlets' order.

    `base_urls`: outlet id -> address, or the three addresses in the order of `OUTLET_IDS`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    addresses = dict(base_urls) if isinstance(base_urls, Mapping) else dict(zip(OUTLET_IDS, base_urls, strict=True))
    paths = []
    for outlet_id, base_url in addresses.items():
        path = folder / f"{outlet_id}.toml"
        path.write_text(_toml(edition(outlet_id, base_url, _ANY_MOMENT)), encoding="utf-8")
        paths.append(path)
    return paths


def _toml(outlet: Edition) -> str:
    lines = [
        f'name     = "{outlet.name}"',
        f'homepage = "{outlet.url("/")}"',
        f'language = "{outlet.language}"',
        f'country  = "{outlet.country}"',
        'every    = "30m"',
        "",
    ]
    if outlet.accounts:
        lines += ["[accounts]", *(f'{network} = "{account}"' for network, account in outlet.accounts.items()), ""]
    for kind, path in _discover(outlet):
        lines += ["[[discover]]", f'kind = "{kind}"', f'url  = "{outlet.url(path)}"', ""]
    allow = [outlet.allow, r"/gallery/[a-z0-9-]+$"] if outlet.id == OUTLET_IDS[0] else [outlet.allow]
    lines += ["[articles]", f"allow = {_literals(allow)}", f"deny  = {_literals(['/print/', '/account/'])}", ""]
    lines += ["[politeness]", 'delay = "10ms"', "", "[expect]", f"articles_min = {len(outlet.pieces)}"]
    return "\n".join(lines) + "\n"


def _discover(outlet: Edition) -> list[tuple[str, str]]:
    found = [("feed", outlet.feed_path), ("news-sitemap", "/news-sitemap.xml")]
    found += [("listing", f"/section/{section}/") for section in outlet.sections]
    return [*found, ("listing", "/gallery/")] if outlet.id == OUTLET_IDS[0] else found


def _literals(patterns: Sequence[str]) -> str:
    return "[" + ", ".join(f"'{pattern}'" for pattern in patterns) + "]"
