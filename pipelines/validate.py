"""ValidatePipeline (300): what reaches the spool is one line of JSON about a capture of this run.

The schema and the house invariants were checked where the document was made (`archiver.invariants`, in the worker); this is
the cheap last look at what travels.
"""

from __future__ import annotations

from archiver.errors import ArchiverError
from archiver.models import Document, Refusal


class InvalidDocument(ArchiverError):
    """A document that must not be written; a bug of ours, never a page's fault."""


class ValidatePipeline:
    def process_item(self, item: Document | Refusal) -> Document | Refusal:
        if isinstance(item, Refusal):
            return item
        if not isinstance(item, Document):
            raise InvalidDocument(f"spiders yield Document or Refusal, not {type(item).__name__}")
        if not item.line.startswith(b"{") or not item.line.endswith(b"}\n") or item.line.count(b"\n") != 1:
            raise InvalidDocument(f"{item.url}: a document is one line of JSON ending in LF")
        return item
