"""WARC: written, read, checked, indexed and mended. The only importer of warcio.

What a capture is comes from `archiver.models`; the specification these modules follow is WARC 1.1 (ISO 28500:2017).
"""

from archiver.warc.checker import Finding, check_cdxj, check_pointers, check_warc
from archiver.warc.excerpt import excerpt
from archiver.warc.reader import read_capture_at, read_capture_in, read_captures, read_captures_where, read_warcinfo
from archiver.warc.recover import Recovered, recover_folder
from archiver.warc.redact import Redaction
from archiver.warc.segment import SealedWarc
from archiver.warc.writer import WarcInfo, WarcWriter

__all__ = [
    "Finding",
    "Recovered",
    "Redaction",
    "SealedWarc",
    "WarcInfo",
    "WarcWriter",
    "check_cdxj",
    "check_pointers",
    "check_warc",
    "excerpt",
    "read_capture_at",
    "read_capture_in",
    "read_captures",
    "read_captures_where",
    "read_warcinfo",
    "recover_folder",
]
