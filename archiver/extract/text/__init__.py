"""The body of an article: from a page's tree to clean paragraphs with offsets, links and the places of embedded posts.

Belongs here: the order of the steps. `bare` calls trafilatura, `clean` drops lines that are no text of the article, `cues` holds
their patterns, `links` finds the links of what is left.
"""

from __future__ import annotations

import copy
import itertools
import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from archiver.extract.embeds import MARKER, Embed, take_embeds
from archiver.extract.structured import SPOKEN
from archiver.extract.text.bare import extract_lines
from archiver.extract.text.clean import SENTENCE_END, Cleaner, undecorated
from archiver.extract.text.links import PageLinks, dense
from archiver.extract.text.plain import plain_lines, unglued
from archiver.extract.text.standfirst import find_standfirst
from archiver.extract.walls import says_so
from archiver.models.article import Link, Paragraph, Position
from archiver.models.hints import ExtractHints
from archiver.page import Page

ELEMENTS_MAX = 20_000
"""Elements beyond which trafilatura, quadratic in places, is not asked. The largest page measured had 11,529."""

TEXT_MAX = 1_000_000
"""Characters of text beyond which trafilatura is not asked: it reads them again at every level of nesting."""

SHORT = 250
LONGER, HELD = 3, 0.9
"""A text below `SHORT` characters gives way to a plain reading that is `LONGER` times its length and has `HELD` of its letters
(measured: shorter ones lose)."""
SENTENCE = 60
"""Characters from which a line may be a sentence of the article; shorter ones are slogans and labels as often."""

ATTRIBUTE_MAX = 10_000


_CHROME = (
    "style", "svg", "link", "meta", "button", "select", "option", "input", "textarea", "canvas", "audio", "video", "map", "source",
    "template", "nav", "footer",
)  # fmt: skip
"""Never text of an article; each is looked through a dozen times if it stays (a fifth of the time)."""


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


def read_body(
    page: Page,
    hints: ExtractHints,
    headlines: list[str],
    names: list[str],
    description: str | None = None,
    wall: str | None = None,
) -> Body:
    """The article's text. `headlines` are what the page calls itself, `names` its authors: neither is repeated in the body.

    `description` is the page's own; where it is also shown as the standfirst, it belongs to the text.
    `wall` is the XPath of an element in front of the article, which is none of its text.
    """
    tree = copy.deepcopy(page.tree)
    if wall is not None:
        _prune(tree, wall)
    # trafilatura's own parser drops comments: left in, one ends the paragraph it stands in. The rest only costs time.
    etree.strip_elements(tree, etree.Comment, etree.ProcessingInstruction, *_CHROME, with_tail=False)
    for expression in hints.prune_xpath:
        _prune(tree, expression)
    _drop_hidden(tree)
    _drop_long_attributes(tree)
    embeds = take_embeds(tree)
    _empty_scripts(tree)
    _open_entries(tree)
    cleaner = Cleaner(headlines + _page_headlines(page), names)
    lines, links, warnings = _lines(page, tree, cleaner)
    lines = [line for number, line in enumerate(lines) if number < len(lines) - WALL or not says_so(line)]
    lines = _with_standfirst(lines, tree, [*([description] if description else []), *_page_descriptions(page)])
    texts, places = _without_markers(lines)
    paragraphs = _paragraphs(texts)
    text = "\n".join(texts)
    placed = [PlacedEmbed(embed, _position(places.get(embed.number), paragraphs, text)) for embed in embeds]
    return Body(text, paragraphs, links.inside(text, page.url), placed, warnings)


def _lines(page: Page, tree: HtmlElement, cleaner: Cleaner) -> tuple[list[str], PageLinks, list[str]]:
    """Clean lines, links and warnings: trafilatura's, or the plain reading where the page is too large or its text was lost."""
    if _is_too_large(tree):
        return *_cleaned(plain_lines(tree), tree, cleaner), ["text:page-too-large"]
    lines, links = _cleaned(unglued(extract_lines(tree, page.url), tree), tree, cleaner)
    length = sum(map(len, lines))
    if length >= SHORT:
        return lines, links, []
    plain, plain_links = _cleaned(plain_lines(tree), tree, cleaner)
    if sum(map(len, plain)) >= max(LONGER * length, SHORT) and _holds(plain, lines):
        return plain, plain_links, ["text:plain-reading"]
    return lines, links, ["text:short"] if lines else []


def _holds(plain: list[str], lines: list[str]) -> bool:
    """Whether the longer reading has the sentences of the shorter one: if not, it is the text of something else, teasers mostly."""
    whole = dense("".join(plain))
    letters = [dense(line) for line in lines if len(line) >= SENTENCE and SENTENCE_END.search(line)]
    return sum(len(line) for line in letters if line in whole) >= HELD * sum(map(len, letters))


def _cleaned(raw: list[str], tree: HtmlElement, cleaner: Cleaner) -> tuple[list[str], PageLinks]:
    raw = [stripped for line in raw if (stripped := undecorated(line))]
    links = PageLinks(tree, raw)
    return cleaner.clean(raw, links), links


def _is_too_large(tree: HtmlElement) -> bool:
    if tree.xpath(f"count(//*) > {ELEMENTS_MAX}"):
        return True
    scripts = sum(len(script.text or "") for script in tree.iter("script"))
    return len(tree.text_content()) - scripts > TEXT_MAX


def _with_standfirst(lines: list[str], tree: HtmlElement, descriptions: list[str]) -> list[str]:
    """`lines` with the standfirst before them, if the page shows one and they do not have it."""
    body = dense("".join(lines))
    standfirst = find_standfirst(tree, descriptions, body) if lines else None
    return [standfirst, *lines] if standfirst and dense(standfirst) not in body else lines


def _page_descriptions(page: Page) -> list[str]:
    names = ("description", "og:description", "twitter:description")
    metas = (
        meta for meta in page.tree.iter("meta") if (meta.get("property") or meta.get("name") or "").lower() in names
    )
    return list(dict.fromkeys(meta.get("content", "") for meta in metas))


_SLOT_TAGS = ("div", "ins", "aside", "section")
_SLOT_CLASSES = frozenset({"ad", "ads", "advert", "advertisement", "adsbygoogle", "ad-slot", "ad-container", "ad-unit"})
SLOT_MAX = 600
"""Characters of an advertising slot; what holds more is the article in a wrapper with an unlucky name."""


def _drop_hidden(tree: HtmlElement) -> None:
    """Remove what only screen readers say (it repeats headlines and labels buttons), and the slots of advertising."""
    marked = ((slot, marks) for slot in tree.iter(*_SLOT_TAGS) if (marks := slot.get("class")) and "ad" in marks)
    slots = [slot for slot, marks in marked if not _SLOT_CLASSES.isdisjoint(marks.lower().split())]
    small = [slot for slot in slots if len(slot.text_content()) <= SLOT_MAX]
    spans = ((span, marks) for span in tree.iter("span") if (marks := span.get("class")))
    hidden = [span for span, marks in spans if any(mark in marks for mark in SPOKEN)]
    for element in [*hidden, *small]:
        if element.getparent() is not None:
            element.drop_tree()


WALL = 4
"""Lines at the end in which the sentence of a wall is looked for."""
ENTRY = 80
"""Characters of a paragraph from which a list's item may be an entry of a live blog."""


def _open_entries(tree: HtmlElement) -> None:
    """Make items of lists that are entries (headings, times and paragraphs that lead nowhere else) plain containers.

    trafilatura joins all that an item holds into one line.
    """
    items: dict[HtmlElement, int] = {}
    for paragraph in tree.iter("p"):
        holder = paragraph.getparent()
        if holder is not None and holder.tag == "div":
            holder = holder.getparent()
        if holder is not None and holder.tag == "li":
            items[holder] = items.get(holder, 0) + len(paragraph.text_content())
    for item, words in items.items():
        if words < ENTRY or len(list(itertools.islice(item.iter("p", "h2", "h3", "h4", "h5"), 2))) < 2:
            continue
        linked = sum(len(link.text_content()) for link in item.iter("a"))
        inside = next(item.iterancestors("a", "nav", "aside", "footer"), None)
        title = item.find("a")
        if title is not None and title.get("href", "#").startswith(("#", "javascript:")):
            title.tag, title = "h4", None  # it opens the entry and leads nowhere
        if linked <= 0.2 * words and inside is None and title is None:
            item.tag = "div"
            if (holder := item.getparent()) is not None and holder.tag in ("ol", "ul"):
                holder.tag = "div"


def _empty_scripts(tree: HtmlElement) -> None:
    """Take the text out of scripts that are no data: trafilatura copies the tree four times and reads none of it."""
    for script in tree.iter("script"):
        if script.text and "ld+json" not in script.get("type", ""):
            script.text = None


_TITLE_CUT = re.compile(r"\s+[|»·•–—-]\s+")


def _page_headlines(page: Page) -> list[str]:
    """What the page shows as its headline: its h1 elements, og:title and the title with and without the site's name."""
    found = [" ".join(h1.text_content().split()) for h1 in itertools.islice(page.tree.iter("h1"), 3)]
    found += [meta.get("content", "") for meta in page.tree.iter("meta") if meta.get("property") == "og:title"][:1]
    title = page.tree.findtext(".//title") or ""
    parts = _TITLE_CUT.split(title)
    return [*found, title, *(part for part in parts[:1] if len(part) > 20)]


_LONG = etree.XPath(f"//@*[string-length() > {ATTRIBUTE_MAX}]")


def _drop_long_attributes(tree: HtmlElement) -> None:
    """Remove attributes of a length that only embedded state has: each is searched by dozens of expressions."""
    for value in _LONG(tree):
        value.getparent().attrib.pop(value.attrname, None)


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
