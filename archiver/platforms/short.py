"""Short links that only a redirect explains (`t.co`, `vm.tiktok.com`, `redd.it/…/s/…`, `fb.watch`), one hop at a time.

Belongs here: the step to the next hop and the reading of where it leads. Every hop is a recorded answer; at most five, never to
a private address. `archiver.platforms.match` says which post the end is.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from archiver.platforms.failures import location
from archiver.platforms.fediverse import may_ask
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import a_url, tree_of
from archiver.platforms.steps import Answer, Step

HOPS_MAX = 5
METHOD = "redirect"
PACE = 1.0
_REFRESH = re.compile(r"^\s*\d+(?:\.\d+)?\s*[;,]?\s*(?:url\s*=\s*)?[\"']?(?P<url>[^\"']+)", re.IGNORECASE)


def follow(url: str, options: PlatformOptions, hops: int = 0) -> Step | None:
    """The step to a short link, or to the next hop of one after `hops` answers; None when it may not be followed further.

    A `short:HOST` entry in the operator's bases leads elsewhere (tests, the demo) and vouches for that address.
    """
    secure = "https" + url[4:] if url.lower().startswith("http:") else url
    host = (urlsplit(secure).hostname or "").lower() if may_ask(secure) else ""
    if hops >= HOPS_MAX or not host:
        return None
    endpoint = f"short:{host}"
    if endpoint in options.bases:
        parts = urlsplit(secure)
        secure = options.bases[endpoint].rstrip("/") + parts.path + (f"?{parts.query}" if parts.query else "")
    return Step(
        METHOD,
        secure,
        host_pace=PACE * options.pace_factor,
        dont_redirect=True,
        endpoint=endpoint,
        federated=endpoint not in options.bases,
    )


def target(answer: Answer) -> str | None:
    """Where an answer leads: its Location, else the meta refresh that browsers are sent. None at the end."""
    if answer.status is not None and 300 <= answer.status < 400:
        return location(answer)
    if answer.status != 200:
        return None
    tree = tree_of(answer.body[:200_000])
    if tree is None:
        return None
    for element in tree.xpath("//meta[@http-equiv and @content]"):
        found = _REFRESH.match(element.get("content")) if element.get("http-equiv").lower() == "refresh" else None
        if found:
            try:
                return a_url({"u": urljoin(answer.url, found["url"].strip())}, "u")
            except ValueError:
                return None
    return None
