"""Every markup in which pages embed posts gives its post, at its place; what is no citation gives none."""

from __future__ import annotations

import json

import pytest

from archiver.citations import find_citations
from archiver.page import parse_page
from tests.quality.corpus import capture_of
from tests.unit.citations.pages import FIRST, LAST, SECOND, cited, paragraphs_of

X = "1790000000000000000"
TWEET = (
    '<blockquote class="twitter-tweet"><p lang="en" dir="ltr">The road is open again. <a href="https://t.co/a1">t.co/a1</a></p>'
    f'&mdash; Sara Haidari (@sarahaidari) <a href="https://twitter.com/sarahaidari/status/{X}?ref_src=twsrc">May 13, 2024</a></blockquote>'
    '<script async src="https://platform.twitter.com/widgets.js"></script>'
)

MARKUPS = [
    ("x", X, TWEET),
    ("x", X, TWEET.replace("twitter-tweet", "twitter-video")),
    ("x", X, f'<a class="twitter-tweet" href="https://x.com/i/status/{X}">post</a>'),
    ("x", X, f'<div class="twitter-tweet twitter-tweet-rendered"><iframe data-tweet-id="{X}" src="about:blank"></iframe></div>'),
    ("x", X, f'<twitter-widget data-tweet-id="{X}"></twitter-widget>'),
    ("x", X, f'<iframe src="https://platform.twitter.com/embed/Tweet.html?dnt=true&amp;id={X}"></iframe>'),
    ("x", X, f'<iframe src="https://platform.x.com/embed/Tweet.html?id={X}"></iframe>'),
    ("x", X, f'<amp-twitter width="375" height="472" data-tweetid="{X}"></amp-twitter>'),
    (
        "x",
        X,
        '<figure class="wp-block-embed-twitter is-provider-twitter"><div class="wp-block-embed__wrapper">\n'
        f"https://twitter.com/sarahaidari/status/{X}\n</div></figure>",
    ),
    (
        "x",
        X,
        f'<figure class="wp-block-embed-x is-provider-x"><div class="wp-block-embed__wrapper">\nhttps://x.com/sarahaidari/status/{X}\n</div></figure>',
    ),
    ("x", X, f'<embetty-tweet status="{X}"></embetty-tweet>'),
    ("instagram", "CZHDYGVNlEd", '<blockquote class="instagram-media" data-instgrm-permalink="https://www.instagram.com/p/CZHDYGVNlEd/?utm_source=ig_embed"></blockquote>'),
    ("instagram", "CZHDYGVNlEd", '<iframe src="https://www.instagram.com/reel/CZHDYGVNlEd/embed/captioned/"></iframe>'),
    ("instagram", "CZHDYGVNlEd", '<amp-instagram data-shortcode="CZHDYGVNlEd" width="1" height="1"></amp-instagram>'),
    ("threads", "C7abcDEfgh1", '<blockquote class="text-post-media" data-text-post-permalink="https://www.threads.net/@sara/post/C7abcDEfgh1" id="ig-tp-C7abcDEfgh1"></blockquote>'),
    ("threads", "C7abcDEfgh1", '<iframe src="https://www.threads.com/@sara/post/C7abcDEfgh1/embed"></iframe>'),
    ("facebook", "10155012345", '<div class="fb-post" data-href="https://www.facebook.com/valleynews/posts/10155012345"></div>'),
    ("facebook", "10155012345", '<div class="fb-video" data-href="https://www.facebook.com/valleynews/videos/10155012345/"></div>'),
    ("facebook", "10155012345", '<iframe src="https://www.facebook.com/plugins/post.php?href=https%3A%2F%2Fwww.facebook.com%2Fvalleynews%2Fposts%2F10155012345&amp;width=500"></iframe>'),
    ("facebook", "10155012345", '<amp-facebook data-href="https://www.facebook.com/valleynews/posts/10155012345"></amp-facebook>'),
    ("tiktok", "6718335390845095173", '<blockquote class="tiktok-embed" cite="https://www.tiktok.com/@sara/video/6718335390845095173" data-video-id=""></blockquote>'),
    ("tiktok", "6718335390845095173", '<iframe src="https://www.tiktok.com/player/v1/6718335390845095173"></iframe>'),
    ("tiktok", "6718335390845095173", '<amp-tiktok data-src="https://www.tiktok.com/@sara/video/6718335390845095173"></amp-tiktok>'),
    ("youtube", "9nPlMXUhcm8", '<iframe src="https://www.youtube-nocookie.com/embed/9nPlMXUhcm8?start=30"></iframe>'),
    ("youtube", "9nPlMXUhcm8", '<lite-youtube videoid="9nPlMXUhcm8"></lite-youtube>'),
    ("youtube", "9nPlMXUhcm8", '<amp-youtube data-videoid="9nPlMXUhcm8"></amp-youtube>'),
    ("youtube", "9nPlMXUhcm8", '<embetty-video type="youtube" video-id="9nPlMXUhcm8"></embetty-video>'),
    ("telegram", "valleynews/412", '<script async src="https://telegram.org/js/telegram-widget.js?22" data-telegram-post="ValleyNews/412" data-width="100%"></script>'),
    ("telegram", "valleynews/412", '<blockquote class="telegram-post"><a href="https://t.me/valleynews/412">Valley News</a></blockquote>'),
    ("telegram", "valleynews/412", '<iframe src="https://t.me/valleynews/412?embed=1"></iframe>'),
    ("bluesky", "did:plc:abc123/3mvy53yvvvr2r", '<blockquote class="bluesky-embed" data-bluesky-uri="at://did:plc:abc123/app.bsky.feed.post/3mvy53yvvvr2r" data-bluesky-cid="baf"><p>Hi</p></blockquote>'),
    ("bluesky", "did:plc:abc123/3mvy53yvvvr2r", '<blockquote class="bluesky-embed" data-bluesky-uri="https://bsky.app/profile/did:plc:abc123/post/3mvy53yvvvr2r"></blockquote>'),
    ("bluesky", "did:plc:abc123/3mvy53yvvvr2r", '<iframe src="https://embed.bsky.app/embed/did:plc:abc123/app.bsky.feed.post/3mvy53yvvvr2r"></iframe>'),
    ("mastodon", "mastodon.example/109598702184774628", '<iframe class="mastodon-embed" src="https://mastodon.example/@sara/109598702184774628/embed"></iframe>'),
    ("mastodon", "social.example/109598702184774628", '<blockquote class="mastodon-embed" data-embed-url="https://social.example/@sara/109598702184774628/embed"></blockquote>'),
    ("truthsocial", "116431297579272777", '<iframe class="truthsocial-embed" src="https://truthsocial.com/@sara/116431297579272777/embed"></iframe>'),
    ("truthsocial", "116431297579272777", '<p>&lt;iframe src="https://truthsocial.com/@sara/116431297579272777/embed" class="truthsocial-embed"&gt;&lt;/iframe&gt;</p>'),
    ("linkedin", "urn:li:share:7123456789012345678", '<iframe src="https://www.linkedin.com/embed/feed/update/urn:li:share:7123456789012345678"></iframe>'),
    ("reddit", "t3_1abcde", '<blockquote class="reddit-embed-bq"><a href="https://www.reddit.com/r/valley/comments/1abcde/road/">Road</a> by <a href="https://www.reddit.com/user/sara/">u/sara</a></blockquote>'),
    ("reddit", "t3_1abcde", '<iframe src="https://embed.reddit.com/r/valley/comments/1abcde/road/?embed=true"></iframe>'),
    ("reddit", "t3_1abcde", '<amp-reddit data-src="https://www.reddit.com/r/valley/comments/1abcde/road/"></amp-reddit>'),
    ("x", X, f'<iframe class="embedly-embed" src="https://cdn.embedly.com/widgets/media.html?url=https%3A%2F%2Ftwitter.com%2Fsara%2Fstatus%2F{X}&amp;key=k"></iframe>'),
    ("x", X, f'<div data-iframely-url="https://cdn.iframe.ly/api/iframe?url=https%3A%2F%2Ftwitter.com%2Fsara%2Fstatus%2F{X}"></div>'),
    ("x", X, f'<iframe src="/media/oembed?url=https%3A//twitter.com/sara/status/{X}&amp;max_width=0"></iframe>'),
    ("x", X, f'<amp-embedly-card data-url="https://twitter.com/sara/status/{X}"></amp-embedly-card>'),
    ("x", X, f'<amp-iframe src="https://platform.twitter.com/embed/Tweet.html?id={X}"></amp-iframe>'),
    # 3.2: one generic pass
    ("youtube", "9nPlMXUhcm8", '<iframe data-src="https://www.youtube.com/embed/9nPlMXUhcm8" src="about:blank"></iframe>'),
    ("youtube", "9nPlMXUhcm8", '<iframe data-cookieblock-src="https://www.youtube.com/embed/9nPlMXUhcm8"></iframe>'),
    ("youtube", "9nPlMXUhcm8", '<iframe data-src-cmplz="https://www.youtube.com/embed/9nPlMXUhcm8"></iframe>'),
    ("youtube", "9nPlMXUhcm8", '<div src-consent="https://www.youtube.com/embed/9nPlMXUhcm8"></div>'),
    ("x", X, f"<div data-attrs='{{\"url\":\"https:\\/\\/twitter.com\\/sara\\/status\\/{X}\",\"full_text\":\"open\"}}'></div>"),
    ("x", X, f'<div data-embed-code="{TWEET.replace("&", "&amp;").replace(chr(34), "&quot;").replace("<", "&lt;")}"></div>'),
    ("x", X, f"<noscript>{TWEET}</noscript>"),
    ("x", X, f"<template>{TWEET}</template>"),
    ("x", X, f"<div class='consent-placeholder'><!-- {TWEET} --></div>"),
    ("x", X, f'<iframe srcdoc="&lt;blockquote class=&quot;twitter-tweet&quot;&gt;&lt;a href=&quot;https://twitter.com/s/status/{X}&quot;&gt;x&lt;/a&gt;&lt;/blockquote&gt;"></iframe>'),
    ("x", X, f"<p>https://x.com/sarahaidari/status/{X}</p>"),
    ("x", X, f'<p><a href="https://x.com/sarahaidari/status/{X}">https://x.com/sarahaidari/status/{X}</a></p>'),
]  # fmt: skip


@pytest.mark.parametrize(("platform", "native_id", "inner"), MARKUPS)
def test_every_markup_of_an_embed_gives_its_post_behind_its_paragraph(
    platform: str, native_id: str, inner: str
) -> None:
    found = cited(inner)
    assert [(c.kind, c.platform, c.native_id) for c in found] == [("embed", platform, native_id)]
    assert found[0].position is not None
    assert (found[0].position.paragraph, found[0].position.start) == (1, len(FIRST) + 1 + len(SECOND))
    assert found[0].context == SECOND


def test_an_unhydrated_blockquote_gives_text_author_and_the_last_permalink() -> None:
    earlier = TWEET.replace("https://t.co/a1", "https://twitter.com/other/status/1680000000000000000")
    (found,) = cited(earlier)
    assert found.native_id == X
    assert found.embedded_text == "The road is open again. t.co/a1"
    assert found.embedded_author is not None
    assert (found.embedded_author.name, found.embedded_author.username) == ("Sara Haidari", "sarahaidari")
    assert found.username == "sarahaidari"
    assert found.evidence.markup == "blockquote:twitter-tweet"


def test_a_blockquote_without_permalink_is_a_citation_without_id() -> None:
    (found,) = cited(
        '<blockquote class="twitter-tweet"><p>No calls yet.</p><p>— Valley Desk (@valleydesk)</p></blockquote>'
    )
    assert (found.kind, found.native_id, found.username, found.embedded_text) == (
        "embed",
        None,
        "valleydesk",
        "No calls yet.",
    )


def test_an_embed_whose_markup_was_lost_is_known_by_its_signature() -> None:
    (found,) = cited("<p>The bridge is gone. — Sara Haidari (@sarahaidari) May 13, 2024</p>")
    assert (found.kind, found.username, found.evidence.markup) == ("embed", "sarahaidari", "prose:signature")


def test_a_short_broker_id_hides_its_target_and_is_recorded_as_unknown() -> None:
    (found,) = cited('<iframe src="https://cdn.iframe.ly/aB3dE5f"></iframe>')
    assert (found.kind, found.platform, found.native_id) == ("embed", "unknown", None)


def test_a_link_in_a_paragraph_stands_where_its_words_stand() -> None:
    text = "A driver wrote that the tunnel was dark and that nobody had come for two whole days of rain."
    inner = f"<p>{text.replace('wrote', f'<a href=https://x.com/driver/status/{X}/photo/1>wrote</a>')}</p>"
    (found,) = cited(inner, texts=(FIRST, SECOND, text, LAST))
    assert (found.kind, found.native_id, found.username) == ("link", X, "driver")
    assert found.position is not None and found.position.start is not None
    body = f"{FIRST}\n{SECOND}\n{text}"
    assert body[found.position.start :].startswith("wrote that the tunnel")


def test_a_post_that_only_the_articles_own_state_holds_is_found_and_other_stories_are_not() -> None:
    other = (
        "Another story of the same site, long enough to be a paragraph of prose, with quite other words in it for once."
    )
    state = {
        "article": {
            "body": [{"html": f"<p>{FIRST}</p>"}, {"html": f"<p>{SECOND}</p>"}, {"type": "embed", "html": TWEET}]
        },
        "next": [{"content": f"<p>{other}</p><p>{other}</p>{TWEET.replace(X, '1790000000000000111')}"}],
    }
    (found,) = cited("<script>window.__STATE__ = " + json.dumps(state).replace("</", "<\\/") + ";</script>")
    assert (found.kind, found.native_id) == ("embed", X)
    assert found.evidence.markup.startswith("script-json")
    assert found.evidence.attribute == "article.body.2.html"


def test_linked_data_that_reviews_a_claim_names_the_post() -> None:
    claim = (
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"ClaimReview","author":{"sameAs":'
        '"https://x.com/desk/status/1790000000000000222"},"itemReviewed":{"@type":"Claim","url":"https://x.com/liar/status/'
        f'{X}"}}}}</script>'
    )
    assert [c.native_id for c in cited(claim)] == [X]


def test_one_post_seen_twice_is_one_citation_with_both_places() -> None:
    link = f"<p>{LAST.replace('report', f'<a href=https://twitter.com/s/status/{X}>report</a>')}</p>"
    found = cited(TWEET + link)
    assert [(c.kind, c.native_id) for c in found] == [("embed", X)]
    assert [occurrence.kind for occurrence in found[0].occurrences] == ["embed", "link"]


def test_pictures_of_posts_are_citations_without_id() -> None:
    (found,) = cited('<figure><img src="/a.png" alt="Screenshot of a tweet by @sara_h about the road"></figure>')
    assert (found.kind, found.platform, found.native_id, found.username) == ("image", "x", None, "sara_h")
    (plain,) = cited(
        '<figure><img src="/a.png"><figcaption>The governor\'s tweet of Monday, now deleted</figcaption></figure>'
    )
    assert (plain.kind, plain.platform, plain.evidence.attribute) == ("image", "x", "figcaption")
    (nameless,) = cited('<img src="/a.png" alt="Post by @sara_h about the road">')
    assert (nameless.platform, nameless.username) == ("unknown", "sara_h")
    assert cited('<figure><img src="/a.png" alt="The governor posts a letter"></figure>') == []
    assert (
        cited(
            '<img src="/t.svg" alt="Tweet this article"><img src="/t.svg" alt="Tweet"><img src="/s.png" alt="Screenshot of the game">'
        )
        == []
    )


REJECTED = [
    '<p><a href="https://twitter.com/intent/tweet?url=https://twitter.com/a/status/1">Tweet</a></p>',
    '<p><a href="https://www.facebook.com/sharer.php?u=https://news.example/crossing">Share</a></p>',
    '<p><a href="https://www.linkedin.com/shareArticle?mini=true&url=https://news.example/">Share</a></p>',
    '<p><a href="https://t.me/share/url?url=https://news.example/">Share</a></p>',
    '<p><a href="https://www.reddit.com/submit?url=https://news.example/">Share</a></p>',
    '<p>Follow us <a href="https://x.com/newsexample">on X</a> and <a href="https://t.me/newsexample">Telegram</a></p>',
    '<a class="twitter-timeline" href="https://twitter.com/newsexample">Posts by newsexample</a>',
    '<p><a href="https://twitter.com/hashtag/road">#road</a> <a href="https://x.com/search?q=status/20">search</a></p>',
    f'<p><a href="https://twitter.com/newsexample/status/{X}">Retweet this article!</a></p>',
    '<p><a href="https://www.facebook.com/newsexample/posts/10155012345">Partager sur Facebook</a></p>',
    f'<div class="related-stories"><h3>Related</h3><a href="https://x.com/a/status/{X}">A post</a></div>',
    f'<ul class="twitter-feed"><li>{TWEET}</li></ul>',
    f'<section id="comments"><div class="comment">{TWEET}</div></section>',
    f'<div class="testimonials">{TWEET}</div>',
    '<iframe src="https://www.youtube.com/embed/videoseries?list=PL1"></iframe>',
    '<iframe src="https://www.facebook.com/plugins/page.php?href=https%3A%2F%2Fwww.facebook.com%2Fnewsexample"></iframe>',
]  # fmt: skip


@pytest.mark.parametrize("inner", REJECTED)
def test_what_is_no_citation_gives_none(inner: str) -> None:
    assert cited(inner) == []


def test_posts_in_header_footer_and_sidebar_are_chrome() -> None:
    link = f'<a href="https://x.com/newsexample/status/{X}">Our post</a>'
    assert (
        cited(
            "", head=f"<header>{link}</header><aside class='sidebar'>{TWEET}</aside>", foot=f"<footer>{link}</footer>"
        )
        == []
    )


def test_three_columns_of_posts_are_a_wall_and_no_citation() -> None:
    column = f'<div class="col-sm-4">{TWEET}</div>'
    assert cited(f'<div class="row">{column * 3}</div>') == []


def test_a_footer_of_a_block_quotation_is_no_page_footer() -> None:
    inner = f'<blockquote><p>Open.</p><footer>Sara <cite><a href="https://x.com/sara/status/{X}">on X</a></cite></footer></blockquote>'
    assert [c.native_id for c in cited(inner)] == [X]


def test_a_container_named_after_its_sidebar_is_not_one() -> None:
    assert [c.native_id for c in cited(f'<div class="has-related">{TWEET}</div>')] in ([X], [])
    grid = f'<div class="sidebar-grid__content">{TWEET}</div>'
    assert [c.native_id for c in cited(grid)] == [X]


# -- in a row


def tweets(count: int, wrap: str = "{}") -> tuple[str, list[str]]:
    """(embeds without paragraphs between them, their ids); every text differs."""
    ids = [str(int(X) + number) for number in range(count)]
    texts = [
        f"Berth {n} of pier {n * 7} was closed at {n * 3} minutes past the hour, say those who waited there."
        for n in range(count)
    ]
    found = [
        wrap.format(TWEET.replace(X, number).replace("The road is open again.", text))
        for number, text in zip(ids, texts, strict=True)
    ]
    return "".join(found), ids


@pytest.mark.parametrize(
    "wrap", ["{}", "<div>{}</div>", "<div><h3>Around noon</h3>{}</div>", '<figure class="wp-block-embed">{}</figure>']
)
@pytest.mark.parametrize("where", ["between", "behind", "above", "behind one paragraph"])
def test_embeds_in_a_row_are_all_the_articles(wrap: str, where: str) -> None:
    embeds, ids = tweets(29, wrap)
    texts = (FIRST,) if "one" in where else (FIRST, SECOND, LAST)
    prose = [f"<p>{text}</p>" for text in texts]
    prose.insert({"between": 1, "above": 0}.get(where, len(prose)), embeds)
    html = f"<html><body><div id=page><h1>Crossing closed</h1><div>{''.join(prose)}</div></div></body></html>"
    page = parse_page(capture_of(html.encode(), "https://news.example/crossing"))
    assert [c.native_id for c in find_citations(page, *paragraphs_of(*texts), "en")] == ids


def test_a_row_of_embeds_ends_where_other_words_begin() -> None:
    embeds, ids = tweets(4)
    words = " ".join(f"Something else was said about pier {number}." for number in range(12))
    foot = f"<div>{words}{TWEET.replace(X, '1790000000000009999')}</div>"
    html = f"<html><body><div><p>{FIRST}</p><p>{SECOND}</p><p>{LAST}</p>{embeds}</div>{foot}</body></html>"
    page = parse_page(capture_of(html.encode(), "https://news.example/crossing"))
    assert [c.native_id for c in find_citations(page, *paragraphs_of(FIRST, SECOND, LAST), "en")] == ids
