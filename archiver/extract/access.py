"""Access: whether the page says that its article is free to read, and the paywall with its evidence.

Belongs here: weighing what is declared (JSON-LD, microdata, tiers in meta tags) and the wall that the page shows (`walls`).
"""

from __future__ import annotations

from archiver.extract.structured import Graph, Microdata, Sweep
from archiver.extract.text.clean import SENTENCE_END
from archiver.extract.walls import Wall, find_sentence
from archiver.models.article import Paywall
from archiver.page import Page

EVIDENCE_MAX = 10
WHOLE = 1500
"""Characters from which on a text before a wall is taken for whole, if it ends as a sentence does."""
SHOWN = "text "
"""What evidence begins with that the page shows instead of declaring it."""

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
_LOCKED = frozenset(("locked", "paid", "premium", "subscriber", "subscription", "true", "yes", "1", "hard"))
_METERED = frozenset(("metered", "registered"))
"""Not free to everybody, but no wall in front of this reading."""
_FREE = frozenset(("free", "false", "no", "0", "public", "open"))


def find_access(
    graph: Graph, sweep: Sweep, microdata: Microdata | None, wall: Wall | None
) -> tuple[bool | None, Paywall]:
    """(`is_accessible_for_free`, paywall with evidence). `wall` is one that the page shows (`walls.find_wall`).

    JSON-LD counts before microdata, both before meta tags, all before the wall. That is evidence and nothing more beside a page that
    declares itself free, and where it stands outside the article, unless the text breaks off (`with_text`): many sites ship one with
    every page. A metered article is not free to everybody and has no wall in front of this reading.
    """
    free, evidence = _linked_data(graph)
    if free is None and microdata is not None:
        free = next(map(truth, microdata.texts("isaccessibleforfree")), None)
        if free is False:
            evidence.append("microdata isAccessibleForFree=false")
    locked, metered, open_ = _tiers(sweep)
    evidence += locked
    if free is None:
        free = False if evidence or metered else True if open_ else None
    detected = bool(evidence)
    if wall is not None:
        evidence.append(SHOWN + wall.line)
        if wall.inside and free is None:
            free = False
        detected = detected or (wall.inside and not free)
    return free, Paywall(detected=detected, evidence=list(dict.fromkeys(evidence + metered))[:EVIDENCE_MAX])


def with_text(
    free: bool | None, paywall: Paywall, wall: Wall | None, text: str, page: Page
) -> tuple[bool | None, Paywall, bool]:
    """The same once the text is known, and whether that breaks off before the wall: it ends in no sentence, or is short and has the
    wall behind it. Where a text looks like that and no wall is known, a sentence may tell."""
    end = text[-20:].rstrip()
    broken = not SENTENCE_END.search(end) or end.endswith(("…", "..."))
    short = len(text) < WHOLE
    if wall is None and (broken or short) and (wall := find_sentence(page)):
        paywall = paywall.model_copy(update={"evidence": [*paywall.evidence, SHOWN + wall.line][:EVIDENCE_MAX]})
    cut = wall is not None and (broken or (wall.inside and short))
    if free is None and wall is not None and (cut or wall.inside):
        free, paywall = False, paywall.model_copy(update={"detected": True})
    return free, paywall, cut


def _linked_data(graph: Graph) -> tuple[bool | None, list[str]]:
    """What the page's own entry says, else the page's, with the evidence of a "no". One that only names locked parts says "no"."""
    free: bool | None = None
    for node in graph.own + ([graph.page] if graph.page else []):
        declared, parts = truth(node.get("isAccessibleForFree")), _locked_parts(graph, node)
        if declared is False or (declared is None and parts):
            said = ["json-ld isAccessibleForFree=false"] if declared is False else []
            return (False if free is None else free), said + parts
        if free is None:
            free = declared
    return free, []


def _locked_parts(graph: Graph, node: dict[str, object]) -> list[str]:
    out = []
    for part in graph.values(node, "hasPart")[:10]:
        if isinstance(part, dict) and truth(part.get("isAccessibleForFree")) is False:
            selector = graph.text(part, "cssSelector")
            if selector:
                out.append(f"json-ld hasPart cssSelector={selector[:200]}")
    return out


def _tiers(sweep: Sweep) -> tuple[list[str], list[str], bool]:
    """(evidence of a lock, of a meter, whether a tag says free) of the meta tags that name a tier."""
    locked, metered, free = [], [], False
    for name, value in sweep.named(*_TIER_FIELDS):
        lowered = value.lower()
        if lowered in _LOCKED:
            locked.append(f"meta {name}={lowered}")
        elif lowered in _METERED:
            metered.append(f"meta {name}={lowered}")
        elif lowered in _FREE:
            free = True
    return locked, metered, free


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
