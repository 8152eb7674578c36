"""robots.txt as bytes: RFC 9309's points that Protego must keep, pinned."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.robots import SIZE_MAX, RobotsTxt

AGENT = "NewsArchiver"
CORPUS = Path(__file__).parents[3] / "shared/corpus/robots"


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


def reason(text: str, path: str = "/page") -> str:
    return RobotsTxt(text.encode(), AGENT).reason(f"https://example.org{path}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no_rule"),
        ("User-agent: *\nDisallow: /", "Disallow: / (line 2)"),
        ("User-agent: *\nDisallow: /other", "no_rule"),
        ("User-agent: *\nDisallow: /\nAllow: /pa\nAllow: /page # this", "Allow: /page (line 4)"),
        ("User-agent: NewsArchiver/1.0\nDisallow: /p*e$\n\nUser-agent: *\nDisallow: /", "Disallow: /p*e$ (line 2)"),
        ("User-agent: a\nUser-agent: newsarchiver\nDisallow: /x\nDisallow: /page", "Disallow: /page (line 4)"),
        ("User-agent: newsarchiver\nDisallow: /x\nUser-agent: b\nDisallow: /page", "no_rule"),
        ("User-agent: *\nDisalow: /page", "rules"),
        ("User-agent: *\nDisallow: /\nAllow: /page/index.html", "Disallow: / (line 2)"),
        ("User-agent: *\nDisallow: /page\u202e\nDisallow: /", "Disallow: / (line 3)"),
    ],
)
def test_the_reason_is_the_line_that_decides(text: str, expected: str) -> None:
    assert reason(text) == expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Allow", "Disallow"]), st.sampled_from(["/", "/a", "/a/b", "/*b", "/a$", "/%C3%A4", "/ä"])
        ),
        max_size=6,
    ),
    st.sampled_from(["/", "/a", "/a/b", "/b", "/ä", "/a/bb?c"]),
)
def test_the_reason_never_contradicts_the_decision(rules: list[tuple[str, str]], path: str) -> None:
    text = "User-agent: *\n" + "\n".join(f"{field}: {value}" for field, value in rules)
    said = reason(text, path)
    assert said.startswith("Allow: " if said != "no_rule" else "no_rule") == allows(text, path)


def test_what_only_the_reader_understands_is_named_as_a_whole() -> None:
    assert reason("User-agent: *\nDisallow: /page\nAllow: /page/index.html", "/page/") == "rules"


def test_a_file_with_too_many_rules_is_named_as_a_whole() -> None:
    rules = "\n".join(f"Disallow: /{number}/" for number in range(3000))
    assert reason(f"User-agent: *\n{rules}") == "rules"


def test_what_a_line_says_commands_no_terminal() -> None:
    assert reason("User-agent: *\nDisallow: /\x1b[31m*\nDisallow: /pa\x1b") == "no_rule"
    assert reason("User-agent: *\nDisallow: /*\x1b", "/a\x1b") == "Disallow: /*\N{REPLACEMENT CHARACTER} (line 2)"


def test_robots_files_of_the_corpus_give_decisions_with_reasons_at_once() -> None:
    files = sorted(path for path in CORPUS.rglob("*") if path.is_file())
    if not files:
        pytest.skip(f"{CORPUS}: the corpus is not beside this checkout")
    named = 0
    for path in files:
        started = time.process_time()
        rules = RobotsTxt(path.read_bytes(), AGENT)
        for url in ("", "news/1", "search?q=a", "%C3%A4"):
            allowed, said = rules.can_fetch(f"https://example.org/{url}"), rules.reason(f"https://example.org/{url}")
            assert said in ("rules", "no_rule") or said.startswith("Allow: " if allowed else "Disallow: "), path
            named += said not in ("rules", "no_rule")
        assert rules.crawl_delay >= 0
        assert time.process_time() - started < 1, path
    assert named > 50
