"""The archive of record for news and for the posts that news cites.

    from archiver import Archive
    for article in Archive("./archive").articles(source="example"): ...

    from archiver import extract_article, read_captures
    for capture in read_captures(Path("crawl.warc.gz")): article = extract_article(capture)

This package is the domain: it imports neither Scrapy nor Twisted, and anyone may import it. Names are loaded when they are first
used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archiver.archive import Archive
    from archiver.audit import check_archive
    from archiver.errors import (
        ArchiverError,
        ConfigError,
        RecordingError,
        Refused,
        StoreError,
        UsageError,
        WarcError,
    )
    from archiver.extract import extract as extract_article
    from archiver.models import Article, Capture, CapturePointer, Refusal, RunManifest
    from archiver.models.hints import ExtractHints
    from archiver.reasons import Reason
    from archiver.sources import Source, read_source, read_sources
    from archiver.store import Store, open_store
    from archiver.warc import Finding, check_warc, read_captures

__all__ = [
    "Archive",
    "ArchiverError",
    "Article",
    "Capture",
    "CapturePointer",
    "ConfigError",
    "ExtractHints",
    "Finding",
    "Reason",
    "RecordingError",
    "Refusal",
    "Refused",
    "RunManifest",
    "Source",
    "Store",
    "StoreError",
    "UsageError",
    "WarcError",
    "check_archive",
    "check_warc",
    "extract_article",
    "open_store",
    "read_captures",
    "read_source",
    "read_sources",
]

_HOMES = {
    "archive": ("Archive",),
    "audit": ("check_archive",),
    "errors": ("ArchiverError", "ConfigError", "RecordingError", "Refused", "StoreError", "UsageError", "WarcError"),
    "extract": ("extract_article",),
    "models": ("Article", "Capture", "CapturePointer", "Refusal", "RunManifest"),
    "models.hints": ("ExtractHints",),
    "reasons": ("Reason",),
    "sources": ("Source", "read_source", "read_sources"),
    "store": ("Store", "open_store"),
    "warc": ("Finding", "check_warc", "read_captures"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
_INSIDE = {"extract_article": "extract"}
"""Names that differ inside: `archiver.extract` is the package that the function lives in."""


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), _INSIDE.get(name, name))
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
