"""Telegram: a missing message answers 200, a channel without preview redirects, an album is several ids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.platforms.chain import build_post
from archiver.reasons import PostOutcome
from tests.unit.platforms.kit import NOW, methods, options, outcomes, post_on, ref_to, run, single

URL = "https://t.me/FerryWatch/120"


def message(number: int = 120, **given: Any) -> FakePost:
    return post_on("telegram", f"ferrywatch/{number}", **{"username": "FerryWatch", **given})


def test_a_message_is_read_whole(fake: FakePlatforms) -> None:
    fake.put(message(119, text="What about the boat?"))
    fake.put(
        message(
            text="It left.\nSee {link:https://example.org/boats} #ferry",
            media=("boat",),
            video="wake",
            replies_to="ferrywatch/119",
            likes=1240,
        )
    )
    attempts, readings, _ = run(ref_to(URL), options(fake))
    post = build_post(ref_to(URL), attempts, readings, fetch_time=NOW)
    assert methods(attempts) == ["embed"]
    assert post.text == "It left.\nSee https://example.org/boats #ferry", (
        "the text of the reply block is not the message's"
    )
    assert (post.id, post.native_id, post.author.username) == (
        "https://t.me/ferrywatch/120",
        "ferrywatch/120",
        "FerryWatch",
    )
    assert post.published == datetime(2025, 11, 6, 17, 40, tzinfo=UTC)
    assert [(medium.type, medium.url.rpartition("/")[2]) for medium in post.media] == [
        ("image", "boat.png"),
        ("video", "wake.mp4"),
    ]
    assert post.in_reply_to == "ferrywatch/119"
    assert post.metrics.views == 1200 and "views are rounded by the network" in post.warnings


def test_a_missing_message_answers_200_with_words(fake: FakePlatforms) -> None:
    fake.put(message(1))
    attempts, readings, _ = run(ref_to(URL), options(fake))
    assert next((a.http_status, a.outcome, a.reason_text) for a in attempts) == (200, "not_found", "Post not found")
    assert build_post(ref_to(URL), attempts, readings, fetch_time=NOW).status == "not_found"


def test_a_channel_without_preview_redirects_and_says_nothing_about_the_message(fake: FakePlatforms) -> None:
    fake.put(message(state="no-preview", states={}))
    fake.set_state("telegram", "ferrywatch/120", "no-preview")
    assert single(ref_to(URL), options(fake), "preview").outcome is PostOutcome.LOGIN_WALL


def test_the_preview_helps_when_the_widget_is_down(fake: FakePlatforms) -> None:
    fake.put(message(119, text="Earlier."))
    fake.put(message())
    assert single(ref_to(URL), options(fake), "preview").outcome is PostOutcome.OK


def test_a_preview_that_goes_on_without_the_message_says_not_found(fake: FakePlatforms) -> None:
    fake.put(message(119, text="Earlier."))
    assert single(ref_to(URL), options(fake), "preview").outcome is PostOutcome.NOT_FOUND


def test_a_picture_inside_an_album_is_found_under_its_own_id(fake: FakePlatforms) -> None:
    fake.put(message(118, media=("one", "two", "three"), state="album", text="Three boats."))
    reading = single(ref_to(URL), options(fake), "embed")
    assert (reading.outcome, reading.reason_text) == (PostOutcome.PARTIAL, "part of the album ferrywatch/118")
    assert reading.post is not None and (reading.post.native_id, len(reading.post.media)) == ("ferrywatch/120", 3)


def test_a_medium_that_the_web_does_not_show_is_partial(fake: FakePlatforms) -> None:
    fake.put(message(text="", state="unsupported"))
    assert single(ref_to(URL), options(fake), "embed").outcome is PostOutcome.PARTIAL


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("throttled", PostOutcome.THROTTLED),
        ("server-error", PostOutcome.NETWORK),
        ("drift", PostOutcome.SCHEMA_DRIFT),
        ("empty-body", PostOutcome.SCHEMA_DRIFT),
        ("broken", PostOutcome.NETWORK),
        ("slow", PostOutcome.OK),
    ],
)
def test_what_the_widget_says(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(message(state=state))
    assert single(ref_to(URL), options(fake), "embed").outcome is outcome


def test_right_to_left_text_is_kept_as_sent(fake: FakePlatforms) -> None:
    text = "د سوداګرو ټولنه: «انار خرابېږي» 😀"
    fake.put(message(text=text))
    reading = single(ref_to(URL), options(fake), "embed")
    assert reading.post is not None and reading.post.text == text


def test_a_channel_that_nobody_knows_is_not_found(fake: FakePlatforms) -> None:
    attempts, _, _ = run(ref_to(URL), options(fake))
    assert outcomes(attempts)[0] == "not_found"
