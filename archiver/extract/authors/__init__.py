"""Authors: names out of structured entries, meta tags and bylines.

Belongs here: the word lists (`words`), splitting and cleaning (`names`), and reading the page's places in order (`read`).
"""

from archiver.extract.authors.names import clean_name, looks_like_people, opens_like_byline, split_names
from archiver.extract.authors.read import (
    byline_authors,
    linked_bylines,
    linked_data_authors,
    named_authors,
    written_bylines,
)

__all__ = [
    "byline_authors",
    "clean_name",
    "linked_bylines",
    "linked_data_authors",
    "looks_like_people",
    "named_authors",
    "opens_like_byline",
    "split_names",
    "written_bylines",
]
