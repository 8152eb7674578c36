"""robots.txt as bytes: RFC 9309's points that Protego must keep, pinned."""

from __future__ import annotations

import pytest

from pipelines.robots import SIZE_MAX, RobotsTxt

AGENT = "NewsArchiver"


def allows(text: str | bytes, path: str = "/page") -> bool:
    content = text if isinstance(text, bytes) else text.encode()
    return RobotsTxt(content, AGENT).can_fetch(f"https://example.org{path}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("User-agent: *\nDisallow:", True),
        ("User-agent: *\nDisallow: /", False),
        ("user-AGENT: *\ndisALLOW: /page", False),
        ("User-agent: *\r\nDisallow: /page\r\n", False),
        ("User-agent: *\rDisallow: /page\r", False),
        ("User-agent: newsarchiver\nDisallow: /\n", False),
        ("User-agent: NewsArchiver\nDisallow: /x\n\nUser-agent: *\nDisallow: /", True),
        ("User-agent: other\nUser-agent: newsarchiver\nDisallow: /", False),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: news\nDisallow: /", True),
        ("User-agent: news\nAllow: /\n\nUser-agent: *\nDisallow: /", False),
        ("User-agent: NewsArchiverX\nDisallow: /", True),
        ("User-agent: NewsArchiver-Video\nDisallow: /", True),
        ("User-agent: NewsArchiver/1.0 (anybody)\nDisallow: /", False),
        ("User-agent: NewsArchiver # that one\nDisallow: /", False),
        ("User-agent: .\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\nAllow: /page", True),
        ("User-agent: *\nAllow: /\nDisallow: /page", False),
        ("User-agent: *\nDisallow: /page\nAllow: /page", True),
        ("User-agent: *\nDisallow: /p*e$", False),
        ("User-agent: *\nDisallow: /page$", False),
        ("User-agent: *\nDisallow: /pag$", True),
        ("User-agent: * # everybody\nDisallow: /page # closed", False),
        ("Disallow: /page", True),
        ("<html><body>User-agent: *<br>Disallow: /page</body></html>", True),
        (b"\xef\xbb\xbfUser-agent: *\nDisallow: /page", False),
        (b"\xff\xfe\x00rubbish\nUser-agent: *\nDisallow: /page", False),
    ],
)
def test_rules(text: str | bytes, expected: bool) -> None:
    assert allows(text) is expected


def test_escaped_and_plain_paths_are_the_same() -> None:
    assert not allows("User-agent: *\nDisallow: /ä", "/%C3%A4")
    assert not allows("User-agent: *\nDisallow: /%C3%A4", "/ä")


def test_robots_txt_itself_is_always_allowed() -> None:
    assert allows("User-agent: *\nDisallow: /", "/robots.txt")


def test_the_size_cut_is_at_a_line_end() -> None:
    head, line = b"User-agent: *\n", b"Disallow: /closed-but-cut\n"
    filler = b"#" * (SIZE_MAX - len(head) - len(line) // 2 - 1) + b"\n"
    content = head + filler + line
    assert len(content) > SIZE_MAX
    assert allows(content, "/closed-but-cut")
    assert allows(content, "/clo")


def test_crawl_delay() -> None:
    assert RobotsTxt(b"User-agent: *\nCrawl-delay: 2.5", AGENT).crawl_delay == 2.5
    for value in (b"soon", b"-1", b"inf", b"nan", b""):
        assert RobotsTxt(b"User-agent: *\nCrawl-delay: " + value, AGENT).crawl_delay == 0
