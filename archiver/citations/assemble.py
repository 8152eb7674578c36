"""From sightings to Citations: regions, positions, duplicates, precedence, context.

Belongs here: what is true of all kinds together. The passes that see are `generic` (with `embeds`), `scripts`, `images`, `prose`.
"""

from __future__ import annotations

import itertools

from archiver.citations.attach import attached
from archiver.citations.found import Finding
from archiver.citations.generic import sightings, signatures
from archiver.citations.images import pictures
from archiver.citations.places import Layout, dense
from archiver.citations.prescan import signs_in
from archiver.citations.prose import quotations
from archiver.citations.scripts import SAMPLE, script_sightings
from archiver.models.article import Citation, Evidence, Occurrence, Paragraph, Position
from archiver.page import Page

CITATIONS_MAX = 1_000
BLOCKS_MAX = 200
CONTEXT_MAX = 600
_RANK = {"embed": 0, "link": 1, "quote": 2, "image": 3}


def find_citations(page: Page, body: str, paragraphs: list[Paragraph], language: str | None = None) -> list[Citation]:
    """The posts that the article cites, in the order of the text, each (network, id) once with all its occurrences.

    `body` and `paragraphs` are the article's text with offsets, `language` its BCP 47 code. The page's tree is only read.
    At most `CITATIONS_MAX`.
    """
    posts = _merged(_marked_up(page, paragraphs))
    quotes = quotations(body, paragraphs, language, lambda: _blocks(page))
    return sorted(attached(posts, quotes, body), key=_order)[:CITATIONS_MAX]


def _blocks(page: Page) -> frozenset[str]:
    """The letters of the page's block quotations and of the paragraphs in them."""
    found: set[str] = set()
    for block in itertools.islice(page.tree.iter("blockquote"), BLOCKS_MAX):
        found.add(dense(block.text_content()))
        found.update(dense(paragraph.text_content()) for paragraph in block.iter("p"))
    return frozenset(found)


def _order(citation: Citation) -> tuple[int, int]:
    start = citation.position.start if citation.position else None
    return (start if start is not None else 10**9, _RANK[citation.kind])


def _marked_up(page: Page, paragraphs: list[Paragraph]) -> list[Citation]:
    """Citations of every kind that the page's markup shows."""
    signs = signs_in(page.low)
    seen: list[Finding] = []
    citations: list[Citation] = []
    alive: list[object] = []
    if signs:
        alive += page.tree.iter()  # lxml makes a Python object anew for an element that nobody holds
        seen += sightings(page.tree)
        citations += _from_scripts(list(script_sightings(page.tree, [p.text for p in paragraphs], signs)), paragraphs)
        if signs.signature:
            known = {finding.text for finding in seen}
            seen += [finding for finding in signatures(page.tree) if finding.text not in known]
    seen += pictures(page.tree)
    if seen:
        embeds = (finding.element for finding in seen if finding.kind == "embed")
        citations += _placed(seen, Layout(page.tree, paragraphs, embeds))
    del alive
    return citations


def _placed(found: list[Finding], layout: Layout) -> list[Citation]:
    """Those of `found` that stand in the article, as Citations. Outwards from the text, so that a row of embeds holds together."""
    ordered = sorted(found, key=lambda finding: layout.order.get(finding.element, 0))
    above = [finding for finding in ordered if layout.start.get(finding.element, 0) < layout.first]
    kept = {id(finding) for finding in reversed(above) if _stands(finding, layout)}
    kept |= {id(finding) for finding in ordered[len(above) :] if _stands(finding, layout)}
    return [
        _citation(finding, layout.position(finding.element), layout.paragraphs)
        for finding in found
        if id(finding) in kept
    ]


def _stands(finding: Finding, layout: Layout) -> bool:
    if layout.region(finding.element, link=finding.kind == "link") != "body":
        return False
    if finding.kind == "embed":
        layout.accept(finding.element)
    return True


def _from_scripts(found: list[Finding], paragraphs: list[Paragraph]) -> list[Citation]:
    starts = {dense(paragraph.text)[:SAMPLE]: number for number, paragraph in enumerate(paragraphs)} if found else {}
    citations = []
    for finding in found:
        number = starts.get(finding.note.get("before", ""))
        position = Position(start=paragraphs[number].end, paragraph=number) if number is not None else None
        citations.append(_citation(finding, position, paragraphs))
    return citations


def _citation(finding: Finding, position: Position | None, paragraphs: list[Paragraph]) -> Citation:
    ref = finding.ref
    number = position.paragraph if position else None
    username = (finding.author.username if finding.author else None) or (ref.username if ref else None)
    return Citation(
        kind=finding.kind,
        platform=finding.platform,
        url=ref.canonical_url if ref else None,
        url_raw=finding.url_raw,
        native_id=ref.native_id if ref else None,
        position=position,
        context=finding.label[:CONTEXT_MAX] if finding.kind == "image" else _context(number, paragraphs),
        evidence=Evidence(markup=finding.markup, attribute=finding.attribute),
        embedded_text=finding.text,
        embedded_author=finding.author,
        username=username or finding.note.get("username") or None,
    )


def _context(number: int | None, paragraphs: list[Paragraph]) -> str | None:
    return paragraphs[number].text[:CONTEXT_MAX] if number is not None and number < len(paragraphs) else None


def _merged(citations: list[Citation]) -> list[Citation]:
    """Each post once: the strongest kind stands, every sighting is an occurrence of it, gaps are filled from the others."""
    groups: dict[tuple[str, ...], list[Citation]] = {}
    for citation in citations:
        groups.setdefault(_identity(citation, len(groups)), []).append(citation)
    return [_one(group) for group in groups.values()]


def _identity(citation: Citation, number: int) -> tuple[str, ...]:
    if citation.native_id:
        return citation.platform, citation.native_id
    if citation.url:
        return citation.platform, citation.url
    if citation.kind == "embed" and citation.embedded_text:
        return citation.platform, "text", dense(citation.embedded_text)[:200]
    return citation.platform, "alone", str(number)


def _one(group: list[Citation]) -> Citation:
    if len(group) == 1:
        return group[0]
    ranked = sorted(group, key=lambda citation: (_RANK[citation.kind], citation.position is None))
    best = ranked[0]
    filled = {
        name: next((value for citation in ranked if (value := getattr(citation, name)) is not None), None)
        for name in (
            "embedded_text",
            "embedded_author",
            "username",
            "position",
            "context",
            "url_raw",
            "quote",
            "cue",
            "speaker",
        )
    }
    return best.model_copy(update={**filled, "occurrences": _occurrences(group)})


def _occurrences(group: list[Citation]) -> list[Occurrence]:
    seen: dict[tuple[object, ...], Occurrence] = {}
    for citation in group:
        place = citation.position
        key = (citation.kind, place.start if place else None, citation.evidence.markup)
        seen.setdefault(key, Occurrence(kind=citation.kind, position=place, evidence=citation.evidence))
    return list(seen.values())
