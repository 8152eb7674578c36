"""trafilatura on an already parsed tree: the only place that calls it.

Belongs here: options, bounds and the fall-back when it finds nothing. What is wrong with its lines is corrected in `clean`.
"""

from __future__ import annotations

import logging
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
    """The text of `tree` as trafilatura gives it, one block a line, [] when it finds none. It works on a copy of `tree`.

    Comments of readers, links and metadata are left out: metadata is read elsewhere, once, and better.
    """
    options = Extractor(output_format="python", comments=False, url=url, with_metadata=False)
    try:
        document = bare_extraction(tree, options=options)
    except (etree.LxmlError, ValueError, TypeError, AttributeError, IndexError, KeyError, RecursionError):
        return []
    text = getattr(document, "text", None)
    return str(text).split("\n") if text else []
