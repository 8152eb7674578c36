"""Short links: hop by hop, bounded, and never to a private address."""

from __future__ import annotations

from dataclasses import replace

import pytest

from archiver.demo.platforms import FakePlatforms
from archiver.platforms import PostRef, match
from archiver.platforms.options import PlatformOptions
from archiver.platforms.short import HOPS_MAX, follow, target
from archiver.platforms.steps import Answer
from tests.unit.platforms.kit import ask, options

HTML = (("Content-Type", "text/html"),)


def test_a_redirect_and_a_meta_refresh_lead_to_the_same_place() -> None:
    there = "https://x.com/a/status/20"
    plain = Answer(301, (("Location", there),), b"", "https://t.co/abc")
    body = f'<html><head><noscript><META http-equiv="refresh" content="0;URL={there}"></noscript></head></html>'
    browser = Answer(200, HTML, body.encode(), "https://t.co/abc")
    assert target(plain) == target(browser) == there


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404, HTML, b"<html></html>", "https://t.co/abc"),
        Answer(200, HTML, b"<html><body>here</body></html>", "https://t.co/abc"),
        Answer(200, HTML, b"", "https://t.co/abc"),
        Answer(302, (), b"", "https://t.co/abc"),
        Answer(None, network_error="timeout"),
    ],
)
def test_an_answer_that_leads_nowhere_is_the_end(answer: Answer) -> None:
    assert target(answer) is None


def test_at_most_five_hops_are_followed() -> None:
    assert follow("https://t.co/abc", PlatformOptions(), HOPS_MAX - 1) is not None
    assert follow("https://t.co/abc", PlatformOptions(), HOPS_MAX) is None


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/a", "https://localhost/a", "http://10.1.1.1/", "https://a.internal/", "ftp://t.co/a", ""]
)
def test_no_hop_leads_to_a_private_address(url: str) -> None:
    assert follow(url, PlatformOptions()) is None


def test_hops_are_https_and_not_followed_by_the_client() -> None:
    step = follow("http://t.co/abc", PlatformOptions())
    assert step is not None
    assert (step.url, step.dont_redirect, step.federated) == ("https://t.co/abc", True, True)


def test_the_operator_may_lead_a_short_host_elsewhere() -> None:
    step = follow("https://t.co/abc?x=1", PlatformOptions(bases={"short:t.co": "http://127.0.0.1:9/t.co"}))
    assert step is not None
    assert (step.url, step.federated) == ("http://127.0.0.1:9/t.co/abc?x=1", False)


def resolve(url: str, chosen: PlatformOptions, agent: str | None = None) -> tuple[PostRef | None, int]:
    """(the post at the end of a short link, hops), the way a spider goes."""
    for hops in range(HOPS_MAX + 1):
        if (ref := match(url)) and ref.native_id:
            return ref, hops
        step = follow(url, chosen, hops)
        if step is None:
            return None, hops
        headers = (("User-Agent", agent),) if agent else ()
        answer = ask(replace(step, headers=headers))
        found = target(answer)
        if found is None:
            return None, hops
        url = found
    return None, HOPS_MAX


@pytest.mark.parametrize("agent", [None, "Mozilla/5.0 (X11; Linux x86_64)"])
def test_a_short_link_is_followed_to_its_post_whatever_the_client_is_called(
    fake: FakePlatforms, agent: str | None
) -> None:
    fake.shorten("t.co", "/abc", "https://vm.tiktok.com/ZMabc123/")
    fake.shorten("vm.tiktok.com", "/ZMabc123/", "https://www.tiktok.com/@ferrywatch/video/7437000000000000001?_t=x")
    ref, hops = resolve("https://t.co/abc", options(fake), agent)
    assert ref is not None
    assert (ref.platform, ref.native_id, hops) == ("tiktok", "7437000000000000001", 2)


def test_a_circle_of_short_links_ends(fake: FakePlatforms) -> None:
    fake.shorten("t.co", "/a", "https://t.co/b")
    fake.shorten("t.co", "/b", "https://t.co/a")
    assert resolve("https://t.co/a", options(fake)) == (None, HOPS_MAX)


def test_a_short_link_to_a_private_address_is_not_followed(fake: FakePlatforms) -> None:
    fake.shorten("t.co", "/a", "https://169.254.169.254/latest/")
    assert resolve("https://t.co/a", options(fake)) == (None, 1)
