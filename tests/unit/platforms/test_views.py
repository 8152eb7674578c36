"""A post as ActivityStreams and as schema.org, and its media as requests."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from archiver.demo.platforms import FakePlatforms
from archiver.models.post import CitedBy, Post, PostProvenance
from archiver.platforms.base import PostRef
from archiver.platforms.chain import build_post
from archiver.platforms.media import MEDIA_MAX, media_steps
from archiver.platforms.options import PlatformOptions
from archiver.platforms.views import HEADLINE_MAX, as_activity, as_schema_org
from tests.unit.platforms.kit import NOW, options, ref_to, run, x_post

ID = "1986488750699450999"
REF = PostRef("x", ID, f"https://x.com/ferry_watch/status/{ID}", "ferry_watch")


def stored(fake: FakePlatforms) -> Post:
    fake.put(x_post("1986488750699450111", text="First."))
    fake.put(
        x_post(
            text="R&D <b> {link:https://example.org/} #ferry",
            media=("boat",),
            video="wake",
            quotes="1986488750699450111",
        )
    )
    attempts, readings, _ = run(REF, options(fake))
    return build_post(REF, attempts, readings, cited_by=[CitedBy(article="urn:uuid:1", kind="embed")], fetch_time=NOW)


def test_a_post_is_a_note(fake: FakePlatforms) -> None:
    note = as_activity(stored(fake))
    assert (note["type"], note["id"]) == ("Note", f"https://x.com/i/status/{ID}")
    assert note["@context"][0] == "https://www.w3.org/ns/activitystreams"
    assert note["content"] == "<p>R&amp;D &lt;b&gt; https://example.org/ #ferry</p>", "AS2's content is HTML"
    assert note["contentMap"] == {"en": note["content"]}
    assert note["published"] == "2025-11-06T17:40:00Z"
    assert note["attributedTo"]["preferredUsername"] == "ferry_watch"
    assert [item["type"] for item in note["attachment"]] == ["Image", "Video"]
    assert note["quoteUrl"] == "https://x.com/i/status/1986488750699450111"
    assert note["arc:status"] == "captured"
    assert "updated" not in note, "what is unknown is left out"
    json.dumps(note)


def test_a_post_is_a_social_media_posting(fake: FakePlatforms) -> None:
    view = as_schema_org(stored(fake))
    assert (view["@type"], view["identifier"]) == ("SocialMediaPosting", ID)
    assert view["articleBody"] == "R&D <b> https://example.org/ #ferry"
    assert view["author"] == {
        "@type": "Person",
        "name": "Ferry Watch",
        "alternateName": "@ferry_watch",
        "identifier": "1000000001",
        "url": "https://x.com/ferry_watch",
        "image": f"{fake.base}/media/ferry_watch-icon.png",
    }
    assert view["interactionStatistic"][0]["userInteractionCount"] == 12
    assert view["isPartOf"] == {"@type": "WebSite", "name": "X"}
    assert view["archivedAt"] == f"urn:social-post:x:{ID}"
    assert len(view["image"]) == len(view["video"]) == 1
    json.dumps(view)


def test_a_headline_has_at_most_110_characters() -> None:
    post = Post(
        id="https://x.com/i/status/20",
        platform="x",
        native_id="20",
        url="https://x.com/a/status/20",
        text="word " * 60,
        status="captured",
        provenance=PostProvenance(parser="x/1", software="t"),
    )
    headline = as_schema_org(post)["headline"]
    assert len(headline) <= HEADLINE_MAX and headline.endswith("…")


def test_a_post_that_nobody_saw_is_still_a_view() -> None:
    ref = ref_to("https://www.instagram.com/p/CxYz12345ab/")
    post = build_post(ref, [], [], fetch_time=datetime(2025, 11, 9, tzinfo=UTC))
    assert post.status == "not_attempted"
    assert as_activity(post)["arc:status"] == "not_attempted"
    assert "articleBody" not in as_schema_org(post)


def test_media_are_asked_for_right_after_the_post(fake: FakePlatforms) -> None:
    fake.put(x_post(media=("boat", "quay", "boat")))
    _, readings, _ = run(REF, options(fake))
    steps = media_steps(readings[0], options(fake))
    assert [step.url.rpartition("/")[2] for step in steps] == ["boat.png?name=orig", "quay.png?name=orig"]
    assert {(step.method, step.terms, step.federated) for step in steps} == {("media", "x-tos", False)}


def test_media_at_private_addresses_are_not_asked_for(fake: FakePlatforms) -> None:
    fake.put(x_post(media=("boat",)))
    _, readings, _ = run(REF, options(fake))
    assert media_steps(readings[0], PlatformOptions()) == [], "loopback is the operator's only when the bases say so"


def test_an_endless_album_is_bounded(fake: FakePlatforms) -> None:
    fake.put(x_post(media=tuple(f"boat-{number}" for number in range(60))))
    _, readings, _ = run(REF, options(fake))
    assert len(media_steps(readings[0], options(fake))) == MEDIA_MAX
