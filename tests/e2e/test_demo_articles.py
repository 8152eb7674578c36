"""What the demo newspaper wrote is what the archive's documents say: every headline, byline, time and paragraph.

The pages are our own, so the right answer is known to the letter: it is in `archiver/demo/content`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archiver.archive import Archive
from archiver.demo.outlets import OUTLET_IDS, Piece, edition
from archiver.demo.server import EDITION
from archiver.models import Article
from tests.e2e.conftest import Crawled

_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]+\)")
_PIECES = {
    (outlet_id, piece.path): piece
    for outlet_id in OUTLET_IDS
    for piece in edition(outlet_id, "http://localhost/", EDITION).pieces
}


@lru_cache(maxsize=1)
def documents(store: Path) -> dict[tuple[str, str], Article]:
    """(source, path as asked) -> document."""
    return {
        (str(article.source), urlsplit(article.requested_url).path): article for article in Archive(store).articles()
    }


def written(piece: Piece) -> list[str]:
    """The paragraphs and subheadings of the piece as a reader sees them, without the dateline and without embedded posts."""
    blocks = [block for block in piece.blocks if not block.startswith("<")]
    return [_LINK.sub(r"\1", block).removeprefix("## ").removeprefix("> ") for block in blocks]


def body_and_text(article: Article, piece: Piece) -> tuple[list[str], list[str]]:
    """(paragraphs of the document, paragraphs as written); the dateline and the standfirst may stand before them."""
    found = [paragraph.text for paragraph in article.paragraphs]
    if found and found[0] == piece.dek:
        found = found[1:]
    if found:
        found[0] = found[0].removeprefix(f"{piece.place.upper()} — ")
    return found, written(piece)


each_piece = pytest.mark.parametrize("key", list(_PIECES), ids=[piece.slug for piece in _PIECES.values()])


@each_piece
def test_metadata_is_what_the_outlet_wrote(crawled: Crawled, key: tuple[str, str]) -> None:
    article, piece = documents(crawled.store)[key], _PIECES[key]
    assert article.headline == piece.headline
    assert article.language == piece.language
    assert [author.name for author in article.authors] == list(piece.authors)
    assert article.date_published == piece.published
    if piece.modified != piece.published:
        assert article.date_modified == piece.modified
    assert article.description == piece.dek
    assert any(piece.slug in image.url for image in article.images)


@each_piece
def test_every_paragraph_is_there_and_nothing_else(crawled: Crawled, key: tuple[str, str]) -> None:
    found, wanted = body_and_text(documents(crawled.store)[key], _PIECES[key])
    # Compared without zero-width joiners here; the next test is about them.
    assert [text.replace("\u200c", "") for text in found] == [text.replace("\u200c", "") for text in wanted]


@each_piece
def test_the_letters_are_stored_as_published(crawled: Crawled, key: tuple[str, str]) -> None:
    """No Unicode normalisation of stored text; Persian spelling needs U+200C."""
    found, wanted = body_and_text(documents(crawled.store)[key], _PIECES[key])
    assert found == wanted
