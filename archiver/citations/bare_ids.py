"""Posts that an element names by the bare id alone, beside the name of the network: placeholders that a script fills.

Belongs here: which attribute holds an id, and which network it is of. The network must stand in the element's own tag, class or
attributes, and the value must have the form of that network's ids; a number alone says nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lxml.html import HtmlElement

from archiver.platforms import PostRef, instagram, telegram, x, youtube

_NAME = re.compile(r"(?:id|tweet|code|youtube|video|telegram|post|key|url|src|href)$")
_NOT_NAME = re.compile(
    r"repl(?:y|ied)|parent|conversation|timeline|follow|share|playlist|channel|profile|user|account|author"
)
_X_ID = re.compile(r"[1-9]\d{14,18}")
_YOUTUBE_ID = re.compile(r"(?![a-z]+$|[A-Z]+$|\d+$)[\w-]{11}")
_SHORTCODE = re.compile(r"(?=.*[A-Z])(?=.*[a-z])[\w-]{10,12}")
_CHANNEL = re.compile(r"[A-Za-z]\w{3,31}/\d{1,9}")
_NAMED = (
    ("instagram", re.compile(r"instagram|(?:^|[\s_-])insta(?:[\s_-]|$)")),
    ("telegram", re.compile(r"telegram|tgme")),
    ("youtube", re.compile(r"youtube|(?:^|[\s_-])yt(?:[\s_-]|$)")),
    ("x", re.compile(r"twitter|tweet")),
)
_NO_POST = re.compile(r"timeline|follow|share[-_s]|playlist|feed|subscribe|stream")
ATTRIBUTES_MAX = 30
_ANY_ID = re.compile(r"[\s'\"]*(?:[1-9]\d{14,18}|[\w-]{10,12}|[A-Za-z]\w{3,31}/\d{1,9})[\s'\"]*")
"""What an id of any of the networks looks like: most attributes are told apart by it, before the element is asked about its network."""

_SETTING = re.compile(
    r"[\"']?\b(?:tweet|post|video|embed|status)?_?-?(?:id|code)[\"']?\s*:\s*[\"']?([\w-]{10,19})\b", re.IGNORECASE
)
LONG, SHORT = 160, 9
"""Characters of an attribute's value that can be an id: less than, more than."""


def bare_id(element: HtmlElement, name: str, value: str) -> PostRef | None:
    """The post that the attribute `name` of an element names by its id; None when it names none."""
    if not SHORT < len(value) < LONG:
        return None
    if value[0] == "{":
        return _in_settings(value) if _says(name)[0] else None
    if not looks_like_id(value) or not all(_says(name)):
        return None
    network = _network(element, name)
    return _post(network, value.strip(" '\"")) if network else None


def looks_like_id(value: str) -> bool:
    """Whether a value has the form of any network's ids."""
    return len(value) < LONG and _ANY_ID.fullmatch(value) is not None


@lru_cache(maxsize=4096)
def _says(name: str) -> tuple[bool, bool]:
    """Whether an attribute's name may be one of a post, and whether it is that of an id. A page has few names, many times."""
    return _NOT_NAME.search(name) is None, _NAME.search(name) is not None


def _in_settings(value: str) -> PostRef | None:
    """The post of a placeholder's settings, such as `{"id":"1790000000000000000","type":"tweet"}`."""
    found = _SETTING.search(value)
    if found is None or _NO_POST.search(value.lower()):
        return None
    network = next((network for network, pattern in _NAMED if pattern.search(value.lower())), None)
    return _post(network, found[1]) if network else None


def _network(element: HtmlElement, name: str) -> str | None:
    """The network that the attribute's name, the tag, the class or the value of another attribute names."""
    others = (v for key, v in element.items()[:ATTRIBUTES_MAX] if key[:5] == "data-" and len(v) < 30 and key != name)
    said = " ".join([name, str(element.tag), (element.get("class") or "")[:300], *others]).lower()
    if _NO_POST.search(said):
        return None
    return next((network for network, pattern in _NAMED if pattern.search(said)), None)


def _post(network: str, value: str) -> PostRef | None:
    if network == "x":
        return x.post(value) if _X_ID.fullmatch(value) and int(value) < x.ID_END else None
    if network == "youtube":
        return youtube.post(value) if _YOUTUBE_ID.fullmatch(value) else None
    if network == "instagram":
        return instagram.post(value) if _SHORTCODE.fullmatch(value) else None
    return telegram.short(value) if _CHANNEL.fullmatch(value) else None
