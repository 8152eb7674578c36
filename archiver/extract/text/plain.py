"""A plain reading of the page in one pass: the blocks of running text of its densest part.

Belongs here: the fall-back for pages that trafilatura loses or that are too large for it. Linear in the size of the page, no
names of classes, so that it fails on other pages than trafilatura does.
"""

from __future__ import annotations

from collections import defaultdict

from lxml import etree
from lxml.html import HtmlElement

from archiver.extract.text.links import dense

_BLOCKS = ("p", "h2", "h3", "h4", "li", "blockquote", "pre", "dd", "dt")
_CHROME = frozenset(
    ("nav", "footer", "aside", "header", "form", "button", "select", "figcaption", "noscript", "template", "menu")
)
_BLOCK_SET = frozenset(_BLOCKS)
_TEXT_MIN = 40
_LINKED_MAX = 0.4
_CONTAINER_SHARE = 0.7
_LEVELS = 8


def plain_lines(tree: HtmlElement) -> list[str]:
    """The blocks of the smallest element that holds 70 % of the page's running text, one a line, in document order."""
    blocks = [(block, text) for block in tree.iter(*_BLOCKS) if (text := _text(block))]
    if not blocks:
        return []
    weights: dict[HtmlElement, int] = defaultdict(int)
    total = 0
    for block, text in blocks:
        if block.tag in ("p", "blockquote", "li") and len(text) >= _TEXT_MIN:
            total += len(text)
            for level, parent in enumerate(block.iterancestors()):
                if level == _LEVELS:
                    break
                weights[parent] += len(text)
    heavy = [element for element, weight in weights.items() if weight >= _CONTAINER_SHARE * total]
    if not heavy:
        return [text for _, text in blocks]
    container = max(heavy, key=lambda element: sum(1 for _ in element.iterancestors()))
    return [text for block, text in blocks if any(parent is container for parent in block.iterancestors())]


_WRAPPERS = ("article", "main", "section", "div", "td")
READ_MAX = 5_000_000
"""Characters that are read in search of a single line's element, over all elements that are looked at."""
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd mark q rp rt ruby s samp small span strike strong sub sup time tt u var wbr".split()  # noqa: SIM905
)


def unglued(lines: list[str], tree: HtmlElement) -> list[str]:
    """`lines`, or the blocks of the element whose whole text is their only line.

    That is what trafilatura gives of a page with little text: headline, byline, share bar and paragraphs in one.
    """
    wanted = dense(lines[0]) if len(lines) == 1 else ""
    if not wanted:
        return lines
    holder: HtmlElement | None = None
    left = READ_MAX
    for element in tree.iter(*_WRAPPERS):
        text = "".join(element.itertext())
        left -= len(text)
        if left < 0:
            break
        if len(text) >= len(wanted) and dense(text) == wanted:
            holder = element
    blocks = _blocks(holder) if holder is not None else []
    return blocks if len(blocks) > 1 else lines


def _blocks(holder: HtmlElement) -> list[str]:
    """The texts of `holder` between the boundaries of its blocks, in document order."""
    parts: list[list[str]] = [[]]
    for event, element in etree.iterwalk(holder, events=("start", "end")):
        inline = element.tag in _INLINE
        if event == "start":
            if not inline:
                parts.append([])
            parts[-1].append(element.text or "")
        else:
            if not inline:
                parts.append([])
            if element is not holder:
                parts[-1].append(element.tail or "")
    return [text for part in parts if (text := " ".join("".join(part).split()))]


def _text(block: HtmlElement) -> str:
    """The block's text, "" for chrome, for lists of links and for blocks inside or around another block."""
    for level, parent in enumerate(block.iterancestors()):
        if parent.tag in _CHROME or parent.tag in _BLOCK_SET:
            return ""
        if level == _LEVELS:
            break
    text = " ".join(block.text_content().split())
    if not text:
        return ""
    linked = sum(len(" ".join(anchor.text_content().split())) for anchor in block.iter("a"))
    return text if linked <= _LINKED_MAX * len(text) else ""
