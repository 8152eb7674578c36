"""X by the ways beside the widget: oEmbed, the API, the page, FxTwitter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from archiver.demo.platforms import FakePlatforms
from archiver.platforms import id_time
from archiver.platforms.chain import refusals
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer
from archiver.platforms.x import api, fxtwitter, oembed, page, steps, syndication
from archiver.platforms.x.text import original
from archiver.reasons import NotAttempted, PostOutcome
from tests.unit.platforms.kit import NOW, options, run, x_post
from tests.unit.platforms.test_x import REF, reading, ref_of


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("visible", PostOutcome.PARTIAL),
        ("deleted", PostOutcome.NOT_FOUND),
        ("protected", PostOutcome.PROTECTED),
        ("payment", PostOutcome.BLOCKED),
        ("forbidden", PostOutcome.BLOCKED),
        ("throttled", PostOutcome.THROTTLED),
        ("drift", PostOutcome.SCHEMA_DRIFT),
        ("html-for-json", PostOutcome.SCHEMA_DRIFT),
        ("to-login", PostOutcome.LOGIN_WALL),
        ("false-tombstone", PostOutcome.PARTIAL),
    ],
)
def test_what_oembed_says(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(x_post(state=state))
    assert reading(fake, "oembed").outcome is outcome


def test_oembed_gives_author_text_language_and_day_but_no_time(fake: FakePlatforms) -> None:
    fake.put(x_post(text="لاره به پرانیستل شي.", language="ps", media=("road",)))
    post = reading(fake, "oembed").post
    assert post is not None
    assert (post.text, post.language, post.author.username) == ("لاره به پرانیستل شي.", "ps", "ferry_watch")
    assert (post.published, post.published_raw) == (None, "November 6, 2025")
    assert post.text_complete is None and post.text_basis == "oembed"


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        ("visible", PostOutcome.OK, None),
        ("withheld", PostOutcome.OK, None),
        ("deleted", PostOutcome.NOT_FOUND, "Could not find tweet"),
        ("deleted-404", PostOutcome.NOT_FOUND, "Could not find tweet"),
        ("suspended", PostOutcome.SUSPENDED, "User has been suspended"),
        ("protected", PostOutcome.PROTECTED, "not authorized to see"),
        ("throttled", PostOutcome.THROTTLED, None),
        ("drift", PostOutcome.SCHEMA_DRIFT, None),
    ],
)
def test_what_the_paid_api_says(fake: FakePlatforms, state: str, outcome: PostOutcome, words: str | None) -> None:
    fake.put(x_post(state=state))
    found = reading(fake, "api", bearer="demo-bearer")
    assert found.outcome is outcome
    assert words is None or words in (found.reason_text or "")


def test_the_paid_api_gives_the_whole_note_media_metrics_and_countries(fake: FakePlatforms) -> None:
    fake.put(x_post(full_text="Long & whole.", media=("boat",), state="withheld"))
    post = reading(fake, "api", bearer="demo-bearer").post
    assert post is not None
    assert (post.text, post.text_complete, post.text_basis) == ("Long & whole.", True, "note")
    assert post.withheld == ("TR", "IN")
    assert post.metrics.reposts == 5 and post.metrics.views == 9000
    assert len(post.media) == 1


def test_a_refused_bearer_token_is_no_statement_about_the_post(fake: FakePlatforms) -> None:
    fake.put(x_post())
    assert reading(fake, "api", bearer="wrong").outcome is PostOutcome.BLOCKED


def test_the_page_is_a_login_wall_when_it_shows_no_post(fake: FakePlatforms) -> None:
    fake.put(x_post(state="deleted"))
    assert reading(fake, "page").outcome is PostOutcome.LOGIN_WALL


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("wall", PostOutcome.LOGIN_WALL),
        ("to-login", PostOutcome.LOGIN_WALL),
        ("html-for-json", PostOutcome.SCHEMA_DRIFT),
        ("challenge", PostOutcome.BLOCKED),
        ("drift", PostOutcome.SCHEMA_DRIFT),
    ],
)
def test_a_page_is_a_wall_only_when_it_says_so(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(x_post(state=state))
    assert reading(fake, "page").outcome is outcome


def test_a_user_name_that_begins_like_a_login_is_no_wall() -> None:
    body = b'<meta property="og:url" content="https://x.com/signin_fan/status/1697322795510759929"><meta property="og:title" content="x">'
    found = page.read(Answer(200, (), body, "https://x.com/signin_fan/status/1697322795510759929"), REF)
    assert found.outcome is not PostOutcome.LOGIN_WALL


def test_the_widgets_endpoint_is_not_followed_to_a_login(fake: FakePlatforms) -> None:
    fake.put(x_post(state="to-login"))
    assert reading(fake, "syndication").outcome is PostOutcome.LOGIN_WALL


def test_the_page_gives_the_post_from_its_scripts(fake: FakePlatforms) -> None:
    fake.put(x_post(text="Short & sweet </script> {link:https://example.org/}"))
    found = reading(fake, "page")
    assert found.outcome is PostOutcome.OK and found.post is not None
    assert found.post.text == "Short & sweet </script> https://example.org/"
    assert found.post.published == datetime(2025, 11, 6, 17, 40, tzinfo=UTC)


def test_a_wall_at_the_one_address_is_none_at_the_other(fake: FakePlatforms) -> None:
    fake.put(x_post(full_text="Long and whole.", states={"x.page": "wall-at-x"}))
    attempts, _, done = run(ref_of("1986488750699450999", "ferry_watch"), options(fake))
    assert [a.outcome for a in attempts if a.method == "page"] == ["login_wall", "login_wall", "ok"]
    assert done.why == "ok" and page.page_steps(REF, PlatformOptions())[-1].url.startswith("https://twitter.com/")


def test_the_page_says_what_is_sensitive_and_when_it_was_edited(fake: FakePlatforms) -> None:
    fake.put(x_post(state="edited", sensitive=True))
    post = reading(fake, "page").post
    assert post is not None and post.sensitive is True
    assert post.updated == id_time("x", post.native_id)
    assert len(post.edit_ids) == 2
    fake.put(x_post())
    plain = reading(fake, "page").post
    assert plain is not None and (plain.sensitive, plain.updated) == (False, None)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://pbs.twimg.com/media/A.jpg", "https://pbs.twimg.com/media/A.jpg?name=orig"),
        ("https://pbs.twimg.com/media/A?format=jpg&name=small", "https://pbs.twimg.com/media/A?format=jpg&name=orig"),
        ("https://pbs.twimg.com/media/A?name=900x900&format=png", "https://pbs.twimg.com/media/A?format=png&name=orig"),
        ("https://pbs.twimg.com/media/A?format=jpg", "https://pbs.twimg.com/media/A?format=jpg&name=orig"),
    ],
)
def test_pictures_are_asked_for_at_full_size(url: str, asked: str) -> None:
    assert original(url) == asked


def test_a_page_that_only_shares_its_words_is_partial() -> None:
    head = (
        '<meta property="og:url" content="https://x.com/a_b/status/1697322795510759929">'
        '<meta property="og:title" content="A B on X: &quot;hello there&quot; / X">'
    )
    found = page.read(Answer(200, (), f"<html><head>{head}</head></html>".encode(), "https://x.com/"), REF)
    assert found.outcome is PostOutcome.PARTIAL
    assert found.post is not None and (found.post.text, found.post.author.name) == ("hello there", "A B")


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("visible", PostOutcome.OK),
        ("deleted", PostOutcome.DELETED),
        ("suspended", PostOutcome.SUSPENDED),
        ("protected", PostOutcome.PROTECTED),
        ("code-in-200", PostOutcome.NOT_FOUND),
        ("throttled", PostOutcome.THROTTLED),
        ("drift", PostOutcome.SCHEMA_DRIFT),
    ],
)
def test_what_fxtwitter_says(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(x_post(state=state))
    assert reading(fake, "fxtwitter", third_party="notes").outcome is outcome


def test_fxtwitters_404_is_asked_a_second_time(fake: FakePlatforms) -> None:
    fake.put(x_post(full_text="Long and whole.", states={"x.page": "wall", "x.fxtwitter": "restless"}))
    attempts, _, done = run(ref_of("1986488750699450999"), options(fake, third_party="notes"))
    assert [a.outcome for a in attempts if a.method == "fxtwitter"] == ["not_found", "ok"]
    assert done.why == "ok"


def test_steps_that_may_not_be_asked_say_why() -> None:
    ref, plain = ref_of("20", "jack"), PlatformOptions()
    told = {attempt.method: attempt.reason_text for attempt in refusals(ref, plain, [], NOW)}
    assert told == {"api": NotAttempted.NO_CREDENTIALS, "fxtwitter": NotAttempted.THIRD_PARTY_OFF}
    off = {attempt.method: attempt.reason_text for attempt in refusals(ref, PlatformOptions(x_keyless=False), [], NOW)}
    assert {off[method] for method in ("syndication", "oembed", "page")} == {NotAttempted.TERMS}


def test_the_bearer_comes_first_when_it_is_to() -> None:
    chosen = PlatformOptions.from_environment({"POSTS_X_BEARER": "s3cret"}, x_bearer_use="first")
    chain = steps(ref_of("20", "jack"), chosen)
    assert chain[0].method == "api" and chain[0].series == "x-developer"
    assert [step.method for step in steps(ref_of("20", "jack"), PlatformOptions())][:2] == ["syndication", "oembed"]


def test_the_bearer_shows_in_no_representation_and_in_no_url() -> None:
    chosen = PlatformOptions.from_environment({"POSTS_X_BEARER": "s3cret-token"})
    step = api.step("20", chosen)
    assert dict(step.headers)["Authorization"] == "Bearer s3cret-token"
    for shown in (repr(chosen), repr(step), step.url, chosen.model_dump_json(), str(chosen)):
        assert "s3cret-token" not in shown


def test_methods_are_told_apart_by_name() -> None:
    assert {syndication.METHOD, oembed.METHOD, page.METHOD, api.METHOD, fxtwitter.METHOD} == {
        "syndication", "oembed", "page", "api", "fxtwitter",
    }  # fmt: skip
