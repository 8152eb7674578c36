"""RSS, Atom and RDF through feedparser, JSON Feed by hand (feedparser 6 reads none). (Only importer of feedparser.)

A feed carries whole articles, and feedparser takes seconds for what nobody reads here: long texts are taken out first, and what
is left has bounds, since a feed is read on the crawl's own thread.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from typing import Any

import feedparser

from archiver.discovery.entry import Entry, one_line, unescaped
from archiver.errors import Refused
from archiver.models.exchange import Capture
from archiver.payload import text_of
from archiver.reasons import Reason
from archiver.urls import absolute

SKELETON_MAX = 3 * 2**20
"""Bytes of a feed without its long texts."""

TAGS_MAX = 60_000
"""Tags of a feed, closing ones included: some thousand entries."""

ESCAPES_MAX = 300_000
"""Ampersands of a feed; the parser starts anew at each."""

JSON_MAX = 16 * 2**20
ITEMS_MAX = 10_000

LONG = 2000
"""Bytes of a text beyond which it is no title and no link."""

TAG_MAX = 8192
"""Bytes of one tag; parsers compare each attribute with all before it."""

_LONG_TEXT = re.compile(rb">[^<>]{%d,}<" % LONG)
_LONG_TAG = re.compile(rb"<[^<>]{%d}" % TAG_MAX)
_REFERENCE = re.compile(rb"&#([xX][0-9a-fA-F]{1,99}|[0-9]{1,99});?")
_ROOT = re.compile(rb"<(?:[a-zA-Z][\w.-]*:)?(rss|feed|RDF|channel)[\s>]")
_HEAD = 4096


def is_feed(content: bytes) -> bool:
    """Whether the document begins like an RSS, Atom or RDF feed."""
    return _ROOT.search(content[:_HEAD]) is not None


def is_json(content: bytes) -> bool:
    """Whether the document begins like a JSON object."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def read(content: bytes, capture: Capture, kind: str) -> Iterable[Entry]:
    """The entries of an RSS, Atom or RDF feed. Raises `Refused` (feed-unreadable, too-large)."""
    content = _skeleton(content)
    headers = {"content-type": capture.header("content-type") or "application/xml", "content-location": capture.url}
    try:
        parsed = feedparser.parse(
            io.BytesIO(content), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # noqa: BLE001  the parser promises never to raise, and does; counted by its Reason
        raise Refused(Reason.FEED_UNREADABLE, f"no feed: {type(error).__name__}: {error}") from None
    if not parsed.entries and (parsed.bozo or not parsed.version):
        why = parsed.get("bozo_exception")
        raise Refused(Reason.FEED_UNREADABLE, f"no feed: {why}" if why else "no feed")
    for item in parsed.entries:
        if url := _address(item, capture.url):
            date = item.get("published") or item.get("updated")
            yield Entry(url, kind, capture.url, _title(item), one_line(date))


def _skeleton(content: bytes) -> bytes:
    if len(content) > LONG:
        content = _LONG_TEXT.sub(b"><", _without_long_cdata(content))
    if len(content) > SKELETON_MAX:
        raise Refused(Reason.TOO_LARGE, f"a feed of {len(content)} bytes beside its texts")
    if (tags := content.count(b"<")) > TAGS_MAX:
        raise Refused(Reason.TOO_LARGE, f"a feed of {tags} tags")
    if _LONG_TAG.search(content):
        raise Refused(Reason.TOO_LARGE, f"a feed with a tag of more than {TAG_MAX} bytes")
    if (escapes := content.count(b"&")) > ESCAPES_MAX:
        raise Refused(Reason.TOO_LARGE, f"a feed of {escapes} ampersands")
    return _REFERENCE.sub(_possible, content)


def _possible(reference: re.Match[bytes]) -> bytes:
    """A numeric reference as it is, or the replacement character's where no character has that number."""
    digits = reference[1]
    number = int(digits[1:], 16) if digits[:1] in b"xX" else int(digits)
    return reference[0] if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else b"&#xFFFD;"


def _without_long_cdata(content: bytes) -> bytes:
    begin, end = b"<![CDATA[", b"]]>"
    kept, at = [], 0
    while (start := content.find(begin, at)) >= 0 and (stop := content.find(end, start)) >= 0:
        kept.append(content[at : start if stop - start > LONG else stop + len(end)])
        at = stop + len(end)
    return b"".join([*kept, content[at:]])


def _address(item: Any, base: str) -> str | None:
    """The entry's own link. FeedBurner's `origLink` names the article behind its counter; an id counts when it is a whole URL."""
    for link in (item.get("feedburner_origlink"), item.get("link")):
        if isinstance(link, str) and link.strip():
            return absolute(unescaped(link), base)
    name = item.get("id")
    return absolute(unescaped(name)) if isinstance(name, str) else None


def _title(item: Any) -> str | None:
    title, detail = item.get("title"), item.get("title_detail") or {}
    return one_line(title, markup=detail.get("type") in ("text/html", "application/xhtml+xml")) if title else None


def read_json(content: bytes, capture: Capture, kind: str) -> Iterable[Entry]:
    """The entries of a JSON Feed (jsonfeed.org, 1 and 1.1). Raises `Refused` (feed-unreadable, too-large)."""
    if len(content) > JSON_MAX:
        raise Refused(Reason.TOO_LARGE, f"a JSON Feed of {len(content)} bytes")
    try:
        raw = json.loads(text_of(content, capture.header("content-type"))[0])
    except (ValueError, RecursionError) as error:
        raise Refused(Reason.FEED_UNREADABLE, f"no JSON: {error}") from None
    items = raw.get("items") if isinstance(raw, dict) else None
    if not isinstance(items, list) or "jsonfeed.org/version/" not in str(raw.get("version"))[:100]:
        raise Refused(Reason.FEED_UNREADABLE, "JSON, but no JSON Feed: no version of jsonfeed.org with items")
    for item in items[:ITEMS_MAX]:
        if not isinstance(item, dict):
            continue
        link, name = _text(item.get("url")), _text(item.get("id"))
        url = absolute(unescaped(link), capture.url) if link else absolute(name) if name else None
        if url:
            date = _text(item.get("date_published")) or _text(item.get("date_modified"))
            yield Entry(url, kind, capture.url, one_line(_text(item.get("title"))), one_line(date))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
