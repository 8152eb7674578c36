"""The nouns: what an exchange, a capture, an article and a run manifest are.

Belongs here: shapes and nothing that acts. `exchange` holds what crossed the wire (dataclasses, because bytes are hot),
`article`, `pointer` and `run` hold what is written as JSON (frozen pydantic models; the JSON Schema is generated from them).
"""

from archiver.models.article import Article
from archiver.models.document import Document
from archiver.models.exchange import Capture, CrawlContext, Exchange, Role, Truncated
from archiver.models.pointer import CapturePointer, RefersTo, Tls
from archiver.models.requisites import PageRequisites
from archiver.models.run import Refusal, RunFile, RunManifest

__all__ = [
    "Article",
    "Capture",
    "CapturePointer",
    "CrawlContext",
    "Document",
    "Exchange",
    "PageRequisites",
    "RefersTo",
    "Refusal",
    "Role",
    "RunFile",
    "RunManifest",
    "Tls",
    "Truncated",
]
