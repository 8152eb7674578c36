"""What the rules look at, each found once and only when asked for.

Belongs here: reading the page's markup. What follows from it is decided in `words` and `sections`.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from lxml import etree
from lxml.html import HtmlElement

from archiver.page import Page
from archiver.reasons import Reason

Verdict = tuple[Reason, str]

ENOUGH = 1500
"""Characters of running text with which a page is what it says it is."""
SITE_NAME = 30
"""Characters that a site's name in a title has at most."""
BOX = 1200
"""Characters of a teaser with its heading and the space between them, at most."""
CARDS_MAX = 200
ARTICLE_TYPE = re.compile(
    r'"@type"\s*:\s*(?:\[[^\]]*)?"(?:schema:|https?://schema\.org/)?[A-Za-z]*(?:Article|BlogPosting|Report|Review|Recipe|LiveBlogPosting|ClaimReview|Posting)"'
)
SECTION_TYPE = re.compile(
    r'"@type"\s*:\s*(?:\[[^\]]*)?"(?:schema:|https?://schema\.org/)?(?:CollectionPage|ItemList|SearchResultsPage|ProfilePage|ContactPage|AboutPage)"'
)
_DATE_META = etree.XPath(
    "boolean(//meta[@property='article:published_time' or @itemprop='datePublished' or @name='pubdate' or @name='date' or @name='parsely-pub-date']"
    " | //*[@itemprop='datePublished'])"
)
_DATE_WORDS = ("published_time", "datePublished", "pubdate", "parsely-pub-date", "'date'", '"date"', "=date")
SENTENCE_END = re.compile(r"[.!?。！？؟۔।…][\"”’»«“‘›‹」』)\]]*$")


@dataclass(frozen=True)
class Signs:
    """One page and what was found on it so far."""

    page: Page

    @property
    def tree(self) -> HtmlElement:
        return self.page.tree

    @cached_property
    def visible(self) -> int:
        """Characters of text outside scripts and styles."""
        hidden = sum(len(element.text or "") for element in self.tree.iter("script", "style"))
        return len(self.tree.text_content()) - hidden

    @cached_property
    def titles(self) -> list[str]:
        found = [self.tree.findtext(".//title") or ""]
        found += [heading.text_content() for heading in list(self.tree.iter("h1"))[:2]]
        return [text for title in found if (text := " ".join(title.split()))]

    @cached_property
    def blocks(self) -> list[str]:
        scripts = (script for script in self.tree.iter("script") if script.get("type") == "application/ld+json")
        return [script.text or "" for script in scripts]

    @cached_property
    def linked_data(self) -> str:
        return "\n".join(self.blocks)[:500_000]

    @cached_property
    def declares_article(self) -> bool:
        return bool(ARTICLE_TYPE.search(self.linked_data)) or self.dated or self.open_graph_type == "article"

    @cached_property
    def open_graph_type(self) -> str:
        return next(
            (meta.get("content", "").lower() for meta in self.tree.iter("meta") if meta.get("property") == "og:type"),
            "",
        )

    @cached_property
    def dated(self) -> bool:
        """Whether markup names a date of publication. The words are looked for first: the expressions walk the whole tree."""
        html = self.page.html
        return any(word in html for word in _DATE_WORDS) and bool(_DATE_META(self.tree))

    @cached_property
    def cards(self) -> list[HtmlElement]:
        """Links in headings of second or third rank, and such headings in links."""
        found: list[HtmlElement] = []
        for heading in self.tree.iter("h2", "h3"):
            if any(parent.tag == "a" and parent.get("href") is not None for parent in heading.iterancestors()):
                found.append(heading)
            found += [anchor for anchor in heading.iter("a") if anchor.get("href") is not None]
        return found

    @cached_property
    def boxes(self) -> list[HtmlElement]:
        """Around each linked heading the largest element that holds no other one and no more text than a teaser."""
        heads = {
            next(card.iterancestors("h2", "h3"), card) if card.tag == "a" else card for card in self.cards[:CARDS_MAX]
        }
        shared = Counter(above for head in heads for above in head.iterancestors())
        found = []
        for box in heads:
            above = box.getparent()
            while above is not None and shared[above] == 1 and len(above.text_content()) <= BOX:
                box, above = above, above.getparent()
            found.append(box)
        return found
