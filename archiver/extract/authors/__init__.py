"""Authors: names out of structured entries, meta tags and bylines.

Belongs here: splitting and cleaning (`names`), and reading the page's places in order (`read`).
"""

from archiver.extract.authors.names import clean_name, split_names
from archiver.extract.authors.read import AuthorsFound, byline_authors, linked_data_authors, named_authors

__all__ = ["AuthorsFound", "byline_authors", "clean_name", "linked_data_authors", "named_authors", "split_names"]
