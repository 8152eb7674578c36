"""The document that the answers of a chain make: fields, evidence, and what contradicts."""

from __future__ import annotations

import pytest

from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.models.post import CitedBy
from archiver.platforms import match
from archiver.platforms.base import PostRef
from archiver.platforms.chain import (
    Embedded,
    build_post,
    post_id,
    related_posts,
)
from tests.unit.platforms.kit import NOW, options, pointer, run, x_post

ID = "1986488750699450999"
REF = PostRef("x", ID, f"https://x.com/ferry_watch/status/{ID}", "ferry_watch")


def test_the_same_records_give_the_same_document(fake: FakePlatforms) -> None:
    fake.put(x_post(media=("boat",), full_text="Long and whole."))
    attempts, readings, _ = run(REF, options(fake))
    cited = [CitedBy(article="urn:uuid:1", kind="embed")]
    one, two = (
        build_post(REF, attempts, list(readings), cited_by=cited, fetch_time=NOW).model_dump_json() for _ in range(2)
    )
    assert one == two


def test_a_document_names_its_capture_its_attempts_and_its_parser(fake: FakePlatforms) -> None:
    fake.put(x_post())
    attempts, readings, _ = run(REF, options(fake))
    post = build_post(REF, attempts, readings, cited_by=[CitedBy(article="urn:uuid:1", kind="embed")], fetch_time=NOW)
    assert (post.id, post.url) == (f"https://x.com/i/status/{ID}", f"https://x.com/ferry_watch/status/{ID}")
    assert post.capture is not None and post.capture.warc_record_id == post.attempts[0].warc_record_id
    assert post.provenance.parser == "x/1"
    assert post.metrics.at == post.capture.fetch_time
    assert post.id_time == post.published
    assert post.terms == "x-tos"
    assert post.warnings == []


def test_other_answers_fill_what_the_text_giving_one_leaves_unknown(fake: FakePlatforms) -> None:
    fake.put(x_post(full_text="Long and whole.", media=("boat",)))
    attempts, readings, _ = run(REF, options(fake))
    post = build_post(REF, attempts, readings, fetch_time=NOW)
    assert post.obtained_via == "page"
    assert [medium.url for medium in post.media] == [f"{fake.base}/media/boat.png?name=orig"]
    assert post.edit_ids == [ID]
    assert any(warning.startswith("also read from syndication") for warning in post.warnings)


@pytest.mark.parametrize(("code", "kept"), [("en", "en"), ("zxx", None), ("und", None), ("qme", None), ("UND", None)])
def test_a_networks_word_for_no_language_is_none(fake: FakePlatforms, code: str, kept: str | None) -> None:
    fake.put(x_post(language=code))
    skeet = FakePost(
        "bluesky",
        "did:plc:ferrywatchferrywatch2222/3m4nightboat2",
        "ferry.example",
        "Ferry",
        "Words",
        NOW,
        language=code,
    )
    fake.put(skeet)
    on_bluesky = match(f"https://bsky.app/profile/{skeet.native_id.replace('/', '/post/')}")
    assert on_bluesky
    for ref in (REF, on_bluesky):
        attempts, readings, _ = run(ref, options(fake))
        post = build_post(ref, attempts, readings, fetch_time=NOW)
        assert (post.status, post.language) == ("captured", kept)


def test_media_captures_are_named_in_the_document(fake: FakePlatforms) -> None:
    fake.put(x_post(media=("boat",)))
    attempts, readings, _ = run(REF, options(fake))
    url = f"{fake.base}/media/boat.png?name=orig"
    post = build_post(REF, attempts, readings, fetch_time=NOW, media={url: pointer(b"png", 200, 7)})
    assert post.media[0].record_id == "<urn:uuid:00000000-0000-4000-8000-000000000007>"
    assert post.media[0].sha256 is not None


def test_an_embeds_words_are_kept_where_no_answer_has_any(fake: FakePlatforms) -> None:
    attempts, readings, _ = run(REF, options(fake, wayback=False))
    embedded = Embedded(text="The night boat left.", name="Ferry Watch", username="ferry_watch")
    post = build_post(REF, attempts, readings, embedded=embedded, fetch_time=NOW)
    assert (post.text, post.text_basis, post.obtained_via) == (
        "The night boat left.",
        "article-markup",
        "article-markup",
    )
    assert post.text_complete is None
    assert post.status == "deleted", "its text stands in the article, so it existed"
    assert [a.reason_text for a in post.attempts] == [None, None], "no answer named a reason"


def test_a_username_that_differs_from_the_links_is_a_warning(fake: FakePlatforms) -> None:
    fake.put(x_post(username="renamed_watch"))
    attempts, readings, _ = run(REF, options(fake))
    post = build_post(REF, attempts, readings, fetch_time=NOW)
    assert post.warnings == ["the article's link names @ferry_watch, the answer @renamed_watch"]


def test_a_published_time_that_its_id_denies_is_a_warning(fake: FakePlatforms) -> None:
    fake.put(x_post(published=NOW))
    attempts, readings, _ = run(REF, options(fake))
    post = build_post(REF, attempts, readings, fetch_time=NOW)
    assert "published and the time in the id differ by more than 2 s" in post.warnings


def test_quoted_posts_become_documents_of_their_own(fake: FakePlatforms) -> None:
    fake.put(x_post("1986488750699450111", text="First.", username="other_user"))
    fake.put(x_post(quotes="1986488750699450111"))
    attempts, readings, _ = run(REF, options(fake))
    main = build_post(REF, attempts, readings, fetch_time=NOW)
    (quoted,) = related_posts(main, readings[0])
    assert (quoted.id, quoted.text, quoted.status) == (
        "https://x.com/i/status/1986488750699450111",
        "First.",
        "captured_partial",
    )
    assert quoted.capture == main.capture
    assert main.quoted == quoted.native_id


def test_ids_of_posts_do_not_hold_usernames() -> None:
    assert post_id(REF) == f"https://x.com/i/status/{ID}"
    telegram = match("https://t.me/Channel/5")
    assert telegram is not None and post_id(telegram) == "https://t.me/channel/5"
