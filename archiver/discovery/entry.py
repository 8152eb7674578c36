"""Entry: one link with its witness. Belongs here: the word that every reader of this folder gives back."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

TITLE_MAX = 500
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,500}>")
_ESCAPED = re.compile(r"&(?:amp|#0*38|#[xX]0*26);")


@dataclass(frozen=True, slots=True)
class Entry:
    """A link that a feed, sitemap or page offered. `claimed_*` is what the witness said; `is_index` marks a sitemap.

    `score` says how much a page's link looks like an article's (`archiver.discovery.pages`); 0 elsewhere.
    """

    url: str
    kind: str
    witness: str
    claimed_title: str | None = None
    claimed_date: str | None = None
    is_index: bool = False
    score: int = 0


def one_line(text: str | None, *, markup: bool = False) -> str | None:
    """`text` with single spaces, at most `TITLE_MAX` characters; with `markup` without tags and entities. None when empty."""
    if markup and text:
        text = html.unescape(_TAG.sub("", text))
    return " ".join(text.split())[:TITLE_MAX] or None if text else None


def unescaped(url: str) -> str:
    """A URL that was escaped twice, as it was meant: `&amp;` never stands in one."""
    return _ESCAPED.sub("&", url)
