"""tdmrep.json as bytes, and Content-Usage rules of robots.txt: what a site as a whole says about a URL."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.models import CrawlContext
from archiver.tdmrep import Rule, covers, read_tdmrep, rule_for
from archiver.warc.context import context_lines, read_side
from pipelines.robots import RobotsTxt

SITE = "https://example.org"


def rules(*rows: object) -> list[Rule]:
    return read_tdmrep(json.dumps(list(rows)).encode())


def row(location: object, reservation: object = 1, policy: object = None) -> dict[str, object]:
    given: dict[str, object] = {"location": location, "tdm-reservation": reservation}
    return given | ({"tdm-policy": policy} if policy is not None else {})


def test_the_first_rule_that_covers_a_url_speaks_of_it() -> None:
    found = rules(row("/open/", 0), row("/news/*.pdf$", 1, f"{SITE}/terms"), row("/", 1))
    assert rule_for(f"{SITE}/open/1", found) == Rule("/open/", "0", None)
    assert rule_for(f"{SITE}/news/a/b.pdf", found) == Rule("/news/*.pdf$", "1", f"{SITE}/terms")
    assert rule_for(f"{SITE}/news/a/b.pdf?page=2", found) == Rule("/", "1", None)
    assert rule_for(SITE, found) == Rule("/", "1", None)
    assert rule_for(f"{SITE}/x", rules(row("/news"))) is None


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("/", "/anything", True),
        ("*", "/anything", True),
        ("/a", "/abc", True),
        ("/a$", "/abc", False),
        ("/a$", "/a", True),
        ("/a*", "/a", True),
        ("/a*c", "/abbc/d", True),
        ("/a*c$", "/abbc/d", False),
        ("/a*c$", "/abcbc", True),
        ("/a*bc*c$", "/abc", False),
        ("/a*b*b", "/ab", False),
        ("/B", "/b", False),
    ],
)
def test_patterns_are_those_of_robots_txt(pattern: str, path: str, expected: bool) -> None:
    assert covers(pattern, path) is expected


def test_escaped_and_plain_paths_are_the_same() -> None:
    assert rule_for(f"{SITE}/%C3%A4/1", rules(row("/ä/")))
    assert rule_for(f"{SITE}/ä/1", rules(row("/%C3%A4/")))


def test_rules_that_break_the_protocol_are_left_out() -> None:
    kept = rules(
        row("/a", "1"), row("/b", 2), row("/c", None), row(7), row("d"), "nothing", row("/e", True), row("/f", 0, 9)
    )
    assert kept == [Rule("/a", "1", None), Rule("/f", "0", None)]
    assert rules(row("/b", 2, "https://example.org/p")) == [Rule("/b", None, "https://example.org/p")]
    assert read_tdmrep(json.dumps(row("/")).encode()) == [Rule("/", "1", None)], "one object in place of a list of one"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Not found</html>",
        b"null",
        b"7",
        b'"x"',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 600_000,
    ],
)
def test_what_is_no_such_file_says_nothing(content: bytes) -> None:
    assert read_tdmrep(content) == []


@given(st.binary(max_size=200), st.text(max_size=50))
def test_no_bytes_break_it(content: bytes, path: str) -> None:
    rule_for(f"{SITE}/{path}", read_tdmrep(content))


def test_hostile_patterns_cost_nothing() -> None:
    found = rules(*[row("/" + "a*" * 900 + "b$") for _ in range(250)])
    started = time.process_time()
    assert len(found) == 250
    assert rule_for(f"{SITE}/" + "a" * 5000, found) is None
    assert time.process_time() - started < 2


# Content-Usage in robots.txt

ROBOTS = """User-agent: *
Allow: /
Content-Usage: train-ai=n # by default
Content-Usage: /ai-ok/ train-ai=y
content-usage: /ai-ok/ search=y
Content-Usage: /nothing/
Disallow: /never/

User-agent: NewsArchiver
Content-Usage: /*.pdf$\ttrain-ai=n, search=n
"""


def test_content_usage_is_the_longest_rule_of_our_group() -> None:
    anybody, ours = RobotsTxt(ROBOTS.encode(), "OtherBot"), RobotsTxt(ROBOTS.encode(), "NewsArchiver")
    assert anybody.content_usage(f"{SITE}/test") == "train-ai=n"
    assert anybody.content_usage(f"{SITE}/ai-ok/test") == "train-ai=y; search=y"
    assert anybody.content_usage(f"{SITE}/nothing/1") == "train-ai=n"
    assert ours.content_usage(f"{SITE}/a.pdf") == "train-ai=n, search=n"
    assert ours.content_usage(f"{SITE}/a") is None
    assert RobotsTxt(b"", "NewsArchiver").content_usage(SITE) is None


def test_content_usage_changes_no_decision() -> None:
    rules = RobotsTxt(ROBOTS.encode(), "OtherBot")
    assert rules.can_fetch(f"{SITE}/ai-ok/test")
    assert rules.reason(f"{SITE}/ai-ok/test") == "Allow: / (line 2)"
    assert rules.reason(f"{SITE}/never/1") == "Disallow: /never/ (line 7)"


@pytest.mark.parametrize(
    "declared", [None, {"tdm_reservation": "1", "tdm_policy": "https://example.org/ä", "content_usage": "train-ai=n"}]
)
def test_what_a_site_declares_travels_through_the_metadata_record(declared: dict[str, str] | None) -> None:
    pairs = [*context_lines(CrawlContext(declared=declared)), ("arc-payload-sha256", "00")]
    side = read_side("".join(f"{name}: {value}\r\n" for name, value in pairs).encode(), None, None)
    assert side
    assert side.context.declared == declared


@pytest.mark.parametrize("line", ["[1]", "nothing", '{"tdm_policy": 7}', ""])
def test_a_foreign_line_declares_nothing(line: str) -> None:
    side = read_side(f"arc-declared: {line}\r\narc-payload-sha256: 00\r\n".encode(), None, None)
    assert side
    assert side.context.declared is None
