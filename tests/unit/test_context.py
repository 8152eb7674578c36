"""Redirect hops and the robots decision in the context of the request that goes out."""

from __future__ import annotations

from typing import Any

from archiver.models import CrawlContext, Role
from pipelines.context import context_of_hop

FIRST = CrawlContext(role=Role.ARTICLE, source="example", seed=True, hops_from_seed="")


def test_a_first_request_keeps_its_context_and_gets_the_robots_decision() -> None:
    context = context_of_hop({"context": FIRST, "robots": ("allowed", "rules", "urn:uuid:x")})
    assert context.robots == ("allowed", "rules", "urn:uuid:x")
    assert (context.seed, context.hops_from_seed, context.redirects, context.requested_url) == (True, "", (), None)


def test_hops_are_counted_from_the_first_request() -> None:
    meta: dict[str, Any] = {"context": FIRST}
    meta["context"] = context_of_hop(meta)
    for number in (1, 2):
        meta = {**meta, "redirect_urls": ["http://a/", "http://b/"][:number], "redirect_reasons": [301, 302][:number]}
        meta["context"] = context_of_hop(meta)
    context = meta["context"]
    assert context.hops_from_seed == "RR"
    assert context.requested_url == "http://a/"
    assert context.via == "http://b/"
    assert context.redirects == (("http://a/", 301), ("http://b/", 302))
    assert not context.seed


def test_hops_are_added_to_those_before() -> None:
    meta = {
        "context": CrawlContext(hops_from_seed="LM", via="http://l/"),
        "redirect_urls": ["http://a/"],
        "redirect_reasons": ["meta refresh"],
    }
    context = context_of_hop(meta)
    assert (context.hops_from_seed, context.via, context.redirects) == ("LMR", "http://a/", (("http://a/", 0),))


def test_without_any_context_there_is_an_empty_one() -> None:
    assert context_of_hop({}) == CrawlContext()
