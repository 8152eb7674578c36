"""pywb's rules with ours among them: which record answers when the exact URL was not recorded.

Belongs here: our rules for cited posts, and putting them into the shipped ones. A rules file replaces the shipped one, rewriting
rules too, so the file is made at run time from the installed pywb's.

The patterns follow from two traps. A filter by substring lets an 18-digit id match a 19-digit one, so the id must end where it ends;
and the widget asks with random parameters and other features each time, so only the id may decide.
"""

from __future__ import annotations

import copy
from typing import Any

Rule = dict[str, Any]

_X_POST = r"^https?://(?:www\.|mobile\.|m\.)?(?:x|twitter)\.com/(\w+)/status(?:es)?/(\d+)(?!\d).*$"

OWN_RULES: list[Rule] = [
    {
        "url_prefix": ["com,twimg,syndication,cdn)/tweet-result"],
        "fuzzy_lookup": {"match": r"[?&]id=(\d+)(?:&|$)", "filter": [r"~urlkey:.*[?&]id={0}(&.*)?$"]},
    },
    {
        "url_prefix": ["com,x)/", "com,twitter)/", "com,twitter,mobile)/", "com,twitter,m)/", "com,x,mobile)/"],
        "fuzzy_lookup": {
            "match": _X_POST,
            "replace": r"https://x.com/\1/status/\2",
            "re_type": "sub",
            "type": "exact",
        },
    },
]


def merged_rules(shipped: dict[str, Any]) -> dict[str, Any]:
    """The shipped rules with ours: into the rule of the same prefix where it has no look-up yet, else before the rule for all."""
    made = copy.deepcopy(shipped)
    rules: list[Rule] = made["rules"]
    for own in OWN_RULES:
        twin = next((rule for rule in rules if _prefixes(rule) == own["url_prefix"]), None)
        if twin is not None and "fuzzy_lookup" not in twin:
            twin["fuzzy_lookup"] = copy.deepcopy(own["fuzzy_lookup"])
        else:
            rules.insert(_end(rules), copy.deepcopy(own))
    return made


def _prefixes(rule: Rule) -> list[str]:
    prefix = rule.get("url_prefix")
    return list(prefix) if isinstance(prefix, list) else [str(prefix)]


def _end(rules: list[Rule]) -> int:
    """Where the rule for all URLs stands; it must stay last."""
    return next((number for number, rule in enumerate(rules) if _prefixes(rule) == [""]), len(rules))
