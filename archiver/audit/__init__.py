"""Checking a whole archive: manifests beside the store, files beside manifests, documents beside records, at three depths.

Belongs here: what must hold between files. What must hold inside one WARC is `archiver.warc.checker`.
"""

from archiver.audit.check import Check, Depth, check_archive
from archiver.audit.rules import ARCHIVE_RULES, move_of

__all__ = ["ARCHIVE_RULES", "Check", "Depth", "check_archive", "move_of"]
