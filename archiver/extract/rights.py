"""Rights: licence, copyright, reservations against mining, robots directives.

Belongs here: what the page and its headers declare. Whether a reader may act on it is not decided here.
"""

from __future__ import annotations

from lxml.html import HtmlElement

from archiver.directives import says_noarchive
from archiver.extract.structured import Graph, Sweep, plain
from archiver.models.article import Rights
from archiver.models.exchange import Capture
from archiver.urls import absolute

_ROBOTS_FIELDS = ("robots", "googlebot", "bingbot", "googlebot-news", "archive.org_bot", "ia_archiver")


def find_rights(graph: Graph, sweep: Sweep, capture: Capture, base: str) -> Rights:
    """The declared rights; each null where nothing was declared.

    Of what is said about mining the later word counts: the site's tdmrep.json, then the answer's headers, then the page (TDMRep).
    """
    node = graph.own[0] if graph.own else {}
    robots_meta = "; ".join(
        value if name == "robots" else f"{name}: {value}" for name, value in sweep.named(*_ROBOTS_FIELDS)
    )
    robots_header = "; ".join(capture.header_values("x-robots-tag"))
    licence = _license(graph, node, sweep, base)
    notice = graph.text(node, "copyrightNotice") or sweep.first("copyright", "dc.rights", "dcterms.rights", "rights")
    if not notice:
        notice = _notice(graph, node)
    site = capture.context.declared or {}
    usage = [*capture.header_values("content-usage"), site.get("content_usage", "")]
    return Rights(
        license=licence,
        copyright_notice=_cut(notice),
        credit_text=_cut(graph.text(node, "creditText")),
        tdm_reservation=_later(sweep, capture, "tdm-reservation") or _cut(site.get("tdm_reservation")),
        tdm_policy=_later(sweep, capture, "tdm-policy") or _cut(site.get("tdm_policy")),
        content_usage=_cut("; ".join(filter(None, usage))),
        robots_meta=_cut(robots_meta or None),
        x_robots_tag=_cut(robots_header or None),
        archiving_restricted=_restricted(sweep, capture),
    )


def _later(sweep: Sweep, capture: Capture, name: str) -> str | None:
    return _cut(sweep.first(name)) or _cut(capture.header(name))


def _restricted(sweep: Sweep, capture: Capture) -> bool:
    """Whether `noarchive` stands in a directive for everybody or for archives (meta robots, X-Robots-Tag)."""
    said = [f"{name}: {value}" for name, value in sweep.named(*_ROBOTS_FIELDS)] + capture.header_values("x-robots-tag")
    return says_noarchive(said)


def is_restricted(capture: Capture, tree: HtmlElement | None) -> bool:
    """The same of a page of which nothing was read: `tree` where it could be parsed."""
    said = [] if tree is None else [(meta.get("name") or "", meta.get("content") or "") for meta in tree.iter("meta")]
    declared = [f"{name}: {value}" for name, value in said if name.strip().lower() in _ROBOTS_FIELDS]
    return says_noarchive(declared + capture.header_values("x-robots-tag"))


def _license(graph: Graph, node: dict[str, object], sweep: Sweep, base: str) -> str | None:
    for value in graph.values(node, "license", "usageInfo"):
        text = graph.text(value, "url", "@id", "name") if isinstance(value, dict) else plain(value)
        if text:
            return _cut(text)
    for link in sweep.links:
        if "license" in link.rel or "licence" in link.rel:
            return absolute(link.href, base) or _cut(link.href)
    return _cut(sweep.first("dcterms.license", "license"))


def _notice(graph: Graph, node: dict[str, object]) -> str | None:
    """Year and holder as the entry declares them, joined with the sign; null unless there is a holder."""
    holder = None
    for value in graph.values(node, "copyrightHolder"):
        holder = graph.text(value, "name") if isinstance(value, dict) else plain(value)
        if holder:
            break
    if not holder:
        return None
    year = graph.text(node, "copyrightYear")
    return f"© {year} {holder}" if year else f"© {holder}"


def _cut(text: str | None) -> str | None:
    return " ".join(text[:2000].split()) or None if text else None
