"""Sitemaps (sitemaps.org 0.9), news sitemaps, their indexes, and the `Sitemap:` lines of robots.txt.

Belongs here: reading them, and which of an index's children are worth asking for. Memory stays flat for any size: elements are
dropped as soon as they are read.
"""

from __future__ import annotations

import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from archiver.discovery.entry import Entry, one_line, unescaped
from archiver.errors import Refused
from archiver.models.exchange import Capture
from archiver.payload import DECODED_MAX, text_of
from archiver.reasons import Reason
from archiver.urls import URL_MAX, absolute

CHILDREN_MAX = 5
"""Children of one index that one run asks for: the newest."""

NESTING_MAX = 3
"""Indexes inside indexes; the protocol knows one level, sites have two."""

ROWS_MAX = 50_000
"""Rows of one sitemap (the protocol's limit); the rest is left out."""

TAGS_MAX = 3_000_000
"""Tags of one sitemap, closing ones included: rows at the limit with ten pictures each."""

ROBOTS_MAX = 512 * 1024

_ROOT = re.compile(rb"<(?:[a-zA-Z][\w.-]*:)?(urlset|sitemapindex)[\s>/]")
_TEXT_ROOT = re.compile(_ROOT.pattern.decode())
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}\?>")
_CONTROL = dict.fromkeys([*(code for code in range(32) if chr(code) not in "\t\n\r"), 0xFFFE, 0xFFFF])
_ROBOTS_LINE = re.compile(r"^[^\S\n]*sitemap[^\S\n]*:[^\S\n]*(\S[^\n#]*)", re.IGNORECASE | re.MULTILINE)
_DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_/.]?(0[1-9]|1[0-2])(?:[-_/.]?(0[1-9]|[12]\d|3[01]))?)?(?!\d)")


def is_sitemap(content: bytes) -> bool:
    """Whether the document begins like a sitemap or an index of them."""
    return _ROOT.search(content[:4096]) is not None


def unpacked(content: bytes) -> bytes:
    """A document that is a gzip file (`.xml.gz`), as what is in it. Raises `Refused` (feed-unreadable, too-large)."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            plain = stream.read(DECODED_MAX + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise Refused(Reason.FEED_UNREADABLE, f"damaged gzip: {error}") from None
    if len(plain) > DECODED_MAX:
        raise Refused(Reason.TOO_LARGE, f"decodes to more than {DECODED_MAX} bytes")
    return plain


def read(content: bytes, capture: Capture, kind: str) -> Iterable[Entry]:
    """The entries of a sitemap, an index or a list of URLs as plain text. Raises `Refused` (feed-unreadable)."""
    text = text_of(content, capture.header("content-type"))[0].translate(_CONTROL).strip()
    if not text.startswith("<") and not _TEXT_ROOT.search(text, 0, 4096):
        return _read_lines(text, capture, kind)
    root = _TEXT_ROOT.search(text, 0, 4096)  # what stands before it is a declaration, or a server's warnings
    return _read_xml(text[root.start() :] if root else _DECLARATION.sub("", text, count=1).lstrip(), capture, kind)


def _read_xml(text: str, capture: Capture, kind: str) -> Iterator[Entry]:
    """Entities are neither fetched nor expanded; what is not well-formed is read up to the damage and beyond, as far as it goes."""
    if (tags := text.count("<")) > TAGS_MAX:
        raise Refused(Reason.TOO_LARGE, f"a sitemap of {tags} tags")
    steps = etree.iterparse(
        io.BytesIO(text.encode("utf-8", "replace")),
        events=("start", "end"),
        tag=[f"{{*}}{name}" for name in ("urlset", "sitemapindex", "url", "sitemap")],  # others cost nothing
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        recover=True,
        huge_tree=False,
    )
    root, rows = "", 0
    try:
        for event, element in steps:
            name = _name(element)
            root = root or (_name(element) if element.getparent() is None else "?")
            if root not in ("urlset", "sitemapindex"):
                break
            # By name, not by depth: what is not well-formed may stand deeper than it should.
            if event == "end" and name in ("url", "sitemap"):
                rows += 1
                if entry := _entry(element, capture.url, kind):
                    yield entry
                _forget(element)
            if rows >= ROWS_MAX:
                return
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Refused(Reason.FEED_UNREADABLE, f"no sitemap: {error}") from None
    if root not in ("urlset", "sitemapindex"):
        raise Refused(Reason.FEED_UNREADABLE, "no sitemap: neither <urlset> nor <sitemapindex> at the top")


def _entry(element: Any, witness: str, kind: str) -> Entry | None:
    """Only the row's own <loc> counts: extensions for pictures and languages have some of their own."""
    words = {_name(child): child.text or "" for child in element if _name(child) in ("loc", "lastmod")}
    for news in (child for child in element if _name(child) == "news"):
        words |= {_name(child): child.text or "" for child in news if _name(child) in ("title", "publication_date")}
    link = words.get("loc", "").strip()
    url = absolute(unescaped(link), witness) if link else None
    if not url:
        return None
    date = one_line(words.get("publication_date")) or one_line(words.get("lastmod"))
    return Entry(url, kind, witness, one_line(words.get("title")), date, is_index=_name(element) == "sitemap")


def _forget(element: Any) -> None:
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _read_lines(text: str, capture: Capture, kind: str) -> Iterator[Entry]:
    """The protocol's plain text form: one whole URL a line, nothing else."""
    lines = (line.strip() for line in text.split("\n", ROWS_MAX)[:ROWS_MAX])
    urls = (absolute(line) if len(line) <= URL_MAX else None for line in lines)
    if (first := next(urls, None)) is None:
        raise Refused(Reason.FEED_UNREADABLE, "no sitemap: neither XML nor a list of URLs")
    yield Entry(first, kind, capture.url)
    for url in filter(None, urls):
        yield Entry(url, kind, capture.url)


def read_robots(content: bytes, capture: Capture, kind: str) -> Iterator[Entry]:
    """The sitemaps that a robots.txt names, as entries with `is_index`. Other lines are no matter of discovery."""
    for url in sitemaps_of_robots(content[:ROBOTS_MAX].decode("utf-8", "replace"), capture.url):
        yield Entry(url, kind, capture.url, is_index=True)


def sitemaps_of_robots(text: str, base: str) -> list[str]:
    """The URLs of `Sitemap:` lines in order, each once; a line stands outside of every group (RFC 9309 §2.2.4)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    found = (absolute(match[1].strip(), base) for match in _ROBOTS_LINE.finditer(lines))
    return list(dict.fromkeys(url for url in found if url))


def choose_children(
    entries: Sequence[Entry], limit: int = CHILDREN_MAX, known: Callable[[Entry], bool] = lambda entry: False
) -> list[Entry]:
    """The children of an index to ask for now: at most `limit`, the newest first, without those that are `known` as they are.

    The date is `lastmod`, else what the name bears (`sitemap-2026-11.xml`). Without any, the newest is at one end of the list or at
    the other, so both ends are taken in turn.
    """
    fresh = [entry for entry in entries if not known(entry)]
    dated = [(moment, entry) for entry in fresh if (moment := moment_of(entry))]
    undated = [entry for entry in fresh if not moment_of(entry)]
    newest = [entry for _, entry in sorted(dated, key=lambda pair: pair[0], reverse=True)]
    ends: list[Entry] = []
    while undated:
        ends.append(undated.pop(0 if len(ends) % 2 == 0 else -1))
        if len(ends) >= limit:
            break
    return [*newest, *ends][:limit]


def moment_of(entry: Entry) -> datetime | None:
    """What a sitemap's entry says about its age: its date, else the last date in its URL; None without one."""
    return changed_at(entry) or _last_day(entry.url.partition("://")[2].partition("/")[2])


def changed_at(entry: Entry) -> datetime | None:
    """The entry's date (W3C form: a year, month, day or moment) as an instant; None without one that can be read."""
    date = entry.claimed_date or ""
    try:
        moment = datetime.fromisoformat(date)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return _last_day(date)


def _last_day(text: str) -> datetime | None:
    days = list(_DAY.finditer(text))
    if not days:
        return None
    year, month, day = (int(part or 1) for part in days[-1].groups())
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:  # the 31st of a short month
        return datetime(year, month, 28, tzinfo=UTC)
