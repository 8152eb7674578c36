"""Bluesky: byte facets, what stands in place of a post, authors who hide from logged-out viewers, oEmbed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.platforms import bluesky
from archiver.platforms.bluesky import draft_of, expanded, spans
from archiver.platforms.build import NOT_PUBLIC
from archiver.platforms.chain import Embedded, build_post, steps_of
from archiver.platforms.media import media_steps
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer
from archiver.reasons import PostOutcome
from tests.unit.platforms.kit import NOW, ask, methods, options, outcomes, post_on, ref_to, run, single

DID, RKEY = "did:plc:abcdefghijklmnopqrstuvwx", "3mvy53yvvvr2r"
ID = f"{DID}/{RKEY}"
URL = f"https://bsky.app/profile/{DID}/post/{RKEY}"


def bluesky_post(native_id: str = ID, **given: Any) -> FakePost:
    return post_on("bluesky", native_id, **{"username": "ferry.example.org", "user_id": DID, **given})


def test_facets_count_utf8_bytes() -> None:
    raw = "پیام 🎉 link"
    facet = {"index": {"byteStart": 14, "byteEnd": 18}, "features": [{"uri": "https://example.org/link"}]}
    ((start, end, _),) = spans(raw, [facet])
    assert (start, end, raw[start:end]) == (7, 11, "link")
    assert expanded(raw, [facet]) == "پیام 🎉 https://example.org/link"


@pytest.mark.parametrize(("first", "last"), [(15, 10), (0, 9999), (1, 3), (-1, 4), (None, 4), ("0", "x")])
def test_facets_that_do_not_fall_on_characters_are_left_out(first: object, last: object) -> None:
    facet = {"index": {"byteStart": first, "byteEnd": last}, "features": [{"uri": "https://example.org/"}]}
    assert expanded("پیام", [facet]) == "پیام"


def test_a_visible_post_is_read_whole(fake: FakePlatforms) -> None:
    text = "پیام 🎉 {link:https://example.org/a/very/long/path/to/the/paper} #کشتی"
    fake.put(bluesky_post(text=text, language="fa", media=("boat",)))
    post = single(ref_to(URL), options(fake), "api").post
    assert post is not None
    assert post.text == "پیام 🎉 https://example.org/a/very/long/path/to/the/paper #کشتی"
    assert post.text_raw is not None and "example.org/a/very/long/..." not in post.text
    assert [(tag.type, tag.name) for tag in post.tags] == [("link", "example.org/a/very/long/..."), ("hashtag", "کشتی")]
    assert (post.native_id, post.author.id, post.author.username) == (ID, DID, "ferry.example.org")
    assert post.media[0].url == f"{fake.base}/media/boat.png"
    assert post.published == datetime(2025, 11, 6, 17, 40, tzinfo=UTC)
    assert post.entities_raw is not None and "indexedAt" in post.entities_raw
    assert (post.metrics.likes, post.metrics.quotes) == (12, 1)


def test_a_link_by_user_name_ends_at_the_did(fake: FakePlatforms) -> None:
    fake.put(bluesky_post())
    ref = ref_to(f"https://bsky.app/profile/ferry.example.org/post/{RKEY}")
    attempts, readings, _ = run(ref, options(fake))
    post = build_post(ref, attempts, readings, fetch_time=NOW)
    assert (post.native_id, post.id, post.author.username) == (ID, URL, "ferry.example.org")


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("deleted", PostOutcome.NOT_FOUND),
        ("not-found-union", PostOutcome.NOT_FOUND),
        ("blocked", PostOutcome.UNAVAILABLE),
        ("takedown", PostOutcome.SUSPENDED),
        ("account-gone", PostOutcome.ACCOUNT_GONE),
        ("label", PostOutcome.LOGIN_WALL),
        ("throttled", PostOutcome.THROTTLED),
        ("forbidden", PostOutcome.BLOCKED),
        ("drift", PostOutcome.SCHEMA_DRIFT),
        ("deep", PostOutcome.SCHEMA_DRIFT),
        ("not-json", PostOutcome.SCHEMA_DRIFT),
        ("broken", PostOutcome.NETWORK),
    ],
)
def test_what_the_api_says(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(bluesky_post(state=state))
    assert single(ref_to(URL), options(fake), "api").outcome is outcome


def test_authors_who_hide_from_logged_out_viewers_are_not_quoted(fake: FakePlatforms) -> None:
    fake.put(bluesky_post(state="label"))
    attempts, readings, done = run(ref_to(URL), options(fake))
    post = build_post(ref_to(URL), attempts, readings, embedded=Embedded(text="secret"), fetch_time=NOW)
    assert (outcomes(attempts), done.why) == (["login_wall"], "unwanted"), (
        "nobody else is asked behind the author's back"
    )
    assert (post.status, post.text, post.author.name) == ("login_wall", None, None)
    assert post.warnings == [NOT_PUBLIC]


def test_a_quoted_post_that_is_gone_is_named_and_not_made_up(fake: FakePlatforms) -> None:
    fake.put(bluesky_post(quotes=f"{DID}/3mvy53yvvvr2a", state="quote-gone", media=("boat",)))
    post = single(ref_to(URL), options(fake), "api").post
    assert post is not None
    assert post.quoted == f"{DID}/3mvy53yvvvr2a"
    assert post.related == ()
    assert post.warnings == ("the quoted post is gone",)
    assert len(post.media) == 1, "a record with media keeps the media"


def test_a_quoted_post_comes_along(fake: FakePlatforms) -> None:
    fake.put(bluesky_post(f"{DID}/3mvy53yvvvr2a", text="First."))
    fake.put(bluesky_post(quotes=f"{DID}/3mvy53yvvvr2a", replies_to=f"{DID}/3mvy53yvvvr2a"))
    post = single(ref_to(URL), options(fake), "api").post
    assert post is not None
    assert [(other.native_id, other.text) for other in post.related] == [(f"{DID}/3mvy53yvvvr2a", "First.")]
    assert post.in_reply_to == post.conversation == f"{DID}/3mvy53yvvvr2a"


def test_the_quoted_words_of_a_hidden_author_do_not_come_along() -> None:
    labels = [{"val": "!no-unauthenticated"}]
    inner = {
        "uri": f"at://{DID}/app.bsky.feed.post/a",
        "author": {"did": DID, "labels": labels},
        "value": {"text": "secret"},
    }
    view = {
        "uri": f"at://{DID}/app.bsky.feed.post/b",
        "author": {"did": DID},
        "record": {"text": "x"},
        "embed": {"record": inner},
    }
    post = draft_of(view)
    assert post is not None and post.quoted == f"{DID}/a" and post.related == ()


def test_oembed_is_asked_when_the_api_is_not_there(fake: FakePlatforms) -> None:
    fake.put(bluesky_post(states={"bluesky.api": "server-error"}))
    attempts, readings, _ = run(ref_to(URL), options(fake))
    assert methods(attempts) == ["api", "oembed"]
    post = build_post(ref_to(URL), attempts, readings, fetch_time=NOW)
    assert (post.status, post.text, post.text_basis) == ("captured_partial", "The night boat left on time.", "oembed")


def test_oembed_tells_too_that_an_author_hides_from_logged_out_viewers(fake: FakePlatforms) -> None:
    fake.put(bluesky_post(states={"bluesky.api": "throttled", "bluesky.oembed": "label"}))
    attempts, readings, done = run(ref_to(URL), options(fake))
    post = build_post(ref_to(URL), attempts, readings, embedded=Embedded(text="secret"), fetch_time=NOW)
    assert (outcomes(attempts), done.why) == (["throttled", "login_wall"], "unwanted")
    assert (post.text, post.warnings) == (None, [NOT_PUBLIC])


def test_a_challenge_before_oembed_is_nobodys_wish(fake: FakePlatforms) -> None:
    fake.put(bluesky_post(states={"bluesky.api": "throttled", "bluesky.oembed": "challenge"}))
    attempts, readings, _ = run(ref_to(URL), options(fake))
    assert outcomes(attempts) == ["throttled", "blocked"] and not any(reading.restricted for reading in readings)


def test_a_film_is_asked_for_as_the_author_gave_it(fake: FakePlatforms) -> None:
    fake.put(bluesky_post(video="bafkreifilm"))
    reading = single(ref_to(URL), options(fake), "api")
    assert reading.post is not None
    (film,) = reading.post.media
    base = fake.bases["bluesky.api"]
    blob = f"{base}/xrpc/com.atproto.sync.getBlob?did=did%3Aplc%3Aabcdefghijklmnopqrstuvwx&cid=bafkreifilm"
    assert (film.type, film.url, film.width, film.height) == ("video", blob, 1280, 720)
    (step,) = media_steps(reading, options(fake))
    assert ask(step).content_type == "video/mp4"


def test_films_of_the_public_api_are_asked_of_the_server_of_blobs() -> None:
    step = steps_of(ref_to(URL), PlatformOptions())[0]
    view = {
        "uri": f"at://{DID}/app.bsky.feed.post/{RKEY}",
        "author": {"did": DID},
        "record": {"text": "x"},
        "embed": {"cid": "bafkreifilm", "playlist": "https://video.bsky.app/watch/d/c/playlist.m3u8"},
    }
    body = json.dumps({"thread": {"post": view}}).encode()
    reading = bluesky.read(step, Answer(200, body=body), ref_to(URL))
    (medium,) = media_steps(reading, PlatformOptions())
    assert medium.url.startswith("https://bsky.social/xrpc/com.atproto.sync.getBlob?did=did%3Aplc")
    assert not medium.federated, "it leads on to the server that keeps the author's blobs"


def test_the_post_above_comes_along(fake: FakePlatforms) -> None:
    fake.put(bluesky_post(f"{DID}/3mvy53yvvvr2a", text="Does it sail?"))
    fake.put(bluesky_post(replies_to=f"{DID}/3mvy53yvvvr2a"))
    post = single(ref_to(URL), options(fake), "api").post
    assert post is not None and [other.text for other in post.related] == ["Does it sail?"]
    fake.put(bluesky_post(f"{DID}/3mvy53yvvvr2a", text="secret", state="label"))
    post = single(ref_to(URL), options(fake), "api").post
    assert post is not None and post.related == (), "an author who hides is not quoted under an answer either"


def test_two_answers_that_know_no_such_post_end_the_chain(fake: FakePlatforms) -> None:
    attempts, readings, done = run(ref_to(URL), options(fake))
    assert outcomes(attempts) == ["not_found", "not_found"] and done.why == "gone"
    assert build_post(ref_to(URL), attempts, readings, fetch_time=NOW).status == "not_found"
    assert build_post(ref_to(URL), attempts, readings, fetch_time=NOW, known_to_exist=True).status == "deleted"


def test_posts_marked_as_graphic_are_sensitive(fake: FakePlatforms) -> None:
    fake.put(bluesky_post(sensitive=True))
    post = single(ref_to(URL), options(fake), "api").post
    assert post is not None and post.sensitive is True
