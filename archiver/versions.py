"""Versions of an article: what counts as a change, and what changed.

Belongs here: pure functions between documents, their version ids and the digests of their fields. White space, counters and
advertising make no version; a headline, words of the text, a byline, a date, a correction note, an embedded post that is gone or
new, and a paywall do. What a document must know of its predecessor travels in the request's context (`CrawlContext.previous`) into
the capture's metadata record, so that the same document can be made again from the WARC alone.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

from archiver.models.article import Article
from archiver.models.base import rfc3339

_SPACE = re.compile(r"[\s\u00ad\u200b\u200e\u200f\u2060\ufeff]+")
_NUMBER = re.compile(r"\d+(?:[.,\u066b\u066c]\d+)*(?:\s*[kKmM]\b)?")
_CLOCK = re.compile(r"(?<!\d)\d{1,2}:\d{2}(?::\d{2})?(?!\d)")
COUNTER_WORDS = 8
"""A line that counts something (views, comments, shares) has no more words than this."""

NOISE_MAX = 300
"""Characters of a line beyond which it is neither counter nor label, and in which a correction note must begin."""

FIELDS = ("headline", "body", "byline", "date", "correction_note", "embed_removed", "embed_added", "paywall")
"""Values of `changed_fields`, in this order."""


def fields_of(article: Article) -> dict[str, Any]:
    """The digests that tell one version from the next: name -> sixteen hex digits, or for `embeds` a list of addresses."""
    headline = _plain(article.headline or "")
    paragraphs = [text for paragraph in article.paragraphs if (text := _plain(paragraph.text))]
    told = [text for text in paragraphs if text != headline and not _is_noise(text)]  # a headline is told once
    notes = [text for text in told if _is_correction(text)]
    return {
        "headline": _digest(headline),
        "body": _digest("\n".join(text for text in told if text not in notes)),
        "byline": _digest("\n".join(_plain(author.name) for author in article.authors)),
        "date": _digest(f"{_date(article, 'date_published')}\n{_date(article, 'date_modified')}"),
        "correction_note": _digest("\n".join(notes)) if notes else "",
        "embeds": sorted({c.url or f"{c.platform}:{c.native_id}" for c in article.citations if c.kind == "embed"}),
        "paywall": bool(article.paywall.detected),
    }


def version_id_of(fields: Mapping[str, Any]) -> str:
    """`sha256:` and 32 hex digits over all fields."""
    parts = [f"{name}={fields[name]}" for name in sorted(fields)]
    return "sha256:" + hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Which of `FIELDS` differ between two versions."""
    found = {name for name in FIELDS if name in before and before[name] != after[name]}
    embeds = before.get("embeds")
    had, has = set(embeds if isinstance(embeds, list) else after["embeds"]), set(after["embeds"])
    found |= {"embed_removed"} if had - has else set()
    found |= {"embed_added"} if has - had else set()
    return [name for name in FIELDS if name in found]


def with_version(article: Article, previous: Mapping[str, Any] | None) -> Article | None:
    """The article with its version; None when it is the version that `previous` names.

    Without `previous` it is the first that is known: number 1 where a source was crawled, and no number for a lone page.
    """
    fields = fields_of(article)
    version_id = version_id_of(fields)
    if not previous or not isinstance(previous.get("fields"), dict):
        number = 1 if previous is not None else None
        return article.model_copy(update={"version_id": version_id, "version_number": number})
    if version_id == previous.get("version_id"):
        return None
    return article.model_copy(
        update={
            "version_id": version_id,
            "version_number": (count if isinstance(count := previous.get("version_number"), int) else 0) + 1,
            "previous_version_id": known if isinstance(known := previous.get("version_id"), str) else None,
            "changed_fields": changed_fields(previous["fields"], fields),
        }
    )


def _date(article: Article, name: str) -> str:
    """The moment as text; "" where it was told from the fetch ("two hours ago"), for such a date moves by itself."""
    moment, raw = getattr(article, name), getattr(article, f"{name}_raw")
    numbers = _NUMBER.findall(_CLOCK.sub(" ", raw or ""))
    return rfc3339(moment) if moment and len(numbers) > 1 else ""


def _plain(text: str) -> str:
    return " ".join(text.split()) if text.isascii() else _SPACE.sub(" ", text).strip()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _is_noise(text: str) -> bool:
    """Whether a paragraph is a counter or a label of advertising that extraction let through."""
    if len(text) > NOISE_MAX:
        return False
    words = _words()
    low = text.casefold().strip(" .:-–—*[]()|")
    if low in words["advertising"]:
        return True
    if len(low.split()) > COUNTER_WORDS:
        return False
    rest, numbers = _NUMBER.subn(" ", low)
    left = {word.strip(".,:;()|·•") for word in rest.split()} - {""}
    return bool(numbers) and bool(left) and left <= words["counters"]


def _is_correction(text: str) -> bool:
    return text[:NOISE_MAX].casefold().lstrip(" *-–—[(").startswith(_corrections())


@lru_cache(maxsize=1)
def _corrections() -> tuple[str, ...]:
    return tuple(sorted(_words()["corrections"]))


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    raw = tomllib.loads(files("archiver").joinpath("versions.toml").read_text(encoding="utf-8"))
    return {name: frozenset(word.casefold() for word in words) for name, words in raw.items()}
