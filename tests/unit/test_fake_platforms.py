"""The fake networks: what they hold, that each answers for every state, and that they keep a log with headers."""

from __future__ import annotations

import http.client
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archiver.citations import matching
from archiver.demo import platforms as platforms_folder
from archiver.demo.outlets import OUTLET_IDS, Edition, edition
from archiver.demo.platforms import STATES, Asked, FakePlatforms, FakePost, demo_posts
from archiver.demo.platforms.posts import STORY_DAY
from archiver.demo.server import EDITION
from archiver.platforms import id_time, match
from archiver.platforms.accounts import load_accounts, resolve_author
from archiver.platforms.chain import build_post, steps_of
from archiver.platforms.options import BASES
from archiver.platforms.steps import Step
from tests.unit.platforms.kit import NOW, ask, options, run, x_post
from tests.unit.platforms.test_hostile import URLS

TOLO = (
    "For the first time, Pakistan admitted during these negotiations that it has an agreement with the United States "
    "allowing drone strikes, and claimed it cannot break that agreement"
)
LATIFI = (
    "Pakistan admitting US conducts drone strikes from its territory is deeply revealing. "
    "It was once the biggest casualty of Obama’s drone wars."
)
DEMO_ACCOUNTS = load_accounts(Path(platforms_folder.__file__).parent / "accounts.toml")
PRINTED = "For the first time, Pakistan acknowledged that it cannot break its agreement with the US"


@pytest.fixture(scope="module")
def demo() -> Iterator[FakePlatforms]:
    with FakePlatforms() as platforms:
        yield platforms


def editions() -> list[Edition]:
    return [edition(outlet_id, "http://127.0.0.1/", EDITION) for outlet_id in OUTLET_IDS]


def bodies() -> list[str]:
    return [piece.body for one in editions() for piece in one.pieces]


def post_with(text: str, posts: list[FakePost]) -> FakePost:
    return next(post for post in posts if post.text == text)


def test_the_seed_storys_two_posts_stand_with_their_public_wording_on_28_october() -> None:
    posts = demo_posts(EDITION)
    for text, username in ((TOLO, "TOLOnews"), (LATIFI, "alibomaye")):
        post = post_with(text, posts)
        assert (post.username, post.published.date()) == (username, STORY_DAY.date())


def test_ids_hold_the_time_of_their_posts() -> None:
    for post in demo_posts(EDITION):
        if post.platform == "x":
            assert id_time("x", post.native_id) == post.published


def test_another_day_of_the_story_moves_posts_and_ids_together() -> None:
    moved = post_with(TOLO, demo_posts(EDITION, EDITION - timedelta(days=2)))
    assert moved.published.date() == datetime(2025, 11, 7, tzinfo=UTC).date()
    assert id_time("x", moved.native_id) == moved.published


def test_every_post_that_a_demo_article_embeds_or_links_is_there(demo: FakePlatforms) -> None:
    urls = {url for body in bodies() for url in re.findall(r"(?:https?|at)://[^\s\"<>)]+", body)}
    refs = {ref.key: ref for url in urls if (ref := match(url))}
    assert len(refs) >= 3
    for ref in refs.values():
        attempts, readings, _ = run(ref, options(demo))
        assert build_post(ref, attempts, readings, fetch_time=NOW).status == "captured"


def test_every_post_that_a_story_quotes_without_a_link_was_posted_in_the_days_before_it() -> None:
    pieces = [piece for one in editions() for piece in one.pieces]
    quoted = [post for post in demo_posts(EDITION) if post.username.startswith("demo_") and post.language != "en"]
    assert {post.language for post in quoted} == {"fa", "ps", "ur", "ar"}
    for post in quoted:
        piece = next(piece for piece in pieces if post.text.rstrip(".") in piece.body)
        assert timedelta(0) < piece.published - post.published < timedelta(days=3)
        assert resolve_author(post.name, None, accounts=DEMO_ACCOUNTS) == (post.username, "accounts")


@pytest.mark.parametrize(
    ("quote", "name", "status"), [(PRINTED, "TOLO News", "ambiguous"), (LATIFI, "Ali M Latifi", "resolved_text")]
)
def test_the_two_reference_quotations_end_as_they_should(quote: str, name: str, status: str) -> None:
    author = resolve_author(name, None)
    assert author is not None
    posts = [post for post in demo_posts(EDITION) if post.username == author.username]
    candidates = [matching.Candidate(p.native_id, p.text, p.published, "accounts", True) for p in posts]
    verdict = matching.judge(quote, candidates, parts=(quote,), published=STORY_DAY + timedelta(days=1), language="en")
    assert verdict.status == status
    if status == "ambiguous":
        assert verdict.post_id is None
        assert verdict.scored[0].candidate.text == TOLO, "the post that was meant is the nearest all the same"


@pytest.mark.parametrize("platform", URLS)
@pytest.mark.parametrize("state", [state for state in STATES if state not in ("slow", "broken")])
def test_every_network_answers_in_every_state(demo: FakePlatforms, platform: str, state: str) -> None:
    ref = match(URLS[platform])
    assert ref is not None and ref.native_id is not None
    host = "mastodon.social" if platform == "mastodon" else ""
    demo.put(replace(x_post(), platform=platform, native_id=ref.native_id, state=state, host=host))
    for step in steps_of(ref, options(demo, bearer="demo-bearer", meta_oembed=True, third_party="notes")):
        answer = ask(replace(step, dont_redirect=True))
        assert answer.status is not None, (step.method, answer.network_error)
        assert answer.header("content-length") == str(len(answer.body))


def test_a_state_can_be_switched_for_one_endpoint(fake: FakePlatforms) -> None:
    fake.put(x_post())
    fake.set_state("x", x_post().native_id, "deleted", "x.syndication")
    ref = match("https://x.com/ferry_watch/status/" + x_post().native_id)
    assert ref is not None
    attempts, _, _ = run(ref, options(fake))
    assert [attempt.outcome for attempt in attempts[:2]] == ["deleted", "partial"]
    with pytest.raises(KeyError):
        fake.set_state("x", "1", "deleted")


@pytest.fixture
def fake() -> Iterator[FakePlatforms]:
    with FakePlatforms(posts=[], slow_seconds=0.3) as platforms:
        yield platforms


def test_requests_are_logged_with_their_headers(fake: FakePlatforms) -> None:
    ask(Step("api", fake.bases["x.api"] + "/2/tweets/20", headers=(("Authorization", "Bearer planted"),)))
    (asked,) = fake.asked("x.api")
    assert isinstance(asked, Asked)
    assert asked.headers["authorization"] == "Bearer planted"
    assert asked.headers["user-agent"].startswith("NewsArchiver/")
    assert asked.target == "/x.api/2/tweets/20"


def test_slow_answers_are_slow_and_broken_ones_end_in_the_middle(fake: FakePlatforms) -> None:
    url = next(s.url for s in steps_of(match(URLS["x"]), options(fake)))  # type: ignore[arg-type]
    fake.put(x_post(state="slow"))
    start = time.monotonic()
    assert ask(Step("syndication", url)).status == 200
    assert time.monotonic() - start >= 0.3
    fake.put(x_post(state="broken"))
    assert "IncompleteRead" in (ask(Step("syndication", url)).network_error or "")


def test_a_client_that_gives_up_on_a_slow_answer_gets_a_timeout(fake: FakePlatforms) -> None:
    url = next(s.url for s in steps_of(match(URLS["x"]), options(fake)))  # type: ignore[arg-type]
    fake.put(x_post(state="slow"))
    assert "timed out" in (ask(Step("syndication", url), timeout=0.1).network_error or "")


def test_the_bases_cover_every_endpoint_and_the_mastodon_servers(fake: FakePlatforms) -> None:
    assert set(fake.bases) == {*BASES, "media"}
    fake.put(replace(x_post(), platform="mastodon", native_id="m.example.org/115503948561234567", host="m.example.org"))
    assert fake.bases["mastodon:m.example.org"].endswith("/mastodon:m.example.org")


def test_endpoints_are_different_hosts_as_the_real_ones_are(fake: FakePlatforms) -> None:
    hosts = {urlsplit(base).hostname for base in fake.bases.values()}
    assert len(hosts) == len(fake.bases) or hosts == {"127.0.0.1"}
    assert all(host and host.startswith("127.") for host in hosts)
    assert fake.bases == fake.bases, "an address stays"


def test_robots_txt_refuses_xs_pages_and_nothing_else(fake: FakePlatforms) -> None:
    body = ask(Step("robots", fake.base + "/robots.txt")).body.decode()
    assert re.findall(r"Disallow: (.*)", body) == ["/x.page/", "/x.page.old/"]


def test_pictures_are_pictures_and_head_has_no_body(fake: FakePlatforms) -> None:
    assert ask(Step("media", fake.net.picture("boat") + "?name=orig")).body.startswith(b"\x89PNG")
    parts = urlsplit(fake.base)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    connection.request("HEAD", "/media/boat.png")
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"")
    assert int(response.getheader("Content-Length") or 0) > 100
    connection.close()


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/x.syndication", "/%2e%2e/%00", "/media/", "/telegram/" + "a" * 5000]
)
def test_any_path_has_an_answer(fake: FakePlatforms, path: str) -> None:
    answer = ask(Step("any", fake.base + path, dont_redirect=True))
    assert answer.status is not None


def test_the_same_start_serves_the_same_bytes() -> None:
    seen = []
    for _ in range(2):
        with FakePlatforms() as platforms:
            base = platforms.base
            step = next(s for s in steps_of(match("https://x.com/a/status/1987129220920250514"), options(platforms)))  # type: ignore[arg-type]
            answer = ask(step)
            seen.append((answer.body.replace(base.encode(), b""), answer.header("date")))
    assert seen[0] == seen[1]
