"""From a capture to an article document.

Belongs here: everything that reads a page's meaning. `assemble` fills the document, `metadata` and its neighbours read what the
page says about itself, `text` reads the body, `embeds` takes embedded posts out of it. Only this folder imports trafilatura.
"""

from archiver.extract.assemble import CUT, Reading, extract, extract_page, read_page, settings_digest
from archiver.models.hints import ExtractHints

__all__ = ["CUT", "ExtractHints", "Reading", "extract", "extract_page", "read_page", "settings_digest"]
