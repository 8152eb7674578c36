"""The body of an article: from a page's tree to clean paragraphs with offsets, links and the places of embedded posts.

Belongs here: the order of the steps. `bare` calls trafilatura, `clean` drops lines that are no text of the article, `cues` holds
their patterns, `links` finds the links of what is left.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

from lxml import etree

from archiver.extract.embeds import MARKER, Embed, take_embeds
from archiver.extract.hints import ExtractHints
from archiver.extract.text.bare import extract_lines
from archiver.extract.text.clean import clean_lines
from archiver.extract.text.links import LinkLines, body_links
from archiver.models.article import Link, Paragraph, Position
from archiver.page import Page


@dataclass(frozen=True, slots=True)
class PlacedEmbed:
    """An embedded post and where it stood; `position` is None when it was outside the article's text."""

    embed: Embed
    position: Position | None


@dataclass(frozen=True, slots=True)
class Body:
    """`text` is the paragraphs joined by a line feed. `warnings` says what was guessed."""

    text: str
    paragraphs: list[Paragraph]
    links: list[Link]
    embeds: list[PlacedEmbed]
    warnings: list[str]


def read_body(page: Page, hints: ExtractHints, headlines: list[str], names: list[str]) -> Body:
    """The article's text. `headlines` are what the page calls itself, `names` its authors: neither is repeated in the body."""
    tree = copy.deepcopy(page.tree)
    # trafilatura's own parser drops comments; left in, one ends the paragraph it stands in
    etree.strip_elements(tree, etree.Comment, etree.ProcessingInstruction, with_tail=False)
    for expression in hints.prune_xpath:
        _prune(tree, expression)
    embeds = take_embeds(tree)
    lines = clean_lines(extract_lines(tree, page.url), LinkLines(page.tree), headlines, names)
    texts, places = _without_markers(lines)
    paragraphs = _paragraphs(texts)
    text = "\n".join(texts)
    placed = [PlacedEmbed(embed, _position(places.get(embed.number), paragraphs, text)) for embed in embeds]
    return Body(text, paragraphs, body_links(page, text), placed, [])


def _prune(tree: etree._Element, expression: str) -> None:
    found = tree.xpath(expression)
    for element in found if isinstance(found, list) else []:
        parent = element.getparent() if isinstance(element, etree._Element) else None
        if parent is not None:
            element.drop_tree() if hasattr(element, "drop_tree") else parent.remove(element)


def _without_markers(lines: list[str]) -> tuple[list[str], dict[int, int]]:
    """Lines without markers, and for each marker the number of lines before it."""
    texts: list[str] = []
    places: dict[int, int] = {}
    for line in lines:
        for match in MARKER.finditer(line):
            places.setdefault(int(match[1]), len(texts))
        if rest := MARKER.sub("", line).strip():
            texts.append(rest)
    return texts, places


def _paragraphs(texts: list[str]) -> list[Paragraph]:
    paragraphs, start = [], 0
    for text in texts:
        paragraphs.append(Paragraph(text=text, start=start, end=start + len(text)))
        start += len(text) + 1
    return paragraphs


def _position(before: int | None, paragraphs: list[Paragraph], text: str) -> Position | None:
    """`paragraph` is the one before the embed (0 when it opens the body), `start` the end of that paragraph."""
    if before is None or not paragraphs:
        return None
    if before == 0:
        return Position(start=0, paragraph=0)
    last = paragraphs[before - 1]
    return Position(start=last.end, paragraph=before - 1)
