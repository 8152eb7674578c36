"""The first look at a page turns away nothing that the passes behind it know: every form of a post's URL, however it is spelt."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from archiver.citations.prescan import folded, may_cite, signs_in
from archiver.needles import PIECE
from tests.unit.platforms.test_post_urls import ACCEPTED

URLS = [row[0] for row in ACCEPTED]


@pytest.mark.parametrize("url", URLS)
def test_every_form_of_a_posts_url_is_let_through(url: str) -> None:
    assert signs_in(folded(f'<p><a href="{url}">the post</a></p>'))


@pytest.mark.parametrize("url", URLS)
def test_every_form_is_let_through_as_json_and_percent_encoded(url: str) -> None:
    assert signs_in(folded(json.dumps({"url": url}).replace("/", "\\/")))
    assert signs_in(folded(f'<div data-url="{quote(url, safe="")}"></div>'))


@pytest.mark.parametrize(
    "markup",
    [
        '<a class="twitter-timeline" href="https://twitter.com/valleynews" data-widget-id="402327438249578497">posts</a>',
        '<a href="https://telegram.me/share/url?url=https%3A%2F%2Fnews.example%2Froad">share</a>',
        '<a href="https://www.threads.net/@valleynews">threads</a>',
        "<style>.body .twitter-tweet, .body .instagram-media { margin: 0 }</style>",
    ],
)
def test_timelines_share_links_profiles_and_styles_are_turned_away(markup: str) -> None:
    assert not signs_in(folded(markup))


def test_a_piece_of_a_page_is_searched_for_the_pages_own_signs() -> None:
    post, video = "https://x.com/desk/status/1986821476447158273", "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    of_post, of_both = (signs_in(folded(text)) for text in (post, f"{post} {video}"))
    assert may_cite(folded(post), of_post) and may_cite(folded(post), of_both) and may_cite(folded(video), of_both)
    assert not may_cite(folded(video), of_post), "no video stands in that page"
    assert not may_cite(folded("no post at all"), of_both)


@pytest.mark.parametrize("before", range(PIECE - 45, PIECE + 5))
def test_a_sign_may_stand_anywhere_in_a_large_page(before: int) -> None:
    page = b" " * before + b"https://x.com/desk/status/1986821476447158273" + b" " * PIECE
    assert signs_in(page)
    assert not signs_in(page.replace(b"/1986", b"/about"))
