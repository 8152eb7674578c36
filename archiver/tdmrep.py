"""tdmrep.json: what a site as a whole says about text and data mining (TDMRep, W3C community group report, 2024).

Belongs here: reading the file, and which of its rules speaks of a URL; pure. What a page says itself, in its headers or its head, comes
later and has the last word (`archiver.extract.rights`); when the file is asked for is the crawl's matter (`pipelines.tdmrep`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

FILE = "/.well-known/tdmrep.json"

SIZE_MAX = 512 * 1024
RULES_MAX = 2000
TEXT_MAX = 2000
"""Characters of a pattern or of a policy's address; what is longer is no rule."""

_ALREADY = "%/:?#[]@!$&'()*+,;=~"
"""What `quote` leaves alone: signs with a meaning in paths and patterns, and what is escaped already."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `reservation` is "1" (rights are reserved), "0" (they are not) or None, `policy` the address of the terms."""

    location: str
    reservation: str | None
    policy: str | None


def read_tdmrep(content: bytes) -> list[Rule]:
    """The rules in order. Rules that break the protocol are left out; a file that is none of the protocol's has no rule."""
    if len(content) > SIZE_MAX:
        return []
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError):
        return []
    rows = raw if isinstance(raw, list) else [raw]
    return [rule for row in rows[:RULES_MAX] if isinstance(row, dict) and (rule := _rule(row))]


def _rule(row: dict[str, Any]) -> Rule | None:
    location, policy = row.get("location"), row.get("tdm-policy")
    said = {"0": "0", "1": "1"}.get(str(row.get("tdm-reservation")).strip())
    terms = policy.strip() if isinstance(policy, str) and len(policy) <= TEXT_MAX else ""
    if not isinstance(location, str) or not location.startswith(("/", "*")) or len(location) > TEXT_MAX:
        return None
    return Rule(location, said, terms or None) if said or terms else None


def rule_for(url: str, rules: Iterable[Rule]) -> Rule | None:
    """The first rule that covers the URL: the protocol calls the first in the list the most specific."""
    parts = urlsplit(url)
    path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_ALREADY)
    return next((rule for rule in rules if covers(quote(rule.location, safe=_ALREADY), path)), None)


def covers(pattern: str, path: str) -> bool:
    """Whether a pattern as in robots.txt (`*` is anything, a last `$` the end) matches the beginning of a path. Linear in both."""
    whole = pattern.endswith("$")
    first, *rest = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    if not rest:
        return not whole or path == first
    at = len(first)
    for piece in rest[:-1]:
        found = path.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    last = rest[-1]
    return path.endswith(last) and len(path) - len(last) >= at if whole else path.find(last, at) >= 0
