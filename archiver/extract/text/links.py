"""The links inside the body: anchors whose block of text is part of the extracted text.

Belongs here: matching anchors of the tree with lines of the body. trafilatura is asked without links, because keeping them
changes what it extracts.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from archiver.models.article import Link
from archiver.page import Page
from archiver.urls import absolute, same_site

LINKS_MAX = 2000
_BLOCKS = frozenset(
    "p li dd dt td th h1 h2 h3 h4 h5 h6 blockquote figcaption div section article main body pre summary".split()
)
_NOT_WORD = re.compile(r"\W+")


def body_links(page: Page, text: str) -> list[Link]:
    """Links of the body in document order, each (URL, anchor) once; the first 2,000."""
    folded = fold(text)
    inside: dict[HtmlElement, bool] = {}
    links: dict[tuple[str, str], Link] = {}
    for anchor in page.tree.iter("a"):
        label = " ".join(anchor.text_content().split())
        href = anchor.get("href")
        if not href or not label:
            continue
        block = next((parent for parent in anchor.iterancestors() if parent.tag in _BLOCKS), None)
        if block is None:
            continue
        if block not in inside:
            inside[block] = _is_part(block, folded)
        if not inside[block] or (url := absolute(href, page.url)) is None:
            continue
        links.setdefault(
            (url, label), Link(url=url, anchor=label, rel=anchor.get("rel"), internal=same_site(url, page.url))
        )
        if len(links) >= LINKS_MAX:
            break
    return list(links.values())


def fold(text: str) -> str:
    """Words in lower case with one space between: what survives any white space or punctuation difference."""
    return f" {_NOT_WORD.sub(' ', text).strip().lower()} "


def _is_part(block: HtmlElement, folded: str) -> bool:
    content = block.text_content()
    if len(content) > len(folded) + 2000:
        return False
    words = fold(content)
    return len(words) > 2 and words in folded
