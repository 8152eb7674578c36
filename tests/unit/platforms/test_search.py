"""Posts without a link: the searches in order, their windows, and what each way of asking gives."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.demo.platforms.posts import x_id
from archiver.models.resolution import Window
from archiver.platforms.chain import build_post
from archiver.platforms.options import PlatformOptions
from archiver.platforms.search import PAGES_MAX, read_text, text_steps
from archiver.platforms.steps import Answer, Listing, Step
from archiver.platforms.x import match
from archiver.platforms.x.search import phrase, rare
from archiver.reasons import NotAttempted, PostOutcome
from tests.unit.platforms.kit import NOW, ask, options, post_on, run

DAY = datetime(2025, 10, 29, tzinfo=UTC)
WINDOW = Window(start=DAY - timedelta(days=3), end=DAY + timedelta(days=1))
QUOTE = "For the first time, Pakistan acknowledged that it cannot break its agreement with the US"


def x_at(moment: datetime, text: str, **given: Any) -> FakePost:
    return post_on(
        "x", x_id(moment), published=moment, text=text, **{"username": "TOLOnews", "name": "TOLOnews", **given}
    )


def listing(
    fake: FakePlatforms, method: str, platform: str = "x", username: str = "TOLOnews", **chosen: Any
) -> Listing:
    steps = text_steps(platform, username, QUOTE, WINDOW, options(fake, **chosen))
    step = next(step for step in steps if step.method == method)
    return read_text(platform, step, ask(step), username, WINDOW)


def test_the_keyless_searches_come_in_order_and_the_others_say_why_not() -> None:
    steps = text_steps("x", "@TOLOnews", QUOTE, WINDOW, PlatformOptions())
    assert [(step.method, step.refused) for step in steps] == [
        ("timeline", None),
        ("wayback-index", None),
        ("wayback-index", None),
        ("bing", None),
        ("api-search", NotAttempted.NO_CREDENTIALS),
        ("api-search", NotAttempted.NO_CREDENTIALS),
        ("fxtwitter-search", NotAttempted.THIRD_PARTY_OFF),
    ]


def test_the_phrase_and_the_rare_words_are_what_a_reworded_quote_keeps() -> None:
    assert phrase("The […] road is open today") == "road is open today"
    assert rare(QUOTE) == ["Pakistan", "acknowledged", "agreement"]
    assert rare("راه باز است") == ["راه", "باز", "است"]


def test_paid_searches_have_a_window_and_a_price() -> None:
    chosen = PlatformOptions.from_environment({"POSTS_X_BEARER": "t"}, x_bearer_use="first")
    first, second = text_steps("x", "TOLOnews", QUOTE, WINDOW, chosen)[:2]
    assert "start_time=2025-10-26T00%3A00%3A00Z&end_time=2025-10-30T00%3A00%3A00Z" in first.url
    assert "from%3ATOLOnews+%28%22For+the+first+time" in first.url and "OR" not in second.url
    assert first.cost_usd == second.cost_usd == pytest.approx(0.05)


@pytest.fixture
def story(fake: FakePlatforms) -> FakePlatforms:
    """Three posts of one author, one of them outside the window, and one of somebody else."""
    fake.put(x_at(DAY - timedelta(hours=10), "Pakistan acknowledged an agreement with the US.", copies=True))
    fake.put(x_at(DAY - timedelta(hours=20), "The talks go on.", likes=900))
    fake.put(x_at(DAY - timedelta(days=9), "Pakistan acknowledged an agreement, weeks ago.", copies=True))
    fake.put(x_at(DAY, "Pakistan acknowledged an agreement.", username="other"))
    return fake


def texts(found: Listing) -> list[str | None]:
    return [post.text for post in found.posts]


def test_the_embed_timeline_gives_the_authors_posts_inside_the_window(story: FakePlatforms) -> None:
    found = listing(story, "timeline")
    assert found.outcome is PostOutcome.OK
    assert texts(found) == ["The talks go on.", "Pakistan acknowledged an agreement with the US."], "not newest first"
    assert found.posts[0].published == DAY - timedelta(hours=20)


def test_a_throttled_timeline_is_normal(story: FakePlatforms) -> None:
    story.net.timelines["tolonews"] = "throttled"
    assert listing(story, "timeline").outcome is PostOutcome.THROTTLED


def test_the_wayback_index_gives_ids_inside_the_window(story: FakePlatforms) -> None:
    found = listing(story, "wayback-index")
    assert [post.native_id for post in found.posts] == [x_id(DAY - timedelta(hours=10))]
    assert texts(found) == [None]


def test_bing_gives_ids(story: FakePlatforms) -> None:
    found = listing(story, "bing")
    assert [post.native_id for post in found.posts] == [x_id(DAY - timedelta(hours=10))]


def test_the_paid_search_gives_whole_posts(story: FakePlatforms) -> None:
    found = listing(story, "api-search", bearer="demo-bearer")
    assert texts(found) == ["Pakistan acknowledged an agreement with the US."]
    assert found.posts[0].text_complete


def test_a_token_that_may_not_search_everything_searches_the_last_days(story: FakePlatforms) -> None:
    story.net.timelines["api-search"] = "recent-only"
    chosen = options(story, bearer="demo-bearer")
    step = next(step for step in text_steps("x", "TOLOnews", QUOTE, WINDOW, chosen) if step.method == "api-search")
    today = (("Date", "Thu, 30 Oct 2025 12:00:00 GMT"),)
    refused = replace(ask(step), headers=today)
    (lead,) = read_text("x", step, refused, "TOLOnews", WINDOW).leads
    assert lead.url == step.url.replace("/search/all?", "/search/recent?")
    found = read_text("x", lead, ask(lead), "TOLOnews", WINDOW)
    assert texts(found) == ["Pakistan acknowledged an agreement with the US."]
    late = replace(refused, headers=(("Date", "Thu, 06 Nov 2025 12:00:00 GMT"),))
    assert read_text("x", step, late, "TOLOnews", WINDOW).leads == (), "it knows seven days"


def test_a_third_partys_search_turns_three_pages(fake: FakePlatforms) -> None:
    for hour in range(12):
        fake.put(x_at(DAY - timedelta(hours=hour), f"Pakistan acknowledged an agreement, for the {hour}th time."))
    chosen = options(fake, third_party="discovery-only")
    (step,) = [s for s in text_steps("x", "TOLOnews", QUOTE, WINDOW, chosen) if s.method == "fxtwitter-search"]
    found, waiting = [], [step]
    while waiting:
        asked = waiting.pop(0)
        page = read_text("x", asked, ask(asked), "TOLOnews", WINDOW)
        found += page.posts
        waiting += page.leads
    assert [post.native_id for post in found] == [x_id(DAY - timedelta(hours=hour)) for hour in range(9)]


def test_a_paid_search_without_a_find_is_an_answer(fake: FakePlatforms) -> None:
    found = listing(fake, "api-search", bearer="demo-bearer")
    assert (found.outcome, found.posts) == (PostOutcome.OK, ())


def test_a_third_party_may_find_and_the_post_comes_from_x(story: FakePlatforms) -> None:
    found = listing(story, "fxtwitter-search", third_party="discovery-only")
    assert texts(found) == [None], "its words are not X's, and no verdict may rest on them"
    assert found.posts[0].native_id == x_id(DAY - timedelta(hours=10))
    ref = match(found.posts[0].url)
    assert ref is not None
    attempts, readings, _ = run(ref, options(story, third_party="discovery-only"))
    assert build_post(ref, attempts, readings, fetch_time=NOW).obtained_via == "syndication"


@pytest.mark.parametrize(
    "body", [b"", b"<html>captcha</html>", b"<rss", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"\xff\xfe"]
)
@pytest.mark.parametrize("method", ["timeline", "wayback-index", "bing", "api-search", "fxtwitter-search"])
def test_an_answer_that_is_no_listing_is_no_crash(body: bytes, method: str) -> None:
    step = Step(method, "https://example.org/")
    found = read_text("x", step, Answer(200, (("Content-Type", "text/html"),), body, step.url), "a", WINDOW)
    assert found.outcome in (PostOutcome.SCHEMA_DRIFT, PostOutcome.BLOCKED, PostOutcome.OK)
    assert found.posts == ()


def test_blueskys_feed_is_read_back_to_the_window(fake: FakePlatforms) -> None:
    did = "did:plc:abcdefghijklmnopqrstuvwx"
    for number in range(8):
        fake.put(
            post_on(
                "bluesky",
                f"{did}/3mvy53yvvvr{number + 2}r",
                user_id=did,
                username="a.example",
                text=f"post {number}",
                published=DAY + timedelta(days=4 - number),
            )
        )
    steps, seen = text_steps("bluesky", "a.example", QUOTE, WINDOW, options(fake)), []
    while steps:
        step = steps.pop(0)
        found = read_text("bluesky", step, ask(step), "a.example", WINDOW)
        seen += texts(found)
        steps += found.leads
    assert seen == ["post 3", "post 4", "post 5", "post 6", "post 7"]
    assert len(fake.asked("bluesky.api")) == 3


def test_a_feed_is_never_read_back_without_end() -> None:
    step = Step("author-feed", "https://x.example/xrpc/app.bsky.feed.getAuthorFeed?actor=a", depth=PAGES_MAX)
    item = {"post": {"uri": "at://did:plc:a/app.bsky.feed.post/b", "author": {"did": "did:plc:a"},
                     "record": {"text": "t", "createdAt": "2026-01-01T00:00:00Z"}}}  # fmt: skip
    answer = Answer(200, (), json.dumps({"feed": [item], "cursor": "1"}).encode(), step.url)
    assert read_text("bluesky", step, answer, "a", WINDOW).leads == ()


def test_telegrams_search_stays_inside_one_channel(fake: FakePlatforms) -> None:
    for number, text in ((5, "Pakistan acknowledged an agreement, for the first time."), (6, "The boat left.")):
        fake.put(post_on("telegram", f"tolonews/{number}", username="TOLOnews", text=text, published=DAY))
    found = listing(fake, "search", "telegram")
    assert texts(found) == ["Pakistan acknowledged an agreement, for the first time."]


def test_a_mastodon_account_is_looked_up_and_its_posts_read_from_the_windows_end(fake: FakePlatforms) -> None:
    host = "mastodon.social"
    for number in range(5):
        moment = DAY + timedelta(days=3 - number)
        native = int(moment.timestamp() * 1000) << 16
        fake.put(post_on("mastodon", f"{host}/{native}", host=host, text=f"post {number}", published=moment))
    steps, seen = text_steps("mastodon", f"ferrywatch@{host}", QUOTE, WINDOW, options(fake)), []
    while steps:
        step = steps.pop(0)
        found = read_text("mastodon", step, ask(step), f"ferrywatch@{host}", WINDOW)
        seen += texts(found)
        steps += found.leads
    assert seen == ["post 3", "post 4"], "older than the window's end"


def test_an_unknown_mastodon_host_is_not_searched() -> None:
    (step,) = text_steps("mastodon", "user@unknown.example.net", QUOTE, WINDOW, PlatformOptions())
    assert step.refused is NotAttempted.SWITCHED_OFF
    assert text_steps("mastodon", "user", QUOTE, WINDOW, PlatformOptions()) == []


@pytest.mark.parametrize("platform", ["youtube", "facebook", "linkedin", "nonsense"])
def test_networks_without_a_search_have_no_steps(platform: str) -> None:
    assert text_steps(platform, "user", QUOTE, WINDOW, PlatformOptions()) == []
