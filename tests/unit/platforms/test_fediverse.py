"""Mastodon and Truth Social: API, ActivityPub, remote views, and which hosts may be asked at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.platforms.base import PostRef
from archiver.platforms.chain import build_post, steps_of
from archiver.platforms.fediverse import draft_of_status, may_ask
from archiver.platforms.mastodon import of_markup, read
from archiver.platforms.options import PlatformOptions
from archiver.platforms.steps import Answer
from archiver.platforms.views import as_activity
from archiver.reasons import NotAttempted, PostOutcome
from tests.unit.platforms.kit import NOW, methods, options, outcomes, post_on, ref_to, run, single

HOST, NUMBER = "mastodon.social", "115503948561234567"
URL = f"https://{HOST}/@ferrywatch/{NUMBER}"


def toot(number: str = NUMBER, host: str = HOST, **given: Any) -> FakePost:
    return post_on("mastodon", f"{host}/{number}", host=host, **given)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://mastodon.social/@a/1", True),
        ("https://mastodon.social:443/@a/1", True),
        ("http://mastodon.social/@a/1", False),
        ("https://mastodon.social:8443/@a/1", False),
        ("https://user:pass@mastodon.social/", False),
        ("https://localhost/@a/1", False),
        ("https://127.0.0.1/", False),
        ("https://10.0.0.8/", False),
        ("https://[::1]/", False),
        ("https://[::ffff:10.0.0.1]/", False),
        ("https://2130706433/", False),
        ("https://0x7f.1/", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("https://metadata.internal/", False),
        ("https://printer.local/", False),
        ("https://intranet/", False),
        ("https://box.home.arpa/", False),
        ("https://abc.onion/", False),
        ("https://8.8.8.8/", False),
        ("https://host..example/", False),
        ("https://exa mple.org/", False),
        ("https://example.org:99999/", False),
        ("ftp://example.org/", False),
        ("", False),
    ],
)
def test_only_https_and_public_names_may_be_asked(url: str, asked: bool) -> None:
    assert may_ask(url) is asked


def refusals_of(ref: PostRef, chosen: PlatformOptions) -> set[NotAttempted | None]:
    return {step.refused for step in steps_of(ref, chosen)}


def test_an_unknown_host_is_asked_only_when_configured_or_when_the_markup_says_so() -> None:
    ref = ref_to("https://unknown.example.net/@user/115503948561234567")
    assert refusals_of(ref, PlatformOptions()) == {NotAttempted.SWITCHED_OFF}
    assert refusals_of(of_markup(ref), PlatformOptions()) == {None}
    assert refusals_of(ref, PlatformOptions(mastodon_hosts=frozenset({"unknown.example.net"}))) == {None}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "wiki.corp", "mastodon.internal"])
def test_markup_does_not_make_a_private_host_askable(host: str) -> None:
    ref = PostRef(
        "mastodon",
        f"{host}/115503948561234567",
        f"https://{host}/@u/115503948561234567",
        "u",
        {"host": host, "known": "no"},
    )
    assert refusals_of(of_markup(ref), PlatformOptions()) == {NotAttempted.SWITCHED_OFF}


def test_steps_to_a_pages_host_are_marked_for_the_address_check() -> None:
    assert all(step.federated for step in steps_of(ref_to(URL), PlatformOptions()))


def test_a_visible_post_is_read_whole(fake: FakePlatforms) -> None:
    fake.put(
        toot(text="R&D: {link:https://example.org/paper}\n\nSecond #ferry", media=("boat",), quotes=None, language="en")
    )
    attempts, readings, _ = run(ref_to(URL), options(fake))
    post = build_post(ref_to(URL), attempts, readings, fetch_time=NOW)
    assert methods(attempts) == ["api"]
    assert post.text == "R&D: https://example.org/paper\n\nSecond #ferry"
    assert (post.native_id, post.id, post.url) == (f"{HOST}/{NUMBER}", URL, URL)
    assert (post.status, post.terms, post.language) == ("captured", "open", "en")
    assert [(tag.type, tag.name) for tag in post.tags] == [("hashtag", "ferry")]
    assert post.media[0].alt == "boat"
    assert post.metrics.reposts == 5


def test_a_server_in_authorized_fetch_mode_leads_to_activitypub(fake: FakePlatforms) -> None:
    fake.put(toot(state="secure"))
    attempts, readings, _ = run(ref_to(URL), options(fake))
    assert list(zip(methods(attempts), outcomes(attempts), strict=True)) == [
        ("api", "login_wall"),
        ("activitypub", "ok"),
    ]
    post = build_post(ref_to(URL), attempts, readings, fetch_time=NOW)
    assert (post.status, post.text, post.author.username) == ("captured", "The night boat left on time.", "ferrywatch")
    assert fake.asked(f"mastodon:{HOST}")[-1].headers["accept"] == "application/activity+json"


def test_a_server_that_wants_a_signature_for_activitypub_too_is_left_alone(fake: FakePlatforms) -> None:
    fake.put(toot(state="signed"))
    attempts, readings, _ = run(ref_to(URL), options(fake))
    assert list(zip(methods(attempts), outcomes(attempts), strict=True)) == [
        ("api", "login_wall"),
        ("activitypub", "login_wall"),
    ], "no way round the refusal by the page"
    assert build_post(ref_to(URL), attempts, readings, fetch_time=NOW).status == "login_wall"


@pytest.mark.parametrize("state", ["visible", "secure"])
def test_what_a_post_answers_is_named_by_its_key(fake: FakePlatforms, state: str) -> None:
    fake.put(toot(state=state, replies_to=f"{HOST}/115503948560000001"))
    attempts, readings, _ = run(ref_to(URL), options(fake))
    post = build_post(ref_to(URL), attempts, readings, fetch_time=NOW)
    assert post.in_reply_to == f"{HOST}/115503948560000001"
    assert as_activity(post)["inReplyTo"] == f"urn:social-post:mastodon:{HOST}/115503948560000001"


def test_what_a_post_repeats_is_named_by_its_key() -> None:
    value = {"id": NUMBER, "content": "", "account": {"id": "1"}, "reblog": {"id": "115503948560000001"}}
    post = draft_of_status(value, ref_to(URL))
    assert post is not None and post.repost_of == f"{HOST}/115503948560000001"


def test_an_address_of_an_unknown_form_stays_an_address(fake: FakePlatforms) -> None:
    value = {"type": "Note", "id": URL, "content": "x", "inReplyTo": "https://pleroma.example/objects/abc"}
    step = steps_of(ref_to(URL), PlatformOptions())[1]
    post = read(step, Answer(200, body=json.dumps(value).encode()), ref_to(URL)).post
    assert post is not None and post.in_reply_to == "https://pleroma.example/objects/abc"


def test_a_404_is_missing_or_private_and_a_tombstone_says_which(fake: FakePlatforms) -> None:
    fake.put(toot(state="private"))
    assert single(ref_to(URL), options(fake), "api").outcome is PostOutcome.NOT_FOUND
    fake.put(toot(state="tombstone"))
    attempts, readings, _ = run(ref_to(URL), options(fake))
    assert outcomes(attempts)[:2] == ["not_found", "deleted"]
    assert build_post(ref_to(URL), attempts, readings, fetch_time=NOW).status == "deleted"


def test_a_remote_view_is_followed_to_the_posts_own_server(fake: FakePlatforms) -> None:
    fake.put(toot(host="home.example.org", number="115503948560000001"))
    view = toot(host="home.example.org", number=NUMBER)
    fake.put(post_on("mastodon", f"{HOST}/{NUMBER}", host="home.example.org", text=view.text))
    ref = ref_to(f"https://{HOST}/@ferrywatch@home.example.org/{NUMBER}")
    chosen = options(fake).model_copy(
        update={"bases": {**fake.bases, f"mastodon:{HOST}": f"{fake.base}/mastodon:{HOST}"}}
    )
    reading = single(ref, chosen, "api")
    assert (reading.outcome, reading.reason_text) == (PostOutcome.PARTIAL, "a remote view")
    (lead,) = reading.leads
    assert (lead.method, lead.url) == ("origin", f"https://home.example.org/users/ferrywatch/statuses/{NUMBER}")
    assert lead.federated


def test_a_remote_view_that_names_a_private_address_leads_nowhere(fake: FakePlatforms) -> None:
    fake.put(post_on("mastodon", f"{HOST}/{NUMBER}", host="10.0.0.1"))
    ref = ref_to(f"https://{HOST}/@ferrywatch@home.example.org/{NUMBER}")
    chosen = options(fake).model_copy(
        update={"bases": {**fake.bases, f"mastodon:{HOST}": f"{fake.base}/mastodon:{HOST}"}}
    )
    assert single(ref, chosen, "api").leads == ()


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("throttled", PostOutcome.THROTTLED),
        ("challenge", PostOutcome.BLOCKED),
        ("drift", PostOutcome.SCHEMA_DRIFT),
        ("drift-types", PostOutcome.SCHEMA_DRIFT),
        ("deep", PostOutcome.SCHEMA_DRIFT),
        ("broken", PostOutcome.NETWORK),
    ],
)
def test_what_a_server_says(fake: FakePlatforms, state: str, outcome: PostOutcome) -> None:
    fake.put(toot(state=state))
    assert single(ref_to(URL), options(fake), "api").outcome is outcome


def test_truth_social_is_read_like_mastodon(fake: FakePlatforms) -> None:
    fake.put(post_on("truthsocial", NUMBER))
    ref = ref_to(f"https://truthsocial.com/@ferrywatch/posts/{NUMBER}")
    attempts, readings, _ = run(ref, options(fake))
    post = build_post(ref, attempts, readings, fetch_time=NOW)
    assert (post.status, post.text, post.native_id) == ("captured", "The night boat left on time.", NUMBER)


def test_the_post_above_comes_along_on_truth_social(fake: FakePlatforms) -> None:
    above = "115503948560000001"
    fake.put(post_on("truthsocial", above, text="Does it sail?"))
    fake.put(post_on("truthsocial", NUMBER, replies_to=above, quotes=above))
    post = single(ref_to(f"https://truthsocial.com/@ferrywatch/{NUMBER}"), options(fake), "api").post
    assert post is not None and post.in_reply_to == above
    assert {(other.native_id, other.text) for other in post.related} == {(above, "Does it sail?")}


def test_truth_socials_bot_wall_is_blocked_and_retried(fake: FakePlatforms) -> None:
    fake.put(post_on("truthsocial", NUMBER, state="challenge"))
    ref = ref_to(f"https://truthsocial.com/@ferrywatch/{NUMBER}")
    attempts, readings, _ = run(ref, options(fake))
    assert outcomes(attempts) == ["blocked", "blocked"]
    assert build_post(ref, attempts, readings, fetch_time=NOW).status == "pending"
