"""ValidatePipeline (300): what reaches the spool is one line of JSON about a capture of this run.

The schema and the house invariants were checked where the document was made (`archiver.invariants`, in the worker); this is
the cheap last look at what travels.
"""

from __future__ import annotations

from archiver.errors import ArchiverError
from archiver.models import Document, PageRequisites, Refusal

Item = Document | Refusal | PageRequisites


class InvalidDocument(ArchiverError):
    """A document that must not be written; a bug of ours, never a page's fault."""


class ValidatePipeline:
    def process_item(self, item: Item) -> Item:
        if isinstance(item, Refusal | PageRequisites):
            return item
        if not isinstance(item, Document):
            raise InvalidDocument(f"spiders yield Document, Refusal or PageRequisites, not {type(item).__name__}")
        if not item.line.startswith(b"{") or not item.line.endswith(b"}\n") or item.line.count(b"\n") != 1:
            raise InvalidDocument(f"{item.url}: a document is one line of JSON ending in LF")
        return item
