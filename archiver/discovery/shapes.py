"""What the addresses of a site's articles have in common, as a regular expression for a new source file.

Belongs here: the few shapes that news sites give their articles, and the choice between them by what a feed listed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

SHARE = 0.9
"""Of the URLs that a pattern must match before it is proposed."""

URLS_MIN = 3

_SHAPES = (
    r"/\d{4}/\d{1,2}/\d{1,2}/[^/]+",
    r"/\d{4}/\d{1,2}/[^/]+",
    r"/\d{4}-\d{2}-\d{2}/",
    r"-\d{4,}(?:\.s?html?)?/?$",
    r"/\d{4,}(?:/|$)",
    r"/\d{4,}[^/]*$",
    r"/[^/]+\.(?:s?html?|php|aspx?|cms|ece)$",
    r"/[^/]+(?:-[^/-]+){2,}/?$",
)
"""From the most telling to the least."""


def article_pattern(urls: Sequence[str]) -> str | None:
    """A regular expression (searched) that at least `SHARE` of the article URLs match; None when they have no shape in common."""
    paths = [unquote(urlsplit(url).path) for url in urls]
    if len(paths) < URLS_MIN:
        return None
    prefix = _common_folder(paths)
    for shape in _SHAPES:
        if _share(shape, paths) >= SHARE:
            whole = f"{re.escape(prefix)}.*{shape}".replace(".*/", "/") if prefix else shape
            return whole if prefix and _share(whole, paths) >= SHARE else shape
    return f"{re.escape(prefix)}/" if prefix else None


def _share(pattern: str, paths: Sequence[str]) -> float:
    return sum(bool(re.search(pattern, path)) for path in paths) / len(paths)


def _common_folder(paths: Sequence[str]) -> str:
    """The first segment that all share, such as `/news`, when it is a word; "" without one."""
    firsts = {path.split("/")[1] if path.count("/") > 1 else "" for path in paths}
    only = firsts.pop() if len(firsts) == 1 else ""
    return f"/{only}" if only and not any(sign.isdigit() for sign in only) else ""
