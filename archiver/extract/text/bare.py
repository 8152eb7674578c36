"""trafilatura on an already parsed tree: the only place that calls it.

Belongs here: options, bounds and the fall-back when it finds nothing. What is wrong with its lines is corrected in `clean`.
"""

from __future__ import annotations

import copy
import logging
import re
from functools import lru_cache
from importlib.metadata import version

from lxml import etree
from lxml.html import HtmlElement
from trafilatura.core import bare_extraction
from trafilatura.settings import Extractor

# its warnings go into ours: no text is a Reason, not a log line
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)


@lru_cache(maxsize=1)
def trafilatura_version() -> str:
    return version("trafilatura")


def extract_lines(tree: HtmlElement, url: str) -> list[str]:
    """The text of `tree` as trafilatura gives it, one block a line, [] when it finds none.

    Comments of readers, links and metadata are left out: metadata is read elsewhere, once, and better.
    """
    shielded = bool(_HAS_KEPT(tree.text_content()))
    if shielded:
        tree = copy.deepcopy(tree)
        _shield(tree)
    options = Extractor(output_format="python", comments=False, url=url, with_metadata=False)
    try:
        document = bare_extraction(tree, options=options)
    except (etree.LxmlError, ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError):
        return []
    text = str(getattr(document, "text", None) or "")
    if shielded:
        text = text.translate(_UNSHIELD)
    return text.split("\n") if text else []


# trafilatura drops what str.isprintable() denies, and with it the joiners that Persian, Pashto and Urdu spelling needs and
# the marks that order mixed-direction text. They travel as letters of dead scripts, which no news page uses. Soft hyphens and
# zero-width spaces are layout, not spelling: they go.
_KEPT = "\u200c\u200d\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SHIELD = {ord(mark): chr(0x12400 + number) for number, mark in enumerate(_KEPT)}
_UNSHIELD = {ord(letter): chr(mark) for mark, letter in _SHIELD.items()}
_HAS_KEPT = re.compile(f"[{_KEPT}]").search


def _shield(tree: HtmlElement) -> None:
    for element in tree.iter(etree.Element):
        if element.text and _HAS_KEPT(element.text):
            element.text = element.text.translate(_SHIELD)
        if element.tail and _HAS_KEPT(element.tail):
            element.tail = element.tail.translate(_SHIELD)
