"""Is this page an article at all? Challenge pages, walls, soft 404s and section pages get a Reason here.

Belongs here: general signs in the markup, the title and the amount of text. HTTP status errors never reach this point. A paywall
stub is an article (its paywall is a field of the document), not a refusal.
"""

from __future__ import annotations

from archiver.page import Page
from archiver.reasons import Reason

Verdict = tuple[Reason, str]


def screen(page: Page, body_text: str | None) -> Verdict | None:
    """Why the page gives no document, as (reason, what was seen); None for an article.

    `body_text` is the extracted text, or None when nobody has extracted it yet: then only the markup is looked at.
    """
    if body_text is not None and not body_text.strip():
        return Reason.NO_TEXT, "no article text was found"
    return None
