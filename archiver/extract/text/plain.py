"""A plain reading of the page in one pass: the blocks of running text of its densest part.

Belongs here: the fall-back for pages that trafilatura loses or that are too large for it. Linear in the size of the page, no
names of classes, so that it fails on other pages than trafilatura does.
"""

from __future__ import annotations

from collections import defaultdict

from lxml.html import HtmlElement

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
