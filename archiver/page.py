"""A capture's payload, decoded and parsed once: what `screen`, `extract` and `find_citations` look at.

Belongs here: bytes to text to tree, with bounds. Reading meaning out of the tree is theirs. The tree is shared: whoever
changes it works on a copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from archiver.errors import Refused
from archiver.models.exchange import Capture
from archiver.payload import decode, text_of
from archiver.reasons import Reason

_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One HTML page. `html` is the decoded text, `tree` its one parse, `charset` the codec that was used."""

    capture: Capture
    html: str
    charset: str
    tree: HtmlElement

    @property
    def url(self) -> str:
        return self.capture.url


def parse_page(capture: Capture) -> Page:
    """The capture's payload as a Page. Raises `Refused` (undecodable, too-large, empty, not-html)."""
    content = decode(capture.body, capture.header_values("content-encoding"))
    if not content.strip():
        raise Refused(Reason.EMPTY, "the payload has no bytes")
    html, charset = text_of(content, capture.header("content-type"))
    html = _CONTROL.sub("", _DECLARATION.sub("", html, count=1))
    parser = HTMLParser(encoding="utf-8", huge_tree=False)
    try:
        tree = document_fromstring(html.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Refused(Reason.NOT_HTML, f"no HTML tree: {error}") from None
    return Page(capture, html, charset, tree)
