"""What a page needs to look as it did: images in every size, stylesheets, scripts, fonts, media, frames.

Belongs here: from a page or stylesheet to URLs (`find`), and the account of what of it was captured (`ledger`). Fetching is the
spider's matter.
"""

from archiver.requisites.find import REQUISITES_MAX, css_requisites, find_frames, find_requisites
from archiver.requisites.ledger import Answer, Budgets, Ledger, Step

__all__ = [
    "REQUISITES_MAX",
    "Answer",
    "Budgets",
    "Ledger",
    "Step",
    "css_requisites",
    "find_frames",
    "find_requisites",
]
