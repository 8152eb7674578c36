"""Two captures of one post: edits and disappearances are changes, counts and signed addresses are not."""

from __future__ import annotations

from typing import Any

from archiver.demo.platforms import FakePlatforms
from archiver.models.post import Post
from archiver.platforms.base import PostRef
from archiver.platforms.chain import build_post
from archiver.platforms.compare import changes, fingerprint
from tests.unit.platforms.kit import NOW, options, run, x_post

ID = "1986488750699450999"
REF = PostRef("x", ID, f"https://x.com/ferry_watch/status/{ID}", "ferry_watch")


def captured(fake: FakePlatforms, **given: Any) -> Post:
    fake.put(x_post(**given))
    attempts, readings, _ = run(REF, options(fake))
    return build_post(REF, attempts, readings, fetch_time=NOW, known_to_exist=True)


def test_counts_are_no_change(fake: FakePlatforms) -> None:
    one, two = captured(fake, likes=1), captured(fake, likes=90_000)
    assert changes(one, two) == []
    assert fingerprint(one) == fingerprint(two)


def test_an_edit_a_new_picture_and_a_new_username_are_changes(fake: FakePlatforms) -> None:
    one = captured(fake, media=("boat",))
    two = captured(fake, media=("quay",), text="The night boat left late.", username="renamed", state="edited")
    assert changes(one, two) == ["text", "media", "edit_ids", "username"]
    assert fingerprint(one) != fingerprint(two)


def test_a_disappearance_is_a_change_of_status_and_not_of_text(fake: FakePlatforms) -> None:
    one, two = captured(fake), captured(fake, state="deleted")
    assert two.status == "deleted"
    assert changes(one, two) == ["status"]


def test_a_cut_text_is_no_edit(fake: FakePlatforms) -> None:
    whole = captured(fake)
    cut = captured(fake, text="The night", full_text="The night boat left on time.", states={"x.page": "wall"})
    assert cut.status == "captured_partial"
    assert changes(whole, cut) == []


def test_signed_addresses_of_the_same_picture_are_the_same(fake: FakePlatforms) -> None:
    one = captured(fake, media=("boat",))
    medium = one.media[0].model_copy(update={"url": one.media[0].url + "&sig=2"})
    assert fingerprint(one.model_copy(update={"media": [medium]})) == fingerprint(one)
