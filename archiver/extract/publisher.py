"""The publisher, as the page says, and the names that the site goes by.

Belongs here: reading them. The folded site names serve `headline` (titles end with them) and `authors` (a publisher is an
organisation).
"""

from __future__ import annotations

import re

from archiver.extract.structured import Graph, Sweep, fold, types_of
from archiver.models.article import Publisher
from archiver.urls import absolute, host_of, registered_domain

_HOLDER = re.compile(r"©|\(c\)|copyright|all rights reserved|\(.*?\)|\b(?:19|20)\d\d\b|[-–]", re.IGNORECASE)
_ENDING = re.compile(r"(?:gmbh|ag|ltd|inc|llc|com|net|org|verlag|media|online)$")


def find_publisher(graph: Graph, sweep: Sweep, url: str) -> tuple[Publisher, str | None]:
    """(publisher, place). `domain` is the registered domain of the page's own URL, or of nothing."""
    host = host_of(url)
    domain = registered_domain(host) or host or None
    for node in graph.own + ([graph.page] if graph.page else []):
        for key in ("publisher", "sourceOrganization", "provider"):
            for value in graph.values(node, key):
                if isinstance(value, str) and not value.startswith("http"):
                    return Publisher(name=value[:200], domain=domain), f"json-ld {key}"
                if isinstance(value, dict) and (name := graph.text(value, "name", "legalName")):
                    link = graph.text(value, "url")
                    return Publisher(
                        name=name[:200], url=absolute(link, url) if link else None, domain=domain
                    ), f"json-ld {key}"
    for name in (
        "og:site_name",
        "application-name",
        "dc.publisher",
        "dcterms.publisher",
        "citation_publisher",
        "publisher",
    ):
        value = sweep.first(name)
        if value and not value.startswith("http"):
            return Publisher(name=value[:200], domain=domain), f"meta {name}"
    if graph.site_names:
        return Publisher(name=graph.site_names[0][:200], domain=domain), "json-ld WebSite"
    return Publisher(domain=domain), None


def site_names(graph: Graph, sweep: Sweep, publisher: Publisher, url: str) -> frozenset[str]:
    """Folded names of the site: publisher, og:site_name, WebSite, Organization entries, host and domain."""
    named: list[str | None] = [
        publisher.name,
        sweep.first("og:site_name"),
        sweep.first("application-name"),
        sweep.first("twitter:site"),
    ]
    named.extend(graph.site_names)
    if holder := sweep.first("copyright", "dc.rights", "dcterms.rightsholder"):
        named.append(_HOLDER.sub("", holder).split(",")[0][:100])
    for root in graph.roots[:20]:
        if any("Organization" in kind for kind in types_of(root)):
            named.append(graph.text(root, "name"))
    out: set[str] = set()
    host = host_of(url).removeprefix("www.")
    domain = registered_domain(host) or host
    out.update((fold(host), fold(domain), fold(domain.split(".")[0])))
    for name in named:
        if name:
            folded = fold(name)
            out.add(folded)
            out.add(_ENDING.sub("", folded))
    return frozenset(name for name in out if len(name) > 1)
