"""Embedded posts leave the text, keep their place, and take nothing else with them."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest
from lxml import html as lxml_html

from archiver.errors import Refused
from archiver.extract import read_page
from archiver.extract.assemble import Reading
from archiver.extract.embeds import EMBEDS_MAX, take_embeds
from archiver.page import parse_page
from tests.quality.corpus import capture_of, corpus_root

URL = "https://news.example/2026/11/24/bridge"
ONE = "The bridge over the river reopened on Monday after nine months of repairs, the ministry of transport said in a statement."
TWO = "Lorries had been sent on a detour of sixty kilometres, which doubled the price of flour in the northern districts last winter."
THREE = "Engineers will inspect the pillars every week until the spring floods are over, an official told reporters at the site."
POST = "The crossing reopens on Monday, drive carefully please"
X = (
    f'<blockquote class="twitter-tweet"><p lang="en" dir="ltr">{POST}</p>&mdash; Ministry (@ministry) '
    '<a href="https://twitter.com/ministry/status/1697322795510759929">August 31, 2023</a></blockquote><script async src="https://platform.twitter.com/widgets.js"></script>'
)

EMBEDS = {
    "x": X,
    "x in a figure with a caption": f'<figure class="wp-block-embed is-provider-twitter wp-block-embed-twitter"><div>{X}</div><figcaption>The post</figcaption></figure>',
    "x in wrappers": f'<div class="embed"><div class="inner">{X}</div></div>',
    "x as a bare URL figure": '<figure class="wp-block-embed is-provider-x wp-block-embed-x"><div>https://x.com/ministry/status/1697322795510759929</div></figure>',
    "x hydrated": '<div class="twitter-tweet twitter-tweet-rendered"><iframe data-tweet-id="1697322795510759929" src="https://platform.twitter.com/embed/Tweet.html?id=1697322795510759929"></iframe></div>',
    "x amp": f'<amp-twitter data-tweetid="1697322795510759929"><blockquote placeholder>{POST}</blockquote></amp-twitter>',
    "instagram": f'<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/CuE2WOVgRhY/"><div><a href="https://www.instagram.com/p/CuE2WOVgRhY/">{POST}</a></div></blockquote>',
    "facebook": f'<div class="fb-post" data-href="https://www.facebook.com/ministry/posts/1"><blockquote>{POST}</blockquote></div>',
    "tiktok": f'<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@m/video/6718335390845095173"><section>{POST}</section></blockquote>',
    "bluesky": f'<blockquote class="bluesky-embed" data-bluesky-uri="at://did:plc:abc/app.bsky.feed.post/3mvy53yvvvr2r"><p>{POST}</p></blockquote>',
    "threads": f'<blockquote class="text-post-media" data-text-post-permalink="https://www.threads.net/@m/post/C1"><div>{POST}</div></blockquote>',
    "mastodon": f'<blockquote class="mastodon-embed" data-embed-url="https://m.example/@m/1/embed"><a href="https://m.example/@m/1">{POST}</a></blockquote>',
    "telegram": '<script async src="https://telegram.org/js/telegram-widget.js?22" data-telegram-post="ministry/12"></script>',
    "reddit": f'<blockquote class="reddit-embed-bq"><a href="https://www.reddit.com/r/b/comments/abc/">{POST}</a></blockquote>',
    "truth social": '<iframe src="https://truthsocial.com/@m/123/embed" class="truthsocial-embed"></iframe>',
    "linkedin": '<iframe src="https://www.linkedin.com/embed/feed/update/urn:li:share:1"></iframe>',
    "behind a consent blocker": '<iframe data-cookieblock-src="https://www.youtube.com/embed/dQw4w9WgXcQ"></iframe>',
}


def read(inner: str) -> Reading:
    return read_page(
        parse_page(capture_of(f"<title>Bridge</title><body><article>{inner}</article></body>".encode(), URL))
    )


@pytest.mark.parametrize("embed", EMBEDS.values(), ids=EMBEDS)
def test_an_embed_leaves_the_text_and_keeps_its_place(embed: str) -> None:
    reading = read(f"<p>{ONE}</p>{embed}<p>{TWO}</p><p>{THREE}</p>")
    assert reading.article.article_body == "\n".join((ONE, TWO, THREE))
    [placed] = reading.embeds
    assert placed.position is not None
    assert (placed.position.paragraph, placed.position.start) == (0, len(ONE))


def test_two_embeds_in_a_row_keep_their_order_and_a_paragraph_between_others_stays() -> None:
    reading = read(f"<p>{ONE}</p>{X}{EMBEDS['instagram']}<p>{TWO}</p>{X}<p>{THREE}</p>")
    assert [placed.position.paragraph if placed.position else None for placed in reading.embeds] == [0, 0, 1]
    assert [placed.embed.markup for placed in reading.embeds] == [
        "blockquote:twitter-tweet",
        "blockquote:instagram-media",
        "blockquote:twitter-tweet",
    ]


def test_an_embed_before_the_text_is_placed_at_its_start() -> None:
    [placed] = read(f"{X}<p>{ONE}</p><p>{TWO}</p><p>{THREE}</p>").embeds
    assert placed.position is not None
    assert placed.position.start == 0


def test_text_in_the_same_wrapper_stays() -> None:
    reading = read(f"<p>{ONE}</p><div>{X}<p>{TWO}</p></div><p>{THREE}</p>")
    assert reading.article.article_body == "\n".join((ONE, TWO, THREE))


def test_a_block_quote_that_is_no_post_stays() -> None:
    quote = "<blockquote class='pullquote'><p>Nobody will wait at the river again, said the minister on the bridge.</p></blockquote>"
    reading = read(f"<p>{ONE}</p>{quote}<p>{TWO}</p>")
    assert "Nobody will wait at the river again" in reading.article.article_body
    assert reading.embeds == []


def test_a_post_quoted_in_words_stays_in_the_text_when_its_embed_goes() -> None:
    words = f"“{POST},” the ministry wrote in a post on X that was shared a thousand times within the hour."
    reading = read(f"<p>{ONE}</p><p>{words}</p>{X}<p>{TWO}</p>")
    assert words in reading.article.article_body
    assert reading.article.article_body.count(POST) == 1


def test_the_embeds_own_code_is_kept_for_whoever_reads_the_post() -> None:
    [placed] = read(f"<p>{ONE}</p><p>{TWO}</p>{X}").embeds
    assert "status/1697322795510759929" in placed.embed.html
    assert placed.embed.text.startswith(POST)


def test_more_embeds_than_any_article_has_are_removed_without_a_marker() -> None:
    tree = lxml_html.document_fromstring(f"<body><p>{ONE}</p>" + X * (EMBEDS_MAX + 5))
    assert len(take_embeds(tree)) == EMBEDS_MAX
    assert POST not in tree.text_content()


def _labelled() -> list[dict[str, Any]]:
    root = corpus_root()
    if root is None or not (root / "embedded_posts.json").exists():
        return []
    pages: list[dict[str, Any]] = json.loads((root / "embedded_posts.json").read_text(encoding="utf-8"))["pages"]
    return [page for page in pages if (root / page["file"]).exists()]


@pytest.mark.corpus
def test_no_labelled_post_is_left_in_a_body_but_where_the_article_quotes_it_in_words() -> None:
    pages = _labelled()
    if not pages:
        pytest.skip("no corpus beside the project")
    root = corpus_root()
    assert root is not None
    left = []
    for page in pages:
        content = gzip.decompress((root / page["file"]).read_bytes())
        try:
            article = read_page(parse_page(capture_of(content, page["url"] or URL))).article
        except Refused:
            continue
        lines = {_words(paragraph.text) for paragraph in article.paragraphs}
        for post in page["posts"]:
            text = _words(post.get("text") or "")
            if len(text.split()) >= 4 and post["markup"].startswith(("blockquote", "iframe", "amp")) and text in lines:
                left.append((page["page"], text[:60]))
    assert left == []


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text)).lower()
