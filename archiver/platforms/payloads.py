"""Reading what strangers send: JSON and HTML within bounds, values by type, times in their many spellings.

Belongs here: functions that give a value of the wanted type or None, and never raise on hostile input (deep nesting, huge
numbers, lone surrogates, wrong types). What a value means is in the network's module.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from archiver.errors import ArchiverError
from archiver.platforms.steps import Answer

BODY_MAX = 4 * 2**20
"""Bytes of an answer that are read; a watch page has about 1.5 million."""

TEXT_MAX = 100_000
ITEMS_MAX = 200
NODES_MAX = 200_000
URL_MAX = 4096

_SURROGATE = re.compile("[\ud800-\udfff\x00]")
_HTTP = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\f\v]+")
_YEARS = (1990, 2200)


class Unreadable(ArchiverError):
    """The answer is not what its endpoint sends; the sentence says what was seen instead."""


def json_of(answer: Answer) -> Any:
    """The body as JSON. Raises `Unreadable` for anything that is not JSON within the bounds."""
    return parse_json(answer.body)


def parse_json(body: bytes | str) -> Any:
    """`body` as JSON without NaN and Infinity. Raises `Unreadable`."""
    if len(body) > BODY_MAX:
        raise Unreadable(f"more than {BODY_MAX} bytes")
    try:
        return json.loads(body, parse_constant=_refuse)
    except RecursionError:
        raise Unreadable("JSON nested too deeply") from None
    except (ValueError, UnicodeDecodeError):
        raise Unreadable(f"no JSON: {glimpse(body)}") from None


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def glimpse(body: bytes | str) -> str:
    """The first 80 printable characters of a body, for a reason's text."""
    text = body[:400].decode("utf-8", "replace") if isinstance(body, bytes) else body[:400]
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:80]


def dig(value: Any, *path: str) -> Any:
    """The value at a path of keys, None where a step is missing or no object."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def a_dict(value: Any, *path: str) -> dict[str, Any]:
    """The object at a path; {} for anything else."""
    found = dig(value, *path)
    return found if isinstance(found, dict) else {}


def dicts(value: Any, *path: str) -> list[dict[str, Any]]:
    """The objects in the list at a path; [] for anything else (an empty object stands for a list in 2026 payloads)."""
    found = dig(value, *path)
    return [item for item in found[:ITEMS_MAX] if isinstance(item, dict)] if isinstance(found, list) else []


def strings(value: Any, *path: str) -> list[str]:
    """The non-empty strings in the list at a path; [] for anything else."""
    found = dig(value, *path)
    if not isinstance(found, list):
        return []
    return [text for item in found[:ITEMS_MAX] if (text := a_text(item))]


def a_text(value: Any, *path: str) -> str | None:
    """The string at a path, None when it is missing, empty or no string. Bounded; lone surrogates become U+FFFD."""
    found = dig(value, *path)
    if not isinstance(found, str) or not found:
        return None
    return clean(found)


def clean(text: str) -> str:
    """`text` as it can be stored: bounded, without what UTF-8 cannot hold."""
    return _SURROGATE.sub("\ufffd", text[:TEXT_MAX])


def an_id(value: Any, *path: str) -> str | None:
    """A native id at a path: a short string or a whole number, as a string."""
    found = dig(value, *path)
    if isinstance(found, bool) or not isinstance(found, str | int):
        return None
    if isinstance(found, int):
        return str(found) if 0 <= found < 2**64 else None
    return clean(found) if 0 < len(found) <= 200 else None


def a_count(value: Any, *path: str) -> int | None:
    """A count at a path: a whole number from 0 (also spelled as a string); None for anything else."""
    found = dig(value, *path)
    if isinstance(found, str) and found.isascii() and found.isdecimal() and len(found) < 16:
        found = int(found)
    if isinstance(found, bool) or not isinstance(found, int):
        return None
    return found if 0 <= found < 2**53 else None


def a_bool(value: Any, *path: str) -> bool | None:
    """The truth value at a path, None for anything else."""
    found = dig(value, *path)
    return found if isinstance(found, bool) else None


def a_url(value: Any, *path: str) -> str | None:
    """The http(s) URL at a path, None for anything else."""
    found = a_text(value, *path)
    if not found or len(found) > URL_MAX:
        return None
    found = found.strip()
    found = "https:" + found if found.startswith("//") else found
    if not _HTTP.fullmatch(found):
        return None
    try:
        return found if urlsplit(found).hostname else None
    except ValueError:
        return None


def raw_json(value: Any) -> str | None:
    """A part of the answer as sent, for `entities_raw`; None when it is empty, too large or cannot be written."""
    if not value:
        return None
    try:
        text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    except (RecursionError, ValueError, TypeError):
        return None
    return clean(text) if len(text) <= TEXT_MAX else None


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a JSON value, breadth first, bounded."""
    queue, seen = [value], 0
    while queue:
        following: list[Any] = []
        for item in queue:
            seen += 1
            if seen > NODES_MAX:
                return
            if isinstance(item, dict):
                yield item
                following += item.values()
            elif isinstance(item, list):
                following += item
        queue = following


def instant(text: Any) -> datetime | None:
    """A moment spelled in ISO 8601 with a zone, or as X's old API spells it ("Sun Jul 13 04:58:11 +0000 2025")."""
    if not isinstance(text, str) or not 10 < len(text) < 40:
        return None
    for read in (_iso, _old):
        if (moment := read(text)) and moment.tzinfo and _YEARS[0] < moment.year < _YEARS[1]:
            return moment.astimezone(UTC)
    return None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _old(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%a %b %d %H:%M:%S %z %Y")
    except ValueError:
        return None


def unix_time(seconds: Any) -> datetime | None:
    """Seconds since 1970 as a moment; None for anything that is no plausible time."""
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not 631_152_000 < seconds < 7_258_118_400:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def tree_of(body: bytes | str) -> HtmlElement | None:
    """`body` as an HTML tree; None when there is nothing to read."""
    data = body.encode("utf-8", "replace") if isinstance(body, str) else body
    if not data.strip() or len(data) > BODY_MAX:
        return None
    try:
        return document_fromstring(data, parser=HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def by_class(tree: HtmlElement, name: str) -> list[HtmlElement]:
    """Elements that have the class `name`, in document order."""
    query = f"descendant-or-self::*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"
    return list(tree.xpath(query))


def text_of(element: HtmlElement | None) -> str | None:
    """An element's words as a reader sees them: `<br>` and `<p>` end lines, white space inside a line is one space."""
    if element is None:
        return None
    pieces: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end", "comment", "pi")):
        if event in ("comment", "pi"):
            if node.tail and node is not element:
                pieces.append(node.tail)
            continue
        if event == "start":
            if node.tag == "br":
                pieces.append("\n")
            elif node.tag == "p" and "".join(pieces).strip():
                pieces.append("\n\n")
            if node.text and node.tag not in ("script", "style"):
                pieces.append(node.text.replace("\n", " "))
        elif node is not element and node.tail:
            pieces.append(node.tail.replace("\n", " "))
    lines = [_SPACE.sub(" ", line).strip() for line in clean("".join(pieces)).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() or None


def html_text(markup: str) -> str | None:
    """The words of a piece of HTML."""
    tree = tree_of(f"<div>{markup[:TEXT_MAX]}</div>")
    return text_of(tree)


def outer(element: HtmlElement) -> str:
    """An element's content as HTML."""
    inner = [html.escape(element.text, quote=False)] if element.text else []
    inner += [etree.tostring(child, encoding="unicode", method="html") for child in element]
    return clean("".join(inner))


def meta(tree: HtmlElement, *names: str) -> str | None:
    """The content of the first of the named `<meta>` elements (`name`, `property` or `itemprop`)."""
    for name in names:
        for attribute in ("property", "name", "itemprop"):
            found = tree.xpath(f"//meta[@{attribute}=$name]/@content", name=name)
            if found and str(found[0]).strip():
                return clean(str(found[0]).strip())
    return None


def ld_json(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Every object of the page's JSON-LD blocks."""
    for script in tree.xpath("//script[@type='application/ld+json']")[:50]:
        try:
            yield from nodes(parse_json(script.text or ""))
        except Unreadable:
            continue
