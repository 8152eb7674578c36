"""Short links that only a redirect explains (`t.co`, `vm.tiktok.com`, `redd.it/…/s/…`, `fb.watch`), one hop at a time.

Belongs here: the step to the next hop and the reading of where it leads. Every hop is a recorded answer; at most five, never to
a private address. `archiver.platforms.match` says which post the end is.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from archiver.platforms import PLATFORMS, PostRef, address, match, named
from archiver.platforms.failures import failure, location
from archiver.platforms.fediverse import may_ask
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import a_url, tree_of
from archiver.platforms.steps import REDIRECT, Answer, Reading, Step
from archiver.reasons import PostOutcome

HOPS_MAX = 5
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
        REDIRECT,
        secure,
        host_pace=PACE * options.pace_factor,
        dont_redirect=True,
        endpoint=endpoint,
        federated=endpoint not in options.bases,
    )


def read(answer: Answer, platform: str) -> tuple[Reading, str | None, PostRef | None]:
    """(what one hop said, the URL to ask next, the post it led to). Both are None at the end of the way.

    Only what can still lead to a post is asked next: another short form, or a page of the network itself. What else the link leads
    to (an article, a shop) is nobody's post and is left alone.
    """
    there = target(answer)
    if there is None:
        failed = failure(answer) or Reading(PostOutcome.NOT_FOUND, "leads nowhere")
        return failed, None, None
    ref = match(there)
    if ref is not None and ref.native_id is not None:
        return Reading(PostOutcome.OK, f"leads to {there}"), None, ref
    at = address(there)
    going = at is not None and (
        named(there) is not None or at.on(*PLATFORMS[platform].hosts, *PLATFORMS[platform].redirects)
    )
    return Reading(PostOutcome.OK, f"leads to {there}"), there if going else None, None


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
