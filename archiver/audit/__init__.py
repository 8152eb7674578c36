"""Checking a whole archive: manifests beside the store, files beside manifests, documents beside records, at three depths.

Belongs here: what must hold between files. What must hold inside one WARC is `archiver.warc.checker`. Names are loaded when they are
first used: the processes that read files need a part of this only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archiver.audit.check import Check, Depth, check_archive
    from archiver.audit.rules import ARCHIVE_RULES, move_of

__all__ = ["ARCHIVE_RULES", "Check", "Depth", "check_archive", "move_of"]

_HOME = {"ARCHIVE_RULES": "rules", "Check": "check", "Depth": "check", "check_archive": "check", "move_of": "rules"}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = found
    return found
