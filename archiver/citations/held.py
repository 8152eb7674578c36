"""Embeds that a small script in the text holds: code that waits for consent, a placeholder's settings, a call of the network's script.

Belongs here: the piece of HTML or the id inside such a script or a coded attribute. The state of a whole page is for `scripts`; a
script here stands where its post shall stand, so its place says whether the post is the article's.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from archiver.citations.found import VALUE_MAX, posts_in
from archiver.platforms import PostRef, x

SCRIPT_MAX = 8_000
"""Characters of a script that stands for one post; larger ones are programs or a page's state."""

CODED = re.compile(r"P[CEDGHZ]?[A-Za-z0-9+/=\s]{40,}")
"""Base64 of something that begins with "<" (the first letters of whatever follows it differ)."""

_CALL = re.compile(r"createTweet(?:Embed)?\s*\(\s*[\"'](\d{10,19})[\"']")
_UNESCAPED = (("\\u003c", "<"), ("\\u003C", "<"), ("\\u003e", ">"), ("\\u003E", ">"), ("\\x3c", "<"), ("\\x3C", "<"), ("\\x3e", ">"),
              ("\\x3E", ">"), ("\\/", "/"), ('\\"', '"'), ("\\'", "'"), ("\\n", "\n"))  # fmt: skip


def decoded(value: str) -> str | None:
    """The HTML that a base64 value holds; None for anything else."""
    value = value.strip()
    if not CODED.match(value[:100]) or len(value) > VALUE_MAX:
        return None
    try:
        text = base64.b64decode("".join(value.split()), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return text if text.lstrip()[:1] == "<" else None


def held_code(script: HtmlElement) -> str | None:
    """The piece of HTML that a script holds as its text, as a string, or coded; None without one."""
    text = script.text or ""
    if not 20 < len(text) <= SCRIPT_MAX or "ld+json" in (script.get("type") or ""):
        return None
    if (plain := decoded(text)) is not None:
        return plain
    for old, new in _UNESCAPED:
        text = text.replace(old, new)
    return text if "<" in text else None


def held_posts(script: HtmlElement) -> Iterator[tuple[PostRef, str, str]]:
    """(post, how it is held, what stands there) for calls of the network's own script, and for settings that name one post."""
    text, kind = script.text or "", script.get("type") or ""
    if not 20 < len(text) <= SCRIPT_MAX or "ld+json" in kind:
        return
    for found in _CALL.finditer(text):
        yield x.post(found[1]), "script:call", found[1]
    if "json" in kind:
        posts = {ref.key: (ref, raw) for ref, raw in posts_in(text)}
        if len(posts) == 1:
            ref, raw = next(iter(posts.values()))
            yield ref, "script-json", raw
