"""A document on its way to the spool: a line of JSON with what the pipelines need to know about it."""

from __future__ import annotations

from dataclasses import dataclass

from archiver.models.pointer import CapturePointer


@dataclass(frozen=True, slots=True)
class Document:
    """`line` is UTF-8 JSON ending in LF; `kind` its record type; `capture` the evidence it was read from."""

    kind: str
    line: bytes
    capture: CapturePointer
    source: str
    url: str
