"""Citations: the posts that an article embeds, links, shows as a picture, or only quotes in words.

Belongs here: the order of the passes, places, duplicates and precedence. How a post is recognised is each pass's business; what
became of a post is a Resolution and made elsewhere. Pure: the same page gives the same citations, in the order of the text.
"""

from __future__ import annotations

from archiver.citations.assemble import find_citations

__all__ = ["find_citations"]
