"""The networks whose posts are archived: one module each, one row in the table each.

Belongs here: the table, and the functions that ask every network. What is true of one network only is in its module.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import ModuleType

from archiver.platforms import (
    bluesky,
    facebook,
    instagram,
    linkedin,
    mastodon,
    reddit,
    telegram,
    threads,
    tiktok,
    truthsocial,
    x,
    youtube,
)
from archiver.platforms.base import Address, PostRef, address
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Reading, Step

__all__ = [
    "PLATFORMS",
    "Address",
    "Platform",
    "PostRef",
    "address",
    "id_time",
    "match",
    "named",
    "short_link",
    "unwrap",
]


@dataclass(frozen=True, slots=True)
class Platform:
    """A network: `hosts` are the domains its posts live on ((): any), `redirects` its hosts that only forward.

    `steps` is the chain of requests that may show one post, `read` what the answer to one of them says.
    """

    name: str
    label: str
    hosts: tuple[str, ...]
    redirects: tuple[str, ...]
    match: Callable[[str], PostRef | None]
    id_time: Callable[[str], datetime | None]
    steps: Callable[[PostRef, PlatformOptions], list[Step]]
    read: Callable[[Step, Answer, PostRef], Reading]


def _row(module: ModuleType) -> Platform:
    return Platform(
        module.NAME,
        module.LABEL,
        module.HOSTS,
        module.REDIRECTS,
        module.match,
        module.id_time,
        module.steps,
        module.read,
    )


PLATFORMS: dict[str, Platform] = {
    row.name: row
    for row in (
        _row(x),
        _row(bluesky),
        _row(truthsocial),
        _row(telegram),
        _row(youtube),
        _row(tiktok),
        _row(reddit),
        _row(facebook),
        _row(instagram),
        _row(threads),
        _row(linkedin),
        _row(mastodon),  # last: its posts live on any host
    )
}

_BY_DOMAIN = {domain: platform for platform in PLATFORMS.values() for domain in platform.hosts}
_BROKERS = {
    # host suffix -> parameter that holds the target
    "embedly.com": ("url", "src"),
    "iframe.ly": ("url",),
    "iframely.com": ("url",),
    "l.facebook.com": ("u",),
    "lm.facebook.com": ("u",),
    "l.instagram.com": ("u",),
    "l.threads.com": ("u",),
    "l.threads.net": ("u",),
    "google.com": ("url", "q"),
    "out.reddit.com": ("url",),
    "twitframe.com": ("url",),
    "noembed.com": ("url",),
}


def match(url: str) -> PostRef | None:
    """The post that `url` shows, on whichever network; None for profiles, share links, searches and everything else."""
    if url.startswith("at://"):
        return bluesky.match(url)
    at = address(url)
    if at is None:
        return None
    platform = _platform_of(at.host)
    return platform.match(url) if platform else (x.match(url) or mastodon.match(url))


def _platform_of(host: str) -> Platform | None:
    labels = host.split(".")
    for start in range(max(0, len(labels) - 3), len(labels) - 1):
        if found := _BY_DOMAIN.get(".".join(labels[start:])):
            return found
    return None


def unwrap(url: str) -> str | None:
    """The target inside a broker's or a redirector's URL, as far as the URL itself shows it; None when it is no such URL."""
    at = address(url)
    if at is None:
        return None
    names = next((names for host, names in _BROKERS.items() if at.on(host)), None)
    if names is None and at.path.rstrip("/").endswith(("/media/oembed", "/oembed")):
        names = ("url",)
    return next((at.query[name] for name in names or () if at.query.get(name)), None)


def short_link(url: str) -> PostRef | None:
    """The reference without an id of a link that may lead anywhere, a post included (`t.co`, `lnkd.in`); None for all others.

    Short forms that lead to a post for certain (`fb.watch`, `vm.tiktok.com`) are known to `match`.
    """
    at = address(url)
    if at is None or not (found := _CODE.fullmatch(at.path)):
        return None
    platform = next((row for row in PLATFORMS.values() if at.host in row.redirects), None)
    if platform is None:
        return None
    return PostRef(platform.name, None, f"https://{at.host}/{found[1]}", extra={"needs": "redirect"})


_CODE = re.compile(r"/([\w-]{5,40})/?")


def named(url: str) -> PostRef | None:
    """The post that the URL of a Citation names, by its id or by a short form that a redirect explains."""
    return match(url) or short_link(url)


def id_time(platform: str, native_id: str) -> datetime | None:
    """The moment that a post's id holds; never a replacement for the published time."""
    row = PLATFORMS.get(platform)
    return row.id_time(native_id) if row else None
