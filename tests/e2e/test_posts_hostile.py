"""Pages and answers that mean harm: bounded work, a document all the same, and nothing that commands the reader's terminal."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from archiver.archive import Archive
from archiver.demo.platforms import FakePlatforms
from archiver.following import ASKED_MAX
from tests.e2e.kit import Server, archiver, documents, ok
from tests.e2e.networks import configure, embed, lead, linked, stored, story, x_link, x_post
from tests.e2e.test_posts_ssrf import Everywhere, _widget


def test_ten_thousand_embeds_on_one_page_are_bounded(tmp_path: Path) -> None:
    page = story(*(embed(number, f"Words {number}") for number in range(10_000)))
    begun = time.monotonic()
    with FakePlatforms(posts=[]) as networks, Server({"/story": ok(page)}) as server:
        configure(tmp_path, networks, timeout="20s", posts={"wayback": False})
        run = archiver("capture", f"{server.base}/story", cwd=tmp_path, timeout=300)
        asked = len(networks.requests)
        again = archiver("follow", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()
    (document,) = documents(tmp_path / "archive")
    assert 100 < len(document["citations"]) <= 1_000
    assert len(stored(tmp_path / "archive", "posts")) <= ASKED_MAX
    assert len(stored(tmp_path / "archive", "resolutions")) == len(document["citations"])
    assert asked < 4 * ASKED_MAX
    assert b"no cited post" in again.stderr
    assert time.monotonic() - begun < 240


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 500_000,
        b'{"__typename":"Tweet","text":"' + b"a" * 20_000_000 + b'"}',
        b'{"__typename":"Tweet","id_str":' + b"9" * 100_000 + b"}",
        json.dumps({"__typename": "Tweet", "mediaDetails": [{}] * 200_000, "entities": {"urls": [[]] * 1000}}).encode(),
        b"\xff\xfe\x00" * 1000,
        json.dumps({"__typename": "Tweet", "text": "\ud800 lone", "user": {"name": "\ud800"}}).encode(),
    ],
    ids=["deep", "huge", "number", "wide", "bytes", "surrogate"],
)
def test_a_hostile_answer_costs_its_post_only(tmp_path: Path, body: bytes) -> None:
    page = story(linked(x_link(1)), linked("https://t.me/harbournews/70"))
    bad = Server(Everywhere(ok(body, kind="application/json")))
    with FakePlatforms(posts=[x_post(1)]) as networks, bad, Server({"/story": ok(page)}) as server:
        configure(tmp_path, networks, timeout="20s")
        lead(tmp_path, "x.syndication", bad.base)
        run = archiver("capture", f"{server.base}/story", cwd=tmp_path)
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    posts = {post["platform"]: post for post in stored(tmp_path / "archive", "posts")}
    assert posts["x"]["status"] == "captured_partial"  # oEmbed still shows it
    (answered,) = [attempt for attempt in posts["x"]["attempts"] if attempt["method"] == "syndication"]
    assert answered["outcome"] in ("schema_drift", "unavailable")
    assert archiver("check", cwd=tmp_path).returncode == 0


def test_names_and_posts_cannot_command_the_terminal(tmp_path: Path) -> None:
    evil = "Har\u202ebour \x1b[31mred\x1b]0;title\x07 \u2066master\u2069 \x9b2J \u0645\u06cc\u200c\u0631\u0648\u062f"
    answer = _widget([]) | {"text": evil, "display_text_range": [0, len(evil)]}
    answer["user"] = {"id_str": "1", "name": f"\u202eresU\x1b[2J {evil}", "screen_name": "user1"}
    bad, server = Server(Everywhere(ok(json.dumps(answer), kind="application/json"))), Server()
    server.answers = {"/story": ok(story(linked(x_link(1))))}
    with FakePlatforms(posts=[x_post(1)]) as networks, bad, server:
        configure(tmp_path, networks)
        lead(tmp_path, "x.syndication", bad.base)
        assert archiver("capture", f"{server.base}/story", cwd=tmp_path).returncode == 0
        shown = archiver("show", f"{server.base}/story", cwd=tmp_path).stdout.decode()
        as_json = archiver("show", f"{server.base}/story", "--json", cwd=tmp_path).stdout
    (post,) = Archive(tmp_path / "archive").posts()
    assert post.text and "\u202e" in post.text  # the document keeps what was posted
    for code in ("\x1b", "\x07", "\x9b", "\u202e", "\u2066", "\u2069"):
        assert code not in shown
    assert "\u0645\u06cc\u200c\u0631\u0648\u062f" in shown  # spelling stays
    assert b"\x1b" not in as_json
    assert all(json.loads(line) for line in as_json.splitlines())
