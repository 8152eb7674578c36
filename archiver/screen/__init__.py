"""Is this page an article at all? Challenge pages, walls, soft 404s and section pages get a Reason here.

Belongs here: general signs in the markup, the title and the amount of text; no host names of publishers. HTTP status errors
never reach this point. A paywall stub is an article (its paywall is a field of the document), not a refusal. Every rule that
looks at words also asks for little text, since an article may well be about cookies, logins or captchas: a page with a body of
`ENOUGH` characters or more is never refused for its words, and one with `PROSE` only where its title says nothing else.
"""

from __future__ import annotations

from archiver.page import Page
from archiver.reasons import Reason
from archiver.screen.sections import section
from archiver.screen.signs import ENOUGH, Signs, Verdict
from archiver.screen.words import challenge, consent, login, missing

__all__ = ["ENOUGH", "Verdict", "screen"]


def screen(page: Page, body_text: str | None) -> Verdict | None:
    """Why the page gives no document, as (reason, what was seen); None for an article.

    `body_text` is the extracted text, or None when nobody has extracted it yet: then only small pages are judged, by what their
    markup says.
    """
    signs = Signs(page)
    text = body_text if body_text is not None else ""
    if (len(text) if body_text is not None else signs.visible) < ENOUGH:
        found = (
            challenge(signs, body_text) or missing(signs, body_text) or login(signs, body_text) or consent(signs, text)
        )
        if found:
            return found
    if body_text is None:
        return None
    if not text.strip():
        return Reason.NO_TEXT, "no article text was found"
    return _shell(signs, text) or section(signs, text)


def _shell(signs: Signs, text: str) -> Verdict | None:
    """A page that scripts would fill: all that can be read is what it says to those without scripts."""
    if len(text) > 300 or signs.declares_article:
        return None
    said = " ".join(" ".join(str(element.text_content()) for element in signs.tree.iter("noscript")).split())
    if said and all(" ".join(line.split()) in said for line in text.split("\n")):
        return Reason.NO_TEXT, f"only what is shown without scripts: {said[:80]!r}"
    return None
