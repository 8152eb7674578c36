"""The links of a page, seen from its text: which lines are nearly all link, and which links stand inside the body.

Belongs here: matching anchors of the tree with lines of text. trafilatura is asked without links, because keeping them changes
what it extracts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from archiver.models.article import Link
from archiver.page import Page
from archiver.urls import absolute, same_site

LINKS_MAX = 2000
LINK_SHARE = 0.8
"""A block whose characters are links to this share is no running text."""

_BLOCKS = frozenset(
    [
        "p",
        "li",
        "dd",
        "dt",
        "td",
        "th",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "figcaption",
        "div",
        "section",
        "article",
        "main",
        "body",
        "pre",
        "summary",
        "ul",
        "ol",
        "dl",
        "table",
        "tr",
        "header",
        "aside",
        "nav",
        "footer",
    ]
)
TEXT_MAX = 1000
KICKER = 60
BLOCK_CHARS_MAX = 6000
_NOT_WORD = re.compile(r"\W+")


def fold(text: str) -> str:
    """Words in lower case with one space between: what survives any white space or punctuation difference."""
    return f" {_NOT_WORD.sub(' ', text).strip().lower()} "


def dense(text: str) -> str:
    """Letters and digits only, in lower case: equal also where soft hyphens and missing spaces differ."""
    return _NOT_WORD.sub("", text).lower()


class LinkLines:
    """The blocks of a page that are nearly all link, as lines of text can be looked up in it."""

    def __init__(self, tree: HtmlElement) -> None:
        self._lines = frozenset(_link_blocks(tree))

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and len(text) < 400 and dense(text) in self._lines


def _link_blocks(tree: HtmlElement) -> Iterator[str]:
    linked: dict[HtmlElement, int] = {}
    for anchor in tree.iter("a"):
        if anchor.get("href", "#").startswith(("#", "mailto:", "tel:")) or not (text := short_text(anchor)):
            continue
        letters = dense(text)
        if len(text) > 24:
            yield letters
        for inner in anchor.iter("h1", "h2", "h3", "h4", "h5", "p", "div", "span"):
            yield dense(inner.text_content())
        block = _block_of(anchor)
        if block is not None:
            linked[block] = linked.get(block, 0) + len(letters)
    for block, share in linked.items():
        whole = dense(short_text(block))
        if whole and (share >= LINK_SHARE * len(whole) or (block.tag == "li" and _is_kicker_and_link(block))):
            yield whole


def short_text(element: HtmlElement, limit: int = TEXT_MAX) -> str:
    """The element's text; "" when it is longer than `limit`. Unclosed anchors contain half the page."""
    parts, length = [], 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > limit:
            return ""
    return "".join(parts)


def _is_kicker_and_link(item: HtmlElement) -> bool:
    """A list item of the form "Kicker: linked title", which is a pointer to another story."""
    before, _, after = item.text_content().strip().partition(":")
    anchors = [" ".join(anchor.text_content().split()) for anchor in item.iter("a")]
    rest = " ".join(after.split())
    if any(letter.isdigit() for letter in before):
        return False  # a dated list of references
    return (
        len(anchors) == 1
        and 0 < len(before) < KICKER
        and len(rest) - len(anchors[0]) <= 2
        and rest.startswith(anchors[0])
    )


def _block_of(anchor: HtmlElement) -> HtmlElement | None:
    return next((parent for parent in anchor.iterancestors() if parent.tag in _BLOCKS), None)


def body_links(page: Page, text: str) -> list[Link]:
    """Links of the body in document order, each (URL, anchor) once; the first 2,000."""
    folded = fold(text)
    inside: dict[HtmlElement, bool] = {}
    links: dict[tuple[str, str], Link] = {}
    for anchor in page.tree.iter("a"):
        href = anchor.get("href")
        if not href or (block := _block_of(anchor)) is None:
            continue
        if block not in inside:
            inside[block] = _is_part(block, folded)
        if not inside[block] or (url := absolute(href, page.url)) is None:
            continue
        if not (label := " ".join(anchor.text_content().split())):
            continue
        links.setdefault(
            (url, label), Link(url=url, anchor=label, rel=anchor.get("rel"), internal=same_site(url, page.url))
        )
        if len(links) >= LINKS_MAX:
            break
    return list(links.values())


def _is_part(block: HtmlElement, folded: str) -> bool:
    words = fold(short_text(block, BLOCK_CHARS_MAX))
    return len(words) > 2 and words in folded
