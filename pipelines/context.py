"""ContextMiddleware: the last word before the wire on why a URL is asked for.

Belongs here: putting redirect hops, the robots decision and what the site declares into the request's CrawlContext, so that the
metadata record of the capture says it and a document can be made again from the WARC alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scrapy import Request

from archiver.models import CrawlContext


class ContextMiddleware:
    def process_request(self, request: Request) -> None:
        request.meta["context"] = context_of_hop(request.meta)


def context_of_hop(meta: dict[str, Any]) -> CrawlContext:
    """The context of the request that carries `meta`: the first request's, plus one "R" for each redirect since."""
    first: CrawlContext = meta.setdefault("first_context", meta.get("context") or CrawlContext())
    urls: list[str] = meta.get("redirect_urls", [])
    statuses = [status if isinstance(status, int) else 0 for status in meta.get("redirect_reasons", [])]
    declared = {**meta.get("tdmrep", {}), **meta.get("content_usage", {})}
    context = replace(first, robots=meta.get("robots"), declared=declared or None)
    if not urls:
        return context
    return replace(
        context,
        seed=False,
        via=urls[-1],
        hops_from_seed=first.hops_from_seed + "R" * len(urls),
        requested_url=urls[0],
        redirects=tuple(zip(urls, statuses, strict=False)),
    )
