"""The standfirst: the visible sentence or two under the headline, which often stand outside the element that holds the text.

Belongs here: finding on the page the block whose words are those of the page's own description. It is put back before the first
paragraph when extraction has lost it; a description that is shown nowhere is no text of the article.
"""

from __future__ import annotations

from lxml.html import HtmlElement

from archiver.extract.text.links import dense, short_text

SHORT = 40
LONG = 600
_TAGS = ("p", "h2", "h3", "h4", "div", "span", "strong", "em", "b", "section", "li")
_OTHERS = frozenset(("a", "aside", "figure", "figcaption", "form", "head", "script", "ul"))
_BEGINNING = 12


def find_standfirst(tree: HtmlElement, descriptions: list[str]) -> str | None:
    """The block of `tree` that says one of `descriptions` (a cut one with an ellipsis: that begins so), as it stands there."""
    wanted = [" ".join(text.split()) for text in descriptions]
    wanted = [text for text in wanted if SHORT <= len(text) <= LONG]
    if not wanted:
        return None
    beginnings = tuple({text[:_BEGINNING] for text in wanted})
    for element in tree.iter(*_TAGS):
        own = (element.text or "").lstrip()
        if own and own.startswith(beginnings) and (text := _said(element, wanted)):
            return text
    return None


def _said(element: HtmlElement, wanted: list[str]) -> str | None:
    text = " ".join(short_text(element, LONG).split())
    letters = dense(text)
    if not letters or any(parent.tag in _OTHERS for parent in element.iterancestors()):
        return None
    for description in wanted:
        cut = description.endswith(("…", "..."))
        said = dense(description)
        if letters == said or (cut and letters.startswith(said)):
            return text
    return None
