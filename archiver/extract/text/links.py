"""The links of a page, seen from its text: which lines are nearly all link, and which links stand inside the body.

Belongs here: matching anchors of the tree with lines of text. trafilatura is asked without links, because keeping them changes
what it extracts. Anchors whose words are nowhere in the text are left out first: they are most of a page, and the rest is cheap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml.html import HtmlElement

from archiver.models.article import Link
from archiver.urls import absolute, same_site

LINKS_MAX = 2000

LINK_SHARE = 0.8
"""A block whose characters are links to this share is no running text."""

KICKER = 60
"""Characters before the colon of "Kicker: linked title"."""

LINE_MAX = 1000
BLOCK_MAX = 6000

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
SHORT_BLOCK = 20
"""Letters below which a block has to be a line of the text: the word of a button stands in any long text."""

_NOT_WORD = re.compile(r"\W+")
_WORD = re.compile(r"\w+")
_DENSE = {ord(sign): sign.lower() if sign.isalnum() or sign == "_" else None for sign in map(chr, range(128))}


def fold(text: str) -> str:
    """Words in lower case with one space between: what survives any white space or punctuation difference."""
    return f" {_NOT_WORD.sub(' ', text).strip().lower()} "


def dense(text: str) -> str:
    """Letters and digits only, in lower case: equal also where soft hyphens and missing spaces differ."""
    if text.isascii():  # many times faster
        return text.translate(_DENSE)
    return "".join(_WORD.findall(text)).lower()


@dataclass(frozen=True, slots=True)
class _Anchor:
    element: HtmlElement
    href: str
    text: str
    letters: str


class PageLinks:
    """The anchors of `tree` that occur in `lines`. `text in links` tells whether a line is nearly all link."""

    def __init__(self, tree: HtmlElement, lines: list[str]) -> None:
        self._wanted = {letters for line in lines if len(line) <= LINE_MAX and (letters := dense(line))}
        self._linked: set[str] = set()
        self._anchors = self._find(tree, dense("".join(lines)))
        self._add_blocks()

    def __contains__(self, text: object) -> bool:
        return isinstance(text, str) and dense(text) in self._linked

    def _find(self, tree: HtmlElement, body: str) -> list[_Anchor]:
        found = []
        for element in tree.iter("a"):
            href = element.get("href")
            if not href:
                continue
            text = short_text(element) if len(element) else element.text or ""
            letters = dense(text)
            if letters and letters in body:
                found.append(_Anchor(element, href, text, letters))
            if _leads_elsewhere(href):
                self._add_whole(element, letters)
        return found

    def _add_whole(self, element: HtmlElement, letters: str) -> None:
        """Lines that are an anchor's whole text, or a block inside an anchor."""
        if len(letters) > 20 and letters in self._wanted:
            self._linked.add(letters)
        if len(element):
            inner = (
                dense(short_text(block)) for block in element.iter("h1", "h2", "h3", "h4", "h5", "p", "div", "span")
            )
            self._linked.update(letters for letters in inner if letters in self._wanted)

    def _add_blocks(self) -> None:
        """Lines that are a block with one or more anchors and little else."""
        shares: dict[HtmlElement, int] = {}
        for anchor in self._anchors:
            if _leads_elsewhere(anchor.href) and (block := _block_of(anchor.element)) is not None:
                shares[block] = shares.get(block, 0) + len(anchor.letters)
        for block, share in shares.items():
            whole = dense(short_text(block))
            if whole not in self._wanted:
                continue
            if share >= LINK_SHARE * len(whole) or (block.tag == "li" and _is_kicker_and_link(block)):
                self._linked.add(whole)

    def inside(self, text: str, url: str) -> list[Link]:
        """Links of the body `text` of the page at `url` in document order, each (URL, anchor) once; the first 2,000."""
        body, lines = dense(text), {dense(line) for line in text.split("\n")} - {""}
        known: dict[HtmlElement, bool] = {}
        links: dict[tuple[str, str], Link] = {}
        for anchor in self._anchors:
            block = _block_of(anchor.element)
            if block is None:
                continue
            if block not in known:
                words = dense(short_text(block, BLOCK_MAX))
                known[block] = words in lines or (len(words) >= SHORT_BLOCK and words in body)
            if not known[block] or (target := absolute(anchor.href, url)) is None:
                continue
            label = " ".join(anchor.text.split())
            link = Link(url=target, anchor=label, rel=anchor.element.get("rel"), internal=same_site(target, url))
            links.setdefault((target, label), link)
            if len(links) >= LINKS_MAX:
                break
        return list(links.values())


def short_text(element: HtmlElement, limit: int = LINE_MAX) -> str:
    """The element's text; "" when it is longer than `limit`. Unclosed anchors contain half the page."""
    parts, length = [], 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > limit:
            return ""
    return "".join(parts)


def _leads_elsewhere(href: str) -> bool:
    return not href.startswith(("#", "mailto:", "tel:"))


def _block_of(anchor: HtmlElement) -> HtmlElement | None:
    return next((parent for parent in anchor.iterancestors() if parent.tag in _BLOCKS), None)


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
