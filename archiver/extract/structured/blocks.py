"""JSON-LD blocks: the text of a script element to values, tolerantly and within bounds.

Belongs here: parsing. Properties lose the name of their vocabulary, as types do. Repairs, each tried only when the stricter reading failed: wrappers (CDATA, HTML comments, a
trailing semicolon), then comments, trailing commas, raw newlines and wrong escapes, then HTML entities, then several
documents in one block, and at last the few plain fields that a regular expression can still read (`salvaged`).
"""

from __future__ import annotations

import contextlib
import html
import json
import re
from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]

BLOCK_MAX = 3_000_000
"""Characters of a block beyond which it is not read."""
ARTICLE_TYPE = re.compile(r"(?:Article|BlogPosting|Posting|Blog ?Post|Report|NewsItem|Review|Liveblog)$", re.IGNORECASE)

_OPENERS = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_CLOSERS = (";", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>", "-->", "//")
# Every alternative runs to the end of the text when it finds no end of its own: an unclosed comment is read once, not
# once for each place where it might begin.
_LEXER = re.compile(
    r'"(?:[^"\\]|\\.)*(?:"|\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)|<!--.*?(?:-->|\Z)|,(?=\s{0,200}[}\]])', re.DOTALL
)
_BAD_ESCAPE = re.compile(r'\\(?:(["\\/bfnrt]|u[0-9a-fA-F]{4})|(u?.))', re.DOTALL)
_SALVAGE = re.compile(
    r'"(@type|headline|datePublished|dateModified|dateCreated|inLanguage|url|isAccessibleForFree|articleSection|description)"'
    r'\s*:\s*("(?:[^"\\\n]|\\.){0,2000}"|true|false)'
)
_SALVAGE_AUTHOR = re.compile(r'"author"\s*:\s*(\{[^{}]{1,2000}\}|\[[^\[\]]{1,4000}\]|"(?:[^"\\\n]|\\.){1,500}")')
_ITEM = re.compile(r"[\s,;]*")
_PREFIX = re.compile(r'(?<!\\)"(?:schema:|https?://schema\.org/)([A-Za-z]{2,60})"(?=\s{0,20}:)')
"""A property that bears the vocabulary's name: `schema:headline`, `https://schema.org/headline`."""


def load(text: str) -> tuple[list[Any], str | None]:
    """The documents of one block and the repair that was needed: None, `repaired`, `salvaged` or `unreadable`."""
    if len(text) > BLOCK_MAX:
        return [], "too-long"
    if "schema:" in text or "schema.org/" in text:
        text = _PREFIX.sub(r'"\1"', text)
    try:
        return [json.loads(text, strict=False)], None
    except (ValueError, RecursionError):
        pass
    bare = _unwrapped(text)
    for attempt in _attempts(bare):
        documents = _documents(attempt)
        if documents:
            return documents, "repaired"
    salvaged = _salvage(bare)
    return ([salvaged], "salvaged") if salvaged else ([], "unreadable")


def _unwrapped(text: str) -> str:
    """`text` without CDATA marks, HTML comment marks and semicolons around it."""
    for _ in range(10):
        before = len(text)
        text = text.strip()
        for mark in _OPENERS:
            text = text.removeprefix(mark)
        for mark in _CLOSERS:
            text = text.removesuffix(mark)
        if len(text) == before:
            break
    return text


def _attempts(bare: str) -> Iterator[str]:
    yield bare
    cleaned = _LEXER.sub(_token, bare)
    yield cleaned
    if "&" in bare:
        yield _LEXER.sub(_token, html.unescape(bare))


def _token(match: re.Match[str]) -> str:
    token = match[0]
    if token[0] != '"':
        return ""
    if "\\" not in token:
        return token
    return _BAD_ESCAPE.sub(lambda escape: escape[0] if escape[1] else (escape[2] if escape[2] == "'" else ""), token)


def _documents(text: str) -> list[Any]:
    """Every document at the start of `text`; several stand one after another in some blocks. [] when the first is broken."""
    decoder = json.JSONDecoder(strict=False)
    out: list[Any] = []
    place = 0
    while place < len(text) and len(out) < 100:
        place = _ITEM.match(text, place).end()  # type: ignore[union-attr]
        if place >= len(text):
            break
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        if not isinstance(value, dict | list):
            break
        out.append(value)
    return out


def _salvage(text: str) -> Node | None:
    """The plain fields of a block with exactly one article type; the first spelling of each field counts."""
    node: Node = {}
    for key, raw in _SALVAGE.findall(text):
        try:
            value = json.loads(raw, strict=False)
        except ValueError:
            continue
        if key == "@type":
            if isinstance(value, str) and ARTICLE_TYPE.search(value):
                if "@type" in node:
                    return None
                node["@type"] = value
        else:
            node.setdefault(key, value)
    if "@type" not in node:
        return None
    if author := _SALVAGE_AUTHOR.search(text):
        with contextlib.suppress(ValueError, RecursionError):
            node["author"] = json.loads(author[1], strict=False)
    return node
