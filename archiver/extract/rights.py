"""Rights and access: licence, copyright, reservations against mining, robots directives, paywall.

Belongs here: what the page and its headers declare. Whether a reader may act on it is not decided here.
"""

from __future__ import annotations

from lxml.html import HtmlElement

from archiver.directives import says_noarchive
from archiver.extract.structured import Graph, Microdata, Sweep, plain
from archiver.models.article import Paywall, Rights
from archiver.models.exchange import Capture
from archiver.urls import absolute

_ROBOTS_FIELDS = ("robots", "googlebot", "bingbot", "googlebot-news", "archive.org_bot", "ia_archiver")
_TIER_FIELDS = (
    "article:content_tier",
    "content_tier",
    "og:article:content_tier",
    "sailthru.content_tier",
    "paywall",
    "article:paywall",
    "premium",
    "is_premium",
)
_LOCKED = frozenset(
    ("locked", "paid", "premium", "metered", "subscriber", "subscription", "true", "yes", "1", "hard", "registered")
)
_FREE = frozenset(("free", "false", "no", "0", "public", "open"))


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


def find_access(graph: Graph, sweep: Sweep, microdata: Microdata | None) -> tuple[bool | None, Paywall]:
    """(`is_accessible_for_free`, paywall with evidence). Only declarations count; walls in the text are screening's."""
    free: bool | None = None
    evidence: list[str] = []
    for node in graph.own + ([graph.page] if graph.page else []):
        declared = truth(node.get("isAccessibleForFree"))
        if declared is None:
            continue
        if free is None:
            free = declared
        if not declared:
            evidence.append("json-ld isAccessibleForFree=false")
            evidence.extend(_parts(graph, node))
            break
    if free is None and microdata is not None:
        for text in microdata.texts("isaccessibleforfree"):
            free = truth(text)
            if free is False:
                evidence.append("microdata isAccessibleForFree=false")
            break
    tier_says_free = False
    for name, value in sweep.named(*_TIER_FIELDS):
        lowered = value.lower()
        if lowered in _LOCKED:
            evidence.append(f"meta {name}={lowered}")
        elif lowered in _FREE:
            tier_says_free = True
    if free is None and evidence:
        free = False
    elif free is None and tier_says_free:
        free = True
    hard = [one for one in evidence if "metered" not in one and "registered" not in one]
    return free, Paywall(detected=bool(hard), evidence=list(dict.fromkeys(evidence))[:10])


def _parts(graph: Graph, node: dict[str, object]) -> list[str]:
    out = []
    for part in graph.values(node, "hasPart")[:10]:
        if isinstance(part, dict) and truth(part.get("isAccessibleForFree")) is False:
            selector = graph.text(part, "cssSelector")
            if selector:
                out.append(f"json-ld hasPart cssSelector={selector[:200]}")
    return out


def truth(value: object) -> bool | None:
    """JSON-LD booleans in the spellings that pages use: true, "True", "false", "http://schema.org/False", 1, 0."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return bool(value) if value in (0, 1) else None
    if isinstance(value, str):
        word = value.strip().lower().rsplit("/", 1)[-1]
        if word in ("true", "yes", "1"):
            return True
        if word in ("false", "no", "0"):
            return False
    return None


def _cut(text: str | None) -> str | None:
    return " ".join(text[:2000].split()) or None if text else None
