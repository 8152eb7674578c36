"""YouTube, TikTok, Reddit, LinkedIn and Meta's networks: what each answer says."""

from __future__ import annotations

import pytest

from archiver.demo.platforms import FakePlatforms
from archiver.platforms.chain import build_post, steps_of
from archiver.platforms.options import PlatformOptions
from archiver.reasons import PostOutcome
from tests.unit.platforms.kit import NOW, methods, options, outcomes, post_on, ref_to, run, single

VIDEO = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
TIKTOK = "https://www.tiktok.com/@ferrywatch/video/7437000000000000001"
REDDIT = "https://www.reddit.com/r/ferries/comments/1abcde/night_boat/"
LINKEDIN = "https://www.linkedin.com/feed/update/urn:li:activity:7258000000000000001"


def test_youtube_gives_title_and_channel_then_the_page_date_and_description(fake: FakePlatforms) -> None:
    fake.put(post_on("youtube", "dQw4w9WgXcQ", full_text="Filmed from the pier."))
    attempts, readings, _ = run(ref_to(VIDEO), options(fake))
    assert list(zip(methods(attempts), outcomes(attempts), strict=True)) == [("oembed", "partial"), ("page", "ok")]
    post = build_post(ref_to(VIDEO), attempts, readings, fetch_time=NOW)
    assert post.text == "The night boat left on time.\n\nFilmed from the pier."
    assert (post.author.name, post.author.username) == ("Ferry Watch", "ferrywatch")
    assert post.published is not None and post.metrics.views == 120


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("no-embed", PostOutcome.LOGIN_WALL),
        ("private", PostOutcome.PROTECTED),
        ("deleted", PostOutcome.NOT_FOUND),
        ("forbidden-200", PostOutcome.UNAVAILABLE),
        ("throttled", PostOutcome.THROTTLED),
        ("drift", PostOutcome.SCHEMA_DRIFT),
        ("html-for-json", PostOutcome.SCHEMA_DRIFT),
    ],
)
def test_what_youtubes_oembed_says(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(post_on("youtube", "dQw4w9WgXcQ", state=state))
    assert single(ref_to(VIDEO), options(fake), "oembed").outcome is outcome


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("private", PostOutcome.PROTECTED),
        ("removed", PostOutcome.DELETED),
        ("age-gated", PostOutcome.AGE_GATED),
        ("suspended", PostOutcome.SUSPENDED),
        ("withheld", PostOutcome.WITHHELD),
        ("deleted", PostOutcome.NOT_FOUND),
        ("no-embed", PostOutcome.OK),
        ("wall", PostOutcome.SCHEMA_DRIFT),
    ],
)
def test_what_youtubes_page_says(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(post_on("youtube", "dQw4w9WgXcQ", state=state))
    assert single(ref_to(VIDEO), options(fake), "page").outcome is outcome


def test_tiktoks_caption_comes_from_oembed_and_its_time_from_the_page(fake: FakePlatforms) -> None:
    fake.put(post_on("tiktok", "7437000000000000001"))
    attempts, readings, _ = run(ref_to(TIKTOK), options(fake))
    post = build_post(ref_to(TIKTOK), attempts, readings, fetch_time=NOW)
    assert outcomes(attempts) == ["partial", "ok"]
    assert (post.text, post.author.username) == ("The night boat left on time.", "ferrywatch")
    assert post.published is not None


def test_a_tiktok_that_is_gone_is_not_called_deleted_by_one_answer(fake: FakePlatforms) -> None:
    attempts, readings, _ = run(ref_to(TIKTOK), options(fake))
    assert outcomes(attempts) == ["unavailable", "not_found"]
    assert build_post(ref_to(TIKTOK), attempts, readings, fetch_time=NOW, known_to_exist=True).status == "unavailable"


def test_reddit_is_partial_at_most(fake: FakePlatforms) -> None:
    fake.put(post_on("reddit", "t3_1abcde"))
    attempts, readings, _ = run(ref_to(REDDIT), options(fake))
    post = build_post(ref_to(REDDIT), attempts, readings, fetch_time=NOW)
    assert (post.status, post.text, post.author.username) == (
        "captured_partial",
        "The night boat left on time.",
        "ferrywatch",
    )


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("deleted-shell", PostOutcome.DELETED), ("removed", PostOutcome.UNAVAILABLE), ("deleted", PostOutcome.NOT_FOUND)],
)
def test_what_reddit_says_in_place_of_a_text(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(post_on("reddit", "t3_1abcde", state=state))
    for method in ("oembed", "page"):
        assert single(ref_to(REDDIT), options(fake), method).outcome is outcome


def test_linkedins_json_ld_is_the_post(fake: FakePlatforms) -> None:
    fake.put(post_on("linkedin", "urn:li:activity:7258000000000000001"))
    attempts, readings, _ = run(ref_to(LINKEDIN), options(fake))
    post = build_post(ref_to(LINKEDIN), attempts, readings, fetch_time=NOW)
    assert (post.status, post.text, post.author.type) == ("captured", "The night boat left on time.", "person")
    assert post.metrics.likes == 12


@pytest.mark.parametrize(
    ("state", "outcome"), [("status-999", PostOutcome.BLOCKED), ("deleted", PostOutcome.NOT_FOUND)]
)
def test_what_linkedin_says(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(post_on("linkedin", "urn:li:activity:7258000000000000001", state=state))
    assert single(ref_to(LINKEDIN), options(fake), "page").outcome is outcome


META = {
    "facebook": ("123456789012", "https://www.facebook.com/ferrywatch/posts/123456789012"),
    "instagram": ("CxYz12345ab", "https://www.instagram.com/p/CxYz12345ab/"),
    "threads": ("CxYz12345ab", "https://www.threads.net/@ferrywatch/post/CxYz12345ab"),
}


@pytest.mark.parametrize("platform", META)
def test_metas_oembed_gives_partial_posts_when_switched_on(fake: FakePlatforms, platform: str) -> None:
    native_id, url = META[platform]
    fake.put(post_on(platform, native_id))
    attempts, readings, _ = run(ref_to(url), options(fake, meta_oembed=True))
    post = build_post(ref_to(url), attempts, readings, fetch_time=NOW)
    assert outcomes(attempts) == ["partial"]
    assert post.terms == "meta-oembed"
    assert post.text == (None if platform == "threads" else "The night boat left on time."), (
        "Threads forbids keeping it"
    )


def test_an_invitation_to_view_a_post_is_not_its_text(fake: FakePlatforms) -> None:
    native_id, url = META["instagram"]
    fake.put(post_on("instagram", native_id, state="invitation"))
    reading = single(ref_to(url), options(fake, meta_oembed=True), "oembed")
    assert reading.post is not None and reading.post.text is None


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("rate", PostOutcome.THROTTLED), ("no-token", PostOutcome.BLOCKED), ("deleted", PostOutcome.NOT_FOUND)],
)
def test_what_metas_error_codes_say(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    native_id, url = META["facebook"]
    fake.put(post_on("facebook", native_id, state=state))
    assert single(ref_to(url), options(fake, meta_oembed=True), "oembed").outcome is outcome


def test_metas_captures_go_to_a_series_of_their_own() -> None:
    steps = steps_of(ref_to(META["facebook"][1]), PlatformOptions(meta_oembed=True))
    assert [step.series for step in steps] == ["meta-oembed"]
