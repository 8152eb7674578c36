"""Directives to robots in pages and headers (`<meta name="robots">`, `X-Robots-Tag`): whether they speak to archives.

Belongs here: pure functions over the directives as they were written. Where they stand is for who reads pages or records.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NO_ARCHIVE = re.compile(r"(?<![\w-])noarchive(?![\w-])", re.IGNORECASE)
_FOR_ONE_AGENT = re.compile(r"^\s*([\w.*-]+)\s*:(?!\s*[\d-])(.*)$", re.DOTALL)
_ARCHIVERS = frozenset(("*", "robots", "archive.org_bot", "ia_archiver", "ia_archiver-web.archive.org", "heritrix"))
"""Agents whose directives speak to archives; a `noarchive` for one search engine is about its cache."""


def says_noarchive(directives: Iterable[str]) -> bool:
    """Whether `noarchive` stands in a directive for everybody or for archives. A directive may begin with the agent that it is for."""
    for directive in directives:
        agent = _FOR_ONE_AGENT.match(directive)
        if agent and agent[1].lower() not in _ARCHIVERS and agent[1].lower() != "unavailable_after":
            continue
        if _NO_ARCHIVE.search(directive):
            return True
    return False
