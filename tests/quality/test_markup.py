"""The gate of markup: how sites embed and link posts, each in four places of two pages, through the whole of extraction.

`python -m tests.quality.test_markup` prints the figures that docs/citations.md publishes. The markup is our own, in the shapes of
content systems, consent tools and the networks' scripts; a row is embed code with its posts, or a trap.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from archiver.extract.assemble import read_page
from archiver.page import parse_page
from tests.quality.corpus import capture_of

ROWS = Path(__file__).parent / "citations" / "markup.jsonl"
PROSE = (
    "The ministry of transport said on Monday that the mountain crossing above the valley would stay closed for at least a week.",
    "Residents of the three villages below the pass said they had heard nothing from the authorities since the landslide on Friday.",
    "Engineers who flew over the slope on Saturday counted four places at which the road had slipped into the river.",
    "The governor, who was criticised for his silence, promised a report before the end of the month and buses for all.",
    "Shops in the upper valley have enough flour for ten days, according to the chamber of commerce, but no fuel for heating.",
    "Two years ago a similar slide cut the road for nineteen days, and repairs cost more than the province spends on schools.",
)
PARAGRAPHS = [f"<p>{text}</p>" for text in PROSE]
PAGES = {
    "article": "<main><article><h1>Crossing closed</h1>{}</article></main>",
    "boxes": (
        '<div class="top"><nav class="main-navigation"><a href="/">Home</a></nav></div><div class="content-area"><h1>Crossing closed</h1>'
        '<div class="entry-content">{}<div class="sharedaddy"><a href="https://www.facebook.com/sharer.php?u=x">Share</a></div></div>'
        '<aside class="sidebar"><a class="twitter-timeline" href="https://twitter.com/news">Tweets</a></aside></div>'
    ),
}
PLACES = {"between": 3, "behind": len(PARAGRAPHS), "above": 0}


@lru_cache
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]


def posts_of(markup: str, page: str, at: int, before: str = "", behind: str = "") -> set[tuple[str, str | None]]:
    """(network, id) of what the article is found to embed or link."""
    body = "".join([*PARAGRAPHS[:at], markup, *PARAGRAPHS[at:]])
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Crossing closed</title></head>'
    html = f"{head}<body>{before}{PAGES[page].format(body)}{behind}</body></html>"
    article = read_page(parse_page(capture_of(html.encode(), "https://news.example/crossing"))).article
    return {(c.platform, c.native_id) for c in article.citations if c.kind in ("embed", "link")}


@lru_cache
def missed() -> list[str]:
    """The rows and places where other posts are found than the row names."""
    wrong = []
    for row in rows():
        if "trap" in row:
            continue
        for page in PAGES:
            for place, at in PLACES.items():
                if posts_of(row["html"], page, at) != {(network, native) for network, native in row["posts"]}:
                    wrong.append(f"{row['name']}: {page}, {place}")
    return wrong


HAND_SET = {f"full tweet in section role: {page}, behind" for page in PAGES}
"""A post that a site sets by hand, without the network's code and behind the text: nothing says that it is not the next story."""


def test_posts_are_found_in_every_markup_at_every_place() -> None:
    assert set(missed()) <= HAND_SET


@pytest.mark.parametrize("row", [row for row in rows() if "trap" in row], ids=lambda row: str(row["trap"]))
def test_what_the_article_does_not_cite_is_left(row: dict[str, Any]) -> None:
    for page in PAGES:
        assert posts_of(row["html"], page, len(PARAGRAPHS), row["before"], row["behind"]) == set(), page


if __name__ == "__main__":
    cases = [row for row in rows() if "trap" not in row]
    print(f"{len(cases)} kinds of markup, {len(cases) * len(PAGES) * len(PLACES)} pages, missed: {missed()}")
    print(f"{len(rows()) - len(cases)} traps")
