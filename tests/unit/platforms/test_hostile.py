"""Hostile answers: deep, huge, of wrong types, cut, in foreign encodings. Every reader says `schema_drift` or the like; none crashes."""

from __future__ import annotations

import copy
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.demo.platforms import FakePlatforms
from archiver.models.post import Post
from archiver.models.resolution import Window
from archiver.platforms import PLATFORMS
from archiver.platforms.base import PostRef
from archiver.platforms.chain import build_post, steps_of, take
from archiver.platforms.options import PlatformOptions
from archiver.platforms.payloads import instant, nodes, text_of, tree_of
from archiver.platforms.search import read_text, text_steps
from archiver.platforms.steps import Answer, Step
from archiver.platforms.x.syndication import base36, read
from archiver.platforms.x.text import expanded
from archiver.reasons import PostOutcome
from tests.unit.platforms.kit import NOW, ask, options, post_on, ref_to, x_post

URLS = {
    "x": "https://x.com/ferry_watch/status/1986488750699450999",
    "bluesky": "https://bsky.app/profile/did:plc:abcdefghijklmnopqrstuvwx/post/3mvy53yvvvr2r",
    "mastodon": "https://mastodon.social/@ferrywatch/115503948561234567",
    "truthsocial": "https://truthsocial.com/@ferrywatch/115503948561234567",
    "telegram": "https://t.me/ferrywatch/120",
    "youtube": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
    "tiktok": "https://www.tiktok.com/@ferrywatch/video/7437000000000000001",
    "reddit": "https://www.reddit.com/comments/1abcde/",
    "facebook": "https://www.facebook.com/ferrywatch/posts/123456789012",
    "instagram": "https://www.instagram.com/p/CxYz12345ab/",
    "threads": "https://www.threads.com/@ferrywatch/post/CxYz12345ab",
    "linkedin": "https://www.linkedin.com/feed/update/urn:li:activity:7258000000000000001",
}
CHOSEN = PlatformOptions.from_environment({"POSTS_X_BEARER": "t"}, meta_oembed=True, third_party="notes")
STEPS: list[tuple[PostRef, Step]] = [
    (ref_to(url), step) for url in URLS.values() for step in steps_of(ref_to(url), CHOSEN)
]
IDS = [f"{ref.platform}-{step.method}" for ref, step in STEPS]

HUGE = b'{"a":"' + b"x" * (5 * 2**20) + b'"}'
BODIES: dict[str, bytes] = {
    "empty": b"",
    "null": b"null",
    "number": b"1e999",
    "nan": b'{"text":NaN}',
    "digits": b'{"id_str":' + b"9" * 5000 + b"}",
    "deep object": b'{"thread":' * 50_000 + b"1" + b"}" * 50_000,
    "deep list": b"[" * 100_000 + b"]" * 100_000,
    "just parsed": b'{"thread":{"post":' + b'{"record":' * 500 + b"1" + b"}" * 502,
    "huge": HUGE,
    "cut": b'{"__typename":"Tweet","id_str":"1',
    "utf-16": '{"text":"a"}'.encode("utf-16"),
    "bytes": bytes(range(256)) * 20,
    "bom": b'\xef\xbb\xbf{"__typename":"Tweet"}',
    "deep html": b"<div>" * 20_000,
    "script bomb": b"<script>window.a=" + b"[" * 50_000 + b"/* playabilityStatus itemStruct full_text */</script>",
    "many scripts": b"<script>full_text = {</script>" * 5000,
    "entities": b"<!DOCTYPE a [<!ENTITY b '" + b"x" * 1000 + b"'>]><a>&b;</a>",
}


def test_every_network_has_steps_to_be_tested() -> None:
    assert {ref.platform for ref, _ in STEPS} == set(PLATFORMS)


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_no_body_breaks_a_reader(body: bytes) -> None:
    for ref, step in STEPS:
        for status in (200, 400, 403, 404):
            answer = Answer(status, (("Content-Type", "application/json"),), body, step.url)
            attempt, reading = take(ref, step, answer, NOW)
            assert reading.outcome is not PostOutcome.OK or step.method == "wayback-index"
            build_post(ref, [attempt], [reading], fetch_time=NOW)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place inside a JSON value."""
    found = [at] if at else []
    if isinstance(value, dict):
        for key, item in value.items():
            found += paths(item, (*at, key))
    if isinstance(value, list):
        for number, item in enumerate(value):
            found += paths(item, (*at, number))
    return found


def put(value: Any, at: tuple[Any, ...], what: Any) -> None:
    for key in at[:-1]:
        value = value[key]
    value[at[-1]] = what


@pytest.fixture(scope="module")
def recorded() -> list[tuple[PostRef, Step, Any]]:
    """A good JSON answer of every step that has one, as the fake networks send it."""
    good: list[tuple[PostRef, Step, Any]] = []
    with FakePlatforms(posts=[]) as fake:
        fake.put(
            x_post(
                text="A & b {link:https://example.org/} #c @d",
                media=("p",),
                video="v",
                quotes="1986488750699450111",
                full_text="Long.",
            )
        )
        fake.put(x_post("1986488750699450111"))
        for platform, url in URLS.items():
            ref = ref_to(url)
            if platform != "x":
                more = {"host": "mastodon.social"} if platform == "mastodon" else {}
                more |= {"user_id": "did:plc:abcdefghijklmnopqrstuvwx"} if platform == "bluesky" else {}
                fake.put(
                    post_on(
                        platform, ref.native_id or "", text="A {link:https://example.org/} #c", media=("p",), **more
                    )
                )
            for step in steps_of(ref, options(fake, bearer="demo-bearer", meta_oembed=True, third_party="notes")):
                answer = ask(step)
                if answer.status == 200 and answer.content_type == "application/json" and answer.body != b"[]\n":
                    good.append((ref, step, json.loads(answer.body)))
    return good


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_wrong_type_in_a_good_answer_breaks_a_reader_or_the_document(
    recorded: list[tuple[PostRef, Step, Any]], data: st.DataObject
) -> None:
    ref, step, good = data.draw(st.sampled_from(recorded))
    value = copy.deepcopy(good)
    for at in data.draw(st.lists(st.sampled_from(paths(good)), min_size=1, max_size=3)):
        try:
            put(value, at, data.draw(JSON))
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    answer = Answer(200, (("Content-Type", "application/json"),), json.dumps(value).encode(), step.url)
    attempt, reading = take(ref, step, answer, NOW)
    post = build_post(ref, [attempt], [reading], fetch_time=NOW)
    again = Post.model_validate_json(post.model_dump_json())
    assert again == post


@settings(max_examples=200, deadline=None)
@given(value=JSON)
def test_any_json_is_read_as_something(value: Any) -> None:
    body = json.dumps(value).encode()
    for ref, step in STEPS:
        take(ref, step, Answer(200, (("Content-Type", "application/json"),), body, step.url), NOW)
    for platform in ("x", "bluesky", "telegram"):
        for step in text_steps(platform, "a", "some words here", Window(), CHOSEN):
            read_text(platform, step, Answer(200, (), body, step.url), "a", Window())


@settings(max_examples=200, deadline=None)
@given(raw=st.text(max_size=60), entities=st.lists(st.dictionaries(st.sampled_from(["url", "indices", "expanded_url"]), JSON | st.just("https://t.co/a")), max_size=4), shown=JSON)  # fmt: skip
def test_any_entities_over_any_text_give_a_text(raw: str, entities: list[Any], shown: Any) -> None:
    assert isinstance(expanded(raw + " https://t.co/a", {"urls": entities, "media": entities}, shown), str)


def test_lone_surrogates_and_zeros_can_be_stored(fake: FakePlatforms) -> None:
    body = b'{"__typename":"Tweet","id_str":"20","text":"a\\ud83d b\\u0000 c","user":{"screen_name":"a\\udc00"}}'
    reading = read(Answer(200, (), body, ""), ref_to("https://x.com/a/status/20"))
    assert reading.post is not None and reading.post.text == "a\ufffd b\ufffd c"
    reading.post.text.encode("utf-8")


def test_right_to_left_overrides_and_markup_stay_text() -> None:
    text = "\u202egnp.exe <script>alert(1)</script>"
    value = {
        "__typename": "Tweet",
        "id_str": "20",
        "text": text.replace("<", "&lt;").replace(">", "&gt;"),
        "user": {"screen_name": "a"},
    }
    reading = read(Answer(200, (), json.dumps(value).encode(), ""), ref_to("https://x.com/a/status/20"))
    assert reading.post is not None and reading.post.text == text


def test_thousands_of_entities_are_bounded() -> None:
    many = [{"url": f"https://t.co/{n}", "expanded_url": "https://e.org/", "indices": [0, 5]} for n in range(20_000)]
    media = [{"type": "photo", "media_url_https": f"https://p.example/{n}.jpg"} for n in range(20_000)]
    value = {
        "__typename": "Tweet",
        "id_str": "20",
        "text": "t",
        "user": {"screen_name": "a"},
        "entities": {"urls": many},
        "mediaDetails": media,
    }
    reading = read(Answer(200, (), json.dumps(value).encode(), ""), ref_to("https://x.com/a/status/20"))
    assert reading.post is not None and len(reading.post.media) <= 200 and len(reading.post.tags) <= 200


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2025-13-01T00:00:00Z",
        "2025-01-01T00:00:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-23:59",
        None,
        5,
    ],
)
def test_times_that_are_none_are_none(text: Any) -> None:
    assert instant(text) is None


def test_walking_a_value_is_bounded() -> None:
    assert sum(1 for _ in nodes([{"a": {}}] * 150_000)) <= 400_000


@given(number=st.floats(min_value=1e-300, max_value=1e300))
def test_base_36_never_ends_in_an_error(number: float) -> None:
    assert base36(number)


@given(markup=st.text(max_size=200))
def test_any_markup_has_words_or_none(markup: str) -> None:
    tree = tree_of(markup)
    assert tree is None or text_of(tree) is None or isinstance(text_of(tree), str)


SLOW = {
    "nested starts": b"<script>full_text=" + b"[0," * 150 + b"1," * 1_500_000 + b"</script>",
    "deep starts": b"<script>playabilityStatus itemStruct full_text=" + (b"[" * 3000 + b"=") * 1500 + b"</script>",
    "nested messages": b'<div class="tgme_widget_message" data-post="ferrywatch/1">' * 200 + b"<p>a" * 100_000,
    "many messages": b'<div class="tgme_widget_message" data-post="ferrywatch/1"><a href="https://t.me/a/1">x</a></div>'
    * 15_000,
    "wide json": b"[" + b"{}," * 1_000_000 + b"{}]",
    "json-ld": b'<script type="application/ld+json">'
    + b'{"@type":"Person","a":['
    + b"{}," * 1_000_000
    + b"{}]}</script>",
    "metas": b'<meta http-equiv="refresh" content="0;url=' + b"a" * 100 + b'">' * 20_000,
}


@pytest.mark.parametrize("body", SLOW.values(), ids=SLOW)
def test_no_body_keeps_a_reader_busy(body: bytes) -> None:
    of_pages = body.startswith(b"<")
    for ref, step in STEPS:
        if of_pages != (step.method in ("page", "embed", "preview")) or (
            not of_pages and step.method not in ("api", "syndication")
        ):
            continue
        kind = "text/html" if of_pages else "application/json"
        started = time.process_time()
        take(ref, step, Answer(200, (("Content-Type", kind),), body, step.url), NOW)
        assert time.process_time() - started < 3, (ref.platform, step.method)


@pytest.fixture(scope="module")
def pages() -> list[tuple[PostRef, Step, bytes]]:
    """A good page of every step that answers with HTML."""
    good: list[tuple[PostRef, Step, bytes]] = []
    with FakePlatforms(posts=[]) as fake:
        fake.put(x_post(text="A & b", full_text="Long.", copies=True))
        for platform in ("telegram", "youtube", "tiktok", "reddit", "linkedin", "truthsocial"):
            fake.put(post_on(platform, ref_to(URLS[platform]).native_id or "", media=("p",)))
        for url in URLS.values():
            for step in steps_of(ref_to(url), options(fake)):
                answer = ask(step)
                if answer.status == 200 and answer.content_type == "text/html":
                    good.append((ref_to(url), step, answer.body))
    return good


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_damaged_page_breaks_a_reader(pages: list[tuple[PostRef, Step, bytes]], data: st.DataObject) -> None:
    ref, step, body = data.draw(st.sampled_from(pages))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = data.draw(st.integers(start, min(len(body), start + 40)))
        body = (
            body[:start]
            + data.draw(st.binary(max_size=12) | st.sampled_from([b"<", b'"', b"&#x0;", b"\\ud800", b"</script>"]))
            + body[end:]
        )
    attempt, reading = take(ref, step, Answer(200, (("Content-Type", "text/html"),), body, step.url), NOW)
    build_post(ref, [attempt], [reading], fetch_time=NOW).model_dump_json()
