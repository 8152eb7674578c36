"""Judging WARCs: every fault has a rule with a name, a place and a sentence.

`check_warc` judges one file, `check_cdxj` an index against its file, `check_pointers` the addresses in documents. No public
validator finds every fault of that section's table, and most refuse some correct files; this one is the gate.
"""

from archiver.warc.checker.against import check_cdxj, check_pointers
from archiver.warc.checker.file import check_warc
from archiver.warc.checker.findings import RULES, Elsewhere, Finding, Inside

__all__ = ["RULES", "Elsewhere", "Finding", "Inside", "check_cdxj", "check_pointers", "check_warc"]
