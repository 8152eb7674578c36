"""Static cards: what an archive knows of a cited post, and of an article with all it cites, as HTML without scripts.

Belongs here: pure functions from documents to HTML. The same documents always give the same bytes, nothing is fetched, everything
that strangers wrote is escaped, and no address but one inside the archive is ever loaded. Where cards are stored is for
`archiver.publish_cards`; who opens them is for the commands.

A platform's widget asks its network when it is replayed, and replay may answer with a neighbour's post: a card is what the archive
itself says about exactly one post.
"""

from archiver.cards.card import post_card
from archiver.cards.names import SERIES, card_name, page_name
from archiver.cards.page import Cited, article_page

__all__ = ["SERIES", "Cited", "article_page", "card_name", "page_name", "post_card"]
