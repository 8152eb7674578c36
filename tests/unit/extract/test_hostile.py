"""Any bytes extract or are refused with a Reason: truncated, mislabelled, nested, binary, flooded with attributes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archiver.errors import Refused
from archiver.extract import extract
from archiver.models.article import Article
from archiver.reasons import Reason
from tests.quality.corpus import capture_of, samples

LIMIT_S = 10.0
SENTENCE = "The quick brown fox jumps over the lazy dog, said the minister on Tuesday. "
URL = "https://news.example/2026/11/24/fox"

Mutation = Callable[[bytes, random.Random], bytes]


def read(content: bytes, content_type: str = "text/html") -> Article | Reason:
    """The article or the reason, within the time limit (CPU time: the machine may be busy with other things)."""
    started = time.process_time()
    try:
        outcome: Article | Reason = extract(capture_of(content, URL, content_type))
    except Refused as refused:
        outcome = refused.reason
    assert time.process_time() - started < LIMIT_S
    if isinstance(outcome, Article):
        assert all(outcome.article_body[p.start : p.end] == p.text for p in outcome.paragraphs)
        assert Article.model_validate_json(outcome.model_dump_json()) == outcome
    return outcome


def page(body: str) -> bytes:
    return f"<html><head><title>A fox and a dog</title></head><body><article>{body}</article></body></html>".encode()


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 100_000 + SENTENCE,
        "<b>" * 20_000 + SENTENCE,
        ("<div>" + SENTENCE) * 5_000,
        "<ul><li>" * 20_000 + SENTENCE,
        "<table><tr><td>" * 5_000 + SENTENCE,
        "<blockquote>" * 5_000 + SENTENCE,
        f'<div class="{"share comment " * 100_000}"><p>{SENTENCE * 5}</p></div>',
        f'<div id="{"x" * 2_000_000}"><p>{SENTENCE * 5}</p></div>',
        "<div " + " ".join(f'a{n}="x"' for n in range(50_000)) + f"><p>{SENTENCE * 5}</p></div>",
        "<p>" + "x" * 2_000_000 + "</p>",
        "<p>x" + " " * 2_000_000 + "y</p>",
        "<p>" + "<span>word </span>" * 30_000 + "</p>",
        '<script type="application/ld+json">' + '{"a":' * 50_000 + f"</script><p>{SENTENCE * 5}</p>",
        '<script type="application/ld+json">' + "[" * 200_000 + f"</script><p>{SENTENCE * 5}</p>",
        f'<blockquote class="twitter-tweet"><p>{SENTENCE}</p></blockquote>' * 3_000,
        "<!--" * 50_000 + SENTENCE,
        "<![CDATA[" * 1000 + SENTENCE,
        f'<a href="{"<p>" * 50_000}">{SENTENCE}',
        f"<table><tr><td colspan=99999999 rowspan=99999999>{SENTENCE * 5}</td></tr></table>",
        f'<base href="http://[::1"><p>{SENTENCE * 5}<a href="http://[bad">link</a></p>',
    ],
    ids=lambda body: body[:24],
)
def test_pathological_markup_extracts_or_is_refused_in_time(body: str) -> None:
    read(page(body))


def test_text_below_the_parsers_depth_bound_is_not_lost() -> None:
    outcome = read(
        page("<div>" * 1000 + f"<p>{SENTENCE * 4}</p>" + "</div>" * 1000 + f"<p>{'And the end of it. ' * 8}</p>")
    )
    assert isinstance(outcome, Article)
    assert "quick brown fox" in outcome.article_body
    assert "And the end of it." in outcome.article_body


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=3000),
    st.sampled_from(["text/html", "text/html; charset=utf-16", "text/html; charset=nonsense", "image/png", ""]),
)
def test_any_bytes_extract_or_are_refused(content: bytes, content_type: str) -> None:
    read(content, content_type)


_PIECES = st.sampled_from(
    ["<p>", "</p>", "<div>", "</div>", "<ul><li>", "<table>", "<td>", "<h1>", "<a href='/x'>", "</a>", "<br>", "<!--", "-->", "<script>", "</script>", "<svg>",
     "<math>", "<template>", "<noscript>", "<figure>", "<blockquote class='twitter-tweet'>", "</blockquote>", "<time datetime='2026-13-45'>", "<html lang='xx-'>",
     "<meta property='article:published_time' content='0000-00-00'>", "<link rel=canonical href='//'>", "&#0;", "&#xD800;", "\x00", "\u202e", SENTENCE, "“", "»", "By ", "\n"]
)  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_PIECES, max_size=60))
def test_any_soup_of_tags_extracts_or_is_refused(pieces: list[str]) -> None:
    read("".join(pieces).encode("utf-8", "surrogatepass"))


def _cut(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(1, len(content))]


def _flip(content: bytes, draw: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(draw.choice((1, 20, 500, len(content) // 20))):
        damaged[draw.randrange(len(damaged))] = draw.randrange(256)
    return bytes(damaged)


def _recode(content: bytes, draw: random.Random) -> bytes:
    text = content.decode("utf-8", "replace")
    return text.encode(draw.choice(("utf-16", "utf-32", "cp1251", "shift_jis", "latin-1", "utf-7")), "replace")


def _insert(content: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(content))
    piece = draw.choice(
        (
            draw.randbytes(5000),
            b"<div>" * 3000,
            b"</div>" * 3000,
            b"<!--",
            b"<script>",
            b'<p class="' + b"a " * 500_000 + b'">',
            b"\x00" * 100,
            b"<table>" * 200,
        )
    )
    return content[:at] + piece + content[at:]


def _shuffle(content: bytes, draw: random.Random) -> bytes:
    tags = content.split(b"<")
    middle = tags[1:]
    start = draw.randrange(max(1, len(middle)))
    slice_ = middle[start : start + 200]
    draw.shuffle(slice_)
    middle[start : start + 200] = slice_
    return b"<".join([tags[0], *middle])


def _strip(content: bytes, draw: random.Random) -> bytes:
    return content.replace(draw.choice((b">", b"<", b'"', b"</p>", b"</div>", b"</script>", b"\n")), b"")


MUTATIONS: tuple[Mutation, ...] = (_cut, _flip, _recode, _insert, _shuffle, _strip)


@pytest.mark.slow
@pytest.mark.corpus
def test_two_thousand_mutated_pages_extract_or_are_refused() -> None:
    pages = samples()
    if not pages:
        pytest.skip("no corpus beside the project")
    draw = random.Random(3)
    for number in range(2000):
        content = draw.choice(pages).content
        read(MUTATIONS[number % len(MUTATIONS)](content, draw))


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 120 + f"<p>{'word ' * 150_000}</p>",
        f'<a href="/2026/11/24/fox/2">2</a>{SENTENCE}' * 20_000,
        f'<div class="paywall">continue reading {SENTENCE}</div>' * 5_000,
        "this article is for subscribers only " * 50_000,
        f"<ul>{'<li>' * 140}" + f"<p>{SENTENCE * 3}</p><p>{SENTENCE}</p>" * 500,
        f"<h1>{'<span class=kicker>x</span>' * 20_000}</h1>{SENTENCE}",
    ],
    ids=["wrapped", "pages", "walls", "sentences", "entries", "kickers"],
)
def test_floods_of_what_is_looked_for_cost_no_more_than_their_length(body: str) -> None:
    read(page(body))
