"""The standfirst: the visible sentence or two under the headline, which often stand outside the element that holds the text.

Belongs here: finding on the page the block whose words are those of the page's own description, or else a sentence right under
the headline in an element that is named as publishers name it. It is put back before the first paragraph when extraction has
lost it; a description that is shown nowhere is no text of the article.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from archiver.extract.text.links import dense, short_text

SHORT = 40
LONG = 600
_TAGS = frozenset(("p", "h2", "h3", "h4", "div", "span", "strong", "em", "b", "section", "li"))
_OTHERS = frozenset(("a", "aside", "figure", "figcaption", "form", "head", "script", "ul"))
_BEGINNING = 12
_NEAR = 25
"""Blocks after the headline among which a named standfirst is looked for."""

_NAMED = re.compile(
    r"(?:^|[\s_-])(?:standfirst|dek|deck|sub-?title|sub-?head(?:line|ing)?|lead(?:-?text|-paragraph)?|lede|intro(?:duction|text)?|summary|excerpt|chapo|chapeau"
    r"|entradilla|bajada|sommario|occhiello|catenaccio|vorspann|anrei(?:ss|ß)er|ingress|manchet|sapo|perex|zajawka)(?:[\s_-]|$)",
    re.IGNORECASE,
)
_OPENING = etree.XPath("//body//*[starts-with(normalize-space(text()), $beginning)]")
_FOLLOWING = etree.XPath(f"(following::*[self::p or self::h2 or self::h3 or self::div])[position() <= {_NEAR}]")
_NO_TEXT = re.compile(r"©|\||[{}<>]|https?:|\bgetty\b|\bphoto(?:graph)?\b|\bfoto\b|\bread more\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?。！？؟۔।…][\"”’»)]*$")


def find_standfirst(tree: HtmlElement, descriptions: list[str], body: str) -> str | None:
    """The block of `tree` that says one of `descriptions` (a cut one with an ellipsis: that begins so), as it stands there.

    None when `body` (letters only) already has one of them, which spares most pages the search.
    """
    wanted = list(dict.fromkeys(" ".join(text.split()) for text in descriptions))
    wanted = [text for text in wanted if SHORT <= len(text) <= LONG]
    if any(dense(text) in body for text in wanted):
        return None
    return _described(tree, wanted) or _named(tree)


def _described(tree: HtmlElement, wanted: list[str]) -> str | None:
    for beginning in dict.fromkeys(text[:_BEGINNING] for text in wanted):
        for element in _OPENING(tree, beginning=beginning):
            if element.tag in _TAGS and (text := _said(element, wanted)):
                return text
    return None


def _said(element: HtmlElement, wanted: list[str]) -> str | None:
    text = " ".join(short_text(element, LONG).split())
    letters = dense(text)
    if not letters or _inside_other(element):
        return None
    for description in wanted:
        cut = description.endswith(("…", "..."))
        said = dense(description)
        if letters == said or (cut and letters.startswith(said)):
            return text
    return None


def _named(tree: HtmlElement) -> str | None:
    headline = next(tree.iter("h1"), None)
    if headline is None:
        return None
    for element in _FOLLOWING(headline):
        if not _NAMED.search(element.get("class") or ""):
            continue
        text = " ".join(short_text(element, LONG).split())
        if len(text) > SHORT and _SENTENCE.search(text) and not _NO_TEXT.search(text) and not _inside_other(element):
            return text
    return None


def _inside_other(element: HtmlElement) -> bool:
    return any(parent.tag in _OTHERS for parent in element.iterancestors())
