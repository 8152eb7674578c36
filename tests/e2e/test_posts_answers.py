"""Every shape of answer that the fake networks can give, cited by one page: the status that it allows, and its evidence."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms, FakePost
from archiver.models.post import Post
from archiver.platforms.outcomes import PLAIN, STATED
from tests.e2e.kit import Server, archiver, ok
from tests.e2e.networks import WHEN, configure, embed, linked, record_ids, story, x_link, x_post

X_LINKED = {
    "visible": "captured",
    "no-entities": "captured",
    "odd-entities": "captured",
    "deleted": "deleted",  # the widget's answer says so in words, and oEmbed knows no such post
    "false-tombstone": "captured_partial",  # oEmbed still shows it: one tombstone is not "deleted"
    "suspended": "suspended",
    "account-gone": "account_gone",
    "protected": "protected",
    "age-gated": "captured_partial",
    "withheld": "captured_partial",
    "rules": "unavailable",
    "unavailable": "captured_partial",
    "empty-tombstone": "captured_partial",
    "empty-object": "captured_partial",
    "userless": "captured_partial",
    "unknown-type": "captured_partial",
    "other-id": "captured_partial",
    "not-found": "not_found",  # nobody ever saw it: not "deleted"
    "deleted-404": "not_found",
    "slow": "pending",
    "broken": "pending",
    "drift": "unavailable",
    "drift-types": "unavailable",
    "deep": "unavailable",
    "not-json": "unavailable",
    "html-for-json": "unavailable",
    "empty-body": "unavailable",
    "wall": "unavailable",
    "to-login": "login_wall",
}
"""State of a post on X that an article only links -> status of its document."""

X_RESTING = [
    "throttled",
    "throttled-plain",
    "forbidden",
    "payment",
    "challenge",
    "status-999",
    "server-error",
    "unavailable-503",
]
"""States whose answers ask for rest: the endpoint is left alone then, and every post that waits for it is asked another day."""

X_EMBEDDED = {
    "not-found": "deleted",
    "deleted-404": "deleted",
    "deleted": "deleted",
    "drift": "unavailable",
}
"""The same where the article shows the post's words: it did exist."""

OTHERS = {
    ("bluesky", "visible"): "captured",
    ("bluesky", "not-found-union"): "not_found",
    ("bluesky", "blocked"): "unavailable",
    ("bluesky", "account-gone"): "account_gone",
    ("bluesky", "takedown"): "suspended",
    ("bluesky", "not-found"): "not_found",
    ("telegram", "visible"): "captured",
    ("telegram", "not-found"): "unavailable",  # "Post not found" with status 200, and nobody else to ask
    ("youtube", "visible"): "captured",
    ("youtube", "forbidden-200"): "captured",  # the word Forbidden with status 200; the page still shows it
    ("youtube", "private"): "protected",
    ("youtube", "no-embed"): "captured",
    ("youtube", "removed"): "deleted",
    ("youtube", "not-found"): "not_found",
    ("mastodon", "visible"): "captured",
    ("mastodon", "secure"): "captured",
    ("mastodon", "tombstone"): "deleted",
    ("mastodon", "not-found"): "not_found",
}


@dataclass
class Shapes:
    """What one page cites. `urls` maps a name to the address that it cites by."""

    posts: list[FakePost] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)

    def link(self, name: str, url: str, post: FakePost) -> None:
        self.posts.append(post)
        self.blocks.append(linked(url))
        self.urls[name] = url

    def embed(self, name: str, number: int, post: FakePost) -> None:
        self.posts.append(post)
        self.blocks.append(embed(number, post.text))
        self.urls[name] = x_link(number)


def elsewhere(number: int, platform: str, state: str) -> tuple[str, FakePost]:
    """(URL, post) on another network than X."""
    text = f"Text of {platform} about {state} number {number}"
    letter = "abcdefghijklmnopqrstuvwxyz"[number % 26]
    did, key = f"did:plc:abcdefghijklmnopqrstuvw{letter}", f"3m4xdemo{number:02}k2t"
    native, url, username, host = {
        "bluesky": (f"{did}/{key}", f"https://bsky.app/profile/{did}/post/{key}", "someone", ""),
        "telegram": (f"harbournews{number}/70", f"https://t.me/harbournews{number}/70", f"harbournews{number}", ""),
        "youtube": (f"abcdefgh{number:02}k", f"https://www.youtube.com/watch?v=abcdefgh{number:02}k", "someone", ""),
        "mastodon": (
            f"social.demo.example/1144000000000000{number:02}",
            f"https://social.demo.example/@someone/1144000000000000{number:02}",
            "someone",
            "social.demo.example",
        ),
    }[platform]
    return url, FakePost(platform, native, username, "Some One", text, WHEN, state=state, host=host)


@pytest.fixture(scope="module")
def shapes() -> Shapes:
    found = Shapes()
    for number, state in enumerate(X_LINKED):
        found.link(f"link {state}", x_link(number), x_post(number, state))
    for number, state in enumerate(X_EMBEDDED, start=100):
        found.embed(f"embed {state}", number, x_post(number, state))
    for number, (platform, state) in enumerate(OTHERS):
        found.link(f"{platform} {state}", *elsewhere(number, platform, state))
    return found


@dataclass(frozen=True)
class Asked:
    store: Path
    run: subprocess.CompletedProcess[bytes]
    posts: dict[str, Post]
    """By the name of the shape."""


@pytest.fixture(scope="module")
def asked(shapes: Shapes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    folder = tmp_path_factory.mktemp("answers")
    server = Server({"/story": ok(story(*shapes.blocks))})
    with FakePlatforms(posts=shapes.posts, slow_seconds=4) as networks, server:
        configure(folder, networks)
        run = archiver("capture", f"{server.base}/story", cwd=folder)
    archive = Archive(folder / "archive")
    article = next(archive.articles())
    by_url = {citation.url: post for citation, _, post in archive.citations(article)}
    posts = {name: post for name, url in shapes.urls.items() if (post := by_url.get(url))}
    yield Asked(folder / "archive", run, posts)


def test_the_run_ends_well_whatever_the_networks_answer(asked: Asked, shapes: Shapes) -> None:
    assert asked.run.returncode == 0, asked.run.stderr.decode()
    assert b"Traceback" not in asked.run.stderr
    assert set(asked.posts) == set(shapes.urls)


@pytest.mark.parametrize("state", X_LINKED)
def test_a_linked_post_on_x_ends_as_its_answers_allow(asked: Asked, state: str) -> None:
    assert asked.posts[f"link {state}"].status == X_LINKED[state]


@pytest.mark.parametrize("state", X_EMBEDDED)
def test_an_embedded_post_on_x_ends_as_its_answers_allow(asked: Asked, state: str) -> None:
    post = asked.posts[f"embed {state}"]
    assert post.status == X_EMBEDDED[state]
    assert (post.text, post.text_basis) == (x_post(100 + list(X_EMBEDDED).index(state), state).text, "article-markup")


@pytest.mark.parametrize(("platform", "state"), OTHERS)
def test_a_post_elsewhere_ends_as_its_answers_allow(asked: Asked, platform: str, state: str) -> None:
    assert asked.posts[f"{platform} {state}"].status == OTHERS[platform, state]


def test_every_answer_is_a_record_and_every_status_names_its_evidence(asked: Asked) -> None:
    known = record_ids(asked.store)
    for name, post in asked.posts.items():
        for attempt in post.attempts:
            answered = attempt.http_status is not None
            assert not answered or attempt.warc_record_id in known, name
            assert attempt.warc_record_id is None or attempt.warc_record_id in known, name
            assert attempt.outcome != "not_attempted" or attempt.reason_text, name
        evidence = [attempt for attempt in post.attempts if attempt.warc_record_id]
        # Nothing came back from the slow servers: there the failure itself is all that there is to note.
        assert evidence or {a.outcome for a in post.attempts} <= {"network", "not_attempted"}, name
        assert (post.capture is None) == (not evidence), name


def test_deleted_needs_two_independent_answers(asked: Asked) -> None:
    for name, post in asked.posts.items():
        if post.status == "deleted":
            plain = {a.method for a in post.attempts if a.outcome in PLAIN and not a.method.startswith("wayback")}
            assert len(plain) > 1, name
            stated = any(attempt.outcome == "deleted" for attempt in post.attempts)
            assert stated or post.text_basis == "article-markup", name
        elif post.status in STATED:
            assert post.status in {attempt.outcome for attempt in post.attempts}, name


def test_endpoints_that_ask_for_rest_get_it_and_the_posts_stay_pending(tmp_path: Path) -> None:
    posts = [x_post(number, state) for number, state in enumerate(X_RESTING)]
    page = story(*(linked(x_link(number)) for number in range(len(posts))))
    with FakePlatforms(posts=posts) as networks, Server({"/story": ok(page)}) as server:
        configure(tmp_path, networks)
        assert archiver("capture", f"{server.base}/story", cwd=tmp_path).returncode == 0
        asked_for = networks.asked("x.syndication")
    archive = Archive(tmp_path / "archive")
    found = list(archive.posts())
    assert len(found) == len(posts)
    assert {post.status for post in found} == {"pending"}
    assert 0 < len(asked_for) < len(posts)
    assert {a.outcome for post in found for a in post.attempts} <= {"throttled", "blocked", "network", "not_attempted"}


def test_answers_that_nobody_understands_are_alarms_and_no_verdict(asked: Asked) -> None:
    for state in ("drift", "drift-types", "deep", "not-json", "html-for-json", "empty-body"):
        assert "schema_drift" in {attempt.outcome for attempt in asked.posts[f"link {state}"].attempts}


def test_the_archive_of_odd_answers_passes_the_check(asked: Asked, tmp_path: Path) -> None:
    assert archiver("check", "--store", asked.store, cwd=tmp_path).returncode == 0
