"""Taking down what must not be shown, in two steps that are both logged: hide it (tombstones), then take it out of the files (erase).

Belongs here: making and committing tombstones, finding what they cover, and issuing files again. What readers leave out is decided by
`archiver.suppression`; the bytes of a WARC without some records are made by `archiver.warc.erase`.
"""

from archiver.takedown.bury import bury, commit_left, lift, requested, tombstones_for
from archiver.takedown.plan import Plan, apply, cut_short, unfinished
from archiver.takedown.reissue import stage_erasure

__all__ = [
    "Plan",
    "apply",
    "bury",
    "commit_left",
    "cut_short",
    "lift",
    "requested",
    "stage_erasure",
    "tombstones_for",
    "unfinished",
]
