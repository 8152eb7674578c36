"""trafilatura on an already parsed tree: the only place that calls it.

Belongs here: options, bounds and the fall-back when it finds nothing. What is wrong with its lines is corrected in `clean`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import version

from lxml import etree
from lxml.html import HtmlElement
from trafilatura.core import bare_extraction
from trafilatura.settings import Extractor

logging.getLogger("trafilatura").setLevel(
    logging.CRITICAL
)  # its warnings go into ours: no text is a Reason, not a log line


@lru_cache(maxsize=1)
def trafilatura_version() -> str:
    return version("trafilatura")


def extract_lines(tree: HtmlElement, url: str) -> list[str]:
    """The text of `tree` as trafilatura gives it, one block a line, [] when it finds none.

    Comments of readers, links and metadata are left out: metadata is read elsewhere, once, and better.
    """
    shielded = _translate(tree, _HAS_KEPT, _SHIELD)
    options = Extractor(output_format="python", comments=False, url=url, with_metadata=False)
    try:
        document = bare_extraction(tree, options=options)
        text = str(getattr(document, "text", None) or "")
    except (etree.LxmlError, ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError):
        text = ""
    finally:
        if shielded:
            _translate(tree, _HAS_SHIELD, _UNSHIELD)
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
_HAS_SHIELD = re.compile(f"[{''.join(map(chr, _UNSHIELD))}]").search


def _translate(tree: HtmlElement, has: Callable[[str], object], table: dict[int, str]) -> bool:
    """Translate the text of `tree` in place where `has` finds something; whether it did anywhere."""
    found = False
    for element in tree.iter():
        for attribute in ("text", "tail"):
            value = getattr(element, attribute)
            if value and has(value):
                setattr(element, attribute, value.translate(table))
                found = True
    return found
