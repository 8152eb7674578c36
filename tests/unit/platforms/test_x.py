"""X by id: the token and the widget's answer, also of a post that is gone. The other ways are in `test_x_others`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from archiver.demo.platforms import FakePlatforms
from archiver.platforms import match
from archiver.platforms.base import PostRef
from archiver.platforms.chain import build_post
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer, Reading, Step
from archiver.platforms.x import read, steps, syndication
from archiver.reasons import PostOutcome
from tests.unit.platforms.kit import NOW, ask, methods, options, outcomes, run, x_post

TOKENS = {
    "20": "6dq1a2xwd93",
    "1": "bhi2ay3f28n",
    "440322224407314432": "12fb9qdo78ad",
    "1628832338187636740": "3y54libozsy",
    "1790000000000000000": "4c7g8auqyik",
    "1837201999999999999": "4gbqnfqeopl",
    "1697322795510759929": "444aooo9l2p",
}


def ref_of(native_id: str, username: str | None = "ferry_watch") -> PostRef:
    ref = match(f"https://x.com/{username or 'i'}/status/{native_id}")
    assert ref is not None
    return ref


def reading(fake: FakePlatforms, method: str, native_id: str = "1986488750699450999", **chosen: Any) -> Reading:
    """What one method says about a post, over the wire."""
    ref = ref_of(native_id)
    step = next(step for step in steps(ref, options(fake, **chosen)) if step.method == method)
    return read(step, ask(step), ref)


def widget_answer(value: Any) -> Answer:
    return Answer(
        200, (("Content-Type", "application/json"),), json.dumps(value).encode(), "https://cdn.syndication.twimg.com/"
    )


def minimal(**more: Any) -> dict[str, Any]:
    return {
        "__typename": "Tweet",
        "id_str": "1697322795510759929",
        "text": "hello",
        "user": {"screen_name": "a_b"},
        **more,
    }


REF = ref_of("1697322795510759929", "a_b")


@pytest.mark.parametrize("native_id", TOKENS)
def test_the_token_is_what_a_javascript_engine_prints(native_id: str) -> None:
    assert syndication.token(native_id) == TOKENS[native_id]


def test_the_request_has_one_fixed_parameter_set_and_no_random_pairs() -> None:
    one, two = (syndication.step("20", PlatformOptions()).url for _ in range(2))
    assert one == two
    assert "features=tfw_timeline_list%3A%3B" in one
    assert one.endswith("&id=20&lang=en&token=6dq1a2xwd93")


def test_a_visible_post_is_read_whole(fake: FakePlatforms) -> None:
    fake.put(x_post(text="R&D 🎉 {link:https://example.org/paper?a=1&b=2} #ferry", media=("boat",), likes=7))
    post = reading(fake, "syndication").post
    assert post is not None
    assert post.text == "R&D 🎉 https://example.org/paper?a=1&b=2 #ferry"
    assert post.text_raw is not None and post.text_raw.startswith("R&amp;D 🎉 https://t.co/")
    assert post.published == datetime(2025, 11, 6, 17, 40, tzinfo=UTC)
    assert (post.author.username, post.author.name, post.author.id) == ("ferry_watch", "Ferry Watch", "1000000001")
    assert [(tag.type, tag.name) for tag in post.tags] == [("hashtag", "ferry"), ("link", "example.org/paper?a=1&b=2")]
    assert [medium.url for medium in post.media] == [f"{fake.base}/media/boat.png?name=orig"]
    assert post.metrics.likes == 7
    assert post.metrics.reposts is None, "the widget does not know it"


def test_indices_count_code_points_of_the_escaped_text() -> None:
    text = "R&amp;D 🎉 https://t.co/abc https://t.co/abc"
    entities = {"urls": [{"url": "https://t.co/abc", "expanded_url": "https://example.org/1", "indices": [10, 26]}]}
    post = syndication.read(widget_answer(minimal(text=text, entities=entities)), REF).post
    assert post is not None and post.text == "R&D 🎉 https://example.org/1 https://t.co/abc"


def test_wrong_indices_do_not_move_a_link() -> None:
    entities = {"urls": [{"url": "https://t.co/abc", "expanded_url": "https://example.org/", "indices": [1, 5]}]}
    post = syndication.read(widget_answer(minimal(text="see https://t.co/abc now", entities=entities)), REF).post
    assert post is not None and post.text == "see https://example.org/ now"


@pytest.mark.parametrize("state", ["no-entities", "odd-entities"])
def test_missing_or_odd_entity_groups_are_no_entities(fake: FakePlatforms, state: str) -> None:
    fake.put(x_post(state=state))
    found = reading(fake, "syndication")
    assert found.outcome is PostOutcome.OK
    assert found.post is not None and found.post.tags == ()


def test_only_three_fields_are_required() -> None:
    found = syndication.read(widget_answer(minimal()), REF)
    assert found.outcome is PostOutcome.OK
    assert found.post is not None and found.post.published is None


@pytest.mark.parametrize("missing", ["id_str", "text"])
def test_an_answer_without_a_required_field_is_schema_drift(missing: str) -> None:
    value = minimal()
    del value[missing]
    assert syndication.read(widget_answer(value), REF).outcome is PostOutcome.SCHEMA_DRIFT


def test_another_post_in_the_answer_is_schema_drift(fake: FakePlatforms) -> None:
    fake.put(x_post(state="other-id"))
    assert reading(fake, "syndication").outcome is PostOutcome.SCHEMA_DRIFT


def test_a_note_is_cut_and_the_next_methods_are_asked_for_its_whole_text(fake: FakePlatforms) -> None:
    whole = "The night boat left on time. " * 12 + "And then it came back."
    fake.put(x_post(text=whole[:250], full_text=whole))
    attempts, readings, _ = run(ref_of("1986488750699450999"), options(fake))
    assert list(zip(methods(attempts), outcomes(attempts), strict=True)) == [
        ("syndication", "partial"),
        ("oembed", "partial"),
        ("page", "ok"),
    ]
    post = build_post(ref_of("1986488750699450999"), attempts, readings, fetch_time=NOW)
    assert (post.text, post.text_complete, post.text_basis) == (whole, True, "note")
    assert (post.status, post.obtained_via) == ("captured", "page")
    assert readings[0].post is not None and readings[0].post.text_complete is False


def test_a_cut_note_that_nobody_completes_stays_incomplete(fake: FakePlatforms) -> None:
    fake.put(x_post(full_text="The night boat left on time. It came back.", states={"x.page": "wall"}))
    attempts, readings, _ = run(ref_of("1986488750699450999"), options(fake))
    post = build_post(ref_of("1986488750699450999"), attempts, readings, fetch_time=NOW)
    assert (post.status, post.text_complete, post.text_basis) == ("captured_partial", False, "syndication")


def test_quoted_and_parent_posts_come_along_one_level_deep(fake: FakePlatforms) -> None:
    fake.put(x_post("1986488750699450111", text="First."))
    fake.put(x_post("1986488750699450222", text="Second.", quotes="1986488750699450111"))
    fake.put(x_post(text="Third.", quotes="1986488750699450222", replies_to="1986488750699450111"))
    post = reading(fake, "syndication").post
    assert post is not None
    assert (post.quoted, post.in_reply_to) == ("1986488750699450222", "1986488750699450111")
    assert [(other.native_id, other.text) for other in post.related] == [
        ("1986488750699450222", "Second."),
        ("1986488750699450111", "First."),
    ]


def test_the_best_mp4_is_chosen_and_a_photo_beside_it_is_kept(fake: FakePlatforms) -> None:
    fake.put(x_post(media=("boat",), video="wake"))
    post = reading(fake, "syndication").post
    assert post is not None
    assert [(m.type, m.url.rpartition("/")[2]) for m in post.media] == [
        ("image", "boat.png?name=orig"),
        ("video", "wake-720.mp4"),
    ]


def test_hls_is_taken_only_without_an_mp4() -> None:
    variants = [{"content_type": "application/x-mpegURL", "url": "https://video.example/a.m3u8"}]
    details = [{"type": "video", "video_info": {"variants": variants}}]
    post = syndication.read(widget_answer(minimal(mediaDetails=details)), REF).post
    assert post is not None and post.media[0].url == "https://video.example/a.m3u8"


def test_edits_are_kept_with_their_ids(fake: FakePlatforms) -> None:
    fake.put(x_post(state="edited"))
    post = reading(fake, "syndication").post
    assert post is not None and len(post.edit_ids) == 2
    assert post.updated == datetime(2025, 11, 6, 17, 41, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("deleted", PostOutcome.DELETED),
        ("deleted-404", PostOutcome.NOT_FOUND),
        ("suspended", PostOutcome.SUSPENDED),
        ("account-gone", PostOutcome.ACCOUNT_GONE),
        ("protected", PostOutcome.PROTECTED),
        ("age-gated", PostOutcome.AGE_GATED),
        ("withheld", PostOutcome.WITHHELD),
        ("rules", PostOutcome.UNAVAILABLE),
        ("unavailable", PostOutcome.UNAVAILABLE),
        ("empty-tombstone", PostOutcome.UNAVAILABLE),
        ("empty-object", PostOutcome.UNAVAILABLE),
        ("userless", PostOutcome.UNAVAILABLE),
        ("unknown-type", PostOutcome.SCHEMA_DRIFT),
        ("drift", PostOutcome.SCHEMA_DRIFT),
        ("drift-types", PostOutcome.SCHEMA_DRIFT),
        ("deep", PostOutcome.SCHEMA_DRIFT),
        ("not-json", PostOutcome.SCHEMA_DRIFT),
        ("empty-body", PostOutcome.SCHEMA_DRIFT),
        ("throttled", PostOutcome.THROTTLED),
        ("forbidden", PostOutcome.BLOCKED),
        ("challenge", PostOutcome.BLOCKED),
        ("server-error", PostOutcome.NETWORK),
        ("broken", PostOutcome.NETWORK),
        ("slow", PostOutcome.OK),
        ("not-found", PostOutcome.NOT_FOUND),
    ],
)
def test_what_the_widgets_answer_says(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(x_post(state=state))
    assert reading(fake, "syndication").outcome is outcome


def test_a_429_in_plain_text_keeps_its_retry_after(fake: FakePlatforms) -> None:
    fake.put(x_post(state="throttled"))
    assert reading(fake, "syndication").retry_after == 120


def test_an_id_out_of_range_is_a_bad_request(fake: FakePlatforms) -> None:
    found = reading(fake, "syndication", "9999999999999999999")
    assert (found.outcome, found.reason_text) == (PostOutcome.BAD_REQUEST, '{"error": "Bad request."}')


def test_without_the_token_the_answer_is_an_empty_object(fake: FakePlatforms) -> None:
    fake.put(x_post())
    step = steps(ref_of("1986488750699450999"), options(fake))[0]
    bare = Step("syndication", step.url.partition("&token=")[0])
    assert ask(bare).body == b"{}"


def test_a_tombstones_words_are_the_reason(fake: FakePlatforms) -> None:
    fake.put(x_post(state="suspended"))
    assert reading(fake, "syndication").reason_text == "This Post is from a suspended account. Learn more"
